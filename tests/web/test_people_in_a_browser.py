"""The pages on people in a real Chromium, with its rules for who cannot see or click well."""

from collections.abc import Iterator

import pytest
from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser
from queue_house import filled_house
from web_house import PASSWORD_HASH, Clock

from api.signing_in import login_path
from cases.vocabulary import Role
from pipelines import staff
from pipelines.house import House

__all__ = ["browser", "pytestmark", "site"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with filled_house(tmp_path_factory.mktemp("people-browser"), clock=Clock()) as built:
        administrator = staff.Change(roles=(Role.ADMINISTRATOR,), lines=("*",))
        staff.add_person(built, "root", PASSWORD_HASH, administrator, by="test")
        yield built


def test_a_person_is_added_and_sets_a_password_without_a_fault_on_the_way(
    house: House, browser: Browser, site: str
) -> None:
    with window(browser, "desk") as there, window(browser, "phone") as theirs:
        page, phone = there.new_page(), theirs.new_page()
        said = listen(page)
        page.goto(site + login_path(house, "root"))
        assert page.url == f"{site}/people"
        assert faults(page) == []

        page.get_by_label("Name to sign in with").fill("eva")
        page.get_by_label("Handler").check()
        page.get_by_label("motor").check()
        page.get_by_role("button", name="Add, and make a link").click()
        link = page.get_by_label("Give this to eva").input_value()
        assert faults(page) == []

        phone.goto(site + "/login/password/" + link.rpartition("/")[2])
        assert faults(phone) == []
        phone.get_by_label("New password").fill("quiet harbour lamp")
        phone.get_by_label("The same once more").fill("quiet harbour lamp")
        phone.get_by_role("button", name="Save password").click()
        phone.wait_for_url(f"{site}/login")

        assert said == []
