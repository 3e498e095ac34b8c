"""The parts of a decision file that advise: what it is about, the question, the advice and why, what is missing."""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from cases import events as e
from cases import facts as f
from cases import file_chain
from cases.case import Case
from cases.contradictions import (
    Contradiction,
    ShowsOtherwise,
    TakenAnotherDay,
    TakenElsewhere,
    ToldTwice,
    contradictions,
)
from cases.inputs import inputs_again
from cases.rules import MISSING, Input, evaluate, nearest_misses
from cases.rules.cells import Cell, Form
from cases.statements import Basis, Json, cited, plain, statement
from cases.vocabulary import Step, Why
from cases.wording import shown_value

_ADVICE_SEEN = frozenset({Why.ROW, Why.ELSE_ROW})


def topic(of: Basis) -> Json:
    read = of.case.understood
    if read is None:
        return {"key": "", "title": of.topic_title(None), "confidence": 0.0, "sources": cited(of.happened(), "topic"),
                "weights": [], "top": [], "scope": "", "combined": None}  # fmt: skip
    score = f.ModelScore(read.model, read.model_version, read.confidence)
    return {
        "key": of.case.topic,
        "title": of.topic_title(of.case.topic),
        "confidence": round(read.confidence, 4),
        "scope": read.scope,
        "sources": cited((score, *of.happened(e.Understood)), "topic"),
        "weights": [plain(weight.source) for weight in read.weights],
        "top": [
            {"topic": one.topic, "title": of.topic_title(one.topic), "probability": round(one.probability, 4)}
            for one in read.top
        ],
        "combined": combined(of, read),
    }


def combined(of: Basis, read: e.Understood) -> Json | None:
    """What text and photos say together; the advice and the certificate rest on the text's own confidence."""
    one = read.combined
    if one is None:
        return None
    scores = [f.ModelScore(seen.model, seen.model_version, seen.confidence) for seen in read.photos]
    return {
        "topic": one.topic,
        "title": of.topic_title(one.topic),
        "probability": round(one.probability, 4),
        "pairs": one.pairs,
        "sources": cited((f.ModelScore(read.model, read.model_version, read.confidence), *scores), "combined"),
    }


def headline(of: Basis) -> Json:
    amount = f.best(of.case.facts, of.journey.amount_fact) if of.journey.amount_fact else None
    option = of.advised()
    asked = (
        of.say("file.question.option", option=of.word(option.title))
        if option is not None and not of.blind
        else of.say("file.question.open", topic=of.topic_title(of.case.topic))
    )
    return {
        "question": statement(asked, *of.happened(e.StepDecided)),
        "story": story(of),
        "deadline": of.case.update_by.isoformat() if of.case.update_by else None,
        "amount": amount.value if amount else None,
        "amount_shown": shown_value(amount.value, "money", of.language) if amount else "",
        "flags": flags(of),
    }


def flags(of: Basis) -> list[Json]:
    case = of.case
    flags = [
        statement(of.say(f"danger.{sign.danger}", words=sign.text), sign.source, key=f"danger_{sign.danger}")
        for sign in case.dangers
    ]
    if flags and (phone := _phone(case)) is not None:
        number, source = phone
        flags.insert(0, statement(of.say("flag.call", phone=number), source, key="call"))
    flags += [
        statement(against(of, found), *found.sources, key="contradiction") for found in contradictions(case, of.journey)
    ]
    if case.understood is not None and case.understood.orders:
        flags.append(statement(of.say("flag.orders"), *case.understood.orders, key="orders"))
    for file in case.files:
        if file.findings and file.findings.reused_from:
            text = of.say("flag.reused", file=file.name, cases=", ".join(file.findings.reused_from))
            flags.append(statement(text, f.PhotoRegion(file.id), key="reused_photo"))
    if case.may_belong_to:
        text = of.say("flag.belongs", reference=case.may_belong_to)
        flags.append(statement(text, *of.happened(e.CaseOpened), key="may_belong"))
    if isinstance(again := of.newest(e.CaseReopened), e.CaseReopened):
        text = of.say(f"flag.reopened.{again.because}")
        flags.append(statement(text, *of.happened(e.CaseReopened), key="reopened"))
    for parked in case.parked:
        text = of.say("flag.parked", stage=of.say(f"stage.{parked.stage}"))
        flags.append(statement(text, *of.happened(e.WorkParked), key="parked"))
    if isinstance(refused := of.newest(e.HandoverAsked, e.HandedOver, e.HandoverRefused), e.HandoverRefused):
        text = of.say("flag.order_refused", reason=refused.reason)
        flags.append(statement(text, *of.happened(e.HandoverRefused), key="order_refused"))
    if isinstance(of.newest(e.LetterSent, e.LetterWithheld), e.LetterWithheld):
        flags.append(statement(of.say("flag.not_sent"), *of.happened(e.LetterWithheld), key="not_sent"))
    return flags


