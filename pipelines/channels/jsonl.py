"""One message as one line of JSON: `{id, channel, journey?, sender, subject, text, language?, photos: [path]}`."""

from dataclasses import dataclass
from typing import Any

import orjson

from pipelines.channels.parsed import (
    MAX_TEXT_CHARS,
    FieldInvalid,
    FieldMissing,
    MessageTooLarge,
    clean_line,
    clean_text,
    lower_domain,
)

MAX_LINE_BYTES = 5_000_000
MAX_PHOTOS = 50
MAX_PATH_CHARS = 1_000
MAX_SHORT_CHARS = 500

KNOWN_FIELDS = ("id", "channel", "journey", "sender", "name", "subject", "text", "language", "photos")


@dataclass(frozen=True, slots=True)
class JsonMessage:
    """Paths in `photos` are as written: the caller resolves them against the file and keeps them inside it.

    `ignored` names the fields that were there and mean nothing here.
    """

    id: str
    sender: str
    text: str
    subject: str = ""
    sender_name: str = ""
    channel: str | None = None
    journey: str | None = None
    language: str | None = None
    photos: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def read_json_message(raw: bytes) -> JsonMessage:
    """Raises MessageTooLarge (5 MB), FieldInvalid and FieldMissing, which name the field and the mend."""
    if len(raw) > MAX_LINE_BYTES:
        raise MessageTooLarge(len(raw), MAX_LINE_BYTES)
    try:
        line = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise FieldInvalid("line", f"is no JSON ({error}); write one object on one line, in UTF-8") from error
    if not isinstance(line, dict):
        raise FieldInvalid("line", 'is no JSON object; write {"id": …, "sender": …, "text": …}')
    photos = _photos(line)
    text = clean_text(_string(line, "text", MAX_TEXT_CHARS)).strip()
    if not text and not photos:
        raise FieldMissing("text", "give the customer's words, or photos")
    return JsonMessage(
        id=_id(line),
        sender=lower_domain(_required(line, "sender", "give the address the customer wrote from")),
        text=text,
        subject=clean_line(_string(line, "subject")),
        sender_name=clean_line(_string(line, "name")),
        channel=clean_line(_string(line, "channel")) or None,
        journey=clean_line(_string(line, "journey")) or None,
        language=clean_line(_string(line, "language")).lower() or None,
        photos=photos,
        ignored=tuple(clean_line(key, 100) for key in list(line)[:100] if key not in KNOWN_FIELDS),
    )


def _string(line: dict[str, Any], field: str, cap: int = MAX_SHORT_CHARS) -> str:
    value = line.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldInvalid(field, f'is {_kind(value)}; write it as text between "quotes"')
    if len(value) > cap:
        raise FieldInvalid(field, f"is longer than {cap} characters; shorten it")
    return value


def _required(line: dict[str, Any], field: str, mend: str) -> str:
    value = clean_line(_string(line, field))
    if not value:
        raise FieldMissing(field, mend)
    return value


def _id(line: dict[str, Any]) -> str:
    number = line.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number)
    return _required(line, "id", "give each line its own id; the results name it")


def _photos(line: dict[str, Any]) -> tuple[str, ...]:
    paths = line.get("photos")
    if paths is None:
        return ()
    if not isinstance(paths, list):
        raise FieldInvalid("photos", f'is {_kind(paths)}; write a list of paths: ["photo.jpg"]')
    if len(paths) > MAX_PHOTOS:
        raise FieldInvalid("photos", f"holds more than {MAX_PHOTOS} paths; split the message")
    for number, path in enumerate(paths):
        if not isinstance(path, str) or not path or "\0" in path or len(path) > MAX_PATH_CHARS:
            raise FieldInvalid(f"photos[{number}]", "is no path; write the name of a file as text")
    return tuple(paths)


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "something else")
