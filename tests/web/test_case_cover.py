"""The cover check of the decision file: each term with whether it is met, what was found, and where."""

import re

from fastapi.testclient import TestClient
from web_house import report, signed_in

from cases.events import FactStated
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.runner import drain

ROW = re.compile(r'<tr><th scope="row">([^<]*)</th><td><span class="pill (\w+)">')


def terms(client: TestClient, reference: str) -> dict[str, str]:
    page = client.get(f"/cases/{reference}").text
    card = page.split('aria-labelledby="cover"', 1)[1].split("</section>", 1)[0]
    return dict(ROW.findall(card))


def test_a_policy_that_nobody_found_leaves_its_terms_unknown(expert: TestClient, opened: dict[str, str]) -> None:
    shown = terms(expert, opened["reference"])

    assert shown["Glass is covered"] == "soon"
    assert "Breakdown help is included" not in shown


def test_facts_are_held_against_the_register_with_both_sources(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    reference: str = report(stranger, sender="bas.veenstra@example.org", text="Er zit een barst in mijn voorruit.")[
        "reference"
    ]
    drain(house)
    with house.database.writing() as store:
        facts = [
            Fact("amount", "120.00", 1.0, (Person("noor"),)),
            Fact("loss_date", "2026-11-01", 1.0, (Person("noor"),)),
        ]
        stated = [(FactStated(fact, "noor"), Actor("person", "noor")) for fact in facts]
        store.append(store.case_id(reference), stated, at=house.now())
    drain(house)

    shown = terms(expert, reference)

    assert shown == {
        "The policy was found": "good",
        "The policy is running": "good",
        "The premium is paid": "good",
        "The damage happened after the insurance began": "good",
        "Glass is covered": "good",
        "The damage is more than the own risk": "late",
    }
    assert "must not be before" in expert.get(f"/cases/{reference}").text


def test_who_may_not_read_the_line_reads_no_terms(house: House, opened: dict[str, str]) -> None:
    assert signed_in(house, "sam").get(f"/cases/{opened['reference']}").status_code == 404
