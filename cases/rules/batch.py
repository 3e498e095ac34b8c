"""The answers of a table to very many cases at once, column by column with numpy; the same as `evaluate` gives.

Not imported by `cases.rules`: a small command has no use for numpy and starts without it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cases.rules.domains import MISSING, Missing, OutValue, Value
from cases.rules.durations import Period
from cases.rules.evaluate import Kind, decide
from cases.rules.plan import ColumnPlan, Plan
from cases.rules.table import Hit, Table
from cases.rules.trace import Reading

ELSE: Final = -1
NOT_KNOWN: Final = -2
CONFLICT: Final = -3
INVALID: Final = -4

Words: TypeAlias = NDArray[np.uint64]  # sets of rows, 64 rows a word; shape (words, cases) or (words, codes)
Places: TypeAlias = NDArray[np.int32]

_WORD = 64
_ALL_ONES = (1 << _WORD) - 1
_ROW_OF: Mapping[Kind, int] = {"else": ELSE, "missing": NOT_KNOWN, "conflict": CONFLICT, "invalid": INVALID}
_ONE_MEANING = (str, date, timedelta, Period, Missing, NoneType, tuple)  # equal ones are alike to every column


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A column of values as numbers: cases with the same number fare alike in every cell of the column."""

    codes: Places  # one per case
    sets: tuple[tuple[int, int], ...]  # per number the rows still possible and the rows met; 0: does not belong


