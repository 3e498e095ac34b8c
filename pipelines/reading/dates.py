"""Dates in Dutch and English messages: written out, in figures, or told from today.

An own small grammar: general date finders took milliseconds a message and missed "gisteren".
"""

import re
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, MINYEAR, date, timedelta

from pipelines.reading.calendar_words import (
    DAY_PART,
    FUTURE_WORDS,
    LAST,
    MONTHS,
    NAMED_DAYS,
    NEXT,
    UNIT_CERTAINTY,
    UNITS,
    WEEKDAYS,
    any_of,
)
from pipelines.reading.found import Found, found_at, without_overlap
from pipelines.reading.hinted import Hinted
from pipelines.reading.number_words import NUMBER_WORDS, read_number_words

_S = r"[ \t\u00a0]{1,3}"
_MONTH, _WEEKDAY, _UNIT = any_of(MONTHS), any_of(WEEKDAYS), any_of(UNITS)
_CLOCK = (
    r"(?:(?:half|kwart over|kwart voor|half past|quarter past|quarter to)[ ]"
    r"(?:[a-z]{3,6}|\d{1,2})\b|\d{1,2}[:.]\d\d(?:[ ]?(?:uur|u|h|[ap]\.?m)\b)?(?!\d|[.]\d)"
    r"|\d{1,2}[ ]?(?:uur|u|[ap]\.?m)\b)"
)
_TIME = rf"(?:,?{_S}(?:(?:om|rond|omstreeks|tegen|at|around|about)(?:{_S}(?:de klok van|ca\.?))?{_S})?{_CLOCK})?"
_NAMED_WEEKDAY = rf"(?:(?:{_WEEKDAY}|ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)\.?,?{_S}(?:the{_S})?)?"

_Reading = tuple[date, float]
_Reader = Callable[[str, re.Match[str], date], _Reading | None]


def find_dates(text: str, *, now: date, language: str) -> list[Found]:
    """Dates as ISO texts, kind `date`, in reading order; a time of day may be part of the span, not of the value.

    Figures are day first, month first only for `en-US`. A day without a year is the last such day before or on
    `now`, as events lie in the past, unless a word before it points forward. Impossible dates are not found.
    """
    readers = _READERS if language.lower() != "en-us" else _AMERICAN
    return without_overlap(_readings(text, now, readers))


def _readings(text: str, now: date, readers: tuple[tuple[re.Pattern[str] | Hinted, _Reader], ...]) -> Iterator[Found]:
    for pattern, read in readers:
        for match in pattern.finditer(text):
            try:
                reading = read(text, match, now)
            except (ValueError, OverflowError):  # 31 februari, or before the year 1: no such date
                continue
            if reading is not None:
                day, certainty = reading
                yield found_at(text, match.span(), kind="date", value=day.isoformat(), certainty=certainty)


def _points_forward(text: str, start: int) -> bool:
    return _FORWARD.search(text[max(0, start - 30) : start]) is not None


def _nearest(text: str, start: int, now: date, *, month: int, day: int) -> date:
    """The day in the last year that has it by `now`, or in the next one when the words before point forward."""
    forward = _points_forward(text, start)
    for distance in range(9):  # a 29th of February is at most eight years away
        year = now.year + distance if forward else now.year - distance
        if not MINYEAR <= year <= MAXYEAR:
            break
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if (found >= now) if forward else (found <= now):
            return found
    raise ValueError("no such day")


def _year(written: str, now: date) -> int:
    """Two figures mean the century that puts the date at most ten years ahead."""
    digits = written.lstrip("'")
    if len(digits) > len("26"):
        return int(digits)
    year = now.year - now.year % 100 + int(digits)
    return year if year <= now.year + 10 else year - 100


def _iso(_: str, match: re.Match[str], __: date) -> _Reading:
    return date(int(match["year"]), int(match["month"]), int(match["day"])), 0.99


def _day_first(_: str, match: re.Match[str], now: date) -> _Reading:
    return _ordered(_year(match["year"], now), int(match["first"]), int(match["second"]))


def _month_first(_: str, match: re.Match[str], now: date) -> _Reading:
    return _ordered(_year(match["year"], now), int(match["second"]), int(match["first"]))


def _ordered(year: int, day: int, month: int) -> _Reading:
    try:
        return date(year, month, day), 0.97
    except ValueError:
        return date(year, day, month), 0.6  # only the other order exists


def _day_first_no_year(text: str, match: re.Match[str], now: date) -> _Reading | None:
    if not _POINTS_AT_DATE.search(text[max(0, match.start() - 12) : match.start()]):
        return None  # "3-11" alone is as often a house number or "three to eleven"
    return _nearest(text, match.start(), now, month=int(match["second"]), day=int(match["first"])), 0.7


