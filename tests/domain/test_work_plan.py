"""What is done, waited for and next in a case, and who takes part in it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import ANNA, NOW, case, chosen, entries, opened, said, sign, step, understood

from cases import events as e
from cases.case import fold
from cases.parties import Part, Party, parties
from cases.vocabulary import CUSTOMER, Danger, Effect, RequestKind, Step
from cases.work_plan import Planned, State, Task, work_plan

READ = (opened(), said(), understood(), e.Enriched())
ITEM = e.RequestItem("damage_photos", RequestKind.PHOTO)
ASKED = e.RequestMade((ITEM,), date(2026, 12, 1))
LETTER = e.LetterWritten("l-1", "free", Effect.INFORM, "en", "jo@example.org", "s", "b", "anna")


def plan(*events: e.Event | tuple[e.Event, object]) -> list[tuple[Task, State, str, str]]:
    stream = entries(*events)
    return [(one.task, one.state, one.who, one.what) for one in work_plan(fold("case-1", stream), stream)]


def test_a_new_case_is_read_next() -> None:
    assert plan(opened(), said()) == [
        (Task.RECEIVE, State.DONE, "customer", ""),
        (Task.READ, State.NEXT, "machine", ""),
    ]


def test_a_person_decides_next_by_the_day_that_was_promised() -> None:
    stream = entries(*READ, step(Step.EXPERT, update_by=NOW), e.CaseAssigned("bob", "bob"))

    last = work_plan(fold("case-1", stream), stream)[-1]

    assert last == Planned(Task.DECIDE, State.NEXT, "bob", due=NOW)
    assert plan(*READ, step(Step.EXPERT))[-1] == (Task.DECIDE, State.NEXT, "us", "")


def test_what_was_asked_blocks_until_it_is_answered() -> None:
    asked = (*READ, step(Step.REQUEST_INFO, requests=("damage_photos",)), ASKED)

    assert plan(*asked)[2:] == [
        (Task.ANSWER_REQUEST, State.BLOCKED, "customer", "damage_photos"),
        (Task.DECIDE, State.BLOCKED, "us", ""),
    ]
    answered = plan(*asked, said(id_="m-2"), (e.RequestAnswered(("damage_photos",), "m-2"), CUSTOMER))
    assert (Task.ANSWER_REQUEST, State.DONE, "customer", "damage_photos") in answered


def test_somebody_elses_visit_blocks() -> None:
    visited = plan(*READ, step(Step.APPOINT, option="send_assessor"), e.TaskPlanned("send_assessor", "", NOW.date()))

    assert visited[2:] == [
        (Task.VISIT, State.BLOCKED, "third_party", "send_assessor"),
        (Task.DECIDE, State.BLOCKED, "us", ""),
    ]


def test_an_order_on_its_way_blocks_and_then_was_done() -> None:
    ordered = (*READ, step(Step.EXPERT), chosen("repair_glass"), e.HandoverAsked("o-1", "repair_glass", "repair"))

    assert plan(*ordered)[-1] == (Task.HAND_OVER, State.BLOCKED, "third_party", "repair_glass")
    after = plan(*ordered, e.HandedOver("o-1", "r"), (e.CaseClosed("repair_glass"), ANNA))
    assert after[-3:] == [
        (Task.DECIDE, State.DONE, "anna", "repair_glass"),
        (Task.HAND_OVER, State.DONE, "machine", ""),
        (Task.CLOSE, State.DONE, "anna", "repair_glass"),
    ]


def test_what_waits_to_leave_is_next_and_nothing_else_is() -> None:
    held = e.DecisionHeld(chosen("refuse"), NOW + timedelta(seconds=10))

    assert plan(*READ, step(Step.EXPERT), held)[2:] == [(Task.SEND, State.NEXT, "anna", "refuse")]
    assert plan(*READ, step(Step.EXPERT), e.LetterHeld(LETTER, NOW))[2:] == [
        (Task.SEND, State.NEXT, "anna", "free"),
        (Task.DECIDE, State.NEXT, "us", ""),
    ]


def test_an_erased_case_has_no_plan_and_no_parties() -> None:
    stream = entries(*READ, e.CaseErased("anna", "asked for"))

    assert work_plan(fold("case-1", stream), stream) == ()
    assert parties(fold("case-1", stream)) == ()


def test_who_closed_it_is_told() -> None:
    assert plan(*READ, step(Step.AUTO_CLOSE), e.CaseClosed("tell_status"))[-1][2] == "machine"
    assert plan(*READ, (e.CaseClosed("tell_status"), CUSTOMER))[-1][2] == "customer"


# --- parties ---------------------------------------------------------------------------------------------------------


def test_the_claimant_comes_first_with_the_channel_of_their_last_word() -> None:
    again = replace(said(id_="m-2"), channel="webform", sender="JO@example.org ")

    assert parties(case(opened(), said(), again)) == (Party(Part.CLAIMANT, "Jo Smit", "jo@example.org", "webform"),)


def test_who_writes_from_another_address_is_a_party_of_their_own() -> None:
    son = replace(said(id_="m-2"), sender="piet@example.org", sender_name="Piet Smit")
    nobody = replace(said(id_="m-3"), sender="", sender_name="")

    found = parties(case(opened(), said(), son, nobody))

    assert found[1:] == (Party(Part.OTHER_WRITER, "Piet Smit", "piet@example.org", "email"),)


@pytest.mark.parametrize(("danger", "care"), [(Danger.VULNERABILITY, ("smell gas",)), (Danger.GAS, ())])
def test_signs_that_ask_for_care_stand_with_the_claimant(danger: Danger, care: tuple[str, ...]) -> None:
    known = case(opened(), said(), understood(dangers=(sign(danger), sign(danger))))

    assert parties(known)[0].care == care


def test_who_does_something_for_us_is_a_party() -> None:
    planned = case(*READ, step(Step.APPOINT, option="send_assessor", department="assessors"))
    by_hand = case(*READ, chosen("send_assessor"), e.TaskPlanned("send_assessor", "", NOW.date()))
    ordered = case(*READ, chosen("repair_glass"), e.HandoverAsked("o-1", "repair_glass", "repair_order"))

    assert parties(planned)[1:] == (Party(Part.THIRD_PARTY, "assessors"),)
    assert parties(by_hand)[1:] == (Party(Part.THIRD_PARTY, "send_assessor"),)
    assert parties(ordered)[1:] == (Party(Part.ORDERED, "repair_order"),)
