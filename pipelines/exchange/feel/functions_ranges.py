"""How points and ranges of FEEL lie to each other (DMN 1.3 to 1.5, chapter 10.3.4.11)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pipelines.exchange.feel.values import Function, Range, Value, both, compare, either, equal, kind_of

Verdict = bool | None


def _before(one: Range, other: Range) -> Verdict:
    touching = one.high_closed and other.low_closed
    return compare(one.high, "<" if touching else "<=", other.low)


def _meets(one: Range, other: Range) -> Verdict:
    return both(one.high_closed and other.low_closed, equal(one.high, other.low))


def _same_low(one: Range, other: Range) -> Verdict:
    return both(one.low_closed == other.low_closed, equal(one.low, other.low))


def _same_high(one: Range, other: Range) -> Verdict:
    return both(one.high_closed == other.high_closed, equal(one.high, other.high))


def _low_inside(one: Range, other: Range) -> Verdict:
    """Whether `one` begins no earlier than `other`."""
    level = both(equal(one.low, other.low), other.low_closed or not one.low_closed)
    return either(compare(one.low, ">", other.low), level)


def _high_inside(one: Range, other: Range) -> Verdict:
    """Whether `one` ends no later than `other`."""
    level = both(equal(one.high, other.high), other.high_closed or not one.high_closed)
    return either(compare(one.high, "<", other.high), level)


def _during(one: Range, other: Range) -> Verdict:
    return both(_low_inside(one, other), _high_inside(one, other))


def _starts(one: Range, other: Range) -> Verdict:
    return both(_same_low(one, other), _high_inside(one, other))


def _finishes(one: Range, other: Range) -> Verdict:
    return both(_same_high(one, other), _low_inside(one, other))


def _coincides(one: Range, other: Range) -> Verdict:
    return both(_same_low(one, other), _same_high(one, other))


def _bounds(value: Value) -> Range | None:
    """A range as it is, a point as the range that holds it alone; None for what is neither, or has an open end."""
    if isinstance(value, Range):
        return None if value.low is None or value.high is None else value
    return None if kind_of(value) in ("null", "boolean", "list", "context", "function") else Range(value, value)


def _related(name: str, kinds: Sequence[str], ask: Callable[[Range, Range], Verdict]) -> Function:
    """`kinds` says which pairs may be asked about, p for a point and r for a range."""

    def call(given: Sequence[Value]) -> Value:
        pair = "".join("r" if isinstance(value, Range) else "p" for value in given)
        found = [one for one in map(_bounds, given) if one is not None]
        return ask(*found) if pair in kinds and len(found) == len(given) else None

    names = {"p": "point", "r": "range"}
    pairs = [(names[kind[0]], names[kind[1]]) for kind in kinds]
    ways = [(f"{one}1", f"{other}2") if one == other else (one, other) for one, other in pairs]
    return Function(name, call, tuple(ways))


def _turned(ask: Callable[[Range, Range], Verdict]) -> Callable[[Range, Range], Verdict]:
    return lambda one, other: ask(other, one)


RANGE_FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for function in (
        _related("before", ("pp", "pr", "rp", "rr"), _before),
        _related("after", ("pp", "pr", "rp", "rr"), _turned(_before)),
        _related("meets", ("rr",), _meets),
        _related("met by", ("rr",), _turned(_meets)),
        _related("finishes", ("pr", "rr"), _finishes),
        _related("finished by", ("rp", "rr"), _turned(_finishes)),
        _related("includes", ("rp", "rr"), _turned(_during)),
        _related("during", ("pr", "rr"), _during),
        _related("starts", ("pr", "rr"), _starts),
        _related("started by", ("rp", "rr"), _turned(_starts)),
        _related("coincides", ("pp", "rr"), _coincides),
    )
}
