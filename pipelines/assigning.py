"""Whose work it is: the next case for a person."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, time
from enum import StrEnum, auto

from cases import events as e
from cases.case import Entry
from cases.errors import StreamMoved
from cases.people import Needs, User, hindrance
from cases.store.queue import CaseLine
from cases.store.store import Store
from cases.vocabulary import Actor, Status
from pipelines.house import House
from pipelines.in_turn import TRIES


def take_next(house: House, user: User, *, besides: Collection[str] = ()) -> CaseLine | None:
    """Assign the most urgent case that this person may and can do, and answer where it stood; None when there is none.

    Nobody gets a case that somebody else has or works on, that sleeps, or that they wrote in today and gave back.
    besides: references that are passed over, as the case that is just being left. Two people never get the same one.
    Raises StreamMoved when others were first 50 times in a row.
    """
    for _ in range(TRIES - 1):
        with suppress(StreamMoved):
            return _taken(house, user, besides)
    return _taken(house, user, besides)


def _taken(house: House, user: User, besides: Collection[str]) -> CaseLine | None:
    """Looked for while others write, since a long list may hold nothing that fits; StreamMoved when one was first."""
    now = house.now()
    with house.database.reading() as store:
        found = _first(house, store, user, besides, now)
    if found is not None and found.assignee != user.name:
        taken = (e.CaseAssigned(user.name, user.name), Actor("person", user.name))
        with house.database.writing() as store:
            store.append(found.id, [taken], at=now, expected=found.version)
        house.ring()
    return found


class Reason(StrEnum):
    """Why just this case is somebody's next one."""

    DANGER = auto()
    LATE = auto()
    DUE = auto()
    SECOND_LOOK = auto()
    YOURS = auto()
    SKILL = auto()
    LANGUAGE = auto()
    OLDEST = auto()


def reasons_for(line: CaseLine, user: User, *, now: datetime) -> tuple[Reason, ...]:
    """The most pressing first."""
    found = {
        Reason.DANGER: line.danger,
        Reason.LATE: line.update_by is not None and line.update_by < now,
        Reason.DUE: line.update_by is not None and line.update_by >= now,
        Reason.SECOND_LOOK: line.reopened,
        Reason.YOURS: line.assignee == user.name,
        Reason.SKILL: bool({line.journey, line.topic} & set(user.skills)),
        Reason.LANGUAGE: line.language in user.languages,
        Reason.OLDEST: line.update_by is None,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _first(house: House, store: Store, user: User, besides: Collection[str], now: datetime) -> CaseLine | None:
    today = datetime.combine(now.astimezone(house.zone).date(), time(), house.zone)
    for line in store.queue.up_for(user.name, now=now, lines=user.lines_seen):
        if line.reference in besides:
            continue
        if line.assignee == user.name:
            return line
        if hindrance(user, needs_of(house, store, line), now=now) is not None:
            continue
        if not store.queue.touched([line.id], user.name, since=today):
            return line
    return None


def needs_of(house: House, store: Store, line: CaseLine) -> Needs:
    """What the case asks of whoever does it."""
    known = line.journey in house.journeys.names()
    return Needs(
        line=line.line_of_business,
        journey=line.journey,
        topic=line.topic,
        language=line.language,
        amount=line.amount,
        limits=house.journeys.get(str(line.journey)).journey.authority if known else None,
        barred=deciders_looked_at_again(store.history(line.id)) if line.status == Status.REOPENED else (),
    )


def deciders_looked_at_again(entries: Iterable[Entry]) -> frozenset[str]:
    """Who decided what the customer asked a second look at: that look is another person's."""
    decider, barred = "", set[str]()
    for entry in entries:
        match entry.event:
            case e.HumanDecided(by=by):
                decider = by
            case e.CaseReopened(because="second_look") if decider:
                barred.add(decider)
            case _:
                continue
    return frozenset(barred)
