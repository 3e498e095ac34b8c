"""The assistant in a browser: an answer comes in by itself, keys take what was offered, all of it works unscripted."""

from assistant_house import QUOTE, open_case, reference, with_model
from in_a_browser import browser, faults, listen, pytestmark, window
from playwright.sync_api import Browser, expect

from cases.vocabulary import Help
from pipelines.assistant import on_demand
from pipelines.house import House

__all__ = ["browser", "pytestmark", "reference", "with_model"]


def test_an_answer_comes_in_and_keys_take_what_was_found(
    with_model: tuple[House, str], browser: Browser, reference: str
) -> None:
    house, url = with_model
    on_demand.ask(house, reference, Help.FACTS, person="anouk")
    with window(browser, "desk") as context:
        page = context.new_page()
        wrong = listen(page)
        open_case(page, house, url, reference)
        page.keyboard.press("v")
        page.keyboard.type("Hoe groot is de barst?")
        page.keyboard.press("Enter")
        answer = page.locator("#answer")
        expect(answer).to_contain_text(f"Er zit een {QUOTE} in de ruit.")
        place = answer.locator(".cites a").first.get_attribute("href")
        assert page.locator(f"[id='{(place or '')[1:]}']").inner_text() == QUOTE
        assert faults(page) == []
        expect(page.locator("[data-live-changed]")).to_be_hidden()

        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator("h1").click()
        page.keyboard.press("w")
        page.keyboard.press("t")
        page.wait_for_url("**?done=saved#assistant")
        expect(page.locator("#fact-can_drive")).to_contain_text("mijn voorruit")
        expect(page.locator(".offers")).to_have_count(0)
        assert wrong == []


def test_without_a_script_the_question_is_answered_by_the_page(
    with_model: tuple[House, str], browser: Browser, reference: str
) -> None:
    house, url = with_model
    with window(browser, "phone", java_script_enabled=False) as context:
        page = context.new_page()
        open_case(page, house, url, reference)
        page.fill("#ask", "Hoe groot is de barst?")
        page.press("#ask", "Enter")
        page.wait_for_url(f"**/cases/{reference}#assistant")

        expect(page.locator("#answer")).to_contain_text(f"Er zit een {QUOTE} in de ruit.")


def test_on_a_phone_the_card_is_folded_and_opens(
    with_model: tuple[House, str], browser: Browser, reference: str
) -> None:
    house, url = with_model
    with window(browser, "phone") as context:
        page = context.new_page()
        open_case(page, house, url, reference)
        expect(page.locator("#ask")).to_be_hidden()
        page.click("#assistant summary >> nth=0")

        expect(page.locator("#ask")).to_be_visible()
