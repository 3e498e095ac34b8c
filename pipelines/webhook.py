"""Orders as signed webhooks to the organisation's own system."""

import base64
import binascii
import hmac
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from cases.events import HandoverAsked
from pipelines.handover import HandoverUnset, written
from pipelines.ports import HandoverDeclined

SECONDS = 10.0  # for connecting, for each piece of an answer, and for the whole of its body
LONGEST_ANSWER = 64 * 1024  # bytes; what comes after is not read
LONGEST_REASON, LONGEST_RECEIPT = 300, 200  # characters
SECRET = "whsec_"  # noqa: S105  # how a secret begins
LEAST_SECRET, MOST_SECRET = 24, 64  # bytes
REFUSALS = frozenset({403, 410, 422})
CONFLICT = 409
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class HandoverAway(Exception):
    """The other system could not say whether it takes the order; the same is asked again later."""


class WebhookHandover:
    """Each order as one POST, signed as Standard Webhooks 1.0.0 says (standardwebhooks.com).

    The body is what a file would hold, and the same at each repeat: the receiver takes an order id once. An answer 2xx
    accepts; 409 about the same id says that it had been accepted before; 403, 410 and 422 refuse, with the `detail` of
    a problem (RFC 9457) as reason; all else is asked again. May be used by several threads.
    """

    def __init__(
        self, url: str, secret: str, *, clock: Callable[[], float] = time.time, seconds: float = SECONDS
    ) -> None:
        """secret: whsec_ and base64; two of them, apart by a space, while one replaces the other.

        HandoverUnset for an address or a secret that cannot be used.
        """
        self._url = _checked(url)
        self._keys = [_key(one) for one in secret.split()]
        if not self._keys:
            raise HandoverUnset(_MEND_SECRET)
        self._clock = clock
        self._seconds = seconds
        self._client = httpx.Client(timeout=seconds, follow_redirects=False)

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:  # noqa: ARG002  # as the port says
        """The receipt: what the answer calls so, else the order's id. Raises HandoverDeclined, or HandoverAway."""
        body = orjson.dumps(written(order, reference), option=orjson.OPT_SORT_KEYS)
        try:
            status, answer = self._post(body, self._headers(order.id, body))
        except httpx.HTTPError as error:
            raise HandoverAway(f"the system that takes orders does not answer: {type(error).__name__}") from error
        if 200 <= status < 300 or (status == CONFLICT and answer.get("id") == order.id):  # noqa: PLR2004  # success
            return _words(answer.get("receipt"), LONGEST_RECEIPT) or order.id
        if status in REFUSALS:
            reason = _words(answer.get("detail"), LONGEST_REASON) or _words(answer.get("title"), LONGEST_REASON)
            raise HandoverDeclined(reason or f"the system that takes orders answers {status}")
        raise HandoverAway(f"the system that takes orders answers {status}")

    def close(self) -> None:
        self._client.close()

    def _headers(self, order_id: str, body: bytes) -> dict[str, str]:
        name, moment = order_id.replace(".", "_"), str(int(self._clock()))  # no "." in what is joined by "."
        signed = f"{name}.{moment}.".encode() + body
        signatures = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in self._keys]
        return {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # so that what is read is as long as what was sent
            "Idempotency-Key": order_id,
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        }

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of the answer; {} when it is none, or longer than we read."""
        end = time.monotonic() + self._seconds
        answer = bytearray()
        with self._client.stream("POST", self._url, content=body, headers=headers) as response:
            for piece in response.iter_raw():
                answer += piece
                if len(answer) > LONGEST_ANSWER:
                    return response.status_code, {}
                if time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer goes on for too long", request=response.request)
        try:
            read = orjson.loads(answer)
        except orjson.JSONDecodeError:
            read = None
        return response.status_code, read if isinstance(read, dict) else {}


_MEND_SECRET = (
    "CASEWRIGHT_HANDOVER_SECRET must be whsec_ and the base64 of "
    f"{LEAST_SECRET} to {MOST_SECRET} random bytes, the same that the receiver has"
)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or (parts.scheme != "https" and parts.hostname not in _HERE):
        raise HandoverUnset(
            "CASEWRIGHT_HANDOVER_URL must read https://host/path, without a password: orders are signed, and TLS keeps "
            "them private (http only to this machine)"
        )
    return url


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET) or not LEAST_SECRET <= len(key) <= MOST_SECRET:
        raise HandoverUnset(_MEND_SECRET)
    return key


def _words(told: object, longest: int) -> str:
    """What the other system says, as one line; "" when it says nothing that can be shown."""
    line = " ".join(told.split()) if isinstance(told, str) else ""
    return "".join(letter for letter in line if letter.isprintable())[:longest]
