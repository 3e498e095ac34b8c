"""/healthz, /readyz and /metrics: who may read what, and that looking is cheap and never waits for long."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from cases.store.away import DatabaseAway, Trouble
from cases.store.blobs import BlobsAway
from pipelines.house import House
from pipelines.watching.away import Part
from pipelines.watching.probes import Found, Probe, State
from pipelines.watching.readiness import Readiness

LOOPBACK = ("127.0.0.1", 4711)


@pytest.fixture
def here(house: House) -> TestClient:
    """A caller on the server's own machine."""
    return TestClient(create_app(house), client=LOOPBACK, raise_server_exceptions=False)


def token(house: House, *scopes: str) -> dict[str, str]:
    name = f"program {'-'.join(scopes)}"
    with house.database.writing() as store:
        if store.people.token(name, now=house.now()) is None:
            store.people.add_token(name, name, scopes, at=house.now())
    return {"Authorization": f"Bearer {name}"}


def answering(part: Part = Part.MAIL, state: State = State.READY, *, every: float = 0) -> Probe:
    return Probe(part, lambda _: Found(part, state, "looked"), every, State.DEGRADED, "see to it")


def test_healthz_asks_nobody(house: House, tmp_path: Path) -> None:
    app = create_app(house)
    app.state.house = app.state.watching = None

    answer = TestClient(app).get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_strangers_read_only_that_it_is_ready(stranger: TestClient) -> None:
    answer = stranger.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_a_caller_on_the_machine_reads_every_part(here: TestClient) -> None:
    answer = here.get("/readyz")

    assert answer.status_code == 200
    assert set(answer.json()["parts"]) == set(Part)
    assert answer.json()["parts"]["database"]["state"] == "ready"


def test_a_token_with_the_scope_reads_every_part(house: House, stranger: TestClient) -> None:
    assert set(stranger.get("/readyz", headers=token(house, "metrics:read")).json()["parts"]) == set(Part)
    assert stranger.get("/readyz", headers=token(house, "cases:read")).json() == {"status": "ready"}
    assert stranger.get("/readyz", headers={"Authorization": "Bearer nonsense"}).json() == {"status": "ready"}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_who_comes_by_a_proxy_on_the_machine_is_a_stranger(here: TestClient, header: str) -> None:
    assert here.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401
    assert here.get("/readyz", headers={header: "127.0.0.1"}).json() == {"status": "ready"}


def test_a_stranger_stays_one_whatever_its_headers_claim(stranger: TestClient) -> None:
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1", "Host": "localhost"}).status_code == 401


def test_the_leave_of_callers_on_the_machine_can_be_switched_off(house: House) -> None:
    closed = replace(house, settings=house.settings.model_copy(update={"watch_from_loopback": False}))

    with TestClient(create_app(closed), client=LOOPBACK) as here:
        assert here.get("/metrics").status_code == 401
        assert here.get("/metrics", headers=token(house, "metrics:read")).status_code == 200
        assert here.get("/metrics", headers=token(house, "cases:read")).status_code == 403


def test_requests_are_told_by_template_and_never_by_path(here: TestClient) -> None:
    here.get("/t/a-token-that-opens-a-case")
    here.get("/api/cases/C-2026-000001?q=fatima")
    here.request("FATIMA", "/healthz")

    text = here.get("/metrics").text

    assert 'route="/t/{token}"' in text
    assert 'route="/api/cases/{reference}"' in text
    assert 'method="OTHER"' in text
    assert not any(word in text for word in ("a-token-that", "C-2026", "fatima", "FATIMA"))


def test_messages_taken_in_are_counted_by_channel(here: TestClient) -> None:
    before = value(here.get("/metrics").text, 'casewright_messages_accepted_total{channel="webform"}')

    sent = here.post("/api/messages", files={"text": (None, "Mijn ruit is stuk"), "sender": (None, "a@example.org")})
    here.app.state.house.counters.write()  # type: ignore[attr-defined]
    fresh = TestClient(create_app(here.app.state.house), client=LOOPBACK)  # type: ignore[attr-defined]

    assert sent.status_code == 202
    after = fresh.get("/metrics").text
    assert value(after, 'casewright_messages_accepted_total{channel="webform"}') == before + 1
    assert value(after, 'casewright_waiting_work{stage="read"}') >= 1


def value(text: str, sample: str) -> float:
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{sample} "))


def test_the_worst_part_decides(house: House) -> None:
    one, two = answering(), answering(Part.BLOBS, State.DEGRADED)

    assert Readiness(house, probes=[one]).look().state is State.READY
    assert Readiness(house, probes=[one, two]).look().state is State.DEGRADED
    assert Readiness(house, probes=[answering(Part.DISK, State.NOT_READY), two]).look().state is State.NOT_READY


def test_a_probe_is_asked_again_only_after_its_time(house: House) -> None:
    asked, time = [], [100.0]
    probe = Probe(Part.MAIL, lambda _: asked.append(1) or Found(Part.MAIL, State.READY, ""), 15, State.DEGRADED, "")
    readiness = Readiness(house, probes=[probe], clock=lambda: time[0])

    for moment in (100.0, 114.9, 115.0):
        time[0] = moment
        readiness.look()

    assert len(asked) == 2


def test_a_probe_that_hangs_is_told_as_silent_and_not_started_again(house: House) -> None:
    let_go, asked = threading.Event(), []

    def hang(_: House) -> Found:
        asked.append(1)
        let_go.wait()
        return Found(Part.DATABASE, State.READY, "at last")

    readiness = Readiness(
        house, probes=[Probe(Part.DATABASE, hang, 0, State.NOT_READY, "see it"), answering()], patience=0.05
    )
    try:
        first, second = readiness.look(), readiness.look()
    finally:
        let_go.set()

    assert [one.state for one in first.parts] == [State.NOT_READY, State.READY]
    assert (first.parts[0].says, first.parts[0].mend) == ("no answer within 0.05 s", "see it")
    assert second.state is State.NOT_READY
    assert len(asked) == 1


def test_a_probe_that_fails_tells_the_class_of_the_error_and_none_of_its_words(house: House) -> None:
    def fail(_: House) -> Found:
        raise ConnectionRefusedError("postgres://somebody:secret@host")

    report = Readiness(house, probes=[Probe(Part.BROKER, fail, 0, State.DEGRADED, "see it")]).look()

    assert report.parts[0] == Found(Part.BROKER, State.DEGRADED, "it failed: ConnectionRefusedError", "see it")


@pytest.mark.parametrize(("error", "says"), [
    (DatabaseAway(Trouble.READ_ONLY), "the database is read only"),
    (BlobsAway("No space left on device"), "No space left on device"),
])  # fmt: skip
def test_a_part_that_we_know_to_be_away_is_told_in_words(house: House, error: Exception, says: str) -> None:
    def fail(_: House) -> Found:
        raise error

    report = Readiness(house, probes=[Probe(Part.BLOBS, fail, 0, State.NOT_READY, "see it")]).look()

    assert report.parts[0] == Found(Part.BLOBS, State.NOT_READY, says, "see it")


def test_a_broker_that_is_away_degrades_and_tells_that_messages_are_kept(house: House) -> None:
    lost = replace(house, settings=house.settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"}))

    [found] = [one for one in Readiness(lost).look().parts if one.part is Part.BROKER]

    assert found.state is State.DEGRADED
    assert found.mend == "start the broker; messages are kept, and their work goes on when it is back"
