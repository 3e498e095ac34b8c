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

REMEMBERED = 200_000  # different texts
Texts = Sequence[str | None]
_PLAIN = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")  # an amount as facts are written; everything else is read one by one
_MOST_CENTS = 10**15
NO_AMOUNT = np.iinfo(np.int64).min  # what is not written as a plain amount, and is read one by one
Numbers = NDArray[np.int32]


class Words:
    """The texts that are read at one place, numbered as they come, once for all versions that ask about them.

    age: rises when they were too many to remember, and all numbers begin anew.
    """

    def __init__(self) -> None:
        self.age = 0
        self.known: list[str | None] = []
        self._number: dict[str | None, int] = {}
        self._numbered: tuple[Texts, Numbers] = ((), np.zeros(0, np.int32))
        self._read: tuple[Texts, NDArray[np.int64]] = ((), np.zeros(0, np.int64))

    def numbers(self, texts: Texts) -> Numbers:
        """Of each text its place among those known."""
        if self._numbered[0] is not texts:
            self._numbered = texts, self._look_up(texts)
        return self._numbered[1]

    def cents(self, texts: Texts) -> NDArray[np.int64]:
        """Each text as an amount; NO_AMOUNT for those that are not written as one."""
        if self._read[0] is not texts:
            read = (int(text.replace(".", "", 1)) if text and _PLAIN.fullmatch(text) else NO_AMOUNT for text in texts)
            self._read = texts, np.fromiter(read, np.int64, len(texts))
        return self._read[1]

    def _look_up(self, texts: Texts) -> Numbers:
        if len(self.known) > REMEMBERED:
            self.known, self._number, self.age = [], {}, self.age + 1
        try:
            return np.fromiter(map(self._number.__getitem__, texts), np.int32, len(texts))
        except KeyError:
            for text in texts:
                if text not in self._number:
                    self._number[text] = len(self.known)
                    self.known.append(text)
        return np.fromiter(map(self._number.__getitem__, texts), np.int32, len(texts))


class Coder:
    """The texts of one column as numbers: those with the same number fare alike in every cell of the column."""

    def __init__(self, table: Table, place: int, words: Words) -> None:
        """place: of the column in the table, 0 based."""
        self.column = table.plan.columns[place]
        self._kind = table.inputs[place].domain.kind
        self._words = words
        self._ends = _ends(table, place) if self._kind is Kind.MONEY else None
        self._segments: dict[int, int] = {}  # between which ends an amount lies -> its number
        self._of_word = np.zeros(0, np.int32)  # per known word its number
        self._age = words.age
        self._sets = [self.column.unreadable]  # number 0: what does not belong to the column
        self._number_of: dict[tuple[int, int], int] = {}  # rows still possible and rows met -> number

    def codes(self, texts: Texts) -> Codes:
        numbers = self._of_texts(texts) if self._ends is None else self._of_amounts(texts, self._ends)
        return Codes(numbers, tuple(self._sets))

    def _of_texts(self, texts: Texts) -> Numbers:
        words = self._words.numbers(texts)
        if self._age != self._words.age:
            self._of_word, self._age = np.zeros(0, np.int32), self._words.age
        if new := self._words.known[len(self._of_word) :]:
            self._of_word = np.concatenate([self._of_word, self._one_by_one(new)])
        return self._of_word[words]

    def _of_amounts(self, texts: Texts, ends: NDArray[np.int64]) -> Numbers:
        """Amounts are nearly all different, and only where they lie counts."""
        cents = self._words.cents(texts)
        segments = np.searchsorted(ends, cents, "left") + np.searchsorted(ends, cents, "right")
        for segment, first in zip(*(found.tolist() for found in np.unique(segments, return_index=True)), strict=True):
            if segment not in self._segments and cents[first] != NO_AMOUNT:
                self._segments[segment] = int(self._one_by_one([texts[first]])[0])
        number = np.zeros(2 * len(ends) + 1, np.int32)
        number[list(self._segments)] = list(self._segments.values())
        numbers: Numbers = number[segments]
        others = np.flatnonzero(cents == NO_AMOUNT)
        numbers[others] = self._one_by_one([texts[place] for place in others.tolist()])
        return numbers

    def _one_by_one(self, texts: Texts) -> Numbers:
        found = encode(self.column, texts, lambda text: _value(text, self._kind))
        numbers = np.zeros(len(found.sets), np.int32)
        for code, rows in enumerate(found.sets[1:], start=1):
            numbers[code] = self._number_of.setdefault(rows, len(self._sets))
            if numbers[code] == len(self._sets):
                self._sets.append(rows)
        codes: Numbers = numbers[found.codes]
        return codes


def _ends(table: Table, place: int) -> NDArray[np.int64] | None:
    """Where cells of a column of amounts may change their mind, in cents; None for amounts that numpy cannot hold."""
    found = points(table.inputs[place].domain, [row.cells[place] for row in table.rows])
    cents = [int(Decimal(value).scaleb(2)) for value in found]
    return np.array(cents, np.int64) if all(abs(one) < _MOST_CENTS for one in cents) else None


@lru_cache(REMEMBERED)
def _value(text: str | None, kind: Kind) -> Value:
    return MISSING if text is None else typed(text, kind)
