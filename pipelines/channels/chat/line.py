"""Who is there to chat with, and how long the line is: what the customer is told before and while they wait."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cases import calendar
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.keeping import promise_of
from cases.people import decides
from cases.store.chats import ChatLine
from cases.store.desk import PRESENT
from cases.store.store import Store
from cases.vocabulary import Status
from pipelines.house import House

#: Whose session will last so long was at work a moment ago: it ends after an hour without.
AT_WORK = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class Line:
    """state: a person answers in it ("held"), would at once ("now"), after others ("line"), is not there ("nobody"),
    or the organisation is closed ("closed"). place: in the line, from 1. by: when there is an answer at the latest, by
    whatever way.
    """

    state: Literal["held", "now", "line", "nobody", "closed"]
    place: int = 0
    by: datetime | None = None


def line_of(store: Store, house: House, case: Case, folder: JourneyFolder) -> Line:
    """Of one case, whether its customer waits already or would begin to."""
    now, journey = house.now(), folder.journey
    if case.chat.holder is not None:
        return Line("held")
    by = _answered_by(case, folder, now)
    if not calendar.open_time(now, now + timedelta(seconds=1), journey.calendar):
        return Line("closed", by=by)
    chats = store.chats.going_on(now)
    room = _room(store, house, case, chats, now)
    if room is None:
        return Line("nobody", by=by)
    place = _place([one for one in chats if one.line_of_business == case.line_of_business], case)
    return Line("now" if place <= room else "line", place, by)


def _place(chats: list[ChatLine], case: Case) -> int:
    """Those who closed their page are answered otherwise, and stand in nobody's way."""
    before = [one for one in chats if one.holder is None and one.is_open and one.case_id != case.id]
    if case.chat.since is None:
        return len(before) + 1
    return 1 + sum(one.since is not None and one.since < case.chat.since for one in before)


def _room(store: Store, house: House, case: Case, chats: list[ChatLine], now: datetime) -> int | None:
    """How many chats the people who are there could begin with; None when nobody is."""
    there = store.chats.at_the_desk(present_since=now - PRESENT, session_until=now + AT_WORK)
    people = [
        user
        for user in (store.people.users() if there else ())
        if user.name in there and decides(user, case.line_of_business) and not user.is_away(now)
    ]
    if not people:
        return None
    held = Counter(one.holder for one in chats)
    return sum(max(0, house.settings.chats_at_once - held[user.name]) for user in people)


def _answered_by(case: Case, folder: JourneyFolder, now: datetime) -> datetime | None:
    """What was promised, or what a word of now would be promised where nothing stands that is still to come."""
    promised = None if case.status is Status.CLOSED else promise_of(case, folder.journey)
    if promised is not None and promised > now:
        return promised
    return calendar.after_hours(now, folder.journey.promises.first_response_hours, folder.journey.calendar)
