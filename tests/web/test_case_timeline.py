"""The history of a case by whose part it is: in the address, without any script."""

import re

import pytest
from fastapi.testclient import TestClient
from web_house import report, signed_in

from cases import events as e
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain

NOOR = Actor("person", "noor")
SEQ = re.compile(r'<li id="event-(\d+)">')


@pytest.fixture(scope="module")
def lived(house: House, opened: dict[str, str]) -> str:
    """The reference of a case in which everybody did something."""
    reference = opened["reference"]
    with house.database.writing() as store:
        stated = [
            (e.FactStated(Fact(name, value, 1.0, (Person("noor"),)), "noor"), NOOR)
            for name, value in (("amount", "120.00"), ("loss_date", "2026-11-01"))
        ]
        store.append(store.case_id(reference), stated, at=house.now())
    hand.add_note(house, reference, "nog bellen", person="noor")
    drain(house)
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    hand.decide_by_hand(house, reference, hand.Decision("pay_claim", "gezien", version), person="noor")
    drain(house)
    return reference


def shown(house: House, client: TestClient, reference: str, part: str) -> list[e.Event]:
    """What a part of the history lists, newest first."""
    page = client.get(f"/cases/{reference}/history", params={"part": part})
    assert page.status_code == 200
    with house.database.reading() as store:
        by_seq = {entry.seq: entry for entry in store.history(store.case_id(reference))}
    return [by_seq[int(seq)].event for seq in SEQ.findall(page.text)]


def test_every_part_lists_its_events_and_the_whole_lists_all(house: House, expert: TestClient, lived: str) -> None:
    with house.database.reading() as store:
        entries = store.history(store.case_id(lived))

    parts = {part: shown(house, expert, lived, part) for part in ("all", "customer", "us", "machine")}

    assert parts["all"] == [entry.event for entry in reversed(entries)]
    assert {type(event) for event in parts["customer"]} == {e.CaseOpened, e.MessageAdded}
    assert {e.FactStated, e.NoteAdded, e.HumanDecided} <= {type(event) for event in parts["us"]}
    assert sum(map(len, parts.values())) == 2 * len(entries)  # each is of one of the three


def test_money_lists_orders_decisions_that_grant_and_amounts(house: House, expert: TestClient, lived: str) -> None:
    found = shown(house, expert, lived, "money")

    assert [event.fact.name for event in found if isinstance(event, e.FactStated)] == ["amount"]
    assert {e.HumanDecided, e.HandoverAsked, e.HandedOver, e.CaseClosed} <= {type(event) for event in found}
    assert not any(isinstance(event, e.MessageAdded | e.NoteAdded) for event in found)


def test_notes_list_notes_only(house: House, expert: TestClient, lived: str) -> None:
    assert [type(event) for event in shown(house, expert, lived, "notes")] == [e.NoteAdded]


def test_the_chosen_part_is_marked_and_the_others_are_links(expert: TestClient, lived: str) -> None:
    page = expert.get(f"/cases/{lived}/history?part=money").text

    assert '<b class="pill now" aria-current="true">Money</b>' in page
    assert f'href="/cases/{lived}/history?part=notes"' in page
    assert f'href="/cases/{lived}/history"' in page


def test_a_part_of_which_nothing_happened_says_so(house: House, stranger: TestClient, expert: TestClient) -> None:
    reference = report(stranger, sender="ann@example.org")["reference"]
    drain(house)

    assert "None of this happened" in expert.get(f"/cases/{reference}/history?part=notes").text


def test_a_part_that_there_is_not_is_a_bad_address(expert: TestClient, lived: str) -> None:
    assert expert.get(f"/cases/{lived}/history?part=rumours").status_code == 422


def test_who_may_not_see_the_case_sees_no_part_of_it(house: House, lived: str) -> None:
    assert signed_in(house, "sam").get(f"/cases/{lived}/history?part=money").status_code == 404
