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

    def codes(self, texts: Texts) -> Codes:
        if unseen := set(texts) - self._number.keys():
            self._learn(unseen)
        numbers = np.fromiter(map(self._number.__getitem__, texts), np.int32, len(texts))
        if len(self._number) > REMEMBERED:
            self._number.clear()
        return Codes(numbers, tuple(self._sets))

    def _learn(self, texts: set[str | None]) -> None:
        if self._ends is None:
            self._one_by_one(list(texts))
            return
        amounts = [text for text in texts if text is not None and _PLAIN.fullmatch(text)]
        self._one_by_one(list(texts.difference(amounts)))
        if amounts:
            self._amounts(amounts, self._ends)

    def _amounts(self, texts: list[str], ends: NDArray[np.int64]) -> None:
        """As one by one, but all at once: amounts are nearly all different, and only where they lie counts."""
        cents = np.array([int(text.replace(".", "", 1)) for text in texts], np.int64)
        segments = np.searchsorted(ends, cents, "left") + np.searchsorted(ends, cents, "right")
        found, first = np.unique(segments, return_index=True)
        new = [(segment, texts[place]) for segment, place in zip(found.tolist(), first.tolist(), strict=True)
               if segment not in self._segments]  # fmt: skip
        self._one_by_one([text for _, text in new])
        self._segments |= {segment: self._number[text] for segment, text in new}
        self._number.update(zip(texts, map(self._segments.__getitem__, segments.tolist()), strict=True))

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
