"""What must hold between the parts of a journey folder: nothing named that is not there, no adverse machine step."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel

from cases import letters
from cases.approving import role_of
from cases.as_of import RECEIPT
from cases.cover import cover_problem
from cases.inputs import source_problem
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Journey
from cases.keeping import KEPT, REMINDER
from cases.rules.chain import rests_on
from cases.rules.chain_check import chain_problems
from cases.rules.problems import Problem, instead_of
from cases.rules.table import Row, Table
from cases.surveying import SURVEY
from cases.vocabulary import Danger, Effect, RequestKind, Status, Step
from pipelines import channels
from pipelines.reading.identifiers import check_pattern
from pipelines.yaml_lines import Document, KeyPath, dotted

#: Letters and requests that stages name themselves.
NEEDED_LETTERS: Mapping[str, Effect] = {"received": Effect.INFORM, "ask": Effect.ASK}
NEEDED_REQUESTS: Mapping[str, RequestKind] = {
    "better_photo": RequestKind.PHOTO,
    "readable_file": RequestKind.DOCUMENT,
}
MACHINE_STEPS = frozenset(Step) - {Step.EXPERT}


class _Checked:
    """One folder under check: makes problems with the right file and line."""

    def __init__(self, folder: JourneyFolder, document: Document) -> None:
        self.folder, self.journey, self.document = folder, folder.journey, document
        self.file = f"{folder.name}/journey.yaml"

    def problem(self, path: KeyPath, what: str, mend: str) -> Problem:
        lines = self.document.lines
        line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)
        return Problem(self.file, line, dotted(path), what, mend)

    def unknown(self, path: KeyPath, name: str, known: Mapping[str, Any], kind: str) -> Iterator[Problem]:
        if name not in known:
            yield self.problem(path, f"there is no {kind} {name!r}", instead_of(name, list(known)))


def cross_problems(folder: JourneyFolder, document: Document, path: Path) -> list[Problem]:
    """Everything that is wrong between the files of one folder, in the order a reader meets it."""
    checked = _Checked(folder, document)
    return [
        *_wordings(checked, folder.journey, ()),
        *_statuses(checked),
        *_options(checked),
        *_needed(checked),
        *_touchpoints(checked),
        *_replies(checked),
        *_facts(checked),
        *_letters(checked, path),
        *_blocks(checked),
        *table_problems(folder),
    ]


def table_problems(folder: JourneyFolder) -> list[Problem]:
    """What is wrong with the tables of a journey: between them, and with what the journey has for them."""
    return [
        *(problem for table in folder.tables.values() for problem in _table(folder.journey, table)),
        *chain_problems(folder.tables),
    ]


def _wordings(checked: _Checked, part: Any, path: KeyPath) -> Iterator[Problem]:
    """Every wording stands in every language of the journey."""
    languages = set(checked.journey.languages)
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _wordings(checked, getattr(part, name), (*path, name))
    elif isinstance(part, Mapping):
        is_wording = bool(part) and all(isinstance(value, str) for value in part.values()) and languages & set(part)
        if is_wording and (lacking := languages - set(part)):
            mend = f"add {', '.join(sorted(lacking))}:"
            yield checked.problem(path, f"no wording in {', '.join(sorted(lacking))}", mend)
        for name, value in part.items():
            yield from _wordings(checked, value, (*path, str(name)))


def _statuses(checked: _Checked) -> Iterator[Problem]:
    """Milestones are a total mapping: every status under exactly one."""
    places: dict[Status, str] = {}
    for key, milestone in checked.journey.milestones.items():
        for status in milestone.statuses:
            if status in places:
                yield checked.problem(
                    ("milestones", key, "statuses", status),
                    f"{status} stands under {places[status]} already",
                    "keep it under one milestone",
                )
            places[status] = key
        for option in milestone.outcomes:
            yield from checked.unknown(
                ("milestones", key, "outcomes", option), option, checked.journey.options, "option"
            )
    for status in Status:
        if status not in places:
            yield checked.problem(
                ("milestones",), f"no milestone for status {status}", f"add {status}: under one of them"
            )


def _options(checked: _Checked) -> Iterator[Problem]:
    journey = checked.journey
    for key, option in journey.options.items():
        yield from checked.unknown(("options", key, "letter"), option.letter, journey.letters, "letter")
        for topic in option.topics:
            yield from checked.unknown(("options", key, "topics"), topic, journey.topics, "topic")
        if option.opposite_of is not None:
            yield from checked.unknown(("options", key, "opposite_of"), option.opposite_of, journey.options, "option")
    for topic in journey.auto_close.topics:
        yield from checked.unknown(("auto_close", "topics"), topic, journey.topics, "topic")


def _needed(checked: _Checked) -> Iterator[Problem]:
    for key, effect in NEEDED_LETTERS.items():
        letter = checked.journey.letters.get(key)
        if letter is None or letter.effect is not effect or letter.free_text:
            yield checked.problem(("letters", key), f"a letter {key!r} with effect {effect} is needed", "add it")
    for key in sorted(KEPT & checked.journey.letters.keys()):
        written = checked.journey.letters[key]
        if written.effect is not Effect.INFORM or written.free_text:
            what = f"the clock writes the letter {key!r}, which can do no more than inform, in words that stand"
            yield checked.problem(("letters", key), what, "give it effect: inform, without free_text")
    if checked.journey.promises.reminder_days and REMINDER not in checked.journey.letters:
        what = f"no letter {REMINDER!r} to remind with"
        yield checked.problem(("promises", "reminder_days"), what, "add the letter, or leave reminder_days out")
    if checked.journey.survey is not None:
        asks = checked.journey.letters.get(SURVEY)
        if asks is None or asks.effect is not Effect.INFORM or asks.free_text:
            what = f"a survey is asked by the letter {SURVEY!r}, with effect inform and words that stand"
            yield checked.problem(("survey",), what, "add that letter, or leave survey out")
    for key, kind in NEEDED_REQUESTS.items():
        request = checked.journey.requests.get(key)
        if request is None or request.kind is not kind:
            yield checked.problem(("requests", key), f"a request {key!r} of kind {kind} is needed", "add it")


def _touchpoints(checked: _Checked) -> Iterator[Problem]:
    """What a letter's touchpoint says holds for it: at some moments only a person writes, and nobody sells anything."""
    journey = checked.journey
    by_machine = {*NEEDED_LETTERS, *KEPT}
    of_options = {option.letter for option in journey.options.values()}
    for key, letter in journey.letters.items():
        path = ("letters", key, "touchpoint")
        if letter.touchpoint is not None:
            yield from checked.unknown(path, letter.touchpoint, journey.touchpoints, "touchpoint")
        moment = journey.touchpoints.get(letter.touchpoint or "")
        if moment is not None and moment.human_required and key in by_machine:
            what = f"the machine writes {key!r}, and at {letter.touchpoint!r} only a person writes"
            yield checked.problem(path, what, "name another touchpoint, or take human_required away there")
        if key in by_machine and role_of(key, journey) is not None:
            what = f"the machine writes {key!r}, and nobody is there to approve it"
            yield checked.problem(("letters", key, "approval"), what, "take approval away, here or at its touchpoint")
        if moment is not None and moment.attention == "spare" and letter.effect in (Effect.ASK, Effect.ADVERSE):
            what = f"{key!r} asks or refuses: it cannot wait for others, as {letter.touchpoint!r} says"
            yield checked.problem(path, what, "name a touchpoint with attention: seize")
        if letter.category == "commercial" and (
            letter.effect is not Effect.INFORM or key in by_machine or key in of_options
        ):
            what = f"{key!r} is commercial, and is sent while a problem is open"
            mend = "take category: commercial away, or keep its words out of letters that ask, decide or confirm"
            yield checked.problem(("letters", key, "category"), what, mend)


