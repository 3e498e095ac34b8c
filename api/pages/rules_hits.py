"""How often each row of a table decided lately, counted from the newest decisions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from pipelines.house import House

DAYS: Final = 90
#: So many cases are looked at, those that moved last; on a page that says when there were more.
NEWEST_CASES: Final = 5_000
_KEPT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fired:
    """rows: row id -> decisions in which it fired. decisions: of all of them. capped: older cases were left out."""

    rows: Mapping[str, int]
    decisions: int
    capped: bool


_COUNTED: dict[tuple[str, str, str], tuple[datetime, Fired]] = {}


def fired_lately(house: House, journey: str, table: str) -> Fired:
    """Kept for a minute: an editor asks with every change."""
    key, now = (str(house.settings.home), journey, table), house.now()
    kept = _COUNTED.get(key)
    if kept is None or not now - _KEPT <= kept[0] <= now:
        _COUNTED[key] = kept = (now, _count(house, journey, table, now))
    return kept[1]


def _count(house: House, journey: str, table: str, now: datetime) -> Fired:
    with house.database.reading() as store:
        capped, steps = store.decisions.lately(journey, since=now - timedelta(days=DAYS), cases=NEWEST_CASES)
    reads = [read for step in steps if (read := orjson.loads(step)["read"]) is not None and read["table"] == table]
    return Fired(Counter(row for read in reads for row in read["fired"]), len(reads), capped)
