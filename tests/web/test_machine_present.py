"""What the machine does at a case is shown as presence, from the work that lies there."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import report

from cases.events import FactStated
from cases.facts import Fact, Person
from cases.vocabulary import Actor
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.under_way import under_way

LEASE = timedelta(seconds=30)


@pytest.fixture
def case(house: House, stranger: TestClient) -> str:
    """A case of which the machine has nothing to do any more."""
    reference: str = report(stranger)["reference"]
    drain(house)
    return reference


def correct(house: House, case: str) -> None:
    """Its file is to be built anew."""
    with house.database.writing() as store:
        stated = FactStated(Fact("amount", "10.00", 1.0, (Person("noor"),)), "noor")
        store.append(store.case_id(case), [(stated, Actor("person", "noor"))], at=house.now())


def test_a_file_that_is_built_anew_says_so_until_it_stands(house: House, expert: TestClient, case: str) -> None:
    correct(house, case)
    waits = expert.get(f"/cases/{case}").text
    with house.database.writing() as store:
        claim = store.work.claim([Stage.PACKAGE], limit=1, now=house.now(), lease=LEASE)
    held = expert.get(f"/cases/{case}").text
    told = expert.put(f"/api/cases/{case}/presence", json={}).json()["machine"]
    with house.database.writing() as store:
        store.work.let_go(claim, house.now())
    drain(house)
    stands = expert.get(f"/cases/{case}").text

    assert ">Casewright has to build this file anew.</span>" in waits
    assert ">Casewright is building this file anew…</span>" in held
    assert told == "packaging"
    assert 'data-live-machine=""' in stands
    assert expert.put(f"/api/cases/{case}/presence", json={}).json()["machine"] == ""


def test_a_message_that_is_read_counts_more_than_the_file_and_what_is_parked_or_to_come_not(
    house: House, stranger: TestClient
) -> None:
    reference = report(stranger, name="Never Read")["reference"]
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})
    with house.database.reading() as store:
        id_ = store.case_id(reference)
        before = under_way(store, id_, now=house.now())
        early = under_way(store, id_, now=house.now() - timedelta(days=1))
    with house.database.writing() as store:
        (claim,) = store.work.claim([Stage.UNDERSTAND], limit=1, now=house.now(), lease=LEASE)
        during = under_way(store, id_, now=house.now())
        store.work.park(claim, "it cannot be read")
        parked = under_way(store, id_, now=house.now())

    assert (before, early, during, parked) == ("reading_next", "", "reading", "")
