"""Concrete values that stand for all others: two values that no cell tells apart need only one of them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any, Final

from cases.rules.cells import Cell, Has, How, Is, Within
from cases.rules.domains import CENT, ORDERED, Domain, Kind, Sample
from cases.rules.durations import Period
from cases.rules.problems import Unreadable

MOST_SETS: Final = 4_096  # kinds of sets that the cells of one column may tell apart
_EXACT = Context(prec=80)  # literals have at most 30 digits; half their sum needs 32


def points(domain: Domain, cells: Iterable[Cell]) -> list[Any]:
    """Every value where a cell may change its mind, ascending, with both ends of an ordered domain."""
    found = {domain.low, domain.high}
    for cell in cells:
        for test in cell.tests:
            match test:
                case Is(value=value):
                    found.add(value)
                case Within(low=low, high=high):
                    found |= {low, high}
                case Has():  # pragma: no cover  # a set has no order, and no points
                    pass
    return sorted(found - {None})


def samples(domain: Domain, cells: Iterable[Cell]) -> tuple[Sample, ...]:
    """At least one value of every class that the cells can tell apart; ascending when ordered, null last.

    Raises Unreadable when the cells of a set column tell more than MOST_SETS kinds of sets apart.
    """
    null = (None,) if domain.nullable else ()
    if domain.kind in ORDERED:
        ends = points(domain, cells)
        between = [value for low, high in pairwise(ends) for value in (low, *_between(low, high, domain.kind))]
        return (*between, ends[-1], *null)
    if domain.kind is Kind.SET:
        return (*_sets(domain, {test for cell in cells for test in cell.tests if isinstance(test, Has)}), *null)
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
        case Kind.DURATION:
            step = timedelta(seconds=1)
        case Kind.PERIOD:
            return sorted({Period(one) for one in (low.months + 1, high.months - 1) if low.months < one < high.months})
        case _:
            step = 1
    return sorted({value for value in (low + step, high - step) if low < value < high})


def _sets(domain: Domain, tests: Iterable[Has]) -> Sequence[tuple[str, ...]]:
    """One set for each combination of answers that the tests can give; small ones before large ones.

    Goes over the values once, and keeps one set for each state of the tests: sets in the same state fare alike
    whatever is added to them. One bit a test.
    """
    asked = sorted(tests, key=str)
    state = sum(1 << bit for bit, test in enumerate(asked) if test.how is not How.ANY)
    known: dict[int, tuple[str, ...]] = {state: ()}
    for value in _telling(domain, asked):
        wins = sum(1 << bit for bit, test in enumerate(asked) if test.how is How.ANY and value in test.values)
        loses = sum(
            1 << bit
            for bit, test in enumerate(asked)
            if test.how is How.EMPTY or (test.how is How.NONE and value in test.values)
        )
        lacks = sum(1 << bit for bit, test in enumerate(asked) if test.how is How.ALL and value in test.values)
        grown: dict[int, tuple[str, ...]] = {}
        for state, chosen in known.items():
            grown.setdefault(state & ~lacks, chosen)
        for state, chosen in known.items():
            grown.setdefault(state & ~loses | wins, (*chosen, value))
        known = grown
        if len(known) > MOST_SETS:
            raise Unreadable(
                f"the cells tell more than {MOST_SETS} kinds of sets apart",
                "name fewer different values in this column, or split the table",
            )
    return sorted(known.values(), key=len)


def _telling(domain: Domain, tests: Iterable[Has]) -> list[str]:
    """The values that some test names, and one that none does if there is one; in the order of the domain."""
    named = {value for test in tests for value in test.values}
    other = next((value for value in domain.values if value not in named), None)
    return [value for value in domain.values if value in named or value == other]
