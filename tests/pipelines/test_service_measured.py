"""What customers got of what is promised: counted from the events of cases, noted when it changes."""

from datetime import date, datetime, timedelta

import pytest

from cases import events as e
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Effect, RequestKind, Step, Why
from pipelines.house import House
from pipelines.service_measured import measure, measure_service, measured, stream_of
from pipelines.timers import DUTIES
from tests.pipelines.given import Clock

JOURNEY = "motor_claim"
ANNA = Actor("person", "anna")
HOUR = timedelta(hours=1)
MONDAY = datetime.fromisoformat("2026-11-23T08:00:00+00:00")  # nine o'clock in Amsterdam


@pytest.fixture(autouse=True)
def at_nine(clock: Clock) -> None:
    clock.forward(seconds=(MONDAY - clock()).total_seconds())


def says(house: House, clock: Clock, name: str, *, channel: str = "email", answered: timedelta | None = None,
         letter: str = "free") -> None:  # fmt: skip
    """A customer writes now, and a letter leaves so long after."""
    message, id_ = f"message-{name}", f"letter-{name}"
    said = [
        (e.CaseOpened(f"C-2026-{name}", message, channel, "jo@example.org", "Jo", JOURNEY, "en"), MACHINE),
        (e.MessageAdded(message, channel, "jo@example.org", "Hello", "A crack.", clock()), CUSTOMER),
        (e.StepDecided(Step.EXPERT, (Why.ROW,), JOURNEY, "d" * 64, "windscreen"), MACHINE),
    ]
    written = e.LetterWritten(id_, letter, Effect.INFORM, "en", "jo@example.org", "Hello", "We are at it.")
    with house.database.writing() as store:
        store.append(f"case-{name}", said, at=clock())
        if answered is not None:
            left = [(written, MACHINE), (e.LetterSent(id_, f"<{id_}@example.org>", "smtp"), MACHINE)]
            store.append(f"case-{name}", left, at=clock() + answered)


def of_channel(found: e.ServiceMeasured, channel: str) -> e.RepliesMeasured:
    return next(one for one in found.replies if one.channel == channel)


def asks(house: House, clock: Clock, name: str, key: str, *, times: int) -> None:
    """Asks a customer something, gets it, and asks it again."""
    item = e.RequestItem(key, RequestKind.PHOTO)
    says(house, clock, name)
    for number in range(times):
        got = e.MessageAdded(f"message-{name}-{number}", "email", "jo@example.org", "Re", "Here.", clock())
        turn = [
            (e.HumanDecided("need_more", ANNA.name, "not to be seen"), ANNA),
            (e.RequestMade((item,), date(2026, 12, 4)), ANNA),
            (got, CUSTOMER),
            (e.RequestAnswered((key,), got.message_id), MACHINE),
        ]
        with house.database.writing() as store:
            store.append(f"case-{name}", turn, at=clock())


def test_answers_are_held_against_the_published_time_of_their_channel(house: House, clock: Clock) -> None:
    says(house, clock, "000001", answered=2 * HOUR)
    says(house, clock, "000002", answered=8 * HOUR)
    says(house, clock, "000003", answered=25 * HOUR)  # a day has ten hours: eleven of opening time
    says(house, clock, "000004")
    says(house, clock, "000005", channel="post")
    clock.forward(days=2)

    found = measure(house, JOURNEY)

    assert of_channel(found, "email") == e.RepliesMeasured("email", "8 working hours", 4, 2, 480, None)
    assert of_channel(found, "post").n == 0  # three working days are not over
    assert of_channel(found, "webform") == e.RepliesMeasured("webform", "8 working hours", 0, 0)


def test_what_is_not_due_yet_is_not_counted_and_a_receipt_is_no_answer(house: House, clock: Clock) -> None:
    says(house, clock, "000001", answered=HOUR, letter="received")

    early = of_channel(measure(house, JOURNEY), "email")
    clock.forward(hours=9)
    late = of_channel(measure(house, JOURNEY), "email")

    assert (early.n, late.n, late.kept) == (0, 1, 0)


def test_a_channel_without_a_published_time_is_told_and_keeps_nothing(house: House, clock: Clock) -> None:
    says(house, clock, "000001", channel="phone", answered=HOUR)

    assert measure(house, JOURNEY).replies[-1] == e.RepliesMeasured("phone", "", 1, 0, 60, 60)


def test_messages_of_more_than_thirty_days_ago_are_not_counted(house: House, clock: Clock) -> None:
    says(house, clock, "000001", answered=HOUR)
    clock.forward(days=31)

    assert of_channel(measure(house, JOURNEY), "email").n == 0


def test_questions_that_were_answered_before_are_counted_by_month_with_their_cases(house: House, clock: Clock) -> None:
    asks(house, clock, "000001", "photo_damage", times=3)
    clock.forward(days=10)
    asks(house, clock, "000002", "photo_damage", times=1)
    says(house, clock, "000003")

    assert measure(house, JOURNEY).repeats == (
        e.RepeatsMeasured("2026-12", 1, 1, 0),
        e.RepeatsMeasured("2026-11", 1, 3, 2, ("C-2026-000001",)),
    )


def test_it_is_noted_once_and_again_when_it_changed(house: House, clock: Clock) -> None:
    nothing = measure_service(house)
    says(house, clock, "000001", answered=HOUR)

    [first] = measure_service(house)
    again = measure_service(house)
    says(house, clock, "000002", answered=2 * HOUR)
    [second] = measure_service(house)

    assert (nothing, again) == ([], [])
    with house.database.reading() as store:
        assert [entry.event for entry in store.history(stream_of(JOURNEY))] == [first, second]
        assert measured(store, house.journeys.names()) == [(clock(), second)]
        assert measured(store, ["no_such_journey"]) == []


def test_it_is_counted_four_times_a_day() -> None:
    [duty] = [duty for duty in DUTIES if duty.do is measure_service]

    assert duty.every == timedelta(hours=6)