def against(of: Basis, found: Contradiction) -> str:
    """A contradiction in words."""
    match found:
        case ToldTwice(fact=name, said=said):
            values = " / ".join(of.shown_fact(fact) for fact in said)
            return of.say("flag.contradiction", fact=of.fact_label(name), values=values)
        case ShowsOtherwise(file=file, seen=seen):
            topic = of.topic_title(of.case.topic)
            return of.say("flag.photo_topic", file=file.name, shows=of.label_title(seen.label), topic=topic)
        case TakenAnotherDay(file=file, taken=taken, told=told):
            day = shown_value(taken.isoformat(), "date", of.language)
            return of.say(
                "flag.photo_day", file=file.name, taken=day, fact=of.fact_label(told.name), told=of.shown_fact(told)
            )
        case TakenElsewhere(file=file, km=km):
            return of.say("flag.photo_place", file=file.name, km=km)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(found)


def _phone(case: Case) -> tuple[str, f.Source] | None:
    """Where the customer can be called: as they wrote it, else as a register has it."""
    fact = f.best(case.facts, "phone")
    if fact is not None:
        return fact.value, fact.sources[0]
    for answer in case.enriched.answers if case.enriched else ():
        number = dict(answer.fields).get("phone")
        if number:
            return number, f.RegisterEntry(answer.register, answer.key, "phone")
    return None


def recommendation(of: Basis) -> Json:
    step = of.step
    if step is None:
        text = statement(of.say("why.no_step"), *of.happened())
        return {"step": Step.EXPERT, "title": of.say("step.expert"), "option": "", "department": "", "blind": False,
                "because": [text], "fired": [], "others": [], "would_change": [], "score": None,
                "threshold": None}  # fmt: skip
    option = of.advised()
    department = of.journey.departments.get(step.department)
    return {
        "step": step.step,
        "title": of.word(option.title) if option else of.say(f"step.{step.step}"),
        "option": step.option,
        "department": of.word(department) if department else "",
        "blind": of.blind,
        "because": [statement(of.say(f"why.{why}"), *reasons(of, why)) for why in step.because],
        "fired": fired(of),
        "others": other_rows(of),
        "would_change": would_change(of),
        "score": None if step.score is None else round(step.score, 4),
        "threshold": None if step.threshold is None else round(step.threshold, 4),
        **({"upstream": file_chain.upstream(of, step.read)} if step.read and step.read.upstream else {}),
    }


def reasons(of: Basis, why: Why) -> tuple[f.Source, ...]:
    step = of.step
    decided = of.happened(e.StepDecided)
    if why in _ADVICE_SEEN and step is not None and step.read is not None:
        return (*(f.RuleRow(step.read.table, step.read.digest, row) for row in step.read.fired), *decided)
    if why is Why.DANGER:
        return (*(sign.source for sign in of.case.dangers), *decided)
    if why is Why.CONTRADICTION:
        return (*(source for found in contradictions(of.case, of.journey) for source in found.sources), *decided)
    if why in (Why.UNCERTAIN_TOPIC, Why.OUT_OF_SCOPE, Why.BELOW_THRESHOLD) and of.case.understood is not None:
        read = of.case.understood
        return (f.ModelScore(read.model, read.model_version, read.confidence), *decided)
    return decided


def row_words(of: Basis, row: str) -> str:
    otherwise = of.folder.root.otherwise
    found = otherwise if row == otherwise.id else of.folder.root_rows.get(row)
    return found.description if found else ""


def fired(of: Basis) -> list[Json]:
    read = of.read
    if read is None:
        return []
    return [
        {"row": row, "description": row_words(of, row),
         "sources": cited((f.RuleRow(read.table, read.digest, row),), row)}
        for row in read.fired
    ]  # fmt: skip


def other_rows(of: Basis) -> list[Json]:
    """Rows that did not fire, each with the first thing that stood against it: what it asks for, and what was read."""
    read = of.read
    if read is None:
        return []
    values = inputs_again(read.inputs, of.folder.root)
    rows = []
    for row in read.rows:
        asked = of.asked(row.row, row.input)
        description, label, cell = _asked_words(of, row.row, *asked) if asked else ("", "", "")
        rows.append(
            {
                "row": row.row,
                "description": description if asked else row_words(of, row.row),
                "input": label if asked else of.input_label(row.input),
                "cell": cell if asked else row.cell,
                "value": of.input_text(asked[0], values.get(asked[0].name, MISSING)) if asked else row.value,
                "undecided": row.matched is None,
                "sources": cited((f.RuleRow(read.table, read.digest, row.row),), row.row),
            }
        )
    return rows


