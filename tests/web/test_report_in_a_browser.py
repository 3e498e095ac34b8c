"""The report form on a phone: two photos, words and the page to follow it, with JavaScript and without."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from in_a_browser import RULES, SIZES, browser, listen, pytestmark, site, window
from playwright.sync_api import Browser, Page
from web_house import photo

from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]


WORDS = "Another driver hit my car from behind. Nobody is injured, but petrol is leaking."


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("phone")
    paths = [folder / "whole car.jpg", folder / "close.jpg"]
    for path in paths:
        path.write_bytes(photo())
    paths[1].write_bytes(photo() + b"\n")
    return [str(path) for path in paths]


def check(page: Page, size: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(page.url, one["id"], one["nodes"][0]["target"]) for one in found] == []


def walk(page: Page, site: str, pictures: list[str], size: str) -> None:
    """From the first page to the link to the customer's own."""
    page.goto(f"{site}/report?lang=en")
    check(page, size)
    page.get_by_role("link", name="Collision damage").click()
    page.get_by_label("Choose a file or photo").set_input_files(pictures)
    check(page, size)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("What happened?").fill(WORDS)
    page.get_by_label("The licence plate of your car").fill("79-KXF-6")
    page.get_by_role("button", name="Send").click()
    check(page, size)
    assert page.get_by_label("What happened?").input_value() == WORDS
    assert page.get_by_role("link", name="Call 112").is_visible()
    page.get_by_label("Your e-mail address or phone number").fill("bas@example.org")
    page.get_by_role("button", name="Send").click()
    check(page, size)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_step_of_the_form_is_accessible_quiet_and_fits(
    *, browser: Browser, site: str, pictures: list[str], size: str, theme: str
) -> None:
    context = window(browser, size, color_scheme=theme)
    page = context.new_page()
    said = listen(page)

    walk(page, site, pictures, size)

    assert [one for one in said if "400" not in one and "/tell?" not in one] == []  # the mistake made on purpose
    context.close()


def test_damage_with_two_photos_is_reported_and_followed_without_javascript(
    house: House, browser: Browser, site: str, pictures: list[str]
) -> None:
    context = window(browser, "phone", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/report?lang=en")
    page.get_by_role("link", name="Collision damage").click()
    page.get_by_label("Choose a file or photo").set_input_files(pictures)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("What happened?").fill(WORDS)
    page.get_by_label("Your e-mail address or phone number").fill("bas@example.org")
    page.get_by_role("button", name="Send").click()
    drain(house)

    page.get_by_role("link", name="Open my page").click()

    assert [name in page.content() for name in ("whole car.jpg", "close.jpg", WORDS)] == [True, True, True]
    context.close()
