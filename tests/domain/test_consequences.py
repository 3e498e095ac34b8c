from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import (
    ANNA,
    CASE_ID,
    NOW,
    TEXT,
    case,
    chosen,
    enriched,
    entries,
    fact,
    opened,
    photo,
    said,
    shipped,
    step,
    understood,
)

from cases import answering, consequences
from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, apply, fold
from cases.consequences import Occasion
from cases.promises import after_choice
from cases.vocabulary import MACHINE, Actor, FileStatus, RequestKind, Step

READ = (opened(), said(files=[photo()]), understood(facts=(fact("amount", "210.00"),)), enriched())


def kinds(events: list[Any]) -> list[str]:
    return [f"{event.kind}:{event.letter}" if isinstance(event, e.LetterWritten) else event.kind for event in events]


def besides_words_on_it(events: list[Any]) -> list[Any]:
    """What is told of the decision itself: test_explaining."""
    return [one for one in events if not isinstance(one, e.DecisionExplained)]


def carried_out(events: list[Any], known: Case, actor: Actor) -> Case:
    """The case after events that every guard let through."""
    for event in events:
        check(known, event, actor)
        known = apply(known, Entry(known.version + 1, NOW, actor, event))
    return known


def by_machine(decided: e.StepDecided, *more: e.Event) -> tuple[list[Any], Case]:
    known = case(*READ, *more)
    check(known, decided, MACHINE)
    known = apply(known, Entry(known.version + 1, NOW, MACHINE, decided))
    events = consequences.of_step(known, decided, shipped(), at=NOW)
    return besides_words_on_it(events), carried_out(events, known, MACHINE)


def by_hand(choice: str, *, items: tuple[str, ...] = (), **changed: Any) -> tuple[list[Any], Case]:
    known = case(*READ, step())
    by = after_choice(choice, shipped().journey, at=NOW)
    decided = chosen(choice, **{"update_by": by, **changed})
    check(known, decided, ANNA)
    known = apply(known, Entry(known.version + 1, NOW, ANNA, decided))
    events = consequences.of_choice(known, decided, items, shipped(), at=NOW)
    return besides_words_on_it(events), carried_out(events, known, ANNA)


def test_a_closing_that_needs_an_order_waits_for_its_acceptance() -> None:
    events, known = by_machine(step(Step.AUTO_CLOSE, option="repair_glass"))

    (order,) = events
    assert (order.order, order.option, order.facts) == ("glass_repair_order", "repair_glass", (("amount", "210.00"),))
    assert (known.status.value, known.letters) == ("handing_over", ())
    accepted = e.HandedOver(order.id, "receipt")
    after = carried_out([accepted], known, MACHINE)
    told = consequences.after_handover(after, shipped(), "repair_glass", Occasion(NOW))
    assert kinds(told) == ["letter_written:glass_granted", "case_closed"]
    assert carried_out(told, after, MACHINE).status.value == "closed"


def test_a_word_that_comes_while_an_order_is_on_its_way_keeps_the_case_open() -> None:
    events, known = by_machine(step(Step.AUTO_CLOSE, option="repair_glass"))
    later = apply(known, Entry(known.version + 1, NOW, ANNA, said(id_="m-2")))

    after = carried_out([e.HandedOver(events[0].id, "receipt")], later, MACHINE)

    assert after.status.value == "with_expert"


def test_an_accepted_order_that_closes_nothing_only_tells() -> None:
    folder = shipped()
    options = {**folder.journey.options}
    options["repair_glass"] = options["repair_glass"].model_copy(update={"closes": False})
    open_end = replace(folder, journey=folder.journey.model_copy(update={"options": options}))

    told = consequences.after_handover(case(*READ), open_end, "repair_glass", Occasion(NOW))

    assert kinds(told) == ["letter_written:glass_granted"]


def test_a_closing_without_an_order_tells_and_closes() -> None:
    events, known = by_machine(step(Step.AUTO_CLOSE, option="tell_status"))

    assert kinds(events) == ["letter_written:status_answer", "case_closed"]
    assert (known.status.value, known.outcome) == ("closed", "tell_status")


def test_asking_makes_requests_with_a_date_and_one_letter() -> None:
    events, known = by_machine(step(Step.REQUEST_INFO, requests=("damage_photos", "iban")))

    assert kinds(events) == ["request_made", "letter_written:ask"]
    assert [item.key for item in events[0].items] == ["damage_photos", "iban"]
    assert events[0].due == (NOW + timedelta(days=10)).date()
    assert "Photos of the damage" in events[1].body
    assert known.status.value == "waiting_customer"


