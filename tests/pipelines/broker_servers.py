"""Real brokers for the tests of the doorbell, one of each kind a session, and our processes beside them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from amqp.exceptions import ChannelError
from kombu import Connection

from configs.settings import Settings
from pipelines.broker import queue_name
from pipelines.doorbell import Bell
from tests.homes import environment
from tests.servers import RabbitMq, Redis, missing, wait_until

KINDS = {"redis": Redis, "rabbitmq": RabbitMq}
Broker = Redis | RabbitMq


def per_broker() -> list[object]:
    """Parameters of a fixture: each broker, skipped where it is not installed."""
    return [
        pytest.param(
            kind,
            marks=[
                pytest.mark.broker,
                pytest.mark.skipif(f"{kind}-server" in missing(), reason=f"apt-get install {kind}-server"),
            ],
        )
        for kind in KINDS
    ]


class Brokers:
    """Started at the first need; the same one for all tests of the session."""

    def __init__(self) -> None:
        self._started: dict[str, Broker] = {}

    def get(self, kind: str) -> Broker:
        if kind not in self._started:
            self._started[kind] = KINDS[kind]().__enter__()
        return self._started[kind]

    def close(self) -> None:
        for broker in self._started.values():
            broker.__exit__()


def waiting_bells(broker: Broker, bell: Bell) -> int:
    """How many of a class lie in its queue and are with nobody."""
    with Connection(broker.url()) as connection:
        try:
            return int(connection.channel().queue_declare(queue_name(bell), passive=True).message_count)
        except ChannelError:  # no such queue: nobody has rung yet, or on Redis all was answered
            return 0


def wipe(broker: Broker) -> None:
    """All queues with all that lies in them are gone, while everybody is connected."""
    with Connection(broker.url()) as connection, connection.channel() as channel:
        for bell in Bell:
            channel.queue_delete(queue_name(bell))


class Program:
    """One of our commands as a process of its own."""

    def __init__(self, settings: Settings, *arguments: str) -> None:
        told = {"BROKER_URL": settings.broker_url, "LEASE_SECONDS": settings.lease_seconds}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            env={
                **environment(settings), **{f"CASEWRIGHT_{name}": str(value) for name, value in told.items()},
                "OMP_NUM_THREADS": "1",
            },
            cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_for_children(self, number: int) -> None:
        parent = psutil.Process(self._process.pid)
        wait_until(lambda: len(parent.children()) >= number, "the worker started no processes")

    def kill(self) -> None:
        """SIGKILL to the one process that was started; its children are its own."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(timeout=60)

    def end(self) -> None:
        with suppress(psutil.NoSuchProcess):
            own = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
            for process in own:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()


@pytest.fixture(scope="session")
def brokers() -> Iterator[Brokers]:
    started = Brokers()
    yield started
    started.close()


@pytest.fixture(params=per_broker())
def broker(request: pytest.FixtureRequest, brokers: Brokers) -> Broker:
    """Each kind of broker in turn, empty."""
    there = brokers.get(str(request.param))
    wipe_quietly(there)
    return there


def wipe_quietly(broker: Broker) -> None:
    """Queues of the test before this one; Redis knows none of them when nothing was ever put in."""
    with suppress(OSError):
        wipe(broker)


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Whatever a test started ends with it."""
    started: list[Program] = []
    yield started
    for program in started:
        program.end()


__all__ = ["broker", "brokers", "programs"]
