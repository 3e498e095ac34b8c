"""The values a table can be asked about, in the finitely many classes that its cells can tell apart.

Inputs that read the same source always have the same value, so they share one axis. On an axis two values that leave
the same rows are one class; a missing value is the last class. A set of rows or of classes is an int, a bit for each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import and_
from types import MappingProxyType

from cases.rules.cells import Cell
from cases.rules.domains import MISSING, Domain, Kind, Value
from cases.rules.plan import ColumnPlan, bits
from cases.rules.samples import samples
from cases.rules.table import Input, Table

Box = tuple[int, ...]  # per axis a set of classes
Point = tuple[int, ...]  # per axis the number of a class


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    names: tuple[str, ...]  # the inputs that read this source, in the order of the table
    domain: Domain
    cells: tuple[Cell, ...]  # everything that is asked of it
    values: tuple[Value, ...]  # at least one of every class: ascending, null, MISSING
    classes: tuple[int, ...]  # per value the class it belongs to
    may: tuple[int, ...]  # per class the rows that are not definitely false
    must: tuple[int, ...]  # per class the rows that are definitely true
    known: int  # the classes of values that are there; null is one of them
    met: tuple[int, ...]  # per row the classes in which it is definitely true

    @property
    def every(self) -> int:
        return (1 << len(self.may)) - 1

    def value(self, number: int) -> Value:
        return self.values[self.classes.index(number)]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    axes: tuple[Axis, ...]
    rows: int  # all rows of the plan, whose bits stand in the order of asking

    @property
    def kinds(self) -> int:
        """How many kinds of complete case the table can tell apart."""
        return reduce(lambda product, axis: product * max(axis.known.bit_count(), 1), self.axes, 1)

    def everything(self) -> Box:
        return tuple(axis.every for axis in self.axes)

    def known(self) -> Box:
        """All complete cases; where a source can have no value at all, without it."""
        return tuple(axis.known or axis.every for axis in self.axes)

    def of_row(self, bit: int) -> Box:
        """The cases in which the row is definitely true."""
        return tuple(axis.met[bit] for axis in self.axes)

    def inputs(self, point: Point) -> Mapping[str, Value]:
        """A case at this point, by the names of the table; what is missing is left out."""
        found: dict[str, Value] = {}
        for axis, number in zip(self.axes, point, strict=True):
            if (value := axis.value(number)) is not MISSING:
                found |= dict.fromkeys(axis.names, value)
        return MappingProxyType(found)


def any_of(masks: Sequence[int], classes: int) -> int:
    """The rows that some of these classes leave."""
    rows = 0
    for number in bits(classes):
        rows |= masks[number]
    return rows


def all_of(masks: Sequence[int], classes: int) -> int:
    """The rows that every one of these classes leaves; -1 (all of them) when there is no class."""
    rows = -1
    for number in bits(classes):
        rows &= masks[number]
    return rows


def build_space(table: Table, *, always: Collection[str] = ()) -> Space:
    """`always` names the inputs that are never missing: a count of photos, whether a register knows somebody."""
    places = sorted(range(len(table.inputs)), key=lambda place: _first_place(table.inputs, place))
    grouped = groupby(places, key=lambda place: _first_place(table.inputs, place))
    axes = tuple(_axis(table, tuple(group), always) for _, group in grouped)
    return Space(axes, table.plan.every)


def _first_place(inputs: Sequence[Input], place: int) -> int:
    """The place of the first input that reads the same source as the same kind of value."""
    asked = (inputs[place].source, inputs[place].domain.kind)
    return next(first for first, one in enumerate(inputs) if (one.source, one.domain.kind) == asked)


def _axis(table: Table, places: tuple[int, ...], always: Collection[str]) -> Axis:
    columns = [table.plan.columns[place] for place in places]
    inputs = [table.inputs[place] for place in places]
    cells = tuple({row.cells[place]: None for place in places for row in table.rows})
    domain = inputs[0].domain if len(inputs) == 1 else shared_domain([one.domain for one in inputs])
    values: list[Value] = []
    masks: list[tuple[int, int]] = []
    for value in columns[0].samples if len(columns) == 1 else _shared_samples(domain, cells, columns):
        rows = reduce(and_, (column.find(value) or 0 for column in columns))
        values.append(value)
        masks.append((rows, rows))
    known = dict.fromkeys(masks)
    order = list(known)
    if not all(one.name in always for one in inputs):
        may, must = (reduce(and_, (column.missing[part] for column in columns)) for part in (0, 1))
        values.append(MISSING)
        order.append((may, must))
    classes = tuple(order.index(mask) for mask in masks) + (() if len(order) == len(known) else (len(known),))
    must_of = tuple(must for _, must in order)
    return Axis(
        names=tuple(one.name for one in inputs),
        domain=domain,
        cells=cells,
        values=tuple(values),
        classes=classes,
        may=tuple(may for may, _ in order),
        must=must_of,
        known=(1 << len(known)) - 1,
        met=_by_row(must_of, len(table.plan.rows)),
    )


def _by_row(masks: Iterable[int], count: int) -> tuple[int, ...]:
    found = [0] * count
    for number, rows in enumerate(masks):
        for bit in bits(rows):
            found[bit] |= 1 << number
    return tuple(found)


def shared_domain(domains: Sequence[Domain]) -> Domain:
    """What belongs to all of them."""
    first = domains[0]
    lows = [domain.low for domain in domains if domain.low is not None]
    highs = [domain.high for domain in domains if domain.high is not None]
    return Domain(
        kind=first.kind,
        values=tuple(value for value in first.values if all(value in domain.values for domain in domains)),
        low=max(lows, default=None),
        high=min(highs, default=None),
        nullable=all(domain.nullable for domain in domains),
    )


def _shared_samples(domain: Domain, cells: Iterable[Cell], columns: Iterable[ColumnPlan]) -> list[Value]:
    if domain.kind is not Kind.BOOLEAN and not domain.values and (domain.low is None or domain.low > domain.high):
        return [None] if domain.nullable else []
    return [value for value in samples(domain, cells) if all(column.takes(value) for column in columns)]
