"""A part of the space in words: "topic is leak, amount is over 250.00 and photos is at least 1". Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from cases.rules.cells import Has, How
from cases.rules.domains import MISSING, ORDERED, Kind, Value, literal_text
from cases.rules.samples import points
from cases.rules.spaces import Axis, Box, Space

_LISTED = 6  # values of a text input that a sentence names; beyond that it counts the others


def region_words(space: Space, box: Box) -> str:
    """What holds in the box; inputs that may have any known value are left out. "" when that is all of them."""
    parts = [
        f"{axis.names[0]} {axis_words(axis, part)}"
        for axis, part in zip(space.axes, box, strict=True)
        if axis.known & ~part
    ]
    return both(parts)


def both(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def either(parts: Sequence[str]) -> str:
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def axis_words(axis: Axis, part: int) -> str:
    """The classes of one axis: "is leak or pests", "is at least 7", "is not known"."""
    inside = [value for value, number in zip(axis.values, axis.classes, strict=True) if part >> number & 1]
    if inside == [MISSING]:
        return "is not known"
    unknown = ["is not known"] if MISSING in inside else []
    known = [value for value in inside if value is not MISSING]
    if axis.domain.kind in ORDERED:
        told = [f"is {either(list(_spans(axis, part)))}"]
    else:
        words = _sets if axis.domain.kind is Kind.SET else _named
        told = [words(axis, known, [value for value in axis.values if value is not MISSING and value not in known])]
    return either(told + unknown)


def _sets(axis: Axis, inside: Sequence[Value], outside: Sequence[Value]) -> str:
    """By the tests that all of these sets meet, or all fail; by examples where that would say too much."""
    tests = dict.fromkeys(test for cell in axis.cells for test in cell.tests if isinstance(test, Has))
    sure = [test for test in tests if all(test.holds(value) for value in inside)]
    never = [test for test in tests if not any(test.holds(value) for value in inside)]
    if any(
        all(test.holds(value) for test in sure) and not any(test.holds(value) for test in never) for value in outside
    ):
        return f"is for example {literal_text(inside[0])}"
    told = ["is empty" if test.how is How.EMPTY else str(test) for test in sure]
    told += ["is not empty" if test.how is How.EMPTY else f"does not {str(test).replace('s', '', 1)}" for test in never]
    return both(told)


def _named(_: Axis, inside: Sequence[Value], outside: Sequence[Value]) -> str:
    if len(outside) < len(inside) and len(inside) > _LISTED:
        return f"is not {either([literal_text(value) for value in outside])}"
    shown = [literal_text(value) for value in inside[:_LISTED]]
    return f"is {either([*shown, f'one of {len(inside) - _LISTED} others'] if len(inside) > _LISTED else shown)}"


def _spans(axis: Axis, part: int) -> Iterator[str]:
    """Neighbouring values of an ordered axis as one span each, null last."""
    known = [
        (value, part >> number & 1)
        for value, number in zip(axis.values, axis.classes, strict=True)
        if value is not MISSING and value is not None
    ]
    ends = points(axis.domain, axis.cells)
    for inside, run in groupby(range(len(known)), key=lambda place: known[place][1]):
        if inside:
            places = list(run)
            yield _span(axis, ends, [value for value, _ in known], places[0], places[-1])
    if any(value is None and part >> number & 1 for value, number in zip(axis.values, axis.classes, strict=True)):
        yield "null"


def _span(axis: Axis, ends: list[Value], values: list[Value], first: int, last: int) -> str:
    low, high = values[first], values[last]
    open_low, open_high = (axis.domain.kind is Kind.DECIMAL and value not in ends for value in (low, high))
    low, high = values[first - 1] if open_low else low, values[last + 1] if open_high else high
    if low == high:
        return literal_text(low)
    if not (open_low or open_high or first == 0 or last == len(values) - 1):
        return f"from {literal_text(low)} to {literal_text(high)}"
    above = "" if first == 0 else f"{'over' if open_low else 'at least'} {literal_text(low)}"
    below = "" if last == len(values) - 1 else f"{'under' if open_high else 'at most'} {literal_text(high)}"
    return both([part for part in (above, below) if part]) or "anything"
