"""What recorded texts mean to a column of a table, found out once each: as numbers that numpy can look up by."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cases.inputs import typed
from cases.rules import MISSING, Kind, Table, Value
from cases.rules.batch import Codes, encode
from cases.rules.samples import points

REMEMBERED = 200_000  # different texts of a column
Texts = Sequence[str | None]
_PLAIN = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")  # an amount as facts are written; everything else is read one by one
_MOST_CENTS = 10**15
NO_AMOUNT = np.iinfo(np.int64).min  # what is not written as a plain amount, and is read one by one
Numbers = NDArray[np.int32]


class Cents:
    """The texts of one column as whole cents, worked out at the first need: several versions may ask."""

    def __init__(self) -> None:
        self._cents: NDArray[np.int64] | None = None

    def of(self, texts: Texts) -> NDArray[np.int64]:
        if self._cents is None:
            read = (int(text.replace(".", "", 1)) if text and _PLAIN.fullmatch(text) else NO_AMOUNT for text in texts)
            self._cents = np.fromiter(read, np.int64, len(texts))
        return self._cents


class Coder:
    """The texts of one column as numbers: those with the same number fare alike in every cell of the column."""

    def __init__(self, table: Table, place: int) -> None:
        """place: of the column in the table, 0 based."""
        self.column = table.plan.columns[place]
        self._kind = table.inputs[place].domain.kind
        self._ends = _ends(table, place) if self._kind is Kind.MONEY else None
        self._segments: dict[int, int] = {}  # between which ends an amount lies -> its number
        self._number: dict[str | None, int] = {}
        self._sets = [self.column.unreadable]  # number 0: what does not belong to the column
        self._number_of: dict[tuple[int, int], int] = {}  # rows still possible and rows met -> number

    def codes(self, texts: Texts, cents: "Cents") -> Codes:
        """cents: of the same texts; read only for a column of amounts."""
        if self._ends is not None:
            numbers = self._of_amounts(texts, cents.of(texts), self._ends)
        else:
            numbers = self._of_texts(texts)
        return Codes(numbers, tuple(self._sets))

    def _of_texts(self, texts: Texts) -> Numbers:
        if len(self._number) > REMEMBERED:
            self._number.clear()
        try:
            return np.fromiter(map(self._number.__getitem__, texts), np.int32, len(texts))
        except KeyError:
            self._one_by_one([text for text in set(texts) if text not in self._number])
        return np.fromiter(map(self._number.__getitem__, texts), np.int32, len(texts))

    def _of_amounts(self, texts: Texts, cents: NDArray[np.int64], ends: NDArray[np.int64]) -> Numbers:
        """Amounts are nearly all different, and only where they lie counts."""
        segments = np.searchsorted(ends, cents, "left") + np.searchsorted(ends, cents, "right")
        for segment, first in zip(*(found.tolist() for found in np.unique(segments, return_index=True)), strict=True):
            if segment not in self._segments and cents[first] != NO_AMOUNT:
                self._segments[segment] = int(self._of_texts([texts[first]])[0])
        number = np.zeros(2 * len(ends) + 1, np.int32)
        number[list(self._segments)] = list(self._segments.values())
        numbers: Numbers = number[segments]
        others = np.flatnonzero(cents == NO_AMOUNT)
        numbers[others] = self._of_texts([texts[place] for place in others.tolist()])
        return numbers

    def _one_by_one(self, texts: Texts) -> None:
        found = encode(self.column, texts, lambda text: _value(text, self._kind))
        for text, code in zip(texts, found.codes.tolist(), strict=True):
            number = self._number_of.setdefault(found.sets[code], len(self._sets)) if code else 0
            if number == len(self._sets):
                self._sets.append(found.sets[code])
            self._number[text] = number


def _ends(table: Table, place: int) -> NDArray[np.int64] | None:
    """Where cells of a column of amounts may change their mind, in cents; None for amounts that numpy cannot hold."""
    found = points(table.inputs[place].domain, [row.cells[place] for row in table.rows])
    cents = [int(Decimal(value).scaleb(2)) for value in found]
    return np.array(cents, np.int64) if all(abs(one) < _MOST_CENTS for one in cents) else None


@lru_cache(REMEMBERED)
def _value(text: str | None, kind: Kind) -> Value:
    return MISSING if text is None else typed(text, kind)
