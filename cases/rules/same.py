"""Whether a change of a table moves any case at all: a case that it moves, or the proof that there is none. Pure.

Both tables are asked about the same cases at once. Rows that stand in both and agree on everything that is still open
cannot make a difference; a branch in which only such rows are left is not looked at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import reduce
from operator import and_
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias, assert_never

from cases.rules.cells import Cell, Form, Is
from cases.rules.domains import MISSING, ORDERED, Domain, OutValue, Value
from cases.rules.evaluate import Verdict, evaluate
from cases.rules.plan import ColumnPlan, bits
from cases.rules.problems import Unreadable
from cases.rules.samples import samples
from cases.rules.table import Hit, Table

STEPS: Final = 200_000
_MASKING: Final = frozenset({Hit.FIRST, Hit.PRIORITY})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a case gets: outputs, or the reason why a person decides. Which row said it does not count."""

    kind: Literal["decided", "missing", "conflict", "invalid"]
    outputs: Mapping[str, OutValue] = field(hash=False)
    rows: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Same:
    """No case gets another answer."""


@dataclass(frozen=True, slots=True)
class Differs:
    old_inputs: Mapping[str, Value] = field(hash=False)  # the same case, by the names of either table
    new_inputs: Mapping[str, Value] = field(hash=False)
    old: Answer
    new: Answer

    @property
    def witness(self) -> Mapping[str, Value]:
        return {**self.old_inputs, **self.new_inputs}


@dataclass(frozen=True, slots=True)
class Unknown:
    why: str


Comparison: TypeAlias = Same | Differs | Unknown


def answer(verdict: Verdict) -> Answer:
    match verdict.kind:
        case "fired" | "else":
            return Answer("decided", verdict.outputs, verdict.fired)
        case "missing":
            return Answer("missing", verdict.outputs, verdict.undetermined)
        case "conflict" | "invalid":
            return Answer(verdict.kind, verdict.outputs, verdict.fired)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(verdict.kind)


def prove_same(old: Table, new: Table, *, budget: int = STEPS, always: Collection[str] = ()) -> Comparison:
    """Whether every case gets the same answer from both tables, in at most `budget` steps.

    A case is what the sources of the inputs say of it, so an input may be renamed. `always` names inputs that are
    never missing.
    """
    kinds: dict[str, set[str]] = {}
    for column in (*old.inputs, *new.inputs):
        kinds.setdefault(column.source, set()).add(column.domain.kind)
    for source, found in kinds.items():
        if len(found) > 1:
            return Unknown(f"{source} is read as {' and as '.join(sorted(found))}; only a replay can tell")
    try:
        return _Pair(old, new, budget, always).compare()
    except Unreadable as refused:
        return Unknown(f"{refused.what}; only a replay can tell")


class _Side(NamedTuple):
    may: int
    must: int


class _Class(NamedTuple):
    """What one class of values leaves of both tables; None where the value does not belong to the table's input."""

    value: Value
    old: _Side | None
    new: _Side | None


class _Axis(NamedTuple):
    names: tuple[tuple[str, ...], tuple[str, ...]]  # the inputs of old and of new that read this source
    classes: tuple[_Class, ...]
    narrow: tuple[int, int]  # the rows of old and of new that not every class leaves as they are
    unlike: int  # the rows that old and new tell apart here
    uneven: bool  # some value belongs to one of the tables only


class _State(NamedTuple):
    axes: tuple[int, ...]  # that matter to some row that is left
    old: _Side
    new: _Side


class _Spent(Exception):
    pass


