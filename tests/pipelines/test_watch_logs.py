"""Whatever is logged, at whatever level and whatever fails: nothing that a customer wrote, is called or lives at."""

import base64
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from pipelines.house import House
from pipelines.ports import LetterUndeliverable
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.watching.logs import configure_logs, log_uncaught
from tests.pipelines.given import Clock, by_form, by_mail, mail, photo

NAME, ADDRESS, SUBJECT = "Kanarie Goudvink", "kanarie.goudvink@example.org", "Onderwerp Zilvermeeuw"
TEXT = "Mijn voorruit heeft een ster; ik woon aan de Pimpelmeesweg 3. Mijn kenteken is 79-KXF-6."
CANARIES = ("kanarie", "goudvink", "zilvermeeuw", "pimpelmees", "79-kxf", "ooievaar")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, at debug level, as a server logs it; as it was afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)  # a server of an earlier test may have raised it
    kept = io.StringIO()
    configure_logs("debug", to=kept)
    yield kept
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level
    logging.getLogger("uvicorn.access").disabled = False
    structlog.configure(**before)


def read(kept: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in kept.getvalue().splitlines()]


def assert_no_canary(kept: io.StringIO) -> None:
    said = kept.getvalue().casefold()
    assert [word for word in CANARIES if word in said] == []


def sent(house: House) -> None:
    by_form(house, TEXT, sender=ADDRESS, name=NAME, subject=SUBJECT, files=[("ooievaar.jpg", photo())])
    by_mail(house, mail(TEXT, sender=f"{NAME} <{ADDRESS}>", subject=SUBJECT))


def test_a_message_is_taken_in_and_worked_on_without_a_word_of_it(house: House, lines: io.StringIO) -> None:
    sent(house)

    drain(house)

    assert_no_canary(lines)


def test_a_message_over_the_web_leaves_its_template_and_nothing_else(house: House, lines: io.StringIO) -> None:
    with TestClient(create_app(house)) as client:
        opened = client.post("/api/messages", files={"sender": (None, ADDRESS), "name": (None, NAME),
                             "subject": (None, SUBJECT), "text": (None, TEXT)}).json()  # fmt: skip
        token = opened["tracking_url"].rpartition("/")[2]
        answer = client.get(f"/t/{token}")
        client.get(f"/api/cases?q={ADDRESS}")
        client.post("/api/messages", content=TEXT.encode(), headers={"Content-Type": "text/kanarie"})

    found = [line for line in read(lines) if line["event"] == "http"]
    assert_no_canary(lines)
    assert token[:20] not in lines.getvalue()
    assert [line["route"] for line in found[:2]] == ["/api/messages", "/t/{token}"]
    assert found[0].keys() == {"event", "level", "timestamp", "method", "route", "status", "ms", "request"}
    assert len({line["request"] for line in found}) == len(found)
    assert answer.headers["x-request-id"] in {line["request"] for line in found}


def test_a_file_sent_ahead_leaves_neither_its_name_nor_the_link_in_the_log(house: House, lines: io.StringIO) -> None:
    with TestClient(create_app(house)) as client:
        opened = client.post("/api/messages", files={"sender": (None, ADDRESS), "text": (None, TEXT)}).json()
        token = opened["tracking_url"].rpartition("/")[2]
        name = base64.b64encode(NAME.encode()).decode()
        upload = {"Upload-Length": "4", "Upload-Metadata": f"filename {name}"}
        url = client.post(f"/t/{token}/uploads", headers=upload).json()["url"]
        client.put(url, content=b"file")
        typed = {"text": TEXT, "opened_at": "2026-11-22T12:00:00Z"}
        client.put(f"/t/{token}/drafts/messages", json=typed)
        client.put(f"/t/{token}/drafts/messages", json={"text": TEXT})

    assert_no_canary(lines)
    assert token[:20] not in lines.getvalue()
    assert url.rpartition("/")[2][:20] not in lines.getvalue()
    assert {line["route"] for line in read(lines) if line["event"] == "http"} >= {
        "/t/{token}/uploads", "/api/uploads/{upload_id}", "/t/{token}/drafts/{form}",
    }  # fmt: skip


def broken(_: object, __: object) -> Any:
    try:
        {}[TEXT]
    except KeyError as error:
        raise ValueError(f"{NAME} at {ADDRESS} wrote {SUBJECT}") from error


def test_work_that_fails_over_a_customers_words_is_logged_without_them(
    house: House, clock: Clock, lines: io.StringIO
) -> None:
    sent(house)

    for _ in range(house.settings.attempts):
        advance(house, stages=dict.fromkeys(STAGES, broken))
        clock.forward(minutes=1)

    assert_no_canary(lines)
    events = {line["event"] for line in read(lines)}
    assert {"work.failed", "work.parked"} <= events


class Refusing:
    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:
        raise LetterUndeliverable(f"no such address: {mail['To']}")

    def close(self) -> None:
        """Nothing is held open."""


def test_a_letter_that_is_refused_is_logged_without_its_address(house: House, lines: io.StringIO) -> None:
    refusing = replace(house, post=Refusing())
    sent(refusing)

    drain(refusing)

    assert_no_canary(lines)


def test_an_unexpected_error_of_the_web_is_logged_by_class_and_place(house: House, lines: io.StringIO) -> None:
    app = create_app(house)
    app.add_api_route("/api/broken", lambda: broken(None, None))
    client = TestClient(app, raise_server_exceptions=False)

    answer = client.get("/api/broken")

    failed = next(line for line in read(lines) if line["event"] == "http.failed")
    assert answer.status_code == 500
    assert_no_canary(lines)
    assert failed["error"] == "ValueError < KeyError"
    assert any("test_watch_logs.py" in place and place.endswith(" broken") for place in failed["where"])


def test_libraries_log_where_and_how_bad_and_no_values(lines: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").warning("INSERT %s", TEXT)
    logging.getLogger("somebody.else").error(f"could not read {TEXT}")  # noqa: G004  # as libraries do
    logging.getLogger("uvicorn.error").info("Started server process [%d] %s", 17, NAME)
    logging.getLogger("somebody.else").info(TEXT)
    warnings.warn(TEXT, stacklevel=1)
    try:
        broken(None, None)
    except ValueError:
        logging.getLogger("celery.worker").exception("Task %(name)s raised: %(exc)s", {"name": "x", "exc": TEXT})

    said = read(lines)
    assert_no_canary(lines)
    assert [line.get("template") for line in said] == [
        None, None, "Started server process [%d] %s", None, "Task %(name)s raised: %(exc)s",
    ]  # fmt: skip
    assert [line["level"] for line in said] == ["warning", "error", "info", "warning", "error"]
    assert said[-1]["error"] == "ValueError < KeyError"


def test_what_ends_a_thread_or_the_process_is_a_line_too(lines: io.StringIO) -> None:
    hooks = sys.excepthook, threading.excepthook
    log_uncaught()
    try:
        thread = threading.Thread(target=broken, args=(None, None))
        thread.start()
        thread.join()
        try:
            broken(None, None)
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.excepthook, threading.excepthook = hooks

    assert_no_canary(lines)
    assert [line["event"] for line in read(lines)] == ["thread.died", "process.died"]
    assert {line["error"] for line in read(lines)} == {"ValueError < KeyError"}


def test_an_error_that_is_logged_says_nothing_of_its_machine(lines: io.StringIO) -> None:
    try:
        broken(None, None)
    except ValueError:
        structlog.get_logger().exception("something.failed")

    (line,) = read(lines)
    assert_no_canary(lines)
    assert all(place.count("/") <= 1 for place in line["where"])
