"""How built-in functions are declared: their parameters with names and types, checked before they are called."""

import re
from collections.abc import Callable, Sequence
from decimal import DecimalException
from typing import Any, Final

from pipelines.exchange.feel.values import FeelRefused, Function, Value, kind_of

_PARAMETER: Final = re.compile(r"(?P<name>[a-z][a-z0-9 ]*?)(?P<optional>\?)?: (?P<kinds>[A-Za-z| ]+)")
Parameter = tuple[str, bool, frozenset[str]]  # name, may be left out, kinds


def declared(line: str, call: Callable[..., Value]) -> Function:
    """`substring(string: string, start position: number, length?: number)` and what it does.

    Null, or a value of another type, gives null without a call, as the specification asks; a list with one element
    stands for that element where no list is asked for.
    """
    name, _, rest = line.partition("(")
    parameters = [_read(part) for part in rest.rstrip(")").split(", ") if part]

    def checked(given: Sequence[Value]) -> Value:
        if not sum(not optional for _, optional, _ in parameters) <= len(given) <= len(parameters):
            return None
        taken = [_fitting(value, kinds) for value, (_, _, kinds) in zip(given, parameters, strict=False)]
        if any(not fits for fits, _ in taken):
            return None
        return tried(call, *(value for _, value in taken))

    return Function(name, checked, (tuple(parameter for parameter, _, _ in parameters),))


def spread(name: str, call: Callable[[list[Value]], Value], *, parameter: str = "list") -> Function:
    """A function of one list, or of any number of values."""

    def gathered(given: Sequence[Value]) -> Value:
        if not given:
            return None
        first = given[0]
        if len(given) > 1:
            return tried(call, list(given))
        return tried(call, first if isinstance(first, list) else [first]) if first is not None else None

    return Function(name, gathered, ((parameter,),))


def one_of(name: str, *choices: Function) -> Function:
    """A function with several lists of parameters: the first that gives an answer."""

    def call(given: Sequence[Value]) -> Value:
        return next((found for choice in choices if (found := choice.call(given)) is not None), None)

    return Function(name, call, tuple(way for choice in choices for way in choice.ways))


def tried(call: Callable[..., Value], *given: Any) -> Value:
    """What the call gives; null where its values lie outside what can be calculated."""
    try:
        return call(*given)
    except FeelRefused:  # a function that was handed over ran out of steps
        raise
    except (DecimalException, OverflowError, ValueError):
        return None


def _read(part: str) -> Parameter:
    found = _PARAMETER.fullmatch(part)
    assert found is not None, part
    return found["name"], bool(found["optional"]), frozenset(found["kinds"].split("|"))


def _fitting(value: Value, kinds: frozenset[str]) -> tuple[bool, Value]:
    kind = kind_of(value)
    if kind in kinds or "Any" in kinds:
        return True, value
    if kind == "list" and len(value) == 1 and kind_of(value[0]) in kinds:
        return True, value[0]
    if "list" in kinds and kind != "null":
        return True, [value]
    return False, None
