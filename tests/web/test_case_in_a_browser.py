"""The decision by keys alone: agreeing, changing and needing more take the same number of them."""

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, faults, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import report

from api.signing_in import login_path
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]


@pytest.mark.parametrize(("keys", "verdict"), [("c1", "own"), ("m1", "need_more")])
def test_one_key_for_the_choice_one_for_the_reason_and_enter(
    house: House, browser: Browser, site: str, stranger: TestClient, *, keys: str, verdict: str
) -> None:
    reference = report(stranger, name="Piet")["reference"]
    drain(house)
    with window(browser, "desk") as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{reference}")
        page.wait_for_function("!document.querySelector('[data-keys-hint]').hidden")

        page.keyboard.press("e")
        for key in keys:
            page.keyboard.press(key)
        seen = [one for one in page.locator(".reasons").all() if one.is_visible()]
        chosen = page.locator("[name=reason_code]:checked").evaluate_all("all => all.map(one => one.value)")

        assert [one.get_attribute("data-for") for one in seen] == [verdict]
        assert len(chosen) == 1


def test_a_fact_is_corrected_and_a_reason_chosen_without_a_script(
    house: House, browser: Browser, site: str, stranger: TestClient
) -> None:
    reference = report(stranger, name="Piet")["reference"]
    drain(house)
    with window(browser, "phone", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{reference}?fact=amount")
        page.fill("#fact-value", "412,50")
        page.click("#fact-amount button")
        page.locator("label.choice", has=page.locator("[value=escalate]")).click()

        assert "€412.50" in page.locator("#fact-amount").inner_text()
        assert page.locator("[data-for=need_more]").is_visible()
        assert not page.locator("[data-for=own]").is_visible()


def test_the_form_of_a_fact_the_composer_and_the_pages_of_a_case_are_accessible_and_fit(
    house: House, browser: Browser, site: str, opened: dict[str, str]
) -> None:
    with window(browser, "desk") as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        for path in ("?fact=amount", "/conversation", "/history"):
            page.goto(f"{site}/cases/{opened['reference']}{path}")

            assert faults(page) == [], path

        page.goto(f"{site}/cases/{opened['reference']}")
        page.keyboard.press("r")
        page.locator("#reply").fill("We look at it.")
        page.locator("#write").get_by_role("button", name="Preview").click()
        page.locator("#write .letter").wait_for()

        assert faults(page) == [], "composer"
