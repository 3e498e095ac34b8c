"""Whether a change of a table moves any case at all: a case that it moves, or the proof that there is none. Pure.

Both tables are asked about the same cases at once. Rows that stand in both and agree on everything that is still open
cannot make a difference; a branch in which only such rows are left is not looked at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from cases.rules.domains import MISSING, OutValue, Value
from cases.rules.evaluate import Verdict, evaluate
from cases.rules.pairs import PairAxis, Side, both, numbered, pair_axes
from cases.rules.problems import Unreadable
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


class _State(NamedTuple):
    axes: tuple[int, ...]  # that matter to some row that is left
    old: Side
    new: Side


class _Spent(Exception):
    pass


class _Pair:
    """Two tables whose rows are numbered together: a row that stands in both has one number."""

    def __init__(self, old: Table, new: Table, budget: int, always: Collection[str]) -> None:
        self._tables, self._left = (old, new), budget
        places, self._every = numbered(old, new)
        self._axes = tuple(pair_axes(old, new, places, always))
        self._alike = _same_frame(old, new)
        self._values = [_usual(axis) for axis in self._axes]
        self._seen: set[_State] = set()

    def compare(self) -> Comparison:
        old, new = (Side(every, every) for every in self._every)
        try:
            return self._look(tuple(range(len(self._axes))), old, new) or Same()
        except _Spent:
            return Unknown("the steps ran out before every case was compared")

    def _look(self, axes: tuple[int, ...], old: Side, new: Side) -> Differs | None:
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
        seen: set[tuple[Side, Side]] = set()
        before = self._values[chosen]
        for one in self._axes[chosen].classes:
            self._pay()
            self._values[chosen] = one.value
            if one.old is None or one.new is None:
                found = None if one.old is one.new else self._asked()
            else:
                sides = both(state.old, one.old), both(state.new, one.new)
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

    def _reduced(self, axes: tuple[int, ...], old: Side, new: Side) -> _State:
        """Without the rows that others stand before, and without the axes that nothing is left to ask of."""
        sides = []
        for number, side in enumerate((old, new)):
            asking = reduce(lambda rows, axis: rows | self._axes[axis].narrow[number], axes, 0)
            settled = side.may & ~asking if self._tables[number].hit in _MASKING else 0
            asked_first = ((settled & -settled) << 1) - 1  # -1, all rows, when none is settled
            sides.append(Side(side.may & asked_first, side.must & asked_first))
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

    def _weight(self, axis: PairAxis, state: _State) -> tuple[bool, int, int]:
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


def _usual(axis: PairAxis) -> Value:
    """A value that both tables take, for where nothing asks for it."""
    return next((one.value for one in axis.classes if one.old and one.new), MISSING)


def _same_frame(old: Table, new: Table) -> bool:
    """Whether rows that say the same give the same answers in both."""
    frames = [(table.hit, table.outputs, table.otherwise.outputs) for table in (old, new)]
    return frames[0] == frames[1]
