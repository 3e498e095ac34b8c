"""Concrete values that stand for all others: two values that no cell tells apart need only one of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import timedelta
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

from cases.rules.cells import Cell, Is
from cases.rules.domains import CENT, ORDERED, Domain, Kind, Known

_EXACT = Context(prec=80)  # literals have at most 30 digits; half their sum needs 32


def points(domain: Domain, cells: Iterable[Cell]) -> list[Any]:
    """Every value where a cell may change its mind, ascending, with both ends of an ordered domain."""
    found = {domain.low, domain.high}
    for cell in cells:
        for test in cell.tests:
            found |= {test.value} if isinstance(test, Is) else {test.low, test.high}
    return sorted(found - {None})


def segment(points: list[Any], value: Any) -> int:
    """Number of the segment a value lies in: 2k + 1 at point k, 2k just below it."""
    return bisect_left(points, value) + bisect_right(points, value)


def samples(domain: Domain, cells: Iterable[Cell]) -> tuple[Known | None, ...]:
    """At least one value of every class that the cells can tell apart; ascending when ordered, null last."""
    null = (None,) if domain.nullable else ()
    if domain.kind in ORDERED:
        ends = points(domain, cells)
        between = [value for low, high in pairwise(ends) for value in (low, *_between(low, high, domain.kind))]
        return (*between, ends[-1], *null)
    return (*((True, False) if domain.kind is Kind.BOOLEAN else domain.values), *null)


def _between(low: Any, high: Any, kind: Kind) -> list[Any]:
    """The values next to both ends of an open interval, or one in the middle of a continuous one."""
    match kind:
        case Kind.DECIMAL:
            middle: Decimal = _EXACT.divide(_EXACT.add(low, high), Decimal(2))
            return [middle]
        case Kind.MONEY:
            step: Any = CENT
        case Kind.DATE:
            step = timedelta(days=1)
        case _:
            step = 1
    return sorted({value for value in (low + step, high - step) if low < value < high})
