"""The small pieces of a rule file: mappings, names, words, dates. Each notes what is wrong and reads on.

A reader that finds a problem returns an empty stand-in; no table is built once a problem is noted.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from cases.rules.domains import Domain, Kind, Value, read_value
from cases.rules.problems import Notes, Place, Unreadable, instead_of, shown

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SOURCE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*")
_LAYOUT = str.maketrans("", "", "\n\t\u00a0")  # may stand in a description though it is no printable character
_ANY_DATE = Domain(Kind.DATE, low=date.min, high=date.max)


def read_mapping(raw: object, place: Place, notes: Notes) -> dict[str, object]:
    """The mapping without the keys that are no text; {} when it is none."""
    if not isinstance(raw, Mapping):
        notes.add(place, f"{shown(raw)} stands where a mapping belongs", 'write "key: value" pairs')
        return {}
    for key in raw:
        if not isinstance(key, str):
            notes.add(place, f"the key {shown(key)} is not text", "write it in quotes")
    return {key: value for key, value in raw.items() if isinstance(key, str)}


MOST: Final = 5_000  # rows of a table, values of a domain, examples


def read_list(raw: object, place: Place, notes: Notes) -> Sequence[object]:
    if isinstance(raw, list | tuple):
        if len(raw) <= MOST:
            return raw
        notes.add(place, f"the list holds {len(raw)} things, and {MOST} are the most", "split the table")
        return ()
    notes.add(place, f"{shown(raw)} stands where a list belongs", "write a list, or [] for an empty one")
    return ()


def specs(raw: object, place: Place, notes: Notes) -> Iterator[tuple[str, dict[str, object], Place]]:
    """(name, declaration, place) from a mapping by name, or from a list of mappings that hold their name."""
    if isinstance(raw, list | tuple):
        for position, item in enumerate(raw):
            spec = read_mapping(item, place.item(position), notes)
            name = spec.pop("name", None)
            here = place.item(position, name if isinstance(name, str) else None)
            yield read_name(name, here, notes), spec, here
        return
    for name, item in read_mapping(raw, place, notes).items():
        here = place.key(name)
        yield read_name(name, here, notes), read_mapping(item, here, notes), here


def check_keys(
    data: Mapping[str, object],
    known: Collection[str],
    place: Place,
    notes: Notes,
    *,
    required: Collection[str] = (),
) -> None:
    for key in data:
        if key not in known:
            notes.add(place.key(key), f"{shown(key)} means nothing here", instead_of(key, known))
    for key in required:
        if key not in data:
            notes.add(place, f'"{key}" is not there', f'add "{key}: …"')


def read_words(data: Mapping[str, object], place: Place, notes: Notes) -> str:
    """The description; it is the promise in writing, so it may not be empty. "" when the key is absent."""
    if "description" not in data:
        return ""
    raw = data["description"]
    if not isinstance(raw, str) or not raw.strip():
        notes.add(place.key("description"), f"{shown(raw)} is no description", "say in a sentence what it does")
        return ""
    if not raw.translate(_LAYOUT).isprintable():
        notes.add(place.key("description"), "the description holds a character that cannot be shown", "retype it")
    return raw.strip()


def read_name(raw: object, place: Place, notes: Notes) -> str:
    """A name for use in other places: of a table, an input, an output."""
    mend = "write small letters, digits and _, beginning with a letter"
    return _matching(raw, _NAME, place, notes, what="a name", mend=mend)


def read_id(raw: object, place: Place, notes: Notes) -> str:
    """The id of a row or an example."""
    mend = "write letters, digits, points and dashes, for example R-010"
    return _matching(raw, _ID, place, notes, what="an id", mend=mend)


def read_source(raw: object, place: Place, notes: Notes) -> str:
    mend = "write names with points between them, for example register.policy.glass_cover"
    return _matching(raw, _SOURCE, place, notes, what="a source", mend=mend)


def _matching(raw: object, pattern: re.Pattern[str], place: Place, notes: Notes, *, what: str, mend: str) -> str:
    if isinstance(raw, str) and pattern.fullmatch(raw):
        return raw
    notes.add(place, f"{shown(raw)} is not {what}", mend)
    return ""


def read_word(raw: object, place: Place, notes: Notes) -> str:
    """One value of a text domain; "" is a value."""
    if not isinstance(raw, str):
        notes.add(place, f"{shown(raw)} is not text", "write it in quotes")
    elif raw != raw.strip() or not raw.isprintable():
        notes.add(place, f"{shown(raw)} has blanks around it or a character that cannot be shown", "retype it")
    else:
        return raw
    return ""


def read_date(raw: object, place: Place, notes: Notes) -> date:
    value = read_known(raw, _ANY_DATE, place, notes)
    return value if isinstance(value, date) else date.min


def read_known(raw: object, domain: Domain, place: Place, notes: Notes) -> Value:
    """The value, or None after noting why it is none."""
    try:
        return read_value(raw, domain)
    except Unreadable as refused:
        notes.add(place, refused.what, refused.mend)
        return None
