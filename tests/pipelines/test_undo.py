"""What a person decides waits before it leaves: it is undone until then, and afterwards not at all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest

from cases.composing import Draft
from cases.errors import NotAllowed
from cases.journey import Tracking
from cases.vocabulary import Role, Status, View
from pipelines import hand, leaving, staff, writing
from pipelines.audit import verify_all
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.leaving import HasLeft
from pipelines.reading_room import customer_view
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.stages.leave import leave
from pipelines.stages.work import Item, Outcome
from tests.pipelines.given import Clock, by_form, case_of, entries_of, kinds, photo, until_quiet

UNDO = timedelta(seconds=10)
REFUSAL = "De ruit valt helaas buiten de dekking."


@pytest.fixture
def reference(house: House, clock: Clock) -> str:
    """A case that lies with a person."""
    receipt = by_form(house, files=[("ruit.jpg", photo(7))])
    until_quiet(house, clock)
    return str(receipt.reference)


def decide(house: House, reference: str, choice: str = "refuse", message: str = REFUSAL) -> int:
    case = case_of(house, reference)
    when = leaving.leaving(house, case.journey)
    assert when is not None
    decision = hand.Decision(choice, "zo gezien", case.version, message)
    return hand.decide_by_hand(house, reference, decision, person="anouk", leaves_at=when.at)


def seen(house: House, reference: str) -> Tracking:
    return customer_view(house, case_of(house, reference).id)


def sent(tmp_path: Path) -> int:
    return len(list((tmp_path / "outbox").rglob("*.eml")))


def test_until_its_time_nothing_of_a_decision_leaves_and_its_customer_sees_nothing_of_it(
    house: House, clock: Clock, reference: str, tmp_path: Path
) -> None:
    before, letters = seen(house, reference), sent(tmp_path)

    decide(house, reference)
    clock.forward(seconds=9)
    drain(house)

    assert seen(house, reference) == before
    assert (sent(tmp_path), case_of(house, reference).status) == (letters, Status.WITH_EXPERT)
    clock.forward(seconds=1)
    drain(house)
    assert sent(tmp_path) == letters + 1
    assert REFUSAL in seen(house, reference).messages[-1].text
    assert case_of(house, reference).outcome == "refuse"
    assert verify_all(house).differences == ()


def test_a_decision_that_is_taken_back_leaves_the_case_as_it_was_for_another(
    house: House, clock: Clock, reference: str, tmp_path: Path
) -> None:
    before, letters = case_of(house, reference), sent(tmp_path)
    decide(house, reference)

    version = leaving.take_back(house, reference, person="anouk")
    clock.forward(minutes=1)
    drain(house)

    after = case_of(house, reference)
    assert (version, after.version) == (before.version + 2, before.version + 2)
    assert replace(after, version=before.version) == before
    assert sent(tmp_path) == letters
    with house.database.reading() as store:
        assert store.work.waiting() == []
    decide(house, reference, "pay_claim", message="")
    clock.forward(minutes=1)
    drain(house)
    assert case_of(house, reference).outcome == "pay_claim"


def test_taking_back_twice_is_taking_back_once(house: House, reference: str) -> None:
    held = decide(house, reference)

    versions = {leaving.take_back(house, reference, person="anouk", held=held) for _ in range(3)}
    versions.add(leaving.take_back(house, reference, person="noor"))

    assert len(versions) == 1
    assert kinds(house, reference).count("taken_back") == 1


def test_what_has_left_is_not_taken_back(house: House, clock: Clock, reference: str) -> None:
    with pytest.raises(NotAllowed, match="nothing waits to leave"):
        leaving.take_back(house, reference, person="anouk")
    held = decide(house, reference)
    clock.forward(seconds=10)
    drain(house)

    for which in (held, None):
        with pytest.raises(HasLeft, match="it has left the house"):
            leaving.take_back(house, reference, person="anouk", held=which)


def test_while_a_decision_waits_no_second_one_is_taken_and_no_list_of_work_shows_the_case(
    house: House, clock: Clock, reference: str
) -> None:
    decide(house, reference)

    with pytest.raises(NotAllowed, match="take it back first"):
        decide(house, reference, "pay_claim")
    with house.database.reading() as store:
        shown = {view: store.queue.page(view, who="anouk", now=clock()).items for view in (View.US, View.SNOOZED)}
    assert [len(items) for items in shown.values()] == [0, 1]


def test_a_word_of_the_customer_keeps_a_decision_back_for_its_person(
    house: House, clock: Clock, reference: str, tmp_path: Path
) -> None:
    letters = sent(tmp_path)
    decide(house, reference)
    clock.forward(seconds=5)

    by_form(house, "Ik heb de foto's nog gevonden.", case_id=case_of(house, reference).id)
    until_quiet(house, clock)
    clock.forward(minutes=1)
    until_quiet(house, clock)

    case = case_of(house, reference)
    assert [one.event.kind for one in case.kept_back] == ["decision_held"]
    assert (case.human, case.held, case.status) == (None, (), Status.WITH_EXPERT)
    assert sent(tmp_path) == letters
    with pytest.raises(NotAllowed, match="nothing waits"):
        leaving.take_back(house, reference, person="anouk")


def test_a_letter_whose_words_would_be_others_than_those_seen_goes_back_to_its_person(
    house: House, clock: Clock, reference: str, tmp_path: Path
) -> None:
    letters = sent(tmp_path)
    decide(house, reference, "pay_claim", message="")

    hand.state_fact(house, reference, "amount", "385.00", person="noor")
    clock.forward(seconds=10)
    until_quiet(house, clock)

    case = case_of(house, reference)
    assert [one.event.kind for one in case.kept_back] == ["decision_held"]
    assert (case.human, case.held, case.status) == (None, (), Status.WITH_EXPERT)
    assert sent(tmp_path) == letters


def test_what_its_person_may_no_longer_grant_by_the_time_it_leaves_goes_back_to_a_person(
    house: House, clock: Clock, reference: str, tmp_path: Path
) -> None:
    handler = staff.Change(roles=(Role.HANDLER,), own_limit=Decimal(500))
    staff.add_person(house, "anouk", "hash", handler, by="root")
    hand.state_fact(house, reference, "amount", "385.00", person="noor")
    until_quiet(house, clock)
    letters = sent(tmp_path)
    decide(house, reference, "pay_claim", message="")

    staff.change_person(house, "anouk", staff.Change(own_limit=Decimal(100)), by="root")
    clock.forward(seconds=10)
    until_quiet(house, clock)

    case = case_of(house, reference)
    assert [one.event.kind for one in case.kept_back] == ["decision_held"]
    assert (case.human, case.held, case.status) == (None, (), Status.WITH_EXPERT)
    assert (sent(tmp_path), case.parked) == (letters, ())


def test_a_letter_that_asks_goes_back_to_its_person_when_the_case_was_closed_before_it_leaves(
    house: House, clock: Clock, reference: str
) -> None:
    request = next(iter(house.journeys.get("motor_claim").journey.requests))
    later = clock() + timedelta(hours=1)
    writing.write(house, reference, Draft(requests=(request,)), person="anouk", leaves_at=later)
    decide(house, reference)
    clock.forward(seconds=10)
    drain(house)

    clock.forward(hours=1)
    until_quiet(house, clock)

    case = case_of(house, reference)
    assert [one.event.kind for one in case.kept_back] == ["letter_held"]
    assert (case.status, case.held, case.parked) == (Status.CLOSED, (), ())


def test_a_chosen_time_is_kept_and_says_when_nobody_is_there_to_answer(
    house: House, clock: Clock, reference: str
) -> None:
    tonight, tomorrow = clock() + timedelta(hours=12), clock() + timedelta(days=1)

    late = leaving.leaving(house, "motor_claim", send_at=tonight)
    early = leaving.leaving(house, "motor_claim", send_at=tomorrow)
    past = leaving.leaving(house, "motor_claim", send_at=clock() - UNDO)

    assert (late, early) == (leaving.Leaving(tonight, open_then=False), leaving.Leaving(tomorrow, open_then=True))
    assert past == leaving.Leaving(clock() + UNDO, open_then=True)
    with pytest.raises(NotAllowed, match="within 90 days"):
        leaving.leaving(house, "motor_claim", send_at=clock() + timedelta(days=91))


def test_a_journey_may_give_no_time_to_undo(house: House) -> None:
    folder = house.journeys.get("motor_claim")
    at_once = replace(folder, journey=folder.journey.model_copy(update={"undo_seconds": 0}))
    hasty = replace(house, journeys=replace(house.journeys, folders={"motor_claim": at_once}))

    assert leaving.leaving(hasty, "motor_claim") is None
    assert leaving.leaving(hasty, "unknown") is None


# --- two at once, and none at all ------------------------------------------------------------------------------------


def test_of_an_undo_and_a_leaving_at_the_same_moment_exactly_one_happens(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    references = [str(by_form(house, files=[("ruit.jpg", photo(n))]).reference) for n in range(6)]
    until_quiet(house, clock)
    letters = sent(tmp_path)
    for reference in references:
        decide(house, reference)
    clock.forward(seconds=10)
    together = Barrier(2)

    def undo() -> list[str]:
        together.wait()
        return [_undone(house, reference) for reference in references]

    def go() -> None:
        together.wait()
        drain(house)

    with ThreadPoolExecutor(2) as pool:
        undone = pool.submit(undo)
        pool.submit(go).result()
    until_quiet(house, clock)

    for reference, answer in zip(references, undone.result(), strict=True):
        written = kinds(house, reference)
        assert (written.count("released"), written.count("taken_back")) == ((0, 1) if answer == "undone" else (1, 0))
        assert written.count("human_decided") == written.count("released")
    left = sum(kinds(house, reference).count("released") for reference in references)
    assert sent(tmp_path) == letters + left
    assert verify_all(house).differences == ()


def _undone(house: House, reference: str) -> str:
    try:
        leaving.take_back(house, reference, person="anouk")
    except HasLeft:
        return "left"
    return "undone"


class Killed(BaseException):
    """Nothing catches it, as nothing catches kill -9."""


def _dies_before(_: Sequence[Item], __: House) -> list[Outcome]:
    raise Killed


def _dies_after(batch: Sequence[Item], house: House) -> list[Outcome]:
    leave(batch, house)
    raise Killed


@pytest.mark.parametrize("death", [_dies_before, _dies_after])
def test_a_process_that_dies_while_a_decision_leaves_neither_loses_nor_doubles_it(
    house: House, clock: Clock, reference: str, tmp_path: Path, death: object
) -> None:
    letters = sent(tmp_path)
    decide(house, reference)
    clock.forward(seconds=10)

    with pytest.raises(Killed):
        advance(house, stages={**STAGES, Stage.LEAVE: death})  # type: ignore[dict-item]
    clock.forward(seconds=house.settings.lease_seconds + 1)
    until_quiet(house, clock)

    written = kinds(house, reference)
    assert [written.count(kind) for kind in ("released", "human_decided", "case_closed")] == [1, 1, 1]
    assert sent(tmp_path) == letters + 1
    assert entries_of(house, reference)[-1].event.kind == "letter_sent"
