"""The try-it box: what a table says about inputs that somebody types, why, and what would have had to be different."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.pages.rules_form import split
from api.pages.rules_grid import titled
from api.pages.spoken import Spoken
from cases.rules import (
    InputRefused,
    RowTrace,
    Table,
    Value,
    Verdict,
    evaluate,
    literal_text,
    nearest_misses,
    plain,
    read_inputs,
)
from cases.rules.domains import Kind
from cases.rules.words import then_words

PREFIX: Final = "try."
_MOST_MISSES: Final = 8


@dataclass(frozen=True, slots=True)
class TryField:
    """choices: the values it may have; () for one that is typed."""

    name: str
    title: str
    text: str
    choices: tuple[str, ...]
    takes: str
    wrong: str


@dataclass(frozen=True, slots=True)
class TraceShown:
    row: str
    state: str  # fired, unsure, failed
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """answered: whether there is an answer, not a reason why there is none."""

    kind: str
    fired: str
    says: str
    answered: bool
    traces: tuple[TraceShown, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryBox:
    fields: tuple[TryField, ...]
    tried: Tried | None


def try_box(table: Table | None, fields: Mapping[str, str], spoken: Spoken) -> TryBox | None:
    """None while the table cannot be read. fields: `try.amount` and so on; the answer comes with the first of them."""
    if table is None:
        return None
    given, wrong = given_of(table, fields)
    shown = tuple(
        TryField(
            name=f"{PREFIX}{column.name}",
            title=titled(column.name),
            text=fields.get(f"{PREFIX}{column.name}", ""),
            choices=_choices(column.domain.kind, column.domain.values, nullable=column.domain.nullable),
            takes=str(column.domain),
            wrong=wrong.get(column.name, ""),
        )
        for column in table.inputs
    )
    asked = any(fields.get(f"{PREFIX}{column.name}") for column in table.inputs)
    return TryBox(shown, _tried(table, given, spoken) if asked and not wrong else None)


def given_of(table: Table, fields: Mapping[str, str]) -> tuple[Mapping[str, Value], dict[str, str]]:
    """Typed inputs as values, and what is wrong by input; a blank is not known, which is not the same as null."""
    raw = {
        column.name: _raw(text, column.domain.kind)
        for column in table.inputs
        if (text := fields.get(f"{PREFIX}{column.name}", ""))
    }
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for name, one in raw.items():
        try:
            values |= read_inputs(table, {name: one})
        except InputRefused as refused:
            wrong[name] = "; ".join(f"{problem.what}; {problem.mend}" for problem in refused.problems)
    return values, wrong


def example_of(table: Table, given: Mapping[str, Value]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and what the table promises about them now, as an example has them."""
    verdict = evaluate(table, given)
    expect: dict[str, Any] = {"kind": verdict.kind}
    if verdict.kind in ("fired", "else"):
        expect = {"row": verdict.fired[0]} if len(verdict.fired) == 1 else {"rows": list(verdict.fired)}
    elif verdict.kind == "missing":
        expect["missing"] = list(verdict.missing)
    return {name: plain(value) for name, value in given.items()}, expect


def _choices(kind: Kind, values: tuple[str, ...], *, nullable: bool) -> tuple[str, ...]:
    known = {Kind.BOOLEAN: ("true", "false"), Kind.TEXT: tuple(one or '""' for one in values)}.get(kind, ())
    return (*known, "null") if known and nullable else known


def _raw(text: str, kind: Kind) -> object:
    match kind:
        case _ if text == "null":
            return None
        case Kind.BOOLEAN:
            return {"true": True, "false": False}.get(text, text)
        case Kind.LIST | Kind.SET:
            return split(text)
        case Kind.TEXT if text == '""':
            return ""
        case _:
            return text


def _tried(table: Table, given: Mapping[str, Value], spoken: Spoken) -> Tried:
    verdict, say = evaluate(table, given), spoken.say
    rows = {row.id: row for row in (*table.rows, table.otherwise)}
    answered = verdict.kind in ("fired", "else")
    if answered:
        says = then_words(rows[verdict.fired[0]]) if len(verdict.fired) == 1 else _outputs(verdict)
    elif verdict.kind == "missing":
        asked_by = ", ".join(verdict.undetermined)
        says = say("rules.try.missing", inputs=", ".join(map(titled, verdict.missing)), rows=asked_by)
    else:
        says = say(f"rules.try.{verdict.kind}", rows=", ".join(verdict.fired))
    return Tried(
        kind=say(f"rules.verdict.{verdict.kind}"),
        fired=", ".join(verdict.fired),
        says=says,
        answered=answered,
        traces=tuple(_trace(trace, verdict, spoken) for trace in verdict.traces),
        misses=tuple(_misses(table, verdict, given, spoken)),
    )


def _outputs(verdict: Verdict) -> str:
    return ", ".join(f"{name} {literal_text(value)}" for name, value in verdict.outputs.items())


def _trace(trace: RowTrace, verdict: Verdict, spoken: Spoken) -> TraceShown:
    if trace.row in verdict.fired:
        return TraceShown(trace.row, "fired", spoken.say("rules.trace.fired"))
    if trace.failing is None:
        return TraceShown(trace.row, "fits", spoken.say("rules.trace.fits"))
    key = "unsure" if trace.matched is None else "failed"
    failing = trace.failing
    why = spoken.say(f"rules.trace.{key}", input=titled(failing.input), cell=failing.cell, value=failing.value)
    return TraceShown(trace.row, key, why)


def _misses(table: Table, verdict: Verdict, given: Mapping[str, Value], spoken: Spoken) -> list[str]:
    """What else it would have said, had one input been different: of the first output that names a value."""
    first = next((column for column in table.outputs if column.domain.kind is Kind.TEXT), None)
    if first is None or verdict.kind == "invalid":
        return []
    found = [
        spoken.say(
            "rules.try.miss",
            value=literal_text(value),
            row=miss.row,
            input=titled(miss.input),
            instead=literal_text(miss.instead),
        )
        for value in first.domain.values
        if value
        for miss in nearest_misses(table, verdict, given, output=first.name, value=value)
    ]
    return found[:_MOST_MISSES]
