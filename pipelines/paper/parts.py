"""The parts that the template knows how to draw; `shows` names which."""

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]


def stated(text: str, cites: Sequence[int] = (), *, strong: bool = False) -> Json:
    """Words with the numbers of their evidence; within a list or a table."""
    return {"text": text, "cites": list(cites), "strong": strong}


def text(text: str, cites: Sequence[int] = (), *, style: str = "") -> Json:
    """A paragraph. style: lead, soft or none."""
    return {"shows": "text", "style": style, **stated(text, cites)}


def note(text: str) -> Json:
    return {"shows": "note", **stated(text)}


def listed(items: Iterable[Json]) -> list[Json]:
    """One list; nothing for no items."""
    rows = list(items)
    return [{"shows": "list", "items": rows}] if rows else []


def pairs(rows: Iterable[tuple[str, str]]) -> Json:
    """Names with their values; those without a value are left out."""
    return {"shows": "pairs", "rows": [{"name": name, "value": value} for name, value in rows if value]}


def table(heads: Sequence[str], rows: Sequence[Sequence[Json]], *, widths: Sequence[int]) -> Json:
    """widths: shares of the page's width, one a column."""
    return {"shows": "table", "head": list(heads), "rows": [list(row) for row in rows], "widths": list(widths)}


def letter(tell: str, subject: str, body: str, *, ours: bool, language: str) -> Json:
    """A message or letter as it was written; language: ISO 639, for those who have it read out."""
    return {"shows": "letter", "tell": tell, "subject": subject, "text": body, "ours": ours, "language": language}
