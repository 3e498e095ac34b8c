"""Customers are asked once how it went, never after bad news, and a mean is told with how sure it is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import ANNA, NOW, case, chosen, enriched, opened, said, shipped, sign, step, understood
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.authority import check
from cases.case import Case
from cases.errors import NotAllowed
from cases.journey_folder import JourneyFolder
from cases.surveying import ASKED_STILL, FEWEST, due_question, is_open, may_be_asked, mean_of
from cases.vocabulary import CUSTOMER, MACHINE, Status, Step

ASKED = e.SurveyAsked("case-1.2")
READ = (opened(), said(), understood(), enriched(), step(Step.AUTO_CLOSE))
CLOSED = (*READ, e.CaseClosed("tell_status"))


def closed(*more: Any, **changed: Any) -> Case:
    return replace(case(*CLOSED, *more), closed_at=NOW, **changed)


def unasking() -> JourneyFolder:
    folder = shipped()
    return replace(folder, journey=folder.journey.model_copy(update={"survey": None}))


def test_some_days_after_an_outcome_one_letter_asks() -> None:
    day = NOW + timedelta(days=3)

    asked, letter = due_question(closed(), shipped(), at=day)

    assert isinstance(letter, e.LetterWritten)
    assert asked == e.SurveyAsked(letter.letter_id)
    assert (letter.letter, letter.effect.value, letter.approved_by) == ("survey", "inform", None)
    assert due_question(closed(), shipped(), at=day - timedelta(seconds=1)) == []
    assert due_question(closed(), shipped(), at=day + ASKED_STILL) == []
    assert due_question(closed(ASKED), shipped(), at=day) == []


def test_in_quiet_hours_nobody_is_asked() -> None:
    assert due_question(closed(), shipped(), at=NOW + timedelta(days=3, hours=13)) == []


def test_a_journey_without_a_survey_or_its_letter_asks_nobody() -> None:
    letters = {key: one for key, one in shipped().journey.letters.items() if key != "survey"}
    mute = replace(shipped(), journey=shipped().journey.model_copy(update={"letters": letters}))

    assert due_question(closed(), unasking(), at=NOW + timedelta(days=3)) == []
    assert due_question(closed(), mute, at=NOW + timedelta(days=3)) == []
    assert not may_be_asked(closed(), unasking())


@pytest.mark.parametrize(
    "against",
    [
        {"status": Status.WITH_EXPERT},
        {"outcome": "refuse"},
        {"outcome": "no_such_option"},
        {"dangers": (sign(),)},
        {"reopened": True},
        {"looks_again": True},
        {"survey_declined": True},
        {"erased": True},
        {"dead_addresses": ("jo@example.org",)},
        {"unreached": (e.LetterWritten("l", "received", "inform", "en", "a", "b", "c"),)},  # type: ignore[arg-type]  # a word of it
    ],
)
def test_after_bad_news_a_second_look_or_a_wish_not_to_be_asked_nobody_is(against: dict[str, Any]) -> None:
    assert may_be_asked(closed(), shipped())
    assert not may_be_asked(closed(**against), shipped())


def test_who_was_drawn_for_a_check_is_asked_once_it_is_done() -> None:
    drawn = case(*READ[:-1], step(Step.AUTO_CLOSE, audit=True), e.CaseClosed("tell_status"))
    judged = case(*READ[:-1], step(Step.AUTO_CLOSE, audit=True), e.CaseClosed("tell_status"), chosen("tell_status"))

    assert not may_be_asked(drawn, shipped())
    assert may_be_asked(judged, shipped())


def test_the_page_asks_from_the_letter_on_until_there_is_an_answer() -> None:
    assert not is_open(closed(), shipped())
    assert is_open(closed(ASKED), shipped())
    assert not is_open(closed(ASKED, e.SurveyAnswered(4, 5)), shipped())
    assert not is_open(closed(ASKED, e.SurveyDeclined()), shipped())
    assert closed(ASKED, e.SurveyAnswered(4, 5, "Quick.")).survey == e.SurveyAnswered(4, 5, "Quick.")


def test_only_the_clock_asks_and_only_the_customer_answers_once() -> None:
    check(closed(), ASKED, MACHINE)
    check(closed(ASKED), e.SurveyAnswered(1, 5), CUSTOMER)
    check(closed(ASKED), e.SurveyDeclined(), CUSTOMER)
    for known, event, actor in (
        (closed(), ASKED, ANNA),
        (closed(ASKED), ASKED, MACHINE),
        (case(*READ), ASKED, MACHINE),
        (closed(), e.SurveyAnswered(1, 5), CUSTOMER),
        (closed(ASKED), e.SurveyAnswered(1, 5), ANNA),
        (closed(ASKED, e.SurveyAnswered(1, 5)), e.SurveyAnswered(5, 5), CUSTOMER),
        (closed(ASKED, e.SurveyDeclined()), e.SurveyAnswered(5, 5), CUSTOMER),
    ):
        with pytest.raises(NotAllowed):
            check(known, event, actor)


def test_a_count_does_not_happen_to_a_case() -> None:
    with pytest.raises(NotAllowed, match="does not happen to a case"):
        closed(e.SurveyCounted(1, 5))


@pytest.mark.parametrize(("service", "communication"), [(0, 3), (6, 3), (3, 0), (3, 6)])
def test_a_score_off_the_scale_is_not_read(service: int, communication: int) -> None:
    body = f'{{"service": {service}, "communication": {communication}, "kind": "survey_counted"}}'

    with pytest.raises(ValueError, match=r"less than or equal|greater than or equal"):
        e.read_event("survey_counted", 1, body)


def test_of_too_few_answers_no_mean_is_told() -> None:
    few = mean_of([5] * (FEWEST - 1))

    assert (few.n, few.value, few.low, few.high) == (4, None, None, None)


def test_the_interval_is_that_of_student() -> None:
    found = mean_of([2, 3, 4, 4, 5, 5, 3, 4, 2, 4])  # mean 3.6, sd 1.0750, t of 9 degrees 2.2622

    assert (found.n, found.value) == (10, 3.6)
    assert found.low == pytest.approx(3.6 - 2.2622 * 1.0750 / 10**0.5, abs=0.002)
    assert found.high == pytest.approx(3.6 + 2.2622 * 1.0750 / 10**0.5, abs=0.002)


def test_of_the_fewest_the_quantile_is_close_too() -> None:
    found = mean_of([2, 3, 3, 3, 4])  # sd 0.7071, t of 4 degrees 2.7764

    assert found.low == pytest.approx(3 - 2.7764 * 0.7071 / 5**0.5, abs=0.01)


@given(st.lists(st.integers(1, 5), min_size=FEWEST, max_size=200))
def test_a_mean_lies_in_its_interval_on_the_scale_and_equal_answers_are_no_certainty(scores: list[int]) -> None:
    found = mean_of(scores)

    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert 1 <= found.low <= found.value <= found.high <= 5
    assert found.low < found.high
