"""What is proved of a table: compared with asking it about every case there is."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from drawn_tables import HITS, document, documents, every_case
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_tables import letters, letters_table, read

from cases.rules import Table, Value, Verdict, evaluate
from cases.rules.findings import Finding
from cases.rules.verify import MOST_GAPS, MOST_OVERLAPS, verify


def asked(table: Table) -> list[tuple[Mapping[str, Value], Verdict]]:
    return [(inputs, evaluate(table, inputs)) for inputs in every_case(table)]


def matching(verdict: Verdict) -> set[str]:
    return {trace.row for trace in verdict.traces if trace.matched}


@given(documents())
def test_a_gap_is_found_exactly_when_some_case_reaches_the_else_row(data: dict[str, Any]) -> None:
    table = read(data)

    found = verify(table)

    reached = [inputs for inputs, verdict in asked(table) if verdict.kind == "else"]
    assert bool(found.gaps) == bool(reached)
    assert all(evaluate(table, gap.witness).kind == "else" for gap in found.gaps)
    if any(len(inputs) == len(table.inputs) for inputs in reached):
        assert len(found.gaps[0].witness) == len(table.inputs)  # complete cases are told first


@given(documents(("UNIQUE", "ANY")))
def test_the_rows_that_contradict_each_other_are_all_found_with_a_case(data: dict[str, Any]) -> None:
    table = read(data)
    outputs = {row.id: row.outputs for row in table.rows}

    found = verify(table)

    pairs = {
        pair
        for _, verdict in asked(table)
        for pair in combinations([row.id for row in table.rows if row.id in matching(verdict)], 2)
        if data["hit"] == "UNIQUE" or outputs[pair[0]] != outputs[pair[1]]
    }
    assert {overlap.rows for overlap in found.overlaps} == pairs
    for overlap in found.overlaps:
        verdict = evaluate(table, overlap.witness)
        assert verdict.kind == "conflict"
        assert set(overlap.rows) <= matching(verdict)


@given(documents(("FIRST", "PRIORITY", "UNIQUE", "ANY")))
def test_a_row_is_called_hidden_or_dead_exactly_when_it_never_answers(data: dict[str, Any]) -> None:
    table = read(data)

    found = verify(table)

    verdicts = [verdict for _, verdict in asked(table)]
    matched = {row for verdict in verdicts for row in matching(verdict)}
    answering = {row for verdict in verdicts if verdict.kind == "fired" for row in verdict.fired}
    assert set(found.dead) == {row.id for row in table.rows} - matched
    assert {one.row for one in found.shadowed} == matched - answering


@given(documents(("FIRST", "PRIORITY")))
def test_the_rows_that_hide_another_take_all_of_its_cases_and_none_is_named_in_vain(data: dict[str, Any]) -> None:
    table = read(data)
    verdicts = [verdict for _, verdict in asked(table)]

    for shadowed in verify(table).shadowed:
        mine = [
            {trace.row for trace in verdict.traces if trace.matched is not False}
            for verdict in verdicts
            if shadowed.row in matching(verdict)
        ]
        assert all(possible & set(shadowed.by) for possible in mine)
        for one in shadowed.by:
            assert not all(possible & set(shadowed.by) - {one} for possible in mine)


@given(documents(("FIRST", "PRIORITY")))
def test_the_inputs_without_which_the_table_stops_are_found(data: dict[str, Any]) -> None:
    table = read(data)

    found = verify(table)

    alone = {verdict.missing for _, verdict in asked(table) if verdict.kind == "missing"}
    sources = (("word",), ("flag",), ("size", "size_too"))
    assert {stop.inputs for stop in found.stops} == {
        names for names in sources if any(set(missing) <= set(names) for missing in alone)
    }


@given(documents())
def test_every_stop_has_a_case_that_stops_there(data: dict[str, Any]) -> None:
    table = read(data)

    for stop in verify(table).stops:
        verdict = evaluate(table, stop.witness)
        assert verdict.kind == "missing"
        assert set(stop.inputs) & set(verdict.missing)


@given(documents())
def test_an_unreachable_value_is_never_given(data: dict[str, Any]) -> None:
    table = read(data)

    found = verify(table)

    given_out = {verdict.outputs["out"] for _, verdict in asked(table) if verdict.outputs}
    values = {value for out in given_out for value in (out if isinstance(out, tuple) else (out,))}
    assert not {value for _, value in found.unreachable} & values


@given(documents(), st.integers(0, 40))
@settings(max_examples=30)
def test_with_too_few_steps_it_says_so_and_what_it_found_still_stands(data: dict[str, Any], steps: int) -> None:
    table = read(data)
    whole = verify(table)

    short = verify(table, budget=steps)

    assert whole.verdict == "proved"
    assert short == verify(table, budget=steps)
    assert {one.row for one in short.shadowed} <= {one.row for one in whole.shadowed}
    assert short.overlaps == whole.overlaps
    assert bool(short.gaps) <= bool(whole.gaps)
    if short.verdict == "proved":
        assert (short.gaps, short.dead) == (whole.gaps, whole.dead)
        assert set(short.stops) == set(whole.stops) or "; not what a missing " in short.covered
        assert [one.row for one in short.shadowed] == [one.row for one in whole.shadowed]
    else:
        assert short.covered.startswith("overlaps in full; ")


def test_findings_are_plain_sentences_and_what_refuses_the_table_comes_first() -> None:
    table = letters_table(
        "UNIQUE",
        {"R-1": ({"a": "<= 4"}, "x"), "R-2": ({"a": "[4..6]", "b": "> 2"}, "y"), "R-3": ({"a": "[7..8)"}, "x")},
    )

    found = verify(table)

    assert found.findings == (
        Finding("refused", "R-1 and R-2 contradict each other when a is 4 and b is at least 3"),
        Finding("warning", "when a is at least 8, no row fits and the else row answers"),
        Finding(
            "warning", "when a is from 5 to 6 or at least 8 and b is at most 2, no row fits and the else row answers"
        ),
        Finding("note", "a person decides where one of these is missing and asked for: a (R-1), b (R-2)"),
    )


def test_a_table_that_says_it_is_complete_is_refused_with_a_gap_and_one_that_is_not_meant_to_be_is_not() -> None:
    rows = [({"flag": True}, "x")]
    declared = {said: verify(read(document("FIRST", rows, **more))) for said, more in _SAID.items()}

    assert declared["nothing"].refusals == ()
    assert declared["false"].refusals == ()
    assert declared["true"].refusals == ("when flag is false, no row fits, although the table says it is complete",)
    assert [declared[said].findings[0].severity for said in _SAID] == ["warning", "note", "refused"]


_SAID: dict[str, dict[str, object]] = {"nothing": {}, "false": {"complete": False}, "true": {"complete": True}}


@pytest.mark.parametrize(
    ("hit", "rows", "words"),
    [
        ("FIRST", [({"size": "< 2"}, "x"), ({"size": ">= 2"}, "x"), ({"word": "a"}, "y")],
         "R2 never answers: R0 and R1 before it take every case that it asks for"),
        ("FIRST", [({}, "x"), ({"word": "a"}, "y")],
         "R1 never answers: R0 before it takes every case that it asks for"),
        ("UNIQUE", [({}, "x"), ({"word": "a"}, "x")],
         "R1 never answers: wherever it fits, R0 may fit too and says otherwise"),
        ("FIRST", [({"size": "< 2", "size_too": "2, 3"}, "x")], "R0 fits no case: its cells contradict each other"),
        ("FIRST", [({"word": "a"}, "x")], "no row gives out y"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_by_name(hit: str, rows: list[Any], words: str) -> None:
    assert words in [finding.words for finding in verify(read(document(hit, rows))).findings]


def test_an_input_that_is_never_missing_stops_nothing() -> None:
    table = read(document("FIRST", [({"flag": True, "word": "a"}, "x")]))

    (stop,) = verify(table, always=["flag"]).stops
    assert stop.words == "without word the table may stop at R0, and a person decides"


@pytest.mark.parametrize("hit", HITS)
def test_a_table_without_rows_leaves_every_case_to_the_else_row(hit: str) -> None:
    found = verify(read(document(hit, [])))

    assert found.verdict == "proved"
    assert [gap.words for gap in found.gaps] == ["no row fits any case and the else row answers"]


def test_a_table_with_many_faults_tells_the_first_of_them() -> None:
    rows = [({"a": f"[{low}..9]"}, "x") for low in range(1, 10)] * 2
    clashing = letters_table("UNIQUE", {f"R-{number}": row for number, row in enumerate(rows)})
    sparse = letters_table(
        "FIRST", {f"R-{a}{b}": ({"a": a, "b": b}, "x") for a in range(1, 10) for b in range(1, 10, 2)}
    )
    number = {"type": "integer", "min": 1, "max": 40}
    lone = [
        {"id": f"R-{a}", "description": "A row", "when": {"a": a, "b": a}, "then": {"letter": "x"}}
        for a in range(2, 40, 2)
    ]
    scattered = read(letters("FIRST", inputs={"a": number, "b": number}, rows=lone))

    assert len(verify(clashing).overlaps) == MOST_OVERLAPS
    assert [gap.where for gap in verify(sparse).gaps] == ["b is 2, 4, 6 or 8"]
    assert len(verify(scattered).gaps) == MOST_GAPS


def test_whatever_the_number_of_steps_a_row_is_only_called_hidden_when_it_is() -> None:
    rows: list[Any] = [
        ({"word": "a"}, "x"),
        ({"flag": True}, "x"),
        ({"size": "< 2"}, "x"),
        ({"size": ">= 2", "flag": False}, "y"),
    ]
    table = read(document("FIRST", [*rows, ({"word": "b, c"}, "z")]))
    whole = verify(table)
    (hidden,) = whole.shadowed

    looks = [verify(table, budget=steps) for steps in range(200)]

    assert (hidden.row, hidden.by) == ("R4", ("R1", "R2", "R3"))
    assert {look.verdict for look in looks} == {"proved", "unknown"}
    assert {one.row for look in looks for one in look.shadowed} == {"R4"}
    assert all(set(hidden.by) <= set(one.by) for look in looks for one in look.shadowed)
    assert looks[-1] == whole
