"""How one value of a table is written into one cell of a sheet, and read back the same."""

import json
import re
from typing import Any, Final

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet would take what follows for a formula
_ITEM: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|$)')
LISTS: Final = ("list", "set")


def guarded(text: str) -> str:
    """Text that no spreadsheet runs as a formula: what begins like one gets a quote before it."""
    return f"'{text}" if text.startswith(_RISKY) else text


def unguarded(text: str) -> str:
    """The text again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text


def written(value: Any) -> str:
    """A value of a table as text; "" stands for nothing at all, `""` for the empty text."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return "[]" if not value else ", ".join(_item(str(one)) for one in value)
        case str():
            return _quoted(value) if value in ("", "null", "[]") or value.startswith('"') else value
        case _:
            return str(value)


def read(text: str, kind: str) -> Any:
    """The value again, by the type of its column. Raises ValueError for a quote that is not closed."""
    if text == "null":
        return None
    if kind in LISTS:
        return [] if text == "[]" else _items(text)
    if text.startswith('"'):
        return _unquoted(text)
    if kind == "boolean" and text.lower() in ("true", "false"):  # a spreadsheet writes them in capitals
        return text.lower() == "true"
    return text


def _item(text: str) -> str:
    plain = text and text == text.strip() and not set(text) & set(',"[]') and text != "null"
    return text if plain else _quoted(text)


def _items(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _ITEM.match(text, place)
        if match is None:
            raise ValueError(text)
        item = match[1]
        found.append(_unquoted(item) if item.startswith('"') else item)
        place = match.end()
        if place == len(text) and text[place - 1] == ",":
            found.append("")
    return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unquoted(text: str) -> str:
    value = json.loads(text)
    if not isinstance(value, str):
        raise ValueError(text)  # noqa: TRY004  # what was typed is wrong, not what was called
    return value
