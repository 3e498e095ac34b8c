"""The built-in functions of FEEL (DMN 1.3 to 1.5, chapter 10.3.4), and those that are refused by name."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final

from pipelines.exchange.feel.declared import declared, one_of
from pipelines.exchange.feel.functions_lists import LIST_FUNCTIONS
from pipelines.exchange.feel.functions_ranges import RANGE_FUNCTIONS
from pipelines.exchange.feel.functions_text import TEXT_FUNCTIONS
from pipelines.exchange.feel.temporal import moment_text, read_date, read_date_time, read_duration, read_time
from pipelines.exchange.feel.values import (
    NUMBERS,
    DayTime,
    Function,
    Range,
    Value,
    YearMonth,
    equal,
    kind_of,
    plain_number,
)

_WIDEST = 6000  # decimal places


def text_of(value: Value, *, inside: bool = False) -> str:  # noqa: PLR0911  # one a kind
    """A value as string() has it; texts inside lists and contexts stand in quotes."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_number(value)
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"' if inside else value
        case list():
            return f"[{', '.join(text_of(item, inside=True) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{name}: {text_of(item, inside=True)}' for name, item in value.items())}}}"
        case Range():
            low, high = ("" if end is None else text_of(end, inside=True) for end in (value.low, value.high))
            return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
        case Function():
            return f"function {value.name}"
        case _:
            return moment_text(value)


def _number(text: str, grouping: str | None = None, point: str | None = None) -> Value:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (point and point == grouping):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not plain.isascii() or "_" in plain or plain != plain.strip() or not any(char.isdigit() for char in plain):
        return None
    return NUMBERS.create_decimal(plain)


def _rounded(rounding: str) -> Callable[..., Value]:
    def to(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
        if abs(scale) > _WIDEST:
            return None
        found = number.quantize(Decimal(1).scaleb(-int(scale)), rounding, NUMBERS)
        return found or Decimal(0)

    return to


def _modulo(dividend: Decimal, divisor: Decimal) -> Value:
    whole = NUMBERS.divide(dividend, divisor).to_integral_value(ROUND_FLOOR)
    return NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, whole))


def _absolute(value: Value) -> Value:
    match value:
        case DayTime(seconds=seconds):
            return DayTime(abs(seconds))
        case YearMonth(months=months):
            return YearMonth(abs(months))
        case _:
            return abs(value)


def _date(value: Value) -> Value:
    match value:
        case str():
            return read_date(value)
        case datetime():
            return value.date()
        case _:
            return value


def _time(value: Value) -> Value:
    match value:
        case str():
            return read_time(value)
        case datetime():
            return value.timetz()
        case time():
            return value
        case _:
            return time(tzinfo=UTC)


def _clock(hour: Decimal, minute: Decimal, second: Decimal, offset: DayTime | None = None) -> Value:
    zone = None if offset is None else timezone(timedelta(seconds=int(offset.seconds)))
    micro = int(second % 1 * 1_000_000)
    return time(int(hour), int(minute), int(second), micro, tzinfo=zone)


def _moment(value: Value) -> Value:
    if isinstance(value, str):
        return read_date_time(value)
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _at(day: date, clock: time) -> Value:
    return datetime.combine(day.date() if isinstance(day, datetime) else day, clock)


def _months_between(start: date, end: date) -> Value:
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    if months < 0 and end.day > start.day:
        months += 1
    return YearMonth(months)


def _week(day: date) -> Value:
    return Decimal(day.isocalendar().week)


def _context(entries: list[Value]) -> Value:
    found: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or entry["key"] in found:
            return None
        found[entry["key"]] = entry.get("value")
    return found


def _put(context: dict[str, Value], key: str, value: Value) -> Value:
    return {**context, key: value}