class _Pair:
    """Two tables whose rows are numbered together: a row that stands in both has one number."""

    def __init__(self, old: Table, new: Table, budget: int, always: Collection[str]) -> None:
        self._tables, self._left = (old, new), budget
        places, self._every = _numbered(old, new)
        self._axes = tuple(_axes(old, new, places, always))
        self._alike = _same_frame(old, new)
        self._values = [_usual(axis) for axis in self._axes]
        self._seen: set[_State] = set()

    def compare(self) -> Comparison:
        old, new = (_Side(every, every) for every in self._every)
        try:
            return self._look(tuple(range(len(self._axes))), old, new) or Same()
        except _Spent:
            return Unknown("the steps ran out before every case was compared")

    def _look(self, axes: tuple[int, ...], old: _Side, new: _Side) -> Differs | None:
        state = self._reduced(axes, old, new)
        if state in self._seen or not self._may_differ(state):
            return None
        if not state.axes:
            found = self._asked()
        else:
            chosen = max(state.axes, key=lambda axis: self._weight(self._axes[axis], state))
            rest = tuple(axis for axis in state.axes if axis != chosen)
            found = self._branch(chosen, rest, state)
        self._seen.add(state)
        return found

    def _branch(self, chosen: int, rest: tuple[int, ...], state: _State) -> Differs | None:
        seen: set[tuple[_Side, _Side]] = set()
        before = self._values[chosen]
        for one in self._axes[chosen].classes:
            self._pay()
            self._values[chosen] = one.value
            if one.old is None or one.new is None:
                found = None if one.old is one.new else self._asked()
            else:
                sides = _both(state.old, one.old), _both(state.new, one.new)
                found = None if sides in seen else self._look(rest, *sides)
                seen.add(sides)
            if found:
                return found
        self._values[chosen] = before
        return None

    def _pay(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Spent

    def _reduced(self, axes: tuple[int, ...], old: _Side, new: _Side) -> _State:
        """Without the rows that others stand before, and without the axes that nothing is left to ask of."""
        sides = []
        for number, side in enumerate((old, new)):
            asking = reduce(lambda rows, axis: rows | self._axes[axis].narrow[number], axes, 0)
            settled = side.may & ~asking if self._tables[number].hit in _MASKING else 0
            asked_first = ((settled & -settled) << 1) - 1  # -1, all rows, when none is settled
            sides.append(_Side(side.may & asked_first, side.must & asked_first))
        old, new = sides
        matter = tuple(
            axis
            for axis in axes
            if self._axes[axis].uneven or old.may & self._axes[axis].narrow[0] or new.may & self._axes[axis].narrow[1]
        )
        return _State(matter, old, new)

    def _may_differ(self, state: _State) -> bool:
        if not self._alike or state.old != state.new:
            return True
        return any(self._axes[axis].uneven or self._axes[axis].unlike & state.old.may for axis in state.axes)

    def _weight(self, axis: _Axis, state: _State) -> tuple[bool, int, int]:
        """First what makes the two tables differ, then what settles the most rows."""
        rows = state.old.may | state.new.may
        return axis.uneven, (axis.unlike & rows).bit_count(), ((axis.narrow[0] | axis.narrow[1]) & rows).bit_count()

    def _asked(self) -> Differs | None:
        old, new = self._tables
        given: list[Mapping[str, Value]] = []
        for number in (0, 1):
            values = {
                name: value
                for axis, value in zip(self._axes, self._values, strict=True)
                for name in axis.names[number]
                if value is not MISSING
            }
            given.append(MappingProxyType(values))
        was, now = answer(evaluate(old, given[0])), answer(evaluate(new, given[1]))
        return None if was == now else Differs(given[0], given[1], was, now)


def _usual(axis: _Axis) -> Value:
    """A value that both tables take, for where nothing asks for it."""
    return next((one.value for one in axis.classes if one.old and one.new), MISSING)


def _both(one: _Side, two: _Side) -> _Side:
    return _Side(one.may & two.may, one.must & two.must)


def _same_frame(old: Table, new: Table) -> bool:
    """Whether rows that say the same give the same answers in both."""
    frames = [(table.hit, table.outputs, table.otherwise.outputs) for table in (old, new)]
    return frames[0] == frames[1]


def _numbered(old: Table, new: Table) -> tuple[tuple[list[int], list[int]], tuple[int, int]]:
    """Per table the common number of each of its rows, in the order of asking; and all of its rows."""
    rows = [[table.rows[place] for place in table.plan.position] for table in (old, new)]
    names = [[(row.id, tuple(row.outputs.items())) for row in some] for some in rows]
    places: tuple[list[int], list[int]] = ([], [])
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


def _axes(old: Table, new: Table, places: tuple[list[int], list[int]], always: Collection[str]) -> Iterator[_Axis]:
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


def _axis(sides: list[list[ColumnPlan]], values: Sequence[Value], places: tuple[list[int], list[int]]) -> _Axis:
    found: dict[tuple[_Side | None, _Side | None], _Class] = {}
    for value in values:
        old, new = (_side(columns, value, numbers) for columns, numbers in zip(sides, places, strict=True))
        found.setdefault((old, new), _Class(value, old, new))
    classes = tuple(found.values())
    narrow = []
    for one in (1, 2):
        masks = [side for found_class in classes if isinstance(side := found_class[one], _Side)]
        narrow.append(~reduce(and_, (side.may & side.must for side in masks), -1))
    return _Axis(
        names=(tuple(column.name for column in sides[0]), tuple(column.name for column in sides[1])),
        classes=classes,
        narrow=(narrow[0], narrow[1]),
        unlike=reduce(lambda rows, one: rows | _unlike(one), classes, 0),
        uneven=any((one.old is None) != (one.new is None) for one in classes),
    )


def _unlike(one: _Class) -> int:
    if one.old is None or one.new is None:
        return 0
    return (one.old.may ^ one.new.may) | (one.old.must ^ one.new.must)


def _side(columns: Sequence[ColumnPlan], value: Value, numbers: Sequence[int]) -> _Side | None:
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
        return _Side(-1, -1)
    return _Side(*(_bits_of([numbers[bit] for bit in bits(rows)]) for rows in (may, must)))


def _widest(domains: Sequence[Domain]) -> Domain:
    """What belongs to any of them."""
    ordered = domains[0].kind in ORDERED
    low: Any = min(domain.low for domain in domains) if ordered else None
    high: Any = max(domain.high for domain in domains) if ordered else None
    values = tuple(dict.fromkeys(value for domain in domains for value in domain.values))
    return Domain(domains[0].kind, values, low, high, any(domain.nullable for domain in domains))