@dataclass(frozen=True, slots=True)
class Answer:
    """As a Verdict has it, without the inputs. Of an invalid case nothing but that: `evaluate` tells what is wrong."""

    kind: Kind
    outputs: Mapping[str, OutValue]
    fired: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    row: int = INVALID  # place of the first row that fired, 0 based; else one of the negative numbers above


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Each different answer once, and for each case the place of its own among them."""

    place: Places
    answers: tuple[Answer, ...]

    def __len__(self) -> int:
        return len(self.place)

    def __getitem__(self, case: int) -> Answer:
        return self.answers[int(self.place[case])]

    @property
    def row(self) -> Places:
        """Per case the place in the table of the (first) row that fired; ELSE, NOT_KNOWN, CONFLICT or INVALID."""
        return np.array([answer.row for answer in self.answers], np.int32)[self.place]


def evaluate_many(table: Table, columns: Mapping[str, Sequence[Value] | Codes]) -> Batch:
    """What the table says about each case; `columns` has per input one value a case, all in the same order.

    A column that is left out is missing in every case; one that the table does not know makes every case invalid.
    Raises ValueError when the columns are not equally long.
    """
    plan = table.plan
    lengths = {len(column.codes) if isinstance(column, Codes) else len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"the columns hold {sorted(lengths)} values; give each of them one value a case")
    count = lengths.pop() if lengths else 0
    if columns.keys() - {column.name for column in plan.columns}:
        return Batch(np.zeros(count, np.int32), (_INVALID_ANSWER,))
    read = [_codes(column, columns.get(column.name), count) for column in plan.columns]
    possible, met = _rows_left(plan, read, count)
    if table.hit in (Hit.FIRST, Hit.PRIORITY):  # what is below the first row that is not false has no say
        possible = _lowest(possible)
        met &= possible
    place, kinds = _distinct([*possible, *met])
    nobody = [0] * len(read)
    answers = [_answer(table, _as_int(possible[:, case]), _as_int(met[:, case]), nobody) for case in kinds]
    place, answers = _name_missing(table, read, (possible, met), place, answers)
    invalid = np.zeros(count, np.bool_)
    for column in read:
        invalid |= column.codes == 0
    return _only_used(np.where(invalid, len(answers), place), [*answers, _INVALID_ANSWER])


def encode(column: ColumnPlan, raws: Sequence[Any], read: Callable[[Any], Value] | None = None) -> Codes:
    """The values of one column (`table.plan.columns`) as codes; each different one is looked at only once.

    With `read` the column holds raw data, recorded texts for instance, of which `read` makes values.
    """
    classes = _Classes(column)
    kinds = {kind for kind in set(map(type, raws)) if not issubclass(kind, _ONE_MEANING)}
    seen = _Seen(column, classes, read)
    ask: Callable[[Any], int] = seen.apart if len(kinds) > 1 else seen.__getitem__
    try:
        if read is None and kinds == {Decimal}:
            codes = _straight(column, classes, raws)
        else:
            codes = np.fromiter(map(ask, raws), np.int32, len(raws))
    except TypeError:  # something that cannot be a key, and so is no value either
        codes = np.fromiter(map(seen.apart, raws), np.int32, len(raws))
    return Codes(codes, tuple(classes.sets))


class _Classes(dict[Any, int]):
    """The rows that a value meets -> its code, given out when first asked for; None is a value of another column."""

    def __init__(self, column: ColumnPlan) -> None:
        super().__init__({None: 0})
        self._missing = column.missing
        self.sets: list[tuple[int, int]] = [column.unreadable]

    def __missing__(self, found: Any) -> int:
        code = self[found] = len(self.sets)
        self.sets.append(self._missing if found is MISSING else (found, found))
        return code


class _Seen(dict[Any, int]):
    """Raw value -> its code, found out when first asked for."""

    def __init__(self, column: ColumnPlan, classes: _Classes, read: Callable[[Any], Value] | None) -> None:
        super().__init__()
        self._column, self._classes, self._read = column, classes, read

    def __missing__(self, raw: Any) -> int:
        code = self[raw] = self.code(raw)
        return code

    def code(self, raw: Any) -> int:
        value = raw if self._read is None else self._read(raw)
        return self._classes[MISSING if value is MISSING else self._column.find(value)]

    def apart(self, raw: Any) -> int:
        """The code, remembered by type and value: 1, True and 1.0 are equal, and do not mean the same."""
        key = (type(raw), raw)
        try:
            if key not in self:
                self[key] = self.code(raw)
            return self[key]
        except TypeError:
            return 0


def _straight(column: ColumnPlan, classes: _Classes, raws: Sequence[Any]) -> Places:
    """Without remembering: amounts hardly come back, and to hash a Decimal takes as long as to look it up."""
    known = [raw for raw in raws if raw is not MISSING]
    codes = np.fromiter(map(classes.__getitem__, map(column.find, known)), np.int32, len(known))
    if len(known) == len(raws):
        return codes
    there = np.fromiter((raw is not MISSING for raw in raws), np.bool_, len(raws))
    every = np.full(len(raws), classes[MISSING], np.int32)
    every[there] = codes
    return every


def _codes(column: ColumnPlan, values: Sequence[Value] | Codes | None, count: int) -> Codes:
    if isinstance(values, Codes):
        return values
    if values is None:
        return Codes(np.ones(count, np.int32), (column.unreadable, column.missing))
    return encode(column, values)


def _rows_left(plan: Plan, read: Sequence[Codes], count: int) -> tuple[Words, Words]:
    """Per case the rows that no cell rules out, and the rows of which every cell is met."""
    words = max(1, -(-len(plan.rows) // _WORD))
    possible = np.repeat(_as_words([plan.every], words), count, axis=1)
    met = possible.copy()
    for column in read:
        for rows, which in ((possible, 0), (met, 1)):
            table = _as_words([both[which] for both in column.sets], words)
            for word in range(words):
                rows[word] &= table[word].take(column.codes)
    return possible, met


def _as_words(sets: Sequence[int], words: int) -> Words:
    return np.array([[rows >> _WORD * word & _ALL_ONES for rows in sets] for word in range(words)], np.uint64)


def _as_int(words: NDArray[np.uint64]) -> int:
    return sum(int(word) << _WORD * number for number, word in enumerate(words))


def _lowest(rows: Words) -> Words:
    """Of each set only the row with the lowest bit."""
    lowest = rows & (~rows + np.uint64(1))
    found = lowest[0] != 0
    for word in lowest[1:]:
        word[found] = 0
        found |= word != 0
    return lowest


def _distinct(keys: Sequence[NDArray[Any]]) -> tuple[Places, NDArray[np.intp]]:
    """Per case the place of its combination of keys, and per combination one case that has it."""
    count = len(keys[0])
    place, first = np.zeros(count, np.int64), np.arange(min(count, 1))
    for key in keys:
        values, codes = np.unique(key, return_inverse=True)
        if len(values) > 1:
            _, first, place = np.unique(place * len(values) + codes, return_index=True, return_inverse=True)
    return place.astype(np.int32), first


def _answer(table: Table, possible: int, met: int, asked: Sequence[int]) -> Answer:
    """What these rows amount to; `asked` has per column the rows that wait for it."""
    reading = Reading(table.plan, [], list(asked), [0] * len(asked))
    verdict = decide(table, reading, met, possible & ~met)
    row = _ROW_OF.get(verdict.kind)
    if row is None:
        row = next(place for place, row in enumerate(table.rows) if row.id == verdict.fired[0])
    return Answer(verdict.kind, verdict.outputs, verdict.fired, verdict.missing, verdict.undetermined, row)


_INVALID_ANSWER = Answer("invalid", {})


def _name_missing(
    table: Table, read: Sequence[Codes], rows: tuple[Words, Words], place: Places, answers: list[Answer]
) -> tuple[Places, list[Answer]]:
    """The same with the inputs named that the undetermined rows ask for: they differ from case to case."""
    possible, met = rows
    cases = np.flatnonzero(np.array([answer.kind == "missing" for answer in answers], np.bool_)[place])
    if not len(cases):
        return place, answers
    waits = [np.array([may != must for may, must in column.sets])[column.codes[cases]] for column in read]
    places, kinds = _distinct([place[cases], *waits])
    named = []
    for case in cases[kinds]:
        asked = [may & ~must for may, must in (column.sets[column.codes[case]] for column in read)]
        named.append(_answer(table, _as_int(possible[:, case]), _as_int(met[:, case]), asked))
    place = place.copy()
    place[cases] = places + len(answers)
    return place, [*answers, *named]


def _only_used(place: NDArray[Any], answers: Sequence[Answer]) -> Batch:
    used = np.flatnonzero(np.bincount(place, minlength=len(answers)))
    new = np.zeros(len(answers), np.int32)
    new[used] = np.arange(len(used))
    return Batch(new[place], tuple(answers[int(number)] for number in used))
