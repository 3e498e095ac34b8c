"""The clocks of a case: by when it must be answered first, hear from us next, and be decided. Pure.

They count opening time. While the case waits for its customer or for somebody else the decision's clock stands still;
it never goes on with less than the journey's warning, so that nobody finds a case late that was not theirs to do. The
other two never stand still: before our first word nobody waits for an answer, and the next word is a date that the
customer was told. A snoozed case is one that we let lie: its clocks run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from itertools import pairwise, takewhile

from cases import calendar
from cases.case import Case
from cases.journey_spec import Calendar, Journey
from cases.timing import Turn
from cases.vocabulary import Status

#: Of opening time; with less left a clock is amber.
AMBER = timedelta(hours=4)


class Which(StrEnum):
    FIRST_RESPONSE = auto()
    NEXT_UPDATE = auto()
    DECISION = auto()


class Pause(StrEnum):
    """Whom a clock that stands still waits for."""

    CUSTOMER = auto()
    THIRD_PARTY = auto()


class State(StrEnum):
    RUNNING = auto()
    AMBER = auto()
    BREACHED = auto()
    PAUSED = auto()
    MET = auto()


PAUSES = {Status.WAITING_CUSTOMER: Pause.CUSTOMER, Status.WAITING_THIRD_PARTY: Pause.THIRD_PARTY}
_DECIDED = frozenset({Status.DECIDED, Status.HANDING_OVER, Status.CLOSED})
_ANEW = frozenset({Status.DECIDED, Status.CLOSED})  # a case that leaves one of these is to be decided again


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as the case's events set it; the same whenever it is looked at.

    due: UTC; None while it stands still. held: opening time that is left then. met: when it was stopped for good.
    warned: it went on with less than the warning left, and was given that.
    """

    which: Which
    begun: datetime
    due: datetime | None
    held: timedelta | None = None
    pause: Pause | None = None
    met: datetime | None = None
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock at one moment. left: opening time, negative once it is late. due: as if a clock that stands still went
    on at this moment.
    """

    state: State
    left: timedelta
    due: datetime


def clocks_of(case: Case, journey: Journey) -> tuple[Clock, ...]:
    """Those that were ever set, in the order of Which; none for an erased case, and one that goes on in another.

    What was promised to the customer is as it was told; the other two go by the journey as it is now.
    """
    if case.opened_at is None or case.erased or case.ties.into is not None:
        return ()
    clocks = (_first_response(case, journey, case.opened_at), _next_update(case, journey), _decision(case, journey))
    return tuple(clock for clock in clocks if clock is not None)


def next_clock(clocks: Iterable[Clock]) -> Clock | None:
    """What presses: of the running ones that which is due first. While a decision stands still, the date that the
    customer was told presses no more than the wait itself: then it is the one that stands still.
    """
    unmet = [clock for clock in clocks if clock.met is None]
    still = [clock for clock in unmet if clock.due is None]
    running = [
        (clock.due, clock)
        for clock in unmet
        if clock.due is not None and not (still and clock.which is Which.NEXT_UPDATE)
    ]
    if running:
        return min(running, key=lambda pair: pair[0])[1]
    return still[0] if still else None


def read(clock: Clock, now: datetime, hours: Calendar) -> Reading:
    """How the clock stands. One that was met tells what was left at that moment."""
    if clock.due is None:
        left = clock.held or timedelta()
        return Reading(State.PAUSED, left, calendar.after_open(now, left, hours))
    left = _left(clock.met or now, clock.due, hours)
    if clock.met is not None:
        return Reading(State.MET, left, clock.due)
    if now >= clock.due:
        return Reading(State.BREACHED, left, clock.due)
    return Reading(State.AMBER if clock.warned or left < AMBER else State.RUNNING, left, clock.due)


def _left(now: datetime, due: datetime, hours: Calendar) -> timedelta:
    return calendar.open_time(now, due, hours) if now <= due else -calendar.open_time(due, now, hours)


def _first_response(case: Case, journey: Journey, opened_at: datetime) -> Clock | None:
    """Until our first word reached the customer. A case that came in decided was answered elsewhere."""
    if case.imported is not None:
        return None
    due = calendar.after_hours(opened_at, journey.promises.first_response_hours, journey.calendar)
    closed_at = next((turn.at for turn in case.timing.turns if turn.status is Status.CLOSED), None)
    return Clock(Which.FIRST_RESPONSE, opened_at, due, met=case.timing.answered_at or closed_at)


def _next_update(case: Case, journey: Journey) -> Clock | None:
    """Until the moment that the customer was told. When an answer comes shortly before, the warning is left."""
    promised_at, due = case.timing.promised_at, case.update_by
    if promised_at is None or due is None:
        return None
    resumed = [
        after.at
        for before, after in pairwise(case.timing.turns)
        if before.status in PAUSES and after.status not in PAUSES and promised_at < after.at < due
    ]
    moved = max(due, _warned(resumed[-1], journey)) if resumed else due
    return Clock(Which.NEXT_UPDATE, promised_at, moved, warned=moved > due)


def _warned(resumed_at: datetime, journey: Journey) -> datetime:
    return calendar.after_hours(resumed_at, journey.promises.warning_hours, journey.calendar)


def _decision(case: Case, journey: Journey) -> Clock | None:
    """Until it is decided, without the time that others took. What was late before a wait stays late through it."""
    begun, turns = _question(case)
    if begun is None:
        return None
    warning, hours = timedelta(hours=journey.promises.warning_hours), journey.calendar
    due, left = calendar.after_days(begun, journey.promises.decision_days, hours), timedelta()
    pause, warned = None, False
    for turn in turns:
        waits = PAUSES.get(turn.status)
        if waits is not None and pause is None:
            if turn.at >= due:
                break
            left, warned = calendar.open_time(turn.at, due, hours), False
        if waits is None and pause is not None:
            warned = left < warning and turn.status not in _DECIDED
            due = calendar.after_open(turn.at, warning if warned else left, hours)
        pause = waits
    met = _decided_at(turns)
    if pause is not None:
        return Clock(Which.DECISION, begun, None, held=left, pause=pause)
    return Clock(Which.DECISION, begun, due, met=met, warned=warned and met is None)


def _question(case: Case) -> tuple[datetime | None, Sequence[Turn]]:
    """Since when there is something to decide, and all turns from there on. A case that was decided begins again."""
    turns, begun = case.timing.turns, case.opened_at
    first = 0
    for place, (before, after) in enumerate(pairwise(turns), start=1):
        if before.status in _ANEW and after.status not in _DECIDED:
            first, begun = place, after.at
    if case.imported is not None and not first:
        return None, ()
    return begun, turns[first:]


def _decided_at(turns: Sequence[Turn]) -> datetime | None:
    """When the last run of decided statuses began; None while there is something to decide."""
    run = list(takewhile(lambda turn: turn.status in _DECIDED, reversed(turns)))
    return run[-1].at if run else None
