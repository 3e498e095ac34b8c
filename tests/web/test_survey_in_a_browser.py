"""Why it was decided so, and how it went: in a real browser, on a phone and at a desk, without scripts."""

from fastapi.testclient import TestClient
from in_a_browser import browser, faults, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import clock, decoder, house, report, stranger, texts, token_in

from cases import events as e
from cases.vocabulary import MACHINE
from pipelines import hand
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "clock", "decoder", "house", "pytestmark", "site", "stranger", "texts"]


def test_a_customer_reads_why_and_answers_how_it_went(
    house: House, stranger: TestClient, site: str, browser: Browser
) -> None:
    opened = report(stranger)
    drain(house)
    with house.database.reading() as store:
        known = store.case(store.case_id(opened["reference"]))
    chosen = Decision("tell_status", "gelezen", known.version, "Uw schade loopt al.")
    hand.decide_by_hand(house, opened["reference"], chosen, person="anouk")
    drain(house)
    with house.database.writing() as store:
        now = store.case(known.id)
        store.append(known.id, [(e.SurveyAsked("l-1"), MACHINE)], at=house.now(), expected=now.version)
    context = window(browser, "phone", java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{site}/t/{token_in(opened)}")
    assert page.get_by_role("heading", name="Waarom we dit besloten").is_visible()
    page.get_by_role("link", name="Hoe ging het?").click()
    page.locator('input[name="service"][value="4"]').check()
    page.locator('input[name="communication"][value="5"]').check()
    page.get_by_label("Wilt u er iets bij schrijven").fill("Fijn geholpen.")
    scripted = window(browser, "phone").new_page()
    scripted.goto(f"{site}/t/{token_in(opened)}/survey")
    found = faults(scripted)
    page.get_by_role("button", name="Antwoord versturen").click()

    assert "Dank u wel" in page.content()
    assert found == []
    with house.database.reading() as store:
        assert store.case(known.id).survey == e.SurveyAnswered(4, 5, "Fijn geholpen.")
