"""A person decides by hand up to a limit of money, whatever way they come in by."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.facts import Fact, MessageSpan
from cases.granting import AboveAuthority
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Role, Scope, Step, Why
from pipelines import hand, staff
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.staff import Change
from pipelines.wiring import opened
from tests.homes import settings

NUMBERS = count(1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """In this journey handlers grant up to 1,500 euros, experts up to 10,000 and leads up to 50,000."""
    with opened(settings(tmp_path_factory.mktemp("office"))) as house:
        for name, role, limit in (
            ("hans", Role.HANDLER, None),
            ("fleur", Role.HANDLER, Decimal(200)),
            ("eva", Role.EXPERT, None),
            ("lea", Role.LEAD, None),
        ):
            staff.add_person(house, name, "hash", Change(roles=(role,), own_limit=limit), by="root")
        staff.add_person(house, "root", "hash", Change(roles=(Role.ADMINISTRATOR,)), by="root")
        staff.add_person(house, "sam", "hash", Change(roles=(Role.LEAD,), lines=("housing",)), by="root")
        staff.add_person(house, "gone", "hash", Change(roles=(Role.LEAD,)), by="root")
        with house.database.writing() as store:
            store.people.disable("gone", at=house.now())
        yield house


def claim(house: House, amount: str | None) -> str:
    """The reference of a case that waits for a person and is worth this much."""
    number, folder = next(NUMBERS), house.journeys.get("motor_claim")
    facts = (Fact("amount", amount, 0.9, (MessageSpan("m", 0, 4),)),) if amount else ()
    read = e.Understood(
        f"m-{number}", "nl", folder.name, folder.digest, "collision", 0.9, Scope.IN, 0.1, "text", "1", facts=facts,
        line_of_business="motor",
    )  # fmt: skip
    events: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened(f"C-{number}", f"m-{number}", "webform", "jo@example.org", journey=folder.name), SYSTEM),
        (e.MessageAdded(f"m-{number}", "webform", "jo@example.org", "", "Botsing", house.now()), CUSTOMER),
        (read, MACHINE),
        (e.StepDecided(Step.EXPERT, (Why.ELSE_ROW,), folder.name, folder.digest, "collision"), MACHINE),
    ]
    with house.database.writing() as store:
        store.append(f"case-{number}", events, at=house.now())
    return f"C-{number}"


def decide(house: House, reference: str, choice: str, person: str) -> Case:
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    hand.decide_by_hand(house, reference, Decision(choice, "gezien", version, message="Toelichting"), person=person)
    with house.database.reading() as store:
        return store.case(store.case_id(reference))


@pytest.mark.parametrize(
    ("person", "amount"),
    [("hans", "1500"), ("hans", None), ("fleur", "200.00"), ("eva", "1500.01"), ("lea", "50000")],
)
def test_up_to_the_limit_a_person_grants_alone(office: House, person: str, amount: str | None) -> None:
    case = decide(office, claim(office, amount), "pay_claim", person)

    assert case.human is not None
    assert case.human.choice == "pay_claim"


@pytest.mark.parametrize(
    ("person", "amount", "others"),
    [
        ("hans", "1500.01", ["eva", "lea"]),
        ("fleur", "200.01", ["hans", "eva", "lea"]),
        ("eva", "10000.01", ["lea"]),
        ("lea", "50000.01", []),
        ("somebody without an account", "0.01", ["fleur", "hans", "eva", "lea"]),
    ],
)
@pytest.mark.parametrize("choice", ["pay_claim", "partly_grant"])
def test_above_it_nothing_is_written_and_those_who_may_are_named(
    office: House, person: str, amount: str, others: list[str], choice: str
) -> None:
    reference = claim(office, amount)

    with pytest.raises(AboveAuthority) as refused:
        decide(office, reference, choice, person)

    assert list(refused.value.others) == others
    with office.database.reading() as store:
        assert store.case(store.case_id(reference)).human is None


def test_a_second_person_confirms_what_the_first_could_only_escalate(office: House) -> None:
    reference = claim(office, "2000")
    assert decide(office, reference, "escalate", "hans").human is None

    case = decide(office, reference, "pay_claim", "eva")

    assert case.human is not None
    assert case.human.by == "eva"


def test_what_grants_nothing_needs_no_limit(office: House) -> None:
    assert decide(office, claim(office, "90000"), "refuse", "hans").human is not None


def test_who_is_away_is_not_named(office: House) -> None:
    staff.send_away(office, "lea", office.now() + timedelta(days=1), None, by="lea")

    with pytest.raises(AboveAuthority, match="nobody here may"):
        decide(office, claim(office, "20000"), "pay_claim", "eva")

    staff.take_back(office, "lea", by="lea")


def test_an_amount_that_was_corrected_counts_as_corrected(office: House) -> None:
    reference = claim(office, "300")
    hand.state_fact(office, reference, "amount", "3000", person="hans")

    with pytest.raises(AboveAuthority, match="granting 3000"):
        decide(office, reference, "pay_claim", "hans")


@pytest.mark.parametrize("to", ["nobody", "root", "sam", "gone", ""])
def test_a_case_is_given_to_nobody_who_could_not_decide_it(office: House, to: str) -> None:
    reference = claim(office, None)

    with pytest.raises(NotAllowed, match="nobody of that name handles such cases"):
        hand.assign(office, reference, to, person="lea")

    hand.assign(office, reference, "hans", person="lea")
    hand.assign(office, reference, None, person="hans")
