"""What is said to the customer of an open case by the clock alone: a later date, a call, a reminder, mostly nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import ANNA, NOW, chosen, opened, said, shipped, sign, step, understood
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import ValidationError

from cases import authority
from cases import events as e
from cases.case import Case, Entry, fold
from cases.composing import sendable
from cases.errors import NotAllowed
from cases.journey import tracking
from cases.journey_spec import Promises
from cases.keeping import KEPT, REMINDER, STILL_BUSY, due_word, is_quiet, promise_of
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Effect, RequestKind, Status, Step
from cases.work_plan import Task, work_plan

JOURNEY = shipped().journey
PROMISE = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)  # a Wednesday, six o'clock in Amsterdam
READ = (opened(), said(), understood(), e.Enriched())
WITH_US = (*READ, step(Step.EXPERT, update_by=PROMISE))
PHOTOS = e.RequestItem("damage_photos", RequestKind.PHOTO)
ASKED = (
    *READ, step(Step.REQUEST_INFO, requests=("damage_photos",), update_by=NOW + timedelta(days=11)),
    e.RequestMade((PHOTOS,), date(2026, 12, 3)),
)  # fmt: skip
LETTER = e.LetterWritten("case-1.7", "free", Effect.INFORM, "en", "jo@example.org", "s", "b", approved_by="anna")
Happened = e.Event | tuple[e.Event, Actor]


def stream(*events: Happened) -> list[Entry]:
    """A minute apart, from NOW."""
    pairs = [one if isinstance(one, tuple) else (one, MACHINE) for one in events]
    return [Entry(n + 1, NOW + timedelta(minutes=n), actor, event) for n, (event, actor) in enumerate(pairs)]


def word(entries: Sequence[Entry], at: datetime) -> list[e.Written]:
    return due_word(fold("case-1", entries), entries, shipped(), at=at)


def grown(entries: Sequence[Entry], events: Sequence[e.Event], at: datetime, actor: Actor = MACHINE) -> list[Entry]:
    return [*entries, *(Entry(len(entries) + 1 + n, at, actor, event) for n, event in enumerate(events))]


def why(entries: Sequence[Entry], at: datetime = PROMISE) -> str:
    first = word(entries, at)[0]
    assert isinstance(first, e.PromisePassed)
    return first.why


def test_nothing_is_said_while_the_promise_stands_and_a_later_date_the_moment_it_passes() -> None:
    entries = stream(*WITH_US)

    assert word(entries, PROMISE - timedelta(seconds=1)) == []
    passed, letter = word(entries, PROMISE)
    assert isinstance(passed, e.PromisePassed)
    assert isinstance(letter, e.LetterWritten)
    assert (passed.promised, passed.why, passed.letter_id) == (PROMISE, "busy", letter.letter_id)
    assert (letter.letter, letter.effect, letter.approved_by) == (STILL_BUSY, Effect.INFORM, None)
    assert "Friday 27 November" in letter.body


def test_once_told_the_new_date_stands_and_nothing_is_said_twice() -> None:
    entries = stream(*WITH_US)
    entries = grown(entries, word(entries, PROMISE), PROMISE)

    case = fold("case-1", entries)

    assert word(entries, PROMISE) == []
    assert (case.put_off, case.update_by) == (1, datetime(2026, 11, 27, 17, 0, tzinfo=UTC))
    assert case.timing.promised_at == PROMISE


def test_who_was_put_off_as_often_as_the_journey_allows_is_called_at_the_word_of_the_lead() -> None:
    entries, at = stream(*WITH_US), PROMISE
    for _ in range(JOURNEY.promises.most_put_off):
        entries = grown(entries, word(entries, at), at)
        at = promise_of(fold("case-1", entries), JOURNEY) or at

    entries = grown(entries, word(entries, at), at)

    case = fold("case-1", entries)
    assert (case.to_call, word(entries, at + timedelta(days=7))) == ("too_often", [])
    assert [one.who for one in work_plan(case, entries) if one.task is Task.CALL] == ["lead"]


def test_in_danger_the_clock_writes_nothing_and_a_person_calls() -> None:
    entries = stream(opened(), said(), understood(dangers=(sign(),)), e.Enriched(), step(update_by=PROMISE))

    assert why(entries) == "danger"
    case = fold("case-1", grown(entries, word(entries, PROMISE), PROMISE))
    assert (case.to_call, case.update_by) == ("danger", PROMISE)
    assert [one.who for one in work_plan(case, entries) if one.task is Task.CALL] == ["us"]


def test_the_page_shows_no_date_that_was_missed_but_who_is_to_speak_first() -> None:
    entries = stream(opened(), said(), understood(dangers=(sign(),)), e.Enriched(), step(update_by=PROMISE))
    before = tracking(shipped(), fold("case-1", entries), entries, language="en")
    later = grown(entries, word(entries, PROMISE), PROMISE)
    after = tracking(shipped(), fold("case-1", later), later, language="en")

    assert before.by == PROMISE
    assert (after.by, after.by_text) == (None, "")
    assert "A colleague will contact you" in after.next


def test_whom_no_letter_reaches_is_called() -> None:
    asked = (*WITH_US, replace(LETTER, to="jo@example.org"), e.LetterBounced("case-1.7", "m-9", "5.1.1"))

    assert why([*stream(*asked)][:-2]) == "busy"
    last = fold("case-1", stream(*asked))
    assert due_word(last, stream(*WITH_US), shipped(), at=PROMISE) == [e.PromisePassed(PROMISE, "unreached")]


def test_a_journey_without_the_letter_leaves_it_to_a_person() -> None:
    folder = shipped()
    letters = {key: spec for key, spec in JOURNEY.letters.items() if key not in KEPT}
    bare = replace(folder, journey=JOURNEY.model_copy(update={"letters": letters}))
    entries = stream(*WITH_US)

    assert due_word(fold("case-1", entries), entries, bare, at=PROMISE) == [e.PromisePassed(PROMISE, "no_letter")]
    waiting = stream(*ASKED)
    assert due_word(fold("case-1", waiting), waiting, bare, at=NOW + timedelta(days=5)) == []


@pytest.mark.parametrize("spoken", [(e.NoteAdded("called", "anna"), ANNA), (LETTER, ANNA)])
def test_after_a_person_called_or_wrote_the_promise_goes_on_without_a_letter(spoken: Happened) -> None:
    calling = grown(stream(opened(), said(), understood(dangers=(sign(),)), step(update_by=PROMISE)),
                    [e.PromisePassed(PROMISE, "danger")], PROMISE)  # fmt: skip
    event, actor = spoken  # type: ignore[misc]  # both are pairs

    entries = grown(calling, [event], PROMISE + timedelta(hours=1), actor)

    assert fold("case-1", entries).to_call == ""
    told = word(entries, PROMISE + timedelta(hours=1))
    assert [one.why for one in told if isinstance(one, e.PromisePassed)] == ["told"]
    assert len(told) == 1
    assert fold("case-1", grown(entries, told, PROMISE)).put_off == 0


def test_a_note_that_nobody_was_asked_for_tells_the_customer_nothing() -> None:
    assert why(stream(*WITH_US, (e.NoteAdded("looked at it", "anna"), ANNA))) == "busy"


def test_a_decision_ends_the_call() -> None:
    case = fold("case-1", stream(*WITH_US, e.PromisePassed(PROMISE, "too_often"), (chosen(), ANNA)))

    assert (case.to_call, case.put_off) == ("", 0)


def test_what_is_about_to_leave_is_waited_for() -> None:
    held = e.LetterHeld(LETTER, PROMISE + timedelta(hours=1))

    assert word(stream(*WITH_US, (held, ANNA)), PROMISE) == []
    assert why(stream(*WITH_US, (replace(held, leaves_at=PROMISE + timedelta(days=9)), ANNA))) == "busy"


def test_nothing_leaves_in_the_night() -> None:
    night = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)

    assert not is_quiet(night - timedelta(seconds=1), JOURNEY)
    assert word(stream(*WITH_US), night) == []
    assert why(stream(*WITH_US), night + timedelta(hours=11)) == "busy"


@pytest.mark.parametrize("last", [e.CaseClosed("answer"), e.CaseErased("asked", "anna")])
def test_a_case_that_is_closed_or_erased_is_promised_nothing(last: e.Event) -> None:
    assert word(stream(*WITH_US, last), PROMISE + timedelta(days=30)) == []


def test_a_case_without_any_promise_has_that_of_a_first_response() -> None:
    case = fold("case-1", stream(opened(), said()))

    assert promise_of(case, JOURNEY) == datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
    assert promise_of(Case("case-1"), JOURNEY) is None


def reminders_over(entries: list[Entry], days: int) -> list[tuple[int, list[Entry]]]:
    """Every three hours for so many days: the day of each reminder, with the stream after it."""
    found = []
    for hours in range(0, days * 24, 3):
        at = NOW + timedelta(hours=hours)
        if events := word(entries, at):
            entries = grown(entries, events, at)
            if any(isinstance(one, e.LetterWritten) and one.letter == REMINDER for one in events):
                found.append((hours // 24, entries))
    return found


def test_the_customer_is_reminded_on_the_days_of_the_journey_and_then_a_person_takes_over() -> None:
    reminded = reminders_over(stream(*ASKED), 10)

    assert [day for day, _ in reminded] == [4, 8]
    entries, at = reminded[-1][1], NOW + timedelta(days=11)
    assert fold("case-1", entries).status is Status.WAITING_CUSTOMER
    assert why(entries, at) == "no_answer"
    after = fold("case-1", grown(entries, word(entries, at), at))
    assert (after.status, len(after.open_requests)) == (Status.WITH_EXPERT, 1)


def test_what_was_answered_snoozed_or_is_too_late_is_not_reminded_of() -> None:
    at = NOW + timedelta(days=4, hours=1)
    said_again = said("Here they are.", id_="m-2", at=NOW + timedelta(days=1))
    snoozed = e.CaseSnoozed(at + timedelta(days=2), "anna")
    past = e.RequestMade((PHOTOS,), date(2026, 11, 26))

    assert [one.letter for one in word(stream(*ASKED), at) if isinstance(one, e.LetterWritten)] == [REMINDER]
    assert word(stream(*ASKED, e.RequestAnswered(("damage_photos",), "m-2")), at) == []
    assert word(stream(*ASKED, (said_again, CUSTOMER)), at) == []
    assert word(stream(*ASKED, (snoozed, ANNA)), at) == []
    assert word(stream(*ASKED[:-1], past), at) == []


def test_two_reminders_that_come_due_at_once_are_one() -> None:
    entries, at = stream(*ASKED), NOW + timedelta(days=9)
    entries = grown(entries, word(entries, at), at)

    assert word(entries, at + timedelta(hours=1)) == []


def test_only_the_machine_says_that_a_promise_passed_and_only_of_an_open_case() -> None:
    passed = e.PromisePassed(PROMISE, "told", PROMISE)
    case = fold("case-1", stream(*WITH_US))

    authority.check(case, passed, MACHINE)
    with pytest.raises(NotAllowed, match="the clock says so"):
        authority.check(case, passed, ANNA)
    with pytest.raises(NotAllowed, match="reopen it first"):
        authority.check(replace(case, status=Status.CLOSED), passed, MACHINE)


def test_what_the_clock_writes_is_not_offered_to_people() -> None:
    assert JOURNEY.letters.keys() >= KEPT
    assert not KEPT & sendable(shipped()).keys()


@pytest.mark.parametrize("days", [(8, 4), (4, 4), (4, 10)])
def test_reminders_are_refused_out_of_order_or_after_the_last_day(days: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="reminder_days: each must be later"):
        Promises(first_response_hours=8, decision_days=10, answer_days=10, reminder_days=days)


class Timers(RuleBasedStateMachine):
    """A case over which time passes in leaps, while customers and people do as they like and the duty runs."""

    @initialize(asked=st.booleans())
    def begin(self, asked: bool) -> None:  # noqa: FBT001  # drawn
        self.entries = stream(*(ASKED if asked else WITH_US))
        self.at = NOW + timedelta(minutes=30)

    def happen(self, events: Sequence[e.Event], actor: Actor = MACHINE) -> None:
        self.entries = grown(self.entries, events, self.at, actor)

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def the_customer_writes(self) -> None:
        self.happen([said("And?", id_=f"m-{len(self.entries)}", at=self.at)], CUSTOMER)

    @rule()
    def a_person_notes(self) -> None:
        self.happen([e.NoteAdded("called", "anna")], ANNA)

    @rule()
    def what_was_asked_is_answered(self) -> None:
        keys = tuple(one.item.key for one in fold("case-1", self.entries).open_requests)
        self.happen([e.RequestAnswered(keys, "m-1")])

    @invariant()
    def the_duty_says_each_thing_once_and_leaves_no_promise_passed_in_silence(self) -> None:
        before = fold("case-1", self.entries)
        events = word(self.entries, self.at)
        for event in events:
            authority.check(fold("case-1", self.entries), event, MACHINE)
            self.happen([event])
        after, again = fold("case-1", self.entries), word(self.entries, self.at)
        promise = promise_of(after, JOURNEY)
        assert again == []
        assert promise is not None
        assert promise > self.at or after.to_call or is_quiet(self.at, JOURNEY)
        reminded = [one for one in events if isinstance(one, e.LetterWritten) and one.letter == REMINDER]
        assert not reminded or (before.status is Status.WAITING_CUSTOMER and before.open_requests)


TestTimers = Timers.TestCase
TestTimers.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


@settings(max_examples=50, deadline=None)
@given(st.datetimes(datetime(2027, 3, 1), datetime(2027, 4, 15), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds
def test_a_later_date_is_later_also_when_the_clocks_change(at: datetime) -> None:
    entries = stream(*WITH_US)
    for event in word(entries, at):
        if isinstance(event, e.PromisePassed):
            assert event.update_by is not None
            assert event.update_by > at
    assert (word(entries, at) == []) == is_quiet(at, JOURNEY)
