"""Reads the rows of a table and its else row, against the columns declared."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from cases.rules.cells import ANY, Cell
from cases.rules.constants import NO_CONSTANTS, Constants, fitted
from cases.rules.domains import Missing, OutValue, Value
from cases.rules.grammar import parse_cell
from cases.rules.problems import Notes, Place, Unreadable, instead_of, shown
from cases.rules.read_columns import Columns
from cases.rules.read_parts import check_keys, read_id, read_known, read_list, read_mapping, read_words
from cases.rules.table import Input, Output, Row

_ELSE_KEYS: Final = ("id", "description", "then")
_ROW_KEYS: Final = (*_ELSE_KEYS, "when")


Unsaid: TypeAlias = Mapping[str, OutValue | Missing]
"""What each output is when a row leaves it out; MISSING when a row may not."""


def read_rows(raw: object, columns: Columns, unsaid: Unsaid, notes: Notes) -> tuple[Row, ...]:
    place = Place().key("rows")
    seen: set[str] = set()
    return tuple(
        _read_row(item, position, columns, unsaid, seen=seen, notes=notes)
        for position, item in enumerate(read_list(raw, place, notes))
    )


def _read_row(raw: object, position: int, columns: Columns, unsaid: Unsaid, *, seen: set[str], notes: Notes) -> Row:
    data, place = labelled(raw, Place().key("rows"), position, notes)
    check_keys(data, _ROW_KEYS, place, notes, required=_ROW_KEYS)
    return Row(
        id=read_new_id(data, place, seen, notes),
        description=read_words(data, place, notes),
        cells=_read_when(data.get("when", {}), columns, place.key("when"), notes),
        outputs=_read_then(data, columns, unsaid, place, notes),
        named=_named(data, columns),
    )


def read_else(raw: object, columns: Columns, unsaid: Unsaid, row_ids: Collection[str], notes: Notes) -> Row:
    place = Place().key("else")
    data = read_mapping(raw, place, notes)
    check_keys(data, _ELSE_KEYS, place, notes, required=_ELSE_KEYS)
    return Row(
        id=read_new_id(data, place, set(row_ids), notes),
        description=read_words(data, place, notes),
        cells=(),
        outputs=_read_then(data, columns, unsaid, place, notes),
        named=_named(data, columns),
    )


def labelled(raw: object, place: Place, position: int, notes: Notes) -> tuple[dict[str, object], Place]:
    """A list item and its place, shown by the item's id when it has one."""
    label = raw.get("id") if isinstance(raw, Mapping) else None
    here = place.item(position, label if isinstance(label, str) else None)
    return read_mapping(raw, here, notes), here


def read_new_id(data: Mapping[str, object], place: Place, seen: set[str], notes: Notes) -> str:
    if "id" not in data:
        return ""
    id_ = read_id(data["id"], place.key("id"), notes)
    if id_ in seen:
        notes.add(place.key("id"), f"{id_} is the id of two", "give each an id of its own")
    seen |= {id_} - {""}
    return id_


def _read_when(raw: object, columns: Columns, place: Place, notes: Notes) -> tuple[Cell, ...]:
    when = read_mapping(raw, place, notes)
    for name in when:
        if name not in columns.inputs:
            notes.add(place.key(name), f"{shown(name)} is no input of the table", instead_of(name, columns.inputs))
    return tuple(
        ANY
        if column is None or name not in when
        else _read_cell(when[name], column, columns.constants, place.key(name), notes)
        for name, column in columns.inputs.items()
    )


def _read_cell(raw: object, column: Input, constants: Constants, place: Place, notes: Notes) -> Cell:
    try:
        return parse_cell(raw, column.domain, constants)
    except Unreadable as refused:
        notes.add(place, refused.what, refused.mend)
        return ANY


def _read_then(
    row: Mapping[str, object], columns: Columns, unsaid: Unsaid, place: Place, notes: Notes
) -> Mapping[str, OutValue]:
    if "then" not in row:
        return {}
    here = place.key("then")
    then = read_mapping(row["then"], here, notes)
    said = read_outputs(then, columns.outputs, here, notes, constants=columns.constants)
    values: dict[str, OutValue] = {}
    for name, column in columns.outputs.items():
        if column is None:
            continue
        value = said.get(name, unsaid[name])
        if not isinstance(value, Missing):
            values[name] = value
        elif name not in then:
            notes.add(here, f'the output "{name}" is not said', f'add "{name}: …", or give the output a default')
    return MappingProxyType(values)


def _named(row: Mapping[str, object], columns: Columns) -> Mapping[str, str]:
    """Output -> the constant that was written for it."""
    then = row.get("then")
    said = then.items() if isinstance(then, Mapping) else ()
    named = {name: raw for name, raw in said if isinstance(raw, str) and raw in columns.constants}
    return MappingProxyType(named)


def read_outputs(
    then: Mapping[str, object],
    outputs: Mapping[str, Output | None],
    place: Place,
    notes: Notes,
    *,
    constants: Constants = NO_CONSTANTS,
) -> dict[str, OutValue | Missing]:
    """The outputs that are said and can be read."""
    said: dict[str, OutValue | Missing] = {}
    for name, raw in then.items():
        if name not in outputs:
            notes.add(place.key(name), f"{shown(name)} is no output of the table", instead_of(name, outputs))
        elif (column := outputs[name]) and (
            value := _read_output(raw, column, constants, place.key(name), notes)
        ) is not None:
            said[name] = value
    return said


def _read_output(raw: object, column: Output, constants: Constants, place: Place, notes: Notes) -> Value:
    """The value, or None after noting why it is none."""
    if not isinstance(raw, str) or raw not in constants:
        return read_known(raw, column.domain, place, notes)
    try:
        return fitted(constants[raw], column.domain)
    except Unreadable as refused:
        notes.add(place, refused.what, refused.mend)
        return None
