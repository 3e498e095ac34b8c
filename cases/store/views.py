"""Which cases a list of the queue asks for, as conditions on their rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, assert_never

from sqlalchemy import ColumnElement, bindparam, or_, select

from cases.store.columns import Moment, Words
from cases.store.narrowing import UNFILTERED, Filters
from cases.store.rows import CaseRow, WaitingOn
from cases.store.search import Within, holding
from cases.store.side_rows import UserRow
from cases.vocabulary import Status, View

Conditions = list[ColumnElement[bool]]
PLACE = (CaseRow.urgency, CaseRow.pressing_at, CaseRow.id)
_BOUND = {
    "who": bindparam("who", type_=Words()),
    "now": bindparam("now", type_=Moment()),
    "tomorrow": bindparam("tomorrow", type_=Moment()),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which cases are asked for. who: the user who asks. lines: of business that who may see; None is all.

    now: today ends at midnight of its zone.

    q: words, or beginnings of words, in what was written, in names, references and facts; all of them must be there.
    """

    view: View
    who: str
    now: datetime
    journey: str | None = None
    q: str = ""
    lines: Collection[str] | None = None
    filters: Filters = UNFILTERED
    within: Within = Within.ALL

    @property
    def is_whole_view(self) -> bool:
        return self.journey is None and not self.q and self.filters == UNFILTERED

    def bound(self) -> dict[str, Any]:
        """What whole_view leaves to be named."""
        lines = {f"line_{place}": line for place, line in enumerate(sorted(self.lines or ()))}
        return {"who": self.who, "now": self.now, "tomorrow": end_of_day(self.now), **lines}


def whole_view(view: View, lines: int | None) -> Conditions:
    """Of all questions for whole views of so many lines of business, so that their statement is built once: building
    one takes longer than a database takes to answer it. Their values: Question.bound.
    """
    found = of_view(view, **_BOUND)
    if lines is not None:
        found.append(CaseRow.line_of_business.in_([bindparam(f"line_{n}", type_=Words()) for n in range(lines)]))
    return found


def conditions(asked: Question) -> Conditions:
    searched = [holding(asked.q, asked.within)] if asked.q else []
    return narrowed(asked) + searched


def narrowed(asked: Question) -> Conditions:
    """All that is asked for but the words."""
    found = of_view(asked.view, who=asked.who, now=asked.now, tomorrow=end_of_day(asked.now))
    if asked.lines is not None:
        found.append(CaseRow.line_of_business.in_(list(asked.lines)))
    if asked.journey is not None:
        found.append(CaseRow.journey == asked.journey)
    return found + asked.filters.conditions(asked.who)


def of_view(view: View, *, who: Any, now: Any, tomorrow: Any) -> Conditions:  # noqa: C901, PLR0911  # one branch a view
    """who, now, tomorrow: values, or the names of values that are bound later."""
    is_open: ColumnElement[bool] = CaseRow.closed_at.is_(None)
    awake = or_(CaseRow.snoozed_until.is_(None), CaseRow.snoozed_until <= now)
    match view:
        case View.MINE:
            return [is_open, CaseRow.assignee == who, awake]
        case View.UNASSIGNED:
            return [is_open, CaseRow.waiting_on == WaitingOn.US, CaseRow.assignee.is_(None), awake]
        case View.US:
            return [is_open, CaseRow.waiting_on == WaitingOn.US, awake]
        case View.CUSTOMER:
            return [is_open, CaseRow.waiting_on == WaitingOn.CUSTOMER]
        case View.THIRD_PARTY:
            return [is_open, CaseRow.waiting_on == WaitingOn.THIRD_PARTY]
        case View.DUE_TODAY:
            # Closed cases press never. Naming both bands lets the index be entered by date in each.
            return [CaseRow.urgency.in_((0, 1)), CaseRow.pressing_at < tomorrow]
        case View.SNOOZED:
            return [is_open, CaseRow.snoozed_until.is_not(None), CaseRow.snoozed_until > now]
        case View.AUDIT:
            return [CaseRow.audit_since.is_not(None)]
        case View.SECOND_LOOK:
            return [is_open, CaseRow.status == Status.REOPENED]
        case View.ABSENT:
            away = select(UserRow.name).where(or_(UserRow.disabled_at.is_not(None), UserRow.away_until > now))
            return [is_open, CaseRow.assignee.in_(away)]
        case View.ALL:
            return []
        case _:
            assert_never(view)


def end_of_day(now: datetime) -> datetime:
    """Midnight of its own zone."""
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
