"""Terms of a policy are met, not met or unknown; what nobody can read is never called not met."""

import pytest
from builders import shipped
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cases.cover import Held, checks_of, cover_problem, held
from cases.journey_spec import CoverCheck

JOURNEY = shipped().journey
LABEL = {"en": "A term"}
POLICY = "register.policy"


def check(reads: str, *, least: str | None = None, one_of: tuple[str, ...] = ()) -> CoverCheck:
    return CoverCheck(label=LABEL, reads=reads, at_least=least, one_of=one_of)


@pytest.mark.parametrize(
    ("value", "verdict"), [("true", Held.MET), ("FALSE", Held.NOT_MET), ("maybe", Held.UNKNOWN), (None, Held.UNKNOWN)]
)
def test_a_yes_or_no_is_met_by_yes(value: str | None, verdict: Held) -> None:
    assert held(check(f"{POLICY}.active"), JOURNEY, {f"{POLICY}.active": value}.get) is verdict


def test_a_customer_who_was_not_found_does_not_meet_being_known() -> None:
    assert held(check(f"{POLICY}.found"), JOURNEY, {f"{POLICY}.found": "false"}.get) is Held.NOT_MET


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2020-01-01", Held.MET), ("2019-12-31", Held.NOT_MET), ("last week", Held.UNKNOWN), (None, Held.UNKNOWN)],
)
def test_a_day_is_met_from_the_first_day_on(day: str | None, verdict: Held) -> None:
    known = {"fact.loss_date": day, f"{POLICY}.since": "2020-01-01"}

    assert held(check("fact.loss_date", least=f"{POLICY}.since"), JOURNEY, known.get) is verdict


@pytest.mark.parametrize(("amount", "verdict"), [("75.00", Held.MET), ("74.99", Held.NOT_MET), ("NaN", Held.UNKNOWN)])
def test_an_amount_is_met_at_the_least_amount(amount: str, verdict: Held) -> None:
    known = {"fact.amount": amount, f"{POLICY}.own_risk": "75.00"}

    assert held(check("fact.amount", least=f"{POLICY}.own_risk"), JOURNEY, known.get) is verdict


@given(st.text(max_size=12))
def test_without_a_least_amount_no_amount_is_called_too_low(amount: str) -> None:
    known = {"fact.amount": amount}

    assert held(check("fact.amount", least=f"{POLICY}.own_risk"), JOURNEY, known.get) is Held.UNKNOWN


def test_one_of_several_words_is_met_in_big_or_small_letters() -> None:
    full = check(f"{POLICY}.cover", one_of=("limited", "full"))

    assert held(full, JOURNEY, {f"{POLICY}.cover": "Full"}.get) is Held.MET
    assert held(full, JOURNEY, {f"{POLICY}.cover": "liability"}.get) is Held.NOT_MET


def test_only_the_terms_of_the_topic_are_checked() -> None:
    glass, theft = ({next(iter(one.label.values())) for one in checks_of(JOURNEY, t)} for t in ("windscreen", "theft"))

    assert "Ruitschade is gedekt" in glass - theft
    assert "De polis loopt" in glass & theft


def test_places_that_cannot_be_compared_are_told_with_the_mend() -> None:
    wrong = (
        check("fact.amount"),
        check("fact.amount", least=f"{POLICY}.since"),
        check("fact.phone", least="fact.iban"),
    )
    right = (check("fact.amount", least=f"{POLICY}.own_risk"), check("fact.can_drive", one_of=("yes",)))

    assert [cover_problem(one, JOURNEY) is None for one in (*wrong, *right)] == [False, False, False, True, True]


def test_a_check_asks_one_thing() -> None:
    with pytest.raises(ValidationError, match="make two checks"):
        check("fact.amount", least=f"{POLICY}.own_risk", one_of=("a",))


def test_journeys_without_terms_keep_their_snapshot() -> None:
    assert "cover" not in JOURNEY.model_copy(update={"cover": {}}).model_dump(mode="json")
    assert "cover" in JOURNEY.model_dump(mode="json")
