"""What a table answers, and when it refuses to: every hit policy, missing inputs, invalid inputs, traces."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from rule_tables import NEXT_STEP, letters, letters_table, read, tags_table

from cases.rules import MISSING, CellTrace, RowTrace, Value, evaluate

WHOLE: dict[str, Value] = {
    "topic": "windscreen",
    "glass": True,
    "amount": Decimal("500.00"),
    "plate": "known",
    "photos": 1,
    "loss_date": date(2026, 3, 1),
}


def test_the_first_row_that_matches_fires_with_all_its_outputs() -> None:
    verdict = evaluate(read(NEXT_STEP), WHOLE)

    assert verdict.kind == "fired"
    assert verdict.fired == ("R-010",)
    assert verdict.outputs == {"step": "auto_close", "option": "grant_repair", "requests": (), "days": 5}


def test_the_else_row_answers_only_when_every_row_is_false() -> None:
    verdict = evaluate(read(NEXT_STEP), {**WHOLE, "topic": "collision"})

    assert verdict.kind == "else"
    assert verdict.fired == ("R-999",)
    assert verdict.outputs["step"] == "expert"


def test_an_undetermined_row_before_a_match_gives_missing_and_names_its_inputs() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "windscreen", "glass": True})

    assert verdict.kind == "missing"
    assert verdict.missing == ("amount", "photos")
    assert verdict.undetermined == ("R-010",)
    assert verdict.outputs == {}


def test_a_false_cell_settles_a_row_whatever_is_missing() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "windscreen", "glass": False})

    assert verdict.fired == ("R-020",)
    assert verdict.outputs["requests"] == ("plate",)


def test_the_sentinel_and_an_absent_key_are_both_missing() -> None:
    table = read(NEXT_STEP)

    assert evaluate(table, {"topic": MISSING}) == evaluate(table, {})


def test_every_row_leaves_its_first_failing_cell_also_below_the_one_that_fired() -> None:
    verdict = evaluate(read(NEXT_STEP), WHOLE)

    assert verdict.traces == (
        RowTrace("R-010", True, None),
        RowTrace("R-020", False, CellTrace("plate", "missing", "known")),
    )


def test_an_undetermined_row_leaves_its_first_unknown_cell() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "windscreen", "plate": "known"})

    assert verdict.traces[0] == RowTrace("R-010", None, CellTrace("glass", "true", "missing"))


def test_a_false_cell_outweighs_an_unknown_one_before_it_in_the_trace() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "windscreen", "amount": Decimal("500.01")})

    assert verdict.traces[0] == RowTrace("R-010", False, CellTrace("amount", "<= 500.00", "500.01"))


def test_the_inputs_are_kept_as_they_were_read() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "collision"})

    assert verdict.inputs == {**dict.fromkeys(WHOLE, MISSING), "topic": "collision"}


class Topic(StrEnum):
    WINDSCREEN = "windscreen"


@pytest.mark.parametrize(
    ("name", "value"),
    [("topic", Topic.WINDSCREEN), ("amount", 500), ("amount", Decimal("500.000")), ("amount", Decimal("5E+2"))],
)
def test_a_value_may_come_in_any_exact_form(name: str, value: Value) -> None:
    assert evaluate(read(NEXT_STEP), {**WHOLE, name: value}).fired == ("R-010",)


@pytest.mark.parametrize(
    ("name", "value", "shown", "allowed"),
    [
        ("topic", "theft", "'theft'", "one of windscreen, collision"),
        ("topic", None, "null", "one of windscreen, collision"),
        ("topic", ["windscreen"], "a list", "one of windscreen, collision"),
        ("topic", ("windscreen",), "a list", "one of windscreen, collision"),
        ("glass", 1, "1", "true or false"),
        ("glass", None, "null", "true or false"),
        ("amount", 0.5, "0.5", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", Decimal("0.005"), "0.005", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", Decimal("100000.01"), "100000.01", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", Decimal("1E+99"), "1E+99", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", Decimal("NaN"), "NaN", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", Decimal("sNaN"), "sNaN", "an amount in whole cents from 0.00 to 100000.00"),
        ("amount", True, "true", "an amount in whole cents from 0.00 to 100000.00"),
        ("photos", 51, "51", "a whole number from 0 to 50"),
        ("photos", -1, "-1", "a whole number from 0 to 50"),
        ("photos", True, "true", "a whole number from 0 to 50"),
        ("photos", None, "null", "a whole number from 0 to 50"),
        ("photos", Decimal(1), "1", "a whole number from 0 to 50"),
        pytest.param("photos", 10**5000, "a very large number", "a whole number from 0 to 50", id="huge"),
        ("loss_date", "2026-03-01", "'2026-03-01'", "a date from 0001-01-01 to 9999-12-31"),
        ("loss_date", datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01 00:00:00+00:00", "a date from 0001-01-01"),
    ],
)
def test_a_value_outside_its_column_is_never_a_silent_non_match(
    name: str, value: Value, shown: str, allowed: str
) -> None:
    verdict = evaluate(read(NEXT_STEP), {**WHOLE, name: value})

    assert verdict.kind == "invalid"
    assert verdict.outputs == {}
    assert [(problem.input, problem.value) for problem in verdict.invalid] == [(name, shown)]
    assert verdict.invalid[0].allowed.startswith(allowed)
    assert len(verdict.traces) == 2


def test_an_input_that_the_table_does_not_know_is_invalid() -> None:
    verdict = evaluate(read(NEXT_STEP), {**WHOLE, "amont": 5})

    assert verdict.kind == "invalid"
    assert verdict.invalid[0].allowed == 'no input of the table; did you mean "amount"?'


def test_an_unreadable_value_is_present_but_meets_no_test() -> None:
    verdict = evaluate(read(NEXT_STEP), {"topic": "windscreen", "glass": True, "plate": "12-AB"})

    assert verdict.traces[1] == RowTrace("R-020", False, CellTrace("plate", "missing", "'12-AB'"))


def test_a_decimal_column_takes_any_exact_number_inside() -> None:
    inputs = {"ratio": {"type": "decimal", "min": 0, "max": 1, "nullable": True}}
    row = {"id": "R", "description": "Low", "when": {"ratio": "< 0.5"}, "then": {"letter": "x"}}
    table = read(letters("FIRST", inputs=inputs, rows=[row]))

    assert evaluate(table, {"ratio": Decimal("0.4999999999999999999")}).kind == "fired"
    assert evaluate(table, {"ratio": 0}).kind == "fired"
    assert evaluate(table, {"ratio": Decimal("0.5")}).kind == "else"
    assert evaluate(table, {"ratio": None}).kind == "else"
    assert evaluate(table, {"ratio": Decimal("Infinity")}).kind == "invalid"
    assert evaluate(table, {"ratio": 0.4}).kind == "invalid"  # type: ignore[dict-item]  # the point


def test_null_is_a_value_of_a_nullable_column_and_not_missing() -> None:
    inputs = {
        "sure": {"type": "boolean", "nullable": True},
        "land": {"type": "text", "domain": ["nl", ""], "nullable": True},
    }
    rows = [
        {"id": "R-1", "description": "Both none", "when": {"sure": "null", "land": "null"}, "then": {"letter": "x"}},
        {"id": "R-2", "description": "Empty", "when": {"land": '""'}, "then": {"letter": "y"}},
    ]
    table = read(letters("FIRST", inputs=inputs, rows=rows))

    assert evaluate(table, {"sure": None, "land": None}).fired == ("R-1",)
    assert evaluate(table, {"sure": None, "land": ""}).fired == ("R-2",)
    assert evaluate(table, {"sure": None}).kind == "missing"


def test_unique_answers_with_the_only_row() -> None:
    table = letters_table("UNIQUE", {"R1": ({"a": "< 5"}, "x"), "R2": ({"a": ">= 5"}, "y")})

    assert evaluate(table, {"a": 5}).outputs == {"letter": "y"}


def test_unique_with_two_matches_is_a_conflict_even_if_they_agree() -> None:
    table = letters_table("UNIQUE", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "x")})

    verdict = evaluate(table, {"a": 1, "b": 1})

    assert (verdict.kind, verdict.fired, verdict.outputs) == ("conflict", ("R1", "R2"), {})


def test_unique_waits_for_a_row_that_might_match_as_well() -> None:
    table = letters_table("UNIQUE", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "y")})

    verdict = evaluate(table, {"a": 1})

    assert (verdict.kind, verdict.missing, verdict.undetermined) == ("missing", ("b",), ("R2",))


def test_any_answers_when_all_matching_rows_agree() -> None:
    table = letters_table("ANY", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "x"), "R3": ({"a": 9}, "y")})

    verdict = evaluate(table, {"a": 1, "b": 1})

    assert (verdict.kind, verdict.fired, verdict.outputs) == ("fired", ("R1", "R2"), {"letter": "x"})


def test_any_with_rows_that_differ_is_a_conflict() -> None:
    table = letters_table("ANY", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "y")})

    assert evaluate(table, {"a": 1, "b": 1}).kind == "conflict"


def test_any_waits_only_for_a_row_that_could_say_something_else() -> None:
    same = letters_table("ANY", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "x")})
    other = letters_table("ANY", {"R1": ({"a": "< 5"}, "x"), "R2": ({"b": "< 5"}, "y")})

    assert evaluate(same, {"a": 1}).kind == "fired"
    assert evaluate(other, {"a": 1}).kind == "missing"
    assert evaluate(same, {"a": 9}).kind == "missing"
    assert evaluate(same, {"a": 9, "b": 9}).kind == "else"


def test_priority_prefers_the_output_that_comes_first_in_its_domain() -> None:
    rows = {"R1": ({"a": "< 5"}, "z"), "R2": ({"b": "< 5"}, "x"), "R3": ({"b": "< 5"}, "x")}
    table = letters_table("PRIORITY", rows)

    verdict = evaluate(table, {"a": 1, "b": 1})

    assert (verdict.fired, verdict.outputs) == (("R2",), {"letter": "x"})
    assert [trace.row for trace in verdict.traces] == ["R1", "R2", "R3"]


def test_priority_waits_for_a_row_that_would_outrank_the_match_and_for_no_other() -> None:
    table = letters_table("PRIORITY", {"R1": ({"a": "< 5"}, "y"), "R2": ({"b": "< 5"}, "x")})

    assert evaluate(table, {"a": 1}).undetermined == ("R2",)
    assert evaluate(table, {"b": 1}).fired == ("R2",)


def test_collect_joins_the_lists_of_all_matching_rows_in_the_order_of_the_domain() -> None:
    table = tags_table({"R1": ({"a": "< 5"}, ["r", "q"]), "R2": ({"b": "< 5"}, ["p", "q"]), "R3": ({"a": 9}, [])})

    verdict = evaluate(table, {"a": 1, "b": 1})

    assert (verdict.kind, verdict.fired, verdict.outputs) == ("fired", ("R1", "R2"), {"tags": ("p", "q", "r")})


def test_collect_waits_only_for_a_row_that_could_add_something() -> None:
    adds = tags_table({"R1": ({"a": "< 5"}, ["p"]), "R2": ({"b": "< 5"}, ["q"])})
    repeats = tags_table({"R1": ({"a": "< 5"}, ["p", "q"]), "R2": ({"b": "< 5"}, ["q"])})

    assert evaluate(adds, {"a": 1}).undetermined == ("R2",)
    assert evaluate(repeats, {"a": 1}).outputs == {"tags": ("p", "q")}
    assert evaluate(repeats, {"a": 9}).kind == "missing"
    assert evaluate(repeats, {"a": 9, "b": 9}).outputs == {"tags": ()}


def test_traces_stay_true_however_many_values_were_seen_before() -> None:
    row = {"id": "R", "description": "Many", "when": {"a": "> 5000"}, "then": {"letter": "x"}}
    table = read(letters("FIRST", inputs={"a": {"type": "integer", "min": 0, "max": 9_999}}, rows=[row]))

    failing = [evaluate(table, {"a": value}).traces[0].failing for value in (*range(2_500), 7)]

    assert failing == [CellTrace("a", "> 5000", str(value)) for value in (*range(2_500), 7)]


@pytest.mark.parametrize(
    ("cell", "met"),
    [
        ("[1..4], [3..6], 8", {1, 2, 3, 4, 5, 6, 8}),
        ("< 3, [2..5), >= 9", {1, 2, 3, 4, 9}),
        ("[2..3], (3..5]", {2, 3, 4, 5}),
        ("not([1..4], [3..6])", {7, 8, 9}),
        ("not(< 3, 2)", {3, 4, 5, 6, 7, 8, 9}),
    ],
)
def test_tests_of_one_cell_may_overlap(cell: str, met: set[int]) -> None:
    table = letters_table("FIRST", {"R": ({"a": cell}, "x")})

    assert {value for value in range(1, 10) if evaluate(table, {"a": value}).kind == "fired"} == met
