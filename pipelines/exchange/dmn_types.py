"""The types that a DMN model declares, and how a value becomes one of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pipelines.exchange.dmn_xml import Element
from pipelines.exchange.feel import Expression, FeelRefused, Known, Run, Scope, Value, parse_tests
from pipelines.exchange.feel.functions import text_of
from pipelines.exchange.feel.temporal import read_date, read_date_time, read_duration, read_time
from pipelines.exchange.feel.tree import AnyTest, ValueTest
from pipelines.exchange.feel.values import NUMBERS, kind_of

_BASES: Final[Mapping[str, str]] = {
    **{name: name for name in ("number", "string", "boolean", "date", "time", "date and time", "Any")},
    **dict.fromkeys(("integer", "long", "double", "decimal", "int"), "number"),  # as some tools call them
    **dict.fromkeys(("dateTime", "date_time"), "date and time"),
    **dict.fromkeys(("days and time duration", "dayTimeDuration"), "days and time duration"),
    **dict.fromkeys(("years and months duration", "yearMonthDuration"), "years and months duration"),
    **dict.fromkeys(("any", "object", "Object", "undefined", "Undefined", "<Undefined>"), "Any"),
    "context": "context",
}
#: Types that JSON has only as text.
WRITTEN: Final = ("date", "time", "date and time", "days and time duration", "years and months duration")
_DEEPEST = 30  # types within types


@dataclass(frozen=True, slots=True)
class Type:
    """What a value has to be. A structure has components; a collection is a list of what the rest says."""

    base: str = "Any"
    components: Mapping[str, "Type"] = field(default_factory=dict)
    collection: bool = False
    allowed: Expression | None = None
    allowed_text: str = ""
    name: str = "Any"


ANY: Final = Type()


class ValueRefused(ValueError):
    """A given value is not of its type."""

    def __init__(self, place: str, what: str, mend: str) -> None:
        super().__init__(f"{place}: {what}; {mend}")
        self.place, self.what, self.mend = place, what, mend


class Types:
    """The item definitions of a model, by name."""

    def __init__(self, definitions: Sequence[Element]) -> None:
        self._definitions = {one.get("name"): one for one in definitions}
        self._read: dict[str, Type] = {}

    @property
    def properties(self) -> frozenset[str]:
        """Every name of a component."""
        return frozenset(
            one.get("name")
            for definition in self._definitions.values()
            for one in definition.inside()
            if one.name == "itemComponent"
        )

    def named(self, name: str, depth: int = 0) -> Type:
        """The type of a typeRef. Raises FeelRefused for one that is not declared."""
        if not name:
            return ANY
        if name not in self._definitions and ":" in name:
            name = name.rpartition(":")[2].strip()
        if name in self._read:
            return self._read[name]
        if name in self._definitions:
            self._read[name] = self._item(self._definitions[name], name, depth)
            return self._read[name]
        if name in _BASES:
            return Type(_BASES[name], name=name)
        raise FeelRefused(f'the type "{name}" is not declared', "add an itemDefinition for it, or correct the typeRef")

    def _item(self, element: Element, name: str, depth: int) -> Type:
        if depth > _DEEPEST:
            raise FeelRefused(f'the type "{name}" contains itself', "end the circle of item definitions")
        collection = element.get("isCollection") == "true"
        constraint = element.first("allowedValues", "typeConstraint")
        text = "" if constraint is None else constraint.text_of("text") or ""
        allowed = parse_tests(text, Known()) if text and text != "-" else None
        if components := element.all("itemComponent"):
            parts = {one.get("name"): self._item(one, one.get("name"), depth + 1) for one in components}
            return Type("context", parts, collection, allowed, text, name)
        inner = self.named(element.text_of("typeRef") or "", depth + 1)
        if inner.collection and collection:
            return Type("Any", collection=True, name=name)
        return Type(
            inner.base,
            inner.components,
            collection or inner.collection,
            allowed or inner.allowed,
            text or inner.allowed_text,
            name,
        )


def listed_values(text: str) -> list[Value]:
    """The values that `"High", "Low"` lists, in their order. Raises FeelRefused when it lists no plain values."""
    tests = parse_tests(text, Known())
    found = list(tests.tests) if isinstance(tests, AnyTest) else [tests]
    if not all(isinstance(one, ValueTest) for one in found):
        raise FeelRefused(f"{text} does not list values", 'write them with commas between, for example "High", "Low"')
    return [one.of.value(Scope({}, Run())) for one in found if isinstance(one, ValueTest)]


def is_allowed(value: Value, allowed: Expression | None, scope: Scope) -> bool:
    """Whether the constraint holds; null is held to none."""
    return allowed is None or value is None or allowed.value(scope.inner({"?": value})) is True


def conform(value: Value, wanted: Type, scope: Scope, place: str) -> Value:
    """The value as one of its type, converted as DMN allows (10.3.2.9.4); null and a note when it is none."""
    if value is None:
        return None
    if wanted.collection:
        items = value if isinstance(value, list) else [value]
        found = [_conform(item, wanted, scope, place) for item in items]
        return None if any(new is None and old is not None for new, old in zip(found, items, strict=True)) else found
    if isinstance(value, list) and len(value) == 1 and wanted.base not in ("Any", "list"):
        value = value[0]
    return _conform(value, wanted, scope, place)


def _conform(value: Value, wanted: Type, scope: Scope, place: str) -> Value:
    if value is None:
        return None
    kind = kind_of(value)
    if wanted.base == "date and time" and kind == "date":
        value = datetime.combine(value, time(tzinfo=None))
    elif wanted.base not in ("Any", kind):
        scope.run.note(f"{place} gives a {kind} where {_what(wanted)} belongs, so it counts as null")
        return None
    if isinstance(value, dict) and wanted.components:
        parts = {
            name: conform(value[name], part, scope, f"{place}.{name}")
            for name, part in wanted.components.items()
            if name in value
        }
        value = {name: parts.get(name, one) for name, one in value.items()}
    if not is_allowed(value, wanted.allowed, scope):
        scope.run.note(f"{place} gives {text_of(value)}, which is not among {wanted.allowed_text}: it counts as null")
        return None
    return value


def read_given(raw: Any, wanted: Type, place: str) -> Value:
    """A value of JSON as one of its type: dates and durations as ISO text, numbers as numbers or text.

    Raises ValueRefused with the place.
    """
    if raw is None:
        return None
    if wanted.collection:
        items = raw if isinstance(raw, list) else [raw]
        return [_read_one(item, wanted, f"{place}[{number}]") for number, item in enumerate(items)]
    return _read_one(raw, wanted, place)


def _read_one(raw: Any, wanted: Type, place: str) -> Value:
    if raw is None:
        return None
    value = _of_base(raw, wanted, place)
    if not is_allowed(value, wanted.allowed, Scope({}, Run())):
        raise ValueRefused(place, f"{text_of(value)} is not allowed", f"give one of {wanted.allowed_text}")
    return value


def _of_base(raw: Any, wanted: Type, place: str) -> Value:
    match wanted.base:
        case "Any":
            return as_feel(raw)
        case "context" if isinstance(raw, dict):
            unknown = [name for name in raw if wanted.components and name not in wanted.components]
            if unknown:
                raise ValueRefused(f"{place}.{unknown[0]}", "is no part of it", f"give {', '.join(wanted.components)}")
            return {
                name: read_given(one, wanted.components.get(name, ANY), f"{place}.{name}") for name, one in raw.items()
            }
        case "boolean" if isinstance(raw, bool):
            return raw
        case "boolean" if raw in ("true", "false"):
            return raw == "true"
        case "string" if isinstance(raw, str):
            return raw
        case "number" if isinstance(raw, int | str | Decimal) and not isinstance(raw, bool):
            value = _number(raw)
        case "context" | "boolean" | "string" | "number":
            value = None
        case moment:
            value = _READ[moment](raw) if isinstance(raw, str) else None
            value = value if kind_of(value) == moment else None
    if value is None:
        raise ValueRefused(place, f"{str(raw)[:40]!r} is not {_what(wanted)}", f"give {_EXAMPLES[wanted.base]}")
    return value


def as_feel(raw: Any) -> Value:
    """A value of JSON as it is: numbers exact, texts as texts."""
    match raw:
        case bool() | str() | None | Decimal():
            return raw
        case int():
            return NUMBERS.create_decimal(raw)
        case list():
            return [as_feel(item) for item in raw]
        case _:
            return {str(name): as_feel(item) for name, item in raw.items()}


def _number(raw: int | str | Decimal) -> Value:
    try:
        value = NUMBERS.create_decimal(raw)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


_READ: Final[Mapping[str, Any]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}
_EXAMPLES: Final[Mapping[str, str]] = {
    "context": 'an object, for example {"Age": 30}',
    "boolean": "true or false",
    "string": "a text in quotes",
    "number": "a number, for example 12.50",
    "date": '"2026-01-31"',
    "time": '"13:45:00"',
    "date and time": '"2026-01-31T13:45:00"',
    "days and time duration": '"P3DT4H"',
    "years and months duration": '"P1Y6M"',
}


def _what(wanted: Type) -> str:
    return wanted.base if wanted.name in ("", wanted.base) else f"{wanted.base} ({wanted.name})"
