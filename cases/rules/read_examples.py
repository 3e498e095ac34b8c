"""Reads the examples of a table: inputs, and what the author promises about the verdict."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, get_args

from cases.rules.domains import Missing, OutValue
from cases.rules.evaluate import Kind as VerdictKind
from cases.rules.examples import read_given
from cases.rules.problems import Notes, Place, instead_of, shown
from cases.rules.read_columns import Columns
from cases.rules.read_parts import check_keys, read_list, read_mapping
from cases.rules.read_rows import labelled, read_new_id, read_outputs
from cases.rules.table import Example, Expectation, Output

_KEYS: Final = ("id", "given", "expect")
_PROMISES: Final = ("row", "rows", "outputs", "missing", "kind")
_VERDICTS: Final[tuple[str, ...]] = get_args(VerdictKind)


def read_examples(raw: object, columns: Columns, row_ids: Collection[str], notes: Notes) -> tuple[Example, ...]:
    place = Place().key("examples")
    seen: set[str] = set()
    examples = []
    for position, item in enumerate(read_list(raw, place, notes)):
        data, here = labelled(item, place, position, notes)
        check_keys(data, _KEYS, here, notes, required=_KEYS)
        given = read_mapping(data.get("given", {}), here.key("given"), notes)
        examples.append(
            Example(
                id=read_new_id(data, here, seen, notes),
                given=MappingProxyType(read_given(given, columns.inputs, notes, here.key("given"))),
                expect=_read_expect(data, columns, row_ids, here.key("expect"), notes),
                line=notes.line(here),
            )
        )
    return tuple(examples)


def _read_expect(
    data: Mapping[str, object],
    columns: Columns,
    row_ids: Collection[str],
    place: Place,
    notes: Notes,
) -> Expectation:
    if "expect" not in data:
        return Expectation()
    expect = read_mapping(data["expect"], place, notes)
    check_keys(expect, _PROMISES, place, notes)
    if not expect:
        notes.add(place, "the example promises nothing", 'write for example "row: R-010"')
    if "row" in expect and "rows" in expect:
        notes.add(place, '"row" and "rows" say the same thing', "keep one of the two")
    row = _read_names([expect["row"]], row_ids, "row", place.key("row"), notes) if "row" in expect else None
    kind = _read_names([expect["kind"]], _VERDICTS, "verdict", place.key("kind"), notes) if "kind" in expect else ()
    return Expectation(
        kind=kind[0] if kind else None,
        rows=row if row is not None else _read_list("rows", expect, row_ids, place, notes),
        outputs=_read_outputs(expect, columns.outputs, place, notes),
        missing=_read_list("missing", expect, columns.inputs, place, notes),
    )


def _read_outputs(
    expect: Mapping[str, object], outputs: Mapping[str, Output | None], place: Place, notes: Notes
) -> Mapping[str, OutValue] | None:
    if "outputs" not in expect:
        return None
    here = place.key("outputs")
    said = read_outputs(read_mapping(expect["outputs"], here, notes), outputs, here, notes)
    return MappingProxyType({name: value for name, value in said.items() if not isinstance(value, Missing)})


def _read_list(
    key: str, expect: Mapping[str, object], known: Collection[str], place: Place, notes: Notes
) -> tuple[str, ...] | None:
    if key not in expect:
        return None
    what = "input" if key == "missing" else "row"
    return _read_names(read_list(expect[key], place.key(key), notes), known, what, place.key(key), notes)


def _read_names(
    raw: Collection[object], known: Collection[str], what: str, place: Place, notes: Notes
) -> tuple[str, ...]:
    """The names that are known; in the order of the table, as verdicts have them."""
    for name in raw:
        if not isinstance(name, str) or name not in known:
            notes.add(place, f"{shown(name)} is no {what}", instead_of(name, known))
    return tuple(name for name in known if name in raw)
