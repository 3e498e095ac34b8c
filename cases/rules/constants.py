"""Values with a name, declared once in a table and used in its cells and outputs by that name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from cases.rules.domains import NUMBERS, Domain, Kind, OutValue, literal_text, plain, read_value
from cases.rules.problems import Unreadable


@dataclass(frozen=True, slots=True)
class Constant:
    name: str
    kind: Kind
    value: OutValue
    description: str = ""


Constants: TypeAlias = Mapping[str, Constant]
NO_CONSTANTS: Final[Constants] = MappingProxyType({})


def fitted(constant: Constant, domain: Domain) -> OutValue:
    """The constant as a value of a column. Raises Unreadable when it does not belong to it."""
    if constant.kind is not domain.kind and not {constant.kind, domain.kind} <= NUMBERS:
        raise Unreadable(
            f"the constant {constant.name} is of type {constant.kind.value}, and the column takes {domain}",
            f"use a constant of type {domain.kind.value}, or write the value itself",
        )
    try:
        value = read_value(plain(constant.value), domain)
    except Unreadable as refused:
        raise Unreadable(
            f"the constant {constant.name} ({literal_text(constant.value)}) does not fit: {refused.what}", refused.mend
        ) from None
    assert value is not None  # a constant is never null
    return value


def clash(name: str, taken: Collection[str]) -> str | None:
    """Why a constant cannot have this name, if it cannot: it would not be clear what a cell means by it."""
    if name in RESERVED:
        return f'"{name}" has a meaning in cells already'
    return f'"{name}" is a value of a column already' if name in taken else None


RESERVED: Final = frozenset({"missing", "present", "null", "true", "false", "not", "empty", "contains"})
