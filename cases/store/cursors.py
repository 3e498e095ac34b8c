"""Where the next page of a list begins, as the word that its address carries."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from cases.errors import CaseError
from cases.store.search import FIRST


class BadCursor(CaseError):
    def __init__(self, cursor: str) -> None:
        super().__init__(f"cursor {cursor[:40]!r} is not one of ours; leave it out to start at the first page")
        self.cursor = cursor


def write_cursor(place: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def read_urgent(cursor: str) -> tuple[int, datetime, str]:
    """Of a list in order of urgency: its columns. BadCursor."""
    try:
        urgency, pressing_at, case_id = _decoded(cursor)
        place = (int(urgency), datetime.fromisoformat(pressing_at), str(case_id))
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadCursor(cursor) from error
    if place[1].tzinfo is None:
        raise BadCursor(cursor)
    return place


def read_found(cursor: str) -> int:
    """Of what a search found. BadCursor."""
    try:
        [place] = _decoded(cursor)
        number = int(place)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise BadCursor(cursor) from error
    if abs(number) > FIRST:
        raise BadCursor(cursor)
    return number


def _decoded(cursor: str) -> Any:
    return orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
