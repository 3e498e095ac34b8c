"""Leases are kept while work goes on, by one thread a process: starting one for each batch costs 0.17 ms of CPU."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import structlog

log = structlog.get_logger()
IDLE_ENDS_AFTER = 60.0  # seconds; so that nobody has to stop it


class Keeper:
    """Calls what renews a lease at a third of the lease's time, for as long as the lease is needed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._kept: dict[int, tuple[Callable[[], object], float, float]] = {}  # renew, every, next: seconds
        self._numbers = count()
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, renew: Callable[[], object], lease: timedelta) -> Iterator[None]:
        """Another thread calls `renew`, perhaps once more just after the end."""
        every = lease.total_seconds() / 3
        with self._changed:
            number, first = next(self._numbers), time.monotonic() + every
            self._kept[number] = (renew, every, first)
            if self._thread is None or not self._thread.is_alive():  # not alive: ended, or left behind by a fork
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            elif first < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._kept.pop(number, None)

    def _run(self) -> None:
        quiet_since = time.monotonic()
        while True:
            with self._changed:
                now = time.monotonic()
                if self._kept:
                    quiet_since = now
                elif now - quiet_since >= IDLE_ENDS_AFTER:
                    self._thread = None
                    return
                due = {n: (renew, every, now + every) for n, (renew, every, at) in self._kept.items() if at <= now}
                self._kept |= due
            for renew, _, _ in due.values():
                self._renew(renew)
            with self._changed:
                # Slept through although batches begin and end meanwhile: being woken by each would cost more.
                self._wakes_at = min((at for _, _, at in self._kept.values()), default=time.monotonic() + 1.0)
                self._changed.wait(max(0.0, self._wakes_at - time.monotonic()))

    def _renew(self, renew: Callable[[], object]) -> None:
        try:
            renew()
        except Exception:
            # A thread's edge: a database that was busy once is asked again before the lease runs out.
            log.exception("leases.not_renewed")


#: Batches of all houses of this process.
KEEPER = Keeper()
