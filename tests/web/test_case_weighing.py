"""The evidence table, the options side by side, and the money a decision is about."""

import re
from html import escape

from fastapi.testclient import TestClient
from web_house import report, signed_in

from cases.events import FactStated
from cases.facts import Fact, Person
from cases.vocabulary import Actor, Role
from pipelines.house import House
from pipelines.runner import drain

PILL = re.compile(r'<tr><th scope="row">([^<]*)</th><td><span class="pill (\w+)">')


def card(page: str, name: str) -> str:
    return page.split(f'aria-labelledby="{name}"', 1)[1].split("</section>", 1)[0]


def told(house: House, stranger: TestClient, amount: str) -> str:
    reference: str = report(stranger, name="Piet")["reference"]
    drain(house)
    with house.database.writing() as store:
        stated = FactStated(Fact("amount", amount, 1.0, (Person("noor"),)), "noor")
        store.append(store.case_id(reference), [(stated, Actor("person", "noor"))], at=house.now())
    drain(house)
    return reference


def test_evidence_tells_which_way_it_points_and_what_is_against_stands_first(
    expert: TestClient, opened: dict[str, str]
) -> None:
    rows = PILL.findall(card(expert.get(f"/cases/{opened['reference']}").text, "evidence"))

    kinds = [kind for _, kind in rows]
    assert kinds == sorted(kinds, key=["late", "soon", "good"].index)
    assert "good" in kinds
    assert all(text for text, _ in rows)


def test_options_tell_what_they_cost_and_by_when_the_customer_hears(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    reference = told(house, stranger, "412.50")
    page = expert.get(f"/cases/{reference}").text

    assert "€412.50" in card(page, "options")
    assert "€9,587.50" in card(page, "options")  # an expert of motor grants up to 10,000 euros
    assert house.journeys.get("motor_claim").journey.authority[Role.EXPERT] == 10_000


def test_above_the_limit_the_page_says_that_a_second_person_decides(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    reference = told(house, stranger, "12000.00")

    assert "Above your limit" in card(expert.get(f"/cases/{reference}").text, "options")
    assert "Above your limit" not in card(signed_in(house, "noor").get(f"/cases/{reference}").text, "options")


def test_an_amount_that_is_no_number_is_told_and_the_page_opens(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    page = expert.get(f"/cases/{told(house, stranger, 'veel')}")

    assert page.status_code == 200
    assert "correct it to a number first" in card(page.text, "options")


def test_the_first_reason_is_the_rule_in_its_own_words_with_what_it_looked_at(
    house: House, expert: TestClient, opened: dict[str, str]
) -> None:
    with house.database.reading() as store:
        step = store.case(store.case_id(opened["reference"])).step
    assert step is not None
    assert step.read is not None
    fitted = house.journeys.get("motor_claim").root_rows[step.read.fired[0]]

    advice = card(expert.get(f"/cases/{opened['reference']}").text, "advice")
    reasons = advice.split('<ul class="why">', 1)[1].split("</ul>", 1)[0]

    assert "A rule fits this case." not in reasons
    assert reasons.count(escape(fitted.description)) == 1
    assert f'href="#rule-{fitted.id}"' in reasons
    assert "It looked at:" in reasons
    assert "Windscreen damage" in reasons.split("It looked at:", 1)[1]


def test_who_may_not_see_customers_reads_the_rule_without_what_it_looked_at(
    house: House, opened: dict[str, str]
) -> None:
    advice = card(signed_in(house, "ada").get(f"/cases/{opened['reference']}").text, "advice")

    assert "A rule fits this case." not in advice
    assert "It looked at:" not in advice
