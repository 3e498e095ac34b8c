"""What a person types as a fact, read by the fact's type into the form that facts are kept in. Pure."""

import re
from datetime import date
from decimal import Decimal
from typing import assert_never

from cases.errors import NotAllowed
from cases.journey_spec import FactSpec

_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_AMOUNT = re.compile(r"(\d{1,12}|\d{1,3}(?:[., ]\d{3}){1,3})(?:[.,](\d{1,2}))?")
_YES, _NO = frozenset({"true", "yes", "ja", "1"}), frozenset({"false", "no", "nee", "0"})
MOST_DIGITS = 12


class NotOfItsType(NotAllowed):
    """What was typed is no value of this fact. fact: its key; mend: what to write instead."""

    def __init__(self, fact: str, typed: str, mend: str) -> None:
        super().__init__(f"{fact}: {typed!r}", mend)
        self.fact, self.typed, self.mend = fact, typed, mend


def read_typed(name: str, spec: FactSpec, text: str) -> str:
    """The value as facts are kept: ISO days, amounts with a point and two places, true or false.

    Raises NotOfItsType. An amount like 1.250 is refused: it is read in two ways.
    """
    typed = text.strip()
    match spec.type:
        case "text":
            value, mend = _as_read(typed, spec.reader) or None, "write what it should say"
        case "money":
            value, mend = _amount(typed), "write an amount in euros, like 1250.00"
        case "date":
            value, mend = _day(typed), "write a day, like 2026-11-20"
        case "integer":
            value, mend = _whole(typed), "write a whole number, like 3"
        case "boolean":
            value, mend = _answer(typed), "write yes or no"
        case _:  # pragma: no cover  # the type check proves it
            assert_never(spec.type)
    if value is None:
        raise NotOfItsType(name, typed, mend)
    return value


def _as_read(typed: str, reader: str) -> str:
    """As the reader of the fact keeps what it finds in a message: else the same number would contradict itself."""
    match reader:
        case "licence_plate" | "iban":
            return re.sub(r"[ -]", "", typed).upper()
        case "postcode":
            compact = re.sub(r"\s", "", typed).upper()
            return f"{compact[:4]} {compact[4:]}" if re.fullmatch(r"\d{4}[A-Z]{2}", compact) else typed
        case "pattern":
            return " ".join(typed.split()).upper()
        case "email":
            return typed.lower()
        case _:
            return typed


def _amount(typed: str) -> str | None:
    found = _AMOUNT.fullmatch(typed.removeprefix("€").strip())
    if found is None or not found.group().isascii():
        return None
    whole, cents = found.groups()
    groups = re.split(r"[., ]", whole)
    if len(groups) > 1 and (cents is None or len(set(re.findall(r"[., ]", whole))) > 1):
        return None
    return f"{Decimal(''.join(groups) + '.' + (cents or '0')):.2f}"


def _day(typed: str) -> str | None:
    found = _DUTCH_DAY.fullmatch(typed)
    parts = tuple(reversed(found.groups())) if found else typed.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):  # noqa: PLR2004  # year, month, day
        return None
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except ValueError:
        return None


def _whole(typed: str) -> str | None:
    digits = typed.removeprefix("-")
    return str(int(typed)) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else None


def _answer(typed: str) -> str | None:
    word = typed.casefold()
    return "true" if word in _YES else "false" if word in _NO else None