def _month_first_no_year(text: str, match: re.Match[str], now: date) -> _Reading | None:
    if not _POINTS_AT_DATE.search(text[max(0, match.start() - 12) : match.start()]):
        return None
    return _nearest(text, match.start(), now, month=int(match["first"]), day=int(match["second"])), 0.7


def _written(text: str, match: re.Match[str], now: date) -> _Reading:
    month, day = MONTHS[match["month"].lower()], int(match["day"])
    if match["year"]:
        return date(_year(match["year"], now), month, day), 0.99
    return _nearest(text, match.start(), now, month=month, day=day), 0.9


def _named(text: str, match: re.Match[str], now: date) -> _Reading | None:
    if _GREETS.search(text[max(0, match.start() - 10) : match.start()]):
        return None  # "goede morgen"
    days, certainty = NAMED_DAYS[re.sub(r"\s+", " ", match["named"].lower())]
    return now + timedelta(days=days), certainty


def _count(written: str) -> tuple[int, float]:
    """How many, and how sure: "a few" is three at best."""
    words = written.lower()
    if words.isdecimal():
        return int(words), 1.0
    if words in ("a", "an", "een", "één"):
        return 1, 1.0
    if words.startswith("a couple"):
        return 2, 0.5
    if words.startswith(("een paar", "a few", "paar", "enkele", "few")):
        return 3, 0.3
    return read_number_words(words) or 0, 1.0


