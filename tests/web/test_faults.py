"""Parts that are away, full or read-only: nothing is acknowledged that is not stored, and it goes on by itself."""

import dataclasses
import resource
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from moto.server import ThreadedMotoServer
from sqlalchemy import event
from sqlalchemy.engine import Engine

from api.app import create_app
from configs.settings import Settings
from pipelines.house import House
from pipelines.watching.readiness import Readiness
from pipelines.wiring import opened
from tests.homes import HOMES
from tests.homes import settings as settings_of
from tests.servers import POSTGRES_BIN, Postgres, free_port

FILES: Any = {"sender": (None, "fatima@example.org"), "text": (None, "Er zit een ster in mijn voorruit.")}

on_sqlite = pytest.mark.skipif(HOMES.on_postgresql, reason="about the file of SQLite")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def own(home: Path, trained: Path) -> Iterator[House]:
    """A house of this test alone, since its parts are taken away."""
    with opened(settings_of(home, models=trained)) as house:
        yield house


def caller(house: House) -> TestClient:
    """On the machine itself; every look at a part is a new one."""
    app = create_app(house)
    app.state.watching.readiness = Readiness(house, every=0)
    return TestClient(app, client=("127.0.0.1", 4711), raise_server_exceptions=False)


def send(client: TestClient, key: str = "once") -> Any:
    return client.post("/api/messages", files=FILES, headers={"Idempotency-Key": key})


def stored(house: House) -> int:
    with house.database.reading() as store:
        return len(store.case_ids())


def assert_told_to_come_back(answer: Any) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert "Idempotency-Key" in answer.json()["detail"]


def parts(client: TestClient) -> dict[str, str]:
    return {name: part["state"] for name, part in client.get("/readyz").json()["parts"].items()}


@on_sqlite
def test_a_full_disk_under_the_database_is_told_and_goes_on_by_itself(own: House) -> None:
    client = caller(own)

    with full_disk(4096):  # enough for what was sent, and for no page of the database
        refused, ready, alive = send(client), client.get("/readyz"), client.get("/healthz")
    kept = stored(own)

    assert_told_to_come_back(refused)
    assert (ready.status_code, alive.status_code, kept) == (503, 200, 0)
    assert ready.json()["parts"]["writing"]["says"] == "the database is full"
    assert "make room" in ready.json()["parts"]["writing"]["mend"]
    assert (send(client).status_code, stored(own)) == (202, 1)
    assert client.get("/readyz").status_code == 200


def test_a_disk_too_full_for_the_message_itself_is_told_and_leaves_nothing(own: House, home: Path) -> None:
    client = caller(own)

    with full_disk(16):
        refused = send(client)
    left = [path for path in (home / "blobs").rglob("*") if path.is_file()]

    assert_told_to_come_back(refused)
    assert (stored(own), left) == (0, [])
    assert send(client).status_code == 202


