"""The switch that stops a topic from closing by itself."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from queue_house import filled_house, signed_in
from web_house import Clock, form_token_of

from cases import events as e
from cases.store.certificates import Certificate
from cases.vocabulary import SYSTEM
from pipelines.house import House
from pipelines.model_log import STREAM

TOPIC = {"journey": "motor_claim", "topic": "windscreen"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with filled_house(tmp_path, clock=Clock()) as built:
        with built.database.writing() as store:
            store.certificates.put(certificate(built.now()))
        yield built


def test_one_click_with_a_reason_shuts_a_topic_at_once_and_is_kept(house: House) -> None:
    with signed_in(house, "anouk") as client:
        assert press(client, "/shut-off", why="three wrong in a row") == 303

    with house.database.reading() as store:
        last = store.history(STREAM)[-1]
        assert store.certificates.open("motor_claim", "windscreen") == []
    assert last.event == e.TopicShut("motor_claim", "windscreen", "anouk", "three wrong in a row")
    assert str(last.actor) == "person:anouk"


def test_what_a_person_shut_can_be_opened_again_and_a_reason_is_asked(house: House) -> None:
    with signed_in(house, "anouk") as client:
        assert press(client, "/shut-off", why=" ") == 409
        press(client, "/shut-off", why="to be sure")
        assert "to be sure" in client.get("/shut-off").text
        assert press(client, "/shut-off/reopen", why="looked at them") == 303

    with house.database.reading() as store:
        assert len(store.certificates.open("motor_claim", "windscreen")) == 1


def test_what_audits_shut_is_not_opened_by_a_click(house: House) -> None:
    with house.database.writing() as store:
        store.certificates.shut("motor_claim", "windscreen", at=house.now(), because="audits: too many errors")
        shut = e.TopicShut("motor_claim", "windscreen", "audits", "too many errors")
        store.append(STREAM, [(shut, SYSTEM)], at=house.now())

    with signed_in(house, "anouk") as client:
        assert press(client, "/shut-off/reopen", why="please") == 409

    with house.database.reading() as store:
        assert store.certificates.open("motor_claim", "windscreen") == []


def test_topics_of_another_line_of_business_are_no_topics(house: House) -> None:
    with signed_in(house, "sam") as client:
        assert "windscreen" not in client.get("/shut-off").text
        assert press(client, "/shut-off", why="not mine") == 404

    with house.database.reading() as store:
        assert len(store.certificates.open("motor_claim", "windscreen")) == 1


def press(client: TestClient, path: str, *, why: str) -> int:
    fields = {"csrf": form_token_of(client.get("/shut-off").text), "why": why, **TOPIC}
    return client.post(path, data=fields).status_code


def certificate(at: datetime) -> Certificate:
    return Certificate(
        "motor_claim.windscreen.1", "motor_claim", "windscreen", 0.9, 0.01, 0.05, 1, "m" * 64, "r" * 64, at
    )
