"""A storm on one machine: PostgreSQL, RabbitMQ, web, two worker processes; messages at a rising rate, many with photos.

The machine takes what it can: what it cannot do at once waits in the database. Meanwhile a person looks at the work
queue and at a case every second. Prints JSON lines: what was accepted and decided a second, how many requests were told
to come back, errors (there should be none), how far the work fell behind, and the latency of the person's pages calm
(before) and in the storm.

    python -m benchmarks.storm [--messages 50000] [--photos 20000] [--peak 60]
"""

import argparse
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import structlog

from api.signing_in import login_path
from cases.vocabulary import Role
from pipelines.house import House
from pipelines.wiring import opened
from tests.installation import Far, far_installation, form
from tests.journeys.test_killed import picture
from tests.servers import RabbitMq

CLIENTS = 16


class Reader(threading.Thread):
    """A person at work: the queue and one case, every second."""

    def __init__(self, far: Far, house: House) -> None:
        super().__init__(daemon=True)
        self.client = httpx.Client(base_url=far.url, timeout=60)
        with house.database.writing() as store:
            store.people.add_user("reader", (Role.LEAD,), "no password fits", at=house.now(), lines=("*",))
        assert self.client.get(login_path(house, "reader")).status_code == 303
        self.seconds: list[float] = []
        self.over = threading.Event()
        self.failed = 0

    def run(self) -> None:
        while not self.over.wait(1):
            reference = next(iter(self._timed("/api/cases?limit=1").json()["items"]), {}).get("reference")
            self._timed("/queue")
            if reference:
                self._timed(f"/cases/{reference}")

    def _timed(self, path: str) -> httpx.Response:
        begun = time.perf_counter()
        answer = self.client.get(path)
        self.seconds.append(time.perf_counter() - begun)
        self.failed += answer.status_code >= 500
        return answer


def offer(client: httpx.Client, number: int, photo: bytes | None, told: Counter[int]) -> None:
    """Until it is acknowledged, coming back when asked to."""
    kind, body = form(number, photo)
    headers = {"content-type": kind, "idempotency-key": f"storm-{number}"}
    while True:
        with suppress(httpx.HTTPError):
            answer = client.post("/api/messages", content=body, headers=headers)
            told[answer.status_code] += 1
            if answer.status_code == 202:
                return
        time.sleep(0.5)


def storm(far: Far, messages: int, photos: int, peak: float) -> tuple[Counter[int], float]:
    """The rate rises evenly from nothing to the peak; seconds until all was acknowledged."""
    told: Counter[int] = Counter()
    length = 2 * messages / peak
    every = messages / photos if photos else float("inf")
    begun = time.monotonic()
    with httpx.Client(base_url=far.url, timeout=120) as client, ThreadPoolExecutor(CLIENTS) as pool:
        waiting = []
        for number in range(messages):
            due = begun + length * (number / messages) ** 0.5
            time.sleep(max(0.0, due - time.monotonic()))
            photo = picture(number) if photos and number % every < 1 else None
            waiting.append(pool.submit(offer, client, number, photo, told))
        for one in waiting:
            one.result()
    return told, time.monotonic() - begun


def percentile(seconds: Sequence[float], share: int) -> float:
    return round(1000 * statistics.quantiles(seconds, n=100)[share - 1], 1) if len(seconds) > 1 else 0.0


def rest(house: House) -> tuple[float, float]:
    """Waits until nothing is due; (seconds it took, the greatest age of waiting work seen)."""
    begun, worst = time.monotonic(), 0.0
    for _ in itertools.count():
        with house.database.reading() as store:
            worst = max(worst, store.work.oldest_waiting_age(house.now()).total_seconds())
            if store.work.at_rest(house.now()):
                return time.monotonic() - begun, worst
        time.sleep(1)
    raise AssertionError


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=50_000)
    options.add_argument("--photos", type=int, default=20_000)
    options.add_argument("--peak", type=float, default=60.0, help="messages a second at the end")
    options.add_argument("--models", type=Path, default=None, help="trained models; else they are trained first")
    asked = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home, models = place / "home", asked.models or place / "models"
        with far_installation(home, models, RabbitMq()) as (far, _), opened(far.settings) as house:
            offer_one(far)
            rest(house)
            reader = Reader(far, house)
            reader.start()
            time.sleep(20)
            calm = len(reader.seconds)
            told, took = storm(far, asked.messages, asked.photos, asked.peak)
            more, worst = rest(house)
            reader.over.set()
            reader.join(timeout=120)
            with house.database.reading() as store:
                cases, parked = len(store.case_ids()), store.work.counts().parked
    print(json.dumps({
        "benchmark": "storm", "messages": asked.messages, "photos": asked.photos, "cases": cases - 1, "parked": parked,
        "answers": {str(status): number for status, number in sorted(told.items())},
        "accepted_a_second": round(asked.messages / took, 1),
        "decided_a_second": round(asked.messages / (took + more), 1),
        "seconds": round(took), "behind_at_the_end": round(more), "oldest_waiting": round(worst),
        "pages_failed": reader.failed,
        "page_ms_calm": {"p50": percentile(reader.seconds[:calm], 50), "p95": percentile(reader.seconds[:calm], 95)},
        "page_ms_storm": {"p50": percentile(reader.seconds[calm:], 50), "p95": percentile(reader.seconds[calm:], 95)},
    }))  # fmt: skip


def offer_one(far: Far) -> None:
    """The first one, for which models are loaded."""
    with httpx.Client(base_url=far.url, timeout=120) as client:
        offer(client, 10**9, None, Counter())


if __name__ == "__main__":
    main()
