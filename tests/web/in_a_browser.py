"""What tests of pages in a real Chromium share; `site` and `browser` are over the `house` of the importing module."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from api.app import create_app
from pipelines.house import House
from tests.servers import free_port
from tools.browsing import CHROMIUM, chromium, served

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LEFT = "net::ERR_ABORTED"  # what a page still asked for when it was left

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def site(house: House) -> Iterator[str]:
    with served(create_app(house), free_port()) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def window(browser: Browser, size: str, **options: object) -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and where it is too wide, at each width and in each theme."""
    found: list[str] = []
    page.evaluate("document.fonts.ready.then(() => true)")  # until then lines have other heights
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{size}: too wide")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            violations = Axe().run(page, options=RULES).response["violations"]
            found += [f"{size} {theme}: {one['id']} {one['nodes'][0]['target']}" for one in violations]
    return found


def listen(page: Page) -> list[str]:
    """Whatever goes wrong on the page from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url) if request.failure != LEFT else None)
    page.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)
    return said
