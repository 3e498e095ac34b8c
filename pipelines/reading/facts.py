"""Reads the facts that a journey asks for out of a message, each with the characters it was read from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal, assert_never, get_args

from pipelines.reading.amounts import find_amounts, find_numbers
from pipelines.reading.contact import find_addresses, find_emails, find_phones, find_postcodes
from pipelines.reading.dates import find_dates
from pipelines.reading.folding import fold
from pipelines.reading.found import Found
from pipelines.reading.identifiers import (
    find_citizen_numbers,
    find_ibans,
    find_licence_plates,
    find_pattern,
)

Reader = Literal[
    "amount",
    "date",
    "licence_plate",
    "iban",
    "phone",
    "email",
    "address",
    "postcode",
    "pattern",
    "bsn",
    "number",
]
READERS: tuple[Reader, ...] = get_args(Reader)
REACH = 40
"""Characters before or after a value in which the words of a `FactReader` count."""


@dataclass(frozen=True, slots=True)
class FactReader:
    """How one fact of a journey is read. Words are beginnings of words: "polis" also means "polisnummer".

    `near`: words that make a value surer when one stands within `REACH` characters before or after it.
    `after`: the value must follow one of these words; `before`: it must be followed by one of them.
    `pattern`: RE2, only and always for the reader "pattern".
    """

    reader: Reader
    pattern: str | None = None
    near: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.reader == "pattern") != (self.pattern is not None):
            raise ValueError(f"reader {self.reader!r}: give a pattern for the reader 'pattern' and for no other")


def read_facts(text: str, *, language: str, now: date, readers: Mapping[str, FactReader]) -> dict[str, list[Found]]:
    """Every fact name with all its candidates, the surest first, then in reading order; [] where none was found.

    The kind of each find is the fact's name, except `iban_invalid`. Raises ValueError for a pattern that
    `identifiers.check_pattern` objects to.
    """
    found_by: dict[tuple[Reader, str | None], list[Found]] = {}
    facts = {}
    for name, how in readers.items():
        key = (how.reader, how.pattern)
        if key not in found_by:
            found_by[key] = _candidates(text, how, name, language=language, now=now)
        facts[name] = _chosen(text, found_by[key], how, name)
    return facts


def _candidates(text: str, how: FactReader, name: str, *, language: str, now: date) -> list[Found]:
    match how.reader:
        case "amount":
            return find_amounts(text, language=language)
        case "number":
            return find_numbers(text, language=language)
        case "date":
            return find_dates(text, now=now, language=language)
        case "phone":
            return find_phones(text, language=language)
        case "pattern":
            return find_pattern(text, how.pattern or "", name)
        case "licence_plate" | "iban" | "email" | "address" | "postcode" | "bsn":
            return _BY_TEXT[how.reader](text)
        case _:
            assert_never(how.reader)


_BY_TEXT = {
    "licence_plate": find_licence_plates,
    "iban": find_ibans,
    "email": find_emails,
    "address": find_addresses,
    "postcode": find_postcodes,
    "bsn": find_citizen_numbers,
}


def _chosen(text: str, candidates: list[Found], how: FactReader, name: str) -> list[Found]:
    chosen = []
    for one in candidates:
        left = fold(text[max(0, one.start - REACH) : one.start]).text
        right = fold(text[one.end : one.end + REACH]).text
        if (how.after and not _has(how.after, left)) or (how.before and not _has(how.before, right)):
            continue
        kind = one.kind if one.kind == "iban_invalid" else name
        certainty = one.certainty
        if certainty > 0 and how.near and (_has(how.near, left) or _has(how.near, right)):
            certainty += (1 - certainty) / 2
        chosen.append(replace(one, kind=kind, certainty=certainty))
    return sorted(chosen, key=lambda one: (-one.certainty, one.start))


def _has(words: tuple[str, ...], folded: str) -> bool:
    return _beginnings(words).search(folded) is not None


@lru_cache(maxsize=512)
def _beginnings(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(fold(word).text) for word in words) + ")")