def _replies(checked: _Checked) -> Iterator[Problem]:
    """An answer is promised on channels that there are: each is a folder."""
    there = {one.name: one for one in iter_modules(channels.__path__) if one.ispkg}
    for channel in checked.journey.promises.reply:
        yield from checked.unknown(("promises", "reply", channel), channel, there, "channel")


def _facts(checked: _Checked) -> Iterator[Problem]:
    journey = checked.journey
    for name, fact in journey.facts.items():
        if fact.pattern is not None and (what := check_pattern(fact.pattern)):
            yield checked.problem(("facts", name, "pattern"), what, "use a plain pattern without look-around")
    for name, register in journey.registers.items():
        for key in register.keys:
            if key != "sender":
                yield from checked.unknown(("registers", name, "keys", key), key, journey.facts, "fact")
    for name, request in journey.requests.items():
        if request.fact is not None:
            yield from checked.unknown(("requests", name, "fact"), request.fact, journey.facts, "fact")
    if journey.amount_fact is not None:
        yield from checked.unknown(("amount_fact",), journey.amount_fact, journey.facts, "fact")
    yield from _as_of(checked)
    yield from _photos(checked)
    yield from _cover(checked)
    for danger in journey.danger:
        yield from checked.unknown(("danger", danger), danger, dict.fromkeys(Danger), "danger")


def _as_of(checked: _Checked) -> Iterator[Problem]:
    facts = checked.journey.facts.items()
    days = {RECEIPT: None, **{name: fact for name, fact in facts if fact.type == "date"}}
    yield from checked.unknown(("as_of",), checked.journey.as_of, days, "fact of type date")


def _photos(checked: _Checked) -> Iterator[Problem]:
    journey = checked.journey
    for label, spec in journey.photo_labels.items():
        for topic in spec.topics:
            yield from checked.unknown(("photo_labels", label, "topics"), topic, journey.topics, "topic")
    around, near = journey.photo_checks.taken_around, journey.photo_checks.taken_near
    if around is not None:
        dates = {name: fact for name, fact in journey.facts.items() if fact.type == "date"}
        yield from checked.unknown(("photo_checks", "taken_around", "fact"), around.fact, dates, "fact of type date")
    if near is not None and (what := source_problem(near.place, journey)):
        yield checked.problem(("photo_checks", "taken_near", "place"), *what)


