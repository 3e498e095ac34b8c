"""When letters leave: what spares the customer waits and leaves as one, what asks leaves at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import ANNA, JOURNEYS, NOW, opened, said, shipped, sign, step, understood
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import events as e
from cases.attention import (
    HELD_OFFER,
    STAYS_ON_PAGE,
    HeldOffer,
    Leaves,
    LeftToPerson,
    StaysOnPage,
    Waits,
    after_quiet,
    as_one,
    instead,
    is_offer,
    next_move,
    spares,
)
from cases.authority import check
from cases.case import RECEIPT, Case, Entry, apply, fold
from cases.consequences import Occasion, write_letter
from cases.errors import NotAllowed
from cases.journey_spec import Attention, Letter, Touchpoint
from cases.keeping import is_quiet
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Danger, Effect, Status

HOUR = timedelta(hours=1)
JOURNEY = shipped().journey.model_copy(
    update={
        "touchpoints": {
            **shipped().journey.touchpoints,
            "small": Touchpoint(title={"nl": "Klein", "en": "Small"}, department="claims"),
            "heavy": Touchpoint(
                title={"nl": "Zwaar", "en": "Heavy"}, department="claims", attention="seize", human_required=True
            ),
        },
        "letters": {
            **shipped().journey.letters,
            "small": Letter(effect=Effect.INFORM, subject={"nl": "x", "en": "x"}, touchpoint="small"),
            "heavy": Letter(effect=Effect.INFORM, subject={"nl": "x", "en": "x"}, touchpoint="heavy"),
            "offer": Letter(effect=Effect.INFORM, subject={"nl": "x", "en": "x"}, category="commercial"),
            "plain": Letter(effect=Effect.INFORM, subject={"nl": "x", "en": "x"}),
        },
    }
)
BEGUN = (opened(), said(), understood(), step(update_by=NOW + timedelta(days=30)))


def letter(key: str, number: int = 2, **changed: object) -> e.LetterWritten:
    body = f"Dear Jo,\n\nWords of {number}.\n\nKind regards,\nThe desk\n"
    written = e.LetterWritten(f"case-1.{number}", key, Effect.INFORM, "en", "jo@example.org", f"S{number}", body)
    return replace(written, **changed)  # type: ignore[arg-type]  # fields of a letter


def told(*events: e.Event, at: datetime = NOW) -> Case:
    """A case whose receipt has left, and what came after."""
    first = (letter(RECEIPT, 1), e.LetterSent("case-1.1", "<1>", "email"))
    return fold("case-1", [Entry(n, at, MACHINE, one) for n, one in enumerate((*BEGUN, *first, *events), 1)])


def move(case: Case, one: e.LetterWritten, at: datetime = NOW) -> object:
    return next_move(case, one, JOURNEY, written_at=at, at=at, waits_elsewhere=False)


def test_the_first_word_in_a_case_leaves_at_once_also_at_night() -> None:
    night = NOW.replace(hour=23)
    case, one = fold("case-1", [Entry(n, night, MACHINE, x) for n, x in enumerate(BEGUN, 1)]), letter("small")

    assert move(case, one, night) == Leaves((one,))


def test_what_spares_the_customer_waits_for_the_window_and_joins_what_waits_already() -> None:
    first, second = letter("small", 2), letter("small", 3)
    waits = Waits(NOW + 24 * HOUR, "together")
    delayed = e.LetterDelayed("case-1.2", NOW + 24 * HOUR, "together")

    assert move(told(first), first) == waits
    assert instead(waits, first) == [delayed]
    assert move(told(first, delayed, second), second, NOW + 5 * HOUR) == waits


def test_when_the_window_ends_all_that_waits_leaves_as_one() -> None:
    first, second, until = letter("small", 2), letter("small", 3), NOW + 24 * HOUR
    both = [e.LetterDelayed(one.letter_id, until, "together") for one in (first, second)]
    case = told(first, second, *both)

    ends = next_move(case, first, JOURNEY, written_at=NOW, at=until, waits_elsewhere=False)

    assert ends == Leaves((first, second))
    [joined] = instead(Leaves((first, second)), first)
    assert joined == e.LettersJoined(("case-1.2", "case-1.3"))
    after = apply(case, Entry(99, until, MACHINE, joined))
    assert (after.delayed, after.leaving_with("case-1.3")) == ((), (first, second))


def test_what_takes_attention_leaves_at_once_and_takes_along_what_waits() -> None:
    small, ask = letter("small", 2), letter("ask", 3, effect=Effect.ASK)
    case = told(small, e.LetterDelayed("case-1.2", NOW + 24 * HOUR, "together"), ask)

    assert move(case, ask) == Leaves((ask, small))
    assert instead(Leaves((ask,)), ask) == []


def test_nothing_waits_past_the_date_that_was_promised() -> None:
    soon = told(step(update_by=NOW + 3 * HOUR), letter("small"))
    passed = told(step(update_by=NOW - HOUR), letter("small"))

    assert move(soon, letter("small")) == Waits(NOW + 3 * HOUR, "together")
    assert move(passed, letter("small")) == Leaves((letter("small"),))


def test_a_window_that_ends_at_night_ends_when_the_quiet_hours_do() -> None:
    journey = JOURNEY.model_copy(update={"attention": Attention(window_hours=12)})  # eleven in the evening
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

    found = next_move(told(), letter("small"), journey, written_at=NOW, at=NOW, waits_elsewhere=False)

    assert found == Waits(morning, "together")


def test_a_letter_whose_time_came_while_nobody_worked_waits_for_the_morning() -> None:
    late, one = NOW.replace(hour=22), letter("small")
    case = told(one, e.LetterDelayed(one.letter_id, NOW, "together"))

    found = next_move(case, one, JOURNEY, written_at=NOW - 24 * HOUR, at=late, waits_elsewhere=False)

    assert found == Waits(datetime(2026, 11, 24, 7, 0, tzinfo=UTC), "quiet")


@pytest.mark.parametrize(
    "one",
    [
        letter("plain"),
        letter("still_busy"),
        letter("small", effect=Effect.ASK),
        letter("small", effect=Effect.ADVERSE, approved_by="anna"),
        letter("small", free_text=True, approved_by="anna"),
        letter("gone_from_the_journey"),
    ],
)
def test_what_asks_refuses_promises_or_holds_a_persons_words_never_waits(one: e.LetterWritten) -> None:
    assert not spares(one, JOURNEY)
    assert move(told(one), one, NOW.replace(hour=23)) == Leaves((one,))


def test_nothing_is_offered_to_who_waits_for_us_in_this_case_or_another() -> None:
    offer, closed = letter("offer"), replace(told(), status=Status.CLOSED)

    assert is_offer(offer, JOURNEY)
    assert move(told(), offer) == HeldOffer()
    assert instead(HeldOffer(), offer) == [e.LetterWithheld(offer.letter_id, HELD_OFFER)]
    assert next_move(closed, offer, JOURNEY, written_at=NOW, at=NOW, waits_elsewhere=True) == HeldOffer()
    assert move(closed, offer) == Leaves((offer,))


def test_where_only_a_person_writes_the_machines_letter_becomes_a_call() -> None:
    heavy = letter("heavy")
    case = told(heavy)

    assert move(case, heavy) == LeftToPerson("moment")
    assert move(case, replace(heavy, approved_by="anna")) == Leaves((replace(heavy, approved_by="anna"),))
    [left] = instead(LeftToPerson("moment"), heavy)
    assert apply(case, Entry(99, NOW, MACHINE, left)).to_call == "moment"


def test_danger_that_comes_while_a_letter_waits_keeps_it_from_leaving() -> None:
    small, free = letter("small"), letter("free", 3, free_text=True, approved_by="anna")
    waiting = e.LetterDelayed(small.letter_id, NOW + HOUR, "together")
    case = told(small, waiting, understood(dangers=(sign(),)), free)

    assert move(case, small, NOW + HOUR) == LeftToPerson("danger")
    assert move(case, free) == Leaves((free,))


@pytest.mark.parametrize("danger", Danger)
@pytest.mark.parametrize("name", JOURNEYS)
def test_in_no_danger_does_any_letter_of_the_machine_leave_but_the_receipt_that_names_a_person(
    name: str, danger: Danger
) -> None:
    folder = shipped(name)
    begun = (opened(journey=name), said(), understood(journey=name, dangers=(sign(danger),)), step())
    case = fold("case-1", [Entry(n, NOW, MACHINE, one) for n, one in enumerate(begun, 1)])

    for key in folder.journey.letters:
        written = write_letter(case, folder, key, Occasion(NOW, by=NOW + HOUR))
        leaves = next_move(case, written, folder.journey, written_at=NOW, at=NOW, waits_elsewhere=False)
        if key == RECEIPT:
            check(case, written, MACHINE)
            assert isinstance(leaves, Leaves)
            assert "contacts you in person" in written.body
            continue
        assert leaves == LeftToPerson("danger")
        with pytest.raises(NotAllowed):
            check(case, written, MACHINE)


def test_a_receipt_without_danger_promises_nobody_a_call() -> None:
    case = fold("case-1", [Entry(n, NOW, MACHINE, one) for n, one in enumerate(BEGUN, 1)])

    assert "contacts you in person" not in write_letter(case, shipped(), RECEIPT, Occasion(NOW)).body


@pytest.mark.parametrize("by", [ANNA, CUSTOMER])
def test_only_the_machine_makes_letters_wait(by: Actor) -> None:
    with pytest.raises(NotAllowed):
        check(told(), e.LetterDelayed("case-1.2", NOW, "quiet"), by)


def test_what_only_tells_stays_on_the_page_of_who_wants_important_news_only() -> None:
    wants = told(e.NoticesChosen(often="important"))
    grant = letter("small", effect=Effect.GRANT)

    assert move(wants, letter("small")) == StaysOnPage()
    assert instead(StaysOnPage(), letter("small")) == [e.LetterWithheld("case-1.2", STAYS_ON_PAGE)]
    assert isinstance(move(wants, grant), Waits)
    assert move(wants, letter("still_busy")) == Leaves((letter("still_busy"),))
    assert isinstance(move(wants, letter(RECEIPT)), Waits)


def test_a_chosen_language_outlasts_later_messages_in_another_one() -> None:
    case = told(e.NoticesChosen(language="nl"), understood(language="en"))

    assert case.language == "nl"
    assert told(e.NoticesChosen(), understood(language="en")).language == "en"


@pytest.mark.parametrize("by", [ANNA, MACHINE])
def test_only_the_customer_chooses_how_to_hear_from_us(by: Actor) -> None:
    check(told(), e.NoticesChosen("email"), CUSTOMER)
    with pytest.raises(NotAllowed):
        check(told(), e.NoticesChosen("email"), by)


def test_letters_that_leave_as_one_greet_once_and_end_once() -> None:
    first, second = letter("small", 2), letter("small", 3)

    joined = as_one((first, second))

    assert as_one((first,)) == first
    assert (joined.letter_id, joined.subject) == ("case-1.2", "S2; S3")
    assert joined.body == (
        "Dear Jo,\n\n* S2 *\n\nWords of 2.\n\n* S3 *\n\nWords of 3.\n\nKind regards,\nThe desk\n"
    )  # fmt: skip
    assert as_one((replace(first, subject="x" * 150), second)).subject == "x" * 150


PARAGRAPHS = st.lists(st.sampled_from(["Dear Jo,", "One.", "Two.", "Three.", "Kind regards"]), min_size=1, max_size=5)


@given(st.lists(PARAGRAPHS, min_size=1, max_size=4))
def test_no_paragraph_is_dropped_from_letters_that_leave_as_one(bodies: Sequence[Sequence[str]]) -> None:
    letters = [letter("small", n, body="\n\n".join(body) + "\n") for n, body in enumerate(bodies)]

    words = as_one(letters).body.strip().split("\n\n")

    for one, body in zip(letters, bodies, strict=True):
        rest = iter(words)
        assert all(paragraph in rest for paragraph in body)  # in its order
        assert len(letters) == 1 or f"* {one.subject} *" in words


@given(
    st.datetimes(datetime(2027, 3, 1), datetime(2027, 11, 15), timezones=st.just(UTC)),  # noqa: DTZ001  # bounds
    st.integers(0, 23),
    st.integers(0, 23),
)
@settings(max_examples=60, deadline=None)
def test_quiet_hours_end_within_a_day_whatever_they_are_and_whenever_clocks_change(
    at: datetime, begins: int, ends: int
) -> None:
    journey = JOURNEY.model_copy(update={"attention": Attention(quiet_from=begins, quiet_until=ends)})

    leaves = after_quiet(at, journey)

    assert at <= leaves <= at + 25 * HOUR
    assert not is_quiet(leaves, journey)
    assert (leaves == at) == (not is_quiet(at, journey))


KEYS = st.sampled_from(["small", "small", "plain", "ask", "still_busy", "heavy", "offer", "danger", "word"])


class Post:
    """One case over days: what happens to it, and its letters as their work is due (as pipelines.stages.send does)."""

    def __init__(self, promise: datetime) -> None:
        begun = (*BEGUN[:3], step(update_by=promise))
        self.entries = [Entry(n, NOW, MACHINE, one) for n, one in enumerate(begun, 1)]
        self.due: list[tuple[datetime, e.LetterWritten | e.LetterDelayed]] = []
        self.written: dict[str, tuple[datetime, str]] = {}
        self.ended: dict[str, tuple[datetime, str]] = {}

    def add(self, at: datetime, event: e.Written) -> None:
        self.entries.append(Entry(len(self.entries) + 1, at, MACHINE, event))
        match event:
            case e.LetterWritten(letter_id=id_, letter=key):
                self.written[id_] = (at, key)
                self.due.append((at, event))
            case e.LetterDelayed(until=until):
                self.due.append((until, event))
            case e.LetterSent(letter_id=id_) | e.LetterWithheld(letter_id=id_) | e.LetterLeftToPerson(letter_id=id_):
                assert id_ not in self.ended
                self.ended[id_] = (at, event.kind)
            case _:
                pass

    def happen(self, at: datetime, number: int, key: str) -> None:
        self.send_until(at)
        match key:
            case "danger":
                self.add(at, understood(dangers=(sign(),)))
            case "word":
                self.add(at, said(id_=f"m-{number}"))
            case _:
                self.add(at, letter(key, number, effect=Effect.ASK if key == "ask" else Effect.INFORM))

    def send_until(self, end: datetime) -> None:
        while self.due and min(at for at, _ in self.due) <= end:
            self.due.sort(key=lambda pair: pair[0])
            self._send(*self.due.pop(0))

    def _send(self, at: datetime, event: e.LetterWritten | e.LetterDelayed) -> None:
        case = fold("case-1", self.entries)
        if isinstance(event, e.LetterDelayed) and event not in case.delayed:
            return
        one = next(x for x in case.letters if x.letter_id == event.letter_id)
        written_at = self.written[one.letter_id][0]
        found = next_move(case, one, JOURNEY, written_at=written_at, at=at, waits_elsewhere=False)
        for follows in instead(found, one):
            check(case, follows, MACHINE)
            self.add(at, follows)
        for leaving in found.letters if isinstance(found, Leaves) else ():
            self.add(at, e.LetterSent(leaving.letter_id, f"<{one.letter_id}>", "email"))


ENDS = {"heavy": {"letter_left_to_person"}, "offer": {"letter_withheld", "letter_left_to_person"}}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), KEYS), min_size=1, max_size=12), st.integers(0, 20))
def test_every_letter_leaves_once_or_is_left_with_a_reason_and_none_too_late(
    happens: Sequence[tuple[int, str]], promised_in: int
) -> None:
    promise, now = NOW + timedelta(hours=12 * promised_in), NOW
    post = Post(promise)

    for number, (hours, key) in enumerate(happens, 1):
        now += timedelta(hours=hours)
        post.happen(now, number, key)
    post.send_until(now + timedelta(days=30))

    assert post.ended.keys() == post.written.keys()
    for id_, (at, key) in post.written.items():
        left_at, how = post.ended[id_]
        assert left_at - at <= (35 * HOUR if key == "small" else timedelta())  # the window, and the quiet hours
        assert left_at <= max(promise, at)
        assert how in ENDS.get(key, {"letter_sent", "letter_left_to_person"})
