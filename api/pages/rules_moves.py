"""What the buttons of the editor do to a document: rows and columns added, copied, moved, dropped, pasted. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.rules_form import Document, columns_of, document_of, examples_of, fields_of, rows_of

_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)")
_ROW = re.compile(r"r[0-9]{1,6}")
_STEP: Final = 10
MOST_PASTED: Final = 2000  # lines; a larger table is imported from its file


@dataclass(frozen=True, slots=True)
class Moved:
    """The document after it, where the keyboard goes (a field's name), and which sentence says what happened."""

    document: Document
    focus: str
    said: str
    parts: Mapping[str, object]


def add_row(document: Document, after: int) -> Moved:
    """An empty row below this one; -1: above all."""
    row = {"id": new_id([_id(one) for one in rows_of(document)], after), "description": "", "when": {}, "then": {}}
    return _inserted(document, after + 1, row, "rules.said.added")


def copy_row(document: Document, position: int) -> Moved:
    rows = rows_of(document)
    row = {**rows[position], "id": new_id([_id(one) for one in rows], position)}
    return _inserted(document, position + 1, row, "rules.said.copied", of=_id(rows[position]))


def drop_row(document: Document, position: int) -> Moved:
    rows = rows_of(document)
    gone = rows.pop(position)
    focus = f"r{min(position, len(rows) - 1)}.says" if rows else "else.says"
    return Moved({**document, "rows": rows}, focus, "rules.said.dropped", {"row": _id(gone)})


def move_row(document: Document, position: int, by: int, *, field: str = "says") -> Moved:
    """Up (-1) or down (1). field: the part of the row's field names where the keyboard is."""
    rows, to = rows_of(document), position + by
    if not 0 <= to < len(rows):
        said = "rules.said.first" if by < 0 else "rules.said.last"
        return Moved(document, f"r{position}.{field}", said, {"row": _id(rows[position])})
    rows[position], rows[to] = rows[to], rows[position]
    parts = {"row": _id(rows[to]), "place": to + 1, "of": len(rows)}
    return Moved({**document, "rows": rows}, f"r{to}.{field}", "rules.said.moved", parts)


def add_column(document: Document, side: str) -> Moved:
    """A new input or output; a text of yes and no until it is told."""
    columns = columns_of(document, side)
    names = {str(column.get("name")) for one in ("inputs", "outputs") for column in columns_of(document, one)}
    name = next(name for number in range(1, len(names) + 2) if (name := f"{side[:-1]}_{number}") not in names)
    columns.append({"name": name, "type": "boolean"})
    return Moved(
        {**document, side: columns}, f"{side[0]}{len(columns) - 1}.name", "rules.said.column_added", {"column": name}
    )


def drop_column(document: Document, side: str, position: int) -> Moved:
    """The column with what every row, the else row and every example say about it."""
    columns = columns_of(document, side)
    name = str(columns.pop(position).get("name"))
    part = "when" if side == "inputs" else "then"
    rows = [{**row, part: _without(row.get(part), name)} for row in rows_of(document)]
    changed: Document = {**document, side: columns, "rows": rows}
    if side == "outputs" and isinstance(document.get("else"), Mapping):
        changed["else"] = {**document["else"], part: _without(document["else"].get(part), name)}
    focus = f"{side[0]}{max(0, position - 1)}.name" if columns else "says"
    return Moved(changed, focus, "rules.said.column_dropped", {"column": name})


def paste(document: Document, text: str, at: str) -> Moved:
    """Lines of a spreadsheet, tabs between their cells, laid over the grid from this field on; new rows as needed.

    In a row stand id, description, inputs and outputs, in this order. Cells beyond the last column are left out.
    """
    lines = [line.split("\t") for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")[:MOST_PASTED]]
    place, _, field = at.partition(".")
    rows = len(rows_of(document))
    first = min(int(place[1:]), rows) if _ROW.fullmatch(place) else rows
    while len(rows_of(document)) < first + len(lines):
        document = add_row(document, len(rows_of(document)) - 1).document
    fields = fields_of(document)
    names = [name.partition(".")[2] for name in fields if name.startswith(f"r{first}.")]
    start = names.index(field) if field in names else 0
    for number, line in enumerate(lines):
        for name, cell in zip(names[start:], line, strict=False):
            fields[f"r{first + number}.{name}"] = cell.strip()
    said = {"rows": len(lines), "row": fields[f"r{first}.id"]}
    return Moved(document_of(fields, document), f"r{first}.{names[start]}", "rules.said.pasted", said)


def add_example(document: Document, given: Mapping[str, object], expect: Mapping[str, object]) -> Moved:
    """What the table says now about these inputs becomes a promise that later versions are held to."""
    examples = examples_of(document)
    name = new_id([_id(one) for one in examples], len(examples) - 1, first="E-010")
    example = {"id": name, "given": dict(given), "expect": dict(expect)}
    return Moved({**document, "examples": [*examples, example]}, "", "rules.said.example_added", {"example": name})


def drop_example(document: Document, position: int) -> Moved:
    """Positions count what is an example; one that is not there changes nothing."""
    examples = examples_of(document)
    if position >= len(examples):
        return Moved(document, "", "", {})
    gone = examples.pop(position)
    return Moved({**document, "examples": examples}, "", "rules.said.example_dropped", {"example": _id(gone)})


def new_id(ids: Sequence[str], after: int, *, first: str = "R-010") -> str:
    """An id for what comes after this place, between its neighbours where a number is free: R-135 after R-130."""
    here = _NUMBERED.fullmatch(ids[after]) if 0 <= after < len(ids) else _NUMBERED.fullmatch(first)
    if here is None:  # an id without a number has no neighbours to stand between
        here = _NUMBERED.fullmatch(first)
    assert here is not None  # `first` has one
    head, number, width = here[1], int(here[2]), len(here[2])
    following = _NUMBERED.fullmatch(ids[after + 1]) if after + 1 < len(ids) else None
    room = int(following[2]) - number if following and following[1] == head else 2 * _STEP
    tried = [number + room // 2, *range(number, number + len(ids) + 2)]
    if here[0] not in ids:
        tried.insert(0, number)
    return next(name for one in tried if (name := f"{head}{one:0{width}d}{here[3]}") not in ids)


def _inserted(document: Document, place: int, row: Document, said: str, **parts: object) -> Moved:
    rows = rows_of(document)
    rows.insert(place, row)
    return Moved({**document, "rows": rows}, f"r{place}.says", said, {"row": row["id"], **parts})


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("id", ""))


def _without(raw: object, name: str) -> Document:
    return {key: value for key, value in raw.items() if key != name} if isinstance(raw, Mapping) else {}
