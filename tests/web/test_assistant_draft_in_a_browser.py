"""A draft in a browser: it comes in beside the letter, one key puts it there; all of it works without a script."""

from assistant_house import QUOTE, open_case, reference, with_model
from in_a_browser import browser, faults, listen, pytestmark, window
from playwright.sync_api import Browser, expect

from pipelines.house import House

__all__ = ["browser", "pytestmark", "reference", "with_model"]

DRAFT = f"Er zit een {QUOTE} in de ruit."


def test_a_draft_comes_in_by_itself_and_a_key_puts_it_below_what_was_typed(
    with_model: tuple[House, str], browser: Browser, reference: str
) -> None:
    house, url = with_model
    with window(browser, "desk") as context:
        page = context.new_page()
        wrong = listen(page)
        open_case(page, house, url, reference)
        page.locator("#write summary").first.click()
        page.fill("#reply", "Dag Piet,")
        page.get_by_role("button", name="Write a draft").click()
        expect(page.locator("#draft")).to_be_focused(timeout=30_000)  # the first one loads what speaks to the model
        assert page.url.endswith(f"/cases/{reference}")
        place = page.locator("#draft .cites a").first.get_attribute("href")
        assert page.locator(f"[id='{(place or '')[1:]}']").inner_text() == QUOTE
        assert faults(page) == []

        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator("#draft").focus()
        page.keyboard.press("t")
        page.wait_for_url("**/preview#write")
        assert page.locator("#reply").input_value() == f"Dag Piet,\n\n{DRAFT}"
        assert page.locator("[name=assistant_draft]").count() == 1
        assert wrong == []


def test_a_draft_is_written_taken_and_sent_without_a_script(
    with_model: tuple[House, str], browser: Browser, reference: str
) -> None:
    house, url = with_model
    with window(browser, "phone", java_script_enabled=False) as context:
        page = context.new_page()
        open_case(page, house, url, reference)
        page.locator("#write summary").first.click()
        page.fill("#reply", "Dag Piet,")
        page.get_by_role("button", name="Write a draft").click()
        page.locator("#draft").get_by_role("button", name="Take").click()
        assert page.locator("#reply").input_value() == f"Dag Piet,\n\n{DRAFT}"

        page.locator("#write").get_by_role("button", name="Send", exact=True).click()

        page.wait_for_url("**?done=written")
        assert DRAFT not in page.locator("#write").inner_text()
