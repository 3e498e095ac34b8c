"""Standard Webhooks 1.0.0 (standardwebhooks.com): what we post is signed so, and what is posted to us is checked so."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

SECRET = "whsec_"  # noqa: S105  # how a secret begins
LEAST_SECRET, MOST_SECRET = 24, 64  # bytes
WINDOW = 300  # seconds that a post to us may be old, or our clocks may differ
LONGEST_ID = 200  # characters
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys of a secret: whsec_ and base64; two of them, apart by a space, while one replaces the other.

    Raises ValueError unless there is one, and each has 24 to 64 bytes.
    """
    keys = tuple(_key(one) for one in secret.split())
    if not keys:
        raise ValueError("no secret is given")
    return keys


def is_private(url: str) -> bool:
    """Whether others cannot read what is posted there: https, or this machine; no password in the address."""
    parts = urlsplit(url)
    return bool(parts.hostname) and parts.username is None and (parts.scheme == "https" or parts.hostname in _HERE)


def signed(keys: Sequence[bytes], id_: str, body: bytes, *, moment: int) -> dict[str, str]:
    """The headers that say who posts this body. moment: seconds since 1970."""
    name = id_.replace(".", "_")  # no "." in what is joined by "."
    signatures = (_signature(key, name, str(moment), body) for key in keys)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def id_of_signed(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, *, now: datetime) -> str | None:
    """The id of a post that one of these keys signed within the last five minutes; None for any other."""
    name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (0 < len(name) <= LONGEST_ID) or not (moment.isascii() and moment.isdigit() and len(moment) <= 12):  # noqa: PLR2004  # digits of any moment to come
        return None
    if abs(now.timestamp() - int(moment)) > WINDOW:
        return None
    given = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split(" ")[:10]]
    wanted = [_signature(key, name, moment, body) for key in keys]
    fits = [hmac.compare_digest(one.encode(), two.encode()) for one in given for two in wanted]
    return name if any(fits) else None


def _signature(key: bytes, name: str, moment: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256")).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET) or not LEAST_SECRET <= len(key) <= MOST_SECRET:
        raise ValueError(f"it is not whsec_ and the base64 of {LEAST_SECRET} to {MOST_SECRET} bytes")
    return key
