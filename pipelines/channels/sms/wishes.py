"""Who wants no texts: one STOP from a number holds for all its cases, until START from the same number.

Kept in a stream of its own, whose name holds the number under a key and not in clear, and which no erasure empties.
"""

import hmac
from hashlib import sha256

from cases.events import TextsStopped
from cases.store.store import Store


def stream_of(number: str, key: bytes) -> str:
    """number: as +31612345678."""
    return f"texts.{hmac.new(key, f'texts {number}'.encode(), sha256).hexdigest()[:32]}"


def wants_none(store: Store, number: str, key: bytes) -> bool:
    entries = store.history(stream_of(number, key))
    return bool(entries) and isinstance(entries[-1].event, TextsStopped)
