"""What would have had to be different: rows that miss by one cell, each proven by evaluating again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cases.rules.domains import MISSING, Value
from cases.rules.durations import Period
from cases.rules.evaluate import Verdict, evaluate
from cases.rules.plan import ColumnPlan, bits
from cases.rules.table import Table, gives


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The row would have given the answer if `cell` had been met; with `instead` as the input it does."""

    row: str
    input: str
    cell: str
    value: Value  # as read; MISSING when it was not known
    instead: Value


def nearest_misses(
    table: Table, verdict: Verdict, inputs: Mapping[str, Value], *, output: str, value: str
) -> tuple[NearMiss, ...]:
    """Rows that give `value` and miss by exactly one cell, in the order of asking; () when it is given already.

    A row is listed only if some other value of that one input makes the whole table give `value` through this
    row: a guard row above it that would still fire first keeps it out. `instead` is the nearest such value among
    those that the cells can tell apart. Raises LookupError when the table has no such output.
    """
    if gives(table, verdict.outputs, output, value):
        return ()
    misses = (_proven(table, inputs, miss, output, value) for miss in _misses(table, verdict, output, value))
    return tuple(miss for miss in misses if miss is not None)


def _misses(table: Table, verdict: Verdict, output: str, value: str) -> Iterator[tuple[str, ColumnPlan, str, Value]]:
    """(row id, column, cell, value) of every row that gives the value and has exactly one cell not met."""
    plan, values, _, met = verdict.reading
    once = twice = 0
    for these in met:
        once, twice = once | ~these, twice | (once & ~these)
    for bit in bits(plan.every & once & ~twice):
        if gives(table, table.rows[plan.position[bit]].outputs, output, value):
            number = next(number for number, these in enumerate(met) if not these >> bit & 1)
            yield plan.rows[bit], plan.columns[number], plan.columns[number].cells[bit], values[number]


def _proven(
    table: Table, inputs: Mapping[str, Value], miss: tuple[str, ColumnPlan, str, Value], output: str, value: str
) -> NearMiss | None:
    row, column, cell, was = miss
    at = table.plan.rows.index(row)
    met = [sample for sample in (*column.samples, MISSING) if _meets(column, sample) >> at & 1]
    for instead in sorted(met, key=lambda sample: (sample is MISSING, distance(was, sample))):
        again = evaluate(table, {**inputs, column.name: instead})
        if row in again.fired and gives(table, again.outputs, output, value):
            return NearMiss(row, column.name, cell, was, instead)
    return None


def _meets(column: ColumnPlan, sample: Value) -> int:
    """The rows whose cell this value meets."""
    return column.missing[1] if sample is MISSING else column.find(sample) or 0


def distance(was: Any, sample: Any) -> tuple[bool, Any]:
    """How far a sample lies from the value, null last; the author's order where there is no distance."""
    match was, sample:
        case (bool(), _) | (_, bool()):
            return False, 0
        case (int() | Decimal(), int() | Decimal()):
            return False, abs(was - sample)
        case date(), date():
            return False, abs((was - sample).days)
        case timedelta(), timedelta():
            return False, abs(was - sample)
        case Period(), Period():
            return False, abs(was.months - sample.months)
        case tuple(), tuple():
            return False, len({*was} ^ {*sample})
        case _:
            return sample is None, 0
