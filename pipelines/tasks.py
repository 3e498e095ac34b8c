"""Workers: Celery's pool of processes, each with a house of its own, draining what waits whenever a bell rings.

A task takes nothing and may run twice. What is to be done, by whom, how often it was tried: all that is in the
database, so the broker may lose or double what it likes.
"""

import logging
import mmap
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

import structlog
from amqp.exceptions import InternalError
from celery import Celery, signals
from celery.worker.consumer import Consumer
from threadpoolctl import threadpool_limits

from configs.settings import Settings
from models.sentence import Embedder
from pipelines.broker import DRAIN_SECONDS, TASK, make_app, queue_name, renew_broken_queues
from pipelines.doorbell import Bell, stages_of
from pipelines.house import House
from pipelines.loop.pace import Pace
from pipelines.ringing import ring_for_what_waits
from pipelines.runner import drain_while, note_failure, warm_or_log
from pipelines.stages import STAGES
from pipelines.wiring import opened

log = structlog.get_logger()


class Shutdown:
    """One byte that a worker shares with its processes: set by a signal handler, so without any lock."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def begin(self, **_: object) -> None:
        self._byte[0] = 1

    @property
    def has_begun(self) -> bool:
        return bool(self._byte[0])


class Porter:
    """Answers the bells in one process of the pool."""

    def __init__(self, settings: Settings, bells: Sequence[Bell], shutdown: Shutdown) -> None:
        self._settings, self._shutdown = settings, shutdown
        self._bells = tuple(bells)
        self._stages = {stage: STAGES[stage] for stage in stages_of(bells)}
        self._others = tuple(bell for bell in Bell if bell not in self._bells)
        self._pace = Pace(settings.batch)
        self._stack = ExitStack()
        self._house: House | None = None

    def come_in(self, **_: object) -> None:
        """Open the house after the fork, since no connection may be shared, and load the models into it."""
        try:
            self._open()
        except Exception:
            # The process's edge: the database may be away; the first bell tries again.
            log.exception("worker.no_house")

    def leave(self, **_: object) -> None:
        self._house = None
        self._stack.close()

    def answer(self) -> None:
        """Drain what waits of our classes, for a while, and ring for what is left or is others' to do."""
        if self._house is None:
            self.come_in()
        house = self._house
        if house is None:
            return
        until = time.monotonic() + DRAIN_SECONDS

        def after(pieces: int) -> None:
            # Perhaps a full batch: there may be more than one process can do. Nothing is rung while a bell lies there.
            ring_for_what_waits(house, tuple(Bell) if pieces >= min(self._pace.sizes.values()) else self._others)

        def go_on() -> bool:
            return not self._shutdown.has_begun and time.monotonic() < until

        try:
            done = drain_while(house, go_on, stages=self._stages, pace=self._pace, after=after)
            ring_for_what_waits(house, self._others if done else tuple(Bell))
        except Exception as error:  # noqa: BLE001  # the worker's edge; it is logged, and the timers ring again
            note_failure(house, error)

    def _open(self) -> None:
        # A BLAS that starts a thread for each processor in each process slows all of them down.
        self._stack.enter_context(threadpool_limits(1))
        house = self._stack.enter_context(opened(self._settings))
        warm_or_log(house)
        self._house = house


class PlainConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """Without the 28 exchanges and queues that Celery declares for tasks with a countdown: there are none here."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        super().on_connection_error_after_connected(exc)
        if isinstance(exc, (InternalError, TimeoutError)):
            with suppress(*self.connection_errors):  # gone again: Celery connects anew, and comes back here
                renew_broken_queues(self.app)

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step)


def worker_app(settings: Settings, bells: Sequence[Bell]) -> Celery:
    """The app whose processes answer these bells."""
    app = make_app(settings)
    app.conf.worker_consumer = PlainConsumer
    shutdown = Shutdown()
    porter = Porter(settings, bells, shutdown)
    app.task(porter.answer, name=TASK)
    signals.worker_shutting_down.connect(shutdown.begin, weak=False)
    signals.worker_process_init.connect(porter.come_in, weak=False)
    signals.worker_process_shutdown.connect(porter.leave, weak=False)
    signals.setup_logging.connect(_keep_ours, weak=False)
    return app


def work(settings: Settings, *, processes: int, bells: Sequence[Bell]) -> int:
    """Run a worker until it is told to stop; returns its exit code."""
    app = worker_app(settings, bells)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the decoder's children
    Embedder.shared()  # read before the fork: all processes share its 100 MB of weights
    worker: Any = app.Worker(
        concurrency=processes, queues=[queue_name(bell) for bell in bells], pool="prefork", optimization="fair",
        without_gossip=True, without_mingle=True, without_heartbeat=True, quiet=True,
    )  # fmt: skip
    worker.start()
    return int(worker.exitcode or 0)


def _keep_ours(**_: object) -> None:
    """Logging is configured by the command; Celery must not do it again, nor write two lines a bell."""
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
