"""One signed POST of JSON to a system outside, under bounds on its time and on what is read of its answer."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from pipelines.hook_signatures import signed

SECONDS = 10.0  # for connecting, for each piece of an answer, and for the whole of its body
LONGEST_ANSWER = 64 * 1024  # bytes; what comes after is not read
LONGEST_REASON = 300  # characters
NoAnswer = httpx.HTTPError  # it could not be reached, or did not answer in time


@dataclass(frozen=True, slots=True)
class Answer:
    """told: the JSON object of the body; {} when it is none, or longer than we read."""

    status: int
    told: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def accepts(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004  # success

    @property
    def reason(self) -> str:
        """What a problem (RFC 9457) says; "" without one that can be shown."""
        return words(self.told.get("detail"), LONGEST_REASON) or words(self.told.get("title"), LONGEST_REASON)


class SignedPost:
    """May be used by several threads. No redirect is followed: the address is the one that was set."""

    def __init__(
        self,
        url: str,
        keys: Sequence[bytes],
        *,
        clock: Callable[[], float] = time.time,
        seconds: float = SECONDS,
    ) -> None:
        self._url, self._keys, self._clock, self._seconds = url, keys, clock, seconds
        self._client = httpx.Client(timeout=seconds, follow_redirects=False)

    def send(self, id_: str, body: bytes) -> Answer:
        """id_: the same at each repeat, by which the receiver takes it once. Raises NoAnswer."""
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # so that what is read is as long as what was sent
            "Idempotency-Key": id_,
            **signed(self._keys, id_, body, moment=int(self._clock())),
        }
        end = time.monotonic() + self._seconds
        answer = bytearray()
        with self._client.stream("POST", self._url, content=body, headers=headers) as response:
            for piece in response.iter_raw():
                answer += piece
                if len(answer) > LONGEST_ANSWER:
                    return Answer(response.status_code, {}, response.headers)
                if time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer goes on for too long", request=response.request)
        try:
            read = orjson.loads(answer)
        except orjson.JSONDecodeError:
            read = None
        return Answer(response.status_code, read if isinstance(read, dict) else {}, response.headers)

    def close(self) -> None:
        self._client.close()


def words(told: object, longest: int) -> str:
    """What another system says, as one line; "" when it says nothing that can be shown."""
    line = " ".join(told.split()) if isinstance(told, str) else ""
    return "".join(letter for letter in line if letter.isprintable())[:longest]
