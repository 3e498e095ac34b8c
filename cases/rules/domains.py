"""Values of a decision table and the closed domains they come from. No floats anywhere."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum, auto
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

from cases.rules.durations import Period, duration_text, read_duration, read_period
from cases.rules.problems import Unreadable, instead_of, shown


class Missing(Enum):
    """Not known (yet). Not the same as null (known to be none) or "" (known to be empty)."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
Known: TypeAlias = str | bool | int | Decimal | date | timedelta | Period
Value: TypeAlias = Known | tuple[str, ...] | Missing | None
OutValue: TypeAlias = Known | tuple[str, ...]
Sample: TypeAlias = Known | tuple[str, ...] | None
Ordered = TypeVar("Ordered", date, int | Decimal, timedelta, Period)
CENT: Final = Decimal("0.01")

# Plain notation, no exponent, no leading zero: at most 30 digits, so that arithmetic on literals stays exact.
_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,12}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BARE = re.compile(r"\w(?:[\w .:/+-]*\w)?")
KEYWORDS: Final = ("-", "missing", "present", "null")
_MAX_BITS = 64  # larger whole numbers lie outside every domain; str() of a huge one raises


class Kind(StrEnum):
    TEXT = auto()
    BOOLEAN = auto()
    INTEGER = auto()
    DECIMAL = auto()
    MONEY = auto()
    DATE = auto()
    LIST = auto()  # outputs: some of the domain, in the order that was written
    SET = auto()  # inputs: some of the domain, in no order
    DURATION = auto()  # of days and time
    PERIOD = auto()  # of years and months


NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})
ORDERED: Final = NUMBERS | {Kind.DATE, Kind.DURATION, Kind.PERIOD}
_EXAMPLE: Final = {
    Kind.BOOLEAN: "true",
    Kind.INTEGER: "5",
    Kind.DECIMAL: '"0.5"',
    Kind.MONEY: '"500.00"',
    Kind.DATE: "2026-01-31",
    Kind.LIST: "[a, b]",
    Kind.SET: "[a, b]",
    Kind.DURATION: "P3DT12H",
    Kind.PERIOD: "P1Y6M",
}
_IN_WORDS: Final = {
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number",
    Kind.MONEY: "an amount",
    Kind.DATE: "a date",
    Kind.LIST: "a list",
    Kind.SET: "a set",
    Kind.DURATION: "a duration of days and time",
    Kind.PERIOD: "a period of years and months",
}


@dataclass(frozen=True, slots=True)
class Domain:
    """The closed set of values that a column may take."""

    kind: Kind
    values: tuple[str, ...] = ()  # text, list and set: in the author's order, which PRIORITY reads as first wins
    low: Any = None  # of an ordered kind: int, Decimal, date, timedelta or Period; both ends belong to the domain
    high: Any = None
    nullable: bool = False

    def __str__(self) -> str:
        return f"{self._known()} or null" if self.nullable else self._known()

    def _known(self) -> str:
        match self.kind:
            case Kind.TEXT:
                return f"one of {_listed(self.values)}"
            case Kind.LIST | Kind.SET:
                return f"{_IN_WORDS[self.kind]} of {_listed(self.values)}"
            case Kind.BOOLEAN:
                return _IN_WORDS[self.kind]
            case Kind.MONEY:
                what = "an amount in whole cents"
            case _:
                what = _IN_WORDS[self.kind]
        return f"{what} from {literal_text(self.low)} to {literal_text(self.high)}"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(literal_text(value) for value in values)


def literal_text(value: Value) -> str:
    """A value as it is written in a cell; text that could be misread stands in quotes."""
    match value:
        case str():
            return _text(value)
        case Decimal():
            return format(value, "f")
        case bool():
            return "true" if value else "false"
        case Missing():
            return "missing"
        case None:
            return "null"
        case tuple():
            return f"[{', '.join(literal_text(item) for item in value)}]"
        case timedelta():
            return duration_text(value)
        case _:
            return str(value)


def plain(value: Value) -> Any:
    """A value as JSON has it: dates, durations and decimals as text, so that nothing is rounded on the way."""
    match value:
        case date():
            return value.isoformat()
        case Decimal() | timedelta() | Period():
            return literal_text(value)
        case tuple():
            return list(value)
        case _:
            return value


