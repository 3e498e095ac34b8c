"""An e-mail (RFC 5322 bytes) as plain data. Bytes of any kind give a ParsedMessage or a named refusal."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from pipelines.channels.email.machine_mail import classify
from pipelines.channels.email.mail_headers import (
    MAX_HEADER_BYTES,
    Headers,
    charset_codec,
    decode_bytes,
    decode_words,
    read_addresses,
    read_ids,
    split_headers,
)
from pipelines.channels.email.mime import Envelope, Leaf, walk
from pipelines.channels.email.replies import split_reply
from pipelines.channels.html_text import html_to_text
from pipelines.channels.parsed import (
    MAX_TEXT_CHARS,
    Attachment,
    HeadersTooLarge,
    MessageTooLarge,
    ParsedHeaders,
    ParsedMessage,
    clean_line,
    clean_name,
    clean_text,
    cut_text,
)

MAX_MESSAGE_BYTES = 25_000_000
MAX_ATTACHMENTS = 50

_BYTES_PER_CHAR = 8  # generous: markup and the widest charset; bounds what is decoded at all
_ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")


def read_headers(raw: bytes, *, own_domain: str = "") -> ParsedHeaders:
    """The head of a mail, without looking at its body. Raises HeadersTooLarge past 64 KB."""
    headers = _head(raw[: MAX_HEADER_BYTES + 1])[0]
    name, sender = _sender(headers)
    return ParsedHeaders(
        sender=sender,
        sender_name=name,
        to=tuple(address for value in headers.every("to") for _, address in read_addresses(value)),
        subject=decode_words(headers.first("subject")),
        message_id=next(iter(read_ids(headers.first("message-id"))), ""),
        in_reply_to=next(iter(read_ids(headers.first("in-reply-to"))), ""),
        references=read_ids(headers.first("references")),
        date=_date(headers.first("date")),
        machine=classify(headers, own_domain=own_domain),
        authentication_results=headers.every("authentication-results"),
        delivered_to=tuple(
            address
            for name in ("delivered-to", "x-original-to", "envelope-to", "to")
            for value in headers.every(name)
            for _, address in read_addresses(value)
        ),
    )


def read_email(raw: bytes) -> ParsedMessage:
    """The whole mail. Raises MessageTooLarge (25 MB), HeadersTooLarge, TooManyParts (200) and TooDeep (20)."""
    if len(raw) > MAX_MESSAGE_BYTES:
        raise MessageTooLarge(len(raw), MAX_MESSAGE_BYTES)
    notes: list[str] = []
    headers, texts, envelopes, files = _parts(raw, notes)
    whole = cut_text(_read_texts(texts[0], notes), notes)
    language = _language(headers)
    new, quoted = split_reply(whole)
    name, sender = _sender(headers)
    if not sender:
        notes.append("no readable address in From")
    attachments = [_forwarded(envelope, texts[envelope.message], notes) for envelope in envelopes]
    attachments += [_attachment(leaf, number) for number, leaf in enumerate(files, start=1)]
    return ParsedMessage(
        sender=sender,
        sender_name=name,
        subject=decode_words(headers.first("subject")),
        text=new,
        quoted=quoted,
        attachments=_capped(attachments, notes),
        language=language,
        notes=tuple(dict.fromkeys(notes)),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail as its sender laid it out. pictures: Content-ID -> number of the attachment, counted from 1."""

    html: str
    pictures: Mapping[str, int]


def read_sent(raw: bytes) -> Sent:
    """The HTML of a mail as it came, not made safe; "" where it has none. Raises as read_email does."""
    notes: list[str] = []
    _, texts, envelopes, files = _parts(raw, notes)
    pages = [leaf for leaf in texts[0] if leaf.headers.content_type == "text/html"]
    first = len(envelopes) + 1  # read_email numbers the mails inside the mail first
    ids = ((next(iter(read_ids(leaf.headers.first("content-id"))), ""), n) for n, leaf in enumerate(files, first))
    return Sent("\n".join(_decoded(leaf, notes) for leaf in pages), {id_: n for id_, n in ids if id_})


def _parts(raw: bytes, notes: list[str]) -> tuple[Headers, dict[int, list[Leaf]], list[Envelope], list[Leaf]]:
    """The head, then texts by the mail they stand in, the mails inside the mail, and files."""
    headers, start = _head(raw)
    texts: dict[int, list[Leaf]] = defaultdict(list)
    envelopes: list[Envelope] = []
    files: list[Leaf] = []
    for part in walk(headers, raw[start:], notes):
        if isinstance(part, Envelope):
            envelopes.append(part)
        elif _is_text(part):
            texts[part.message].append(part)
        else:
            files.append(part)
    return headers, texts, envelopes, files


