"""Cells of DMN in the words of our tables, and back. What has no word there is None."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from cases.rules.cells import Cell, Form, Has, How, Is, Within
from cases.rules.domains import Known as KnownValue
from cases.rules.domains import literal_text
from cases.rules.durations import Period, duration_text
from pipelines.exchange.feel import Expression, FeelRefused, Known, Run, Scope, Value, parse_expression, parse_tests
from pipelines.exchange.feel.temporal import moment_text
from pipelines.exchange.feel.tree import Always, AnyTest, NotTest, RangeOf, SignTest, ValueTest
from pipelines.exchange.feel.values import DayTime, YearMonth, plain_number

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME: Final = re.compile(r"[^a-z0-9]+")
_NO_ANSWER: Final = object()


def slug(text: str, *, otherwise: str) -> str:
    """A name of ours for a name of theirs: small letters, digits and _."""
    found = _NAME.sub("_", _CAMEL.sub("_", text).lower()).strip("_")
    if not found:
        return otherwise
    return found if found[0].isalpha() else f"{otherwise}_{found}"


def cell_of(text: str) -> str | None:
    """A FEEL cell as a cell of ours, `-` for any value; None when it cannot be said there."""
    known = Known()
    try:
        tests = parse_tests(text, known)
    except FeelRefused:
        return None
    return None if known.unknown else _cell(tests)


def cell_values(text: str) -> list[Value]:
    """The values that a FEEL cell names, as far as they are constants."""
    known = Known()
    try:
        tests = parse_tests(text, known)
    except FeelRefused:
        return []
    return [] if known.unknown else list(_named(tests))


def constant(text: str) -> tuple[bool, Value]:
    """Whether an expression is a constant, and which."""
    known = Known()
    try:
        value = _constant(parse_expression(text, known))
    except FeelRefused:
        return False, None
    return (False, None) if known.unknown or value is _NO_ANSWER else (True, value)


def bounds(text: str) -> tuple[Value, Value] | None:
    """The ends of a closed range that `[0..999]` allows; null beside it is left out."""
    tests = parse_tests(text, Known())
    found = [one for one in (tests.tests if isinstance(tests, AnyTest) else [tests]) if not _is_null(one)]
    match found:
        case [ValueTest(of=RangeOf(low=low, high=high, low_closed=True, high_closed=True))] if low and high:
            ends = _constant(low), _constant(high)
            return None if _NO_ANSWER in ends else ends
        case _:
            return None


def plain(value: Value) -> Any:
    """A constant of FEEL as plain data of a rule file; None when there is no such data."""
    match value:
        case str() | bool():
            return value
        case Decimal() if value == value.to_integral_value() and abs(value) < 10**15:
            return int(value)
        case Decimal():
            return plain_number(value)
        case datetime():
            return None
        case date() | DayTime() | YearMonth():
            return moment_text(value)
        case list() if all(isinstance(one, str) for one in value):
            return list(value)
        case _:
            return None


def feel_cell(cell: Cell) -> str:
    """A cell of ours as FEEL. A missing value is null there; `not(…)` names it, because null would meet it."""
    tests = [_feel_test(test) for test in cell.tests]
    match cell.form:
        case Form.ANY:
            return "-"
        case Form.MISSING:
            return "null"
        case Form.PRESENT:
            return "not(null)"
        case Form.NOT_IN:
            return f"not(null, {', '.join(tests)})"
        case _:
            return ", ".join(tests)


def feel_literal(value: KnownValue | tuple[str, ...] | None) -> str:
    """A value of ours as FEEL."""
    match value:
        case None:
            return "null"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(feel_literal(one) for one in value)}]"
        case date():
            return f'date("{value.isoformat()}")'
        case timedelta():
            return f'duration("{duration_text(value)}")'
        case Period():
            return f'duration("{value}")'
        case _:
            return str(value)


def _feel_test(test: Is | Within | Has) -> str:
    match test:
        case Is(value=value):
            return feel_literal(value)
        case Within(low=None):
            return f"{'<' if test.high_open else '<='} {feel_literal(test.high)}"
        case Within(high=None):
            return f"{'>' if test.low_open else '>='} {feel_literal(test.low)}"
        case Within():
            low, high = "(" if test.low_open else "[", ")" if test.high_open else "]"
            return f"{low}{feel_literal(test.low)}..{feel_literal(test.high)}{high}"
        case Has(how=How.EMPTY):
            return "count(?) = 0"
        case Has():
            parts = [f"list contains(?, {feel_literal(one)})" for one in test.values]
            if test.how is How.NONE:
                return " and ".join(f"not({part})" for part in parts)
            return (" or " if test.how is How.ANY else " and ").join(parts)


def _cell(tests: Expression) -> str | None:
    match tests:
        case Always():
            return "-"
        case ValueTest() if _is_null(tests):
            return "missing"
        case NotTest(tests=inner):
            return _negated(inner)
        case SignTest(sign="!=", bound=bound):
            literal = _literal(bound)
            return literal and f"not({literal})"
        case _:
            parts = _parts(tests)
            return ", ".join(parts) if parts else None


def _negated(inner: Expression) -> str | None:
    tests = list(inner.tests) if isinstance(inner, AnyTest) else [inner]
    known = [one for one in tests if not _is_null(one)]
    if not known:
        return "present"
    parts = _parts(AnyTest(known))  # with null among them or not: a missing value never meets not(…) here
    return f"not({', '.join(parts)})" if parts else None


def _parts(tests: Expression) -> list[str] | None:
    """Each test as one of ours; None when one of them is none."""
    found: list[str] = []
    for one in tests.tests if isinstance(tests, AnyTest) else [tests]:
        parts = _part(one)
        if not parts:
            return None
        found += parts
    return found


def _part(test: Expression) -> list[str] | None:
    match test:
        case SignTest(sign=sign, bound=bound) if sign != "!=":
            literal = _literal(bound)
            return literal and [literal if sign == "=" else f"{sign} {literal}"]  # type: ignore[return-value]
        case ValueTest(of=RangeOf() as found):
            low, high = ("" if end is None else _literal(end) for end in (found.low, found.high))
            if low is None or high is None:
                return None
            if not low or not high:
                closed = found.high_closed if not low else found.low_closed
                return [f"{'<' if not low else '>'}{'=' if closed else ''} {low or high}"]
            return [f"{'[' if found.low_closed else '('}{low}..{high}{']' if found.high_closed else ')'}"]
        case ValueTest(of=of, asks=False):
            value = _constant(of)
            items = value if isinstance(value, list) else [value]
            literals = [_text(one) for one in items]
            return None if None in literals else [one for one in literals if one is not None]
        case _:
            return None


def _literal(expression: Expression) -> str | None:
    return _text(_constant(expression))


def _text(value: Value) -> str | None:
    match value:
        case str() | bool():
            return literal_text(value)
        case Decimal():
            return plain_number(value)
        case datetime():
            return None
        case date() | DayTime() | YearMonth():
            return moment_text(value)
        case _:
            return None


def _constant(expression: Expression) -> Value:
    """What an expression without names is; the caller has seen to it that it has none."""
    try:
        return expression.value(Scope({}, Run(steps=1000)))
    except (FeelRefused, RecursionError):
        return _NO_ANSWER


def _is_null(test: Expression) -> bool:
    return (
        isinstance(test, ValueTest)
        and not test.asks
        and not isinstance(test.of, RangeOf)
        and (_constant(test.of) is None)
    )


def _named(tests: Expression) -> Iterator[Value]:
    match tests:
        case AnyTest(tests=several):
            for one in several:
                yield from _named(one)
        case NotTest(tests=inner):
            yield from _named(inner)
        case SignTest(bound=bound):
            yield _constant(bound)
        case ValueTest(of=RangeOf(low=low, high=high)):
            yield from (_constant(end) for end in (low, high) if end is not None)
        case ValueTest(of=of, asks=False):
            value = _constant(of)
            yield from value if isinstance(value, list) else [value]
        case _:
            return
