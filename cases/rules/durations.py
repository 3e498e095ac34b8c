"""Durations as ISO 8601 writes them: of days and time, or of years and months, and never one for the other.

How long `P1M` lasts depends on the month, so it is neither shorter nor longer than `P30D`. DMN keeps the two apart
for the same reason.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

_SIGN_AND_DAYS = r"(-?)P(?:([0-9]{1,6})D)?"
_TIME = r"(?:T(?=[0-9])(?:([0-9]{1,7})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?"
_DURATION = re.compile(_SIGN_AND_DAYS + _TIME)
_PERIOD = re.compile(r"(-?)P(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # in seconds
_YEAR = 12  # in months


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole years and months; negative ones go back."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), _YEAR)
        parts = f"{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"
        return f"{'-' if self.months < 0 else ''}P{parts or '0M'}"


def read_duration(text: str) -> timedelta | None:
    """`P3DT4H30M` in whole seconds; None when the text is no duration of days and time."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] else length


def read_period(text: str) -> Period | None:
    """`P1Y6M`; None when the text is no period of years and months."""
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    months = int(match[2] or 0) * _YEAR + int(match[3] or 0)
    return Period(-months if match[1] else months)


def duration_text(length: timedelta) -> str:
    """The one normal text of a duration in whole seconds: `P1DT2H`, `PT0S`."""
    days, rest = divmod(abs(length) // timedelta(seconds=1), _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    parts = f"{f'{days}D' if days else ''}{f'T{time}' if time else ''}"
    return f"{'-' if length < timedelta(0) else ''}P{parts or 'T0S'}"
