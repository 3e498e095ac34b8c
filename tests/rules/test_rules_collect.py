"""Rows that are added up, counted, or compared: what they give together, and when that is not known yet."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rule_tables import letters, read

from cases.rules import Hit, OutValue, Table, TableRefused, Value, evaluate

POINTS = {"type": "integer", "min": -100, "max": 100}
MONEY = {"type": "money", "min": "-10", "max": "1000"}


def totals(
    hit: str,
    rows: Mapping[str, tuple[Mapping[str, object], object]],
    output: Mapping[str, Any] = POINTS,
    rest: object = 0,
) -> Table:
    """Rows by id as (when, value) over the inputs a, b (1 to 9); one output `total`. A value of None is left out."""
    written = [
        {"id": id_, "description": "A row", "when": when, "then": {} if value is None else {"total": value}}
        for id_, (when, value) in rows.items()
    ]
    otherwise = {"id": "E", "description": "None", "then": {"total": rest}}
    return read(letters(hit, outputs={"total": output}, rows=written, **{"else": otherwise}))


def refusals(*arguments: Any) -> str:
    with pytest.raises(TableRefused) as refused:
        totals(*arguments)
    return str(refused.value)


ROWS: dict[str, tuple[Mapping[str, object], object]] = {
    "R1": ({"a": "< 5"}, 3),
    "R2": ({"b": "< 5"}, 5),
    "R3": ({"a": "< 9"}, 0),
}


@pytest.mark.parametrize(("hit", "total"), [("COLLECT sum", 8), ("COLLECT min", 0), ("COLLECT max", 5)])
def test_the_rows_that_match_are_taken_together(hit: str, total: int) -> None:
    verdict = evaluate(totals(hit, ROWS), {"a": 1, "b": 1})

    assert (verdict.kind, verdict.fired, verdict.outputs) == ("fired", ("R1", "R2", "R3"), {"total": total})


def test_rows_are_counted_without_saying_anything() -> None:
    table = totals("COLLECT count", {id_: (when, None) for id_, (when, _) in ROWS.items()})

    assert evaluate(table, {"a": 1, "b": 9}).outputs == {"total": 2}
    assert evaluate(table, {"a": 9, "b": 9}).outputs == {"total": 0}
    assert table.hit is Hit.COUNT
    assert read(table.as_dict()) == table


def test_no_row_at_all_is_answered_by_the_else_row() -> None:
    verdict = evaluate(totals("COLLECT sum", ROWS, POINTS, -1), {"a": 9, "b": 9})

    assert (verdict.kind, verdict.outputs) == ("else", {"total": -1})


@pytest.mark.parametrize(
    ("hit", "inputs", "kind", "open_"),
    [
        ("COLLECT sum", {"a": 1}, "missing", ("R2",)),
        ("COLLECT sum", {"b": 1}, "missing", ("R1",)),  # R3 adds nothing
        ("COLLECT max", {"b": 1}, "fired", ()),  # nothing is greater
        ("COLLECT max", {"a": 1}, "missing", ("R2",)),
        ("COLLECT min", {"a": 1}, "fired", ()),  # nothing is less
        ("COLLECT min", {"b": 1}, "missing", ("R1", "R3")),
        ("COLLECT sum", {"a": 9}, "missing", ("R2",)),
    ],
)
def test_only_a_row_that_could_change_the_total_stands_in_its_way(
    hit: str, inputs: dict[str, Value], kind: str, open_: tuple[str, ...]
) -> None:
    verdict = evaluate(totals(hit, ROWS), inputs)

    assert (verdict.kind, verdict.undetermined) == (kind, open_)


def test_every_row_that_may_match_stands_in_the_way_of_a_count() -> None:
    table = totals("COLLECT count", {id_: (when, None) for id_, (when, _) in ROWS.items()})

    assert evaluate(table, {"b": 1}).undetermined == ("R1", "R3")


def test_amounts_are_added_to_the_cent() -> None:
    table = totals("COLLECT sum", {"R1": ({"a": 1}, "0.10"), "R2": ({"b": 1}, "0.20")}, MONEY)

    assert evaluate(table, {"a": 1, "b": 1}).outputs["total"] == Decimal("0.30")
    assert str(evaluate(table, {"a": 1, "b": 2}).outputs["total"]) == "0.10"


def test_long_numbers_are_added_without_rounding() -> None:
    wide = {"type": "decimal", "min": 0, "max": "999999999999999999"}
    table = totals("COLLECT sum", {"R1": ({"a": 1}, "123456789012345678.1"), "R2": ({"b": 1}, "0.000000000001")}, wide)

    assert evaluate(table, {"a": 1, "b": 1}).outputs["total"] == Decimal("123456789012345678.100000000001")


@pytest.mark.parametrize(
    ("output", "values", "least"),
    [
        ({"type": "date"}, ("2026-02-01", "2026-01-01"), date(2026, 1, 1)),
        ({"type": "duration", "min": "PT0S", "max": "P9D"}, ("P2D", "PT1H"), timedelta(hours=1)),
    ],
)
def test_the_earliest_and_the_shortest_can_be_taken(
    output: dict[str, Any], values: tuple[str, str], least: OutValue
) -> None:
    table = totals("COLLECT min", {"R1": ({"a": 1}, values[0]), "R2": ({"b": 1}, values[1])}, output, values[0])

    assert evaluate(table, {"a": 1, "b": 1}).outputs["total"] == least


@pytest.mark.parametrize(
    ("hit", "output", "problem"),
    [
        ("COLLECT sum", {"type": "text", "domain": ["x"]}, "hit: COLLECT sum adds up numbers, and not every output"),
        ("COLLECT sum", {"type": "date"}, "hit: COLLECT sum adds up numbers, and not every output is one; give the"),
        (
            "COLLECT max",
            {"type": "text", "domain": ["x"]},
            "hit: COLLECT max compares, and not every output has an order",
        ),
        ("COLLECT count", MONEY, "hit: COLLECT count gives one whole number; declare one output, of type integer"),
        ("COLLECT SUM", POINTS, "hit: 'COLLECT SUM' is no hit policy; did you mean"),
        ("COLLECT avg", POINTS, "hit: 'COLLECT avg' is no hit policy; did you mean"),
    ],
)
def test_a_total_that_cannot_be_made_is_refused(hit: str, output: dict[str, Any], problem: str) -> None:
    assert problem in refusals(hit, {}, output)


def test_a_total_that_could_leave_its_output_is_refused() -> None:
    rows = {"R1": ({"a": 1}, 60), "R2": ({"b": 1}, 50), "R3": ({"b": 2}, -60), "R4": ({"a": 2}, -50)}

    assert refusals("COLLECT sum", rows) == (
        "motor/rules/next_step.yaml outputs.total: the rows together can give 110, "
        "which is not a whole number from -100 to 100; widen min and max\n"
        "motor/rules/next_step.yaml outputs.total: the rows together can give -110, "
        "which is not a whole number from -100 to 100; widen min and max"
    )


def test_a_count_that_could_leave_its_output_is_refused() -> None:
    rows = {f"R{number}": ({"a": number}, None) for number in range(1, 4)}

    assert "the rows together can give 3" in refusals("COLLECT count", rows, {**POINTS, "max": 2})
    assert "the rows together can give 1" in refusals("COLLECT count", rows, {**POINTS, "min": 2}, 2)


def test_a_row_that_gives_a_number_where_rows_are_counted_is_refused() -> None:
    assert "COLLECT count counts rows, and a row gives a number; leave total out" in refusals(
        "COLLECT count", {"R1": ({"a": 1}, 2)}
    )


def test_a_table_without_rows_has_only_its_else_row_to_give() -> None:
    assert evaluate(totals("COLLECT sum", {}), {}).kind == "else"
