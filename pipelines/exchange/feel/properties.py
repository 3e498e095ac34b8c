"""What stands behind a point: entries of contexts, and parts of dates, durations and ranges."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from pipelines.exchange.feel.temporal import DAY, seconds_of
from pipelines.exchange.feel.values import DayTime, Range, Value, YearMonth


def property_of(value: Value, name: str) -> Value:
    """The entry or part called `name`; null when there is none. Of a list, a list of those of its elements."""
    if isinstance(value, list):
        return [property_of(item, name) for item in value]
    if isinstance(value, dict):
        return value.get(name)
    for kind, parts in _PARTS.items():
        if isinstance(value, kind):
            return parts[name](value) if name in parts else None
    return None


def _offset(value: datetime | time) -> Value:
    gap = value.utcoffset()
    return None if gap is None else DayTime(seconds_of(gap))


def _zone(value: datetime | time) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(size: int, within: int | None) -> Callable[[DayTime], Value]:
    """Whole units of so many seconds, those of the next larger unit taken out."""

    def read(value: DayTime) -> Value:
        seconds = abs(value.seconds) if within is None else abs(value.seconds) % within
        whole = seconds // size
        return -whole if value.seconds < 0 and whole else whole

    return read


def _months(value: YearMonth) -> tuple[int, int]:
    years, months = divmod(abs(value.months), 12)
    return (-years, -months) if value.months < 0 else (years, months)


_DATE: Final[dict[str, Callable[[Any], Value]]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.isoweekday()),
}
_TIME: Final[dict[str, Callable[[Any], Value]]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": _offset,
    "timezone": _zone,
}
_PARTS: Final[Mapping[type, Mapping[str, Callable[[Any], Value]]]] = {
    datetime: {**_DATE, **_TIME},  # before date, of which it is a kind
    date: _DATE,
    time: _TIME,
    DayTime: {
        "days": _part(DAY, None),
        "hours": _part(3600, DAY),
        "minutes": _part(60, 3600),
        "seconds": _part(1, 60),
    },
    YearMonth: {
        "years": lambda value: Decimal(_months(value)[0]),
        "months": lambda value: Decimal(_months(value)[1]),
    },
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
PROPERTIES: Final = frozenset(name for parts in _PARTS.values() for name in parts)
