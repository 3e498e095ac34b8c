"""An open page hears what the machine does at its case, and that it is done."""

from fastapi.testclient import TestClient
from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser, expect
from test_machine_present import correct
from web_house import report

from api.app import create_app
from api.signing_in import login_path
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]


def test_an_open_page_hears_that_its_file_is_built_anew_and_when_that_is_done(
    house: House, browser: Browser, site: str
) -> None:
    with TestClient(create_app(house)) as client:
        reference = report(client)["reference"]
    drain(house)
    page = window(browser, "desk").new_page()
    page.goto(site + login_path(house, "anouk"))
    said = listen(page)
    page.goto(f"{site}/cases/{reference}")
    machine = page.locator("[data-live-machine]")
    expect(machine).to_be_hidden()

    correct(house, reference)
    expect(machine).to_contain_text("Casewright has to build this file anew.", timeout=15_000)
    assert faults(page) == []
    drain(house)

    expect(machine).to_contain_text("Casewright is done here.", timeout=15_000)
    assert said == []
