"""Proves what a table can and cannot do: cases without a row, rows that contradict or hide each other. Pure.

Everything is exact over the classes of values that the cells can tell apart (see `spaces`), for complete cases and for
those with missing inputs. What takes more than the given number of steps is told as "unknown", never guessed.
"""

from collections.abc import Collection, Iterator
from typing import Final, Literal

from cases.rules.cover import Cover, StepsSpent
from cases.rules.domains import MISSING, Kind
from cases.rules.evaluate import evaluate
from cases.rules.findings import Gap, Overlap, Shadowed, Stop, Unreachable, Verification
from cases.rules.plan import bits, lowest
from cases.rules.regions import either, region_words
from cases.rules.spaces import Box, Point, Space, all_of, any_of, build_space
from cases.rules.table import Hit, Table

STEPS: Final = 500_000  # some seconds of one core at worst; a table of 30 rows takes a few hundred
MOST_GAPS: Final = 10
MOST_OVERLAPS: Final = 100
_FEW_STEPS: Final = 2_000  # for one row, so that a hard one does not starve the others
_MASKING: Final = frozenset({Hit.FIRST, Hit.PRIORITY})
_CLASHING: Final = frozenset({Hit.UNIQUE, Hit.ANY})


def verify(table: Table, *, budget: int = STEPS, always: Collection[str] = ()) -> Verification:
    """What is wrong with the table, or the proof that nothing is.

    `budget` is a number of steps, so that the same table always gets the same answer. `always` names the inputs that
    are never missing. The else row is no row here: a case that only reaches it is a gap, which is refused, warned of
    or noted as the table's `complete` says.
    """
    look = _Look(table, build_space(table, always=always), budget)
    overlaps, gaps = look.overlaps(), look.gaps()
    dead = tuple(table.plan.rows[bit] for bit in bits(look.dead))
    shadowed, stops = look.shadowed(), look.stops()
    verdict: Literal["proved", "unknown"] = "unknown" if look.open else "proved"
    unreachable = tuple(_unreachable(table, {*dead, *(one.row for one in shadowed)}))
    return Verification(verdict, look.covered(), gaps, overlaps, shadowed, dead, unreachable, stops)


