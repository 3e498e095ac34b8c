"""Dates learned each night from cases that were closed: noted when they change, read on pages, withdrawn by drift."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cases import events as e
from cases.calendar import after_open
from cases.case import fold
from cases.store.log import Append
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Step, Why
from pipelines.house import House
from pipelines.learned_dates import Axis, last_learned, learn_dates, look
from pipelines.model_log import STREAM
from pipelines.reading_room import customer_view
from pipelines.timers import DUTIES
from tests.pipelines.given import Clock

JOURNEY, TOPIC = "motor_claim", "windscreen"
HOUR = timedelta(hours=1)
ANNA = Actor("person", "anna")


class Office:
    """Decides on a case about every two and a half hours, each after a time of its own."""

    def __init__(self, house: House, begins: datetime) -> None:
        self._house, self._at, self._random = house, begins, np.random.default_rng(7)
        self._calendar = house.journeys.get(JOURNEY).journey.calendar
        self._number = 0

    def works(self, cases: int, *, slower: float = 1.0) -> datetime:
        """When the last of so many cases came in."""
        came = [self._case(slower) for _ in range(cases)]
        now = self._at
        with self._house.database.writing() as store:
            store.append_many([one for one, _ in came])
            store.append_many([later for _, later in came])
        return now

    def _case(self, slower: float) -> tuple[Append, Append]:
        self._number += 1
        self._at = after_open(self._at, float(self._random.exponential(2.5)) * HOUR + HOUR / 60, self._calendar)
        took = float(self._random.lognormal(2.5, 0.5)) * slower * HOUR
        closed = after_open(self._at, took, self._calendar)
        id_, message = f"case-l{self._number}", f"message-l{self._number}"
        first = (
            (
                e.CaseOpened(f"C-2025-{self._number:06d}", message, "email", "k@example.org", "K", JOURNEY, "en"),
                MACHINE,
            ),
            (e.MessageAdded(message, "email", "k@example.org", "Hello", "A crack.", self._at), CUSTOMER),
            (e.StepDecided(Step.EXPERT, (Why.ROW,), JOURNEY, "d" * 64, TOPIC), MACHINE),
        )
        last = ((e.HumanDecided("pay_glass", "anna", "as the terms say"), ANNA), (e.CaseClosed("pay_glass"), ANNA))
        return Append(id_, first, self._at), Append(id_, last, closed)


@pytest.fixture
def office(house: House, clock: Clock) -> Office:
    """A year of steady work lies behind us."""
    begins = datetime(2025, 11, 3, 8, 0, tzinfo=UTC)
    office = Office(house, begins)
    clock.forward(seconds=(office.works(260) - clock()).total_seconds())
    return office


def outcome(learned: e.DatesLearned) -> e.LearnedRange:
    return next(one for one in learned.ranges if (one.topic, one.until) == (TOPIC, "outcome"))


def open_case(house: House, update_by: datetime) -> str:
    """A case that was decided upon just now."""
    now = house.now()
    with house.database.writing() as store:
        store.append("case-now", [
            (e.CaseOpened("C-2026-000900", "message-now", "email", "jo@example.org", "Jo", JOURNEY, "en"), MACHINE),
            (e.MessageAdded("message-now", "email", "jo@example.org", "Hello", "A crack.", now), CUSTOMER),
            (e.StepDecided(Step.EXPERT, (Why.ROW,), JOURNEY, "d" * 64, TOPIC, update_by=update_by), MACHINE),
        ], at=now)  # fmt: skip
    return "case-now"


def test_a_steady_office_lets_its_customers_read_a_range_until_it_slows_down(
    house: House, clock: Clock, office: Office
) -> None:
    case_id = open_case(house, house.now() + timedelta(days=60))
    unknown = customer_view(house, case_id).expected

    [learned] = learn_dates(house)
    told = customer_view(house, case_id).expected
    assert learn_dates(house) == []  # nothing that a customer reads has changed
    clock.forward(seconds=(office.works(120, slower=3.0) - clock()).total_seconds())
    [withdrawn] = learn_dates(house)

    assert unknown == ("We do not know yet how long this takes in all.",)
    assert outcome(learned).told
    assert told[-1].startswith("Most cases like yours are settled b")
    assert (outcome(withdrawn).told, outcome(withdrawn).checked >= 60) == (False, True)
    assert customer_view(house, case_id).expected == unknown
    with house.database.reading() as store:
        assert last_learned(store) == {JOURNEY: withdrawn}
        assert [one.event for one in store.history(STREAM) if isinstance(one.event, e.DatesLearned)] == [
            learned,
            withdrawn,
        ]
        assert fold(case_id, store.history(case_id)).status == "with_expert"


def test_a_range_that_ends_after_the_promised_date_is_not_told(house: House, office: Office) -> None:
    assert office
    learn_dates(house)

    assert customer_view(house, open_case(house, house.now() + HOUR)).expected == ()


def test_cases_made_up_for_a_demo_tell_nothing(house: House, clock: Clock) -> None:
    now = house.now()
    past = [
        e.CaseImported(
            f"C-2025-{number:06d}", JOURNEY, now - timedelta(hours=9 * number + 50), now - timedelta(hours=9 * number),
            "A crack.", "pay_glass", "anna", blind=True, customer="k", topic=TOPIC, simulated=number % 2 == 0,
        )
        for number in range(1, 301)
    ]  # fmt: skip
    with house.database.writing() as store:
        store.append_many([Append(f"case-p{one.reference}", ((one, MACHINE),), now) for one in past])

    learned = outcome(look(house, JOURNEY))

    assert clock() == now
    assert 60 <= learned.n <= 150


def test_without_cases_nothing_is_learned_and_nothing_noted(house: House) -> None:
    assert learn_dates(house) == []


def test_hours_between_two_moments_are_those_that_it_was_open(house: House) -> None:
    calendar = house.journeys.get(JOURNEY).journey.calendar
    friday = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)  # 17:00; the clocks move in the night to Sunday
    axis = Axis(calendar, friday - timedelta(days=400), friday + timedelta(days=30))

    for hours in (0.5, 3, 12, 100):
        ends = after_open(friday, timedelta(hours=hours), calendar)
        assert axis.at(ends) - axis.at(friday) == pytest.approx(hours)


def test_it_is_looked_at_once_a_day() -> None:
    [duty] = [duty for duty in DUTIES if duty.do is learn_dates]

    assert duty.every == timedelta(days=1)
