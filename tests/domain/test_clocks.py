"""By when a case must be answered, hear from us and be decided, whatever waits there are between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from builders import ANNA, CASE_ID, opened, said, shipped, step
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import events as e
from cases.calendar import after_days, after_hours, open_time
from cases.case import Case, Entry, fold
from cases.clocks import AMBER, Clock, Pause, Reading, State, Which, clocks_of, next_clock, read
from cases.journey_spec import Calendar, Journey
from cases.timing import Timing, Turn
from cases.vocabulary import MACHINE, Effect, RequestKind, Status, Step

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # nine o'clock in Amsterdam
SHOP = Calendar(
    hours=dict.fromkeys(range(1, 6), ("08:00-12:30", "13:00-17:00")) | {6: ("09:00-12:00",)},
    holidays=("2026-12-25",),
)
JOURNEY = shipped().journey.model_copy(update={"calendar": SHOP})
HOURS = timedelta(hours=1)
DECISION = after_days(MONDAY, JOURNEY.promises.decision_days, SHOP)
WAITS = st.sampled_from([Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY])
GAPS = st.timedeltas(timedelta(), timedelta(days=3))


def lived(*events: tuple[float, e.Event]) -> Case:
    """A case of these events, each so many hours after Monday morning."""
    stream = [(0.0, opened()), *events]
    return fold(CASE_ID, [Entry(n, MONDAY + hours * HOURS, MACHINE, one) for n, (hours, one) in enumerate(stream, 1)])


def turned(*turns: tuple[datetime, Status]) -> Case:
    return Case(CASE_ID, opened_at=MONDAY, timing=Timing(tuple(Turn(*turn) for turn in turns)))


def clock(case: Case, which: Which, journey: Journey = JOURNEY) -> Clock:
    return next(one for one in clocks_of(case, journey) if one.which is which)


def decision(case: Case, now: datetime, journey: Journey = JOURNEY) -> Reading:
    return read(clock(case, Which.DECISION, journey), now, journey.calendar)


def letter() -> e.LetterWritten:
    return e.LetterWritten("l-1", "received", Effect.INFORM, "en", "jo@example.org", "Received", "Thank you")


def asked(hours: float) -> tuple[tuple[float, e.Event], ...]:
    item = e.RequestItem("damage_photos", RequestKind.PHOTO)
    made = e.RequestMade((item,), MONDAY.date())
    return (hours, step(Step.REQUEST_INFO, update_by=MONDAY + 300 * HOURS)), (hours, made)


def to_expert(hours: float, **changed: object) -> tuple[float, e.Event]:
    return hours, step(update_by=MONDAY + 300 * HOURS, **changed)


# --- without waits ------------------------------------------------------------------------------------------------


def test_the_first_word_is_due_in_the_hours_that_the_journey_promises() -> None:
    first = clock(lived((0, said())), Which.FIRST_RESPONSE)

    assert first.due == after_hours(MONDAY, JOURNEY.promises.first_response_hours, SHOP)
    assert read(first, MONDAY, SHOP) == Reading(State.RUNNING, 8 * HOURS, first.due)


@pytest.mark.parametrize(
    "told", [e.LetterSent("l-1", "<1@example.org>", "mail"), e.LetterWithheld("l-1", "no_address")]
)
def test_the_first_word_is_said_once_the_customer_can_read_it(told: e.Event) -> None:
    first = clock(lived((0, said()), (1, letter()), (2, told), (5, told)), Which.FIRST_RESPONSE)

    assert first.met == MONDAY + 2 * HOURS
    assert read(first, MONDAY + 100 * HOURS, SHOP).state is State.MET
    assert read(first, MONDAY + 100 * HOURS, SHOP).left == 6 * HOURS


def test_a_letter_that_is_only_written_answers_nobody() -> None:
    assert clock(lived((0, said()), (1, letter())), Which.FIRST_RESPONSE).met is None


def test_the_first_word_is_due_also_while_the_question_has_not_been_sent() -> None:
    case = lived((0, said()), *asked(1))

    assert clock(case, Which.FIRST_RESPONSE).pause is None
    assert next_clock(clocks_of(case, JOURNEY)) == clock(case, Which.FIRST_RESPONSE)


def test_the_next_word_is_due_when_the_customer_was_told() -> None:
    case = lived((0, said()), to_expert(1))

    update = clock(case, Which.NEXT_UPDATE)

    assert (update.begun, update.due) == (MONDAY + HOURS, case.update_by)


def test_without_a_promise_there_is_no_next_word_to_wait_for() -> None:
    case = lived((0, said()), (1, step(update_by=None)))

    assert [one.which for one in clocks_of(case, JOURNEY)] == [Which.FIRST_RESPONSE, Which.DECISION]


def test_a_person_who_decides_promises_anew() -> None:
    told = MONDAY + 50 * HOURS
    chosen = e.HumanDecided("need_more", "anna", "photos", update_by=told)

    update = clock(lived((0, said()), to_expert(1), (9, chosen)), Which.NEXT_UPDATE)

    assert (update.begun, update.due) == (MONDAY + 9 * HOURS, told)


@settings(deadline=None, max_examples=40)
@given(begun=st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_without_waits_a_decision_is_due_when_the_working_days_are_over(begun: datetime) -> None:
    case = Case(CASE_ID, opened_at=begun, timing=Timing((Turn(begun, Status.READING),)))

    due = clock(case, Which.DECISION).due

    assert due == after_days(begun, JOURNEY.promises.decision_days, SHOP)
    assert decision(case, begun).left == open_time(begun, due, SHOP)


@settings(deadline=None, max_examples=60)
@given(gaps=st.lists(st.timedeltas(timedelta(), timedelta(days=9)), max_size=4), later=GAPS)
def test_what_is_left_never_grows_while_a_clock_runs(gaps: list[timedelta], later: timedelta) -> None:
    now = MONDAY + sum(gaps, timedelta())
    case = turned((MONDAY, Status.READING))

    for which in (Which.FIRST_RESPONSE, Which.DECISION):
        one = clock(case, which)
        assert read(one, now + later, SHOP).left <= read(one, now, SHOP).left
        assert read(one, now, SHOP).left - read(one, now + later, SHOP).left == open_time(now, now + later, SHOP)


def test_amber_comes_before_red() -> None:
    case = turned((MONDAY, Status.READING))
    last = DECISION - AMBER

    assert decision(case, last).state is State.RUNNING
    assert decision(case, last + timedelta(microseconds=1)).state is State.AMBER
    assert decision(case, DECISION - timedelta(microseconds=1)).state is State.AMBER
    assert decision(case, DECISION) == Reading(State.BREACHED, timedelta(), DECISION)
    assert decision(case, DECISION + timedelta(days=1)).left < timedelta()


# --- waits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "pause"),
    [(Status.WAITING_CUSTOMER, Pause.CUSTOMER), (Status.WAITING_THIRD_PARTY, Pause.THIRD_PARTY)],
)
def test_the_time_of_others_is_not_counted(status: Status, pause: Pause) -> None:
    case = turned((MONDAY + HOURS, status))

    waiting = clock(case, Which.DECISION)

    assert (waiting.due, waiting.pause, waiting.held) == (None, pause, open_time(MONDAY + HOURS, DECISION, SHOP))
    soon, late = decision(case, MONDAY + 2 * HOURS), decision(case, MONDAY + 999 * HOURS)
    assert soon.state is late.state is State.PAUSED
    assert soon.left == late.left
    assert late.due > soon.due


def test_who_is_waited_for_may_change() -> None:
    both = (MONDAY + HOURS, Status.WAITING_CUSTOMER), (MONDAY + 2 * HOURS, Status.WAITING_THIRD_PARTY)

    waiting = clock(turned(*both), Which.DECISION)

    assert (waiting.pause, waiting.held) == (Pause.THIRD_PARTY, open_time(MONDAY + HOURS, DECISION, SHOP))


@settings(deadline=None, max_examples=80)
@given(spells=st.lists(st.tuples(st.timedeltas(timedelta(), timedelta(hours=40)), WAITS, GAPS), max_size=4), last=GAPS)
def test_only_our_own_time_is_taken_from_what_is_left(
    spells: Sequence[tuple[timedelta, Status, timedelta]], last: timedelta
) -> None:
    now, ours, turns = MONDAY, timedelta(), []
    for working, status, waiting in spells:
        ours += open_time(now, now + working, SHOP)
        turns += [(now + working, status), (now + working + waiting, Status.READING)]
        now += working + waiting
    ours += open_time(now, now + last, SHOP)
    patient = JOURNEY.model_copy(update={"promises": JOURNEY.promises.model_copy(update={"decision_days": 60})})

    reading = decision(turned(*turns), now + last, patient)

    whole = open_time(MONDAY, after_days(MONDAY, 60, SHOP), SHOP)
    assert reading.left == whole - ours


@settings(deadline=None, max_examples=80)
@given(worked=st.timedeltas(timedelta(hours=1), timedelta(days=20)), waited=GAPS)
def test_a_wait_never_ends_in_a_late_case_without_a_warning(worked: timedelta, waited: timedelta) -> None:
    asked_at, resumed = MONDAY + worked, MONDAY + worked + waited
    case = turned((asked_at, Status.WAITING_CUSTOMER), (resumed, Status.READING))

    reading = decision(case, resumed)

    if asked_at < DECISION:
        assert reading.state in (State.RUNNING, State.AMBER)
        assert reading.left >= JOURNEY.promises.warning_hours * HOURS
        assert clock(case, Which.DECISION).warned == (open_time(asked_at, DECISION, SHOP) < 2 * HOURS)
    else:
        assert reading == Reading(State.BREACHED, reading.left, DECISION)


def test_who_goes_on_with_little_left_is_given_the_warning_and_told_so() -> None:
    asked_at, resumed = DECISION - HOURS, MONDAY + timedelta(days=28)
    long = JOURNEY.model_copy(update={"promises": JOURNEY.promises.model_copy(update={"warning_hours": 6})})
    case = turned((asked_at, Status.WAITING_CUSTOMER), (resumed, Status.READING))

    going = clock(case, Which.DECISION, long)

    assert (going.due, going.warned) == (after_hours(resumed, 6, SHOP), True)
    assert decision(case, resumed, long).state is State.AMBER  # though more is left than turns any other clock amber


def test_a_journey_that_names_no_warning_keeps_its_digest() -> None:
    promises = JOURNEY.promises
    longer = promises.model_copy(update={"warning_hours": 6})

    assert "warning_hours" not in promises.model_dump_json()
    assert type(promises).model_validate_json(longer.model_dump_json()) == longer
    assert type(promises).model_validate_json(promises.model_dump_json()) == promises


def test_what_was_late_before_a_wait_is_late_through_it_and_after() -> None:
    asked_at = DECISION + HOURS
    waiting = turned((asked_at, Status.WAITING_CUSTOMER))
    resumed = turned((asked_at, Status.WAITING_CUSTOMER), (asked_at + HOURS, Status.READING))

    assert decision(waiting, asked_at).state is decision(resumed, asked_at + HOURS).state is State.BREACHED


def test_an_answer_just_before_the_promised_moment_leaves_the_warning() -> None:
    told = MONDAY + 6 * HOURS
    waiting = (0, said()), (1, step(Step.REQUEST_INFO, update_by=told)), (1, asked(1)[1][1])

    near = clock(lived(*waiting, (5.5, said(id_="m-2"))), Which.NEXT_UPDATE)
    early = clock(lived(*waiting, (2, said(id_="m-2"))), Which.NEXT_UPDATE)
    past = clock(lived(*waiting, (6, said(id_="m-2"))), Which.NEXT_UPDATE)

    assert (near.due, near.warned) == (after_hours(MONDAY + 5.5 * HOURS, 2, SHOP), True)
    assert (early.due, early.warned) == (told, False)
    assert (past.due, past.warned) == (told, False)  # the promise was broken before the answer came


def test_a_case_that_is_snoozed_goes_on() -> None:
    until = MONDAY + timedelta(days=60)
    case = lived((0, said()), to_expert(1), (2, e.CaseSnoozed(until, "anna")))

    assert clock(case, Which.DECISION).due == DECISION
    assert decision(case, until).state is State.BREACHED


# --- decided, and again -------------------------------------------------------------------------------------------


def test_a_decision_stops_its_clock_when_it_is_made_and_not_when_it_is_carried_out() -> None:
    made, done = MONDAY + 3 * HOURS, MONDAY + 90 * HOURS
    case = turned(
        (MONDAY, Status.WITH_EXPERT), (made, Status.HANDING_OVER), (done, Status.DECIDED), (done, Status.CLOSED)
    )

    assert clock(case, Which.DECISION).met == made
    assert decision(case, done).left == open_time(made, DECISION, SHOP)


def test_a_decision_made_while_others_were_waited_for_stops_the_clock_with_what_was_left() -> None:
    case = turned((DECISION - HOURS, Status.WAITING_THIRD_PARTY), (DECISION + 90 * HOURS, Status.DECIDED))

    assert decision(case, DECISION + 99 * HOURS).left == HOURS
    assert decision(case, DECISION + 99 * HOURS).state is State.MET


def test_an_order_that_is_refused_was_no_decision() -> None:
    case = turned((MONDAY + HOURS, Status.HANDING_OVER), (MONDAY + 2 * HOURS, Status.WITH_EXPERT))

    assert (clock(case, Which.DECISION).begun, clock(case, Which.DECISION).met) == (MONDAY, None)


@pytest.mark.parametrize("done", [Status.DECIDED, Status.CLOSED])
def test_what_is_to_be_decided_again_begins_again(done: Status) -> None:
    again = MONDAY + 30 * HOURS
    case = turned((MONDAY + HOURS, done), (again, Status.REOPENED), (again + HOURS, Status.WITH_EXPERT))

    assert clock(case, Which.DECISION) == Clock(Which.DECISION, again, after_days(again, 10, SHOP))


def test_a_closed_case_is_not_waited_for() -> None:
    case = lived((0, said()), (1, step(Step.AUTO_CLOSE)), (1, e.CaseClosed("tell_status")))

    assert next_clock(clocks_of(case, JOURNEY)) is None
    assert clock(case, Which.FIRST_RESPONSE).met == MONDAY + HOURS


def test_a_case_that_came_in_decided_has_a_clock_only_once_it_is_reopened() -> None:
    imported = e.CaseImported(
        reference="C-2024-000001", received_at=MONDAY, journey="motor_claim", language="en", customer="jo",
        topic="windscreen", outcome="repair_glass", decided_at=MONDAY, decided_by="anna", blind=True, text="A crack",
    )  # fmt: skip
    again = Entry(2, MONDAY + HOURS, ANNA, e.CaseReopened("", "person"))
    stream = [Entry(1, MONDAY, MACHINE, imported)]

    assert clocks_of(fold(CASE_ID, stream), JOURNEY) == ()
    assert [one.begun for one in clocks_of(fold(CASE_ID, [*stream, again]), JOURNEY)] == [MONDAY + HOURS]


def test_an_erased_case_has_no_clock() -> None:
    case = lived((0, said()), (1, e.CaseErased("ada", "asked")))

    assert clocks_of(case, JOURNEY) == ()
    assert case.timing == Timing()


# --- what presses --------------------------------------------------------------------------------------------------


def test_of_the_clocks_that_run_the_one_that_is_due_first_presses() -> None:
    sent = (0, said()), (1, letter()), (1, e.LetterSent("l-1", "<1@example.org>", "mail"))
    urgent, late = lived(*sent, (2, step(update_by=MONDAY + 9 * HOURS))), lived(*sent, to_expert(2))

    assert next_clock(clocks_of(urgent, JOURNEY)) == clock(urgent, Which.NEXT_UPDATE)
    assert next_clock(clocks_of(late, JOURNEY)) == clock(late, Which.DECISION)


def test_while_others_are_waited_for_the_clock_that_stands_still_is_shown() -> None:
    sent = (1, letter()), (1, e.LetterSent("l-1", "<1@example.org>", "mail"))
    case = lived((0, said()), *sent, *asked(2))

    pressing = next_clock(clocks_of(case, JOURNEY))

    assert pressing is not None
    assert (pressing.which, pressing.pause) == (Which.DECISION, Pause.CUSTOMER)
