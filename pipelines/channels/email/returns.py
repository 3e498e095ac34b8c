"""Mail that comes back to a letter of ours: which one, and what its report says (VERP, RFC 3464)."""

import base64
import hmac
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from pipelines.channels.email.machine_mail import Bounce, read_bounce
from pipelines.channels.parsed import ParsedHeaders, Refused
from pipelines.links import letter_of_reply

#: A letter that did not arrive for now is offered again so long after each report, then not any more.
AGAIN = (timedelta(hours=4), timedelta(hours=24))
_LETTER = re.compile(r"case-([0-9a-f]{32}\.\d{1,4})", re.ASCII)
_BOUNCE = re.compile(r"bounce\+([0-9a-f]{32}\.\d{1,4})\.([a-z2-7]{16})@.*", re.ASCII)


def return_address(letter_id: str, domain: str, *, key: bytes) -> str | None:
    """Where reports about one letter come back to: at most 64 characters before the @ (RFC 5321), in small letters,
    since not every mail server keeps capitals. None for a letter whose id does not fit in.
    """
    found = _LETTER.fullmatch(letter_id)
    return f"bounce+{found[1]}.{_proof(letter_id, key)}@{domain}" if found else None


def letter_of_return(address: str, *, key: bytes) -> str | None:
    """The letter whose return address this is; None when it is not one of ours."""
    found = _BOUNCE.fullmatch(address.strip().lower())
    if found is None:
        return None
    letter_id = f"case-{found[1]}"
    return letter_id if hmac.compare_digest(found[2], _proof(letter_id, key)) else None


def answered(headers: ParsedHeaders, raw: bytes, *, key: bytes) -> Iterator[str]:
    """Ids of letters of ours that this mail answers or brings back, the surest first; each is proven by our key.

    A report goes to the letter's own address or carries the letter inside it, and a loop is our letter.
    """
    for address in headers.delivered_to if headers.machine is not None else ():
        yield from _known(letter_of_return(address, key=key))
    for message_id in (headers.in_reply_to, *headers.references):
        yield from _known(letter_of_reply(message_id, key))
    if headers.machine is not None:
        yield from _known(letter_of_reply(headers.message_id, key))
        with suppress(Refused):
            bounce = read_bounce(raw)
            yield from _known(letter_of_reply((bounce.message_id if bounce else None) or "", key))


def again_at(bounce: Bounce, *, before: int, now: datetime) -> datetime | None:
    """When the letter is offered again; None when no repeat helps, or enough were made. before: earlier reports."""
    is_for_now = (bounce.status or "").startswith("4")
    return now + AGAIN[before] if is_for_now and before < len(AGAIN) else None


def _known(letter_id: str | None) -> tuple[str, ...]:
    return (letter_id,) if letter_id else ()


def _proof(letter_id: str, key: bytes) -> str:
    digest = hmac.new(key, f"return {letter_id}".encode(), sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
