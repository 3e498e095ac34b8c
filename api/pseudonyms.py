"""What a data scientist reads of a case: the same structure, with people's names and numbers blotted out."""

import re
from collections.abc import Iterator
from typing import Any

_NUMBERS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\b"), "[account]"),
    (re.compile(r"(?<!\w)(?:\+|00|0)\d(?:[ -]?\d){7,12}(?!\w)"), "[phone]"),
    (re.compile(r"\b\d{4} ?[A-Z]{2}\b(?: ?\d{1,5})?"), "[postcode]"),
    (re.compile(r"\b(?:[A-Z]{1,3}|\d{1,3})-(?:[A-Z]{1,3}|\d{1,3})-(?:[A-Z]{1,3}|\d{1,3})\b"), "[plate]"),
)
SHORTEST_NAME = 3
_KEPT = frozenset(
    {"reference", "case_id", "message_id", "digest", "journey_digest", "type", "key", "file_id", "id", "at", "seq"}
)


def pseudonymised(document: Any, *, names: tuple[str, ...], code: str) -> Any:
    """A copy of a JSON document without the customer's names, addresses and numbers. `code` stands for names."""
    told = (*names, *_named_in(document))
    parts = {part for name in told for part in (name, *name.split()) if len(part) >= SHORTEST_NAME}
    ordered = sorted(parts, key=len, reverse=True)
    named = re.compile("|".join(rf"(?<!\w){re.escape(part)}(?!\w)" for part in ordered), re.IGNORECASE)
    return _walk(document, named if ordered else None, code)


def _named_in(document: Any) -> Iterator[str]:
    """Who acts for the customer, and who else wrote."""
    match document:
        case {"kind": "representative_named", "name": str(name)} | {"sender_name": str(name)} | {"caller": str(name)}:
            yield name
        case dict():
            for part in document.values():
                yield from _named_in(part)
        case list() | tuple():
            for part in document:
                yield from _named_in(part)
        case _:
            return


def _walk(value: Any, named: re.Pattern[str] | None, code: str) -> Any:
    match value:
        case str():
            for pattern, mark in _NUMBERS:
                value = pattern.sub(mark, value)
            return named.sub(code, value) if named else value
        case dict():
            return {key: inner if key in _KEPT else _walk(inner, named, code) for key, inner in value.items()}
        case list() | tuple():
            return [_walk(inner, named, code) for inner in value]
        case _:
            return value
