"""What the machine does at a case right now, by the work that lies there: its presence, beside that of people."""

from datetime import datetime
from typing import Final, Literal

from cases.store.store import Store
from pipelines.flow import Stage

UnderWay = Literal["", "reading", "reading_next", "packaging", "packaging_next"]
_READING: Final = frozenset({Stage.UNDERSTAND, Stage.ENRICH, Stage.DECIDE})


def under_way(store: Store, case_id: str, *, now: datetime) -> UnderWay:
    """Taking in a message before building its file; "next" where that is due and nobody has begun. "": neither.

    What waits for its time, as a letter that may be taken back or a new try, and what is parked is nothing under way.
    """
    waiting = [one for one in store.work.waiting(case_id) if one.parked_because is None]
    held = {one.stage for one in waiting if one.lease_until is not None and one.lease_until > now}
    due = {one.stage for one in waiting if one.due_at <= now}
    if (held | due) & _READING:
        return "reading" if held else "reading_next"
    if Stage.PACKAGE in held | due:
        return "packaging" if held else "packaging_next"
    return ""
