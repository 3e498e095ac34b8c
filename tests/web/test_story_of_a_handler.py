"""A handler's morning by keys alone, without a script, and beside a colleague; what happened is read from events."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi.testclient import TestClient
from in_a_browser import browser, listen, pytestmark, site, window
from playwright.sync_api import Browser, BrowserContext, Page, expect
from web_house import PASSWORD, PASSWORD_HASH, Clock, report

from api.app import create_app
from api.signing_in import login_path
from cases.events import CaseSnoozed, DecisionHeld, FactStated, StepDecided, TakenBack
from cases.vocabulary import MACHINE, Role, Step, Why
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain
from pipelines.wiring import build
from tests.homes import settings

__all__ = ["browser", "pytestmark", "site"]

WORDS = "Uw garage mag beginnen, ook zonder polisblad."
Told = TypeVar("Told", FactStated, DecisionHeld, TakenBack, CaseSnoozed)
PEOPLE = (("anouk", Role.EXPERT), ("bram", Role.HANDLER), ("noor", Role.LEAD))


@pytest.fixture(scope="module")
def morning() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path, morning: Clock) -> Iterator[House]:
    home = tmp_path_factory.mktemp("story")
    built = build(settings(home, models=trained, public_url="http://testserver", anonymous_per_minute=100_000))
    built = dataclasses.replace(built, now=morning)
    with built.database.writing() as store:
        for name, role in PEOPLE:
            store.people.add_user(name, (role,), PASSWORD_HASH, at=morning(), lines=("motor", "general"))
    yield built
    built.decoder.close()
    built.database.close()


@pytest.fixture
def cases(house: House) -> list[str]:
    """Four that lie with a person, with the advice to have the glass repaired."""
    with TestClient(create_app(house)) as client:
        made = [report(client, name=name)["reference"] for name in ("Gerda", "Piet", "Karel", "Hans")]
    drain(house)
    for reference in made:
        advise(house, reference)
    drain(house)
    return made


def advise(house: House, reference: str) -> None:
    with house.database.writing() as store:
        case = store.case(store.case_id(reference))
        assert case.step is not None
        advised = StepDecided(
            Step.EXPERT, (Why.ROW,), "motor_claim", case.step.journey_digest, "windscreen", option="repair_glass"
        )
        store.append(case.id, [(advised, MACHINE)], at=house.now())


@pytest.fixture
def windows(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:  # else the server waits for pages that listen
        context.close()


def enter(browser: Browser, windows: list[BrowserContext], size: str = "desk", **options: object) -> Page:
    context = window(browser, size, **options)
    windows.append(context)
    context.set_default_timeout(10_000)
    return context.new_page()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page, what: str) -> bool:
    return bool(page.evaluate(f"document.activeElement.matches({what!r})"))


def tab_to(page: Page, what: str, *, at_most: int) -> None:
    """As a person does: by Tab, with a ring that shows where they are, and in no more presses than they would bear."""
    for _ in range(at_most):
        if focused(page, what):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
        press(page, "Tab")
    assert focused(page, what), f"{what} is more than {at_most} presses away"


def assignees(house: House, references: list[str]) -> list[str | None]:
    with house.database.reading() as store:
        lines = store.queue.of_references(references)
    return [lines[reference].assignee for reference in references]


def events(house: House, reference: str, kind: type[Told]) -> list[Told]:
    with house.database.reading() as store:
        history = store.history(store.case_id(reference))
    return [entry.event for entry in history if isinstance(entry.event, kind)]


def outcome(house: House, reference: str) -> str | None:
    with house.database.reading() as store:
        return store.case(store.case_id(reference)).outcome


def letters(house: House, reference: str) -> str:
    with house.database.reading() as store:
        return " ".join(letter.body for letter in store.case(store.case_id(reference)).letters)


def leave(house: House, morning: Clock) -> None:
    morning.ahead += timedelta(seconds=11)
    drain(house)


def day_from(house: House, days: int) -> str:
    return f"{house.now() + timedelta(days=days):%m%d%Y}"  # as the field for a day is typed in this browser


def test_a_morning_by_keys_alone(
    *, house: House, browser: Browser, site: str, windows: list[BrowserContext], cases: list[str], morning: Clock
) -> None:
    page = enter(browser, windows)
    said = listen(page)
    page.goto(f"{site}/queue")
    page.keyboard.type("anouk")  # the name has the focus
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/queue")

    reference = next_by_key(page)
    assert assignees(house, [reference]) == ["anouk"]
    read_a_source_and_come_back(page)
    correct_the_day(page, house, reference)
    disagree_and_take_back(page, house, reference, morning)
    decide_again(page, house, reference, morning)
    other = next_by_key(page, besides=reference)
    put_aside(page, house, other)
    take_two_and_give_them_back(page, house)

    assert set(cases) >= {reference, other}
    assert [one for one in said if "/api/live" not in one and "/presence" not in one] == []  # pages that were left


def next_by_key(page: Page, besides: str = "none") -> str:
    press(page, "n")
    page.wait_for_url(lambda url: "given=1" in url and besides not in url)
    return reference_of(page)


def reference_of(page: Page) -> str:
    found = re.search(r"C-\d+-\d+", page.url)
    assert found is not None, page.url
    return found[0]


def read_a_source_and_come_back(page: Page) -> None:
    press(page, "Tab", "Enter")  # past the menu
    tab_to(page, ".cites a[href^='#m-']", at_most=8)
    press(page, "Enter")
    expect(page.locator("mark:target")).to_be_in_viewport()
    press(page, "b")
    assert focused(page, ".cites a[href^='#m-']")


def correct_the_day(page: Page, house: House, reference: str) -> None:
    tab_to(page, "a[href$='fact=loss_date']", at_most=30)
    press(page, "Enter")
    expect(page.locator("#fact-value")).to_be_focused()
    page.keyboard.type(day_from(house, -3))
    press(page, "Enter")
    page.wait_for_url("**done=saved#fact-loss_date")
    corrected = f"{(house.now() - timedelta(days=3)):%Y-%m-%d}"
    assert [(one.fact.name, one.fact.value) for one in events(house, reference, FactStated)] == [
        ("loss_date", corrected)
    ]
    drain(house)
    advise(house, reference)  # it was read anew without one
    page.reload()


def disagree_and_take_back(page: Page, house: House, reference: str, morning: Clock) -> None:
    disagree(page)
    press(page, "Control+Enter")
    page.wait_for_url("**done=decided")
    [held] = events(house, reference, DecisionHeld)
    assert (held.decision.choice, held.decision.reason_code) == ("refuse", "terms")

    press(page, "u")
    page.wait_for_url("**done=undone")
    assert len(events(house, reference, TakenBack)) == 1
    leave(house, morning)
    assert outcome(house, reference) is None
    assert WORDS not in letters(house, reference)
    page.reload()


def decide_again(page: Page, house: House, reference: str, morning: Clock) -> None:
    expect(page.locator("#message")).to_have_value(WORDS)  # nothing is typed twice
    press(page, "e")
    tab_to(page, "#message", at_most=6)
    press(page, "Control+Enter")
    page.wait_for_url("**done=decided")
    leave(house, morning)
    assert outcome(house, reference) == "refuse"
    assert WORDS in letters(house, reference)


def put_aside(page: Page, house: House, reference: str) -> None:
    press(page, "z")
    expect(page.locator("#until")).to_be_focused()
    page.keyboard.type(day_from(house, 3))
    press(page, "Enter")
    page.wait_for_url("**done=saved")
    [asleep] = events(house, reference, CaseSnoozed)
    assert asleep.until.astimezone(UTC).date() == (house.now() + timedelta(days=3)).date()


def take_two_and_give_them_back(page: Page, house: House) -> None:
    press(page, "g", "w")
    page.wait_for_url("**/queue?view=us")
    shown = [str(row.get_attribute("data-case")) for row in page.locator("[data-case]").all()][:2]
    before = assignees(house, shown)
    press(page, "x", "j", "x", "i")
    page.wait_for_url("**/queue/bulk")
    expect(page.locator("main button.main")).to_be_focused()
    press(page, "Enter")
    page.wait_for_url("**did=**")
    assert assignees(house, shown) == ["anouk", "anouk"]
    press(page, "u")
    page.wait_for_url("**told=undone**")
    assert assignees(house, shown) == before


def disagree(page: Page) -> None:
    """All but sending it."""
    press(page, "e", "c")
    while not focused(page, "[value=refuse]"):
        press(page, "c")
    press(page, "1")
    tab_to(page, "#message", at_most=4)
    page.keyboard.type(WORDS)


def test_the_same_morning_without_javascript(
    *, house: House, browser: Browser, site: str, windows: list[BrowserContext], cases: list[str], morning: Clock
) -> None:
    page = enter(browser, windows, java_script_enabled=False)
    page.goto(f"{site}/queue")
    page.get_by_label("Name").fill("bram")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("button", name="Next case").click()
    reference = reference_of(page)
    assert assignees(house, [reference]) == ["bram"]
    source = page.locator(".cites a[href^='#m-']").first
    source.click()
    expect(page.locator("mark:target")).to_be_in_viewport()
    page.go_back()
    assert "#" not in page.url

    page.get_by_role("link", name="Correct: Day of the damage").click()
    day = f"{house.now() - timedelta(days=3):%Y-%m-%d}"
    page.locator("#fact-value").fill(day)
    page.get_by_role("button", name="Save fact").click()
    assert [one.fact.value for one in events(house, reference, FactStated)] == [day]
    drain(house)
    advise(house, reference)
    page.goto(f"{site}/cases/{reference}")

    page.get_by_role("radio", name="Refuse the claim").check()
    page.locator("fieldset.reasons:visible label").first.click()
    page.locator("#message").fill(WORDS)
    page.get_by_role("button", name="Decide", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    assert len(events(house, reference, TakenBack)) == 1
    expect(page.locator("#message")).to_have_value(WORDS)
    page.get_by_role("button", name="Decide", exact=True).click()
    assert [one.decision.reason_code for one in events(house, reference, DecisionHeld)] == ["terms", "terms"]
    leave(house, morning)
    assert outcome(house, reference) == "refuse"

    page.get_by_role("button", name="Next case").click()
    other = reference_of(page)
    page.locator("summary", has_text="Snooze").click()
    page.locator("#until").fill(f"{house.now() + timedelta(days=3):%Y-%m-%d}")
    page.locator("form[action$=snooze] button").click()
    assert len(events(house, other, CaseSnoozed)) == 1

    page.goto(f"{site}/queue?view=all")
    rest = [one for one in cases if one not in (reference, other)]
    for one in rest:
        page.get_by_label(f"Pick {one}").check()
    page.get_by_role("button", name="Assign to me").click()
    page.get_by_role("button", name="Yes, do it").click()
    assert assignees(house, rest) == ["bram"] * len(rest)
    page.get_by_role("button", name="Undo").click()
    assert assignees(house, rest) == [None] * len(rest)


def test_what_a_colleague_changed_meanwhile_is_shown_beside_what_was_typed(
    house: House, browser: Browser, site: str, windows: list[BrowserContext], cases: list[str]
) -> None:
    page = enter(browser, windows)
    page.goto(site + login_path(house, "noor"))
    page.goto(f"{site}/cases/{cases[0]}")
    page.get_by_role("radio", name="Refuse the claim").check()
    page.locator("fieldset.reasons:visible label").first.click()
    page.locator("#message").fill(WORDS)
    hand.state_fact(house, cases[0], "amount", "412.50", person="anouk")
    page.get_by_role("button", name="Decide", exact=True).click()

    expect(page.locator("section[aria-labelledby=yours]")).to_contain_text(WORDS)
    expect(page.locator("section[aria-labelledby=theirs]")).to_contain_text("Fact entered by a person")
    assert events(house, cases[0], DecisionHeld) == []
    page.locator("form[action$=again] button").click()
    expect(page.locator("#message")).to_have_value(WORDS)
    page.get_by_role("button", name="Decide", exact=True).click()
    assert [one.decision.message for one in events(house, cases[0], DecisionHeld)] == [WORDS]
