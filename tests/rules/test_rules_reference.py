"""The engine against a slow reference that was written from the definitions, not from the engine."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rule_tables import read

from cases.rules import Table, Value, evaluate

TOPICS = ["wind", "rain", "fire"]
CELLS: dict[str, list[str]] = {
    "topic": ["-", "wind", "not(wind)", "wind, fire", "missing", "present", "null", "not(null, rain)"],
    "glass": ["-", "true", "false", "missing", "present"],
    "amount": ["-", "<= 2", "> 2", "[1..2.5)", "(1..2.5]", "not(2)", "2, > 4", "missing"],
    "photos": ["-", "0", ">= 2", "< 2", "not([1..2])", "]0..3[", "present"],
}
VALUES: dict[str, list[Value]] = {
    "topic": [*TOPICS, None],
    "glass": [True, False],
    "amount": [Decimal(cents) / 100 for cents in (0, 99, 100, 101, 199, 200, 201, 249, 250, 251, 400, 401, 500)],
    "photos": [0, 1, 2, 3, 4],
}
EXPECTED: dict[str, dict[str, Callable[[Any], bool]]] = {  # per column and cell what the text says, by hand
    "topic": {
        "wind": lambda v: v == "wind",
        "not(wind)": lambda v: v != "wind",
        "wind, fire": lambda v: v in ("wind", "fire"),
        "null": lambda v: v is None,
        "not(null, rain)": lambda v: v is not None and v != "rain",
    },
    "glass": {"true": lambda v: v is True, "false": lambda v: v is False},
    "amount": {
        "<= 2": lambda v: v <= 2,
        "> 2": lambda v: v > 2,
        "[1..2.5)": lambda v: 1 <= v < Decimal("2.5"),
        "(1..2.5]": lambda v: 1 < v <= Decimal("2.5"),
        "not(2)": lambda v: v != 2,
        "2, > 4": lambda v: v == 2 or v > 4,
    },
    "photos": {
        "0": lambda v: v == 0,
        ">= 2": lambda v: v >= 2,
        "< 2": lambda v: v < 2,
        "not([1..2])": lambda v: not 1 <= v <= 2,
        "]0..3[": lambda v: 0 < v < 3,
    },
}


TOTALS: dict[str, Callable[[Any], int]] = {
    "COLLECT sum": sum,
    "COLLECT min": min,
    "COLLECT max": max,
    "COLLECT count": len,
}


def says(column: str, text: str, inputs: Mapping[str, Value]) -> bool | None:
    if text == "-":
        return True
    if text in ("missing", "present"):
        return (column in inputs) is (text == "present")
    return EXPECTED[column][text](inputs[column]) if column in inputs else None


def row_says(row: Mapping[str, Any], inputs: Mapping[str, Value]) -> bool | None:
    cells = [says(column, text, inputs) for column, text in row["when"].items()]
    if False in cells:
        return False
    return None if None in cells else True


def reference(data: Mapping[str, Any], inputs: Mapping[str, Value]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(kind, fired, undetermined)."""
    rows = [(row["id"], row["then"]["out"], row_says(row, inputs)) for row in data["rows"]]
    matched = [(id_, out) for id_, out, said in rows if said is True]
    unsure = [(id_, out) for id_, out, said in rows if said is None]
    if data["hit"] in ("FIRST", "PRIORITY"):
        order = rows if data["hit"] == "FIRST" else sorted(rows, key=lambda row: "xyz".index(row[1]))
        for id_, _, said in order:
            if said is not False:
                return ("fired", (id_,), ()) if said else ("missing", (), (id_,))
        return "else", ("E",), ()
    fired = tuple(id_ for id_, _ in matched)
    if data["hit"] in TOTALS:
        total = TOTALS[data["hit"]]
        said_so_far = [out for _, out in matched]
        open_ = tuple(id_ for id_, out in unsure if not matched or total([*said_so_far, out]) != total(said_so_far))
    elif data["hit"] == "COLLECT":
        known = {value for _, out in matched for value in out}
        open_ = tuple(id_ for id_, out in unsure if not matched or not set(out) <= known)
    elif data["hit"] == "UNIQUE":
        if len(matched) > 1:
            return "conflict", fired, ()
        open_ = tuple(id_ for id_, _ in unsure)
    else:
        if len({out for _, out in matched}) > 1:
            return "conflict", fired, ()
        open_ = tuple(id_ for id_, out in unsure if not matched or out != matched[0][1])
    if open_:
        return "missing", (), open_
    return ("fired", fired, ()) if fired else ("else", ("E",), ())


