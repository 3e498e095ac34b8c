"""Evaluates a table in three-valued logic: an answer, or the reason why there is none. Never a silent non-match."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, assert_never

from cases.rules.collect import collected
from cases.rules.domains import MISSING, OutValue, Value
from cases.rules.plan import bits, lowest
from cases.rules.problems import instead_of, shown
from cases.rules.table import Hit, Table
from cases.rules.trace import Reading, RowTrace, read_traces

Kind = Literal["fired", "else", "missing", "conflict", "invalid"]
_NOTHING: Mapping[str, OutValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InvalidInput:
    """A value that does not belong to its column, or a name that the table does not know."""

    input: str
    value: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fired` and `else` carry outputs; `missing`, `conflict` and `invalid` send the case to a person."""

    kind: Kind
    reading: Reading = field(compare=False, repr=False)
    outputs: Mapping[str, OutValue] = field(default_factory=lambda: _NOTHING, hash=False)
    fired: tuple[str, ...] = ()  # row ids in table order; of a conflict, the rows that contradict each other
    missing: tuple[str, ...] = ()  # the inputs that the undetermined rows ask for
    undetermined: tuple[str, ...] = ()  # the rows that stand between the inputs and an answer
    invalid: tuple[InvalidInput, ...] = ()

    @property
    def inputs(self) -> Mapping[str, Value]:
        """Every input of the table as it was read, MISSING where nothing was known."""
        names = (column.name for column in self.reading.plan.columns)
        return dict(zip(names, self.reading.values, strict=True))

    @property
    def traces(self) -> tuple[RowTrace, ...]:
        """One trace for every row of the table, in its order; built from the reading when asked for."""
        return read_traces(self.reading, frozenset(problem.input for problem in self.invalid))


def evaluate(table: Table, inputs: Mapping[str, Value]) -> Verdict:
    """What the table says about these inputs; an absent key is a missing input.

    A value outside its column, or a name that the table does not know, gives the verdict `invalid`, whatever
    the rows say: nothing is decided on inputs that cannot be right.
    """
    plan = table.plan
    values: list[Value] = []
    possible: list[int] = []
    met: list[int] = []
    alive = sure = plan.every
    unread = len(inputs)
    invalid = False
    for column in plan.columns:
        value = inputs.get(column.name, MISSING)
        if value is MISSING:
            may, must = column.missing
        else:
            unread -= 1
            try:
                found = column.find(value)
            except TypeError:  # unhashable: a list where text should be
                found = None
            invalid = invalid or found is None
            may, must = column.unreadable if found is None else (found, found)
        values.append(value)
        possible.append(may)
        met.append(must)
        alive &= may
        sure &= must
    reading = Reading(plan, values, possible, met)
    if (invalid or unread) and (problems := _invalid(inputs, reading)):
        return Verdict("invalid", reading, invalid=problems)
    return decide(table, reading, sure, alive & ~sure)


def _invalid(inputs: Mapping[str, Value], reading: Reading) -> tuple[InvalidInput, ...]:
    columns = {column.name: column for column in reading.plan.columns}
    problems = [
        InvalidInput(name, shown(value), str(column.domain))
        for (name, column), value in zip(columns.items(), reading.values, strict=True)
        if value is not MISSING and not column.takes(value)
    ]
    problems += [
        InvalidInput(str(name), shown(value), f"no input of the table; {instead_of(name, columns)}")
        for name, value in inputs.items()
        if name not in columns
    ]
    return tuple(problems)


def decide(table: Table, reading: Reading, matched: int, unsure: int) -> Verdict:
    """What rows that match and rows that may match amount to; as sets of the plan's bits."""
    match table.hit:
        case Hit.FIRST | Hit.PRIORITY:
            return _first(table, reading, matched, unsure)
        case Hit.UNIQUE:
            return _agreed(table, reading, matched, unsure, alike=matched & -matched)
        case Hit.ANY:
            alike = reading.plan.alike[lowest(matched)] if matched else 0
            return _agreed(table, reading, matched, unsure, alike=alike)
        case Hit.COLLECT | Hit.SUM | Hit.MIN | Hit.MAX | Hit.COUNT:
            return _collected(table, reading, matched, unsure)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(table.hit)


def _first(table: Table, reading: Reading, matched: int, unsure: int) -> Verdict:
    """The first row that is not definitely false: it fires, or it stands in the way of all below it."""
    alive = matched | unsure
    first = alive & -alive
    if first & unsure:
        return _missing(reading, first)
    if not first:
        return _else(table, reading)
    row = table.rows[reading.plan.position[first.bit_length() - 1]]
    return Verdict("fired", reading, row.outputs, (row.id,))


def _agreed(table: Table, reading: Reading, matched: int, unsure: int, *, alike: int) -> Verdict:
    """One answer of all rows that match; `alike` are the rows that may match together."""
    fired = tuple(reading.plan.rows[bit] for bit in bits(matched))
    if matched & ~alike:
        return Verdict("conflict", reading, fired=fired)
    if unsure & ~alike:
        return _missing(reading, unsure & ~alike)
    if not matched:
        return _else(table, reading)
    return Verdict("fired", reading, table.rows[lowest(matched)].outputs, fired)


def _collected(table: Table, reading: Reading, matched: int, unsure: int) -> Verdict:
    rows = [table.rows[bit] for bit in bits(matched)]
    joined = collected(table.hit, table.outputs, rows) if rows else {}
    open_rows = [
        bit
        for bit in bits(unsure)
        if not rows or collected(table.hit, table.outputs, [*rows, table.rows[bit]]) != joined
    ]
    if open_rows:
        return _missing(reading, sum(1 << bit for bit in open_rows))
    if not rows:
        return _else(table, reading)
    return Verdict("fired", reading, joined, tuple(row.id for row in rows))


def _else(table: Table, reading: Reading) -> Verdict:
    return Verdict("else", reading, table.otherwise.outputs, (table.otherwise.id,))


def _missing(reading: Reading, rows: int) -> Verdict:
    plan = reading.plan
    missing = tuple(
        column.name
        for column, may, met in zip(plan.columns, reading.possible, reading.met, strict=True)
        if may & ~met & rows
    )
    return Verdict("missing", reading, missing=missing, undetermined=tuple(plan.rows[bit] for bit in bits(rows)))
