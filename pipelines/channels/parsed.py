"""What a channel makes of raw bytes: plain data under caps, and the named reasons for refusing a whole message."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from cases.errors import CaseError

MachineKind = Literal["auto_reply", "list", "bounce", "loop", "report"]

MAX_TEXT_CHARS = 200_000
MAX_NAME_CHARS = 120
MAX_COMBINING_RUN = 16  # canonical ordering is quadratic in the length of a run of combining marks

# Keep newline and tab; drop the other control characters, the bidi overrides and the byte order mark.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_SUSPECT_RUN = re.compile(r"[^\w\s\x00-\x7f]{17,}")


class Refused(CaseError):
    """The whole message cannot be taken. `field` is where it went wrong; `detail` ends in the mend."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class MessageTooLarge(Refused):
    def __init__(self, size: int, cap: int) -> None:
        super().__init__("body", f"{size} bytes is over the limit of {cap}; send it in smaller messages")


class HeadersTooLarge(Refused):
    def __init__(self, cap: int) -> None:
        super().__init__("headers", f"no end of headers within {cap} bytes; send a message with fewer headers")


class TooManyParts(Refused):
    def __init__(self, cap: int) -> None:
        super().__init__("body", f"more than {cap} parts; send fewer files in one message")


class TooDeep(Refused):
    def __init__(self, cap: int) -> None:
        super().__init__("body", f"parts lie more than {cap} levels deep; forward the innermost message itself")


class NotMultipart(Refused):
    def __init__(self, detail: str) -> None:
        super().__init__("Content-Type", f"{detail}; send multipart/form-data with its boundary")


class MultipartCutOff(Refused):
    def __init__(self) -> None:
        super().__init__("body", "the closing boundary is missing, so part of the form was lost; send it again")


class FieldMissing(Refused):
    def __init__(self, field: str, mend: str) -> None:
        super().__init__(field, f"is missing; {mend}")


class FieldInvalid(Refused):
    """A field is there and cannot be used: wrong type, too long, given twice or unreadable."""


@dataclass(frozen=True, slots=True)
class MachineMail:
    """Why a mail came from a machine, with the header that says so. Never replied to."""

    kind: MachineKind
    because: str


@dataclass(frozen=True, slots=True)
class ParsedHeaders:
    """The head of one e-mail. `sender` is a bare address with its domain in lower case, "" when unreadable.

    `message_id`, `in_reply_to` and `references` are without angle brackets; `date` is ISO 8601 with an offset.
    `authentication_results` are the raw header values, topmost first: only the caller knows which host to trust.
    """

    sender: str
    sender_name: str
    to: tuple[str, ...]
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: str | None
    machine: MachineMail | None
    authentication_results: tuple[str, ...]
    delivered_to: tuple[str, ...] = ()  # the envelope's recipients, as the last mail server noted them


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file as sent. `content_type` is what the sender claims; `problem` why it was not taken in full.

    `at` is where its bytes begin in the raw message, None where they lie there encoded.
    """

    name: str
    content_type: str
    data: bytes
    inline: bool = False
    problem: str | None = None
    at: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """One message as plain data. `text` is only what is new; `quoted` holds what was split off, line by line.

    `notes` tell what was cut or guessed, for the decision file. `journey` only where the channel states one.
    """

    sender: str
    sender_name: str
    subject: str
    text: str
    quoted: str = ""
    attachments: tuple[Attachment, ...] = ()
    language: str | None = None
    notes: tuple[str, ...] = ()
    journey: str | None = None
    request: str = ""  # what the files were sent for, where the form says it


def clean_text(text: str) -> str:
    """NFC with line feeds, without control characters, lone surrogates or endless stacks of accents."""
    text = _NEWLINES.sub("\n", text)
    text = _CONTROLS.sub("", text)
    if text.isascii():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    text = _SUSPECT_RUN.sub(_thin_out, text)
    return unicodedata.normalize("NFC", text)


def cut_text(text: str, notes: list[str]) -> str:
    """`clean_text` of at most MAX_TEXT_CHARS characters; a cut is told in `notes`."""
    if len(text) > MAX_TEXT_CHARS:
        notes.append(f"text cut after {MAX_TEXT_CHARS} of {len(text)} characters")
        text = text[:MAX_TEXT_CHARS]
    return clean_text(text)


def clean_line(text: str, cap: int = 500) -> str:
    """One line of cleaned text: white space joined, at most `cap` characters."""
    return " ".join(clean_text(text[: 4 * cap]).split())[:cap]


def clean_name(name: str, fallback: str) -> str:
    """A file name without path or control characters, at most 120 characters, its extension kept when cut."""
    bare = re.split(r"[/\\]", clean_line(name, 1000))[-1].strip(". ")
    if not bare:
        return fallback
    stem, dot, extension = bare.rpartition(".")
    if len(bare) <= MAX_NAME_CHARS or not dot or len(extension) > 10:  # noqa: PLR2004  # longer is no extension
        return bare[:MAX_NAME_CHARS]
    return f"{stem[: MAX_NAME_CHARS - len(extension) - 1]}.{extension}"


def lower_domain(address: str) -> str:
    """The address with its domain in lower case; the local part belongs to its host and is left alone."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _thin_out(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_COMBINING_RUN:
            kept.append(character)
    return "".join(kept)