def _asked_words(of: Basis, row: str, column: Input, cell: Cell) -> tuple[str, str, str]:
    """A row, one of its inputs and what it asks of it, in words: the same for every case."""
    key = (of.language, row, column.name)
    words = of.folder.row_words.get(key)
    if words is None:
        words = row_words(of, row), of.input_label(column.name), of.cell_text(column, cell)
        of.folder.row_words[key] = words
    return words


def would_change(of: Basis) -> list[Json]:
    """Closing rows that would have fitted but for one thing that can still change or be known; each was tried out."""
    read = of.read
    if read is None:
        return []
    if read.upstream:
        return file_chain.would_change(of, read)
    table = of.folder.root
    values = inputs_again(read.inputs, table)
    misses = nearest_misses(table, evaluate(table, values), values, output="step", value=Step.AUTO_CLOSE)
    said = []
    for near in misses:
        asked = of.asked(near.row, near.input)
        assert asked is not None  # it was found in this very table
        column, cell = asked
        if column.source == "topic" or cell.form is Form.MISSING:
            continue
        text = of.say(
            "file.would_change",
            row=near.row,
            description=row_words(of, near.row),
            input=of.input_label(near.input),
            cell=of.cell_text(column, cell),
            value=of.input_text(column, near.value),
        )
        said.append(statement(text, f.RuleRow(read.table, read.digest, near.row)))
    return said


def missing(of: Basis) -> list[Json]:
    """What is not known and could still make a row fit; of a customer who is in no register only that."""
    read = of.read
    if read is None:
        return []
    table = of.folder.root
    decided = of.happened(e.StepDecided)
    verdict = evaluate(table, inputs_again(read.inputs, table))
    undecided = {trace.row for trace in verdict.traces if trace.matched is None}
    present = {one.name for one in read.inputs if one.present}
    answers = of.case.enriched.answers if of.case.enriched else ()
    absent = {answer.register for answer in answers if not answer.found}
    said = [
        statement(of.say("file.not_found", register=of.word(of.journey.registers[name].label)), *decided, key=name)
        for name in sorted(absent & of.journey.registers.keys())
    ]
    for at, column in enumerate(table.inputs):
        asked = any(row.id in undecided and row.cells[at].form in _ASKS for row in table.rows)
        root, _, rest = column.source.partition(".")
        if root == "table":  # what that table lacks is told below
            continue
        if asked and column.name not in present and not (root == "register" and rest.partition(".")[0] in absent):
            text = of.say("file.missing", what=of.input_label(column.name))
            said.append(statement(text, *decided, key=column.name))
    return said + file_chain.missing(of, read)


_ASKS = frozenset({Form.IN, Form.NOT_IN})


# --- the customer's own words ---------------------------------------------------------------------------------------


def story(of: Basis) -> Json:
    """The customer's own sentence that says most of what happened: the one whose words weighed most for the topic."""
    if not of.case.messages:
        return statement(of.say("file.no_words"), *of.happened())
    message = of.case.messages[0]
    start, end = telling_sentence(message, of.case.understood.weights if of.case.understood else ())
    said = " ".join(message.text[start:end].split())
    if len(said) > LONGEST_STORY:
        said = (said[: LONGEST_STORY + 1].rpartition(" ")[0] or said[:LONGEST_STORY]) + " …"
    return statement(said or message.subject or of.say("file.no_words"), f.MessageSpan(message.message_id, start, end))


def telling_sentence(message: e.MessageAdded, weights: Sequence[e.Weight]) -> tuple[int, int]:
    """Start and end of the sentence with the greatest weight; of equals the first one, (0, 0) when there is none."""
    mine = [one for one in weights if one.source.message_id == message.message_id and one.weight > 0]

    def weight(span: tuple[int, int]) -> float:
        return sum(one.weight for one in mine if span[0] <= one.source.start < span[1])

    told = list(sentences(message.text))
    return max(told, key=weight, default=(0, 0))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Sentences of at least four words, without the greeting; if all are shorter, all of them."""
    spans = []
    for found in _SENTENCE.finditer(text):
        part = found.group()
        if part.strip():
            spans.append((found.start() + len(part) - len(part.lstrip()), found.start() + len(part.rstrip())))
    long = [(start, end) for start, end in spans if len(text[start:end].split()) >= 4]  # noqa: PLR2004  # "We need help now"
    yield from [span for span in long if text[span[1] - 1] != ","] or long or spans


LONGEST_STORY = 240
#: Up to a full stop before a space (not the one in 8.30), an empty line, or the comma that ends a greeting's line.
_SENTENCE = re.compile(r"(?:(?![.!?]+(?:\s|$)|\n[ \t]*\n|,[ \t]*\n)[\s\S])+(?:[.!?]+|,)?")
