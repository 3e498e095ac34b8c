"""What customers got of what is promised, counted a few times a day from the events of cases and kept as one event.

Of each journey: how fast messages were answered by channel, beside the time that is published, and how often customers
were asked for what the file held already. Pages read the event, so that they cost the same with many cases as with few.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from cases import calendar
from cases import events as e
from cases.answering import repeat_questions
from cases.case import Entry
from cases.journey_spec import Journey, ReplyTime
from cases.replying import Reply, answered_by, replies
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.learned_dates import histories_of

BACK = timedelta(days=183)  # for repeat questions, by month
REPLIES_BACK = timedelta(days=30)
LISTED = 20  # cases of a month that are named
_MINUTE = timedelta(minutes=1)


def measure_service(house: House) -> list[e.ServiceMeasured]:
    """Count every journey and note what changed. Safe to run twice."""
    found = (measure(house, journey) for journey in house.journeys.names())
    return [one for one in found if write_in_turn(house.database, partial(_note, house=house, measured=one))]


def measured(store: Store, journeys: Iterable[str]) -> list[tuple[datetime, e.ServiceMeasured]]:
    """What was counted last of each of these journeys, and when; one query. Those never counted are left out."""
    found = []
    for at, kind, schema, body in store.insights.latest([stream_of(journey) for journey in journeys]):
        event = e.read_event(kind, schema, body)
        if isinstance(event, e.ServiceMeasured):
            found.append((at, event))
    return found


def stream_of(journey: str) -> str:
    return f"service.{journey}"


def measure(house: House, journey: str) -> e.ServiceMeasured:
    """Of the journey's cases as they stand now. Writes nothing."""
    now, spec = house.now(), house.journeys.get(journey).journey
    zone = ZoneInfo(spec.calendar.time_zone)
    said: list[Reply] = []
    months: dict[str, list[_Asked]] = defaultdict(list)
    for case_id, entries in histories_of(house, journey, since=now - BACK):
        said += [one for one in replies(entries) if one.received_at >= now - REPLIES_BACK]
        if asked := _asked(case_id, entries):
            months[asked.at.astimezone(zone).strftime("%Y-%m")].append(asked)
    return e.ServiceMeasured(
        journey,
        (now - BACK).astimezone(zone).date(),
        tuple(_by_channel(spec, said, now)),
        tuple(_month(month, months[month]) for month in sorted(months, reverse=True)),
    )


def _note(store: Store, *, house: House, measured: e.ServiceMeasured) -> bool:
    """Unless it is as it was, or nothing ever came in."""
    stream = stream_of(measured.journey)
    before = store.insights.latest([stream])
    empty = not measured.repeats and not any(one.n for one in measured.replies)
    if (not before and empty) or [e.write_event(measured)] == [body for *_, body in before]:
        return False
    expected = store.heads([stream]).get(stream, 0)
    store.append(stream, [(measured, SYSTEM)], at=house.now(), expected=expected)
    return True


# --- answers ----------------------------------------------------------------------------------------------------------


def _by_channel(spec: Journey, said: Sequence[Reply], now: datetime) -> Iterator[e.RepliesMeasured]:
    """What is published first, in its order."""
    promised = spec.promises.reply
    others = sorted({one.channel for one in said} - promised.keys())
    for channel in (*promised, *others):
        some = [one for one in said if one.channel == channel]
        yield _measured(spec, channel, promised.get(channel, ""), some, now)


def _measured(
    spec: Journey, channel: str, promised: ReplyTime, said: Sequence[Reply], now: datetime
) -> e.RepliesMeasured:
    """Counted is what was answered, or should have been by now: what is late does not wait to be counted."""
    by = promised or f"{spec.promises.decision_days} working days"
    due = [(one, answered_by(by, spec.calendar, received_at=one.received_at)) for one in said]
    counted = [(one, until) for one, until in due if one.answered_at is not None or until <= now]
    kept = sum(one.answered_at is not None and one.answered_at <= until for one, until in counted) if promised else 0
    took = sorted(_minutes(one, spec) for one, _ in counted)
    return e.RepliesMeasured(channel, promised, len(counted), kept, _at(took, 0.5), _at(took, 0.8))


def _minutes(reply: Reply, spec: Journey) -> float:
    """Of opening time; without end while there is no answer."""
    if reply.answered_at is None:
        return math.inf
    return calendar.open_time(reply.received_at, reply.answered_at, spec.calendar) / _MINUTE


def _at(took: Sequence[float], share: float) -> int | None:
    """Within how many minutes that share was answered, rounded up."""
    found = took[math.ceil(len(took) * share) - 1] if took else math.inf
    return math.ceil(found) if math.isfinite(found) else None


# --- questions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case in which its customer was asked something. at: when it came in."""

    reference: str
    at: datetime
    asked: int = 0
    repeated: int = 0


def _asked(case_id: str, entries: Sequence[Entry]) -> _Asked | None:
    opened = next((one for one in entries if isinstance(one.event, e.CaseOpened)), None)
    asked = sum(len(one.event.items) for one in entries if isinstance(one.event, e.RequestMade))
    if opened is None or not isinstance(opened.event, e.CaseOpened) or not asked:
        return None
    return _Asked(opened.event.reference, opened.at, asked, repeat_questions(case_id, entries))


def _month(month: str, cases: Sequence[_Asked]) -> e.RepeatsMeasured:
    again = sorted((one for one in cases if one.repeated), key=lambda one: one.at, reverse=True)
    return e.RepeatsMeasured(
        month,
        len(cases),
        sum(one.asked for one in cases),
        sum(one.repeated for one in again),
        tuple(one.reference for one in again[:LISTED]),
    )
