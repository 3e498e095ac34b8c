"""A steady stream over a long time: no errors, and memory that does not grow with the messages it has seen."""

import statistics
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from pipelines.house import House
from pipelines.wiring import opened
from tests.homes import environment, settings
from tests.installation import form
from tests.servers import answers, free_port, wait_until

pytestmark = pytest.mark.once
A_SECOND = 10
GROWTH = 15.0  # MB a thousand messages, at most


def soak(home: Path, models: Path, seconds: int) -> float:
    """Offers ten messages a second to one serving process; MB that its memory grew a thousand messages."""
    port = free_port()
    given = settings(home, models=models)
    told = {**environment(given), "CASEWRIGHT_ANONYMOUS_PER_MINUTE": "1000000", "OMP_NUM_THREADS": "1"}
    with (home.parent / "soak.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "api", "serve", "--port", str(port)], env=told, stderr=log)
    try:
        wait_until(lambda: answers(port), "the server does not answer")
        numbers, grown = _offer_steadily(f"http://127.0.0.1:{port}/api/messages", psutil.Process(server.pid), seconds)
        with opened(given) as house:
            wait_until(lambda: _rests(house), "work is left")
            with house.database.reading() as store:
                assert len(store.case_ids()) == numbers
                assert store.work.counts().parked == {}
    finally:
        server.terminate()
        server.wait(timeout=60)
    return grown


def _rests(house: House) -> bool:
    with house.database.reading() as store:
        return store.work.at_rest(house.now())


def _offer_steadily(url: str, server: psutil.Process, seconds: int) -> tuple[int, float]:
    begun = time.monotonic()
    answered: list[Future[httpx.Response]] = []
    seen: list[tuple[int, float]] = []
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(8) as pool:
        for number in range(seconds * A_SECOND):
            time.sleep(max(0.0, begun + number / A_SECOND - time.monotonic()))
            kind, body = form(number, None)
            answered.append(pool.submit(client.post, url, content=body, headers={"content-type": kind}))
            if number % (5 * A_SECOND) == 0:
                seen.append((number, _memory(server)))
    codes = {answer.result().status_code for answer in answered}
    assert codes == {202}
    settled = seen[len(seen) // 3 :]  # caches are full by then
    slope = statistics.linear_regression([n for n, _ in settled], [mb for _, mb in settled]).slope
    return len(answered), 1000 * slope


def _memory(server: psutil.Process) -> float:
    """MB of its own, without what is shared with others, of the process and its children."""
    family = [server, *server.children(recursive=True)]
    return sum(process.memory_full_info().uss for process in family) / 1e6


def test_a_steady_stream_is_taken_in_without_an_error(tmp_path: Path, trained: Path) -> None:
    soak(tmp_path / "home", trained, seconds=20)


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_ten_minutes_of_it_do_not_make_memory_grow(tmp_path: Path, trained: Path) -> None:
    grown = soak(tmp_path / "home", trained, seconds=600)

    print(f"{grown:.1f} MB a thousand messages")
    assert grown <= GROWTH
