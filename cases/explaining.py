"""What a customer is told of a decision, written when it is made: what a computer did, why, and how to object. Pure.

Only what the journey allows is told: reasons and changes that it words itself, and inputs of its tables that it names.
"""

from collections.abc import Collection, Iterator, Mapping

from cases import events as e
from cases import facts as f
from cases.case import Case
from cases.inputs import inputs_again
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Wording
from cases.rules import Input, Kind, Table, Value
from cases.rules.cells import Form
from cases.rules.chain import Inputs, evaluate_chain
from cases.vocabulary import FileKind, Role
from cases.wording import moment_day, shown_value

#: Roles in which people decide; of several the first is told.
TOLD_ROLES = (Role.LEAD, Role.EXPERT, Role.HANDLER)


def of_machine(case: Case, step: e.StepDecided, folder: JourneyFolder) -> e.DecisionExplained:
    """Of a step that carries out an option. `folder`: with the tables that it was decided by."""
    changes = tuple(_changes(step, folder))
    texts = tuple(
        e.ToldIn(language, tuple(_by_machine(case, step, folder, (language, changes))))
        for language in folder.journey.read_in
    )
    return e.DecisionExplained(step.option, "machine", texts)


def of_person(case: Case, decided: e.HumanDecided, folder: JourneyFolder) -> e.DecisionExplained:
    """Of a person's decision. Why they decided so is told only where they wrote it for the customer."""
    texts = tuple(
        e.ToldIn(language, tuple(_by_person(case, decided, folder, language))) for language in folder.journey.read_in
    )
    return e.DecisionExplained(decided.choice, "person", texts, decided.message.strip())


def parts_in(explained: e.DecisionExplained, language: str) -> tuple[e.ToldPart, ...]:
    """In a language, else in the first one it was written in; () where nothing was written."""
    texts = {text.language: text.parts for text in explained.texts}
    return texts.get(language) or next(iter(texts.values()), ())


def in_letter(explained: e.DecisionExplained, language: str) -> str:
    """As a letter says it, without the person's own words: those stand in it already."""
    return "\n\n".join(part.text for part in parts_in(explained, language))


def _by_machine(
    case: Case, step: e.StepDecided, folder: JourneyFolder, told: tuple[str, tuple[Wording, ...]]
) -> Iterator[e.ToldPart]:
    """told: in which language, and what would have led elsewhere."""
    language, changes = told
    answers = case.enriched.answers if case.enriched else ()
    did = (
        ("read", True),
        ("photos", any(file.kind is FileKind.PHOTO for file in case.files)),
        ("register", any(answer.found for answer in answers)),
        ("chose", True),
    )
    yield e.ToldPart("did", " ".join(folder.say(language, f"explain.did.{key}") for key, done in did if done))
    yield e.ToldPart("why", " ".join(_reasons(case, step, folder, language)))
    used = [f"- {line}" for line in _used(case, step, folder, language)]
    if used:
        yield e.ToldPart("used", "\n".join((folder.say(language, "explain.used"), *used)))
    if changes:
        yield e.ToldPart("otherwise", " ".join(folder.worded(wording, language) for wording in changes))
    who = "explain.who.certified" if step.certificate else "explain.who.machine"
    yield e.ToldPart("who", folder.say(language, who))
    yield _objecting(folder, language)


def _by_person(case: Case, decided: e.HumanDecided, folder: JourneyFolder, language: str) -> Iterator[e.ToldPart]:
    if case.understood is not None:
        yield e.ToldPart("did", folder.say(language, "explain.did.prepared"))
    role = decided.role if decided.role in TOLD_ROLES else Role.HANDLER
    yield e.ToldPart("who", folder.say(language, f"explain.who.{role}"))
    yield _objecting(folder, language)


def _objecting(folder: JourneyFolder, language: str) -> e.ToldPart:
    complaints = folder.worded(folder.journey.organisation.complaints, language)
    return e.ToldPart("object", " ".join(part for part in (folder.say(language, "explain.object"), complaints) if part))


def _reasons(case: Case, step: e.StepDecided, folder: JourneyFolder, language: str) -> Iterator[str]:
    """The rows' own, those of the tables that were asked before too; without any, what the message is about."""
    said = folder.journey.explanation.reasons
    fired = [row for read in _answers(step) for row in read.fired if row in said]
    yield from (folder.worded(said[row], language) for row in fired)
    topic = folder.journey.topics.get(case.told_topic or "")
    if not fired and topic is not None:
        yield folder.say(language, "explain.about", topic=folder.worded(topic.title, language))
    elif not fired:
        yield folder.say(language, "explain.rules")


