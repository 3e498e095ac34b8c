"""Asking the provider over HTTP, within bounds of time, size and tries."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from pipelines.admitting import NotAdmitted, Why

SECONDS = 5.0  # for connecting, for each piece of an answer, and for the whole of its body
LONGEST_ANSWER = 512 * 1024  # bytes
TRIES = 2
_OURS = 500  # from this status on it is the provider's own trouble


def away(detail: str) -> NotAdmitted:
    return NotAdmitted(Why.AWAY, detail)


class Asking:
    """May be used by several threads. No answer leads on to another address."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._client = httpx.Client(timeout=seconds, follow_redirects=False, headers={"Accept": "application/json"})

    def read(self, url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON object; asked once more when nothing or trouble of the provider comes back. NotAdmitted (AWAY)."""
        for tried in range(1, TRIES + 1):
            try:
                status, answer = self._ask("GET", url, headers=headers)
            except httpx.TransportError as error:
                if tried == TRIES:
                    raise away(f"the provider does not answer ({type(error).__name__})") from error
                continue
            if status < _OURS or tried == TRIES:
                break
        if status != httpx.codes.OK or answer is None:
            raise away(f"the provider answers {status}, and no JSON that can be used")
        return answer

    def send(self, url: str, fields: Mapping[str, str], *, auth: tuple[str, str] | None) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of a form's answer; {} when it is none. Sent again only if it never arrived."""
        for tried in range(1, TRIES + 1):
            try:
                status, answer = self._ask("POST", url, data=dict(fields), auth=auth)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if tried == TRIES:
                    raise away(f"the provider does not answer ({type(error).__name__})") from error
            except httpx.TransportError as error:
                raise away(f"the provider does not answer ({type(error).__name__})") from error
            else:
                break
        return status, answer or {}

    def _ask(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any] | None]:
        end, answer = time.monotonic() + self._seconds, bytearray()
        with self._client.stream(method, url, **more) as response:
            for piece in response.iter_bytes():
                answer += piece
                if len(answer) > LONGEST_ANSWER or time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer goes on for too long", request=response.request)
        try:
            read = orjson.loads(answer)
        except orjson.JSONDecodeError:
            read = None
        return response.status_code, read if isinstance(read, dict) else None
