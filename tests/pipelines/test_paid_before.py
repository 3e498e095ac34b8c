"""Money that may have been paid before: the machine leaves it to a person, who says why they grant it again."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

import pytest
from builders import photo

from cases import events as e
from cases.case import Case, fold
from cases.facts import Fact, MessageSpan
from cases.paying import PaidBefore
from cases.store.work import Claim
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Role, Scope, Step, Why
from pipelines import hand, paying, staff
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain
from pipelines.staff import Change
from pipelines.stages.decide import decide as decide_stage
from pipelines.stages.leave import leave
from pipelines.stages.work import Item
from pipelines.wiring import opened
from tests.homes import settings

NUMBERS = count(1)
POLICY = (
    ("policy_number", "POL-123456"), ("plate", "AB-123-C"), ("car", "Fiat Panda"), ("active", "true"),
    ("since", "2020-01-01"), ("premium_paid", "true"), ("cover", "full"), ("glass_cover", "true"),
    ("roadside", "true"), ("own_risk", "75.00"), ("open_claim", "false"),
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(settings(tmp_path_factory.mktemp("office"))) as house:
        staff.add_person(house, "eva", "hash", Change(roles=(Role.EXPERT,), lines=("motor",)), by="root")
        staff.add_person(house, "sam", "hash", Change(roles=(Role.EXPERT,), lines=("housing",)), by="root")
        yield house


def claim(
    house: House, sender: str, amount: str = "210.00", *, topic: str = "collision", step: bool = True, **facts: str
) -> Case:
    """A case that is worth this much and waits for a person or, without a step, for one."""
    number, folder = next(NUMBERS), house.journeys.get("motor_claim")
    told = tuple(
        Fact(name, value, 0.9, (MessageSpan("m", 0, 4),)) for name, value in (("amount", amount), *facts.items())
    )
    read = e.Understood(
        f"m-{number}", "nl", folder.name, folder.digest, topic, 0.97, Scope.IN, 0.1, "text", "1", facts=told,
        line_of_business="motor",
    )  # fmt: skip
    events: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened(f"C-2026-{number:06d}", f"m-{number}", "webform", sender, journey=folder.name), SYSTEM),
        (e.MessageAdded(f"m-{number}", "webform", sender, "", "Schade", house.now(), files=(photo(),)), CUSTOMER),
        (read, MACHINE),
        (e.Enriched((e.RegisterAnswer("policy", "sender", sender, found=True, fields=POLICY),)), MACHINE),
    ]
    if step:
        events += [(e.StepDecided(Step.EXPERT, (Why.ELSE_ROW,), folder.name, folder.digest, topic), MACHINE)]
    with house.database.writing() as store:
        store.append(f"case-{number}", events, at=house.now())
    return case_of(house, f"case-{number}")


def case_of(house: House, case_id: str) -> Case:
    with house.database.reading() as store:
        return store.case(case_id)


def grant(house: House, case: Case, *, although: str = "", choice: str = "pay_claim") -> Case:
    decision = Decision(choice, "gezien", case.version, message="Toelichting", although=although)
    hand.decide_by_hand(house, case.reference, decision, person="eva")
    return case_of(house, case.id)


def stepped(house: House, cases: Sequence[Case]) -> list[e.StepDecided]:
    """What the machine decides on these cases in one batch."""
    items = []
    with house.database.reading() as store:
        for case in cases:
            entries = store.history(case.id)
            items.append(Item(Claim(case.id, entries[-1].seq, "decide", 1, 1), entries[-1], entries, case, house.now()))
    outcomes = decide_stage(items, house)
    return [
        event
        for outcome in outcomes
        for append in outcome.appends
        for event, _ in append.events
        if isinstance(event, e.StepDecided)
    ]


def test_an_equal_amount_for_the_same_customer_is_told_before_it_is_granted_again(office: House) -> None:
    first = grant(office, claim(office, "ann@example.org"))
    second = claim(office, "Ann@example.org")

    with pytest.raises(PaidBefore, match=first.reference):
        grant(office, second)

    assert case_of(office, second.id).human is None


def test_who_means_it_says_why_and_that_stays_with_the_decision(office: House) -> None:
    grant(office, claim(office, "bea@example.org"))

    again = grant(office, claim(office, "bea@example.org"), although="een andere ruit")

    assert again.human is not None
    assert again.human.reason == "gezien; een andere ruit"


@pytest.mark.parametrize("choice", ["refuse", "send_assessor"])
def test_what_grants_no_money_is_not_asked_about(office: House, choice: str) -> None:
    sender = f"{choice}@example.org"
    grant(office, claim(office, sender))

    assert grant(office, claim(office, sender), choice=choice).human is not None


def test_another_customer_with_the_same_plate_is_told_too(office: House) -> None:
    first = grant(office, claim(office, "cas@example.org", licence_plate="GX-482-B"))

    with pytest.raises(PaidBefore, match=first.reference):
        grant(office, claim(office, "dee@example.org", licence_plate="gx482b"))


def test_another_amount_customer_or_topic_is_granted_at_once(office: House) -> None:
    grant(office, claim(office, "eef@example.org"))

    for other in (
        claim(office, "eef@example.org", "211.00"),
        claim(office, "eef@example.org", topic="theft"),
        claim(office, "geeft@example.org"),
    ):
        assert grant(office, other).human is not None


def test_after_the_days_of_the_journey_an_equal_amount_is_another_claim(office: House) -> None:
    first = grant(office, claim(office, "fay@example.org"))
    second, folder = claim(office, "fay@example.org"), office.journeys.get("motor_claim")

    with office.database.reading() as store:
        soon, late = (
            paying.looks_paid(store, office, second, folder, "pay_claim", at=office.now() + timedelta(days=days))
            for days in (29, 31)
        )

    assert [one.case.reference for one in soon] == [first.reference]
    assert late == ()


def test_a_case_that_was_granted_is_not_granted_again_without_a_reason(office: House) -> None:
    granted = grant(office, claim(office, "gus@example.org"))
    drain(office)
    with office.database.writing() as store:
        store.append(granted.id, [(e.CaseReopened("m"), CUSTOMER)], at=office.now())
    reopened = case_of(office, granted.id)

    with pytest.raises(PaidBefore, match="granted before"):
        grant(office, reopened)

    assert grant(office, reopened, although="het eerste bedrag was te laag").human is not None


def test_of_a_line_that_the_person_does_not_see_only_a_number_is_told(office: House) -> None:
    first = grant(office, claim(office, "hal@example.org"))
    second, folder = claim(office, "hal@example.org"), office.journeys.get("motor_claim")

    with office.database.reading() as store, pytest.raises(PaidBefore) as refused:
        paying.check_paid_once(store, office, second, folder, "pay_claim", person="sam", at=office.now())

    assert refused.value.hidden == 1
    assert first.reference not in str(refused.value)


def test_what_was_granted_elsewhere_while_a_decision_waited_to_leave_keeps_it_back(office: House) -> None:
    first, second = claim(office, "ida@example.org"), claim(office, "ida@example.org")
    decision = Decision("pay_claim", "gezien", second.version, message="Toelichting", although="twee ruiten")
    later = office.now() + timedelta(hours=1)
    hand.decide_by_hand(office, second.reference, decision, person="eva", leaves_at=later)
    grant(office, first, although="twee ruiten")
    with office.database.reading() as store:
        entries = store.history(second.id)
    held = next(entry for entry in entries if isinstance(entry.event, e.DecisionHeld))

    leave([Item(Claim(second.id, held.seq, "leave", 1, 1), held, entries, fold(second.id, entries), later)], office)

    after = case_of(office, second.id)
    assert (len(after.held), len(after.kept_back)) == (0, 1)
    assert after.handover is None


# --- the machine ------------------------------------------------------------------------------------------------------


def test_the_machine_closes_no_case_whose_amount_was_granted_lately(office: House) -> None:
    glass = {"topic": "windscreen", "step": False}
    alone = claim(office, "jan@example.org", **glass)  # type: ignore[arg-type]
    assert [one.step for one in stepped(office, [alone])] == [Step.AUTO_CLOSE]

    grant(office, claim(office, "jan@example.org", topic="windscreen"), although="vast", choice="repair_glass")

    [held] = stepped(office, [alone])
    assert (held.step, held.because, held.shadow) == (Step.EXPERT, (Why.PAID_BEFORE,), False)
    assert held.option == "repair_glass"


def test_of_two_equal_claims_in_one_batch_the_machine_closes_neither(office: House) -> None:
    twins = [claim(office, "kim@example.org", topic="windscreen", step=False) for _ in range(2)]

    assert [one.because for one in stepped(office, twins)] == [(Why.PAID_BEFORE,)] * 2
