"""Mail that no person wrote: it is kept, never answered, and opens no case (RFC 3834, RFC 3464)."""

import re
from dataclasses import dataclass

from pipelines.channels.email.mail_headers import (
    Headers,
    charset_codec,
    decode_bytes,
    decode_words,
    read_addresses,
    read_ids,
    split_headers,
)
from pipelines.channels.email.mime import Envelope, Leaf, walk
from pipelines.channels.parsed import HeadersTooLarge, MachineMail

OWN_HEADER_PREFIX = "x-casewright-"
MAX_REPORT_BYTES = 64 * 1024

_AUTO_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply")
_AUTO_REPLY_SUBJECT = re.compile(
    r"\s*(?:automati(?:c|sch)e? (?:reply|answer|response|antwoord)|auto-?reply|auto-?antwoord|out of (?:the )?office"
    r"|niet aanwezig|afwezigheid)",
    re.IGNORECASE,
)
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post")
_FAILED = re.compile(
    r"^(?:final|original)-recipient[ \t]*:[ \t]*[\w-]{1,40}[ \t]*;[ \t]*<?([^\s<>]{1,320})",
    re.IGNORECASE | re.MULTILINE,
)
_ACTION = re.compile(r"^action[ \t]*:[ \t]*(\w{1,20})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^status[ \t]*:[ \t]*(\d\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says: who was not reached, by which of our mails, with which RFC 3463 status.

    action: "failed", "delayed", "delivered", … (RFC 3464), in small letters..
    """

    recipient: str | None
    message_id: str | None
    status: str | None
    action: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the mail will not arrive: not while a server still tries, and not for want of any word about it."""
        if self.action is not None:
            return self.action == "failed"
        return (self.status or "").startswith(("4", "5")) or self.recipient is not None


def classify(headers: Headers, *, own_domain: str = "") -> MachineMail | None:
    """Why this mail is from a machine, None when a person may have written it.

    A subject alone ("Out of office") is never enough. `own_domain` is the domain of our own Message-IDs.
    """
    return _loop(headers, own_domain) or _report(headers) or _auto_reply(headers) or _list(headers)


def read_bounce(raw: bytes) -> Bounce | None:
    """The failed recipient and the Message-ID of our mail in a delivery report; None when neither is readable.

    Raises Refused like `read_email`.
    """
    split = split_headers(raw)
    if split is None:
        raise HeadersTooLarge(MAX_REPORT_BYTES)
    headers, start = split
    recipient = headers.first("x-failed-recipients").split(",")[0].strip()[:320] or None
    message_id = status = action = None
    for part in walk(headers, raw[start:], []):
        if isinstance(part, Envelope):
            message_id = message_id or _own_id(part.headers)
            continue
        kind = part.headers.content_type
        if kind == "message/delivery-status":
            text = _text(part)
            found, code = _FAILED.search(text), _STATUS.search(text)
            recipient = found[1] if found else recipient
            status = code[1] if code else status
            did = _ACTION.search(text)
            action = did[1].lower() if did else action
        elif kind == "text/rfc822-headers":
            inner = split_headers(part.content()[:MAX_REPORT_BYTES])
            message_id = message_id or (_own_id(inner[0]) if inner else None)
    return Bounce(recipient, message_id, status, action) if recipient or message_id or action else None


def _loop(headers: Headers, own_domain: str) -> MachineMail | None:
    own = next((name for name, _ in headers.fields if name.startswith(OWN_HEADER_PREFIX)), None)
    if own:
        return MachineMail("loop", f"{own} is a header of our own letters")
    ids = read_ids(headers.first("message-id"))
    if own_domain and any(identifier.lower().endswith("@" + own_domain.lower()) for identifier in ids):
        return MachineMail("loop", "Message-ID is one of our own")
    return MachineMail("loop", "X-Loop is set") if headers.has("x-loop") else None


def _report(headers: Headers) -> MachineMail | None:
    if headers.content_type == "multipart/report":
        kind = headers.parameter("content-type", "report-type").lower()
        if kind in ("delivery-status", ""):
            return MachineMail("bounce", "multipart/report with a delivery status")
        return MachineMail("report", f"multipart/report; report-type={kind[:60]}")
    if headers.has("return-path") and headers.first("return-path").replace(" ", "") == "<>":
        return MachineMail("bounce", "Return-Path is empty")
    senders = read_addresses(headers.first("from"))
    names = {address.rpartition("@")[0].lower() for _, address in senders}
    if not names:
        names = {re.sub(r"[<>\"\s].*", "", headers.first("from")[:200].lower())}
    daemon = names & {"mailer-daemon", "postmaster"}
    return MachineMail("bounce", f"From is {min(daemon)}") if daemon else None


def _auto_reply(headers: Headers) -> MachineMail | None:
    submitted = re.split(r"[;(\s]", headers.first("auto-submitted").strip().lower())[0]
    if submitted and submitted != "no":
        return MachineMail("auto_reply", f"Auto-Submitted: {submitted[:60]}")
    for name in _AUTO_REPLY_HEADERS:
        if headers.first(name).strip().lower() not in ("", "no"):
            return MachineMail("auto_reply", f"{name} is set")
    if _suppressed(headers) and _AUTO_REPLY_SUBJECT.match(decode_words(headers.first("subject"))):
        return MachineMail("auto_reply", "X-Auto-Response-Suppress is set on an automatic answer")
    if _precedence(headers) == "auto_reply":
        return MachineMail("auto_reply", "Precedence: auto_reply")
    return None


def _suppressed(headers: Headers) -> bool:
    """Exchange sets it on mail of people too, so it says nothing alone."""
    return headers.first("x-auto-response-suppress").strip().lower() not in ("", "none")


def _list(headers: Headers) -> MachineMail | None:
    if _precedence(headers) in ("bulk", "list", "junk"):
        return MachineMail("list", f"Precedence: {_precedence(headers)}")
    found = next((name for name in _LIST_HEADERS if headers.has(name)), None)
    return MachineMail("list", f"{found} is set") if found else None


def _precedence(headers: Headers) -> str:
    return headers.first("precedence").strip().lower()


def _own_id(headers: Headers) -> str | None:
    return next(iter(read_ids(headers.first("message-id"))), None)


def _text(part: Leaf) -> str:
    charset = part.headers.parameter("content-type", "charset")
    return decode_bytes(part.content()[:MAX_REPORT_BYTES], charset if charset_codec(charset) else "utf-8")
