"""Reads the constants of a table: values with a name, to be used in its cells and outputs."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from cases.rules.constants import Constant, Constants, clash
from cases.rules.domains import Domain, Kind, Missing, OutValue
from cases.rules.problems import Notes, Place, instead_of, shown
from cases.rules.read_parts import check_keys, read_known, read_list, read_word, read_words, specs

_KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.SET)


def read_constants(raw: object, taken: Collection[str], notes: Notes) -> Constants:
    """By name, in the author's order; `taken` are the texts that mean a value already."""
    constants: dict[str, Constant] = {}
    for name, spec, here in specs(raw, Place().key("constants"), notes):
        if name in constants:
            notes.add(here, f'"{name}" is declared twice', "keep one of the two")
        elif name and (why := clash(name, taken)):
            notes.add(here, why, "give the constant another name")
        if (constant := _read_constant(name, spec, here, notes)) is not None:
            constants[name] = constant
    return MappingProxyType(constants)


def _read_constant(name: str, spec: Mapping[str, object], place: Place, notes: Notes) -> Constant | None:
    check_keys(spec, ("type", "value", "description"), place, notes, required=("type", "value"))
    words = read_words(spec, place, notes)
    if "type" not in spec or "value" not in spec:
        return None
    if spec["type"] not in _KINDS:
        notes.add(
            place.key("type"), f"{shown(spec['type'])} is no type of a constant", instead_of(spec["type"], _KINDS)
        )
        return None
    kind = Kind(str(spec["type"]))
    value = _read_value(spec["value"], kind, place.key("value"), notes)
    return None if value is None else Constant(name, kind, value, words)


def _read_value(raw: object, kind: Kind, place: Place, notes: Notes) -> OutValue | None:
    """Any value of the kind: whether it belongs to a column is told where the constant is used."""
    match kind:
        case Kind.TEXT:
            return read_word(raw, place, notes)
        case Kind.LIST:
            items = read_list(raw, place, notes)
            return tuple(read_word(item, place.item(position), notes) for position, item in enumerate(items))
        case _:
            value = read_known(raw, Domain(kind), place, notes)
            return None if isinstance(value, Missing) else value
