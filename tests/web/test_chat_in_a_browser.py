"""Customer and colleague chat in two browsers: each sees the other's words without reading the page again."""

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser, Page, expect
from web_house import report, token_in

from api.signing_in import login_path
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]


@pytest.fixture
def opened(house: House, stranger: TestClient) -> dict[str, str]:
    answer = report(stranger)
    drain(house)
    return answer


def say(page: Page, text: str) -> None:
    if page.locator("#chat details[open]").count() == 0:
        page.click("#chat summary")
    page.fill("#chat-text", text)
    page.click("form[action$='chat'] button")


def test_both_read_each_other_at_once(house: House, browser: Browser, site: str, opened: dict[str, str]) -> None:
    reference = opened["reference"]
    with window(browser, "phone") as phone, window(browser, "desk") as desk:
        customer, colleague = phone.new_page(), desk.new_page()
        wrong = [listen(customer), listen(colleague)]
        customer.goto(f"{site}/t/{token_in(opened)}")
        say(customer, "Kan ik morgen langskomen?")
        customer.wait_for_url("**/t#chat")
        drain(house)
        expect(customer.locator(".talk li.you")).to_contain_text("Kan ik morgen langskomen?")

        colleague.goto(site + login_path(house, "anouk"))
        colleague.goto(f"{site}/queue")
        colleague.click(f"text={reference} waits")
        colleague.click("form[action$='/chat/take'] button")
        expect(customer.locator("#chat")).to_contain_text("Een medewerker is met u in gesprek.")
        colleague.fill("#chat-text", "Ja, dat kan.")
        colleague.click("form[action$='/chat/answer'] button")
        expect(customer.locator(".talk li.us")).to_contain_text("Ja, dat kan.")
        say(customer, "Dank u!")
        drain(house)
        expect(colleague.locator(".talk li.us").last).to_contain_text("Dank u!")

        assert faults(customer) == []
        assert faults(colleague) == []
        assert wrong == [[], []]
        colleague.click("form[action$='/chat/end'] button")
        colleague.wait_for_url("**done=chat_ended*")
        drain(house)


def test_without_a_script_the_customer_chats_by_reading_the_page_again(
    house: House, browser: Browser, site: str, opened: dict[str, str]
) -> None:
    with window(browser, "phone", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/t/{token_in(opened)}")
        say(page, "Is daar iemand?")
        drain(house)
        page.reload()
        page.click("#chat a")

        expect(page.locator(".talk li.you")).to_contain_text("Is daar iemand?")
