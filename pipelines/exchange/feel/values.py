"""Values of FEEL: what they are, when they are equal, which comes first. Null is an answer here, never an error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final, TypeAlias

#: None, bool, Decimal, str, date, time, datetime, DayTime, YearMonth, Range, Function, list of values, dict by name
Value: TypeAlias = Any
#: 34 digits and the exponents of decimal128, as the DMN specification asks (10.3.2.3.1).
NUMBERS: Final = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_LONGEST = 40  # digits before or after the point that are written out in full


class FeelRefused(ValueError):
    """An expression that cannot be read or run, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True, order=True)
class DayTime:
    """A duration in seconds; days have 24 hours."""

    seconds: Decimal


@dataclass(frozen=True, slots=True, order=True)
class YearMonth:
    """A duration in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`; None has no end there."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Function:
    """Something to call, with the ways in which its parameters may be named."""

    name: str
    call: Callable[[Sequence[Value]], Value] = field(compare=False)
    ways: tuple[tuple[str, ...], ...] = ((),)


def kind_of(value: Value) -> str:  # noqa: C901, PLR0911, PLR0912  # one line a kind
    """The FEEL type by name."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case Decimal():
            return "number"
        case str():
            return "string"
        case datetime():
            return "date and time"
        case date():
            return "date"
        case time():
            return "time"
        case DayTime():
            return "days and time duration"
        case YearMonth():
            return "years and months duration"
        case Range():
            return "range"
        case Function():
            return "function"
        case list():
            return "list"
        case _:
            return "context"


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are the same; None when they cannot be compared."""
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    match kind:
        case "list":
            return len(left) == len(right) and all(equal(one, other) for one, other in zip(left, right, strict=True))
        case "context":
            return left.keys() == right.keys() and all(equal(left[name], right[name]) for name in left)
        case "date and time" | "time" if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        case _:
            return bool(left == right)


def less(left: Value, right: Value) -> bool | None:
    """Whether `left` comes before `right`; None when they have no order."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind in ("null", "boolean", "list", "context", "range", "function"):
        return None
    try:
        return bool(left < right)
    except TypeError:  # one with a time zone, the other without
        return None


def compare(left: Value, sign: str, right: Value) -> bool | None:
    """`left sign right` with sign one of = != < <= > >=."""
    match sign:
        case "=":
            return equal(left, right)
        case "!=":
            same = equal(left, right)
            return None if same is None else not same
        case "<":
            return less(left, right)
        case ">":
            return less(right, left)
        case "<=":
            later = less(right, left)
        case _:
            later = less(left, right)
    return None if later is None else not later


def within(value: Value, bounds: Range) -> bool | None:
    """Whether the value lies in the range; None when it cannot be compared with an end that is there."""
    if bounds.low is None and bounds.high is None:
        return None
    above = True if bounds.low is None else compare(value, ">=" if bounds.low_closed else ">", bounds.low)
    below = True if bounds.high is None else compare(value, "<=" if bounds.high_closed else "<", bounds.high)
    return both(above, below)


def both(left: Value, right: Value) -> bool | None:
    """And in three-valued logic; what is no truth value counts as null."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def either(left: Value, right: Value) -> bool | None:
    """Or in three-valued logic; what is no truth value counts as null."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def plain_number(number: Decimal) -> str:
    """A number without exponent and without zeros that say nothing, as JSON has it."""
    if not number:
        return "0"
    if abs(number.adjusted()) > _LONGEST:
        return str(number.normalize(NUMBERS))
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
