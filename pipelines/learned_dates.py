"""Dates learned from history, once a day, and what a case's customer reads of them.

Of each journey: how long its cases took from a step of the machine on, by topic, until they were closed and until our
next step. A range is told only while what began last kept to the ranges of before (models.duration); one that does so
no more is withdrawn by the same look that found it, and both are noted.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import get_args
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import structlog

from cases import calendar
from cases import events as e
from cases.case import Case, Entry
from cases.expecting import OURS, Until, Wait, expected, is_expecting, waits
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Calendar, Journey
from cases.store.database import Database
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from models.duration import Learned, Span, learn
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.model_log import STREAM

log = structlog.get_logger()
BACK = timedelta(days=730)
MOST_CASES = 5_000  # the newest of a journey
KNOWN_FOR = timedelta(minutes=1)  # so long a process takes what it read for what was learned last
_AT_ONCE = 100  # histories in memory
_NEWEST = 200  # notes among which the last of each journey is looked for
_HOUR = timedelta(hours=1)


def learn_dates(house: House) -> list[e.DatesLearned]:
    """Look at every journey and note what is told from now on, where that changed. Safe to run twice."""
    noted = []
    for journey in house.journeys.names():
        learned = look(house, journey)
        if write_in_turn(house.database, partial(_note, house=house, learned=learned)):
            noted.append(learned)
    _KNOWN.pop(house.database, None)
    for one in noted:
        told = sum(learned.told for learned in one.ranges)
        log.info("dates.learned", journey=one.journey, told=told, withheld=len(one.ranges) - told)
    return noted


def look(house: House, journey: str) -> e.DatesLearned:
    """What the history of a journey tells as of now. Writes nothing."""
    now, spec = house.now(), house.journeys.get(journey).journey
    axis = Axis(spec.calendar, now - BACK, now)
    spans: dict[tuple[str, Until, str], list[Span]] = defaultdict(list)
    for wait in _waits(house, journey, now - BACK):
        if wait.topic in spec.topics and now - BACK <= wait.began <= now:
            spans[wait.topic, wait.until, wait.step].append(axis.span(wait))
    return e.DatesLearned(journey, tuple(_ranges(spec, spans, axis.at(now))))


def sentences(
    house: House, store: Store, case: Case, entries: Sequence[Entry], *, folder: JourneyFolder, language: str
) -> tuple[str, ...]:
    """What this case's customer reads of how long it takes; () for nothing."""
    if not is_expecting(case):
        return ()
    now = house.now()
    ranges = _told(house.database, store, folder.name, now)
    return expected(folder, case, entries, ranges, now=now, language=language)


@dataclass(frozen=True, slots=True)
class _Known:
    until: datetime
    by_journey: dict[str, e.DatesLearned]


_KNOWN: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


def _told(database: Database, store: Store, journey: str, now: datetime) -> tuple[e.LearnedRange, ...]:
    """Read once a minute, and not for every page."""
    known = _KNOWN.get(database)
    if known is None or not known.until - KNOWN_FOR <= now < known.until:
        known = _KNOWN[database] = _Known(now + KNOWN_FOR, last_learned(store))
    learned = known.by_journey.get(journey)
    return learned.ranges if learned else ()


def last_learned(store: Store) -> dict[str, e.DatesLearned]:
    """By journey, what was learned last."""
    kind = get_args(e.DatesLearned.__annotations__["kind"])[0]
    found: dict[str, e.DatesLearned] = {}
    for schema, body in store.insights.noted(STREAM, kind, limit=_NEWEST):
        event = e.read_event(kind, schema, body)
        if isinstance(event, e.DatesLearned):
            found.setdefault(event.journey, event)
    return found


class Axis:
    """Moments as hours of opening time since the first day: what lies between two of them is how long it was open."""

    def __init__(self, open_hours: Calendar, first: datetime, last: datetime) -> None:
        self._calendar, self._zone = open_hours, ZoneInfo(open_hours.time_zone)
        self._before: dict[date, float] = {}
        self._last = last
        day, total = first.astimezone(self._zone).date(), 0.0
        while day <= last.astimezone(self._zone).date():
            self._before[day] = total
            next_day = day + timedelta(days=1)
            total += calendar.open_time(self._midnight(day), self._midnight(next_day), open_hours) / _HOUR
            day = next_day

    def at(self, moment: datetime) -> float:
        """moment: between the first and the last one."""
        day = moment.astimezone(self._zone).date()
        return self._before[day] + calendar.open_time(self._midnight(day), moment, self._calendar) / _HOUR

    def span(self, wait: Wait) -> Span:
        """What ends after the last day goes on."""
        began = self.at(wait.began)
        if wait.ended is None or wait.ended > self._last:
            return Span(began, None)
        return Span(began, self.at(wait.ended) - began)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._zone)


def histories_of(house: House, journey: str, *, since: datetime) -> Iterator[tuple[str, list[Entry]]]:
    """(id, events) of the journey's cases that came in since then, the newest of them; a few in memory at once."""
    with house.database.reading() as store:
        ids = store.insights.newest(journey, since=since, limit=MOST_CASES)
        for start in range(0, len(ids), _AT_ONCE):
            yield from store.histories(ids[start : start + _AT_ONCE]).items()


def _waits(house: House, journey: str, since: datetime) -> Iterator[Wait]:
    """Of cases that were really handled: those made up for a demo tell nothing of the people here."""
    for _, entries in histories_of(house, journey, since=since):
        if not _is_made_up(entries):
            yield from waits(entries)


def _is_made_up(entries: Iterable[Entry]) -> bool:
    return any(isinstance(one.event, e.CaseImported) and one.event.simulated for one in entries)


def _ranges(spec: Journey, spans: dict[tuple[str, Until, str], list[Span]], now: float) -> Iterator[e.LearnedRange]:
    """In the journey's order, for all that there is a history of."""
    for topic in spec.topics:
        for step in OURS:
            for until in get_args(Until):
                some = spans.get((topic, until, step))
                if some:
                    yield _noted(e.LearnedRange(topic, step, until, told=False), learn(some, now=now))


def _noted(of: e.LearnedRange, learned: Learned) -> e.LearnedRange:
    """To the minute, outwards."""
    of = replace(of, told=learned.is_told, checked=learned.checked.n, inside=learned.checked.inside)
    if learned.range is None:
        return of
    low, high = math.floor(learned.range.low * 60), math.ceil(learned.range.high * 60)
    return replace(of, n=learned.range.n, low=low, high=high)


def _note(store: Store, *, house: House, learned: e.DatesLearned) -> bool:
    """Unless customers go on reading the same."""
    before = last_learned(store).get(learned.journey, e.DatesLearned(learned.journey))
    if _told_of(before) == _told_of(learned):
        return False
    store.append(STREAM, [(learned, SYSTEM)], at=house.now(), expected=store.heads([STREAM]).get(STREAM, 0))
    return True


def _told_of(learned: e.DatesLearned) -> list[e.LearnedRange]:
    return [replace(one, n=0, checked=0, inside=0) for one in learned.ranges if one.told]
