"""Reads a typed document in its journey, and says of every problem in which field of the form it stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.pages.rules_form import (
    COLUMN_KEYS,
    Document,
    columns_of,
    document_of,
    else_of,
    examples_of,
    fields_of,
    rows_of,
)
from cases.journey_folder import JourneyFolder
from cases.rules import FORBIDDEN_ELSE, Lines, Problem, Table, TableRefused, check_examples, read_table
from pipelines.rulebook.drafts import problems_within
from pipelines.rulebook.versions import shown_file

#: A row's field in the words of a problem: rows[R-010].when.amount, else.then.step
_SHOWN = re.compile(
    r"(?:rows\[(?P<row>[^\]]*)\]|(?P<else>else))(?:\.(?P<side>when|then)\.?(?P<name>\w*)|\.(?P<key>\w+))?"
)
_COLUMN = re.compile(r"(inputs|outputs)\.(\w+)\.(\w+)")
_UNSAID = re.compile(r'the output "(\w+)" is not said')
_EXAMPLE: Final = "x"


@dataclass(frozen=True, slots=True)
class TypedTable:
    """What was typed, and what is wrong with it.

    table: None while it cannot be read. wrong: field name -> the first problem in it; of an example its number, `x3`.
    others: the problems that stand in no field of the form.
    """

    document: Document
    table: Table | None
    wrong: Mapping[str, Problem]
    others: tuple[Problem, ...]

    @property
    def failing(self) -> int:
        """How many examples are not kept, of a table that can be read."""
        return sum(name.startswith(_EXAMPLE) for name in self.wrong) if self.table else 0

    @property
    def broken(self) -> int:
        """How many problems there are besides."""
        return len(self.wrong) - self.failing + len(self.others)


def read_typed(folder: JourneyFolder, name: str, document: Mapping[str, Any]) -> TypedTable:
    """The document with its columns as lists, read whole or with every problem at its place."""
    tidy = document_of(fields_of(document), document)
    places = list(_places(tidy))
    lines = {path: number for number, (path, _) in enumerate(places)}
    table, problems = _read(folder, name, tidy, lines)
    wrong: dict[str, Problem] = {}
    others = []
    for problem in problems:
        field = _field(problem, tidy, [field for _, field in places])
        if field:
            wrong.setdefault(field, problem)
        else:
            others.append(problem)
    return TypedTable(tidy, table, wrong, tuple(others))


def _read(
    folder: JourneyFolder, name: str, document: Document, lines: Lines
) -> tuple[Table | None, tuple[Problem, ...]]:
    try:
        table = read_table(document, file=shown_file(folder.name, name), lines=lines, forbidden_else=FORBIDDEN_ELSE)
    except TableRefused as refused:
        return None, refused.problems
    return table, (*problems_within(folder, table), *check_examples(table))


def _places(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Key path in the document -> the field that shows it. Their numbers stand in for lines while it is read."""
    inputs, outputs = columns_of(document, "inputs"), columns_of(document, "outputs")
    yield from ((("description",), "says"), (("hit",), "hit"))
    for side, columns in (("inputs", inputs), ("outputs", outputs)):
        for number in range(len(columns)):
            yield (side, number), f"{side[0]}{number}.name"
            yield from (((side, number, key), f"{side[0]}{number}.{key}") for key in COLUMN_KEYS)
    for number in range(len(rows_of(document))):
        yield from _row_places(("rows", number), f"r{number}", inputs, outputs)
    if else_of(document):
        yield from _row_places(("else",), "else", [], outputs)
    for number in range(len(examples_of(document))):
        yield ("examples", number), f"{_EXAMPLE}{number}"


def _row_places(
    path: tuple[str | int, ...], key: str, inputs: list[Document], outputs: list[Document]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield path, f"{key}.id"
    yield (*path, "id"), f"{key}.id"
    yield (*path, "description"), f"{key}.says"
    yield from (((*path, "when", str(one.get("name"))), f"{key}.w{n}") for n, one in enumerate(inputs))
    yield from (((*path, "then", str(one.get("name"))), f"{key}.t{n}") for n, one in enumerate(outputs))


def _field(problem: Problem, document: Document, fields: list[str]) -> str:
    """Blank when it stands in none."""
    unsaid = _UNSAID.search(problem.what)
    if problem.line is not None:
        field = fields[problem.line]
        names = [str(one.get("name")) for one in columns_of(document, "outputs")]
        if unsaid and field.endswith(".id") and unsaid[1] in names:
            return f"{field.removesuffix('id')}t{names.index(unsaid[1])}"
        return field
    return _shown_field(problem.path, document)


def _shown_field(path: str, document: Document) -> str:
    """The field of a path in words, of problems that are found in the table as read."""
    if column := _COLUMN.match(path):
        names = [str(one.get("name")) for one in columns_of(document, column[1])]
        return f"{column[1][0]}{names.index(column[2])}.{column[3]}" if column[2] in names else ""
    match = _SHOWN.match(path)
    if match is None:
        return ""
    ids = [str(row.get("id")) for row in rows_of(document)]
    key = "else" if match["else"] or str(else_of(document).get("id")) == match["row"] else ""
    if not key and match["row"] in ids:
        key = f"r{ids.index(match['row'])}"
    side = {"when": ("inputs", "w"), "then": ("outputs", "t")}.get(match["side"] or "")
    if not key or side is None:
        return f"{key}.id" if key else ""
    names = [str(one.get("name")) for one in columns_of(document, side[0])]
    return f"{key}.{side[1]}{names.index(match['name']) if match['name'] in names else 0}"
