"""A mail that somebody delivers to us, taken in once however often it is delivered."""

import hashlib

from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept

#: The house cannot keep anything now: whoever delivers keeps the mail, and comes again.
AWAY = (DatabaseAway, BlobsAway)


def take(raw: bytes, house: House, *, caller: str) -> Accepted:
    """Durable when it returns. The mail's own bytes are its key: who delivers repeats what it is unsure of.

    Raises Refused for what can never be a message, and one of AWAY.
    """
    key = f"mail {hashlib.sha256(raw).hexdigest()}"
    return accept(Incoming("message/rfc822", raw, "email", caller, house.now(), key), house=house)
