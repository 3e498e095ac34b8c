"""Who may send how much, and when everybody must wait: refused with a time to come back, never lost.

Each web process counts for itself and in memory: a durable count would cost every message a commit of its own.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from api.security import blurred
from cases.errors import CaseError
from pipelines.house import House

MINUTE = 60.0
MOST_SENDERS = 50_000  # remembered at once; the one not heard of longest is forgotten first
LOOK_EVERY = 2.0  # seconds between two looks at how far behind the work is


class ComeBackLater(CaseError):
    """status: 429 for a sender who sends too much, 503 when nobody can be served. seconds: until it may go on."""

    def __init__(self, status: int, seconds: int, why: str) -> None:
        super().__init__(f"{why}; send it again in {seconds} seconds, with the same Idempotency-Key")
        self.status = status
        self.seconds = seconds


class Gate:
    """Asked before a message is read. Thread-safe."""

    def __init__(self, house: House, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._house = house
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, tuple[float, int]] = OrderedDict()  # sender -> (begin of the minute, messages)
        self._behind, self._looked = timedelta(), float("-inf")

    def let_in(self, sender: str, *, program: bool) -> None:
        """Raises ComeBackLater. program: one with a token, which can wait better than a person at a form.

        So programs are slowed first when work piles up, and people are refused only when it is hopeless.
        """
        settings = self._house.settings
        most = settings.program_per_minute if program else settings.anonymous_per_minute
        wait = self._wait(blurred(sender, self._house.keys.session), most)
        if wait:
            raise ComeBackLater(429, wait, f"more than {most} messages a minute")
        behind = self.behind().total_seconds()
        if program and behind > settings.slow_after_seconds:
            raise ComeBackLater(429, min(300, int(behind / 10) + 1), "work has piled up")
        if behind > settings.full_after_seconds:
            raise ComeBackLater(503, min(300, int(behind / 10) + 1), "so much work has piled up that nothing new fits")

    def wrong_link(self, address: str, link_id: str) -> None:
        """Count a link that is none of ours. Raises ComeBackLater above what one address may send in a minute.

        link_id: the one it says it is, counted over all addresses.
        """
        most = self._house.settings.anonymous_per_minute
        tried = (f"wrong links of {address}", f"wrong link {link_id}")
        wait = max(self._wait(blurred(of, self._house.keys.session), most) for of in tried)
        if wait:
            raise ComeBackLater(429, wait, f"more than {most} wrong links a minute")

    def behind(self) -> timedelta:
        """For how long the oldest waiting work has waited, as seen a moment ago."""
        now = self._clock()
        with self._lock:
            due = now - self._looked >= LOOK_EVERY
            if due:
                self._looked = now
        if due:
            with self._house.database.reading() as store:
                self._behind = store.work.oldest_waiting_age(self._house.now())
        return self._behind

    def _wait(self, sender: str, most: int) -> int:
        """Count one message; seconds to wait when this minute's share is used up, else 0."""
        now = self._clock()
        with self._lock:
            begin, sent = self._sent.pop(sender, (now, 0))
            if now - begin >= MINUTE:
                begin, sent = now, 0
            self._sent[sender] = (begin, sent + 1)
            if len(self._sent) > MOST_SENDERS:
                self._sent.popitem(last=False)
        return int(begin + MINUTE - now) + 1 if sent + 1 > most else 0