def _cover(checked: _Checked) -> Iterator[Problem]:
    journey = checked.journey
    for key, check in journey.cover.items():
        for topic in check.topics:
            yield from checked.unknown(("cover", key, "topics"), topic, journey.topics, "topic")
        places = (("reads", check.reads), ("at_least", check.at_least))
        wrong = [(name, what) for name, place in places if place and (what := source_problem(place, journey))]
        yield from (checked.problem(("cover", key, name), *what) for name, what in wrong)
        if not wrong and (what := cover_problem(check, journey)):
            yield checked.problem(("cover", key), *what)


def _letters(checked: _Checked, path: Path) -> Iterator[Problem]:
    for language, texts in checked.folder.letters.items():
        for key, template in texts.items():
            file = f"{path.name}/letters/{language}/{key}.txt"
            found = list(letters.problems_of(template))
            yield from (Problem(file, line, "", what, mend) for line, what, mend in found)
            if not found:
                for fact in sorted(letters.facts_named(template) - set(checked.journey.facts)):
                    yield Problem(
                        file, None, f"facts.{fact}", "unknown fact", instead_of(fact, list(checked.journey.facts))
                    )
    for key, letter in checked.journey.letters.items():
        for language, subject in letter.subject.items():
            for _, what, mend in letters.problems_of(subject):
                yield checked.problem(("letters", key, "subject", language), what, mend)


def _blocks(checked: _Checked) -> Iterator[Problem]:
    for key, block in checked.journey.blocks.items():
        for language, text in block.text.items():
            found = list(letters.problems_of(text))
            for _, what, mend in found:
                yield checked.problem(("blocks", key, "text", language), what, mend)
            for fact in sorted(letters.facts_named(text) - set(checked.journey.facts)) if not found else ():
                yield from checked.unknown(("blocks", key, "text", language), fact, checked.journey.facts, "fact")


def _table(journey: Journey, table: Table) -> Iterator[Problem]:
    for column in table.inputs:
        if rests_on(column) is None and (what := source_problem(column.source, journey)):
            yield Problem(table.file, None, f"inputs.{column.name}.from", what[0], what[1])
    for row in (*table.rows, table.otherwise):
        for key, kind, known in (
            ("option", "option", journey.options),
            ("department", "department", journey.departments),
        ):
            value = row.outputs.get(key)
            if value and value not in known:
                yield _row_problem(table, row, f"there is no {kind} {value!r}", instead_of(value, list(known)))
        for request in _listed(row, "requests"):
            if request not in journey.requests:
                yield _row_problem(
                    table, row, f"there is no request {request!r}", instead_of(request, list(journey.requests))
                )
        yield from _machine_step(table, row, journey)


def _listed(row: Row, output: str) -> tuple[str, ...]:
    value = row.outputs.get(output)
    return value if isinstance(value, tuple) else ()


def _machine_step(table: Table, row: Row, journey: Journey) -> Iterator[Problem]:
    """The machine may grant, ask, route and wait; it never reaches a letter that refuses or that a person words."""
    step, option = row.outputs.get("step"), journey.options.get(str(row.outputs.get("option") or ""))
    if step not in MACHINE_STEPS:
        return
    if option is not None:
        letter = journey.letters.get(option.letter)
        if letter is not None and (letter.effect in (Effect.ADVERSE, Effect.ASK) or letter.free_text):
            yield _row_problem(
                table, row, f"the machine would send {option.letter!r}, which neither grants nor informs by itself",
                "name an option that grants or informs, or step: expert",
            )  # fmt: skip
        moment = journey.touchpoints.get(letter.touchpoint or "") if letter is not None else None
        if letter is not None and role_of(option.letter, journey) is not None:
            yield _row_problem(
                table, row, f"the machine would send {option.letter!r}, which a colleague approves first",
                "name another option, or step: expert",
            )  # fmt: skip
        if moment is not None and moment.human_required:
            yield _row_problem(
                table, row, f"the machine would send {option.letter!r} at a moment where only a person writes",
                "name another option, or step: expert",
            )  # fmt: skip
    if step == Step.AUTO_CLOSE and (option is None or not (option.closes or option.handover)):
        yield _row_problem(table, row, "auto_close needs an option that closes or hands over", "name such an option")
    if step == Step.APPOINT and (option is None or not option.third_party):
        yield _row_problem(table, row, "appoint needs an option with third_party: true", "name such an option")
    if step == Step.REQUEST_INFO and not _listed(row, "requests"):
        yield _row_problem(table, row, "request_info names nothing to ask for", "add requests: [...]")
    if step == Step.ROUTE and not row.outputs.get("department"):
        yield _row_problem(table, row, "route names no department", "add department:")


def _row_problem(table: Table, row: Row, what: str, mend: str) -> Problem:
    return Problem(table.file, None, f"rows[{row.id}].then", what, mend)
