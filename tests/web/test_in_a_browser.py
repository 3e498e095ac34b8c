"""The pages in a real Chromium: accessible, quiet, narrow enough for a phone, and usable without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from in_a_browser import RULES, SIZES, browser, listen, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import report, token_in

from api.app import create_app
from api.signing_in import login_path
from pipelines.house import House

__all__ = ["browser", "pytestmark", "site"]

SLOWER = 4  # than this machine, so that a page is also seen while half of it is there
SHIFTS = """window.shifts = 0; new PerformanceObserver(list => { for (const e of list.getEntries())
    if (!e.hadRecentInput) window.shifts += e.value }).observe({type: "layout-shift", buffered: true})"""


WHO = {"models": "ada", "insights": "noor", "oversight": "noor", "switches": "noor"}


def places(opened: dict[str, str]) -> dict[str, str]:
    reference = opened["reference"]
    return {
        "tracking": f"/t/{token_in(opened)}",
        "case": f"/cases/{reference}",
        "queue": "/queue?view=all",
        "empty list": "/queue?view=snoozed&q=nowhere",
        "together": f"/cases/{reference}/together",
        "conversation": f"/cases/{reference}/conversation",
        "customer view": f"/cases/{reference}/customer",
        "keys": "/keys",
        "journeys": "/journeys",
        "models": "/models?journey=motor_claim",
        "insights": "/insights?journey=motor_claim",
        "oversight": "/oversight",
        "switches": "/shut-off",
        "login": "/login",
        "door": "/t",
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_accessible_quiet_steady_and_fits(
    *, house: House, browser: Browser, site: str, opened: dict[str, str], size: str, theme: str
) -> None:
    context = window(browser, size, color_scheme=theme)
    context.add_init_script(SHIFTS)
    for name, place in places(opened).items():
        context.new_page().goto(site + login_path(house, WHO.get(name, "anouk")))
        page = context.new_page()
        processor = context.new_cdp_session(page)
        processor.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        said = listen(page)
        answer = page.goto(site + place)
        page.wait_for_load_state("networkidle")

        assert answer is not None
        assert answer.status == 200, name
        assert said == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], name
        assert page.evaluate("window.shifts") <= 0.02, name
        processor.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        violations = Axe().run(page, options=RULES).response["violations"]
        assert [(name, one["id"], one["nodes"][0]["target"]) for one in violations] == []
    context.close()


@pytest.mark.parametrize(("name", "most"), [("tracking", 90), ("case", 120), ("queue", 120)])
def test_a_page_stays_within_its_weight_without_photos(
    *, house: House, browser: Browser, site: str, opened: dict[str, str], name: str, most: int
) -> None:
    context = window(browser, "desk")
    page = context.new_page()
    page.goto(site + login_path(house, "anouk"))
    context.clear_cookies(name="case")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    photos: set[str] = set()
    weights: dict[str, int] = {}
    session.on(
        "Network.responseReceived",
        lambda event: photos.add(event["requestId"]) if "/photos/" in event["response"]["url"] else None,
    )
    session.on(
        "Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]})
    )

    page.goto(site + places(opened)[name])
    page.wait_for_load_state("networkidle")

    assert sum(weight for request, weight in weights.items() if request not in photos) <= most * 1024
    assert len(weights) >= 4  # page, style, script, font at least: the weighing saw them
    context.close()


def test_a_customer_can_write_without_javascript(browser: Browser, site: str, opened: dict[str, str]) -> None:
    context = window(browser, "phone", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/t/{token_in(opened)}?lang=en")

    page.get_by_label("Write a message").fill("Is there any news?")
    page.get_by_role("button", name="Send message").click()

    assert page.locator(".note.good").inner_text().strip() == "Thank you. We have your message."
    context.close()


def test_a_person_can_decide_without_javascript(
    house: House, browser: Browser, site: str, opened: dict[str, str]
) -> None:
    context = window(browser, "phone", java_script_enabled=False)
    page = context.new_page()
    page.goto(site + login_path(house, "anouk"))
    page.goto(f"{site}/cases/{opened['reference']}")

    page.get_by_label("Note for colleagues").fill("Looked at the photo.")
    page.get_by_role("button", name="Save note").click()
    assert page.get_by_role("status").inner_text().strip() == "Saved."
    page.get_by_label("Escalate").check()
    page.locator("[data-for=need_more] [value=other]").check()
    page.get_by_label("Explanation for the file").fill("A lead should see this.")
    page.get_by_role("button", name="Decide").click()

    assert "Escalate" in page.get_by_role("status").filter(has_text="Leaves").inner_text()
    context.close()


def test_keys_move_through_the_queue_and_can_be_switched_off(
    house: House, browser: Browser, site: str, opened: dict[str, str]
) -> None:
    with TestClient(create_app(house)) as client:
        report(client, name="Somebody Else")
    context = window(browser, "desk")
    page = context.new_page()
    page.goto(site + login_path(house, "anouk"))
    page.goto(f"{site}/queue?view=all")
    here = page.locator("[data-case].here .mono")
    second = page.locator("[data-case] .mono").nth(1).inner_text()

    page.keyboard.press("j")
    assert here.inner_text() == second
    assert second in page.locator("[data-peek]").inner_text()
    page.keyboard.press("k")
    first = here.inner_text()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.goto(f"{site}/keys")
    page.get_by_role("button", name="Switch them off").click()
    page.goto(f"{site}/queue?view=all")
    page.keyboard.press("j")
    assert here.inner_text() == first
    context.close()


def test_a_half_written_message_survives_a_reload_and_goes_when_sent(
    browser: Browser, site: str, opened: dict[str, str]
) -> None:
    context = window(browser, "phone")
    page = context.new_page()
    page.goto(f"{site}/t/{token_in(opened)}?lang=en")
    field = page.get_by_label("Write a message")

    field.fill("Half a thou")
    page.reload()
    assert field.input_value() == "Half a thou"
    page.get_by_role("button", name="Send message").click()
    page.wait_for_url("**done=message**")

    assert field.input_value() == ""
    context.close()


def test_a_chosen_theme_is_kept(house: House, browser: Browser, site: str) -> None:
    context = window(browser, "desk", color_scheme="light")
    page = context.new_page()
    page.goto(site + login_path(house, "anouk"))

    page.get_by_role("button", name="light and dark").click()
    page.reload()

    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    context.close()
