"""A call is promised within opening hours, and a promised call does not pass in silence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import ANNA, NOW, opened, said, shipped, sign, step, understood
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import calendar
from cases import events as e
from cases.authority import check
from cases.calling_back import CALL_MISSED, MOST_DAYS, SHORTEST, may_be_called, missed, promised_text, slots
from cases.case import Case, Entry, fold
from cases.errors import NotAllowed
from cases.journey import tracking
from cases.journey_spec import Calendar
from cases.keeping import due_word
from cases.steps import next_step
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Step
from cases.work_plan import State, Task, work_plan

OPENS = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLOSES = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # a Tuesday, half past five in Amsterdam
LATER = datetime(2026, 12, 10, 17, 0, tzinfo=UTC)
ASKED = e.CallAsked("+31612345678", OPENS, CLOSES)
WITH_US = (opened(), said(), understood(), e.Enriched(), step(Step.EXPERT, update_by=LATER))
TOLD = e.NoteAdded("It stands at the garage", "anna", "Piet")
SPLIT_DAYS = Calendar(hours={2: ("09:00-11:30", "13:00-16:00"), 4: ("18:00-20:00",), 5: ("11:30-12:30",)})


def stream(*events: e.Event) -> list[Entry]:
    return [Entry(n + 1, NOW + timedelta(minutes=n), MACHINE, event) for n, event in enumerate(events)]


def case(*events: e.Event) -> Case:
    return fold("case-1", stream(*WITH_US, *events))


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # UTC is given
    hours=st.sampled_from([shipped().journey.calendar, SPLIT_DAYS, Calendar(opens="11:15", closes="12:45")]),
)
@settings(max_examples=60, deadline=None)
def test_a_call_is_only_ever_promised_within_opening_hours_and_with_time_for_it(at: datetime, hours: Calendar) -> None:
    offered = slots(at, hours)

    assert [slot.key for slot in offered] == list(dict.fromkeys(slot.key for slot in offered))
    assert len({slot.day for slot in offered}) <= MOST_DAYS
    for slot in offered:
        assert slot.opens >= at
        assert slot.closes - slot.opens >= SHORTEST
        assert calendar.open_time(slot.opens, slot.closes, hours) == slot.closes - slot.opens
    assert list(offered) == sorted(offered, key=lambda slot: slot.opens)


def test_a_calendar_without_an_hour_on_end_offers_nothing() -> None:
    assert slots(NOW, Calendar(hours={1: ("09:00-09:30",)})) == ()


def test_a_promised_call_is_a_task_with_its_time_and_the_customer_reads_when() -> None:
    asked = case(ASKED)

    view = tracking(shipped(), asked, stream(*WITH_US, ASKED), language="en")
    planned = [one for one in work_plan(asked, stream(*WITH_US, ASKED)) if one.task is Task.CALL_BACK]

    assert view.call == "We call you on Tuesday 24 November between 13:00 and 17:30, on …678"
    assert view.may_be_called
    assert [(one.state, one.due) for one in planned] == [(State.NEXT, CLOSES)]
    assert (asked.promised_by, case().promised_by, replace(case(), update_by=None).promised_by) == (CLOSES, LATER, None)


@pytest.mark.parametrize("language", ["nl", "en", "fr", "de"])
def test_the_promise_is_told_in_every_language_of_a_page(language: str) -> None:
    told = promised_text(ASKED, shipped(), language)

    assert "track.call" not in told
    assert "13:00" in told
    assert "17:30" in told


def test_noting_what_they_told_ends_it_and_a_note_of_our_own_does_not() -> None:
    assert case(ASKED, TOLD).call is None
    assert case(ASKED, e.NoteAdded("Busy, I try again", "anna")).call == ASKED
    assert case(e.CaseClosed("refuse")).call is None


def test_nobody_is_called_by_the_page_of_a_finished_case() -> None:
    assert may_be_called(case())
    assert not may_be_called(replace(case(), closed_at=NOW))


def test_the_first_missed_call_is_owned_up_to_with_a_new_time_and_the_next_one_is_a_persons() -> None:
    entries = stream(*WITH_US, ASKED)
    first = due_word(case(ASKED), entries, shipped(), at=CLOSES)

    passed, letter = first
    assert isinstance(passed, e.CallMissed)
    assert isinstance(letter, e.LetterWritten)
    assert (letter.letter, passed.letter_id) == (CALL_MISSED, letter.letter_id)
    assert passed.again is not None
    assert passed.again > CLOSES
    again = case(ASKED, *first)
    assert again.call is not None
    assert again.call.promised == passed.again
    assert due_word(again, stream(*WITH_US, ASKED, *first), shipped(), at=passed.again - timedelta(minutes=1)) == []
    [second] = missed(again, shipped(), at=passed.again)
    assert second == e.CallMissed(passed.again)
    late = case(ASKED, *first, second)
    assert (late.call, late.to_call) == (None, "call_missed")
    assert missed(late, shipped(), at=LATER) == []


def test_a_call_whose_time_has_not_come_is_not_missed() -> None:
    assert missed(case(ASKED), shipped(), at=CLOSES - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    "stands",
    [
        replace(case(ASKED), dangers=(sign(),)),
        replace(case(ASKED), dead_addresses=(case().sender.casefold(),)),
    ],
    ids=["danger", "dead address"],
)
def test_where_a_letter_does_not_help_a_person_calls_at_once(stands: Case) -> None:
    assert missed(stands, shipped(), at=CLOSES) == [e.CallMissed(CLOSES)]


def test_the_machine_closes_nothing_while_a_call_is_promised() -> None:
    read = fold("case-1", stream(opened(), said(), understood(), e.Enriched()))

    assert next_step(replace(read, call=ASKED), shipped(), certificate=None, at=NOW).step is Step.EXPERT


@pytest.mark.parametrize(
    ("event", "by", "allowed"),
    [
        (ASKED, CUSTOMER, True),
        (replace(ASKED, by="anna"), ANNA, True),
        (replace(ASKED, by="anna"), Actor("person", "bob"), False),
        (ASKED, MACHINE, False),
        (e.CallMissed(CLOSES), MACHINE, True),
        (e.CallMissed(CLOSES), ANNA, False),
    ],
)
def test_the_customer_asks_a_person_promises_and_the_clock_tells_what_was_missed(
    event: e.Event, by: Actor, *, allowed: bool
) -> None:
    if allowed:
        check(case(ASKED), event, by)
        return
    with pytest.raises(NotAllowed):
        check(case(ASKED), event, by)
