"""Orders as signed webhooks to the organisation's own system."""

import time
from collections.abc import Callable

import orjson

from cases.events import HandoverAsked
from pipelines.handover import HandoverUnset, written
from pipelines.hook_signatures import LEAST_SECRET, MOST_SECRET, is_private, keys_of
from pipelines.ports import HandoverDeclined
from pipelines.signed_post import SECONDS, NoAnswer, SignedPost, words

LONGEST_RECEIPT = 200  # characters
REFUSALS = frozenset({403, 410, 422})
CONFLICT = 409


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
        if not is_private(url):
            raise HandoverUnset(_MEND_URL)
        try:
            keys = keys_of(secret)
        except ValueError as error:
            raise HandoverUnset(_MEND_SECRET) from error
        self._post = SignedPost(url, keys, clock=clock, seconds=seconds)

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:  # noqa: ARG002  # as the port says
        """The receipt: what the answer calls so, else the order's id. Raises HandoverDeclined, or HandoverAway."""
        body = orjson.dumps(written(order, reference), option=orjson.OPT_SORT_KEYS)
        try:
            answer = self._post.send(order.id, body)
        except NoAnswer as error:
            raise HandoverAway(f"the system that takes orders does not answer: {type(error).__name__}") from error
        if answer.accepts or (answer.status == CONFLICT and answer.told.get("id") == order.id):
            return words(answer.told.get("receipt"), LONGEST_RECEIPT) or order.id
        if answer.status in REFUSALS:
            raise HandoverDeclined(answer.reason or f"the system that takes orders answers {answer.status}")
        raise HandoverAway(f"the system that takes orders answers {answer.status}")

    def close(self) -> None:
        self._post.close()


_MEND_SECRET = (
    "CASEWRIGHT_HANDOVER_SECRET must be whsec_ and the base64 of "
    f"{LEAST_SECRET} to {MOST_SECRET} random bytes, the same that the receiver has"
)
_MEND_URL = (
    "CASEWRIGHT_HANDOVER_URL must read https://host/path, without a password: orders are signed, and TLS keeps "
    "them private (http only to this machine)"
)
