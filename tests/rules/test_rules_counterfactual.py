"""What would have had to be different: only what the table itself confirms."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from rule_tables import NEXT_STEP, letters, letters_table, read
from test_rules_reference import ALL, CASES, tables

from cases.rules import MISSING, NearMiss, Value, evaluate, nearest_misses

CLOSES: dict[str, Value] = {"topic": "windscreen", "glass": True, "amount": Decimal("500.00"), "photos": 1}


def misses(data: dict[str, Any], inputs: dict[str, Value], output: str, value: str) -> tuple[NearMiss, ...]:
    table = read(data)
    return nearest_misses(table, evaluate(table, inputs), inputs, output=output, value=value)


def test_a_row_that_misses_by_one_cell_is_told_with_the_nearest_value_that_helps() -> None:
    inputs = {**CLOSES, "amount": Decimal("700.00")}

    assert misses(NEXT_STEP, inputs, "step", "auto_close") == (
        NearMiss("R-010", "amount", "<= 500.00", Decimal("700.00"), Decimal("500.00")),
    )


def test_two_failing_cells_are_no_near_miss() -> None:
    inputs = {**CLOSES, "amount": Decimal("700.00"), "photos": 0}

    assert misses(NEXT_STEP, inputs, "step", "auto_close") == ()


def test_an_answer_that_is_given_already_has_no_near_misses() -> None:
    assert misses(NEXT_STEP, CLOSES, "step", "auto_close") == ()


def test_a_missing_input_can_be_the_one_thing_that_was_lacking() -> None:
    inputs = {name: value for name, value in CLOSES.items() if name != "glass"}

    assert misses(NEXT_STEP, inputs, "step", "auto_close") == (NearMiss("R-010", "glass", "true", MISSING, True),)


def test_a_known_input_can_be_what_stands_in_the_way() -> None:
    inputs = {**CLOSES, "glass": False, "plate": "known"}

    assert misses(NEXT_STEP, inputs, "requests", "plate") == (NearMiss("R-020", "plate", "missing", "known", MISSING),)


def test_a_guard_row_that_would_still_fire_keeps_a_row_out() -> None:
    table = letters_table("FIRST", {"G": ({"b": 1}, "y"), "R": ({"a": "< 5"}, "x")})
    inputs: dict[str, Value] = {"a": 9, "b": 1}

    assert nearest_misses(table, evaluate(table, inputs), inputs, output="letter", value="x") == ()


def test_nothing_is_promised_on_inputs_that_are_invalid() -> None:
    assert misses(NEXT_STEP, {**CLOSES, "amount": Decimal(700), "plate": "12-AB"}, "step", "auto_close") == ()


@pytest.mark.parametrize(
    ("column", "cell", "was", "instead"),
    [
        ({"type": "boolean"}, "true", False, True),
        ({"type": "text", "domain": ["a", "b", "c"], "nullable": True}, "not(c)", "c", "a"),
        ({"type": "text", "domain": ["a"], "nullable": True}, "null", "a", None),
        ({"type": "integer", "min": 0, "max": 9}, "not([3..5])", 5, 6),
        ({"type": "integer", "min": 0, "max": 9}, "< 3", 5, 2),
        ({"type": "integer", "min": 0, "max": 9, "nullable": True}, "< 3", None, 0),
        ({"type": "money", "min": 0, "max": 9}, "> 3", 3, Decimal("3.01")),
        ({"type": "decimal", "min": 0, "max": 1}, "(0.2..0.3)", Decimal("0.9"), Decimal("0.25")),
        ({"type": "date"}, "> 2026-01-01", date(2025, 6, 1), date(2026, 1, 2)),
    ],
)
def test_the_value_proposed_is_the_nearest_that_the_cell_takes(
    column: dict[str, object], cell: str, was: Value, instead: Value
) -> None:
    row = {"id": "R", "description": "A row", "when": {"a": cell}, "then": {"letter": "x"}}

    found = misses(letters("FIRST", inputs={"a": column}, rows=[row]), {"a": was}, "letter", "x")

    assert [(miss.value, miss.instead) for miss in found] == [(was, instead)]


@given(tables(ALL), CASES)
def test_every_near_miss_holds_when_it_is_tried(data: dict[str, Any], inputs: dict[str, Value]) -> None:
    table = read(data)

    for miss in nearest_misses(table, evaluate(table, inputs), inputs, output="out", value="x"):
        again = evaluate(table, {**inputs, miss.input: miss.instead})
        said = again.outputs["out"]
        assert miss.row in again.fired
        assert "x" in said if isinstance(said, tuple) else said == "x"
