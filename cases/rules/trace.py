"""Why each row matched or did not, read off the sets of rows that an evaluation left behind."""

from typing import NamedTuple

from cases.rules.domains import Value, literal_text
from cases.rules.plan import Plan, bits
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


def read_traces(reading: Reading, unreadable: frozenset[str]) -> tuple[RowTrace, ...]:
    """One trace per row in table order; `unreadable` names the inputs whose value does not belong to them."""
    plan, values, possible, met = reading
    rows, position = plan.rows, plan.position
    found = [_UNSEEN] * len(rows)
    alive, unsure = plan.every, 0
    for column, value, may, must in zip(plan.columns, values, possible, met, strict=True):
        failed, unknown = alive & ~may, alive & may & ~must & ~unsure
        if not failed | unknown:
            continue
        name, cells = column.name, column.cells
        text = shown(value) if name in unreadable else literal_text(value)
        for bit in bits(failed):  # definitely false outweighs an unknown cell before it
            found[position[bit]] = RowTrace(rows[bit], False, CellTrace(name, cells[bit], text))
        for bit in bits(unknown):
            found[position[bit]] = RowTrace(rows[bit], None, CellTrace(name, cells[bit], text))
        alive, unsure = alive & may, unsure | unknown
    for bit in bits(alive & ~unsure):
        found[position[bit]] = RowTrace(rows[bit], True, None)
    return tuple(found)
