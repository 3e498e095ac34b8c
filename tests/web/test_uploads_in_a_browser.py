"""A customer with a phone on a bad line: photos, words and news on the page of their case."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, faults, pytestmark, site, window
from playwright.sync_api import Browser, BrowserContext, Page, expect
from web_house import photo, report, token_in

from api.app import create_app
from cases.composing import Draft
from cases.events import MessageReceived
from pipelines.house import House
from pipelines.runner import drain
from pipelines.writing import write

__all__ = ["browser", "pytestmark", "site"]
PICTURE = photo()
#: A real picture with so much behind its end that it takes a few pieces.
LARGE = PICTURE + bytes(3 * 1024 * 1024)


@pytest.fixture
def case(house: House) -> dict[str, str]:
    with TestClient(create_app(house)) as client:
        opened = report(client)
    drain(house)
    return opened


@pytest.fixture
def phone(browser: Browser, site: str, case: dict[str, str]) -> Iterator[BrowserContext]:
    context = window(browser, "phone", locale="en-GB", has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{site}/t/{token_in(case)}?lang=en")
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.pages[0]


def unfold(page: Page) -> None:
    page.get_by_text("Add a photo or file").click()


def choose(page: Page, *names: str, data: bytes = PICTURE) -> None:
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name in names]
    page.locator("#extra-files").set_input_files(files)  # type: ignore[arg-type]  # as Playwright reads a file in memory


def files_of(house: House, case: dict[str, str]) -> list[tuple[str, int]]:
    """Of what came after the report itself."""
    with house.database.reading() as store:
        messages = store.messages.of_case(store.case_id(case["reference"]))[1:]
        events = [store.history(one.id)[0].event for one in messages]
    return [(file.name, file.size) for one in events if isinstance(one, MessageReceived) for file in one.files]


def test_several_photos_go_ahead_and_are_sent_together(house: House, page: Page, case: dict[str, str]) -> None:
    unfold(page)
    choose(page, "ruit.jpg", "wiel.jpg")
    expect(page.locator("[data-is=done]")).to_have_count(2)
    page.get_by_role("button", name="Remove wiel.jpg").click()
    choose(page, "kenteken.jpg")
    expect(page.locator("[data-is=done]")).to_have_count(2)

    page.get_by_role("button", name="Send photos").click()

    expect(page.get_by_text("Thank you. We have your files.")).to_be_visible()
    expect(page.get_by_text("Received: ruit.jpg, kenteken.jpg")).to_be_visible()
    assert files_of(house, case) == [("ruit.jpg", len(PICTURE)), ("kenteken.jpg", len(PICTURE))]
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 1
    assert kept(page) == 0


def kept(page: Page) -> int:
    """Files that lie on the device."""
    count: int = page.evaluate("""() => new Promise((done) => {
        const opening = indexedDB.open("casewright");
        opening.onsuccess = () => {
            const asked = opening.result.transaction("files").objectStore("files").count();
            asked.onsuccess = () => done(asked.result);
        };
    })""")
    return count


def test_chosen_photos_can_be_read_and_reached_by_everybody(phone: BrowserContext, page: Page) -> None:
    unfold(page)
    choose(page, "ruit.jpg", "de-hele-voorkant-van-mijn-auto-met-een-lange-naam-van-de-camera.jpg")
    expect(page.locator("[data-is=done]")).to_have_count(2)
    page.route("**/api/uploads/*", lambda _: None)
    choose(page, "wacht.jpg", data=LARGE)
    expect(page.locator("li progress:visible")).to_have_count(1)
    page.get_by_role("button", name="Send photos").click()
    phone.set_offline(offline=True)

    assert faults(page) == []


def test_a_photo_that_broke_off_goes_on_after_a_reload(
    house: House, phone: BrowserContext, page: Page, case: dict[str, str]
) -> None:
    pieces: list[str] = []
    page.on("request", lambda one: pieces.append(one.headers["upload-offset"]) if one.method == "PATCH" else None)
    page.route("**/api/uploads/*", lambda route: route.abort() if len(pieces) > 1 else route.continue_())
    unfold(page)
    choose(page, "groot.jpg", data=LARGE)
    expect(page.locator("[data-is=again]")).to_have_count(1)
    page.unroute("**/api/uploads/*")
    pieces.clear()

    page.reload()

    expect(page.locator("[data-is=done]")).to_have_count(1, timeout=20_000)
    assert "0" not in pieces
    page.get_by_role("button", name="Send photos").click()
    expect(page.get_by_text("Received: groot.jpg")).to_be_visible()
    assert files_of(house, case) == [("groot.jpg", len(LARGE))]


def test_offline_nothing_is_lost_and_all_goes_out_when_the_line_is_back(
    house: House, phone: BrowserContext, page: Page, case: dict[str, str]
) -> None:
    unfold(page)
    phone.set_offline(True)
    expect(page.get_by_text("You are offline. You can go on reading")).to_be_visible()
    choose(page, "ruit.jpg")
    page.get_by_role("button", name="Send photos").click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    expect(page.locator("[data-is=offline]")).to_have_count(1)

    phone.set_offline(False)

    expect(page.get_by_text("Received: ruit.jpg")).to_be_visible(timeout=20_000)
    assert files_of(house, case) == [("ruit.jpg", len(PICTURE))]


def test_a_message_typed_offline_is_sent_once(
    house: House, phone: BrowserContext, page: Page, case: dict[str, str]
) -> None:
    phone.set_offline(True)
    page.get_by_label("Write a message").fill("Er is nog iets.")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()

    phone.set_offline(False)

    expect(page.get_by_text("Thank you. We have your message.")).to_be_visible(timeout=20_000)
    drain(house)
    with house.database.reading() as store:
        texts = [message.text for message in store.case(store.case_id(case["reference"])).messages]
    assert texts.count("Er is nog iets.") == 1


def test_an_answer_that_got_lost_makes_no_second_message(house: House, page: Page, case: dict[str, str]) -> None:
    lost: list[str] = []

    def lose(route: object) -> None:
        if not lost:
            lost.append(route.fetch(max_redirects=0).headers["location"])  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/t/messages*", lose)
    page.get_by_label("Write a message").fill("Een keer.")
    page.get_by_role("button", name="Send message").click()

    expect(page.get_by_text("Thank you. We have your message.")).to_be_visible(timeout=20_000)
    with house.database.reading() as store:
        assert len(store.messages.of_case(store.case_id(case["reference"]))) == 2
    assert lost


def test_words_are_there_again_after_a_reload_and_on_another_device(
    browser: Browser, site: str, page: Page, case: dict[str, str]
) -> None:
    with page.expect_response("**/t/drafts/messages"):
        page.get_by_label("Write a message").fill("Half een zin")

    page.reload()
    other = window(browser, "desk", locale="en-GB")
    elsewhere = other.new_page()
    elsewhere.goto(f"{site}/t/{token_in(case)}?lang=en")

    expect(page.get_by_label("Write a message")).to_have_value("Half een zin")
    expect(elsewhere.get_by_label("Write a message")).to_have_value("Half een zin")
    other.close()


def test_the_page_shows_what_changed_and_keeps_what_is_typed(house: House, page: Page, case: dict[str, str]) -> None:
    page.evaluate("window.same = true")
    field = page.get_by_label("Write a message")
    field.fill("Intussen")
    write(house, case["reference"], Draft("Wij kijken ernaar."), person="anouk")
    drain(house)

    expect(page.get_by_text("Wij kijken ernaar.")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("This page has just been updated.")).to_be_visible()
    expect(field).to_have_value("Intussen")
    assert page.evaluate("window.same")


def test_without_a_script_the_same_photos_are_sent_by_the_form(
    house: House, browser: Browser, site: str, case: dict[str, str], tmp_path: Path
) -> None:
    context = window(browser, "phone", locale="en-GB", java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{site}/t/{token_in(case)}?lang=en")
    unfold(plain)
    choose(plain, "ruit.jpg", "wiel.jpg")

    plain.get_by_role("button", name="Send photos").click()

    expect(plain.get_by_text("Received: ruit.jpg, wiel.jpg")).to_be_visible()
    context.close()