def _put_within(context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    """The context with the value at the end of a path of keys; null where the path leads through no context."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    way = [context]
    for key in keys[:-1]:
        inner = way[-1].get(key)
        if not isinstance(inner, dict):
            return None
        way.append(inner)
    for one, key in zip(reversed(way), reversed(keys), strict=True):
        value = {**one, key: value}
    return value


def _merged(contexts: list[Value]) -> Value:
    if any(not isinstance(one, dict) for one in contexts):
        return None
    return {name: value for one in contexts for name, value in one.items()}


_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY = "date|date and time"
_OTHERS: Final = (
    declared("not(negand: boolean)", lambda value: not value),
    Function("string", lambda given: text_of(given[0]) if given and given[0] is not None else None, (("from",),)),
    declared("number(from: string, grouping separator?: string|null, decimal separator?: string|null)", _number),
    declared("decimal(n: number, scale: number)", _rounded(ROUND_HALF_EVEN)),
    declared("floor(n: number, scale?: number)", _rounded(ROUND_FLOOR)),
    declared("ceiling(n: number, scale?: number)", _rounded(ROUND_CEILING)),
    declared("round up(n: number, scale: number)", _rounded(ROUND_UP)),
    declared("round down(n: number, scale: number)", _rounded(ROUND_DOWN)),
    declared("round half up(n: number, scale: number)", _rounded(ROUND_HALF_UP)),
    declared("round half down(n: number, scale: number)", _rounded(ROUND_HALF_DOWN)),
    declared("abs(n: number|days and time duration|years and months duration)", _absolute),
    declared("modulo(dividend: number, divisor: number)", _modulo),
    declared("sqrt(number: number)", NUMBERS.sqrt),
    declared("log(number: number)", lambda number: NUMBERS.ln(number) if number > 0 else None),
    declared("exp(number: number)", NUMBERS.exp),
    declared("odd(number: number)", lambda number: abs(_modulo(number, Decimal(2))) == 1),
    declared("even(number: number)", lambda number: _modulo(number, Decimal(2)) == 0),
    one_of(
        "date",
        declared(f"date(from: string|{_DAY})", _date),
        declared("date(year: number, month: number, day: number)", lambda y, m, d: date(int(y), int(m), int(d))),
    ),
    one_of(
        "time",
        declared(f"time(from: string|time|{_DAY})", _time),
        declared("time(hour: number, minute: number, second: number, offset?: days and time duration)", _clock),
    ),
    one_of(
        "date and time",
        declared(f"date and time(from: string|{_DAY})", _moment),
        declared(f"date and time(date: {_DAY}, time: time)", _at),
    ),
    declared("duration(from: string)", read_duration),
    declared(f"years and months duration(from: {_DAY}, to: {_DAY})", _months_between),
    declared(f"day of year(date: {_DAY})", lambda day: Decimal(day.timetuple().tm_yday)),
    declared(f"day of week(date: {_DAY})", lambda day: _DAYS[day.weekday()]),
    declared(f"month of year(date: {_DAY})", lambda day: _MONTHS[day.month - 1]),
    declared(f"week of year(date: {_DAY})", _week),
    declared("is(value1: Any, value2: Any)", lambda one, other: kind_of(one) == kind_of(other) and equal(one, other)),
    declared("get value(m: context, key: string)", lambda context, key: context.get(key)),
    declared("get entries(m: context)", lambda context: [{"key": k, "value": v} for k, v in context.items()]),
    declared("context(entries: list)", _context),
    one_of(
        "context put",
        declared("context put(context: context, key: string, value: Any)", _put),
        declared("context put(context: context, keys: list, value: Any)", _put_within),
    ),
    declared("context merge(contexts: list)", _merged),
)
FUNCTIONS: Final[Mapping[str, Function]] = {
    **TEXT_FUNCTIONS,
    **LIST_FUNCTIONS,
    **RANGE_FUNCTIONS,
    **{function.name: function for function in _OTHERS},
}
_ENDS = "compare the ends with <, <= or ="
#: Functions of FEEL that are not run here, and what to write instead.
REFUSED: Final[Mapping[str, str]] = {
    "now": "give the moment as an input, so that the same inputs always give the same answer",
    "today": "give the date as an input, so that the same inputs always give the same answer",
    **dict.fromkeys(("overlaps", "overlaps before", "overlaps after", "range"), _ENDS),
}
