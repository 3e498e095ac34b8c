"""Looks for a case that none of some rows takes, or proves that there is none, within a number of steps.

Goes down the axes, always the one on which most of the rows still ask for something, and keeps the rows that are
still possible. Two branches that leave the same rows, or one that leaves more than another, need only one visit; rows
that were once found to take everything below are remembered. Exact; deterministic; no clock.
"""

from collections.abc import Sequence
from fractions import Fraction

from cases.rules.plan import bits
from cases.rules.spaces import Axis, Box, Point, all_of, any_of

Narrow = list[tuple[int, int]]  # (axis, the rows that do not take all of the box there)


class StepsSpent(Exception):
    """The steps ran out. `proved` is the part of the box in which no free case was found, from 0 to 1."""

    def __init__(self, proved: Fraction) -> None:
        super().__init__(f"the steps ran out after {proved} of the cases")
        self.proved = proved


class Cover:
    """Searches over one set of axes, all paid from one number of steps."""

    def __init__(self, axes: Sequence[Axis], steps: int) -> None:
        self.may = [list(axis.may) for axis in axes]  # grows by the boxes that count as rows from then on
        self.left = steps
        self._extra = 0

    def add(self, box: Box, bit: int) -> None:
        """From now on a row with this bit takes the whole box."""
        for masks, part in zip(self.may, box, strict=True):
            for number in bits(part):
                masks[number] |= 1 << bit

    def free(self, box: Box, rows: int, steps: int | None = None) -> Point | None:
        """A point of the box that none of the rows takes, or None when every point is taken.

        Raises StepsSpent when it cannot tell within `steps` (all that are left, when not said).
        """
        for masks, part in zip(self.may, box, strict=True):
            rows &= any_of(masks, part)
        search = _Search(self.may, box, min(self.left, steps if steps is not None else self.left))
        try:
            return search.run(rows)
        finally:
            self.left -= search.spent


class _Search:
    def __init__(self, may: Sequence[Sequence[int]], box: Box, limit: int) -> None:
        self.spent, self._limit = 0, limit
        self._may, self._box = may, [bits(part) for part in box]
        self._whole = [all_of(masks, part) for masks, part in zip(may, box, strict=True)]
        self._point = [numbers[0] for numbers in self._box]
        self._taken: set[tuple[tuple[int, ...], int]] = set()
        self._path: list[tuple[int, int, int]] = []  # per level how many classes are done, being looked at, and there

    def run(self, rows: int) -> Point | None:
        return tuple(self._point) if self._look(tuple(range(len(self._box))), rows) else None

    def _look(self, axes: tuple[int, ...], rows: int) -> bool:
        """Whether these axes have a point that none of the rows takes; it is left in `_point`."""
        if not rows:
            return True
        narrow = [(axis, rows & ~self._whole[axis]) for axis in axes]
        asking = 0
        for _, some in narrow:
            asking |= some
        if rows & ~asking:  # one of them asks for nothing any more
            return False
        relevant = tuple(axis for axis, some in narrow if some)
        if (relevant, rows) in self._taken:
            return False
        chosen = max(narrow, key=lambda one: one[1].bit_count())[0]
        rest = tuple(axis for axis in relevant if axis != chosen)
        branches = self._branches(chosen, rows)
        self._pay(1 + len(branches))
        there = sum(size for _, _, size in branches)
        done = 0
        for number, left, size in branches:
            self._path.append((done, size, there))
            self._point[chosen] = number
            if self._look(rest, left):
                return True
            self._path.pop()
            done += size
        self._point[chosen] = self._box[chosen][0]
        self._taken.add((relevant, rows))
        return False

    def _branches(self, axis: int, rows: int) -> list[tuple[int, int, int]]:
        """(class, the rows it leaves, how many classes it stands for): only those that leave the least."""
        masks = self._may[axis]
        left: dict[int, list[int]] = {}
        for number in self._box[axis]:
            left.setdefault(rows & masks[number], []).append(number)
        least: list[list[int]] = []  # [class, rows, size]
        for some in sorted(left, key=int.bit_count):
            numbers = left[some]
            if same := next((one for one in least if one[1] & ~some == 0), None):
                same[2] += len(numbers)
            else:
                least.append([numbers[0], some, len(numbers)])
        return [(number, some, size) for number, some, size in least]

    def _pay(self, steps: int) -> None:
        self.spent += steps
        if self.spent > self._limit:
            raise StepsSpent(self._proved())

    def _proved(self) -> Fraction:
        proved, share = Fraction(0), Fraction(1)
        for done, size, there in self._path:
            proved, share = proved + share * Fraction(done, there), share * Fraction(size, there)
        return proved
