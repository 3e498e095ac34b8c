"""A customer with a phone, from the damage to a second look: reported, followed, answered, decided, looked at again."""

import re
from dataclasses import dataclass
from itertools import count

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from in_a_browser import RULES, browser, listen, pytestmark, site, window
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from pipelines import hand
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]
WORDS = "Een bestelbus botste achterop onze auto toen wij voor het stoplicht stonden te wachten. De klep is ingedeukt."
REFUSED = "Deze schade valt niet onder uw polis."
FOUND = "Wij lazen de uitbreiding. Die ging pas een week later in."
SENDERS = (f"klant{number}@example.org" for number in count(1))  # a second report of one customer is another story
PICTURES = count(1)
FIRST_VIEW = 110 * 1024  # bytes over the line, everything included: about two seconds on 3G (400 kbit/s)


@dataclass(frozen=True)
class Phone:
    page: Page
    scripted: bool

    def fits(self) -> None:
        """Axe finds nothing and nothing is cut off; without scripts neither can be asked of a page."""
        if not self.scripted:
            return
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 390
        found = Axe().run(self.page, options=RULES).response["violations"]
        assert [(self.page.url, one["id"], one["nodes"][0]["target"]) for one in found] == []


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("phone")
    for name in ("hele auto.jpg", "dichtbij.jpg"):  # seen in no other case
        blocks = np.random.default_rng(next(PICTURES)).integers(0, 255, (16, 24, 3), dtype=np.uint8)
        Image.fromarray(blocks).resize((960, 640), Image.Resampling.NEAREST).save(folder / name)
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_damage_is_reported_followed_answered_and_looked_at_again(
    *, house: House, browser: Browser, site: str, pictures: list[str], javascript: bool
) -> None:
    context = window(browser, "phone", java_script_enabled=javascript, locale="nl-NL")
    phone = Phone(context.new_page(), javascript)
    said = listen(phone.page) if javascript else []

    report(phone, site, pictures)
    drain(house)
    reference = follow(phone)
    answer(phone, house)
    decide(house, reference, "refuse", REFUSED, person="anouk")
    ask_for_a_second_look(phone, house, reference)

    assert said == []
    context.close()


def report(phone: Phone, site: str, pictures: list[str]) -> None:
    page = phone.page
    page.goto(f"{site}/report?lang=nl")
    phone.fits()
    page.get_by_role("link", name="Schade door een aanrijding").click()
    page.get_by_label("Kies een bestand of foto").set_input_files(pictures)
    page.get_by_role("button", name="Verder").click()
    phone.fits()
    page.get_by_label("Wat is er gebeurd?").fill(WORDS)
    page.get_by_label("Het kenteken van uw auto").fill("79-KXF-6")
    page.get_by_label("Uw e-mailadres of telefoonnummer").fill(next(SENDERS))
    page.get_by_role("button", name="Versturen").click()
    phone.fits()


def follow(phone: Phone) -> str:
    """By the link that the form gave; answers the reference of the case."""
    page = phone.page
    page.get_by_role("link", name="Open mijn pagina").click()
    phone.fits()
    content = page.content()
    assert [word in content for word in (WORDS, "hele auto.jpg", "dichtbij.jpg")] == [True, True, True]
    found = re.search(r"C-\d{4}-\d{6}", content)
    assert found
    return found[0]


def answer(phone: Phone, house: House) -> None:
    """What is asked for: a day and a paper."""
    page = phone.page
    day = page.locator("section.asked", has=page.get_by_label("Uw antwoord"))
    expect(day).to_have_count(1)
    day.get_by_label("Uw antwoord").fill("Het gebeurde op 20 november 2026.")
    day.get_by_role("button").click()
    expect(page.locator(".note.good")).to_be_visible()
    drain(house)
    page.reload()
    phone.fits()
    expect(page.get_by_label("Uw antwoord")).to_have_count(0)


def decide(house: House, reference: str, option: str, message: str, *, person: str) -> None:
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    hand.decide_by_hand(house, reference, Decision(option, "nagekeken", version, message), person=person)
    drain(house)


def ask_for_a_second_look(phone: Phone, house: House, reference: str) -> None:
    page = phone.page
    page.reload()
    phone.fits()
    expect(page.get_by_text(REFUSED).first).to_be_visible()
    page.locator("summary", has_text="Vraag om een tweede blik").click()
    page.get_by_label("Wat moeten we opnieuw bekijken?").fill("De polis is vorige maand uitgebreid.")
    page.get_by_role("button", name="Vraag om een tweede blik").click()
    expect(page.locator(".note.good")).to_be_visible()
    drain(house)
    page.reload()
    phone.fits()
    expect(page.locator(".promise .leaf")).to_have_count(1)
    decide(house, reference, "refuse", FOUND, person="noor")
    page.reload()
    phone.fits()
    expect(page.get_by_text(FOUND).first).to_be_visible()


def test_the_first_look_at_the_page_is_light(house: House, browser: Browser, site: str, pictures: list[str]) -> None:
    context = window(browser, "phone", locale="nl-NL")
    page = context.new_page()
    report(Phone(page, scripted=True), site, pictures)
    drain(house)
    link = page.get_by_role("link", name="Open mijn pagina").get_attribute("href")
    context.close()
    asked: list[Request] = []
    context = window(browser, "phone", locale="nl-NL")
    page = context.new_page()
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108  # Playwright wants a function of Python

    page.goto(f"{site}{link}")
    page.wait_for_load_state("load")

    weights = {request.url: over_the_line(request) for request in asked}
    assert len(weights) > 3
    assert sum(weights.values()) < FIRST_VIEW, weights
    context.close()


def over_the_line(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
