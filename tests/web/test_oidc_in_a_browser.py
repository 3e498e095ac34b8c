"""Signing in at another site and coming back, in a real Chromium: its rules for cookies and forms hold here too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from in_a_browser import RULES, browser, pytestmark
from oidc_house import person, with_provider
from playwright.sync_api import Browser

from api.app import create_app
from pipelines.house import House
from tests.oidc_provider import Provider, oidc_provider
from tests.servers import free_port
from tools.browsing import served

__all__ = ["browser", "pytestmark"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider("localhost") as running:  # for a browser that is another site than 127.0.0.1
        running.person = person("browser-person", "claims-experts")
        yield running


@pytest.fixture(scope="module")
def site(house: House, provider: Provider) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app = create_app(with_provider(house, provider, public_url=url))
    with served(app, port) as served_at:
        yield served_at


@pytest.mark.parametrize("script", [True, False])
def test_a_person_goes_there_comes_back_signed_in_and_leaves_both(
    browser: Browser, site: str, provider: Provider, *, script: bool
) -> None:
    window = browser.new_context(java_script_enabled=script)
    page = window.new_page()
    page.goto(f"{site}/queue?view=all")
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.wait_for_url(f"{site}/queue?view=all")
    kept = {cookie.get("name"): cookie for cookie in window.cookies()}

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site}/login")

    assert kept["session"].get("sameSite") == "Strict"
    assert "leaving" not in kept
    assert provider.asked[-1] == "/leave"
    assert not {"session", "outside"} & {cookie.get("name") for cookie in window.cookies()}
    page.goto(f"{site}/queue")
    assert "/login" in page.url
    window.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_with_the_button_is_accessible_and_fits(
    browser: Browser, site: str, width: int, theme: str, tmp_path: Path
) -> None:
    window = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)  # type: ignore[arg-type]
    page = window.new_page()
    page.goto(f"{site}/login/oidc/back")  # with a problem told
    page.screenshot(path=tmp_path / "login.png")

    found = Axe().run(page, options=RULES).response["violations"]

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    window.close()
