"""The queue in a real Chromium: by keys alone, without JavaScript, and accessible in each of its states."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser, BrowserContext, Page
from queue_house import add_case, filled_house

from api.signing_in import login_path
from pipelines.house import House

__all__ = ["browser", "pytestmark", "site"]

CASES = 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with filled_house(tmp_path_factory.mktemp("queue-browser")) as built:
        for number in range(1, CASES + 1):
            add_case(built, number, due=timedelta(days=number), amount="80.50", danger=number == 1)
        yield built


@dataclass(frozen=True)
class Desk:
    """Somebody's browser over this house."""

    house: House
    browser: Browser
    site: str
    opened: list[BrowserContext]

    def enter(self, who: str, size: str = "desk", **options: object) -> Page:
        context = window(self.browser, size, **options)
        self.opened.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(self.site + login_path(self.house, who))
        return page


@pytest.fixture
def desk(house: House, browser: Browser, site: str) -> Iterator[Desk]:
    made = Desk(house, browser, site, [])
    yield made
    for context in made.opened:  # else the server waits for pages that listen
        context.close()


def assignee(house: House, number: int) -> str | None:
    reference = f"C-2026-{number:06d}"
    with house.database.reading() as store:
        return store.queue.of_references([reference])[reference].assignee


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_day_of_work_by_keys_alone(desk: Desk) -> None:
    page, site, house = desk.enter("noor"), desk.site, desk.house
    said = listen(page)
    page.goto(f"{site}/queue")

    press(page, "n")
    page.wait_for_url("**/cases/C-2026-000001?given=1")
    assert "there is danger in it" in page.get_by_role("main").inner_text()
    press(page, "]")
    page.wait_for_url("**/cases/C-2026-000002")
    press(page, "[")
    page.wait_for_url("**/cases/C-2026-000001")
    press(page, "g", "w")
    page.wait_for_url("**/queue?view=us")

    press(page, "j", "x", "j", "j", "X")
    assert page.locator("[data-picked]").inner_text() == "3 picked:"
    press(page, "a")
    page.keyboard.type("bram")
    press(page, "Enter")
    page.wait_for_url("**/queue/bulk")
    assert page.get_by_role("heading", level=1).inner_text() == "Assign 3 cases to bram?"
    press(page, "Enter")
    page.wait_for_url("**did=**")
    assert [assignee(house, number) for number in (2, 3, 4, 5)] == ["bram", "bram", "bram", None]
    press(page, "u")
    page.wait_for_url("**told=undone**")
    assert [assignee(house, number) for number in (2, 3, 4)] == [None, None, None]

    press(page, "j", "j", "i")
    page.wait_for_url("**did=**")
    assert assignee(house, 3) == "noor"
    press(page, "u")
    page.wait_for_url("**told=undone**")
    assert assignee(house, 3) is None
    assert [one for one in said if "/api/live" not in one] == []  # a page that is left ends its stream


def test_keys_rest_while_somebody_types_and_places_are_found_by_name(desk: Desk) -> None:
    page = desk.enter("anouk")
    page.goto(f"{desk.site}/queue?view=all")
    here = page.locator("[data-case].here").get_attribute("data-case")

    press(page, "/", "j", "x", "n")
    assert page.locator("#q").input_value() == "jxn"
    assert page.locator("[data-case].here").get_attribute("data-case") == here
    page.locator("h1").click()
    press(page, "?")
    page.get_by_role("dialog").get_by_text("Pick all rows").wait_for()
    press(page, "Escape", "Control+k")
    page.keyboard.type("my wo")
    press(page, "Enter")
    page.wait_for_url("**view=mine")


def test_cases_are_picked_assigned_and_taken_back_without_javascript(desk: Desk) -> None:
    page, site, house = desk.enter("bram", "phone", java_script_enabled=False), desk.site, desk.house
    page.goto(f"{site}/queue")

    page.get_by_label("Pick C-2026-000005").check()
    page.get_by_label("Pick C-2026-000006").check()
    page.get_by_role("button", name="Assign to me").click()
    page.get_by_role("button", name="Yes, do it in 2 cases").click()
    assert [assignee(house, number) for number in (5, 6)] == ["bram", "bram"]
    page.get_by_role("button", name="Undo").click()

    assert "Taken back" in page.get_by_role("status").first.inner_text()
    assert [assignee(house, number) for number in (5, 6)] == [None, None]


def test_each_state_of_the_queue_is_accessible_and_fits(desk: Desk) -> None:
    page, site = desk.enter("noor"), desk.site
    said = listen(page)

    page.goto(f"{site}/queue?view=all&topic=windscreen&band=high&amount_from=10")
    page.get_by_label("Pick C-2026-000004").check()
    assert faults(page) == [], "picked"
    page.locator(".more-filters summary").click()
    assert faults(page) == [], "filters"
    page.locator(".more-filters summary").click()
    page.get_by_role("button", name="Give back").click()
    assert faults(page) == [], "report"
    page.goto(f"{site}/queue?told=none_left")
    assert faults(page) == [], "notice"
    press(page, "?")
    page.get_by_role("dialog").get_by_text("Pick all rows").wait_for()
    assert faults(page) == [], "help"
    assert [one for one in said if "/api/live" not in one] == []  # a page that is left ends its stream


def test_keys_of_a_case_begin_in_the_list_and_letters_are_found_by_name(desk: Desk) -> None:
    page = desk.enter("anouk")
    said = listen(page)

    for key, field in (("c", "note"), ("s", "choice"), ("t", "corrected_topic"), ("m", "letter")):
        page.goto(f"{desk.site}/queue?view=all")
        press(page, "j", key)
        page.wait_for_url("**/cases/C-2026-000002**")
        page.wait_for_function(f"['{field}', 'text'].includes(document.activeElement.name)")
        assert "#" not in page.url
        if field != "note":
            assert page.evaluate("document.activeElement.name") == field

    page.evaluate("document.activeElement.blur()")
    letter = page.locator("#reply-letter option").nth(1)
    press(page, "Control+k")
    page.keyboard.type(letter.inner_text().strip() or str(letter.text_content()))
    press(page, "Enter")
    page.wait_for_function("document.querySelector('#reply-letter').selectedIndex === 1")
    assert page.locator("#reply-letter").is_visible()
    assert said == []


def test_a_row_says_in_words_what_is_new_and_no_more_once_it_was_opened(desk: Desk) -> None:
    page, row = desk.enter("bram"), "[data-case='C-2026-000003']"
    page.goto(f"{desk.site}/queue?view=all")
    assert page.locator(row).get_by_role("img", name="Unread").count() == 1

    page.goto(f"{desk.site}/cases/C-2026-000003")
    page.goto(f"{desk.site}/queue?view=all")

    assert page.locator(row).get_by_role("img", name="Unread").count() == 0
    assert faults(page) == []
