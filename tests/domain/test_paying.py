"""What was granted before, in which cases the same may be paid twice, and which accounts money may go to."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from builders import ANNA, NOW, case, chosen, entries, fact, opened, read_case, said, shipped, step, understood
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases import paying
from cases.case import Case, fold
from cases.paying import Elsewhere, PaidBefore
from cases.steps import held_as_paid
from cases.vocabulary import Actor, Step, Why

MOTOR = shipped().journey
IBAN, OTHER = "NL91ABNA0417164300", "NL81VBLD0003000000"
ASKED = fact("amount", "210.00")
ORDER = e.HandoverAsked("o-1", "pay_claim", "payment_proposal", (("amount", "210.00"), ("iban", IBAN)))
READ = (opened(), said(), understood(facts=(ASKED,)))
PAID = (*READ, (chosen("pay_claim"), ANNA), ORDER, e.HandedOver("o-1", "r-1"), e.CaseClosed("pay_claim"))


def beside(*events: e.Event | tuple[e.Event, Actor], mine: Case | None = None, id_: str = "case-2") -> Elsewhere | None:
    """Another case, as it stands beside this one."""
    stream = entries(*events)
    mine = mine or read_case(facts=(ASKED,))
    return paying.elsewhere(mine, MOTOR, fold(id_, stream), stream, MOTOR)


def twins(other: Elsewhere | None, *, days: int = 1, **changed: object) -> int:
    journey = MOTOR.model_copy(update=changed)
    others = [other] if other else []
    return len(paying.doubles(read_case(facts=(ASKED,)), journey, others, at=NOW + timedelta(days=days)))


def test_an_order_that_was_asked_is_money_granted_with_its_account() -> None:
    found = beside(*PAID)

    assert found is not None
    assert [(one.amount, one.account) for one in found.given] == [(Decimal("210.00"), IBAN)]
    assert found.same == ("sender",)


def test_a_refused_order_granted_nothing() -> None:
    found = beside(*READ, (chosen("pay_claim"), ANNA), ORDER, e.HandoverRefused("o-1", "no such account"))

    assert found is not None
    assert found.given == ()


def test_a_closing_that_needs_no_order_grants_what_was_asked() -> None:
    by_letter = MOTOR.options["pay_claim"].model_copy(update={"handover": None})
    journey = MOTOR.model_copy(update={"options": {**MOTOR.options, "pay_claim": by_letter}})
    stream = entries(*READ, e.CaseClosed("pay_claim"))

    [granted] = paying.given_in(fold("case-2", stream), stream, journey)

    assert (granted.amount, granted.account) == (Decimal("210.00"), "")


def test_an_imported_case_counts_with_the_amount_and_account_of_its_import() -> None:
    past = e.CaseImported(
        "H-1", "motor_claim", NOW, NOW, "", "pay_claim", "jan", blind=False, customer="jo@example.org",
        amount="210.00", topic="windscreen", facts=(("iban", OTHER), ("policy_number", "POL 123456")),
    )  # fmt: skip
    mine = read_case(facts=(ASKED, fact("policy_number", "pol-123456")))

    found = beside(past, mine=mine)

    assert found is not None
    assert found.same == ("policy_number", "sender")
    assert found.given == (paying.Given(NOW, Decimal("210.00"), OTHER),)


@pytest.mark.parametrize("facts", [(("amount", "NaN"),), (("amount", "veel"),), ()])
def test_an_amount_that_is_no_number_counts_as_not_named(facts: tuple[tuple[str, str], ...]) -> None:
    stream = entries(opened(), said(), understood(facts=(fact("amount", "veel"),)), replace(ORDER, facts=facts))
    found = fold("case-2", stream)

    assert paying.asked_in(found, MOTOR) is None
    assert [one.amount for one in paying.given_in(found, stream, MOTOR)] == [None]


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((opened(sender="ann@example.org"), said()), "another customer"),
        ((*READ, e.CaseErased("root", "asked")), "erased"),
        ((*READ, (e.CaseMerged("case-1", "C-2026-000001", "anna"), ANNA)), "goes on in another case"),
    ],
)
def test_a_case_that_is_not_the_customers_own_or_is_no_more_stands_not_beside_it(
    events: tuple[e.Event | tuple[e.Event, Actor], ...], why: str
) -> None:
    assert beside(*events) is None, why


def test_a_case_stands_not_beside_itself() -> None:
    assert beside(*READ, id_="case-1") is None


@pytest.mark.parametrize(("days", "double"), [(0, 1), (29, 1), (31, 0)])
def test_an_equal_amount_within_the_days_of_the_journey_may_be_paid_twice(days: int, double: int) -> None:
    assert twins(beside(*PAID), days=days) == double
    assert twins(beside(*PAID), days=days, double_payment_days=days + 1) == 1


def test_a_journey_may_ask_for_no_such_guard() -> None:
    assert twins(beside(*PAID), days=0, double_payment_days=0) == 0


def test_an_equal_amount_that_is_asked_in_an_open_case_counts_too() -> None:
    assert twins(beside(*READ)) == 1


def test_a_case_that_ended_without_granting_is_no_double() -> None:
    assert twins(beside(*READ, (chosen("refuse"), ANNA), e.CaseClosed("refuse"))) == 0


def test_another_amount_or_topic_is_no_double() -> None:
    assert twins(beside(opened(), said(), understood(facts=(fact("amount", "210.01"),)))) == 0
    assert twins(beside(opened(), said(), understood("theft", facts=(ASKED,)))) == 0


def test_a_case_without_an_amount_has_no_double() -> None:
    other = beside(*PAID)
    assert other is not None

    assert paying.doubles(read_case(), MOTOR, [other], at=NOW) == ()


def test_what_the_machine_would_close_goes_to_a_person_with_its_advice() -> None:
    closing = step(Step.AUTO_CLOSE, option="repair_glass", audit=True)

    held = held_as_paid(closing, shipped(), at=NOW)

    assert (held.step, held.because, held.option) == (Step.EXPERT, (Why.PAID_BEFORE,), "repair_glass")
    assert (held.shadow, held.audit, held.certificate) == (False, False, None)


def test_the_refusal_names_only_what_the_person_may_see() -> None:
    refused = PaidBefore(own=True, references=["C-1"], hidden=2)

    assert str(refused) == (
        "granting is not allowed: this case was granted before; the same amount was granted or is asked in C-1; "
        "and in 2 cases that you may not see; if you mean it all the same, say why in although"
    )


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_the_account_that_was_told_is_shown_by_its_ends_only() -> None:
    payee = paying.payee_of(read_case(facts=(fact("iban", "nl91 abna 0417 1643 00"),)), MOTOR)

    assert payee is not None
    assert (payee.account, payee.valid, payee.masked) == (IBAN, True, "NL91 •••• 4300")


def test_what_is_no_account_shows_nothing_of_itself() -> None:
    payee = paying.payee_of(read_case(facts=(fact("iban", "NL92ABNA0417164300"),)), MOTOR)

    assert payee is not None
    assert (payee.valid, payee.masked) == (False, "••••")


def test_nobody_named_an_account() -> None:
    assert paying.payee_of(read_case(), MOTOR) is None


def test_the_last_account_is_that_of_the_newest_grant_to_the_same_customer() -> None:
    before = beside(*PAID)
    assert before is not None
    later = paying.Given(NOW + timedelta(days=9), None, OTHER)

    assert paying.last_account([before], []) == IBAN
    assert paying.last_account([before], [later]) == OTHER
    assert paying.last_account([replace(before, same=("policy_number",))], []) == ""


def test_an_order_carries_an_account_only_when_it_can_be_one() -> None:
    facts = (("amount", "210.00"), ("iban", "NL92ABNA0417164300"))

    assert paying.for_order(facts, MOTOR) == facts[:1]
    assert paying.for_order((*facts[:1], ("iban", IBAN)), MOTOR) == (*facts[:1], ("iban", IBAN))


@given(place=st.sampled_from([at for at, sign in enumerate(IBAN) if sign.isdigit()]), shift=st.integers(1, 9))
def test_one_wrong_figure_is_always_seen(place: int, shift: int) -> None:
    wrong = IBAN[:place] + str((int(IBAN[place]) + shift) % 10) + IBAN[place + 1 :]

    assert paying.is_account(IBAN)
    assert not paying.is_account(wrong)


def test_cases_without_messages_have_no_account() -> None:
    assert paying.payee_of(case(opened()), MOTOR) is None
