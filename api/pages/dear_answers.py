"""Answers that took long to find, kept for a while: a process spends at most a part of its time on finding them."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

LONG = 1.0  # seconds; what is found sooner is never kept
TIMES = 20  # as long as it took to find
MOST = 64  # the oldest makes room
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Found(Generic[Answer]):
    answer: Answer
    until: float


class DearAnswers(Generic[Answer]):
    """clock: seconds that only rise. Safe to share by threads; two may find the same answer at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[Hashable, _Found[Answer]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, find: Callable[[], Answer]) -> Answer:
        with self._lock:
            known = self._found.get(key)
        if known is not None and self._clock() < known.until:
            return known.answer
        begun = self._clock()
        answer = find()
        took = self._clock() - begun
        with self._lock:
            self._found.pop(key, None)
            if took >= LONG:
                self._found[key] = _Found(answer, self._clock() + TIMES * took)
                while len(self._found) > MOST:
                    self._found.pop(next(iter(self._found)))
        return answer
