"""Tracking links, reply tokens and names of uploads: each an id and its HMAC. None of them is stored anywhere."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from cases.store.store import Store

_ID_CHARS = 22  # base64url of 16 random bytes
UPLOAD = "upload-"  # how ids of uploads begin
_HEX_CHARS = 32  # the rest of them: hexadecimal of 16 random bytes


def new_link_id() -> str:
    return secrets.token_urlsafe(16)


def token_of(link_id: str, key: bytes) -> str:
    """Link id ‖ base64url(HMAC-SHA256(key, link id))."""
    return link_id + _mac(key, link_id)


def path_of(link_id: str, key: bytes) -> str:
    return f"/t/{token_of(link_id, key)}"


def read_token(token: str, key: bytes) -> str | None:
    """The link id of a genuine token; None otherwise. Compared in constant time."""
    link_id, mac = token[:_ID_CHARS], token[_ID_CHARS:]
    return link_id if token.isascii() and hmac.compare_digest(mac, _mac(key, link_id)) else None


def link_named(token: str) -> str:
    """The link that a token says it is of, which anybody can write."""
    return token[:_ID_CHARS]


def case_of_token(store: Store, token: str, *, key: bytes, now: datetime) -> str | None:
    """The case a token opens; None when it is not genuine, has expired or was revoked."""
    link_id = read_token(token, key)
    link = store.links.get(link_id) if link_id else None
    if link is None or link.revoked_at is not None or link.expires_at <= now:
        return None
    return link.case_id


def was_genuine(store: Store, token: str, *, key: bytes) -> bool:
    """Whether a token was one of ours, also when it opens nothing any more."""
    link_id = read_token(token, key)
    return link_id is not None and store.links.get(link_id) is not None


def upload_token(upload_id: str, key: bytes) -> str:
    """What names an upload outside: who knows it may send that file's bytes, and do nothing else."""
    return upload_id.removeprefix(UPLOAD) + _mac(key, f"upload {upload_id}")


def upload_of_token(token: str, key: bytes) -> str | None:
    """The id of the upload; None when the token is not genuine."""
    upload_id, mac = UPLOAD + token[:_HEX_CHARS], token[_HEX_CHARS:]
    return upload_id if token.isascii() and hmac.compare_digest(mac, _mac(key, f"upload {upload_id}")) else None


def reply_token(letter_id: str, key: bytes) -> str:
    """Left side of a letter's Message-ID: proves in a reply that the writer holds our letter."""
    return f"{letter_id}.{_mac(key, letter_id)[:22]}"


def letter_of_reply(message_id: str, key: bytes) -> str | None:
    """The letter whose Message-ID this is (without brackets); None when it is not one of ours."""
    left = message_id.strip().strip("<>").partition("@")[0]
    letter_id, _, mac = left.rpartition(".")
    return letter_id if left.isascii() and hmac.compare_digest(mac, _mac(key, letter_id)[:22]) else None


def _mac(key: bytes, text: str) -> str:
    digest = hmac.new(key, text.encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