def _head(raw: bytes) -> tuple[Headers, int]:
    split = split_headers(raw)
    if split is None:
        raise HeadersTooLarge(MAX_HEADER_BYTES)
    return split


def _sender(headers: Headers) -> tuple[str, str]:
    return next(iter(read_addresses(headers.first("from"))), ("", ""))


def _date(value: str) -> str | None:
    """ISO 8601 with an offset; None when unreadable. A date without a zone reads as UTC."""
    try:
        moment = parsedate_to_datetime(value[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _language(headers: Headers) -> str | None:
    """The primary language subtag of Content-Language, lower case."""
    tag = headers.first("content-language").split(",")[0].split("-")[0].strip().lower()
    return tag if tag.isascii() and tag.isalpha() and len(tag) in (2, 3) else None


def _is_text(leaf: Leaf) -> bool:
    kind = leaf.headers.content_type
    disposition = leaf.headers.first("content-disposition").lower().lstrip()
    if disposition.startswith("attachment") or _file_name(leaf):
        return False
    return kind in ("text/plain", "text/html") or kind.startswith("multipart/")


def _file_name(leaf: Leaf) -> str:
    return leaf.headers.parameter("content-disposition", "filename") or leaf.headers.parameter("content-type", "name")


def _read_texts(leaves: list[Leaf], notes: list[str]) -> str:
    """Texts in reading order; of an alternative, the plain rendering unless it is blank."""
    plain_in = {
        leaf.alternative
        for leaf in leaves
        if leaf.alternative is not None and leaf.headers.content_type != "text/html" and leaf.body.strip()
    }
    pieces = []
    for leaf in leaves:
        is_html = leaf.headers.content_type == "text/html"
        if is_html and leaf.alternative in plain_in:
            continue
        text = _decoded(leaf, notes)
        pieces.append(html_to_text(text, notes) if is_html else text)
    return "\n".join(piece.strip("\r\n") for piece in pieces if piece.strip())


def _decoded(leaf: Leaf, notes: list[str]) -> str:
    charset = leaf.headers.parameter("content-type", "charset")
    if charset and charset_codec(charset) is None:
        notes.append(f"unknown charset {clean_line(charset, 40)!r}, read as UTF-8 or Latin-1")
    return decode_bytes(leaf.content()[: MAX_TEXT_CHARS * _BYTES_PER_CHAR], charset or "utf-8")


def _forwarded(envelope: Envelope, leaves: list[Leaf], notes: list[str]) -> Attachment:
    """A mail inside the mail, as a text file that starts with who wrote it and when."""
    headers = envelope.headers
    subject = decode_words(headers.first("subject"))
    head = [f"{name}: {decode_words(headers.first(name.lower()))}" for name in ("From", "Date")]
    body = clean_text(_read_texts(leaves, notes)[:MAX_TEXT_CHARS])
    text = "\n".join([*head, f"Subject: {subject}", "", body])
    notes.append("a forwarded mail was kept as a text file")
    name = clean_name(subject[:100].replace("/", "-").replace("\\", "-"), "forwarded")
    return Attachment(f"{name}.txt", "text/plain", text.encode())


def _attachment(leaf: Leaf, number: int) -> Attachment:
    data = leaf.content()
    kind = leaf.headers.content_type
    disposition = leaf.headers.first("content-disposition").lower().lstrip()
    problem = None if data else "empty"
    if kind in _ENCRYPTED:
        problem = "encrypted"
    return Attachment(
        name=clean_name(_file_name(leaf), f"file-{number}"),
        content_type=kind,
        data=data,
        inline=disposition.startswith("inline") or (leaf.headers.has("content-id") and not disposition),
        problem=problem,
    )


def _capped(attachments: list[Attachment], notes: list[str]) -> tuple[Attachment, ...]:
    """All of them by name; past the cap without their bytes, which stay in the stored raw mail."""
    extra = len(attachments) - MAX_ATTACHMENTS
    if extra <= 0:
        return tuple(attachments)
    notes.append(f"{extra} attachments past the first {MAX_ATTACHMENTS} were not read")
    rest = (Attachment(a.name, a.content_type, b"", a.inline, "too_many") for a in attachments[MAX_ATTACHMENTS:])
    return (*attachments[:MAX_ATTACHMENTS], *rest)
