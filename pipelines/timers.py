"""What is done once in a while, by one process of an installation: the one that holds the lease."""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from cases.store.leases import Lease
from pipelines.channels.chat.answering import end_silent
from pipelines.drift import watch_for_drift
from pipelines.house import House
from pipelines.learned_dates import learn_dates
from pipelines.loop.keeping import KEEPER
from pipelines.nightly import certify_due
from pipelines.observing import observe_late
from pipelines.promise_keeping import keep_promises, remind
from pipelines.retrain import Retraining
from pipelines.ringing import ring_for_what_waits
from pipelines.service_measured import measure_service
from pipelines.shadow import read_in_shadow
from pipelines.surveys import ask_how_it_went
from pipelines.sweeping import sweep_orphans
from pipelines.uploads import drop_expired
from pipelines.word_filling import fill_words

log = structlog.get_logger()
DUTIES_LEASE, RINGING_LEASE = "timers", "ringing"
TICK = timedelta(seconds=1)  # how long work can wait whose bell was lost, or whose time has come
DRAFTS_KEPT = timedelta(days=90)
CUSTOMERS_DRAFTS_KEPT = timedelta(days=14)
TRIES_COUNT = timedelta(days=1)  # the longest time over which tries at signing in are counted
AGAIN = timedelta(minutes=1)  # at the latest, after a duty that failed


@dataclass(frozen=True, slots=True)
class Duty:
    """do: safe to run twice, since a leader that was cut off may still be at it when the next one begins.

    first: not before a process has run for so long.
    """

    name: str
    every: timedelta
    do: Callable[[House], object]
    first: timedelta = timedelta()


def seal(house: House) -> None:
    """A checkpoint, so that a cut-off tail of the log is seen."""
    with house.database.writing() as store:
        store.seal(house.now())


def drop_old_drafts(house: House) -> int:
    """What people typed and never sent is somebody's words too: it does not lie here for ever."""
    now = house.now()
    with house.database.writing() as store:
        return store.drafts.drop_old(now - DRAFTS_KEPT) + store.link_drafts.drop_old(now - CUSTOMERS_DRAFTS_KEPT)


def forget_visits(house: House) -> None:
    """Sessions that are over, and tries at signing in that no longer count."""
    with house.database.writing() as store:
        store.people.forget(before=house.now() - TRIES_COUNT)


#: In the order in which they are done. Whoever adds one: it must be safe to run twice.
DUTIES = (
    Duty("promises", timedelta(minutes=5), keep_promises, first=timedelta(minutes=5)),
    Duty("reminders", timedelta(hours=1), remind, first=timedelta(minutes=5)),
    Duty("chats", timedelta(minutes=1), end_silent, first=timedelta(minutes=1)),
    Duty("surveys", timedelta(hours=1), ask_how_it_went, first=timedelta(minutes=10)),
    Duty("seal", timedelta(hours=1), seal),
    # An operator who has put something back, or mistaken one database for another, has an hour to notice.
    Duty("sweep", timedelta(hours=24), sweep_orphans, first=timedelta(hours=1)),
    # Cases of before there was an index, or that a worker of the version before opened.
    Duty("words", timedelta(hours=24), fill_words, first=timedelta(minutes=1)),
    Duty("drafts", timedelta(hours=24), drop_old_drafts, first=timedelta(hours=1)),
    Duty("visits", timedelta(hours=24), forget_visits, first=timedelta(hours=1)),
    Duty("uploads", timedelta(hours=1), drop_expired, first=timedelta(minutes=5)),
    Duty("late audits", timedelta(hours=1), observe_late, first=timedelta(minutes=5)),
    Duty("shadow", timedelta(minutes=10), read_in_shadow, first=timedelta(minutes=10)),
    Duty("certify", timedelta(hours=24), certify_due, first=timedelta(minutes=20)),
    Duty("drift", timedelta(hours=24), watch_for_drift, first=timedelta(minutes=10)),
    Duty("dates", timedelta(hours=24), learn_dates, first=timedelta(minutes=30)),
    Duty("service", timedelta(hours=6), measure_service, first=timedelta(minutes=15)),
    Duty("retrain", timedelta(hours=24), Retraining().begin, first=timedelta(hours=2)),
)
# For all whose bell was lost: the broker's queue, a worker, a lease that ran out, a back-off that is over. It has a
# lease of its own: a long sweep must not stop it.
RINGING = Duty("ring", TICK, ring_for_what_waits)


class Timers:
    """Does each duty when its time has come, while it holds the lease. Any number of processes may have one."""

    def __init__(self, house: House, *, duties: Sequence[Duty] = DUTIES, lease: str = DUTIES_LEASE) -> None:
        self._house, self._duties, self._name = house, tuple(duties), lease
        self._holder = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._next = {duty.name: house.now() + duty.first for duty in duties}
        self._asks_again = datetime.min.replace(tzinfo=UTC)
        self._lease: Lease | None = None

    def turn(self) -> list[str]:
        """Do what is due, if it is on us to do it. Returns the names of what was done."""
        due = [duty for duty in self._duties if self._is_due(duty)]
        if not due or not self._leads():
            return []
        self._house.journeys.look(self._house.now())
        with KEEPER.keeping(self._take, self._span):
            return [duty.name for duty in due if self._do(duty)]

    def run(self, stopping: threading.Event) -> None:
        """Turn after turn until told to stop; the next one may then begin at once."""
        while not stopping.wait(TICK.total_seconds()):
            try:
                self.turn()
            except Exception:
                # A thread's edge: the database may be away; without it nobody leads.
                log.exception("timers.failed")
        try:
            self.resign()
        except Exception:
            # As above; the lease then runs out by itself.
            log.exception("timers.failed")

    def resign(self) -> None:
        """Leave the lease to the next one."""
        if self._lease is not None:
            with self._house.database.writing() as store:
                store.leases.release(self._lease, now=self._house.now())
            self._lease = None

    def _is_due(self, duty: Duty) -> bool:
        return self._next[duty.name] <= self._house.now()

    def _do(self, duty: Duty) -> bool:
        if not self._still_ours():
            return False
        pause = duty.every
        try:
            duty.do(self._house)
        except Exception:
            # A duty's edge: the others are done all the same.
            log.exception("duty.failed", duty=duty.name)
            pause = min(pause, AGAIN)
        self._next[duty.name] = self._house.now() + pause
        return True

    @property
    def _span(self) -> timedelta:
        return timedelta(seconds=self._house.settings.lease_seconds)

    def _still_ours(self) -> bool:
        """Without a word from the database we stop when the lease ends, since another one begins then."""
        lease = self._lease  # read once: the keeper's thread may let it go
        return lease is not None and self._house.now() < lease.until

    def _leads(self) -> bool:
        lease, now = self._lease, self._house.now()
        if lease is None and now < self._asks_again:
            return False
        if lease is None or lease.until - now < self._span * 2 / 3:
            self._take()
        return self._still_ours()

    def _take(self) -> None:
        before, now = self._lease, self._house.now()
        with self._house.database.writing() as store:
            self._lease = store.leases.take(self._name, self._holder, now=now, until=now + self._span)
        self._asks_again = now + TICK
        if (before is None) != (self._lease is None):
            log.info("timers.leads" if self._lease else "timers.follows", lease=self._name, holder=self._holder)
