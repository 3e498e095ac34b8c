"""Why each row matched or did not, read off the sets of rows that an evaluation left behind."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from cases.rules.domains import Value, literal_text
from cases.rules.plan import ColumnPlan, Plan, bits
from cases.rules.problems import shown


class CellTrace(NamedTuple):
    """The cell that kept a row from matching, and the value it saw, both as text."""

    input: str
    cell: str
    value: str


class RowTrace(NamedTuple):
    row: str
    matched: bool | None  # None: undetermined, an input it asks for is missing
    failing: CellTrace | None  # the first failing cell; of an undetermined row its first unknown one


class Reading(NamedTuple):
    """The inputs as read, and what each of them leaves of the rows. Lists run parallel to the columns."""

    plan: Plan
    values: list[Value]
    possible: list[int]  # rows whose cell is not definitely false
    met: list[int]  # rows whose cell is definitely true


_UNSEEN = RowTrace("", None, None)
_MOST_KEPT = 2_048  # per column
_cell = partial(tuple.__new__, CellTrace)  # twice as fast as by name, and there are two to a row
_row = partial(tuple.__new__, RowTrace)


def read_traces(reading: Reading, unreadable: frozenset[str]) -> tuple[RowTrace, ...]:
    """One trace per row in table order; `unreadable` names the inputs whose value does not belong to them."""
    plan, values, possible, met = reading
    found = [_UNSEEN] * len(plan.rows)
    alive, unsure = plan.every, 0
    for column, value, may, must in zip(plan.columns, values, possible, met, strict=True):
        failed, unknown = alive & ~may, alive & may & ~must & ~unsure
        if not failed | unknown:
            continue
        text = shown(value) if column.name in unreadable else literal_text(value)
        for position, trace in _stopped(plan, column, failed, unknown, text):
            found[position] = trace  # definitely false outweighs an unknown cell before it
        alive, unsure = alive & may, unsure | unknown
    for bit in bits(alive & ~unsure):
        found[plan.position[bit]] = RowTrace(plan.rows[bit], True, None)
    return tuple(found)


def _stopped(plan: Plan, column: ColumnPlan, failed: int, unknown: int, text: str) -> Sequence[tuple[int, RowTrace]]:
    """The rows that this value stops, as (place in the table, trace). The same few come back, so they are kept."""
    key = (failed, unknown, text)
    told: Sequence[tuple[int, RowTrace]] | None = column.stopped.get(key)
    if told is None:
        told = [
            (plan.position[bit], _row((plan.rows[bit], said, _cell((column.name, column.cells[bit], text)))))
            for rows, said in ((failed, False), (unknown, None))
            for bit in bits(rows)
        ]
        if len(column.stopped) >= _MOST_KEPT:
            column.stopped.clear()
        column.stopped[key] = told
    return told
