"""Reads the inputs and outputs of a table: names, types and their closed domains."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

from cases.rules.constants import Constants
from cases.rules.domains import MISSING, ORDERED, Domain, Kind, Missing, OutValue
from cases.rules.problems import Notes, Place, instead_of, shown
from cases.rules.read_constants import read_constants
from cases.rules.read_parts import (
    check_keys,
    read_known,
    read_list,
    read_source,
    read_word,
    read_words,
    specs,
)
from cases.rules.table import Input, Output

Column = TypeVar("Column")


class Columns(NamedTuple):
    """What is declared, in the author's order; None where a declaration is refused, so that its name is known."""

    inputs: Mapping[str, Input | None]
    outputs: Mapping[str, Output | None]
    constants: Constants


MOST_COLUMNS: Final = 200  # inputs, and outputs
_LIMITS: Final = {
    Kind.TEXT: ("domain",),
    Kind.LIST: ("domain",),
    Kind.SET: ("domain",),
    Kind.BOOLEAN: (),
    Kind.INTEGER: ("min", "max"),
    Kind.DECIMAL: ("min", "max"),
    Kind.MONEY: ("min", "max"),
    Kind.DATE: ("min", "max"),
    Kind.DURATION: ("min", "max"),
    Kind.PERIOD: ("min", "max"),
}
_INPUT_KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.LIST)
_OUTPUT_KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.SET)


def read_columns(document: Mapping[str, object], notes: Notes) -> Columns:
    place = Place()
    inputs = _columns(document.get("inputs", {}), place.key("inputs"), notes, _read_input)
    outputs = _columns(document.get("outputs", {}), place.key("outputs"), notes, _read_output)
    taken = {value for column in (*inputs.values(), *outputs.values()) if column for value in column.domain.values}
    return Columns(inputs, outputs, read_constants(document.get("constants", {}), taken, notes))


def _columns(
    raw: object, place: Place, notes: Notes, read: Callable[[str, dict[str, object], Place, Notes], Column | None]
) -> dict[str, Column | None]:
    columns: dict[str, Column | None] = {}
    for name, spec, here in specs(raw, place, notes):
        if len(columns) == MOST_COLUMNS:
            notes.add(place, f"there are more than {MOST_COLUMNS}", "split the table")
            break
        if name in columns:
            notes.add(here, f'"{name}" is declared twice', "keep one of the two")
        columns[name] = read(name, spec, here, notes)
    return columns


def _read_input(name: str, spec: dict[str, object], place: Place, notes: Notes) -> Input | None:
    domain = _read_domain(spec, place, notes, _INPUT_KINDS, ("from", "nullable", "description"))
    words = read_words(spec, place, notes)
    source = read_source(spec["from"], place.key("from"), notes) if "from" in spec else name
    return None if domain is None else Input(name, domain, source, words)


def _read_output(name: str, spec: dict[str, object], place: Place, notes: Notes) -> Output | None:
    domain = _read_domain(spec, place, notes, _OUTPUT_KINDS, ("default", "description"))
    words = read_words(spec, place, notes)
    if domain is None:
        return None
    default = read_known(spec["default"], domain, place.key("default"), notes) if "default" in spec else MISSING
    return None if default is None else Output(name, domain, default, words)


def fallback(column: Output) -> OutValue | Missing:
    """What an output is when a row leaves it out; MISSING when a row may not."""
    if not isinstance(column.default, Missing):
        return column.default
    match column.domain.kind:
        case Kind.LIST:
            return ()
        case Kind.TEXT if "" in column.domain.values:
            return ""
        case _:
            return MISSING


def _read_domain(
    spec: Mapping[str, object], place: Place, notes: Notes, kinds: tuple[str, ...], others: tuple[str, ...]
) -> Domain | None:
    if spec.get("type") not in kinds:
        named = "the type is not there" if "type" not in spec else f"{shown(spec['type'])} is no type of this column"
        notes.add(place.key("type"), named, instead_of(spec.get("type"), kinds))
        return None
    kind = Kind(str(spec["type"]))
    before = len(notes.problems)
    check_keys(
        spec, ("type", *_LIMITS[kind], *others), place, notes, required=() if kind is Kind.DATE else _LIMITS[kind]
    )
    nullable = spec.get("nullable", False)
    if not isinstance(nullable, bool):
        notes.add(place.key("nullable"), f"{shown(nullable)} is not true or false", "write true or false")
    values = _read_values(spec["domain"], place.key("domain"), notes) if "domain" in spec else ()
    low, high = (_read_end(spec, end, kind, place, notes) for end in ("min", "max"))
    if len(notes.problems) > before:
        return None
    if low is not None and low > high:
        notes.add(place, "min is larger than max", "write the smaller one as min")
        return None
    return Domain(kind, values, low, high, nullable is True)


def _read_values(raw: object, place: Place, notes: Notes) -> tuple[str, ...]:
    items = read_list(raw, place, notes)
    if isinstance(raw, list | tuple) and not raw:
        notes.add(place, "the domain is empty", "list every value that may occur")
    values = tuple(read_word(item, place.item(position), notes) for position, item in enumerate(items))
    seen: set[str] = set()
    for position, value in enumerate(values):
        if value in seen and value == items[position]:
            notes.add(place.item(position), f"{shown(value)} is listed twice", "list it once")
        seen.add(value)
    return values


def _read_end(spec: Mapping[str, object], end: str, kind: Kind, place: Place, notes: Notes) -> Any:
    if end in spec and kind in ORDERED:
        return read_known(spec[end], Domain(kind), place.key(end), notes)
    if kind is Kind.DATE:
        return date.min if end == "min" else date.max
    return None
