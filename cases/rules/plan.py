"""A table compiled for speed: per column an index from a value to the set of rows whose cell it meets.

A set of rows is an int with one bit per row. Bit 0 is the row that is asked first, so that the first row that is
still possible is the lowest bit.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from operator import xor
from typing import Any

from cases.rules.cells import Cell, Form, Has, Is, Test, Within
from cases.rules.domains import CENT, MISSING, Domain, Kind, Sample, Value
from cases.rules.durations import Period
from cases.rules.samples import points, samples

Find = Callable[[Any], int | None]
Groups = Mapping[Cell, int]  # each different cell of a column -> the rows that have it


@dataclass(frozen=True, slots=True, eq=False)
class ColumnPlan:
    name: str
    domain: Domain
    find: Find  # the rows whose cell a value meets; None: no value of this column (TypeError: not even hashable)
    missing: tuple[int, int]  # rows still possible and rows met when the input is missing
    unreadable: tuple[int, int]  # the same when its value does not belong to the column
    cells: tuple[str, ...]  # per bit
    samples: tuple[Sample, ...]  # at least one value of each class that the cells tell apart
    stopped: dict[Any, Any] = field(default_factory=dict, repr=False)  # kept by traces: what they told before

    def takes(self, value: Value) -> bool:
        try:
            return self.find(value) is not None
        except TypeError:
            return False


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    columns: tuple[ColumnPlan, ...]
    rows: tuple[str, ...]  # row id per bit
    position: tuple[int, ...]  # per bit the row's place in the table, 0 based
    every: int  # all rows
    alike: tuple[int, ...]  # per bit the rows with the same outputs, itself included


def compile_plan(
    columns: Sequence[tuple[str, Domain]],
    rows: Sequence[tuple[str, Sequence[Cell], Any]],
    rank: Sequence[int],
) -> Plan:
    """`rows` are (id, cells, outputs) in table order; `rank` gives their positions in the order of asking."""
    asked = [rows[position] for position in rank]
    outputs = [row[2] for row in asked]
    return Plan(
        columns=tuple(
            _compile_column(name, domain, [row[1][number] for row in asked])
            for number, (name, domain) in enumerate(columns)
        ),
        rows=tuple(row[0] for row in asked),
        position=tuple(rank),
        every=(1 << len(rows)) - 1,
        alike=_alike(outputs),
    )


def _alike(outputs: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    said = [tuple(own.items()) for own in outputs]
    rows: dict[Any, int] = {}
    for bit, own in enumerate(said):
        rows[own] = rows.get(own, 0) | 1 << bit
    return tuple(rows[own] for own in said)


def lowest(rows: int) -> int:
    """The number of the lowest bit that is set; -1 when none is."""
    return (rows & -rows).bit_length() - 1


def bits(rows: int) -> tuple[int, ...]:
    """The numbers of the bits that are set, lowest first."""
    return _few_bits(rows) if rows.bit_length() <= _FEW else _bits_of(rows)


def _bits_of(rows: int) -> tuple[int, ...]:
    found = []
    while rows:
        found.append(lowest(rows))
        rows &= rows - 1
    return tuple(found)


_FEW = 256  # rows of a table whose sets are worth remembering
_few_bits = lru_cache(maxsize=4096)(_bits_of)  # the same few sets come back in every evaluation


def _bits(flags: Any) -> int:
    return sum(1 << bit for bit, flag in enumerate(flags) if flag)


def _compile_column(name: str, domain: Domain, cells: Sequence[Cell]) -> ColumnPlan:
    groups = _grouped(cells)
    missing_met = _met(groups, MISSING)
    tested = _bits(cell.form in (Form.IN, Form.NOT_IN) for cell in cells)
    present = _bits(cell.form in (Form.ANY, Form.PRESENT) for cell in cells)
    return ColumnPlan(
        name=name,
        domain=domain,
        find=_finder(domain, groups),
        missing=(missing_met | tested, missing_met),
        unreadable=(present | tested, present),
        cells=tuple(str(cell) for cell in cells),
        samples=samples(domain, cells),
    )


def _grouped(cells: Sequence[Cell]) -> Groups:
    groups: dict[Cell, int] = {}
    for bit, cell in enumerate(cells):
        groups[cell] = groups.get(cell, 0) | 1 << bit
    return groups


def _met(groups: Groups, value: Value) -> int:
    return sum(rows for cell, rows in groups.items() if cell.holds(value))


def _finder(domain: Domain, groups: Groups) -> Find:
    null = _met(groups, None) if domain.nullable else None
    match domain.kind:
        case Kind.BOOLEAN:
            return _find_boolean(_met(groups, True), _met(groups, False), null)
        case Kind.TEXT:
            by_value = _met_by_value(domain, groups)
            return (by_value if null is None else {**by_value, None: null}).get
        case Kind.SET:
            return _find_set(domain, groups, null)
        case _:
            return _find_ordered(domain, groups, null)


def _met_by_value(domain: Domain, groups: Groups) -> dict[Any, int]:
    """Per text the rows whose cell it meets; goes over the tests, not over every text with every cell."""
    always = sum(rows for cell, rows in groups.items() if cell.form in (Form.ANY, Form.PRESENT, Form.NOT_IN))
    by_value: dict[Any, int] = dict.fromkeys(domain.values, always)
    for cell, rows in groups.items():
        for test in cell.tests:
            assert isinstance(test, Is)  # text has no order
            if test.value is not None:
                by_value[test.value] ^= rows  # in a list it comes on, under not() it goes off
    return by_value


def _find_boolean(true: int, false: int, null: int | None) -> Find:
    def find(value: Any) -> int | None:
        if value is True:
            return true
        if value is False:
            return false
        return null if value is None else None

    return find


def _find_set(domain: Domain, groups: Groups, null: int | None) -> Find:
    values = frozenset(domain.values)
    asked: dict[tuple[str, ...], int] = {}  # the sets that were asked for before: the same few come back

    def find(value: Any) -> int | None:
        if value is None:
            return null
        if not isinstance(value, tuple):
            return None
        rows = asked.get(value)
        if rows is None and values.issuperset(value) and len(set(value)) == len(value):
            rows = _met(groups, value)
            if len(asked) < _MOST_ASKED:
                asked[value] = rows
        return rows

    return find


def _find_ordered(domain: Domain, groups: Groups, null: int | None) -> Find:
    ends = points(domain, groups)
    by_segment = _met_by_segment(ends, groups)
    belongs, count = _BELONGS[domain.kind], len(ends)

    def find(value: Any) -> int | None:
        if value is None:
            return null
        if not belongs(value):
            return None
        at = bisect_left(ends, value)  # the first and the last of the ends are those of the domain
        if at == count:
            return None
        if ends[at] == value:
            return by_segment[2 * at + 1]
        return by_segment[2 * at] if at else None

    return find


def _met_by_segment(ends: Sequence[Any], groups: Groups) -> list[int]:
    """Per segment the rows whose cell its values meet; goes once over the ends, switching rows on and off."""
    switched = [0] * (2 * len(ends) + 2)
    for cell, rows in groups.items():
        if cell.form in (Form.ANY, Form.PRESENT, Form.NOT_IN):
            switched[0] ^= rows
        for first, last in _joined(sorted(_segments(ends, test) for test in cell.tests)):
            switched[first] ^= rows
            switched[last + 1] ^= rows
    return list(accumulate(switched[:-1], xor))


def _segments(ends: Sequence[Any], test: Test) -> tuple[int, int]:
    """The first and the last segment that meet the test; the last before the first when none does."""
    match test:
        case Is(value=None):
            return 0, -1
        case Is(value=value):
            at = 2 * bisect_left(ends, value) + 1
            return at, at
        case Within(low=low, high=high):
            first = 0 if low is None else 2 * bisect_left(ends, low) + (2 if test.low_open else 1)
            last = 2 * len(ends) if high is None else 2 * bisect_left(ends, high) + (0 if test.high_open else 1)
            return first, last
        case Has():  # pragma: no cover  # a set has no order
            return 0, -1


def _joined(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same numbers in ranges that do not overlap; empty ranges left out. `ranges` are sorted."""
    open_: tuple[int, int] | None = None
    for first, last in ranges:
        if first > last:
            continue
        if open_ is not None and first <= open_[1] + 1:
            open_ = open_[0], max(open_[1], last)
            continue
        if open_ is not None:
            yield open_
        open_ = first, last
    if open_ is not None:
        yield open_


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_decimal(value: object) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else _is_integer(value)


def _is_money(value: object) -> bool:
    if not isinstance(value, Decimal):
        return _is_integer(value)
    if value.same_quantum(CENT):  # nearly always, and quickly told
        return True
    return value.is_finite() and value.adjusted() < _LARGEST and value == value.quantize(CENT)


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_duration(value: object) -> bool:
    return isinstance(value, timedelta) and not value.microseconds


def _is_period(value: object) -> bool:
    return isinstance(value, Period)


_MOST_ASKED = 4_096
_LARGEST = 20  # digits before the point: domains end at 18, and quantize() has room for 26
_BELONGS = {
    Kind.INTEGER: _is_integer,
    Kind.DECIMAL: _is_decimal,
    Kind.MONEY: _is_money,
    Kind.DATE: _is_date,
    Kind.DURATION: _is_duration,
    Kind.PERIOD: _is_period,
}
