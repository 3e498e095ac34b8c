"""Sums, differences, products and powers of FEEL values; null where the specification gives no answer (table 55)."""

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Final

from pipelines.exchange.feel.temporal import DAY, seconds_of
from pipelines.exchange.feel.values import NUMBERS, DayTime, Value, YearMonth, kind_of

_MILLION = 1_000_000


def calculate(left: Value, sign: str, right: Value) -> Value:
    """`left sign right` with sign one of + - * / **."""
    try:
        return _CALCULATIONS[sign](left, right)
    except (DecimalException, OverflowError, ValueError):
        return None


def negated(value: Value) -> Value:
    match value:
        case bool():
            return None
        case Decimal():
            return NUMBERS.minus(value)
        case DayTime(seconds=seconds):
            return DayTime(-seconds)
        case YearMonth(months=months):
            return YearMonth(-months)
        case _:
            return None


def _add(left: Value, right: Value) -> Value:
    match kind_of(left), kind_of(right):
        case "number", "number":
            return NUMBERS.add(left, right)
        case "string", "string":
            return left + right
        case "days and time duration", "days and time duration":
            return DayTime(left.seconds + right.seconds)
        case "years and months duration", "years and months duration":
            return YearMonth(left.months + right.months)
        case "days and time duration" | "years and months duration", _:
            return _later(right, left)
        case _:
            return _later(left, right)


def _subtract(left: Value, right: Value) -> Value:
    match kind_of(left), kind_of(right):
        case "number", "number":
            return NUMBERS.subtract(left, right)
        case "date" | "date and time", "date" | "date and time":
            return _between(left, right)
        case "time", "time":
            return _between(_on_a_day(left), _on_a_day(right))
        case "days and time duration", "days and time duration":
            return DayTime(left.seconds - right.seconds)
        case "years and months duration", "years and months duration":
            return YearMonth(left.months - right.months)
        case "date" | "date and time" | "time", "days and time duration" | "years and months duration":
            return _later(left, negated(right))
        case _:
            return None


def _multiply(left: Value, right: Value) -> Value:
    match kind_of(left), kind_of(right):
        case "number", "number":
            return NUMBERS.multiply(left, right)
        case "number", "days and time duration" | "years and months duration":
            return _multiply(right, left)
        case "days and time duration", "number":
            return DayTime(NUMBERS.multiply(left.seconds, right))
        case "years and months duration", "number":
            return YearMonth(int(left.months * right))
        case _:
            return None


def _divide(left: Value, right: Value) -> Value:
    match kind_of(left), kind_of(right):
        case "number", "number":
            return NUMBERS.divide(left, right)
        case "days and time duration", "number":
            return DayTime(NUMBERS.divide(left.seconds, right))
        case "years and months duration", "number":
            return YearMonth(int(NUMBERS.divide(Decimal(left.months), right)))
        case "days and time duration", "days and time duration":
            return NUMBERS.divide(left.seconds, right.seconds)
        case "years and months duration", "years and months duration":
            return NUMBERS.divide(Decimal(left.months), Decimal(right.months))
        case _:
            return None


def _power(left: Value, right: Value) -> Value:
    if kind_of(left) != "number" or kind_of(right) != "number":
        return None
    found = NUMBERS.power(left, right)
    return found if found.is_finite() else None  # 0 ** -1 is infinite, whatever is trapped


_CALCULATIONS: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
}


def _later(moment: Value, gap: Value) -> Value:
    """A moment and a duration after it; null for what is neither."""
    match moment, gap:
        case time(), DayTime(seconds=seconds):
            day = datetime.combine(date(2000, 1, 1), moment) + timedelta(microseconds=int(seconds % DAY * _MILLION))
            return day.timetz()
        case datetime(), DayTime(seconds=seconds):
            return moment + timedelta(microseconds=int(seconds * _MILLION))
        case date(), DayTime(seconds=seconds):
            return (datetime.combine(moment, time()) + timedelta(microseconds=int(seconds * _MILLION))).date()
        case date(), YearMonth(months=months):
            return add_months(moment, months)
        case _:
            return None


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month. Raises ValueError outside years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004  # what a date can hold
        raise ValueError(year)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def _between(left: date, right: date) -> Value:
    """Days and seconds from right to left; a date alone counts as its midnight (in UTC beside a moment with a zone)."""
    first, second = _at_midnight(left, right), _at_midnight(right, left)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return DayTime(seconds_of(first - second))


def _at_midnight(day: date, beside: date) -> datetime:
    if isinstance(day, datetime):
        return day
    zone = beside.tzinfo if isinstance(beside, datetime) else None
    return datetime.combine(day, time(), tzinfo=zone)


def _on_a_day(clock: time) -> datetime:
    return datetime.combine(date(2000, 1, 1), clock)