@st.composite
def tables(draw: st.DrawFn, hits: tuple[str, ...]) -> dict[str, Any]:
    hit = draw(st.sampled_from(hits))
    listed, total = hit == "COLLECT", hit in TOTALS
    outs: st.SearchStrategy[object] = st.sampled_from("xyz")
    if listed:
        outs = st.lists(st.sampled_from("xyz"), unique=True)
    if total:
        outs = st.just(1) if hit == "COLLECT count" else st.integers(-2, 2)
    when = st.fixed_dictionaries({}, optional={name: st.sampled_from(texts) for name, texts in CELLS.items()})
    rows = draw(st.lists(st.tuples(when, outs), max_size=6))
    return {
        "table": "t",
        "description": "Drawn",
        "hit": hit,
        "effective_from": "2026-01-01",
        "inputs": {
            "topic": {"type": "text", "domain": TOPICS, "nullable": True},
            "glass": {"type": "boolean"},
            "amount": {"type": "money", "min": 0, "max": 5},
            "photos": {"type": "integer", "min": 0, "max": 4},
        },
        "outputs": {
            "out": {"type": "integer", "min": -12, "max": 12}
            if total
            else {"type": "list" if listed else "text", "domain": ["x", "y", "z"]}
        },
        "rows": [
            {"id": f"R{number}", "description": "Drawn", "when": cells, "then": {"out": out}}
            for number, (cells, out) in enumerate(rows)
        ],
        "else": {"id": "E", "description": "Rest", "then": {"out": 0 if total else [] if listed else "z"}},
    }


CASES = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})
WHOLE_CASES = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})
ALL = ("FIRST", "UNIQUE", "PRIORITY", "COLLECT", "ANY", *TOTALS)


@given(tables(ALL), CASES)
def test_the_engine_agrees_with_the_reference(data: dict[str, Any], inputs: dict[str, Value]) -> None:
    verdict = evaluate(read(data), inputs)

    assert (verdict.kind, verdict.fired, verdict.undetermined) == reference(data, inputs)
    if data["hit"] in TOTALS and verdict.kind == "fired":
        outs = [row["then"]["out"] for row in data["rows"] if row["id"] in verdict.fired]
        assert verdict.outputs == {"out": TOTALS[data["hit"]](outs)}


@given(tables(ALL), CASES)
def test_every_trace_agrees_with_the_reference(data: dict[str, Any], inputs: dict[str, Value]) -> None:
    verdict = evaluate(read(data), inputs)

    assert [(trace.row, trace.matched) for trace in verdict.traces] == [
        (row["id"], row_says(row, inputs)) for row in data["rows"]
    ]
    for row, trace in zip(data["rows"], verdict.traces, strict=True):
        texts = [(name, row["when"].get(name, "-")) for name in CELLS]
        stopped = next((name for name, text in texts if says(name, text, inputs) is trace.matched), None)
        assert (trace.failing and trace.failing.input) == (None if trace.matched else stopped)


@given(tables(("FIRST",)), WHOLE_CASES)
def test_first_picks_the_first_row_that_matches(data: dict[str, Any], inputs: dict[str, Value]) -> None:
    table = read(data)
    without_presence = [row["id"] for row in data["rows"] if row_says(row, inputs)]

    assert evaluate(table, inputs).fired == tuple([*without_presence, "E"][:1])


def presence_free(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same table without cells on presence, so that what becomes known never changes what was."""
    rows = [
        {**row, "when": {name: text for name, text in row["when"].items() if text not in ("missing", "present")}}
        for row in data["rows"]
    ]
    return {**data, "rows": rows}


@given(tables(ALL), WHOLE_CASES, st.sets(st.sampled_from(sorted(VALUES))))
def test_a_missing_input_never_falls_through_to_another_answer(
    data: dict[str, Any], whole: dict[str, Value], dropped: set[str]
) -> None:
    table: Table = read(presence_free(data))

    full = evaluate(table, whole)
    part = evaluate(table, {name: value for name, value in whole.items() if name not in dropped})

    if part.kind in ("fired", "else"):
        assert part.outputs == full.outputs
    else:
        assert part.kind == full.kind or set(part.missing) <= dropped
