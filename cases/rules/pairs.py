"""Two tables asked about the same cases: one axis for each source that either reads, one number for each common row."""

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from cases.rules.cells import Cell, Form, Is
from cases.rules.domains import MISSING, ORDERED, Domain, Value
from cases.rules.plan import ColumnPlan, bits
from cases.rules.samples import samples
from cases.rules.table import Table

Numbers = tuple[list[int], list[int]]  # of old and of new: per row in the order of asking, its number in both


class Side(NamedTuple):
    """The rows of one table that are still possible, and those that are definitely true as far as was asked."""

    may: int
    must: int


class Class(NamedTuple):
    """What one class of values leaves of both tables; None where the value does not belong to the table's input."""

    value: Value
    old: Side | None
    new: Side | None


class PairAxis(NamedTuple):
    names: tuple[tuple[str, ...], tuple[str, ...]]  # the inputs of old and of new that read this source
    classes: tuple[Class, ...]
    narrow: tuple[int, int]  # the rows of old and of new that not every class leaves as they are
    unlike: int  # the rows that old and new tell apart here
    uneven: bool  # some value belongs to one of the tables only


def both(one: Side, two: Side) -> Side:
    return Side(one.may & two.may, one.must & two.must)


def numbered(old: Table, new: Table) -> tuple[Numbers, tuple[int, int]]:
    """Per table the common number of each of its rows, in the order of asking; and all of its rows."""
    rows = [[table.rows[place] for place in table.plan.position] for table in (old, new)]
    names = [[(row.id, tuple(row.outputs.items())) for row in some] for some in rows]
    places: Numbers = ([], [])
    count = 0
    matcher = SequenceMatcher(None, names[0], names[1], autojunk=False)
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            numbers = list(range(count, count := count + end - start))
            places[0].extend(numbers)
            places[1].extend(numbers)
        else:
            places[0].extend(range(count, count := count + end - start))
            places[1].extend(range(count, count := count + high - low))
    return places, (_bits_of(places[0]), _bits_of(places[1]))


def _bits_of(numbers: Sequence[int]) -> int:
    return sum(1 << number for number in numbers)


def pair_axes(old: Table, new: Table, places: Numbers, always: Collection[str]) -> Iterator[PairAxis]:
    """In the order of the old table's inputs, then of the new one's.

    Raises Unreadable when the cells of a set column tell too many kinds of sets apart.
    """
    sources = dict.fromkeys(column.source for column in (*old.inputs, *new.inputs))
    for source in sources:
        sides = []
        cells: list[Cell] = []
        for table in (old, new):
            here = [place for place, column in enumerate(table.inputs) if column.source == source]
            cells += [row.cells[place] for place in here for row in table.rows]
            sides.append([table.plan.columns[place] for place in here])
        domains = [column.domain for side in sides for column in side]
        ends = [end for domain in domains for end in (domain.low, domain.high) if end is not None]
        cells += [Cell(Form.IN, (Is(end),)) for end in ends]
        values: list[Value] = list(samples(_widest(domains), dict.fromkeys(cells)))
        if not all(column.name in always for side in sides for column in side):
            values.append(MISSING)
        yield _axis(sides, values, places)


def _axis(sides: list[list[ColumnPlan]], values: Sequence[Value], places: Numbers) -> PairAxis:
    found: dict[tuple[Side | None, Side | None], Class] = {}
    for value in values:
        old, new = (_side(columns, value, numbers) for columns, numbers in zip(sides, places, strict=True))
        found.setdefault((old, new), Class(value, old, new))
    classes = tuple(found.values())
    narrow = []
    for one in (1, 2):
        masks = [side for found_class in classes if isinstance(side := found_class[one], Side)]
        narrow.append(~reduce(and_, (side.may & side.must for side in masks), -1))
    return PairAxis(
        names=(tuple(column.name for column in sides[0]), tuple(column.name for column in sides[1])),
        classes=classes,
        narrow=(narrow[0], narrow[1]),
        unlike=reduce(lambda rows, one: rows | _unlike(one), classes, 0),
        uneven=any((one.old is None) != (one.new is None) for one in classes),
    )


def _unlike(one: Class) -> int:
    if one.old is None or one.new is None:
        return 0
    return (one.old.may ^ one.new.may) | (one.old.must ^ one.new.must)


def _side(columns: Sequence[ColumnPlan], value: Value, numbers: Sequence[int]) -> Side | None:
    """What a value leaves of one table; all of it where the table does not read this source."""
    may = must = -1
    for column in columns:
        if value is MISSING:
            possible, met = column.missing
        elif column.takes(value):
            possible = met = column.find(value) or 0
        else:
            return None
        may, must = may & possible, must & met
    if may == -1:
        return Side(-1, -1)
    return Side(*(_bits_of([numbers[bit] for bit in bits(rows)]) for rows in (may, must)))


def _widest(domains: Sequence[Domain]) -> Domain:
    """What belongs to any of them."""
    ordered = domains[0].kind in ORDERED
    low: Any = min(domain.low for domain in domains) if ordered else None
    high: Any = max(domain.high for domain in domains) if ordered else None
    values = tuple(dict.fromkeys(value for domain in domains for value in domain.values))
    return Domain(domains[0].kind, values, low, high, any(domain.nullable for domain in domains))
