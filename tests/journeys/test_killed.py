"""kill -9 of the real server at random moments, while messages with photos are offered to it."""

import io
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw

from cases import events as e
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.homes import environment, settings

pytestmark = pytest.mark.once
MESSAGES = 120
DRILL_MESSAGES = 500
ATTEMPTS = "20"  # killed at random, one message may be at hand each time: it is not the culprit


def picture(number: int) -> bytes:
    """A drawing of its own for each message, sharp enough to be used."""
    dice = random.Random(number)
    image = Image.new("RGB", (320, 240), (200, 210, 220))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        corner = (dice.randrange(320), dice.randrange(240), dice.randrange(320), dice.randrange(240))
        draw.line(corner, fill=tuple(dice.randrange(256) for _ in range(3)), width=3)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


class Server:
    """`casewright serve` as a process that can be killed and started again."""

    def __init__(self, home: Path, models: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **environment(settings(home, models=models)),
            "CASEWRIGHT_ANONYMOUS_PER_MINUTE": "1000000",
            "CASEWRIGHT_LEASE_SECONDS": "5",
            "CASEWRIGHT_ATTEMPTS": ATTEMPTS,
            "CASEWRIGHT_PUBLIC_URL": self.url,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "api", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=self._environment, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the server did not start within a minute")

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.kills += 1

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)


def offer(server: Server, number: int) -> dict[str, object]:
    """Send one message until it is acknowledged, always under the same key."""
    fields = {
        "sender": f"customer{number}@example.org",
        "journey": "motor_claim",
        "language": "nl",
        "text": f"Goedemiddag, een steentje raakte gisteren mijn voorruit op de A{number}. Er zit een ster in.",
    }
    request = httpx.Request("POST", f"{server.url}/api/messages", data=fields,
                            files=[("photos", (f"ruit{number}.jpg", picture(number), "image/jpeg"))])  # fmt: skip
    body, kind = request.read(), request.headers["content-type"]
    headers = {"content-type": kind, "idempotency-key": f"message-{number}"}
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            answer = httpx.post(f"{server.url}/api/messages", content=body, headers=headers, timeout=20)
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 202:
            return answer.json()
        assert answer.status_code < 500, answer.text
        time.sleep(0.1)
    raise AssertionError(f"message {number} was never acknowledged")


def keep_killing(server: Server, over: threading.Event, dice: random.Random) -> None:
    while not over.wait(dice.uniform(0.4, 2.5)):
        server.kill()
        server.start()


def kill_while_offering(home: Path, models: Path, messages: int) -> None:
    server = Server(home, models)
    server.start()
    over = threading.Event()
    killer = threading.Thread(target=keep_killing, args=(server, over, random.Random(7)))
    killer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda number: offer(server, number), range(messages)))
    finally:
        over.set()
        killer.join()
        server.kill()

    assert server.kills >= 2
    assert_nothing_lost_or_doubled(home, models, answers)


def assert_nothing_lost_or_doubled(home: Path, models: Path, answers: list[dict[str, object]]) -> None:
    references = [str(answer["reference"]) for answer in answers]
    assert len(set(references)) == len(references), "an acknowledged message opened two cases, or two share one"
    with opened(settings(home, models=models, lease_seconds=5)) as house:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            drain(house)
            with house.database.reading() as store:
                if store.work.at_rest(house.now()):
                    break
            time.sleep(0.5)
        with house.database.reading() as store:
            assert store.work.waiting() == []
            assert sorted(store.case(case_id).reference for case_id in store.case_ids()) == sorted(references)
            for answer in answers:
                case_id = store.case_id(str(answer["reference"]))
                entries = store.history(case_id)
                kinds = Counter(entry.event.kind for entry in entries)
                assert kinds["message_added"] == kinds["understood"] == kinds["step_decided"] == 1, kinds
                letters = [entry.event.letter for entry in entries if isinstance(entry.event, e.LetterWritten)]
                assert len(letters) == len(set(letters)) == kinds["letter_sent"], letters
                [offered] = answer["files"]
                [kept] = store.case(case_id).files
                assert kept.sha256 == offered["sha256"]
                assert house.blobs.has(case_id, kept.sha256)
            letters_out = list((home / "outbox").rglob("*.eml"))
            assert len(letters_out) == len({letter.name for letter in letters_out})
            assert store.verify_all() == []


@pytest.mark.timeout(600)
def test_every_acknowledged_message_is_exactly_one_case_however_often_the_server_is_killed(
    tmp_path: Path, trained: Path
) -> None:
    kill_while_offering(tmp_path, trained, MESSAGES)


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_five_hundred_messages_survive_a_killed_server(tmp_path: Path, trained: Path) -> None:
    kill_while_offering(tmp_path, trained, DRILL_MESSAGES)
