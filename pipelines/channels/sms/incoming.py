"""What a provider posts to us: a text of somebody, or how one of ours fared."""

import re
from dataclasses import dataclass
from typing import Literal

import orjson

from pipelines.channels.parsed import (
    MAX_TEXT_CHARS,
    Attachment,
    FieldInvalid,
    FieldMissing,
    MessageTooLarge,
    ParsedMessage,
    clean_line,
    clean_text,
)
from pipelines.channels.sms.numbers import number_of

TEXT_TYPE = "application/vnd.casewright.text+json"
MOST_BYTES = 64 * 1024
MOST_MEDIA = 50
LONGEST_ID = 200
#: What customers write to get no more texts, or texts again; alone in a message, whatever its capitals and signs.
STOP = frozenset({"stop", "stopp", "arret", "arrêt", "stop all", "stopall", "unsubscribe", "afmelden"})
START = frozenset({"start", "unstop", "aanmelden"})
_AGAIN = re.compile(r"-\d{1,2}$", re.ASCII)
Kind = Literal["sms", "whatsapp"]
Fate = Literal["delivered", "failed", "expired"]


@dataclass(frozen=True, slots=True)
class Text:
    """sender: as +31612345678. media: how many pictures came along; they stay where they are, and are not fetched."""

    sender: str
    text: str
    sender_name: str = ""
    kind: Kind = "sms"
    media: int = 0

    @property
    def wish(self) -> Literal["stop", "start", ""]:
        bare = " ".join("".join(sign if sign.isalpha() else " " for sign in self.text.casefold()).split())
        return "stop" if bare in STOP else "start" if bare in START else ""

    @property
    def message(self) -> ParsedMessage:
        """The pictures as files that did not arrive: customer and people read so, with how to send them."""
        pictures = tuple(
            Attachment(f"{n}.jpg", "image/jpeg", b"", problem="not_fetched") for n in range(1, self.media + 1)
        )
        return ParsedMessage(self.sender, self.sender_name, "", self.text, attachments=pictures)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a text of ours fared. expired: the phone was off for too long."""

    letter_id: str
    fate: Fate
    to: str = ""
    reason: str = ""


def id_of_text(letter_id: str, *, before: int) -> str:
    """Under which a letter leaves by text: the same at each repeat, another once it came back. before: how often."""
    return f"{letter_id}-{before + 1}" if before else letter_id


def read_posted(raw: bytes, *, country: str) -> Text | Receipt:
    """Raises MessageTooLarge, FieldInvalid and FieldMissing, which name the field and the mend."""
    if len(raw) > MOST_BYTES:
        raise MessageTooLarge(len(raw), MOST_BYTES)
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise FieldInvalid("body", "is no JSON; post one object in UTF-8") from error
    if not isinstance(told, dict):
        raise FieldInvalid("body", 'is no JSON object; post {"type": "text", "from": …, "text": …}')
    match told.get("type"):
        case "text":
            return _text(told, country)
        case "receipt":
            return _receipt(told, country)
        case _:
            raise FieldInvalid("type", 'is neither "text" nor "receipt"; say which of them it is')


def _text(told: dict[str, object], country: str) -> Text:
    sender = number_of(_string(told, "from", LONGEST_ID), country=country)
    if sender is None:
        raise FieldInvalid("from", "is no telephone number; write it as +31612345678")
    kind: Kind = "whatsapp" if told.get("kind") == "whatsapp" else "sms"
    media = told.get("media") or []
    if not isinstance(media, list) or len(media) > MOST_MEDIA:
        raise FieldInvalid("media", f"is no list of at most {MOST_MEDIA} addresses")
    text = clean_text(_string(told, "text", MAX_TEXT_CHARS)).strip()
    if not text and not media:
        raise FieldMissing("text", "give the words of the text message")
    return Text(sender, text, clean_line(_string(told, "name", LONGEST_ID)), kind, len(media))


def _receipt(told: dict[str, object], country: str) -> Receipt:
    letter_id = clean_line(_string(told, "id", LONGEST_ID))
    if not letter_id:
        raise FieldMissing("id", "give the id under which the text was posted to you")
    to = number_of(_string(told, "to", LONGEST_ID), country=country) or ""
    reason = clean_line(_string(told, "reason", 1000), 200)
    match told.get("status"):
        case "delivered" | "failed" | "expired" as fate:
            return Receipt(_AGAIN.sub("", letter_id), fate, to, reason)
        case _:
            raise FieldInvalid("status", 'is none of "delivered", "failed" and "expired"; say which of them it is')


def _string(told: dict[str, object], field: str, most: int) -> str:
    value = told.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise FieldInvalid(field, f'is no text of at most {most} characters; write it between "quotes"')
    return value
