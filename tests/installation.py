"""A whole installation past one machine, on this one: web, worker and timers as processes, over real servers."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from email import message_from_bytes
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from configs.settings import Settings
from pipelines.wiring import opened
from tests.servers import Postgres, RabbitMq, Redis, answers, free_port, wait_until


class Program:
    """One of our processes with all its children, as systemd or Kubernetes would start it again."""

    def __init__(self, *arguments: str, environment: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", "api", *arguments]
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self._process is not None
        doomed = [psutil.Process(self._process.pid)]
        with suppress(psutil.NoSuchProcess):
            doomed += doomed[0].children(recursive=True)
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def keep_running(self) -> None:
        """It may have ended by itself, for example when the database was away while it started."""
        if self._process is not None and self._process.poll() is not None:
            self.start()


class Postbox:
    """A real SMTP server that keeps (Message-ID, letter) of everything it took."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        mail = message_from_bytes(bytes(envelope.content or b""))
        self.taken.append(str(mail["Message-ID"]))
        return "250 kept"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"


class Far:
    """A whole installation past one machine, on this one."""

    def __init__(
        self, home: Path, models: Path, broker: RabbitMq | Redis, postgres: Postgres, postbox: Postbox
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.settings = Settings(
            home=home, models=models, database_url=postgres.url("casewright"), broker_url=broker.url(),
            smtp_url=postbox.url, lease_seconds=5, public_url=self.url, anonymous_per_minute=1_000_000,
        )  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **_variables(self.settings)}
        logs = home.parent
        self.web = Program("serve", "--port", str(port), environment=environment, log=logs / "web.log")
        self.worker = Program("worker", "-c", "2", environment=environment, log=logs / "worker.log")
        self.timers = Program("timers", environment=environment, log=logs / "timers.log")
        self.broker, self.postgres = broker, postgres
        self.ours = (self.web, self.worker, self.timers)

    def start(self) -> None:
        for program in self.ours:
            program.start()

    def kill(self) -> None:
        for program in self.ours:
            program.kill()

    def wipe_broker(self) -> None:
        """All its queues and messages are gone, as after a disk was lost."""
        self.broker.kill()
        for name in ("mnesia", "appendonlydir"):
            shutil.rmtree(self.broker.folder / name, ignore_errors=True)
        self.broker.start()


def _variables(settings: Settings) -> dict[str, str]:
    names = ("home", "models", "database_url", "broker_url", "smtp_url", "lease_seconds", "public_url",
             "anonymous_per_minute")  # fmt: skip
    return {f"CASEWRIGHT_{name.upper()}": str(getattr(settings, name)) for name in names}


@contextmanager
def far_installation(home: Path, models: Path, broker: RabbitMq | Redis) -> Iterator[tuple[Far, Postbox]]:
    """Started, and answering."""
    home.mkdir(parents=True)
    with ExitStack() as stack:
        stack.enter_context(broker)
        postgres = stack.enter_context(Postgres(durable=True))
        postbox = stack.enter_context(Postbox())
        postgres.run(["createdb", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "casewright", "casewright"])
        installation = Far(home, models, broker, postgres, postbox)
        with opened(installation.settings):  # its tables
            pass
        stack.callback(installation.kill)
        installation.start()
        wait_until(lambda: answers(int(installation.url.rpartition(":")[2])), "the web does not answer")
        yield installation, postbox


def form(number: int, picture: bytes | None) -> tuple[str, bytes]:
    """Content type and body of one customer's message; no two are alike."""
    fields = {
        "sender": f"customer{number}@example.org",
        "journey": "motor_claim",
        "language": "nl",
        "text": f"Goedemiddag, een steentje raakte gisteren mijn voorruit op de A{number}. Er zit een ster in.",
    }
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
    if picture is not None:
        parts.append(("photos", (f"ruit{number}.jpg", picture, "image/jpeg")))
    request = httpx.Request("POST", "http://web/", files=parts)
    return request.headers["content-type"], request.read()


def offer(client: httpx.Client, number: int, picture: bytes | None, *, over: float) -> dict[str, Any]:
    """Send one message until it is acknowledged, always under the same key; over: when to give up (monotonic).

    client: one for all, with the web's address; a client of its own for each message (its certificates read anew)
    takes a core from the installation it is to load.
    """
    kind, body = form(number, picture)
    headers = {"content-type": kind, "idempotency-key": f"message-{number}"}
    while time.monotonic() < over:
        with suppress(httpx.HTTPError):
            answer = client.post("/api/messages", content=body, headers=headers)
            if answer.status_code == 202:
                told: dict[str, Any] = answer.json()
                return told
            assert answer.status_code in (429, 503), answer.text
        time.sleep(0.1)
    raise AssertionError(f"message {number} was never acknowledged")
