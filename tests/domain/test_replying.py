"""How fast messages are answered: what is published of each channel, and what counts as an answer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import ANNA, JOURNEYS, NOW, entries, opened, said, shipped
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cases import events as e
from cases.calendar import after_days, after_hours
from cases.journey_spec import Calendar, Promises
from cases.replying import Reply, answer_times, answered_by, replies
from cases.vocabulary import Effect

MINUTE = timedelta(minutes=1)


def letter(name: str, id_: str) -> e.LetterWritten:
    return e.LetterWritten(id_, name, Effect.INFORM, "en", "jo@example.org", "Hello", "We are at it.")


def sent(id_: str) -> e.LetterSent:
    return e.LetterSent(id_, "smtp", f"<{id_}@example.org>")


def answered(*events: e.Event) -> list[tuple[str, int | None]]:
    """Each message's channel, and the minute in which it was answered."""
    found = replies(entries(opened(), *events))
    return [(one.channel, one.answered_at and (one.answered_at - NOW) // MINUTE) for one in found]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_shipped_journey_says_how_fast_it_answers_in_four_languages(journey: str) -> None:
    for language in ("nl", "en", "fr", "de"):
        told = answer_times(shipped(journey), language)

        assert {one.channel for one in told} >= {"email", "webform", "post"}
        assert all("track." not in one.name + one.within and "{" not in one.within for one in told)


def test_one_and_more_are_worded_apart() -> None:
    folder = shipped()
    promises = folder.journey.promises.model_copy(
        update={"reply": {"email": "1 working day", "chat": "2 working hours", "post": "3 working days"}}
    )
    told = answer_times(replace(folder, journey=folder.journey.model_copy(update={"promises": promises})), "en")

    assert [(one.name, one.within) for one in told] == [
        ("E-mail", "within 1 working day"), ("Chat", "within 2 working hours"), ("Letter", "within 3 working days"),
    ]  # fmt: skip


@pytest.mark.parametrize("time", ["1 day", "0 working days", "100 working hours", "one working day", "1 working week"])
def test_a_time_that_cannot_be_counted_is_refused(time: str) -> None:
    with pytest.raises(ValidationError, match="reply"):
        Promises(first_response_hours=8, decision_days=10, answer_days=10, reply={"email": time})


@given(st.integers(1, 20), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)))  # noqa: DTZ001  # given a zone below
def test_answers_are_due_in_working_time(number: int, at: datetime) -> None:
    at, week = at.replace(tzinfo=NOW.tzinfo), Calendar()

    assert answered_by(f"{number} working hours", week, received_at=at) == after_hours(at, number, week)
    assert answered_by(f"{number} working day", week, received_at=at) == after_days(at, number, week)


def test_a_letter_answers_all_that_was_said_before_it_left() -> None:
    log = (said(), replace(said(id_="m-2"), channel="chat"), letter("free", "l-1"), sent("l-1"))

    assert answered(*log, said(id_="m-3")) == [("email", 4), ("chat", 4), ("email", None)]


def test_that_a_message_arrived_is_no_answer() -> None:
    assert answered(said(), letter("received", "l-1"), sent("l-1")) == [("email", None)]


def test_an_answer_that_leaves_with_a_receipt_is_one() -> None:
    both = (letter("received", "l-1"), letter("free", "l-2"))

    assert answered(said(), *both, e.LettersJoined(("l-1", "l-2")), sent("l-1")) == [("email", 5)]
    assert answered(said(), *both, e.LettersJoined(("l-1",)), sent("l-1")) == [("email", None)]


def test_a_letter_that_can_only_be_read_on_the_page_answers_and_an_answer_in_the_chat_does_so_at_once() -> None:
    assert answered(said(), letter("free", "l-1"), e.LetterWithheld("l-1", "no_address")) == [("email", 3)]
    assert answered(said(), letter("chat", "l-1"), e.NoteAdded("x", ANNA.name)) == [("email", 2)]


def test_without_messages_nothing_was_to_be_answered() -> None:
    assert replies([]) == []
    assert answered(sent("l-0")) == []
    assert Reply("email", NOW).answered_at is None
