"""Texts posted to a provider, signed; each is taken once, and a busy provider is left alone for as long as it asks."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

import orjson

from pipelines.channels.sms.incoming import Kind
from pipelines.hook_signatures import keys_of
from pipelines.ports import AddressRefused, LetterUndeliverable, TooBusy
from pipelines.signed_post import SECONDS, Answer, NoAnswer, SignedPost

CONFLICT, GONE, TOO_MANY, AWAY = 409, 410, 429, 503
#: Answers that say nothing about the customer's number: our signature or address is wrong, or it is too early.
_NOT_OF_THE_NUMBER = frozenset({401, 403, 404, 405, 407, 408, 425, TOO_MANY})
_REMEMBERED = 1024
LONGEST_WAIT, USUAL_WAIT = 3600, 30  # seconds that a provider may ask us to wait, and those when it does not say


class ProviderAway(OSError):
    """Whoever sends our texts does not answer, or not as one who does; the same is posted again later."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """id: of the letter; the same at each repeat."""

    to: str
    text: str
    kind: Kind
    id: str


class Texts:
    """May be used by several threads."""

    def __init__(
        self, url: str, secret: str, *, clock: Callable[[], float] = time.time, seconds: float = SECONDS
    ) -> None:
        """clock: seconds since 1970, which posts bear. Raises ValueError for a secret that is none."""
        self._post = SignedPost(url, keys_of(secret), clock=clock, seconds=seconds)
        self._lock = threading.Lock()
        self._taken: dict[Outbound, None] = {}
        self._busy_until = 0.0

    def send(self, text: Outbound, *, now: float) -> None:
        """Returns when the provider has it. What it has is not posted again, as when a batch is done once more.
        now: seconds since 1970.

        Raises LetterUndeliverable with the provider's reason, AddressRefused for a number that is none any more,
        TooBusy when it is busy, and ProviderAway.
        """
        with self._lock:
            if text in self._taken:
                return
            wait = self._busy_until - now
        if wait > 0:
            raise TooBusy(int(wait) + 1)
        try:
            answer = self._post.send(text.id, orjson.dumps(text, option=orjson.OPT_SORT_KEYS))
        except NoAnswer as error:
            raise ProviderAway(f"the provider of texts does not answer: {type(error).__name__}") from error
        self._read(answer, text, now)
        with self._lock:
            self._taken[text] = None
            while len(self._taken) > _REMEMBERED:
                del self._taken[next(iter(self._taken))]

    def _read(self, answer: Answer, text: Outbound, now: float) -> None:
        status = answer.status
        if answer.accepts or (status == CONFLICT and answer.told.get("id") == text.id):
            return
        if status in (TOO_MANY, AWAY) and (status == TOO_MANY or "retry-after" in answer.headers):
            seconds = _seconds(answer, now)
            with self._lock:
                self._busy_until = max(self._busy_until, now + seconds)
            raise TooBusy(seconds)
        if status == GONE:
            raise AddressRefused(answer.reason or "the number is not in use")
        if 400 <= status < 500 and status not in _NOT_OF_THE_NUMBER and status != CONFLICT:  # noqa: PLR2004  # theirs to say
            raise LetterUndeliverable(answer.reason or f"the provider of texts answers {status}")
        raise ProviderAway(f"the provider of texts answers {status}")

    def close(self) -> None:
        self._post.close()


@lru_cache(maxsize=4)
def texts_of(url: str, secret: str) -> Texts:
    """One for the process: it remembers what was taken, and when the provider is to be left alone."""
    return Texts(url, secret)


def _seconds(answer: Answer, now: float) -> int:
    """What Retry-After asks for, in seconds or as a date (RFC 9110); within bounds."""
    told = answer.headers.get("retry-after", "").strip()
    seconds = float(USUAL_WAIT)
    if told.isascii() and told.isdigit():
        seconds = float(told[:9])
    elif told:
        with suppress(ValueError, OverflowError):
            seconds = parsedate_to_datetime(told).timestamp() - now
    return int(min(max(seconds, 1.0), LONGEST_WAIT))
