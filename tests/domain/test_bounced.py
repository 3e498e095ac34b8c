"""A letter that came back: where the case stands, which address does not work, and who does something about it."""

from dataclasses import replace
from datetime import date, timedelta

from builders import ANNA, NOW, entries, opened, said, step, understood

from cases import events as e
from cases.case import Case, fold
from cases.vocabulary import Effect, RequestKind, Status, Step
from cases.work_plan import State, Task, work_plan

JO = "jo@example.org"
ASK = e.LetterWritten("case-1.1", "ask", Effect.ASK, "en", "Jo@example.org", "s", "b")
INFORM = e.LetterWritten("case-1.2", "received", Effect.INFORM, "en", "Jo@example.org", "s", "b")
ASKED = (
    opened(), said(), understood(), e.Enriched(), step(Step.REQUEST_INFO, requests=("damage_photos",)),
    e.RequestMade((e.RequestItem("damage_photos", RequestKind.PHOTO),), date(2026, 12, 1)), ASK,
    e.LetterSent("case-1.1", "<1@x>", "smtp"),
)  # fmt: skip
FOR_GOOD = e.LetterBounced("case-1.1", "message-9", "5.1.1")


def after(*events: object) -> Case:
    return fold("case-1", entries(*events))  # type: ignore[arg-type]


def test_a_question_that_never_arrived_is_not_waited_for_but_goes_to_a_person() -> None:
    case = after(*ASKED, FOR_GOOD)

    assert after(*ASKED).status is Status.WAITING_CUSTOMER
    assert case.status is Status.WITH_EXPERT
    assert case.dead_addresses == (JO,)
    assert case.unreached == (ASK,)


def test_a_letter_that_only_informs_changes_nothing_about_where_the_case_stands() -> None:
    case = after(*ASKED, INFORM, e.LetterBounced("case-1.2", "message-9", "5.1.1"))

    assert case.status is Status.WAITING_CUSTOMER
    assert case.unreached == (INFORM,)


def test_a_letter_that_is_offered_again_is_no_task_and_its_address_counts_as_working() -> None:
    case = after(*ASKED, e.LetterBounced("case-1.1", "message-9", "4.2.2", NOW + timedelta(hours=4)))

    assert (case.status, case.dead_addresses, case.unreached) == (Status.WAITING_CUSTOMER, (), ())
    assert len(case.bounces) == 1


def test_somebody_has_to_reach_the_customer_another_way_until_they_did() -> None:
    stream = entries(*ASKED, FOR_GOOD)

    plan = work_plan(fold("case-1", stream), stream)

    assert [(one.state, one.who, one.what) for one in plan if one.task is Task.REACH] == [(State.NEXT, "us", "ask")]
    assert after(*ASKED, FOR_GOOD, (e.NoteAdded("called", "anna"), ANNA)).unreached == ()
    assert after(*ASKED, FOR_GOOD, e.LetterSent("case-1.3", "<3@x>", "print")).unreached == ()


def test_an_address_that_a_customer_writes_from_works_again() -> None:
    case = after(*ASKED, FOR_GOOD, said(id_="m-2"))

    assert (case.dead_addresses, case.unreached) == ((), ())


def test_an_address_stays_dead_when_somebody_else_writes() -> None:
    assert after(*ASKED, FOR_GOOD, replace(said(id_="m-2"), sender="bo@example.org")).dead_addresses == (JO,)


def test_a_bounce_of_a_letter_that_is_not_there_changes_nothing() -> None:
    case = after(*ASKED, e.LetterBounced("case-1.9", "message-9", "5.1.1"))

    assert (case.status, case.dead_addresses, case.unreached) == (Status.WAITING_CUSTOMER, (), ())