def _shift(now: date, unit: str, count: int) -> date:
    if unit in ("day", "week"):
        return now + timedelta(days=count * (7 if unit == "week" else 1))
    months = now.year * 12 + now.month - 1 + count * (12 if unit == "year" else 1)
    for day in range(now.day, now.day - 4, -1):  # the 31st of a shorter month is its last day
        try:
            return date(months // 12, months % 12 + 1, day)
        except ValueError:
            continue
    raise ValueError("no such month")


def _ago(_: str, match: re.Match[str], now: date) -> _Reading:
    count, sure = _count(match["count"])
    unit = UNITS[match["unit"].lower()]
    return _shift(now, unit, -count), UNIT_CERTAINTY[unit] * sure


def _ahead(_: str, match: re.Match[str], now: date) -> _Reading:
    count, sure = _count(match["count"])
    unit = UNITS[match["unit"].lower()]
    return _shift(now, unit, count), UNIT_CERTAINTY[unit] * sure * 0.9


def _day_before(now: date, weekday: int) -> date:
    return now - timedelta(days=(now.weekday() - weekday - 1) % 7 + 1)


def _day_after(now: date, weekday: int) -> date:
    return now + timedelta(days=(weekday - now.weekday() - 1) % 7 + 1)


def _last_weekday(_: str, match: re.Match[str], now: date) -> _Reading:
    return _day_before(now, WEEKDAYS[match["weekday"].lower()]), 0.9


def _next_weekday(_: str, match: re.Match[str], now: date) -> _Reading:
    return _day_after(now, WEEKDAYS[match["weekday"].lower()]), 0.85


def _weekday_of_week(_: str, match: re.Match[str], now: date) -> _Reading:
    weeks = 1 if re.search(NEXT, match[0], re.IGNORECASE) else -1
    monday = now - timedelta(days=now.weekday())
    return monday + timedelta(days=7 * weeks + WEEKDAYS[match["weekday"].lower()]), 0.92


def _bare_weekday(text: str, match: re.Match[str], now: date) -> _Reading | None:
    if _REPEATS.search(text[max(0, match.start() - 12) : match.start()]):
        return None
    weekday = WEEKDAYS[match["weekday"].lower()]
    if _points_forward(text, match.start()):
        return _day_after(now, weekday), 0.6
    return _day_before(now, weekday), 0.6


def _whole_period(_: str, match: re.Match[str], now: date) -> _Reading:
    """A week, month or year told without its day: the same day of it, hardly sure."""
    unit = match["period"].lower()
    if unit in ("weekend", "weekeinde"):
        return _day_before(now, WEEKDAYS["saturday"]), 0.4
    return _shift(now, UNITS[unit], -1), {"week": 0.3, "month": 0.2, "year": 0.1}[UNITS[unit]]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_FORWARD = _compiled(rf"\b{FUTURE_WORDS}\b[^.!?\n]*$")
_REPEATS = _compiled(r"\b(?:elke|iedere|every|each)\s+$")
_GREETS = _compiled(r"(?:\b(?:goede|goeie|deze|die|elke|iedere|een|de)|'s)\s+$")
_POINTS_AT_DATE = _compiled(
    r"(?:\b(?:op|on|van|since|sinds|vanaf|from|datum|date|dd|ma|di|wo|do|vr|za|zo)|day|dag|d\.d\.)[ :]{1,3}$"
)
_COUNT = rf"(?P<count>\d{{1,3}}|een paar|a few|paar|enkele|few|a couple of|a couple|{NUMBER_WORDS}|an?)"
_FIGURES = r"(?<![\w./-])(?P<first>[0-3]?\d)(?P<mark>[-/.]|[ ]-[ ])(?P<second>[0-3]?\d)"
_WITH_YEAR = _compiled(rf"{_FIGURES}(?P=mark)(?P<year>(?:19|20)\d\d|\d\d)(?![\w/-]|[.]\d){_TIME}")
_NO_YEAR = _compiled(rf"{_FIGURES}(?![\w/-]|[.,:]\d|[ ]?uur){_TIME}")
_OLD_YEAR = r"(?:(?:,?[ \t\u00a0]{1,3}|[-/])(?P<year>(?:19|20)\d\d(?!\w)|'\d\d(?!\w)|(?<=[-/])\d\d(?!\w)))?"
_SHARED: tuple[tuple[re.Pattern[str] | Hinted, _Reader], ...] = (
    (
        _compiled(
            r"(?<![\w./-])(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>[01]?\d)(?P=mark)(?P<day>[0-3]?\d)"
            rf"(?![\d/-])(?:T\d\d:\d\d(?::\d\d)?Z?)?{_TIME}"
        ),
        _iso,
    ),
    (
        _compiled(
            rf"(?<!\w){_NAMED_WEEKDAY}(?<![\w./-])(?<!\d,)(?P<day>[0-3]?\d)(?:st|nd|rd|th|ste|de|e)?"
            rf"(?:{_S}(?:of|van){_S}|[-/.]?[ \t\u00a0]{{0,3}})(?P<month>{_MONTH})(?![a-z])\.?{_OLD_YEAR}{_TIME}"
        ),
        _written,
    ),
    (
        _compiled(
            rf"(?<!\w){_NAMED_WEEKDAY}(?<!\w)(?P<month>{_MONTH})\.?{_S}(?:the{_S})?(?P<day>[0-3]?\d)"
            r"(?:st|nd|rd|th)?(?![\w%€/-]|[.:]\d|[ ](?:keer|x|maal|times|euro|uur|dagen|weken|days|weeks)\b)"
            rf"{_OLD_YEAR}{_TIME}"
        ),
        _written,
    ),
    (_compiled(rf"(?<![\w-])(?:the{_S})?(?P<named>{any_of(NAMED_DAYS)}){DAY_PART}(?!\w){_TIME}"), _named),
    (
        Hinted(
            _compiled(r"[ \t\u00a0](?:geleden|gelden|ago|terug)(?!\w)"),
            _compiled(rf"(?<!\w){_COUNT}[ \t\u00a0]{{1,3}}(?P<unit>{_UNIT}){_S}(?:geleden|gelden|ago|terug)(?!\w)"),
        ),
        _ago,
    ),
    (_compiled(rf"(?<!\w)(?:over|in){_S}{_COUNT}{_S}(?P<unit>{_UNIT})(?!\w)(?!{_S}(?:tijd|time))"), _ahead),
    (
        _compiled(
            rf"(?<!\w)(?:(?:{LAST}|{NEXT}){_S}week{_S}(?:op{_S}|on{_S})?(?P<weekday>{_WEEKDAY}){DAY_PART}(?!\w){_TIME})"
        ),
        _weekday_of_week,
    ),
    (
        _compiled(
            rf"(?<!\w)(?P<weekday>{_WEEKDAY}){DAY_PART}{_S}(?:of{_S}|van{_S})?(?:{LAST}|{NEXT}){_S}week(?!\w){_TIME}"
        ),
        _weekday_of_week,
    ),
    (_compiled(rf"(?<!\w){LAST}{_S}(?P<weekday>{_WEEKDAY}){DAY_PART}(?!\w){_TIME}"), _last_weekday),
    (
        _compiled(rf"(?<!\w)(?P<weekday>{_WEEKDAY}){DAY_PART}{_S}(?:j\.?l|l\.?l|laatstleden|jongstleden)(?!\w)"),
        _last_weekday,
    ),
    (_compiled(rf"(?<!\w){NEXT}{_S}(?P<weekday>{_WEEKDAY}){DAY_PART}(?!\w){_TIME}"), _next_weekday),
    (_compiled(rf"(?<!\w)(?P<weekday>{_WEEKDAY}){DAY_PART}(?!\w){_TIME}"), _bare_weekday),
    (_compiled(rf"(?<!\w){LAST}{_S}(?P<period>week|maand|month|jaar|year|weekend|weekeinde)(?!\w)"), _whole_period),
)
_READERS = ((_WITH_YEAR, _day_first), (_NO_YEAR, _day_first_no_year), *_SHARED)
_AMERICAN = ((_WITH_YEAR, _month_first), (_NO_YEAR, _month_first_no_year), *_SHARED)