class _Look:
    """One verification: its space, the steps that are left, and what they did not suffice for."""

    def __init__(self, table: Table, space: Space, budget: int) -> None:
        self.table, self.space = table, space
        self.cover = Cover(space.axes, budget)
        self.open: list[str] = []  # what could not be looked at to the end
        self.unasked: list[str] = []  # inputs of which it is not known what they stop when they are missing
        self.dead = sum(1 << bit for bit in bits(space.rows) if not all(space.of_row(bit)))

    def covered(self) -> str:
        inputs = f"{len(self.table.inputs)} inputs"
        whole = f"all of the {self.space.kinds:,} kinds of complete cases that the cells of {inputs} tell apart"
        told = [f"overlaps in full; {'; '.join(self.open)}" if self.open else whole]
        return "; ".join([*told, *([f"not what a missing {either(self.unasked)} stops"] if self.unasked else [])])

    def overlaps(self) -> tuple[Overlap, ...]:
        found: list[Overlap] = []
        plan = self.table.plan
        if self.table.hit not in _CLASHING:
            return ()
        for bit in bits(self.space.rows & ~self.dead):
            alike = plan.alike[bit] if self.table.hit is Hit.ANY else 1 << bit
            for other in bits(self._sure_in(self.space.of_row(bit)) & ~alike & -(1 << bit)):
                pair = zip(self.space.of_row(bit), self.space.of_row(other), strict=True)
                box = tuple(one & two for one, two in pair)
                point = tuple(lowest(part) for part in box)
                rows = (plan.rows[bit], plan.rows[other])
                found.append(Overlap(rows, region_words(self.space, box), self.space.inputs(point)))
                if len(found) == MOST_OVERLAPS:
                    return tuple(found)
        return tuple(found)

    def _sure_in(self, box: Box) -> int:
        """The rows that are definitely true somewhere in the box."""
        rows = self.space.rows & ~self.dead
        for axis, part in zip(self.space.axes, box, strict=True):
            rows &= any_of(axis.must, part)
        return rows

    def gaps(self) -> tuple[Gap, ...]:
        """Complete cases first; then, where rows ask whether something is there, those in which it is missing."""
        found: list[Gap] = []
        rows = self.space.rows
        for box in dict.fromkeys((self.space.known(), self.space.everything())):
            while len(found) < MOST_GAPS:
                try:
                    point = self.cover.free(box, rows, self.cover.left // 2)
                except StepsSpent as spent:
                    self.open.append(f"cases without a row: {int(spent.proved * 100)} % of them")
                    return tuple(found)
                if point is None:
                    break
                region = self._widened(point)
                found.append(Gap(region_words(self.space, region), self.space.inputs(point), self.table.complete))
                self.cover.add(region, bit := len(self.table.rows) + len(found))
                rows |= 1 << bit
        return tuple(found)

    def _widened(self, point: Point) -> Box:
        """As many classes on every axis as no row takes, the last inputs first."""
        box = [1 << number for number in point]
        possible = [axis.may[number] for axis, number in zip(self.space.axes, point, strict=True)]
        for place in reversed(range(len(box))):
            may = self.space.axes[place].may
            rows = self.space.rows
            for other in (*possible[:place], *possible[place + 1 :]):
                rows &= other
            box[place] = sum(1 << number for number, some in enumerate(may) if not some & rows)
            possible[place] = any_of(may, box[place])
        return tuple(box)

    def shadowed(self) -> tuple[Shadowed, ...]:
        """Rows that never answer. Every row gets a few steps first; the hard ones then get what is left."""
        if self.table.hit not in _MASKING | _CLASHING:  # rows that are collected do not hide each other
            return ()
        hidden = 0
        hard = list(bits(self.space.rows & ~self.dead))
        for steps in (_FEW_STEPS, None):
            looked, hard = hard, []
            for bit in looked:
                limit = self.cover.left // 4 if steps is None else steps
                try:
                    hidden |= 0 if self._answers(bit, limit) else 1 << bit
                except StepsSpent:
                    hard.append(bit)
        if hard:
            self.open.append(
                f"rows that never answer: {len(self.table.rows) - len(hard)} of {len(self.table.rows)} rows"
            )
        return tuple(self._hidden(bit) for bit in bits(hidden))

    def _answers(self, bit: int, steps: int) -> bool:
        return self._left_by(self.space.of_row(bit), self._rivals(bit), steps) is not None

    def _hidden(self, bit: int) -> Shadowed:
        names = self.table.plan.rows
        by = tuple(names[one] for one in bits(self._needed(self.space.of_row(bit), self._rivals(bit))))
        return Shadowed(names[bit], by, self.table.hit in _CLASHING)

    def _rivals(self, bit: int) -> int:
        """The rows that keep this one from answering where they are possible too."""
        match self.table.hit:
            case Hit.FIRST | Hit.PRIORITY:
                return (1 << bit) - 1
            case Hit.ANY:
                return self.space.rows & ~self.table.plan.alike[bit]
            case _:
                return self.space.rows & ~(1 << bit)

    def _left_by(self, box: Box, rivals: int, steps: int) -> Point | None:
        """A case of the box that the rivals leave; with as few missing inputs as the box allows, if there is one."""
        known = tuple(part & axis.known or part for axis, part in zip(self.space.axes, box, strict=True))
        found = (self.cover.free(one, rivals, steps) for one in dict.fromkeys((known, box)))
        return next((point for point in found if point is not None), None)

    def _needed(self, box: Box, rivals: int) -> int:
        """The rivals without those that can be left out and the rest still takes all of the box."""
        alone = rivals
        for axis, part in zip(self.space.axes, box, strict=True):
            rivals &= any_of(axis.may, part)
            alone &= all_of(axis.may, part)
        if alone:
            return alone & -alone
        for bit in reversed(bits(rivals)):
            try:
                left = self._left_by(box, rivals & ~(1 << bit), _FEW_STEPS)
            except StepsSpent:
                continue
            rivals &= -1 if left is not None else ~(1 << bit)
        return rivals

    def stops(self) -> tuple[Stop, ...]:
        found = (self._stop(place) for place, axis in enumerate(self.space.axes) if axis.values[-1] is MISSING)
        return tuple(stop for stop in found if stop)

    def _stop(self, place: int) -> Stop | None:
        """The first row, in the order of asking, that cannot be decided without the inputs of this axis."""
        axis = self.space.axes[place]
        for bit in bits(axis.may[-1] & ~axis.must[-1]):
            box = list(self.space.of_row(bit))
            box[place] = 1 << len(axis.may) - 1
            if not all(box):
                continue
            rivals = self._rivals(bit) if self.table.hit in _MASKING else self.space.rows & axis.must[-1]
            try:
                point = self._left_by(tuple(box), rivals, self.cover.left // 4)
            except StepsSpent:
                self.unasked.append(axis.names[0])
                return None
            if point is not None and evaluate(self.table, self.space.inputs(point)).kind == "missing":
                return Stop(axis.names, self.table.plan.rows[bit], self.space.inputs(point))
        return None


def _unreachable(table: Table, silent: Collection[str]) -> Iterator[Unreachable]:
    """Values of a closed output that no row gives which can answer at all."""
    rows = [row for row in (*table.rows, table.otherwise) if row.id not in silent]
    for column in table.outputs:
        values: tuple[str | bool, ...] = (True, False) if column.domain.kind is Kind.BOOLEAN else column.domain.values
        given: set[object] = set()
        for row in rows:
            said = row.outputs[column.name]
            given |= set(said) if isinstance(said, tuple) else {said}
        for value in values:
            if value not in given and value != "":
                yield Unreachable(column.name, value)
