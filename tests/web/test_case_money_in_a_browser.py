"""The money card and the parts of the history in a browser: nothing in the way of anybody, at each width and theme."""

from fastapi.testclient import TestClient
from in_a_browser import browser, faults, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import report

from api.signing_in import login_path
from cases import events as e
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]
NOOR = Actor("person", "noor")


def told(house: House, stranger: TestClient, account: str) -> str:
    reference: str = report(stranger)["reference"]
    drain(house)
    stated = [
        (e.FactStated(Fact(name, value, 1.0, (Person("noor"),)), "noor"), NOOR)
        for name, value in (("amount", "210.00"), ("iban", account))
    ]
    with house.database.writing() as store:
        store.append(store.case_id(reference), stated, at=house.now())
    drain(house)
    return reference


def test_a_possible_double_payment_stands_in_nobodys_way(
    house: House, browser: Browser, site: str, stranger: TestClient
) -> None:
    first = told(house, stranger, "NL91ABNA0417164300")
    with house.database.reading() as store:
        version = store.case(store.case_id(first)).version
    hand.decide_by_hand(house, first, hand.Decision("pay_claim", "gezien", version), person="noor")
    drain(house)
    second = told(house, stranger, "NL81VBLD0003000000")
    with window(browser, "desk") as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{second}")
        assert page.locator("#money .pill.late").count() == 2  # the double, and the other account
        found = faults(page)
        page.goto(f"{site}/cases/{first}/history?part=money")
        found += faults(page)

    assert found == []
