"""Cells of a decision table: unary tests of FEEL, asked of a value."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines.exchange.feel import Known, Run, Scope, parse_tests

NAMES: dict[str, Any] = {
    "Monthly Income": Decimal(1000),
    "limit": Decimal(5),
    "unknown": None,
    "colours": ["red", "blue"],
    "ranges": [],
    "start": date(2026, 1, 1),
}


def met(cell: str, value: object) -> object:
    return parse_tests(cell, Known(NAMES)).value(Scope({**NAMES, "?": value}, Run()))


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", None, True),
        ("", Decimal(3), True),
        ("<= 10", Decimal(10), True),
        ("< 10", Decimal(10), False),
        ("5", Decimal(5), True),
        ("-5", Decimal(-5), True),
        ("5", None, False),
        ("null", None, True),
        ("null", Decimal(5), False),
        ("not(null)", Decimal(5), True),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ("[1..5]", Decimal(5), True),
        ("[1..5)", Decimal(5), False),
        ("[1..5[", Decimal(5), False),
        ("]1..5]", Decimal(1), False),
        ("(1..5]", Decimal(1), False),
        ("[1..5], > 10", Decimal(11), True),
        ("not([1..5], > 10)", Decimal(11), False),
        ("< Monthly Income * 0.3", Decimal(299), True),
        ("< Monthly Income * 0.3", Decimal(300), False),
        ("limit", Decimal(5), True),
        ("> limit", None, None),
        ("> unknown", Decimal(1), None),
        ("[unknown..5]", Decimal(1), None),
        ("? > 3 and ? < limit", Decimal(4), True),
        ('contains(?, "x")', "axe", True),
        ("colours", "red", True),
        ("not(colours)", "red", False),
        ("true", True, True),
        ("true", False, False),
        ("true", None, False),
        ("false", False, True),
        ('> date("2026-01-01")', date(2026, 1, 2), True),
        ('[@"2026-01-01"..@"2026-12-31"]', date(2026, 6, 1), True),
        ('[start..@"2026-12-31"]', date(2025, 6, 1), False),
        ('"10"', Decimal(10), None),
        ("(limit + 1) * 2", Decimal(12), True),
        ("= 5", Decimal(5), True),
        ("!= 5", Decimal(5), False),
    ],
)
def test_a_cell_is_met_or_not_or_has_no_answer(cell: str, value: object, expected: object) -> None:
    assert met(cell, value) is expected


def test_a_list_meets_a_cell_that_is_the_same_list_or_names_one_of_its_elements() -> None:
    assert met("colours", ["red", "blue"]) is True
    assert met('"red"', ["red", "blue"]) is True
    assert met('"green"', ["red", "blue"]) is False
