"""Who may send how much, and what happens when work piles up."""

import dataclasses
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import STORY

from api.app import create_app
from api.gate import LOOK_EVERY, MINUTE, ComeBackLater, Gate
from cases.store.people import Token
from pipelines.house import House
from pipelines.runner import drain


class Ticks:
    """A monotonic clock that tests may move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def strict(house: House, **limits: int) -> House:
    return dataclasses.replace(house, settings=house.settings.model_copy(update=limits))


def old_work(house: House, age: timedelta) -> House:
    """The same house, seen so much later that what waits has waited for that long."""
    with house.database.reading() as store:
        behind = store.work.oldest_waiting_age(house.now())
    return dataclasses.replace(house, now=lambda now=house.now: now() + age - behind)


@pytest.fixture
def backlog(house: House) -> House:
    """Something waits that nobody works on."""
    with TestClient(create_app(house)) as client:
        sent = {"sender": (None, "waiting@example.org"), "text": (None, STORY)}
        assert client.post("/api/messages", files=sent).status_code == 202
    return house


def test_one_sender_who_sends_too_much_waits_and_others_do_not(house: House) -> None:
    gate = Gate(strict(house, anonymous_per_minute=2), clock=Ticks())
    gate.let_in("198.51.100.1", program=False)
    gate.let_in("198.51.100.1", program=False)

    with pytest.raises(ComeBackLater) as refused:
        gate.let_in("198.51.100.1", program=False)
    gate.let_in("198.51.100.2", program=False)

    assert (refused.value.status, refused.value.seconds) == (429, MINUTE + 1)


def test_after_a_minute_the_share_is_whole_again(house: House) -> None:
    ticks = Ticks()
    gate = Gate(strict(house, anonymous_per_minute=1), clock=ticks)
    gate.let_in("198.51.100.1", program=False)

    ticks.now += MINUTE

    gate.let_in("198.51.100.1", program=False)


def test_a_program_has_a_share_of_its_own(house: House) -> None:
    gate = Gate(strict(house, anonymous_per_minute=1, program_per_minute=3), clock=Ticks())

    for _ in range(3):
        gate.let_in("token:mail", program=True)
    with pytest.raises(ComeBackLater, match="more than 3 messages a minute"):
        gate.let_in("token:mail", program=True)


def test_programs_wait_when_work_has_piled_up_and_people_do_not(backlog: House) -> None:
    late = old_work(backlog, timedelta(minutes=20))
    gate = Gate(late, clock=Ticks())

    gate.let_in("198.51.100.1", program=False)
    with pytest.raises(ComeBackLater) as refused:
        gate.let_in("token:mail", program=True)

    assert refused.value.status == 429
    assert 100 < refused.value.seconds <= 125


def test_nobody_is_let_in_when_it_is_hopeless(backlog: House) -> None:
    late = old_work(backlog, timedelta(hours=5))

    answer = TestClient(create_app(late)).post("/api/messages", files={"sender": (None, "a@b.nl"), "text": (None, "x")})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "300"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "same Idempotency-Key" in answer.json()["detail"]


def test_how_far_behind_is_looked_up_once_in_a_while(backlog: House) -> None:
    ticks = Ticks()
    gate = Gate(old_work(backlog, timedelta(minutes=20)), clock=ticks)
    before = gate.behind()
    drain(backlog)
    assert gate.behind() == before > timedelta()

    ticks.now += LOOK_EVERY

    assert gate.behind() == timedelta()


def test_refused_programs_lose_nothing_when_they_come_back(backlog: House) -> None:
    """The same key and body, sent again when there is room, is one message."""
    late = create_app(old_work(backlog, timedelta(minutes=20)))
    token = _token(backlog)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "gate-1"}
    sent = {"sender": (None, "again@example.org"), "text": (None, STORY)}
    refused = TestClient(late).post("/api/messages", files=sent, headers=headers)

    taken = TestClient(create_app(backlog)).post("/api/messages", files=sent, headers=headers)

    assert (refused.status_code, taken.status_code) == (429, 202)


def _token(house: House) -> str:
    with house.database.writing() as store:
        known: Token | None = store.people.token("gate-secret", now=house.now())
        if known is None:
            store.people.add_token("gate-secret", "gate", ("messages:write",), at=house.now(), expires_at=None)
    return "gate-secret"
