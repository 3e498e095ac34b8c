"""What the page of a case tells before money leaves: earlier payments, a possible double, the account, an estimate."""

from collections.abc import Mapping

from fastapi.testclient import TestClient
from web_house import form_token_of, report, signed_in

from cases import events as e
from cases.case import Case
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain

NOOR = Actor("person", "noor")
ACCOUNT, OTHER = "NL91ABNA0417164300", "NL81VBLD0003000000"


def told(house: House, stranger: TestClient, sender: str, **facts: str) -> str:
    """The reference of a case in which a colleague wrote these facts."""
    reference: str = report(stranger, sender=sender, text="Er zit een barst in mijn voorruit.")["reference"]
    drain(house)
    stated = [(e.FactStated(Fact(name, value, 1.0, (Person("noor"),)), "noor"), NOOR) for name, value in facts.items()]
    with house.database.writing() as store:
        store.append(store.case_id(reference), stated, at=house.now())
    drain(house)
    return reference


def paid(house: House, reference: str) -> None:
    decision = hand.Decision("pay_claim", "gezien", case_of(house, reference).version, although="nodig")
    hand.decide_by_hand(house, reference, decision, person="noor")
    drain(house)


def case_of(house: House, reference: str) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(reference))


def card(client: TestClient, reference: str, name: str = "money-title") -> str:
    page = client.get(f"/cases/{reference}").text
    return page.split(f'aria-labelledby="{name}"', 1)[1].split("</section>", 1)[0]


def decided(client: TestClient, reference: str, version: int, **more: str) -> tuple[int, str]:
    token = form_token_of(client.get(f"/cases/{reference}").text)
    fields: Mapping[str, str] = {
        "csrf": token, "version": str(version), "choice": "pay_claim", "reason_code": "terms", "reason": "", **more,
    }  # fmt: skip
    answer = client.post(f"/cases/{reference}/decide", data=fields)
    return answer.status_code, answer.text


def test_what_was_granted_before_leads_to_its_case_with_the_sum(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    first, second = (told(house, stranger, "ann@example.org", amount=amount) for amount in ("180.00", "95.50"))
    paid(house, first)
    paid(house, second)
    third = told(house, stranger, "ann@example.org", amount="20.00")

    shown = card(expert, third)

    assert f'href="/cases/{first}"' in shown
    assert "€180.00" in shown
    assert "€275.50 in all (2 ×)" in shown
    assert "pay the same twice" not in shown


def test_an_equal_amount_is_told_before_deciding_and_granted_only_with_a_reason(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    first = told(house, stranger, "bea@example.org", amount="210.00")
    paid(house, first)
    again = told(house, stranger, "bea@example.org", amount="210.00")
    version = case_of(house, again).version

    assert "pay the same twice" in card(expert, again)
    status, page = decided(expert, again, version)
    assert (status, case_of(house, again).held_decision) == (409, None)
    assert first in page
    assert 'name="although"' in page

    status, _ = decided(expert, again, version, although="een tweede ruit")

    held = case_of(house, again).held_decision
    assert status == 303
    assert held is not None
    assert "een tweede ruit" in held.decision.reason


def test_a_program_is_asked_for_the_reason_too(house: House, stranger: TestClient, expert: TestClient) -> None:
    paid(house, told(house, stranger, "cas@example.org", amount="210.00"))
    again = told(house, stranger, "cas@example.org", amount="210.00")
    body = {"choice": "pay_claim", "reason": "x", "version": case_of(house, again).version}

    refused = expert.post(f"/api/cases/{again}/decisions", json=body)
    taken = expert.post(f"/api/cases/{again}/decisions", json={**body, "although": "een tweede ruit"})

    assert (refused.status_code, taken.status_code) == (409, 200)
    assert "although" in refused.json()["detail"]


def test_another_account_than_last_time_is_evidence_against_and_no_account_is_shown_whole(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    paid(house, told(house, stranger, "dee@example.org", amount="30.00", iban=ACCOUNT))
    second = told(house, stranger, "dee@example.org", amount="31.00", iban=OTHER)

    shown, evidence = card(expert, second), card(expert, second, "evidence")

    assert "NL81 •••• 0000" in shown
    assert "Another one than last time" in shown
    assert "NL91 •••• 4300" in evidence.split("Contradicts")[0]
    assert OTHER not in shown
    assert ACCOUNT not in shown + evidence


def test_an_account_that_cannot_be_one_is_told_and_not_ordered(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    wrong = told(house, stranger, "eef@example.org", amount="32.00", iban="NL92ABNA0417164300")
    assert "Check digits are wrong" in card(expert, wrong)

    paid(house, wrong)

    with house.database.reading() as store:
        entries = store.history(store.case_id(wrong))
    [order] = [entry.event for entry in entries if isinstance(entry.event, e.HandoverAsked)]
    assert [name for name, _ in order.facts if name in ("amount", "iban")] == ["amount"]


def test_of_cases_that_a_person_may_not_open_only_number_and_sum_are_told(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    repairs = house.journeys.get("home_repair").journey
    granted = next(key for key, option in repairs.options.items() if option.handover)
    past = e.CaseImported(
        "H-2025-000001", "home_repair", house.now(), house.now(), "", granted, "jan", blind=False,
        customer="fay@example.org", amount="77.00", topic="leak", line_of_business="housing",
    )  # fmt: skip
    with house.database.writing() as store:
        store.append("case-h1", [(past, NOOR)], at=house.now())
    mine = told(house, stranger, "fay@example.org", amount="33.00")

    shown = card(expert, mine)

    assert "€77.00 in all (1 ×)" in shown
    assert "H-2025-000001" not in shown


def test_who_sees_no_customers_sees_no_payments(house: House, stranger: TestClient) -> None:
    paid(house, told(house, stranger, "gus@example.org", amount="34.00"))
    second = told(house, stranger, "gus@example.org", amount="34.00")

    assert 'id="money"' not in signed_in(house, "ada").get(f"/cases/{second}").text
