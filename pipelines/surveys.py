"""Customers are asked once how it went, some days after an outcome, and what they answer is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.store.log import Append
from cases.store.store import Store
from cases.surveying import ASKED_STILL, Mean, due_question, is_open, mean_of
from cases.vocabulary import CUSTOMER, MACHINE
from pipelines.doorbell import Bell
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.one_by_one import one_by_one
from pipelines.reading_room import folder_of_customer

STREAMS, COUNTED = "surveys.", "survey_counted"


@dataclass(frozen=True, slots=True)
class Month:
    """What customers of one journey answered in a month, by the first day of it."""

    journey: str
    month: str  # 2026-11
    service: Mean
    communication: Mean


def ask_how_it_went(house: House) -> int:
    """Write the letters whose day has come; returns how many. Safe to run twice, and beside everything."""
    now = house.now()
    days = [folder.journey.survey.after_days for folder in house.journeys.folders.values() if folder.journey.survey]
    if not days:
        return 0
    since, until = now - timedelta(days=max(days)) - ASKED_STILL, now - timedelta(days=min(days))
    with house.database.reading() as store:
        closed = store.queue.to_survey(since=since, until=until)
    asked = one_by_one(closed, partial(_asked_in, house=house), failed="survey.not_asked")
    if asked:
        house.ring(Bell.MAIL, Bell.FAST)
    return asked


def _asked_in(case_id: str, house: House) -> bool:
    with house.database.reading() as store:  # not while others wait to write
        if _not_now(store, store.case(case_id)):
            return False
    return write_in_turn(house.database, partial(_ask_in, case_id=case_id, house=house))


def _ask_in(store: Store, *, case_id: str, house: House) -> bool:
    at, case = house.now(), store.case(case_id)
    events = due_question(case, folder_of_customer(house, case), at=at)
    if events:
        store.append(case_id, [(event, MACHINE) for event in events], at=at, expected=case.version)
    return bool(events)


def _not_now(store: Store, case: Case) -> bool:
    """Whether another case of this customer is open, or they said in one that they want no such questions."""
    others = store.queue.others_of_sender(case.sender, besides=case.id)
    return any(line.closed_at is None and line.merged_into is None for line in others) or store.queue.any_holds(
        [line.id for line in others], "survey_declined"
    )


def answer(house: House, case_id: str, answered: e.SurveyAnswered | e.SurveyDeclined) -> None:
    """Keep what the customer answered, and its scores beside those of others. NotAllowed when nothing is asked."""

    def write(store: Store) -> None:
        case, at = store.case(case_id), house.now()
        folder = folder_of_customer(house, case)
        if not is_open(case, folder):
            raise NotAllowed(answered.kind, "there is no open question; open the page of the case again")
        appends = [Append(case_id, ((answered, CUSTOMER),), at, expected=case.version)]
        if isinstance(answered, e.SurveyAnswered):
            counted = e.SurveyCounted(answered.service, answered.communication)
            appends.append(Append(f"{STREAMS}{folder.name}", ((counted, MACHINE),), at))
        store.append_many(appends)

    write_in_turn(house.database, write)
    house.ring()


def months(house: House, journeys: Sequence[str], *, since: datetime) -> list[Month]:
    """By journey, the newest month first; one query. A month of few answers has their number and no mean."""
    with house.database.reading() as store:
        rows = store.insights.kept_in([f"{STREAMS}{journey}" for journey in journeys], COUNTED, since=since)
    read = (
        (journey := stream.removeprefix(STREAMS), _month(house, journey, at), e.read_event(COUNTED, schema, body))
        for stream, at, schema, body in rows
    )
    known = [(journey, month, event) for journey, month, event in read if isinstance(event, e.SurveyCounted)]
    by_month = groupby(known, key=lambda one: one[:2])
    found = [(*key, [event for *_, event in events]) for key, events in by_month]
    told = [
        Month(
            journey,
            month,
            mean_of([one.service for one in events]),
            mean_of([one.communication for one in events]),
        )
        for journey, month, events in found
    ]
    return sorted(told, key=lambda one: one.month, reverse=True)


def _month(house: House, journey: str, at: datetime) -> str:
    zone = ZoneInfo(house.journeys.get(journey).journey.calendar.time_zone)
    return at.astimezone(zone).strftime("%Y-%m")
