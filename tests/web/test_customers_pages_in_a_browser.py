"""Every page that a customer, or who has them on the phone, comes by: in a real browser, at each width, in each theme.

One house with three cases: one that chats and is asked to sign, one that was decided, one whose refusal waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, faults, listen, pytestmark, window
from playwright.sync_api import Browser, Page
from web_house import Clock, clock, decoder, house, report, signed_in, texts, token_in

from api.app import create_app
from api.signing_in import login_path
from cases import events as e
from cases.vocabulary import MACHINE, Actor, RequestKind, Role
from pipelines.channels.chat.answering import answer, take
from pipelines.channels.chat.taking import Said, say
from pipelines.hand import Decision, decide_by_hand
from pipelines.house import House
from pipelines.runner import drain
from tests.servers import free_port
from tools.browsing import served

__all__ = ["browser", "clock", "decoder", "house", "pytestmark", "texts"]
LINES = 80  # pixels: two lines in a frame, and no card
ASKED = (e.RequestItem("theft_statement", RequestKind.SIGNATURE), e.RequestItem("damage_photos", RequestKind.PHOTO))


@dataclass(frozen=True, slots=True)
class Told:
    """Tokens of the case that goes on and of the one that was decided; the reference of the first."""

    site: str
    talking: str
    decided: str
    reference: str


@pytest.fixture(scope="module")
def strict(house: House) -> House:
    """The house, where a team lead reads refusals."""
    folder = house.journeys.get("motor_claim")
    spec = folder.journey.letters["refuse"].model_copy(update={"approval": Role.LEAD})
    journey = folder.journey.model_copy(update={"letters": {**folder.journey.letters, "refuse": spec}})
    folders = {**house.journeys.folders, "motor_claim": replace(folder, journey=journey)}
    return replace(house, journeys=replace(house.journeys, folders=folders))


@pytest.fixture(scope="module")
def told(strict: House, clock: Clock) -> Iterator[Told]:
    with TestClient(create_app(strict)) as stranger:
        talking, decided, refused = (report(stranger, name=name) for name in ("Fatima El Amrani", "", "Jan"))
    drain(strict)
    signed_in(strict, "anouk").get("/queue")
    _chat(strict, talking["reference"])
    _ask(strict, talking["reference"])
    _decide(strict, decided["reference"], "tell_status", "Uw schade loopt al.")
    _survey(strict, decided["reference"])
    _decide(strict, refused["reference"], "refuse", "Uw ruit valt niet onder de dekking.", clock=clock)
    with served(create_app(strict), free_port()) as site:
        yield Told(site, token_in(talking), token_in(decided), talking["reference"])


def _ask(house: House, reference: str) -> None:
    with house.database.writing() as store:
        case = store.case(store.case_id(reference))
        due = (house.now() + timedelta(days=7)).date()
        asked = (e.RequestMade(ASKED, due), Actor("person", "anouk"))
        store.append(case.id, [asked], at=house.now(), expected=case.version)


def _chat(house: House, reference: str) -> None:
    with house.database.reading() as store:
        case = store.case(store.case_id(reference))
    words = "Wanneer komt de reparateur? Ik heb de auto morgen nodig."
    say(house, case.id, Said(words, "k", "customer", case.sender, case.sender_name, "nl"))
    drain(house)
    take(house, reference, person="anouk")
    answer(house, reference, "Morgen tussen negen en twaalf. Klopt dat tijdstip voor u?", person="anouk")
    drain(house)


def _decide(house: House, reference: str, choice: str, words: str, *, clock: Clock | None = None) -> None:
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    leaves_at = clock() + timedelta(seconds=10) if clock else None
    decide_by_hand(house, reference, Decision(choice, "gelezen", version, words), person="anouk", leaves_at=leaves_at)
    if clock:
        clock.ahead += timedelta(seconds=11)
    drain(house)


def _survey(house: House, reference: str) -> None:
    with house.database.writing() as store:
        case = store.case(store.case_id(reference))
        store.append(case.id, [(e.SurveyAsked("l-1"), MACHINE)], at=house.now(), expected=case.version)


CUSTOMERS = {
    "talking": "/t/{talking}?page=1",
    "decided": "/t/{decided}?page=1",
    "choices": "/t/{talking}/choices",
    "representative": "/t/{talking}/representative",
    "survey": "/t/{decided}/survey",
    "link that has ended": "/t/{talking}x",
    "new link": "/t/new-link",
}
STAFF = {"call": "/cases/{reference}/call", "case": "/cases/{reference}", "approvals": "/approvals"}


def walk(page: Page, told: Told, paths: dict[str, str]) -> dict[str, list[str]]:
    """What is wrong on each, with all that is folded open."""
    wrong = {}
    for name, path in paths.items():
        page.goto(told.site + path.format(talking=told.talking, decided=told.decided, reference=told.reference))
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        if found := faults(page):
            wrong[name] = found
    return wrong


def test_no_page_of_a_customer_has_a_fault(browser: Browser, told: Told) -> None:
    with window(browser, "phone", locale="nl-NL") as phone:
        page = phone.new_page()
        page.goto(f"{told.site}/t/{told.talking}?page=1")
        talk = page.locator("#chat .talk li").all_inner_texts()
        asks = page.locator("#ask-theft_statement, #ask-damage_photos").count()
        page.goto(f"{told.site}/t/{told.decided}?page=1")
        chats, why = page.locator("#chat").count(), page.get_by_role("heading", name="Waarom we dit besloten").count()

        assert [len(talk), asks, chats, why] == [2, 2, 0, 1]
        assert walk(page, told, CUSTOMERS) == {}


def test_no_page_of_who_answers_the_customer_has_a_fault_and_what_to_decide_stands_high(
    browser: Browser, strict: House, told: Told
) -> None:
    with window(browser, "desk") as desk:
        page = desk.new_page()
        page.goto(told.site + login_path(strict, "noor"))
        said = listen(page)
        page.goto(f"{told.site}/approvals")
        waits = page.get_by_text("Uw ruit valt niet onder de dekking.").count()
        page.goto(f"{told.site}/cases/{told.reference}/call")
        spoken = page.locator("[data-part=standing] h1").inner_text()
        page.goto(f"{told.site}/cases/{told.reference}")
        strip = page.locator(".strip").bounding_box()

        assert strip is not None
        assert strip["height"] < LINES
        assert spoken in page.locator(".strip").inner_text()
        assert waits == 1
        assert walk(page, told, STAFF) == {}
        assert said == []
