"""Why a past case is like another, and how much that lifts it."""

from typing import Any

import pytest
from builders import NOW, fact, photo, read_case, shipped
from test_contradictions import seen, with_photos

from cases import events as e
from cases.alike import LIFTS, MOST_LIFT, Difference, alike, amount_of, differs, likeness, near
from cases.case import Case, Entry, fold
from cases.facts import Fact
from cases.vocabulary import SYSTEM, Scope

JOURNEY = shipped().journey


def imported(**changed: Any) -> Case:
    event = e.CaseImported("P-1", "motor_claim", NOW, NOW, "text", "repair_glass", "anna", True, "c1", **changed)
    return fold("case-p", [Entry(1, NOW, SYSTEM, event)])


@pytest.mark.parametrize(
    ("facts", "past", "why"),
    [
        ((), imported(), ("text",)),
        ((), imported(topic="windscreen"), ("text", "topic")),
        ((fact("amount", "100.00"),), imported(amount="125.00"), ("text", "near_amount")),
        ((fact("amount", "100.00"),), imported(amount="133.33"), ("text", "near_amount")),
        ((fact("amount", "100.00"),), imported(amount="133.34"), ("text",)),
        ((fact("amount", "100.00"),), imported(amount=None), ("text",)),
        ((fact("amount", "100.00"),), imported(facts=(("amount", "100.00"),), amount="100.00"), ("text", "amount")),
        ((fact("loss_date", "2026-11-20"),), imported(facts=(("loss_date", "2026-11-20"),)), ("text", "loss_date")),
        ((fact("loss_date", "2026-11-20"),), imported(facts=(("loss_date", "2026-11-21"),)), ("text",)),
        ((), imported(facts=(("loss_date", "2026-11-21"),)), ("text",)),
    ],
)
def test_a_case_is_alike_by_text_topic_facts_and_amount(
    facts: tuple[Fact, ...], past: Case, why: tuple[str, ...]
) -> None:
    assert alike(read_case(facts=facts), past, JOURNEY) == why


def test_a_case_of_our_own_is_held_by_the_fact_to_act_on() -> None:
    past = read_case(facts=(fact("amount", "5.00"), fact("amount", "90.00", 0.99), fact("iban", "NL1")))

    assert alike(read_case(facts=(fact("amount", "90.00"),)), past, JOURNEY) == ("text", "topic", "amount")
    assert amount_of(past, JOURNEY) == "90.00"
    assert amount_of(read_case(), JOURNEY) is None
    nameless = JOURNEY.model_copy(update={"amount_fact": None})
    assert amount_of(past, nameless) is None
    assert alike(past, past, nameless) == ("text", "topic", "amount", "iban")


def test_photos_are_alike_by_what_the_model_is_sure_they_show() -> None:
    glass, again, other = with_photos(seen("glass")), with_photos(seen("glass")), with_photos(seen())

    assert "photo" in alike(glass, again, JOURNEY)
    assert "photo" not in alike(glass, other, JOURNEY)
    assert "photo" not in alike(glass, with_photos(seen("glass", abstains=True)), JOURNEY)
    assert "photo" not in alike(glass, with_photos(seen("glass", scope=Scope.OUT)), JOURNEY)
    assert "photo" not in alike(glass, read_case(files=[photo()]), JOURNEY)


def test_each_reason_lifts_and_all_together_little_so_that_words_count_most() -> None:
    assert likeness(0.5, ("text",)) == 0.5
    assert likeness(0.5, ("text", "topic")) == pytest.approx(0.55)
    assert likeness(0.5, ("text", "amount")) == pytest.approx(0.53)
    assert likeness(0.5, ("text", "a", "b", "c", "d")) == pytest.approx(0.56)
    assert likeness(0.5, (*LIFTS, "a", "b", "c")) == pytest.approx(0.5 + MOST_LIFT)
    assert pytest.approx(0.18) == MOST_LIFT


@pytest.mark.parametrize("other", [None, "", "much", "Infinity", "NaN"])
def test_what_is_no_amount_is_near_to_none(other: str | None) -> None:
    assert not near("100.00", other)
    assert not near("much", "100.00")


def test_two_cases_differ_in_what_only_one_knows_and_in_what_they_know_otherwise() -> None:
    case = read_case(facts=(fact("amount", "100.00"), fact("loss_date", "2026-11-20")))
    past = imported(topic="theft", amount="90.00", facts=(("loss_date", "2026-11-20"), ("licence_plate", "AB-123-C")))

    assert set(differs(case, past, JOURNEY)) == {
        Difference("topic", "windscreen", "theft"),
        Difference("amount", "100.00", "90.00"),
        Difference("licence_plate", None, "AB-123-C"),
    }
    assert differs(case, case, JOURNEY) == ()
    nameless = JOURNEY.model_copy(update={"amount_fact": None})
    assert Difference("amount", "100.00", None) in differs(case, past, nameless)