@on_sqlite
def test_of_messages_sent_while_the_disk_fills_up_exactly_those_acknowledged_are_stored(own: House) -> None:
    client, answers = caller(own), []

    with limited_pages():
        own.database.close()  # connections that are open keep their limit
        while not answers or answers[-1] == 202:
            answers.append(send(client, f"key {len(answers)}").status_code)
    own.database.close()

    assert answers[-1] == 503
    assert stored(own) == answers.count(202)
    assert send(client, f"key {len(answers) - 1}").status_code == 202


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file of this process may grow over so many bytes: the system refuses, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def limited_pages() -> Iterator[None]:
    """New connections to SQLite may not make their file any larger."""

    def limit(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA max_page_count=1")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


@on_sqlite
def test_a_database_that_became_read_only_is_told_and_goes_on_by_itself(own: House) -> None:
    client = caller(own)

    with read_only():
        own.database.close()
        refused, ready, page = send(client), client.get("/readyz"), client.get("/healthz")
    own.database.close()

    assert_told_to_come_back(refused)
    assert ready.status_code == 503
    assert ready.json()["parts"]["writing"]["says"] == "the database is read only"
    assert (ready.json()["parts"]["database"]["state"], page.status_code) == ("ready", 200)
    assert (send(client).status_code, stored(own)) == (202, 1)


@contextmanager
def read_only() -> Iterator[None]:
    """New connections to SQLite refuse to write, as over a file or mount that may only be read."""

    def open_read_only(dialect: Any, _: object, places: list[Any], options: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            places[0] = f"file:{places[0]}?mode=ro"
            options["uri"] = True

    event.listen(Engine, "do_connect", open_read_only)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", open_read_only)


def test_a_blob_store_that_is_away_is_told_and_goes_on_by_itself(own: House, home: Path) -> None:
    client, blobs, aside = caller(own), home / "blobs", home / "aside"
    blobs.rename(aside)
    blobs.write_text("a file in place of the folder")

    refused, ready = send(client), client.get("/readyz")
    kept = stored(own)
    blobs.unlink()
    aside.rename(blobs)

    assert_told_to_come_back(refused)
    assert (ready.status_code, ready.json()["parts"]["blobs"]["state"]) == (503, "not_ready")
    assert ready.json()["parts"]["blobs"]["mend"]
    assert kept == 0
    assert (send(client).status_code, stored(own)) == (202, 1)
    assert client.get("/readyz").status_code == 200


def test_strangers_do_not_read_which_part_is_away(own: House, home: Path) -> None:
    shutil.rmtree(home / "blobs")
    (home / "blobs").write_text("a file in place of the folder")
    stranger = TestClient(create_app(own), raise_server_exceptions=False)

    answer = stranger.get("/readyz")

    assert answer.status_code == 503
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert int(answer.headers["retry-after"]) > 0


def test_a_page_says_in_the_readers_language_that_it_is_not_available(own: House, home: Path) -> None:
    client = caller(own)
    link = send(client).json()["tracking_url"].rpartition("/")[2]
    (home / "blobs").rename(home / "aside")
    (home / "blobs").write_text("a file in place of the folder")

    page = client.post(f"/t/{link}/messages", files={"text": (None, "Nog iets")}, headers={"Accept-Language": "nl"})

    assert page.status_code == 503
    assert "Even niet bereikbaar" in page.text


def test_a_mail_server_that_is_away_lets_letters_wait_and_messages_in(home: Path, trained: Path) -> None:
    away = f"smtp://127.0.0.1:{free_port()}"
    with opened(settings_of(home, models=trained, smtp_url=away)) as house:
        client = caller(house)

        ready, sent = client.get("/readyz"), send(client)

    assert (ready.status_code, ready.json()["state"]) == (200, "degraded")
    assert ready.json()["parts"]["mail"]["state"] == "degraded"
    assert sent.status_code == 202


def test_a_mail_server_that_accepts_and_says_nothing_costs_no_more_than_the_patience(home: Path, trained: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"smtp://127.0.0.1:{mute.getsockname()[1]}"
        with opened(settings_of(home, models=trained, smtp_url=url)) as house:
            found = parts(caller(house))

    assert found["mail"] == "degraded"
    assert found["database"] == "ready"


def test_a_broker_that_is_away_leaves_it_degraded(own: House) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    away = dataclasses.replace(own, settings=own.settings.model_copy(update={"broker_url": url}))

    assert parts(caller(away))["broker"] == "degraded"


def test_damaged_and_missing_models_are_named(home: Path, trained: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(trained, tmp_path / "mine"))
    damaged = next((mine / "text" / "motor_claim").glob("*/terms.json"))
    damaged.write_text(damaged.read_text() + " ")
    shutil.rmtree(mine / "alarm")
    for folder in (mine / "text" / "complaint").glob("*/model.json"):
        folder.unlink()
    with opened(settings_of(home, models=mine)) as house:
        client = caller(house)

        said = client.get("/readyz").json()["parts"]["models"]
        sent = send(client)

    assert said["state"] == "degraded"
    assert "text/motor_claim is damaged" in said["says"]
    assert "alarm/danger is not trained yet" in said["says"]
    assert "text/complaint has files missing" in said["says"]
    assert "home_repair" not in said["says"]
    assert sent.status_code == 202


def test_little_room_is_told_before_there_is_none(own: House) -> None:
    def with_least(megabytes: int) -> House:
        return dataclasses.replace(own, settings=own.settings.model_copy(update={"least_free_mb": megabytes}))

    assert parts(caller(with_least(10**9)))["disk"] == "degraded"
    assert parts(caller(with_least(0)))["disk"] == "ready"


def test_work_that_waits_too_long_is_told(own: House) -> None:
    client = caller(own)
    send(client)
    later = own.now() + timedelta(seconds=own.settings.waiting_seconds + 1)
    slow = dataclasses.replace(own, now=lambda: later)

    assert parts(caller(own))["queue"] == "ready"
    assert parts(caller(slow))["queue"] == "degraded"


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES_BIN is None, reason="PostgreSQL is not installed: apt-get install postgresql")
def test_a_database_server_that_is_killed_is_told_and_used_again_when_it_is_back(home: Path, trained: Path) -> None:
    with (
        Postgres(durable=True) as server,
        opened(Settings(home=home, models=trained, database_url=server.url())) as house,
    ):
        client = caller(house)
        first = send(client, "first")

        server.kill()
        refused, ready, alive = send(client, "second"), client.get("/readyz"), client.get("/healthz")
        metrics = client.get("/metrics")
        server.start()
        again = send(client, "second")

        assert (first.status_code, again.status_code, alive.status_code) == (202, 202, 200)
        assert_told_to_come_back(refused)
        assert ready.status_code == 503
        assert ready.json()["parts"]["database"]["state"] == "not_ready"
        assert ready.json()["parts"]["journeys"]["state"] == "ready"
        assert "casewright_ready 0.0" in metrics.text
        assert stored(house) == 2
        assert parts(client)["database"] == "ready"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedMotoServer]:
    """A store that speaks S3, with a bucket; found by the variables that every program for S3 reads."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    for name, value in {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "eu-west-1",
                        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    httpx.put(f"http://127.0.0.1:{port}/files").raise_for_status()
    yield server
    server.stop()


def test_a_store_of_objects_that_is_stopped_is_told_and_used_again_when_it_is_back(
    home: Path, trained: Path, s3: ThreadedMotoServer
) -> None:
    with opened(settings_of(home, models=trained, blob_url="s3://files/cases")) as house:
        client = caller(house)
        first = send(client, "first")

        s3.stop()
        refused, ready = send(client, "second"), client.get("/readyz")
        s3.start()
        again = send(client, "second")

        assert (first.status_code, again.status_code, stored(house)) == (202, 202, 2)
        assert_told_to_come_back(refused)
        assert (ready.status_code, ready.json()["parts"]["blobs"]["state"]) == (503, "not_ready")
        assert parts(client)["blobs"] == "ready"
