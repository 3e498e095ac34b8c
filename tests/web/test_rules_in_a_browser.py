"""The editor of a table in a real Chromium: by keyboard alone from a cell to the next case, accessible, and fitting."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from in_a_browser import RULES, SIZES, browser, listen, pytestmark, site, window
from playwright.sync_api import Browser, BrowserContext, Page, expect
from rules_house import JOURNEY, PATH, TABLE, Owner, decided_case, ruled

from api.signing_in import login_path
from pipelines.house import House
from pipelines.rulebook.drafts import draft_of
from pipelines.rulebook.versions import book_of

__all__ = ["browser", "pytestmark", "site"]

HERE = "(it => [it.name, it.innerText.trim(), it.ariaLabel])(document.activeElement)"
ROW = "document.activeElement.closest('tr').sectionRowIndex"
PAGES = {"list": "/rules", "table": PATH, "history": f"{PATH}/history"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    with ruled(tmp_path_factory.mktemp("rules-browser"), trained) as built:
        yield built


@pytest.fixture(autouse=True)
def no_draft_stays(house: House) -> Iterator[None]:
    yield
    if draft_of(house, JOURNEY, TABLE) is not None:
        Owner(house, "marije").act("discard")


def at_the_table(
    house: House, browser: Browser, site: str, name: str, **options: object
) -> tuple[BrowserContext, Page]:
    context = window(browser, "desk", **options)
    page = context.new_page()
    page.goto(site + login_path(house, name))
    page.goto(site + PATH)
    return context, page


def field_of(page: Page, row: str, column: str) -> str:
    """The name of a cell's field, by what a reader calls its row and column."""
    key = page.locator("th[scope=row]").evaluate_all(
        "(heads, row) => heads.find(head => head.querySelector('input').value === row).id", row
    )
    number = page.locator("th[id^=c-i]:not(#c-id)").evaluate_all(
        "(heads, column) => heads.findIndex(head => head.textContent === column)", column
    )
    return f"{key}.w{number}"


def press_to(page: Page, name: str) -> None:
    """Walk with Tab until this field, button or link has the focus."""
    for _ in range(80):
        if name in page.evaluate(HERE):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


def press_to_cell(page: Page, name: str) -> None:
    """From another cell: up or down to the row, then with Tab to the column."""
    row = int(name[1:].partition(".")[0])
    here = int(page.evaluate("document.activeElement.name")[1:].partition(".")[0])
    for _ in range(abs(row - here)):
        page.keyboard.press("ArrowDown" if row > here else "ArrowUp")
    press_to(page, name)


def type_over(page: Page, text: str) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def checks(page: Page, text: str) -> None:
    expect(page.locator("#checks")).to_contain_text(re.compile(text, re.IGNORECASE))


