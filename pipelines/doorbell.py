"""The doorbell: tells workers that there is work. It carries nothing, and losing one loses nothing.

Publishing to a broker that is down, blocked by an alarm or behind a dead connection can hang for as long as it likes
(celery #4296 and #2689, kombu #902): so a thread of its own rings, and whoever asks it to never waits.
"""

import threading
import time
from collections.abc import Callable, Iterable
from enum import StrEnum, auto
from typing import assert_never

import structlog

from pipelines.flow import Stage

log = structlog.get_logger()
GAP = 0.1  # seconds between two rings of one process; what is asked for meanwhile is rung once, at its end
SAID_EVERY = 60.0  # seconds between two log lines about a broker that is away
CLOSING = 3.0  # seconds that a last ring may take


class Bell(StrEnum):
    """Classes of work, each with a queue and, if one likes, workers of its own."""

    FAST = auto()  # milliseconds: what a person waits for is not behind a storm of photos
    MODEL = auto()  # decoding and models: processor time and memory
    MAIL = auto()  # others' systems: waits long, needs no processor
    ASSISTANT = auto()  # a language model: as mail, and no letter stands behind it


def bell_of(stage: Stage) -> Bell:
    match stage:
        case Stage.BOUNCE | Stage.DECIDE | Stage.LEAVE | Stage.PACKAGE:
            return Bell.FAST
        case Stage.READ | Stage.UNDERSTAND | Stage.ENRICH | Stage.REMEMBER:
            return Bell.MODEL
        case Stage.SEND | Stage.REPRESENT | Stage.HAND_OVER:
            return Bell.MAIL
        case Stage.ASSIST:
            return Bell.ASSISTANT
        case _:
            assert_never(stage)


def stages_of(bells: Iterable[Bell]) -> tuple[Stage, ...]:
    chosen = set(bells)
    return tuple(stage for stage in Stage if bell_of(stage) in chosen)


FIRST = bell_of(Stage.READ)  # what most people ring for; whoever answers rings on for what follows


class Bells:
    """May be rung by any thread and never makes it wait. `missed`: how often the broker could not be told."""

    def __init__(
        self, publish: Callable[[Bell], None], *, on_missed: Callable[[], None] = lambda: None, gap: float = GAP
    ) -> None:
        self.missed = 0
        self._publish, self._on_missed, self._gap = publish, on_missed, gap
        self._asked: set[Bell] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._said_at = -SAID_EVERY

    def __call__(self, *bells: Bell) -> None:
        """There is work for these; without any: a message came in."""
        with self._changed:
            self._asked.update(bells or (FIRST,))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Ring what was asked for, if that goes quickly."""
        self._closing.set()
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=CLOSING)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._asked) or self._closing.is_set())
                asked, self._asked = sorted(self._asked), set()
            if not asked:
                return
            for bell in asked:
                self._ring(bell)
            self._closing.wait(self._gap)

    def _ring(self, bell: Bell) -> None:
        try:
            self._publish(bell)
        except Exception as error:  # noqa: BLE001  # a thread's edge: the timers ring for whatever waits
            self.missed += 1
            self._on_missed()
            now = time.monotonic()
            if now - self._said_at >= SAID_EVERY:
                self._said_at = now
                log.warning("bell.not_rung", bell=bell, error=type(error).__name__, missed=self.missed)
