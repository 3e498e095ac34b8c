"""Where a case stands is worded once."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from builders import JOURNEYS, shipped

from cases.case import Case
from cases.journey import tracking
from cases.letters import STANDING, TRACKING_LINK, filled
from cases.milestone_sentence import Turn, standing
from cases.vocabulary import Status

BY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize("status", Status)
def test_every_status_says_it_in_every_language_of_the_pages_and_the_page_says_the_same(
    journey: str, status: Status
) -> None:
    folder, known = shipped(journey), Case("case-1", journey=journey, status=status, update_by=BY)

    for language in folder.journey.read_in:
        stands, view = standing(folder, known, language), tracking(folder, known, (), language=language)
        assert stands.now
        assert stands.next
        assert stands.turn in get_args(Turn)
        assert stands.text == view.standing
        assert stands.said == tuple(filter(None, (view.status_sentence, view.hear_by, view.next)))
        assert ".." not in stands.text
        assert stands.text.endswith((".", "!", "?"))


def test_it_tells_what_is_now_then_by_when_then_what_is_next() -> None:
    known = Case("case-1", status=Status.WITH_EXPERT, update_by=BY)

    stands = standing(shipped(), known, "en")

    assert stands.hear_by == "You will hear from us on Tuesday 24 November at the latest"
    assert stands.text == f"{stands.now}. {stands.hear_by}. {stands.next}"


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DECIDED])
def test_what_is_settled_promises_no_day(status: Status) -> None:
    assert standing(shipped(), Case("case-1", status=status, update_by=BY), "en").hear_by == ""


def test_a_person_who_calls_stands_in_place_of_a_day_that_passed_and_it_is_our_turn() -> None:
    asked = Case("case-1", status=Status.WAITING_CUSTOMER, update_by=BY)

    waits, late = standing(shipped(), asked, "nl"), standing(shipped(), replace(asked, to_call="unreached"), "nl")

    assert (waits.turn, late.turn) == ("you", "us")
    assert late.hear_by == ""
    assert late.next != waits.next


def test_a_finished_case_is_nobodys_turn() -> None:
    assert standing(shipped(), Case("case-1", status=Status.CLOSED), "en").turn == ""


def test_a_letter_says_once_where_the_case_stands_also_when_two_left_as_one() -> None:
    body = f"First.\n\n{STANDING}\n\nSecond.\n\n{STANDING}\n\n{TRACKING_LINK}\n"

    assert filled(body, link="https://x", standing="We look.") == "First.\n\nSecond.\n\nWe look.\n\nhttps://x\n"
    assert filled("No places.\n", link="https://x", standing="We look.") == "No places.\n"
    assert filled(f"A.\n\n{STANDING}\n\nB.\n", link="", standing="") == "A.\n\nB.\n"
