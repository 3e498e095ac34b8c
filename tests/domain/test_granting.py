from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, case, fact, opened, said, shipped, step, understood

from cases.case import Case
from cases.errors import NotAllowed
from cases.events import CaseImported, FactStated
from cases.facts import Fact, Person
from cases.granting import AboveAuthority, Stake, grants, stake_of, who_may_grant
from cases.people import User
from cases.vocabulary import Role

JOURNEY = shipped().journey  # handlers grant up to 1,500 euros, experts up to 10,000, leads up to 50,000


def user(name: str, role: Role, **more: Any) -> User:
    return User(name, (role,), "", **{"lines": ("motor",), **more})


def worth(amount: str) -> Case:
    return case(opened(), said(), understood(facts=(fact("amount", amount),)), step())


def imported(amount: str | None) -> CaseImported:
    return CaseImported(
        "C-1", "motor_claim", NOW, NOW, "ruit", "pay_claim", "anna", blind=True, customer="x", amount=amount
    )


def stated(amount: str) -> FactStated:
    return FactStated(Fact("amount", amount, 1.0, (Person("anna"),)), "anna")


def test_what_is_left_is_the_limit_less_the_amount() -> None:
    assert stake_of(worth("210.50"), JOURNEY, user("h", Role.HANDLER)).left == Decimal("1289.50")
    assert stake_of(worth("2000"), JOURNEY, user("h", Role.HANDLER)).left == Decimal(-500)
    assert stake_of(case(opened(), said()), JOURNEY, user("h", Role.HANDLER)) == Stake(None, Decimal(1500))
    assert Stake(None, Decimal(1500)).left is None
    assert Stake(Decimal(3), None).left is None


def test_an_imported_case_is_worth_what_was_imported_until_a_person_says_otherwise() -> None:
    assert stake_of(case(imported("90")), JOURNEY, user("h", Role.HANDLER)).amount == 90
    assert stake_of(case(imported("90"), stated("95")), JOURNEY, user("h", Role.HANDLER)).amount == 95
    assert stake_of(case(imported(None)), JOURNEY, user("h", Role.HANDLER)).amount is None


@pytest.mark.parametrize("amount", ["about 300", "NaN", "Infinity", ""])
def test_an_amount_that_is_no_number_is_refused_rather_than_taken_for_none(amount: str) -> None:
    with pytest.raises(NotAllowed, match="correct it to a number first"):
        stake_of(worth(amount), JOURNEY, user("h", Role.HANDLER))


def test_only_what_may_bring_money_out_counts_against_a_limit() -> None:
    assert grants(JOURNEY, "pay_claim")
    assert grants(JOURNEY, "partly_grant")
    assert not grants(JOURNEY, "refuse")
    assert not grants(JOURNEY, "escalate")


def test_those_who_may_decide_are_named_from_the_lowest_limit_up() -> None:
    people = [
        user("lea", Role.LEAD),
        user("own", Role.HANDLER, own_limit=Decimal(9000)),
        user("eva", Role.EXPERT),
        user("hans", Role.HANDLER),
        user("root", Role.ADMINISTRATOR, own_limit=Decimal(10**6)),
        user("sam", Role.LEAD, lines=("housing",)),
        user("dirk", Role.LEAD, away_until=NOW + timedelta(days=1)),
    ]

    known = case(opened(), said(), understood(line_of_business="motor"))

    assert who_may_grant(people, known, JOURNEY, Decimal(2000), now=NOW) == ["own", "eva", "lea"]
    assert who_may_grant(people, known, JOURNEY, Decimal(10_000), now=NOW) == ["eva", "lea"]
    assert who_may_grant(people, known, JOURNEY, Decimal(50_001), now=NOW) == []


def test_who_may_grant_any_amount_is_named_last() -> None:
    unlimited = JOURNEY.model_copy(update={"authority": {}})
    people = [user("ann", Role.HANDLER), user("own", Role.HANDLER, own_limit=Decimal(9000))]

    known = case(opened(), said(), understood(line_of_business="motor"))

    assert who_may_grant(people, known, unlimited, Decimal(2000), now=NOW) == ["own", "ann"]


def test_a_refusal_says_what_the_limit_is_and_who_may() -> None:
    several = AboveAuthority(Decimal(2000), Decimal(1500), ["a", "b", "c", "d"])
    nobody = AboveAuthority(Decimal(2000), Decimal(1500), [])

    assert str(several) == (
        "granting 2000 is not allowed: you may grant up to 1500 euros here; choose escalate: a or b or c may"
    )
    assert "an administrator sets limits" in str(nobody)
