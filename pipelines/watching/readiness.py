"""Whether this installation can take messages in: all probes at once, each with a time-out, run seldom."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway
from pipelines.house import House
from pipelines.watching.probes import PROBES, Found, Probe, State

log = structlog.get_logger()
PATIENCE = 3.0  # seconds that all probes together may take
_WORST_FIRST = (State.NOT_READY, State.DEGRADED, State.READY)


@dataclass(frozen=True, slots=True)
class Report:
    parts: tuple[Found, ...]

    @property
    def state(self) -> State:
        """That of the worst part."""
        return min((found.state for found in self.parts), key=_WORST_FIRST.index, default=State.READY)


class Readiness:
    """Safe to ask from many threads. A probe that hangs is not started again until it has come back.

    every: seconds between two looks at one part, instead of the probe's own.
    """

    def __init__(
        self,
        house: House,
        *,
        probes: Sequence[Probe] = PROBES,
        every: float | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._house = house
        self._probes = probes
        self._every = every
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[Probe, tuple[float, Found]] = {}
        self._running: dict[Probe, threading.Thread] = {}

    def look(self) -> Report:
        """What was found lately; looks again where that is too old. Takes at most the patience."""
        with self._lock:
            started = [self._start(probe) for probe in self._probes if self._is_due(probe)]
            end = time.monotonic() + self._patience
            for thread in started:
                thread.join(max(0.0, end - time.monotonic()))
            return Report(tuple(self._found[probe][1] for probe in self._probes))

    def _is_due(self, probe: Probe) -> bool:
        running = self._running.get(probe)
        if running is not None and running.is_alive():
            return False
        if probe not in self._found:
            return True
        every = probe.every if self._every is None else self._every
        return self._clock() - self._found[probe][0] >= every

    def _start(self, probe: Probe) -> threading.Thread:
        silent = Found(probe.part, probe.otherwise, f"no answer within {self._patience:g} s", probe.mend)
        before = self._found.get(probe)

        def run() -> None:
            found = _looked(probe, self._house)
            self._found[probe] = (self._clock(), found)
            if before is None or before[1].state is not found.state:
                log.info("readiness.changed", part=found.part, state=found.state)

        self._found[probe] = (self._clock(), silent)  # until it answers, however late
        thread = self._running[probe] = threading.Thread(target=run, name=f"probe-{probe.part}", daemon=True)
        thread.start()
        return thread


def _looked(probe: Probe, house: House) -> Found:
    try:
        return probe.look(house)
    except Exception as error:  # noqa: BLE001  # a thread's edge: whatever a part does when it is away
        return Found(probe.part, probe.otherwise, _plainly(error), probe.mend)


def _plainly(error: Exception) -> str:
    """What we know of it; of others' errors the class alone, since their words may hold addresses and passwords."""
    match error:
        case DatabaseAway():
            return f"the database is {error.trouble.replace('_', ' ')}"
        case BlobsAway():
            return error.why
        case _:
            return f"it failed: {type(error).__name__}"
