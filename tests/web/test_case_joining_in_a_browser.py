"""Two cases put together in a browser: without a script, by keys alone, in both themes and sizes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from in_a_browser import RULES, browser, pytestmark, site, window
from playwright.sync_api import Browser, Page
from web_house import report

from api.signing_in import login_path
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def pair(house: House, stranger: TestClient) -> tuple[str, str]:
    """Cases of two customers."""
    kept = report(stranger)["reference"]
    merged = report(stranger, name="Sam de Wit", sender="sam@example.org", text="Wij botsten op elkaar.")["reference"]
    drain(house)
    return kept, merged


@pytest.mark.parametrize("scripts", [True, False])
def test_two_cases_are_merged_by_keys_alone_and_parted_again(
    house: House, browser: Browser, site: str, pair: tuple[str, str], *, scripts: bool
) -> None:
    kept, merged = pair
    with window(browser, "desk", java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{merged}/together?other={kept}&how=merge")
        page.focus("#reason")
        page.keyboard.type("One collision")
        for key in ("Tab", "Space", "Tab", "Enter"):
            page.keyboard.press(key)
        page.wait_for_url(f"{site}/cases/{kept}?done=saved#together")
        assert "Wij botsten op elkaar." in page.locator("main").inner_text()

        page.focus("form[action$='/apart'] button")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/cases/{kept}?done=saved")

        assert "Wij botsten op elkaar." not in page.locator("main").inner_text()


@pytest.mark.parametrize(("size", "theme"), [("phone", "dark"), ("desk", "light")])
def test_the_pages_that_put_together_and_split_are_accessible(
    house: House, browser: Browser, site: str, pair: tuple[str, str], *, size: str, theme: str
) -> None:
    kept, merged = pair
    with window(browser, size, color_scheme=theme) as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        _look(page, f"{site}/cases/{merged}/together?other={kept}")
        page.fill("#reason", "One collision")
        page.check("[name=confirmed]")
        page.click("form[method=post][action$='/together'] button")
        _look(page, f"{site}/cases/{kept}")
        _look(page, f"{site}/cases/{merged}")
        message = page.context.request.get(f"{site}/api/cases/{kept}/decision-file").json()["messages"][0]["message_id"]
        _look(page, f"{site}/cases/{kept}/split?message={message}")
        _look(page, f"{site}/queue?view=all&q={merged}")


def _look(page: Page, address: str) -> None:
    page.goto(address)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate(OVERFLOW) <= 0
