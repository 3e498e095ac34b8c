"""What has to be said to the customer of an open case now, so that no promise passes in silence. Pure.

Asked again and again, as the case stands then: a reminder whose reason is gone is never written, and one that was
written is not written again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases import calendar
from cases import events as e
from cases.calling_back import CALL_MISSED, missed
from cases.case import Case, Entry
from cases.consequences import Occasion, write_letter
from cases.inputs import local_day
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Journey
from cases.vocabulary import Status

STILL_BUSY, REMINDER = "still_busy", "reminder"
#: Letters that the clock alone writes.
KEPT = frozenset({STILL_BUSY, REMINDER, CALL_MISSED})
_SOON = timedelta(days=1)
_DECIDED = frozenset({Status.CLOSED, Status.DECIDED})


def due_word(case: Case, entries: Sequence[Entry], folder: JourneyFolder, *, at: datetime) -> list[e.Written]:
    """What is to be written now, in order: a later date or a reminder with its letter; mostly nothing."""
    if case.erased or case.ties.into is not None or case.status in _DECIDED or is_quiet(at, folder.journey):
        return []
    if case.chat.holder is not None:
        return []  # a person speaks with the customer
    if any(held.event.leaves_at < at + _SOON and not held.waits_for_approval for held in case.held):
        return []  # a person's word is about to leave
    if called_too_late := missed(case, folder, at=at):
        return called_too_late
    promise = promise_of(case, folder.journey)
    if promise is not None and promise <= at:
        return [] if case.to_call else _passed(case, entries, folder, promise, at)
    return _reminder(case, entries, folder, at)


def promise_of(case: Case, journey: Journey) -> datetime | None:
    """By when the customer hears from us; as fast as a first response where no step has promised anything yet."""
    if case.update_by is not None:
        return case.update_by
    since = case.timing.turns[-1].at if case.timing.turns else case.opened_at
    hours = journey.promises.first_response_hours
    return calendar.after_hours(since, hours, journey.calendar) if since is not None else None


def is_quiet(at: datetime, journey: Journey) -> bool:
    """Whether nothing leaves in this hour of the customer's day that can wait."""
    hour = at.astimezone(ZoneInfo(journey.calendar.time_zone)).hour
    begins, ends = journey.attention.quiet_from, journey.attention.quiet_until
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def _passed(
    case: Case, entries: Sequence[Entry], folder: JourneyFolder, promise: datetime, at: datetime
) -> list[e.Written]:
    later = calendar.after_days(at, folder.journey.promises.later_days, folder.journey.calendar)
    if _person_spoke(case, entries):
        return [e.PromisePassed(promise, "told", later)]
    if case.dangers or case.ties.danger:
        return [e.PromisePassed(promise, "danger")]
    if case.unreached or case.sender.casefold() in case.dead_addresses:
        return [e.PromisePassed(promise, "unreached")]
    if case.put_off >= folder.journey.promises.most_put_off:
        return [e.PromisePassed(promise, "too_often")]
    if STILL_BUSY not in folder.journey.letters:
        return [e.PromisePassed(promise, "no_letter")]
    letter = write_letter(case, folder, STILL_BUSY, Occasion(at, by=later))
    asked = case.status is Status.WAITING_CUSTOMER
    return [e.PromisePassed(promise, "no_answer" if asked else "busy", later, letter.letter_id), letter]


def _person_spoke(case: Case, entries: Sequence[Entry]) -> bool:
    """Whether a person wrote since the promise was made, or noted something since they were asked to call."""
    promised_at, asked_to_call = case.timing.promised_at, False
    for entry in entries:
        match entry.event:
            case e.PromisePassed(promised=promised, update_by=None) if promised == case.update_by:
                asked_to_call = True
            case e.LetterWritten(approved_by=str()) if promised_at is not None and entry.at > promised_at:
                return True
            case e.NoteAdded() if asked_to_call:
                return True
            case _:
                continue
    return False


def _reminder(case: Case, entries: Sequence[Entry], folder: JourneyFolder, at: datetime) -> list[e.Written]:
    """The last reminder whose day has come, where none was written since; what it asks for is as open as it says."""
    journey, wanted = folder.journey, case.open_requests
    asleep = case.snoozed_until is not None and case.snoozed_until > at
    waits = case.status is Status.WAITING_CUSTOMER and wanted and not asleep and not case.dangers and not case.unreached
    if (
        not waits
        or REMINDER not in journey.letters
        or not calendar.open_time(at, at + timedelta(seconds=1), journey.calendar)
    ):
        return []
    asked_at, due = max(one.asked_at for one in wanted), date.fromisoformat(min(one.due for one in wanted))
    days_due = [asked_at + timedelta(days=days) for days in journey.promises.reminder_days]
    come = [day for day in days_due if day <= at]
    if not come or due < local_day(at, journey):
        return []
    if any(entry.at >= come[-1] and _reminds(entry.event) for entry in entries):
        return []
    items = tuple(one.item for one in wanted)
    return [write_letter(case, folder, REMINDER, Occasion(at, by=case.update_by, due=due, items=items))]


def _reminds(event: e.Event) -> bool:
    return isinstance(event, e.LetterWritten) and event.letter == REMINDER
