"""Translations and descriptions in a real browser: without a script, for everybody, at each width and in each theme."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import PASSWORD_HASH, report

from api.app import create_app
from api.signing_in import login_path
from cases.vocabulary import Role
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.runner import drain
from pipelines.text_models import TextModels
from pipelines.wiring import build
from tests.homes import settings
from tests.llm_server import Asked, Says, llm_server

__all__ = ["browser", "pytestmark", "site"]
TEXT = (
    "Goedemiddag, gisteren kwam er een steen tegen mijn voorruit op de A2.\n\n"
    "Er zit nu een barst in van 20 cm. Mijn kenteken is GX-482-B.\n\nKunt u mij helpen?"
)
ENGLISH = {
    "p1": "Good afternoon, yesterday a stone hit my windscreen on the A2.",
    "p2": "There is now a crack of 21 cm in it. My plate is [PLATE_1].",  # another number: it stays untranslated
    "p3": "Can you help me?",
}
SEEN = "A grey-blue sheet of glass with a fan of dark lines that meet in the middle. It is light and sharp."


def answer(asked: Asked) -> Says:
    if asked.pictures:
        return Says(json.dumps({"description": SEEN, "text_in_picture": "VSG E2", "shows": "unclear"}))
    if '"into"' in asked.given:
        return Says(json.dumps({"paragraphs": [{"id": id_, "text": text} for id_, text in ENGLISH.items()]}))
    return Says("{}")


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, trained: Path, texts: TextModels, decoder: Decoder
) -> Iterator[House]:
    """With a language model that sees and translates: what it is asked by itself is known when a house is built."""
    with llm_server(answer) as server:
        chosen = settings(
            tmp_path_factory.mktemp("web"), models=trained, public_url="http://testserver", **server.settings
        )
        built = build(chosen)
        with built.database.writing() as store:
            store.people.add_user("anouk", (Role.EXPERT,), PASSWORD_HASH, at=built.now(), lines=("motor",))
        yield replace(built, texts=texts, decoder=decoder)
        built.decoder.close()
        built.database.close()


def test_a_translation_and_a_description_are_there_for_everybody(house: House, browser: Browser, site: str) -> None:
    with TestClient(create_app(house)) as client:
        reference = report(client, text=TEXT, language="nl")["reference"]
    drain(house)
    with window(browser, "phone", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{reference}")
        original, translation = page.get_by_text("Kunt u mij helpen?"), page.get_by_text("Can you help me?")

        assert original.is_visible()
        assert not translation.is_visible()
        page.get_by_text("Translation", exact=True).click()
        assert original.is_visible()
        assert translation.is_visible()
        assert page.get_by_role("img", name=f"Photo 1: {SEEN} Described by a language model.").count() == 1

    with window(browser, "desk") as context:
        page = context.new_page()
        said = listen(page)
        page.goto(site + login_path(house, "anouk"))
        for path in ("", "/compare"):
            page.goto(f"{site}/cases/{reference}{path}")
            for folded in page.locator("details.translation").all():
                folded.locator("summary").click()
            assert faults(page) == [], path
        assert said == []
