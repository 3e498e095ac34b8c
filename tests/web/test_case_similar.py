"""Similar past cases on the page of a case: how they ended, how fast, what sets the opposite one apart and whose."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient
from test_case_weighing import card
from web_house import STORY, report

from cases import events as e
from cases.facts import Fact, Person
from cases.store.likeness import NewVector
from cases.store.log import Append
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Step
from pipelines.house import House
from pipelines.runner import drain
from pipelines.stages.enrich import space_of
from tests.builders import enriched, opened, said, step, understood

SPACE = space_of("motor_claim")
NAMES: list[str] = []
PAID, REFUSED = "repair_glass", "refuse"


def remember(house: House, name: str, outcome: str = PAID, **changed: Any) -> None:
    """A case that was closed an hour ago, three days after it came in, with the very words of the story."""
    closed = house.now() - timedelta(hours=1)
    came = closed - timedelta(days=3)
    past = e.CaseImported(f"P-{name}", "motor_claim", came, closed, STORY, outcome, "a", False, name, True)
    past = replace(past, line_of_business="motor", topic="windscreen", **changed)
    with house.database.writing() as store:
        store.append_many([Append(f"case-{name}", ((past, SYSTEM),), closed)])
    make_findable(house, name)


def remember_drawn(house: House, name: str) -> None:
    """One that the machine closed an hour ago and that the draw laid before a person, who has not judged it yet."""
    read = understood(journey_digest=house.journeys.get("motor_claim").digest, line_of_business="motor")
    closing = step(Step.AUTO_CLOSE, audit=True)
    events: list[e.Written] = [
        opened(reference=f"P-{name}"),
        said(STORY),
        read,
        enriched(),
        closing,
        e.CaseClosed(closing.option),
    ]
    actors = [CUSTOMER if isinstance(one, e.MessageAdded) else MACHINE for one in events]
    with house.database.writing() as store:
        at = house.now() - timedelta(hours=1)
        store.append_many([Append(f"case-{name}", tuple(zip(events, actors, strict=True)), at)])
    make_findable(house, name)


def make_findable(house: House, name: str) -> None:
    NAMES.append(name)
    vectors = house.texts.embed([STORY])
    assert vectors is not None
    with house.database.writing() as store:
        vector = np.asarray(vectors[0], "<f2").tobytes()
        closed = house.now() - timedelta(hours=1)
        store.likeness.add_vectors([NewVector(f"case-{name}", SPACE, closed, vector)])


@pytest.fixture(autouse=True)
def only_its_own(house: House) -> Iterator[None]:
    """Each test finds the cases that it remembers itself and no others."""
    yield
    with house.database.writing() as store:
        for name in NAMES:
            store.likeness.forget(f"case-{name}")


def shown(house: House, stranger: TestClient, expert: TestClient) -> str:
    reference = report(stranger)["reference"]
    drain(house)
    return expert.get(f"/cases/{reference}").text


def test_the_spread_tells_how_the_nearest_ended_and_their_median(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    for name, amount in zip(("a1", "b1", "c1", "d1"), ("200.00", "240.00", "900.00", None), strict=True):
        remember(house, name, amount=amount)
    remember(house, "e1", REFUSED, amount="5000.00")

    similar = card(shown(house, stranger, expert), "similar")

    paid = house.journeys.get("motor_claim").journey.options[PAID].title["en"]
    assert f"4 of 5 ended in &#34;{paid}&#34;, median €240.00; 1 in" in similar
    assert similar.count("3 days") == 5


def test_of_fewer_than_three_the_page_says_that_they_are_too_few(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    remember(house, "a2")
    remember(house, "b2")

    similar = card(shown(house, stranger, expert), "similar")

    assert "Similar cases to count: 2. That is too few" in similar
    assert "median" not in similar


def test_the_nearest_opposite_stands_once_with_what_sets_it_apart(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    for name in ("a3", "b3", "c3"):
        remember(house, name)
    remember(house, "d3", REFUSED, amount="5000.00", facts=(("licence_plate", "ZZ-999-Z"),))

    similar = card(shown(house, stranger, expert), "similar")

    assert similar.count("P-d3</a>") == 1
    assert similar.count("Nearest case that ended otherwise") == 1
    assert "not known here, €5,000.00 there" in similar
    assert "ZZ-999-Z" not in similar


def test_a_case_that_waits_for_an_own_judgement_or_went_on_is_neither_shown_nor_counted(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    for name in ("a4", "b4", "c4"):
        remember(house, name)
    remember_drawn(house, "d4")
    reference = report(stranger)["reference"]
    drain(house)
    named = orjson.loads(expert.get(f"/api/cases/{reference}/decision-file").content)["similar"]
    with house.database.writing() as store:
        store.append("case-b4", [(e.CaseReopened("m-1"), CUSTOMER)], at=house.now())

    similar = card(expert.get(f"/cases/{reference}").text, "similar")

    assert {one["reference"] for one in named} == {"P-a4", "P-b4", "P-c4", "P-d4"}
    assert "P-b4" not in similar
    assert "P-d4" not in similar
    assert "P-a4" in similar
    assert "Similar cases to count: 2." in similar


def test_a_case_that_is_judged_blind_is_not_told_how_the_others_ended(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    for name in ("a5", "b5", "c5"):
        remember(house, name)
    reference = report(stranger)["reference"]
    drain(house)
    with house.database.writing() as store:
        id_ = store.case_id(reference)
        read = store.case(id_).step
        assert read is not None
        stated = e.FactStated(Fact("amount", "412.50", 1.0, (Person("noor"),)), "noor")
        shadowed = replace(read, shadow=True)
        store.append(id_, [(shadowed, MACHINE), (stated, Actor("person", "noor"))], at=house.now())

    similar = card(expert.get(f"/cases/{reference}").text, "similar")

    assert "P-a5" in similar
    assert "ended in" not in similar


def test_an_amount_here_is_told_beside_the_one_there(house: House, stranger: TestClient, expert: TestClient) -> None:
    for name in ("a6", "b6", "c6"):
        remember(house, name)
    remember(house, "d6", REFUSED, amount="5000.00")
    reference = report(stranger)["reference"]
    drain(house)
    with house.database.writing() as store:
        stated = e.FactStated(Fact("amount", "412.50", 1.0, (Person("noor"),)), "noor")
        store.append(store.case_id(reference), [(stated, Actor("person", "noor"))], at=house.now())

    similar = card(expert.get(f"/cases/{reference}").text, "similar")

    assert "€412.50 here, €5,000.00 there" in similar
