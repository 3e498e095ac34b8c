"""How often each row of a table decided lately, counted from the newest decisions."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from pipelines.house import House

DAYS: Final = 90
#: So many of the newest cases are looked at, at least; what came in before them is not counted.
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
    rows: Counter[str] = Counter()
    decisions = 0
    with house.database.reading() as store:
        spans = deque(enumerate(store.decisions.spans(journey, cases=NEWEST_CASES)), maxlen=2)
        for _, span in spans:
            _, told = store.decisions.within(span, journey, until=now, since=now - timedelta(days=DAYS))
            for event in told:
                read = orjson.loads(event.body)["read"] if event.kind == "step_decided" and event.body else None
                if read is not None and read["table"] == table:
                    rows.update(read["fired"])
                    decisions += 1
    return Fired(rows, decisions, capped=bool(spans) and spans[0][0] > 0)