def test_by_keyboard_alone_a_cell_is_edited_its_gap_mended_and_a_second_person_publishes(
    house: House, browser: Browser, site: str
) -> None:
    old_case = decided_case(house)
    first = house.journeys.get(JOURNEY).root_digest
    context, page = at_the_table(house, browser, site, "joris")
    checks(page, "Every case hits a row")
    press_to(page, "r0.w0")
    press_to_cell(page, field_of(page, "R-150", "Photos"))
    type_over(page, ">= 1")  # no photo after we asked for one: no row is left for it

    checks(page, "no row fits")
    expect(page.locator("#said")).to_contain_text("warning")
    type_over(page, "-")
    checks(page, "Every case hits a row")
    press_to_cell(page, field_of(page, "R-230", "Amount"))
    type_over(page, "> 3000")
    checks(page, r"\d+ of \d+ examples hold")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#said")).to_contain_text("Row R-230 moved to place")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#said")).to_contain_text("Row R-230 moved to place")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("added")
    press_to(page, f"Delete row {1 + page.evaluate(ROW)}")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("deleted")
    page.keyboard.press("Control+s")
    expect(page.locator("p[role=status]").first).to_contain_text("The draft is saved.")
    press_to(page, "What changes")
    page.keyboard.press("Enter")
    press_to(page, "Replay over history")
    page.keyboard.press("Enter")
    expect(page.locator("#publish")).to_contain_text("Someone else has to publish this")
    assert page.get_by_role("button", name="Publish").count() == 0
    context.close()

    context, page = at_the_table(house, browser, site, "marije")
    expect(page.locator("#publish")).to_contain_text("R-230: amount was")
    press_to(page, "What changes")
    page.keyboard.press("Enter")
    press_to(page, "Publish")
    page.keyboard.press("Enter")
    expect(page.locator("p[role=status]").first).to_contain_text("Published.")
    context.close()

    second = house.journeys.get(JOURNEY).root_digest
    new_case = decided_case(house, name="Somebody Else")
    with house.database.reading() as store:
        decided = [store.case(store.case_id(reference)).step for reference in (old_case, new_case)]
        assert len(book_of(store, JOURNEY, TABLE).versions) == 2
    assert first != second
    assert [step.read.digest for step in decided if step and step.read] == [first, second]


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ("desk", "light"), ("phone", "dark"),
        pytest.param("desk", "dark", marks=pytest.mark.drill), pytest.param("phone", "light", marks=pytest.mark.drill),
    ],
)  # fmt: skip
def test_the_pages_are_accessible_quiet_and_fit_also_with_a_draft_in_need_of_mending(
    *, house: House, browser: Browser, site: str, size: str, theme: str
) -> None:
    Owner(house, "joris").save_short(r1__w0="nothing", r2__id="R-010")
    context = window(browser, size, color_scheme=theme)
    context.new_page().goto(site + login_path(house, "marije"))
    for name, place in PAGES.items():
        page = context.new_page()
        said = listen(page)
        answer = page.goto(site + place)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")

        assert answer is not None
        assert answer.status == 200, name
        assert said == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], name
        violations = Axe().run(page, options=RULES).response["violations"]
        assert [(name, one["id"], one["nodes"][0]["target"]) for one in violations] == []
    context.close()


def test_a_report_and_what_stands_in_the_way_are_accessible(house: House, browser: Browser, site: str) -> None:
    decided_case(house, name="A Third")
    owner = Owner(house, "joris")
    owner.save_short(**{"else.says": "A person reads it."})
    owner.act("replay")
    context, page = at_the_table(house, browser, site, "joris")

    violations = Axe().run(page, options=RULES).response["violations"]

    assert [(one["id"], one["nodes"][0]["target"]) for one in violations] == []
    context.close()


def test_without_javascript_a_row_is_added_filled_and_saved(house: House, browser: Browser, site: str) -> None:
    context, page = at_the_table(house, browser, site, "joris", java_script_enabled=False)
    rows = page.locator("#grid tbody tr").count()

    page.get_by_role("button", name="Add row").click()
    assert page.locator("#grid tbody tr").count() == rows + 1
    page.locator(f"[name='r{rows}.says']").fill("Nothing comes here.")
    page.locator(f"[name='r{rows}.w0']").fill("theft")
    page.locator(f"[name='r{rows}.t0']").fill("expert")
    page.get_by_role("button", name="Save draft").click()

    assert "The draft is saved." in page.get_by_role("status").first.inner_text()
    assert "never answers" in page.locator("#checks").inner_text()
    context.close()


def test_lines_from_a_spreadsheet_are_pasted_into_the_grid(house: House, browser: Browser, site: str) -> None:
    context, page = at_the_table(house, browser, site, "joris")
    field = page.locator("[name='r0.w0']")

    field.focus()
    field.evaluate(
        """field => { const data = new DataTransfer(); data.setData('text/plain', 'theft\\tfalse\\nanimal\\ttrue');
        field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )

    expect(page.locator("#said")).to_contain_text("2 lines pasted")
    assert [page.locator(f"[name='r{n}.w0']").input_value() for n in (0, 1)] == ["theft", "animal"]
    assert page.evaluate("document.activeElement.name") == "r0.w0"
    context.close()


def test_what_was_typed_stays_when_the_server_does_not_answer(house: House, browser: Browser, site: str) -> None:
    context, page = at_the_table(house, browser, site, "joris")
    page.route("**/rules/**", lambda route: route.abort())

    page.locator("[name='r0.says']").fill("Half a thou")

    expect(page.locator("#said")).to_contain_text("could not be sent")
    assert page.locator("[name='r0.says']").input_value() == "Half a thou"
    context.close()