@lru_cache(maxsize=4096)  # domains are closed: the same few texts come back in every trace
def _text(value: str) -> str:
    return value if _BARE.fullmatch(value) and value not in KEYWORDS else quoted(value)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read_value(raw: object, domain: Domain) -> Known | tuple[str, ...] | None:
    """A value written as plain data (YAML, JSON): `120`, `"120.00"`, `2026-01-31`, `[plate]`, `null`.

    Raises Unreadable when the type is wrong or the value lies outside the domain.
    """
    if raw is None:
        _check_null(domain)
        return None
    match domain.kind:
        case Kind.TEXT:
            return _member(raw, domain.values)
        case Kind.LIST:
            return _members(raw, domain)
        case Kind.SET:
            named = _members(raw, domain)
            return tuple(value for value in domain.values if value in named)
        case Kind.BOOLEAN if isinstance(raw, bool):
            return raw
        case Kind.DATE if isinstance(raw, date) and not isinstance(raw, datetime):
            return _inside(raw, domain)
        case Kind.DATE | Kind.DURATION | Kind.PERIOD if isinstance(raw, str):
            return read_literal(raw, domain)
        case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY if isinstance(raw, float):
            raise Unreadable(
                f"{raw} is a binary fraction, which cannot hold every amount exactly",
                'write it in quotes, for example "0.10"',
            )
        case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY if _is_plain_number(raw):
            return read_literal(str(raw), domain)
        case _:
            raise _wrong(raw, domain)


def read_literal(text: str, domain: Domain) -> Known | None:
    """A literal as written in a cell: `windscreen`, `"missing"`, `true`, `500`, `2026-01-31`, `P3D`, `null`.

    Raises Unreadable.
    """
    if text == "null":
        _check_null(domain)
        return None
    match domain.kind:
        case Kind.BOOLEAN if text in ("true", "false"):
            return text == "true"
        case Kind.DATE if _DATE.fullmatch(text):
            try:
                return _inside(date.fromisoformat(text), domain)
            except ValueError as error:
                if isinstance(error, Unreadable):
                    raise
                raise Unreadable(f"{text} is no day of the calendar", "write a date like 2026-01-31") from None
        case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY if _NUMBER.fullmatch(text):
            return _inside(_number(text, domain.kind), domain)
        case Kind.DURATION if (length := read_duration(text)) is not None:
            return _inside(length, domain)
        case Kind.PERIOD if (period := read_period(text)) is not None:
            return _inside(period, domain)
        case Kind.TEXT:
            return _member(_unquoted(text), domain.values)
        case _:
            raise _wrong(text, domain)


def _is_plain_number(raw: object) -> bool:
    match raw:
        case bool():
            return False
        case int():
            return raw.bit_length() <= _MAX_BITS
        case _:
            return isinstance(raw, str | Decimal)


def _check_null(domain: Domain) -> None:
    if not domain.nullable:
        raise Unreadable(
            "null does not belong to this column", 'declare the column with "nullable: true", or leave the key out'
        )


def _member(raw: object, values: tuple[str, ...]) -> str:
    if isinstance(raw, str) and raw in values:
        return str(raw)  # a StrEnum member becomes plain text
    if isinstance(raw, str):
        raise Unreadable(f"{shown(raw)} is not in the domain", instead_of(raw, values))
    raise Unreadable(f"{shown(raw)} is not text", "write it in quotes")


def _members(raw: object, domain: Domain) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise _wrong(raw, domain)
    items = tuple(_member(item, domain.values) for item in raw)
    if len(set(items)) < len(items):
        raise Unreadable("the list names something twice", "name it once")
    return items


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text


def _number(text: str, kind: Kind) -> int | Decimal:
    """Builds the canonical number from its digits, so that no decimal context can round it."""
    match = _NUMBER.fullmatch(text)
    assert match is not None
    sign, whole, places = match[1], match[2], (match[3] or "").rstrip("0")
    sign = "" if whole == "0" and not places else sign
    match kind:
        case Kind.INTEGER if not match[3]:
            return int(sign + whole)
        case Kind.MONEY if len(places) <= 2:  # noqa: PLR2004  # cents
            return Decimal(f"{sign}{whole}.{places:0<2}")
        case Kind.DECIMAL:
            return Decimal(f"{sign}{whole}.{places}" if places else sign + whole)
        case Kind.MONEY:
            raise Unreadable(f"{text} has parts of a cent", "write at most two decimals")
        case _:
            raise Unreadable(f"{text} is not a whole number", "write it without decimals")


def _inside(value: Ordered, domain: Domain) -> Ordered:
    if domain.low is not None and not domain.low <= value <= domain.high:
        raise Unreadable(
            f"{literal_text(value)} lies outside {literal_text(domain.low)} to {literal_text(domain.high)}",
            "write a value inside, or widen min and max of the column",
        )
    return value


def _wrong(raw: object, domain: Domain) -> Unreadable:
    return Unreadable(f"{shown(raw)} is not {_IN_WORDS[domain.kind]}", f"write for example {_EXAMPLE[domain.kind]}")
