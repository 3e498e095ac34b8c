"""What a column has to be, judged by the values that a model names. What stays open is said, never made up."""

from collections.abc import Sequence
from typing import Any, Final

from pipelines.exchange.dmn_cells import bounds, plain
from pipelines.exchange.dmn_types import listed_values
from pipelines.exchange.feel import FeelRefused, Value
from pipelines.exchange.feel.values import kind_of

KINDS: Final = {
    "string": "text",
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "days and time duration": "duration",
    "years and months duration": "period",
}
NO_VALUES: Final = ("the model does not list its values", "add to domain every other value that may come")
NO_ENDS: Final = ("the model does not say its least and greatest value", "add min and max")


def limits(kind: str, text: str, named: Sequence[Value]) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """The closed domain of an input of this kind, from the allowed values in FEEL; and what they leave open."""
    if kind == "boolean":
        return {}, None
    if kind == "text":
        listed = _listed(text)
        if listed is not None:
            return {"domain": listed}, None
        return {"domain": list(dict.fromkeys(value for value in named if isinstance(value, str)))}, NO_VALUES
    ends = _bounds(text)
    if ends is None:
        return {}, None if kind == "date" else NO_ENDS
    return {"min": plain(ends[0]), "max": plain(ends[1])}, None


def output_column(given: Sequence[Value], *, collects: bool) -> dict[str, Any]:
    """Type and domain of an output that gives these constants and nothing else; {} when they do not go together."""
    kinds = {kind_of(value) for value in given}
    match sorted(kinds):
        case ["string"]:
            return {"type": "list" if collects else "text", "domain": list(dict.fromkeys(given))}
        case ["list"]:
            return {"type": "list", "domain": list(dict.fromkeys(one for value in given for one in value))}
        case ["boolean"]:
            return {"type": "boolean"}
        case ["number"]:
            whole = all(isinstance(plain(value), int) for value in given)
            return {"type": "integer" if whole else "decimal", "min": plain(min(given)), "max": plain(max(given))}
        case ["date"]:
            return {"type": "date"}
        case ["days and time duration"] | ["years and months duration"]:
            return {"type": KINDS[kinds.pop()], "min": plain(min(given)), "max": plain(max(given))}
        case _:
            return {}


def _listed(text: str) -> list[str] | None:
    try:
        values = [value for value in listed_values(text) if value is not None] if text else []
    except FeelRefused:
        return None
    return list(values) if values and all(isinstance(value, str) for value in values) else None


def _bounds(text: str) -> tuple[Value, Value] | None:
    try:
        return bounds(text) if text else None
    except FeelRefused:
        return None
