"""How long a case took so far, and what its customer reads of how long most take."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import ANNA, CASE_ID, NOW, chosen, entries, opened, said, shipped, sign, step, understood

from cases import events as e
from cases.case import fold
from cases.expecting import Until, Wait, expected, waits
from cases.vocabulary import Status, Step

MINUTE = timedelta(minutes=1)
DAY = 10 * 60  # minutes that the journey's office is open
LATE = NOW + timedelta(days=60)
OUTCOME = e.LearnedRange("windscreen", Step.EXPERT, "outcome", told=True, low=2 * DAY, high=6 * DAY)


def told(*events: e.Event, ranges: tuple[e.LearnedRange, ...] = (OUTCOME,), now: datetime = NOW,
         language: str = "en", **changed: Any) -> tuple[str, ...]:  # fmt: skip
    """What the customer reads of a case that was decided upon on Monday 23 November at about eleven."""
    log = entries(opened(), said(), understood(), step(update_by=LATE), *events)
    case = replace(fold(CASE_ID, log), **changed)
    return expected(shipped(), case, log, ranges, now=now, language=language)


def test_most_cases_are_settled_between_two_days() -> None:
    assert told() == ("Most cases like yours are settled between 25 November and 1 December.",)
    assert told(language="nl") == ("De meeste zaken zoals die van u zijn klaar tussen 25 november en 1 december.",)
    assert told(language="de")[0].endswith("zwischen dem 25. November und dem 1. Dezember fertig.")


def test_without_a_range_that_holds_nobody_knows_yet() -> None:
    unknown = ("We do not know yet how long this takes in all.",)

    assert told(ranges=()) == unknown
    assert told(ranges=(replace(OUTCOME, told=False),)) == unknown
    assert told(ranges=(replace(OUTCOME, topic="bodywork"),)) == unknown
    assert told(ranges=(replace(OUTCOME, step=Step.ROUTE),)) == unknown


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (NOW + timedelta(days=1), "between 25 November and 1 December."),
        (NOW + timedelta(days=2), "settled by 1 December."),
        (NOW + timedelta(days=8), "settled by 1 December."),
        (NOW + timedelta(days=9), "Your case takes longer than most. We do not know yet how long."),
    ],
)
def test_what_is_said_goes_with_the_day(now: datetime, sentence: str) -> None:
    assert told(now=now)[0].endswith(sentence)


def test_a_range_within_one_day_names_that_day() -> None:
    assert told(ranges=(replace(OUTCOME, low=2 * DAY, high=2 * DAY + 30),)) == (
        "Most cases like yours are settled on 25 November.",
    )


def test_a_range_of_no_time_at_all_begins_where_the_case_does() -> None:
    assert told(ranges=(replace(OUTCOME, low=0, high=DAY),)) == ("Most cases like yours are settled by 24 November.",)


@pytest.mark.parametrize(("days", "said_so"), [(7, False), (8, True)])
def test_nothing_is_said_that_goes_beyond_the_promised_date(days: int, said_so: bool) -> None:  # noqa: FBT001
    promised = NOW + timedelta(days=days)  # the last day of the range is the eighth

    assert bool(told(update_by=promised)) is said_so


def test_without_a_promised_date_the_range_stands() -> None:
    assert told(update_by=None)


def test_the_next_step_is_told_before_the_outcome_unless_it_is_the_outcome() -> None:
    soon = replace(OUTCOME, until="next_step", low=DAY, high=3 * DAY)

    assert told(ranges=(OUTCOME, soon)) == (
        "In most cases like yours we take the next step between 24 November and 26 November.",
        "Most cases like yours are settled between 25 November and 1 December.",
    )
    assert len(told(ranges=(OUTCOME, replace(OUTCOME, until="next_step")))) == 1
    assert told(ranges=(soon,)) == ("We do not know yet how long this takes in all.",)


def test_once_a_person_decided_the_next_step_is_over() -> None:
    soon = replace(OUTCOME, until="next_step", low=DAY, high=3 * DAY)

    said_then = told(chosen("appoint_assessor", update_by=LATE), ranges=(OUTCOME, soon),
                     status=Status.WAITING_THIRD_PARTY)  # fmt: skip

    assert said_then == ("Most cases like yours are settled between 25 November and 1 December.",)


def test_a_case_that_is_not_like_the_others_is_told_nothing() -> None:
    assert told(to_call="too_often") == ()
    assert told(dangers=(sign(),)) == ()
    assert told(reopened=True) == ()
    assert told(status=Status.WAITING_CUSTOMER) == ()
    assert told(status=Status.CLOSED) == ()
    assert told(step=step(Step.REQUEST_INFO)) == ()
    assert told(step=None, step_seq=0) == ()


def test_a_case_in_shadow_is_one_that_a_person_decides() -> None:
    assert told(step=step(Step.AUTO_CLOSE, shadow=True))
    assert told(step=step(Step.AUTO_CLOSE)) == ()


# --- what history tells ---------------------------------------------------------------------------------------------


def spans(*events: e.Event) -> dict[tuple[Step, Until], tuple[int, int | None]]:
    """Minutes after the first event at which each wait began and ended."""
    found = waits(entries(*events))
    assert len({(one.topic, one.step, one.until) for one in found}) == len(found)
    return {
        (one.step, one.until): ((one.began - NOW) // MINUTE, one.ended and (one.ended - NOW) // MINUTE) for one in found
    }


def test_a_wait_begins_with_the_step_and_ends_with_the_decision_and_the_closing() -> None:
    assert spans(opened(), said(), step(), chosen(), e.CaseClosed("answer")) == {
        (Step.EXPERT, "next_step"): (2, 3),
        (Step.EXPERT, "outcome"): (2, 4),
    }


def test_what_goes_on_has_no_end() -> None:
    assert spans(opened(), said(), step()) == {
        (Step.EXPERT, "next_step"): (2, None),
        (Step.EXPERT, "outcome"): (2, None),
    }


def test_a_second_step_ends_the_wait_for_the_first_and_the_first_of_a_kind_counts() -> None:
    again = (step(), step(Step.REQUEST_INFO), step(), step(Step.ROUTE), e.CaseClosed("x"))

    assert spans(opened(), said(), *again) == {
        (Step.EXPERT, "next_step"): (2, 3),
        (Step.EXPERT, "outcome"): (2, 6),
        (Step.ROUTE, "next_step"): (5, 6),
        (Step.ROUTE, "outcome"): (5, 6),
    }


def test_closing_by_the_machine_is_no_wait_but_deciding_in_shadow_is() -> None:
    assert spans(opened(), step(Step.AUTO_CLOSE), e.CaseClosed("x")) == {}
    assert (Step.EXPERT, "outcome") in spans(opened(), step(Step.AUTO_CLOSE, shadow=True))


def test_after_it_was_opened_again_a_case_tells_nothing_more() -> None:
    log = (opened(), step(), e.CaseClosed("x"), e.CaseReopened("m-2"), step(Step.ROUTE), e.CaseClosed("x"))

    assert spans(*log) == {(Step.EXPERT, "next_step"): (1, 2), (Step.EXPERT, "outcome"): (1, 2)}


def test_a_case_that_went_on_in_another_or_was_erased_tells_nothing() -> None:
    merged = e.CaseMerged("case-2", "C-2026-000002", ANNA.name, "the same")

    assert spans(opened(), step(), merged) == {}
    assert spans(opened(), step(), e.CaseErased("root", "asked")) == {}


def test_a_case_from_before_took_from_its_message_to_its_decision() -> None:
    past = e.CaseImported(
        "C-2025-000001", "motor_claim", NOW, NOW + 9 * MINUTE, "x", "pay", "anna", blind=True, customer="k",
        topic="windscreen",
    )  # fmt: skip

    assert waits(entries(past)) == [Wait("windscreen", Step.EXPERT, "outcome", NOW, NOW + 9 * MINUTE)]
    assert waits(entries(replace(past, topic=None))) == []