def test_an_appointment_is_planned_by_the_day_that_was_promised() -> None:
    events, known = by_machine(step(Step.APPOINT, option="send_assessor", department="assessors"))

    assert kinds(events) == ["task_planned", "letter_written:assessor_appointment"]
    assert (events[0].promised_by, events[0].department) == (NOW.date(), "assessors")
    assert known.status.value == "waiting_third_party"


@pytest.mark.parametrize(
    "decided", [step(), step(Step.ROUTE), step(Step.AUTO_CLOSE, shadow=True, certificate=None, option="repair_glass")]
)
def test_a_case_that_goes_to_a_person_is_confirmed_once(decided: e.StepDecided) -> None:
    events, known = by_machine(decided)

    assert kinds(events) == ["letter_written:received"]
    assert known.status.value == "with_expert"
    assert by_machine(decided, events[0])[0] == []


def test_a_closed_case_is_not_confirmed() -> None:
    closed = case(*READ, step(Step.AUTO_CLOSE), e.CaseClosed("tell_status"))

    assert consequences.of_step(closed, step(), shipped(), at=NOW) == []


def test_passing_a_case_on_tells_the_customer_nothing() -> None:
    events, known = by_hand("escalate")

    assert (events, known.status.value, known.human) == ([], "with_expert", None)


@pytest.mark.parametrize(
    ("items", "message", "asked"),
    [
        (("damage_photos",), "", ["damage_photos"]),
        ((), "Which garage?", ["reply"]),
        (("iban",), "Which garage?", ["iban", "reply"]),
    ],
)
def test_a_person_asks_for_what_the_journey_names_or_in_own_words(
    items: tuple[str, ...], message: str, asked: list[str]
) -> None:
    events, known = by_hand("need_more", items=items, message=message)

    assert kinds(events) == ["request_made", "letter_written:ask"]
    assert [item.key for item in events[0].items] == asked
    assert (events[1].approved_by, known.status.value) == ("anna", "waiting_customer")
    assert known.update_by == after_choice("need_more", shipped().journey, at=NOW)


def test_a_refusal_by_a_person_is_signed_and_closes() -> None:
    events, known = by_hand("refuse", message="The terms exclude it.")

    assert kinds(events) == ["letter_written:refuse", "case_closed"]
    assert (events[0].free_text, events[0].approved_by, events[0].effect.value) == (True, "anna", "adverse")
    assert "The terms exclude it." in events[0].body
    assert known.outcome == "refuse"


def test_a_person_who_sends_somebody_promises_what_the_machine_would() -> None:
    events, known = by_hand("send_assessor")

    assert kinds(events) == ["task_planned", "letter_written:assessor_appointment"]
    assert str(events[0].promised_by) == "2026-11-26"
    assert "Thursday 26 November" in events[1].body
    assert known.update_by is not None
    assert known.update_by.date() == events[0].promised_by


def test_an_older_decision_without_a_date_is_given_one() -> None:
    events, _ = by_hand("send_assessor", update_by=None)

    assert str(events[0].promised_by) == "2026-11-26"
    assert consequences.of_option(case(*READ), shipped(), "send_assessor", Occasion(NOW))[0] == events[0]


def test_a_granted_payment_is_ordered_first() -> None:
    events, known = by_hand("pay_claim")

    assert (kinds(events), known.status.value) == (["handover_asked"], "handing_over")


def test_an_option_that_closes_nothing_leaves_the_case_open() -> None:
    events, known = by_hand("forward_to_service")

    assert (kinds(events), known.status.value) == (["letter_written:forwarded"], "decided")


ITEMS = tuple(e.RequestItem(kind.value, kind) for kind in RequestKind)


@pytest.mark.parametrize(
    ("text", "files", "answered"),
    [
        ("It was Monday.", [], ("fact", "choice")),
        (" ", [photo()], ("photo", "document")),
        ("Here it is", [photo()], ("photo", "document", "fact", "choice")),
        ("", [photo(status=FileStatus.UNUSABLE)], ()),
        ("", [], ()),
    ],
)
def test_a_request_closes_however_it_was_answered(text: str, files: list[Any], answered: tuple[str, ...]) -> None:
    waiting = case(opened(), e.RequestMade(ITEMS, NOW.date()))
    message = said(text, id_="m-2", files=files)

    events = answering.answers(waiting, message)

    assert [event.keys for event in events] == ([answered] if answered else [])  # type: ignore[union-attr]
    for event in events:
        now = apply(waiting, Entry(3, NOW, MACHINE, event))
        assert {request.item.key for request in now.open_requests} == {item.key for item in ITEMS} - set(answered)


def test_what_was_answered_is_not_answered_again() -> None:
    stream = entries(opened(), e.RequestMade(ITEMS[:1], NOW.date()), e.RequestAnswered(("photo",), "m-2"))

    assert answering.answers(fold(CASE_ID, stream), said(TEXT, id_="m-3", files=[photo()])) == []
