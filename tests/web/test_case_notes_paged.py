"""Notes of colleagues: the newest in the file, all of them a page at a time; a file with hundreds stays light."""

import re

import pytest
from fastapi.testclient import TestClient
from web_house import report, signed_in

from cases.events import FactStated, NoteAdded, Written
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.runner import drain

NOTES, FACTS, MOST = 400, 300, 120 * 1024
NOOR = Actor("person", "noor")
NUMBER = re.compile(r"Note (\d+) on hold")


@pytest.fixture(scope="module")
def busy(house: House, opened: dict[str, str]) -> str:
    """A case with 400 notes of a colleague and 300 facts that were stated and stated anew."""
    assert opened
    with TestClient(signed_in(house, "anouk").app) as stranger:
        reference: str = report(stranger, name="Piet")["reference"]
    drain(house)
    names = list(house.journeys.get("motor_claim").journey.facts)
    notes = [NoteAdded(f"Note {n} on hold. " + "word " * 150, "noor") for n in range(NOTES)]
    facts = [
        FactStated(Fact(names[n % len(names)], f"{n} <b>x</b>", 1.0, (Person("noor"),)), "noor") for n in range(FACTS)
    ]
    events: list[tuple[Written, Actor]] = [(one, NOOR) for one in (*facts, *notes)]
    with house.database.writing() as store:
        store.append(store.case_id(reference), events, at=house.now())
    return reference


def test_the_file_shows_the_newest_notes_and_stays_light(expert: TestClient, busy: str) -> None:
    page = expert.get(f"/cases/{busy}").text

    assert [int(n) for n in NUMBER.findall(page)] == list(range(399, 387, -1))
    assert "Show the 388 earlier notes" in page
    assert len(page.encode()) < MOST


def test_every_note_can_be_reached(expert: TestClient, busy: str) -> None:
    pages = [expert.get(f"/cases/{busy}/notes?page={n}") for n in range(1, 18)]

    assert [int(n) for page in pages for n in NUMBER.findall(page.text)] == list(range(399, -1, -1))
    assert [page.status_code for page in pages] == [200] * 16 + [404]


def test_notes_are_for_who_may_see_customers_of_the_line(house: House, busy: str) -> None:
    assert signed_in(house, "sam").get(f"/cases/{busy}/notes").status_code == 404
    assert signed_in(house, "ada").get(f"/cases/{busy}/notes").status_code == 403
