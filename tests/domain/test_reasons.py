"""Reason codes: which list goes with which choice, and whose they are."""

from typing import get_args

import pytest
from builders import case, opened, said, shipped, step, understood

from cases.case import Case
from cases.events import CaseClosed
from cases.journey_spec import Verdict
from cases.reasons import USUAL, codes, verdict_of
from cases.vocabulary import Step

JOURNEY = shipped().journey


def advised(option: str, *, shadow: bool = False) -> Case:
    return case(opened(), said(), understood(), step(option=option, shadow=shadow))


@pytest.mark.parametrize(
    ("choice", "verdict"),
    [("repair_glass", "agree"), ("refuse", "change"), ("need_more", "need_more"), ("escalate", "need_more")],
)
def test_a_choice_agrees_or_changes_or_needs_more(choice: str, verdict: str) -> None:
    assert verdict_of(advised("repair_glass"), choice) == verdict


def test_where_no_advice_was_seen_a_choice_is_ones_own() -> None:
    audited = case(
        opened(), said(), understood(), step(Step.AUTO_CLOSE, option="refuse", audit=True), CaseClosed("refuse")
    )

    assert verdict_of(case(opened(), said()), "refuse") == "own"
    assert verdict_of(advised(""), "refuse") == "own"
    assert verdict_of(advised("refuse", shadow=True), "refuse") == "own"
    assert audited.awaits_audit
    assert verdict_of(audited, "refuse") == "own"


def test_disagreeing_asks_no_more_than_agreeing() -> None:
    assert set(USUAL) == set(get_args(Verdict))
    assert all(codes(JOURNEY, verdict) == USUAL[verdict] for verdict in USUAL)
    assert abs(len(USUAL["agree"]) - len(USUAL["change"])) <= 1


def test_a_journey_has_reasons_of_its_own_where_it_names_them() -> None:
    own = JOURNEY.model_copy(update={"reasons": {"change": {"garage": {"nl": "Garage weet het beter"}}}})

    assert codes(own, "change") == ("garage",)
    assert codes(own, "agree") == USUAL["agree"]


def test_the_snapshot_of_a_journey_without_reasons_is_as_it_was() -> None:
    assert "reasons" not in JOURNEY.model_dump(mode="json")