def _answers(step: e.StepDecided) -> tuple[e.TableAnswer, ...]:
    return (*step.read.upstream, step.read) if step.read is not None else ()


def _used(case: Case, step: e.StepDecided, folder: JourneyFolder, language: str) -> Iterator[str]:
    """What the rows that say so asked for, with its value and where it comes from, as far as it may be told."""
    named = folder.journey.explanation.facts
    for answer in _answers(step):
        table = folder.tables.get(answer.table)
        if table is None:
            continue
        asked = set(_asked_by(table, answer.fired))
        columns = {column.name: column for column in table.inputs}
        for read in answer.inputs:
            if read.name in named and read.name in asked and read.value is not None:
                yield folder.say(
                    language,
                    "explain.used.line",
                    what=folder.worded(named[read.name], language),
                    value=_value(read.value, columns[read.name], folder, language),
                    where=_where(read.sources, case, folder, language),
                )


def _asked_by(table: Table, rows: tuple[str, ...]) -> Iterator[str]:
    for row in table.rows:
        if row.id in rows:
            cells = zip(table.inputs, row.cells, strict=True)
            yield from (column.name for column, cell in cells if cell.form not in (Form.ANY, Form.MISSING))


def _value(text: str, column: Input, folder: JourneyFolder, language: str) -> str:
    topic = folder.journey.topics.get(text) if column.source == "topic" else None
    if topic is not None:
        return folder.worded(topic.title, language)
    match column.domain.kind:
        case Kind.BOOLEAN:
            return folder.say(language, "explain.yes" if text.casefold() == "true" else "explain.no")
        case Kind.MONEY | Kind.DATE as kind:
            return shown_value(text, kind.value, language)
        case _:
            return text


def _where(sources: tuple[f.Source, ...], case: Case, folder: JourneyFolder, language: str) -> str:
    for source in sources:
        match source:
            case f.MessageSpan(message_id=id_):
                written = next((one.received_at for one in case.messages if one.message_id == id_), case.opened_at)
                if written is not None:
                    day = moment_day(written, folder.journey, language)
                    return folder.say(language, "explain.where.message", day=day)
            case f.RegisterEntry():
                return folder.say(language, "explain.where.register")
            case f.PhotoRegion():
                return folder.say(language, "explain.where.photo")
            case f.Person() | f.EventAt():
                return folder.say(language, "explain.where.person")
            case _:
                continue
    return folder.say(language, "explain.where.computer")


def _changes(step: e.StepDecided, folder: JourneyFolder) -> Iterator[Wording]:
    """What would have led elsewhere, each tried out on the tables; told as far as the journey has words for it."""
    if [one.table for one in _answers(step)] != [*folder.upstream, folder.root.id]:
        return
    inputs: Inputs = {one.table: inputs_again(one.inputs, folder.tables[one.table]) for one in _answers(step)}
    for row, by_input in folder.journey.explanation.changes.items():
        for name, wording in by_input.items():
            if _leads_to(row, name, folder, inputs):
                yield wording


def _leads_to(row: str, name: str, folder: JourneyFolder, inputs: Inputs) -> bool:
    """Whether this row fires with another value of the input, and does not with the one that was read."""
    tables = [folder.tables[table] for table in inputs]
    sources = {column.source for table in tables for column in table.inputs if column.name == name}
    samples = {value for table in tables for column, plan in zip(table.inputs, table.plan.columns, strict=True)
               if column.source in sources for value in plan.samples}  # fmt: skip
    return not _fires(row, folder, inputs) and any(
        _fires(row, folder, {table.id: _with(table, inputs[table.id], sources, value) for table in tables})
        for value in samples
    )


def _with(table: Table, values: Mapping[str, Value], sources: Collection[str], value: Value) -> dict[str, Value]:
    """One source feeds every input that comes from it, where the input can take its value."""
    columns = zip(table.inputs, table.plan.columns, strict=True)
    fed = {column.name for column, plan in columns if column.source in sources and plan.takes(value)}
    return {**values, **dict.fromkeys(fed, value)}


def _fires(row: str, folder: JourneyFolder, inputs: Inputs) -> bool:
    asked = evaluate_chain(folder.tables, folder.root.id, inputs)
    return any(row in one.verdict.fired for one in asked.tables)
