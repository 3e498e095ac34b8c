"""What closes a request, what stays open, and what is not asked again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import CASE_ID, NOW, answer, case, enriched, entries, fact, opened, photo, said, shipped, step, understood

from cases import events as e
from cases.answering import (
    HeldAlready,
    answers,
    asks_for,
    check_worth_asking,
    found_in,
    held_answer,
    readable_facts,
    repeat_questions,
)
from cases.case import fold
from cases.facts import EventAt, Fact
from cases.journey import tracking
from cases.journey_folder import JourneyFolder
from cases.rules import read_table
from cases.steps import next_step
from cases.vocabulary import FileKind, FileStatus, RequestKind, Status, Step, Why

POLICY = e.RequestItem("policy_number", RequestKind.FACT, "policy_number")
PLATE = e.RequestItem("licence_plate", RequestKind.FACT, "licence_plate")
PHOTOS = e.RequestItem("damage_photos", RequestKind.PHOTO)
ASKED = (
    opened(),
    said(),
    understood(),
    enriched(),
    step(Step.REQUEST_INFO),
    e.RequestMade((PLATE, PHOTOS), NOW.date()),
)


def test_a_message_about_something_else_leaves_a_request_for_a_fact_open() -> None:
    waiting = case(*ASKED)

    assert answers(waiting, said("Any news?", id_="m-2"), readable={"licence_plate"}) == []


def test_a_fact_that_is_read_in_a_new_message_answers_what_asked_for_it() -> None:
    heard = case(*ASKED, said("It is GX-482-B", id_="m-2"))
    read = understood(message_id="m-2", facts=(fact("licence_plate", "GX-482-B", message="m-2"),))

    assert found_in(heard, read) == [e.RequestAnswered(("licence_plate",), "m-2")]


def test_a_fact_that_was_read_before_it_was_asked_is_no_answer() -> None:
    heard = case(*ASKED, said("Any news?", id_="m-2"))
    read = understood(message_id="m-2", facts=(fact("licence_plate", "GX-482-B", message="m-1"),))

    assert found_in(heard, read) == []


def test_a_logo_in_a_mail_is_no_photo_and_a_scan_is() -> None:
    waiting = case(*ASKED)
    logo = photo(kind=FileKind.OTHER, findings=None)
    scan = photo(kind=FileKind.DOCUMENT, findings=None)

    assert answers(waiting, said("", id_="m-2", files=[logo])) == []
    assert answers(waiting, said("", id_="m-2", files=[scan])) == [e.RequestAnswered(("damage_photos",), "m-2")]


def test_what_a_person_notes_as_the_last_answer_brings_the_case_to_a_person() -> None:
    part = case(*ASKED, e.RequestAnswered(("licence_plate",), ""))
    whole = case(*ASKED, e.RequestAnswered(("licence_plate",), ""), e.RequestAnswered(("damage_photos",), ""))

    assert (part.status, whole.status) == (Status.WAITING_CUSTOMER, Status.WITH_EXPERT)


def rest_after(due: timedelta, *answered: str) -> e.StepDecided:
    """The step after a message that answered these of three requests, of somebody whom the register does not know."""
    stranger = answer(found=False, fields=())
    read = understood("collision", message_id="m-2")
    asked = e.RequestMade((POLICY, PLATE, PHOTOS), (NOW + due).date())
    told = [e.RequestAnswered(answered, "m-2")] if answered else []
    known = case(
        opened(), said(), understood("collision"), enriched(), step(Step.REQUEST_INFO), asked,
        said("Here", id_="m-2"), *told, read, enriched(stranger),
    )  # fmt: skip
    return next_step(known, _asking_always(), certificate=None, at=NOW)


def _asking_always() -> JourneyFolder:
    """The journey whose only row asks for plate and photos, however often it asked before."""
    folder = shipped()
    data = folder.root.as_dict()
    (row,) = (row for row in data["rows"] if row["id"] == "R-020")
    row = {**row, "when": {name: cell for name, cell in row["when"].items() if name != "asked"}}
    return replace(
        folder, tables={"next_step": read_table({**data, "rows": [row], "examples": []}, file="t", lines={})}
    )


def test_when_a_part_is_answered_the_files_of_the_rest_are_waited_for_until_they_are_due() -> None:
    waits = rest_after(timedelta(days=3), "policy_number", "licence_plate")
    late = rest_after(-timedelta(days=1), "policy_number", "licence_plate")
    none = rest_after(timedelta(days=3))
    words = rest_after(timedelta(days=3), "licence_plate", "damage_photos")

    assert (waits.step, waits.requests) == (Step.REQUEST_INFO, ())
    assert (late.step, late.because) == (Step.EXPERT, (Why.ASKED_BEFORE,))
    assert (none.step, none.because) == (Step.EXPERT, (Why.ASKED_BEFORE,))
    assert (words.step, words.because) == (Step.EXPERT, (Why.ASKED_BEFORE,))


@pytest.mark.parametrize(("certainty", "held"), [(0.5, "GX-482-B"), (0.49, None)])
def test_a_fact_is_held_once_it_is_more_likely_than_not(certainty: float, held: str | None) -> None:
    known = case(opened(), said(), understood(facts=(fact("licence_plate", "GX-482-B", certainty=certainty),)))

    assert held_answer(known, "licence_plate", "licence_plate") == held


def test_a_fact_told_in_two_ways_is_worth_asking_and_shows_both() -> None:
    by_phone = e.FactStated(Fact("licence_plate", "12-ABC-3", 0.99, (EventAt(4),)), "anna")
    known = case(opened(), said(), understood(facts=(fact("licence_plate", "GX-482-B"),)), by_phone)

    assert held_answer(known, "licence_plate", "licence_plate") is None
    assert [one.value for one in known.facts] == ["GX-482-B", "12-ABC-3"]


def test_an_answered_request_is_held_unless_its_file_was_unusable() -> None:
    answered = (*ASKED, e.RequestAnswered(("damage_photos",), "m-2"))
    blurred = said("", id_="m-3", files=[photo(status=FileStatus.UNUSABLE, reason="blurred", findings=None)])

    assert held_answer(case(*answered), "damage_photos", None) == ""
    assert held_answer(case(*answered, blurred), "damage_photos", None) is None
    assert held_answer(case(*ASKED), "damage_photos", None) is None


def test_a_person_who_asks_what_the_file_holds_is_told_and_may_say_why() -> None:
    known = case(opened(), said(), understood(facts=(fact("licence_plate", "GX-482-B"),)))
    journey = shipped().journey

    with pytest.raises(HeldAlready, match="the file says 'GX-482-B'; leave it out"):
        check_worth_asking(known, journey, ["licence_plate"], although=" ")
    check_worth_asking(known, journey, ["licence_plate"], although="it is not in the register")


def test_what_the_file_lacks_may_be_asked_and_so_may_any_words_of_a_person() -> None:
    known = case(*ASKED, e.RequestAnswered(("reply",), "m-2"))

    check_worth_asking(known, shipped().journey, ["licence_plate", "damage_photos", "no_such_request"], although="")
    assert held_answer(known, "reply", None) is None


def test_only_what_is_looked_for_in_messages_waits_to_be_read() -> None:
    facts = shipped().journey.facts
    readable = readable_facts(facts)

    assert "licence_plate" in readable
    assert all((facts[name].reader == "none") == (name not in readable) for name in facts)
    assert asks_for(case(*ASKED), "licence_plate") == ("licence_plate",)


def test_repeat_questions_are_counted_as_of_when_they_were_asked() -> None:
    before = entries(*ASKED)
    after = entries(
        *ASKED, e.RequestAnswered(("damage_photos",), "m-2"), e.RequestMade((PHOTOS,), NOW.date()),
        understood(facts=(fact("licence_plate", "GX-482-B"),)), e.RequestMade((PLATE,), NOW.date()),
    )  # fmt: skip

    assert (repeat_questions(CASE_ID, before), repeat_questions(CASE_ID, after)) == (0, 2)


def test_the_photos_of_the_rest_stay_on_the_customers_page_while_a_person_looks() -> None:
    stream = entries(*ASKED, said("It is GX-482-B", id_="m-2"), e.RequestAnswered(("licence_plate",), "m-2"))
    looked_at = entries(*(one.event for one in stream), step())
    ignored = entries(*ASKED, said("Any news?", id_="m-2"), step())

    shown = [tracking(shipped(), fold(CASE_ID, one), one).requests for one in (looked_at, ignored)]

    assert [[request.key for request in requests] for requests in shown] == [["damage_photos"], []]
