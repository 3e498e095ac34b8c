"""Digests, chains and the Merkle root of the event log: pure functions over bytes."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from cases.vocabulary import Actor

SALT = 16  # bytes


def digest_of(salt: bytes, body: str) -> bytes:
    """SHA-256 over salt and stored text. The salt keeps an erased body from being guessed by its digest."""
    return hashlib.sha256(salt + body.encode()).digest()


def first_link(key: bytes, stream: str) -> bytes:
    """What a stream's first event is chained to: its name, so that one stream cannot be shown as another."""
    return hmac.digest(key, b"stream " + stream.encode(), "sha256")


def next_link(
    key: bytes,
    previous: bytes,
    *,
    seq: int,
    kind: str,
    schema: int,
    at: datetime,
    actor: Actor | str,
    digest: bytes,
) -> bytes:
    """HMAC-SHA256 over the previous link and everything of the event. at: in UTC."""
    head = orjson.dumps([seq, kind, schema, at.isoformat(timespec="microseconds"), str(actor)])
    # Two parts of fixed length and one JSON array: no two events read as the same bytes.
    return hmac.digest(key, previous + digest + head, "sha256")


def leaf_of(stream: str, seq: int, chain: bytes) -> bytes:
    """The leaf that stands for a stream's head."""
    return orjson.dumps([stream, seq, chain.hex()])


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Merkle tree hash of RFC 6962, section 2.1, over leaves in order."""
    level: Sequence[bytes] = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        # An odd one out moves up as it is: the split at the largest power of two gives the same tree.
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]
