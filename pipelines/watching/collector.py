"""What Prometheus reads of an installation: its work, letters, topics and totals, from the database at each scrape.

Every web process tells the same, so ask with max(), not sum(), over several of them.
"""

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from cases.store.away import DatabaseAway
from cases.store.watch import Picture
from models.registry import environment_digest
from pipelines.counters import BUCKETS, MICRO, RISING, SECONDS, Rising, key_of
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.watching.probes import State
from pipelines.watching.readiness import Readiness

SECONDS_KEPT = 5.0  # a picture is read from the database this seldom, however many ask
_LEVEL = {State.READY: 0, State.DEGRADED: 1, State.NOT_READY: 2}


class HouseCollector(Collector):
    """Gives what it can: while the database is away, the state of the parts and no totals."""

    def __init__(self, house: House, readiness: Readiness) -> None:
        self._house = house
        self._readiness = readiness
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self._read_at = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """Nothing is read when it is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._of_process()
        picture = self._latest()
        if picture is not None:
            yield from _of_work(picture)
            yield from _of_topics(picture)
            yield from (_rising(what, picture.counted) for what in RISING)
            yield _seconds(picture.counted)

    def _latest(self) -> Picture | None:
        with self._lock:
            if time.monotonic() - self._read_at >= SECONDS_KEPT:
                self._read_at = time.monotonic()
                self._picture = self._read()
            return self._picture

    def _read(self) -> Picture | None:
        try:
            self._house.counters.write()
        except DatabaseAway:
            return None
        try:
            with self._house.database.reading() as store:
                return store.watch.picture(self._house.now(), sending=Stage.SEND)
        except DatabaseAway:
            return None

    def _of_process(self) -> Iterator[Metric]:
        report = self._readiness.look()
        ready = GaugeMetricFamily("casewright_ready", "1 when messages can be taken in, else 0.")
        ready.add_metric([], float(report.state is not State.NOT_READY))
        yield ready
        parts = GaugeMetricFamily("casewright_part_state", "0 ready, 1 degraded, 2 not ready.", labels=["part"])
        for found in report.parts:
            parts.add_metric([found.part], _LEVEL[found.state])
        yield parts
        free = GaugeMetricFamily("casewright_free_disk_bytes", "Room on the disk of CASEWRIGHT_HOME.")
        with suppress(OSError):  # the folder is gone; the parts say so
            free.add_metric([], shutil.disk_usage(self._house.settings.home).free)
        yield free
        built = GaugeMetricFamily(
            "casewright_build_info", "1; which version runs, in which environment.", labels=["version", "environment"]
        )
        built.add_metric([metadata.version("casewright"), environment_digest()[:12]], 1)
        yield built


def _of_work(picture: Picture) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("casewright_waiting_work", "Work that is not done, timers too.", labels=["stage"])
    parked = GaugeMetricFamily("casewright_parked_work", "Work that was given up and lies there.", labels=["stage"])
    oldest = GaugeMetricFamily(
        "casewright_waiting_oldest_seconds", "For how long the oldest due work has been due.", labels=["stage"]
    )
    for stage in sorted({*Stage, *picture.work}):
        lying = picture.work.get(stage)
        waiting.add_metric([stage], lying.waiting if lying else 0)
        parked.add_metric([stage], lying.parked if lying else 0)
        oldest.add_metric([stage], lying.oldest.total_seconds() if lying else 0)
    yield from (waiting, parked, oldest)
    outbox = GaugeMetricFamily("casewright_outbox_oldest_seconds", "Age of the oldest letter that has not left.")
    outbox.add_metric([], picture.oldest_letter.total_seconds())
    yield outbox
    sealed = GaugeMetricFamily("casewright_checkpoint_age_seconds", "Since the log was sealed last.")
    if picture.checkpoint_age is not None:
        sealed.add_metric([], picture.checkpoint_age.total_seconds())
    yield sealed


def _of_topics(picture: Picture) -> Iterator[Metric]:
    topics = GaugeMetricFamily(
        "casewright_topic_open", "1 when the machine may close cases of this topic, 0 when shut; only topics that "
        "ever had a certificate.", labels=["journey", "topic"],
    )  # fmt: skip
    for (journey, topic), is_open in sorted(picture.topics.items()):
        topics.add_metric([journey, topic], float(is_open))
    yield topics


def _rising(what: Rising, counted: Mapping[str, int]) -> Metric:
    """Zero where nothing rose yet, so that the first rise shows as one."""
    family = CounterMetricFamily(what.name, what.says, labels=what.labels)
    totals = {key: value for key, value in counted.items() if key == what.name or key.startswith(f"{what.name}/")}
    expected = {key_of(what, value) for value in what.known} if what.labels else {what.name}
    for key in sorted(expected | totals.keys()):
        family.add_metric(key.split("/")[1:], totals.get(key, 0))
    return family


def _seconds(counted: Mapping[str, int]) -> Metric:
    family = HistogramMetricFamily(SECONDS.name, SECONDS.says, labels=SECONDS.labels)
    for stage in Stage:
        key, below = key_of(SECONDS, stage), 0
        buckets = []
        for bound in (*map(str, BUCKETS), "+Inf"):
            below += counted.get(f"{key}/{bound}", 0)
            buckets.append((bound, float(below)))
        family.add_metric([stage], buckets, sum_value=counted.get(f"{key}/sum", 0) / MICRO)
    return family
