"""Two people with a browser each on one case, and a server that is killed under their hands."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, pytestmark
from playwright.sync_api import Browser, Page, expect
from web_house import report

from api.app import create_app
from api.signing_in import login_path
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain
from tests.installation import Program
from tests.servers import answers, free_port, wait_until

__all__ = ["browser", "pytestmark"]


class Site:
    """A real server over the house of the tests, in a process of its own."""

    def __init__(self, house: House, log: Path) -> None:
        port = free_port()
        self.house, self.url = house, f"http://127.0.0.1:{port}"
        told = {"home": house.settings.home, "models": house.settings.models, "public_url": self.url}
        if house.settings.database_url:
            told["database_url"] = house.settings.database_url
        environment = {**os.environ, **{f"CASEWRIGHT_{name.upper()}": str(value) for name, value in told.items()}}
        self.program = Program("serve", "--port", str(port), environment=environment, log=log)
        self._port = port

    def start(self) -> None:
        self.program.start()
        wait_until(lambda: answers(self._port), "the server does not answer")


@pytest.fixture(scope="module")
def site(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    started = Site(house, tmp_path_factory.mktemp("live") / "server.log")
    started.start()
    yield started
    started.program.kill()


@pytest.fixture
def case(house: House) -> str:
    return another(house, "Two People")


def another(house: House, name: str) -> str:
    with TestClient(create_app(house)) as client:
        reference = report(client, name=name)["reference"]
    drain(house)
    return reference


@pytest.fixture
def noor(browser: Browser, site: Site) -> Iterator[Page]:
    yield from signed_in(browser, site, "noor")


@pytest.fixture
def anouk(browser: Browser, site: Site) -> Iterator[Page]:
    yield from signed_in(browser, site, "anouk")


def signed_in(browser: Browser, site: Site, name: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site.url + login_path(site.house, name))
    yield page
    context.close()


def write(page: Page, text: str) -> None:
    page.get_by_label("Explanation for the file").fill(text)


def test_two_people_at_one_case_see_each_other_and_one_takes_over(
    house: House, site: Site, case: str, noor: Page, anouk: Page
) -> None:
    anouk.goto(f"{site.url}/queue?view=all")
    noor.goto(f"{site.url}/cases/{case}")
    expect(anouk.get_by_label("noor is here")).to_be_visible(timeout=10_000)

    anouk.goto(f"{site.url}/cases/{case}")
    expect(noor.locator("[data-live-people]")).to_contain_text("anouk has this case open", timeout=10_000)
    write(noor, "I look at the")
    expect(anouk.locator("[data-live-people]")).to_contain_text("noor is typing", timeout=10_000)
    expect(anouk.locator("[data-live-hold]")).to_contain_text("noor has been working on this case since")
    expect(noor.locator("[data-live-hold]")).to_be_hidden()

    anouk.get_by_role("button", name="Take over").click()
    expect(anouk.get_by_role("status").filter(has_text="You work on this case now")).to_be_visible()
    expect(noor.locator("[data-live-hold]")).to_contain_text("anouk took this case over at", timeout=10_000)

    noor.get_by_label("Escalate").check()
    noor.locator("fieldset.reasons:visible label").last.click()
    noor.get_by_role("button", name="Decide", exact=True).click()
    expect(noor.get_by_role("alert")).to_contain_text("anouk has been working on this case")
    expect(noor.get_by_label("Explanation for the file")).to_have_value("I look at the")


def test_what_others_add_is_told_on_the_open_page_and_a_decision_beside_it_is_taken(
    house: House, site: Site, case: str, noor: Page
) -> None:
    noor.goto(f"{site.url}/cases/{case}")
    hand.add_note(house, case, "Called the garage.", person="anouk")
    expect(noor.locator("[data-live-changed]")).to_contain_text("has changed since you opened it", timeout=10_000)

    write(noor, "A lead should see this.")
    noor.get_by_label("Escalate").check()
    noor.locator("fieldset.reasons:visible label").last.click()
    noor.get_by_role("button", name="Decide", exact=True).click()

    expect(noor.get_by_role("status").filter(has_text="only notes were added")).to_be_visible()


def test_no_draft_is_lost_when_the_server_is_killed(house: House, site: Site, case: str, noor: Page) -> None:
    noor.goto(f"{site.url}/cases/{case}")
    write(noor, "Kept before the end.")
    expect(noor.locator("form[data-draft=decide] [data-draft-state]")).to_contain_text("Draft kept at")

    site.program.kill()
    expect(noor.locator("[data-live]")).to_contain_text("Offline since", timeout=10_000)
    write(noor, "Kept before the end, and typed after it.")
    site.start()

    expect(noor.locator("[data-live]")).to_be_hidden(timeout=20_000)
    with house.database.reading() as store:
        case_id = store.case_id(case)

    def kept() -> bool:
        with house.database.reading() as store:
            return any("typed after it" in one.fields["reason"] for one in store.drafts.of(case_id, "noor"))

    wait_until(kept, "what was typed meanwhile was not kept", seconds=15)
    noor.goto(f"{site.url}/queue")
    noor.goto(f"{site.url}/cases/{case}")
    expect(noor.get_by_label("Explanation for the file")).to_have_value("Kept before the end, and typed after it.")
    expect(noor.get_by_text("and did not send stands here again")).to_be_visible()


def test_a_list_tells_of_new_cases_and_shows_them_without_loading_anew(
    house: House, site: Site, case: str, noor: Page
) -> None:
    noor.goto(f"{site.url}/queue?view=all")
    noor.evaluate("window.same = true")
    new = another(house, "Somebody New")

    expect(noor.locator("[data-live-new]")).to_contain_text("1 new case", timeout=15_000)
    assert noor.locator(f"[data-case='{new}']").count() == 0
    noor.locator("[data-live-new] button").click()

    expect(noor.locator(f"[data-case='{new}']")).to_be_visible()
    hand.assign(house, new, "anouk", person="anouk")
    expect(noor.locator(f"[data-case='{new}'] .face")).to_have_attribute(
        "aria-label", "Assigned to anouk", timeout=15_000
    )
    assert noor.evaluate("window.same")
