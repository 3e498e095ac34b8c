"""Decision tables as rows of text, for spreadsheets: written from a table, and read back with nothing lost.

A sheet has `key | value` lines, then blocks that begin with [columns], [rows], [else], [constants] or [examples].
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cases.rules import Problem
from cases.rules.table import Table
from pipelines.exchange.imported import Import, Imported, ImportRefused
from pipelines.exchange.sheet_cells import read, written

Grid = Sequence[Sequence[str]]
BLOCKS: Final = ("[columns]", "[rows]", "[else]", "[constants]", "[examples]")
_HEAD: Final = ("table", "description", "hit", "effective_from", "complete")
_PROPERTIES: Final = ("type", "domain", "min", "max", "nullable", "from", "default", "description")
_PROMISES: Final = ("kind", "rows", "missing")
_SIDES: Final = {"when": "when", "given": "when", "then": "then"}  # head of a column -> where it is declared
_UNKNOWN: Final = "?"
_CONSTANT: Final = ("type", "value", "description")


def table_grid(table: Table) -> list[list[str]]:
    """Everything but the examples."""
    document = table.as_dict()
    columns = [("when", column) for column in document["inputs"]] + [("then", one) for one in document["outputs"]]
    grid = [[key, written(document[key])] for key in _HEAD if key in document]
    grid += [[], ["[columns]", "", *(side for side, _ in columns)], ["name", "", *(one["name"] for _, one in columns)]]
    grid += [
        [key, "", *(written(one[key]) if key in one else "" for _, one in columns)]
        for key in _PROPERTIES
        if any(key in one for _, one in columns)
    ]
    heads = [f"{side} {one['name']}" for side, one in columns]
    grid += [[], ["[rows]", "description", *heads], *(_row(row, columns) for row in document["rows"])]
    grid += [[], ["[else]", "description", *heads], _row(document["else"], columns)]
    if constants := document.get("constants"):
        grid += [[], ["[constants]", *_CONSTANT]]
        grid += [[one["name"], *(written(one[key]) if key in one else "" for key in _CONSTANT)] for one in constants]
    return grid


def example_grid(table: Table) -> list[list[str]]:
    """The examples; only their heading when there are none."""
    document = table.as_dict()
    inputs, outputs = ([one["name"] for one in document[side]] for side in ("inputs", "outputs"))
    grid = [["[examples]", *(f"given {name}" for name in inputs), *_PROMISES, *(f"then {name}" for name in outputs)]]
    for example in document["examples"]:
        expect = example["expect"]
        given = [written(example["given"][name]) if name in example["given"] else "" for name in inputs]
        promises = [written(expect[key]) if key in expect else "" for key in _PROMISES]
        said = expect.get("outputs", {})
        grid.append(
            [example["id"], *given, *promises, *(written(said[name]) if name in said else "" for name in outputs)]
        )
    return grid


def read_grid(grid: Grid, *, file: str, lines: Sequence[int]) -> Import:
    """The table of a sheet; `lines` gives the line of each row. Raises ImportRefused when it is no such sheet."""
    reading = _Reading(file, lines)
    for number, row in enumerate(grid):
        reading.take(number, [cell.strip() for cell in row])
    return reading.done()


def _row(row: Mapping[str, Any], columns: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    when, then = row.get("when", {}), row["then"]
    cells = [
        when.get(column["name"], "") if side == "when" else written(then[column["name"]]) for side, column in columns
    ]
    return [row["id"], row["description"], *cells]


def _cell(text: str, kind: str) -> str:
    """A cell as it was typed; only truth values lose the capitals that spreadsheets give them."""
    return text.lower() if kind == "boolean" and text in ("TRUE", "FALSE") else text


class _Reading:
    """Goes down the rows, and knows in which block it stands."""

    def __init__(self, file: str, lines: Sequence[int]) -> None:
        self._file, self._numbers = file, lines
        self._document: dict[str, Any] = {}
        self._columns: list[tuple[int, dict[str, Any]]] = []  # where the column stands, and what is said of it
        self._sides: list[str] = []
        self._block, self._heads = "", [""]
        self._types: dict[tuple[str, str], str] = {}  # by side and name of the column
        self._rows: dict[str, list[dict[str, Any]]] = {"rows": [], "else": [], "constants": [], "examples": []}
        self._lines: dict[tuple[str | int, ...], int] = {}
        self._problems: list[Problem] = []
        self._line = 0

    def take(self, number: int, row: Sequence[str]) -> None:
        self._line = self._numbers[number]
        if not any(row):
            return
        if row[0].lower() in BLOCKS:
            self._begin(row[0].lower().strip("[]"), row)
        elif row[0].startswith("["):
            self._note(row[0], "no block has this name", f"write one of {', '.join(BLOCKS)}")
        elif self._block == "columns":
            self._property(row)
        elif self._block:
            self._line_of_block(row)
        else:
            self._head(row)

    def done(self) -> Import:
        if not self._columns or "table" not in self._document:
            what = "this is no sheet of a decision table"
            raise ImportRefused(
                [Problem(self._file, None, "", what, "begin with a sheet that `casewright rules export` wrote")]
            )
        for side, name in (("when", "inputs"), ("then", "outputs")):
            self._document[name] = {
                column.pop("name"): column for (_, column), one in self._paired() if one == side and "name" in column
            }
        rest = self._rows
        constants = {one.pop("name"): one for one in rest["constants"]}
        self._document |= {"rows": rest["rows"], **({"else": rest["else"][0]} if rest["else"] else {})}
        self._document |= {"constants": constants} if constants else {}
        self._document["examples"] = rest["examples"]
        name = str(self._document["table"])
        return Import((Imported(name, self._document, self._file, self._lines),), tuple(self._problems))

    def _paired(self) -> Iterator[tuple[tuple[int, dict[str, Any]], str]]:
        yield from zip(list(self._columns), self._sides, strict=True)

    def _begin(self, block: str, row: Sequence[str]) -> None:
        self._block, self._heads = block, [" ".join(cell.split()) for cell in row]
        self._types = {(side, str(one.get("name"))): str(one.get("type")) for (_, one), side in self._paired()}
        for place, head in enumerate(self._heads):
            side, _, name = head.partition(" ")
            if name and side in _SIDES and (_SIDES[side], name) not in self._types:
                self._note(
                    head, f"there is no column {name!r}, so its cells are left out", "declare it under [columns]"
                )
                self._heads[place] = _UNKNOWN
        if block == "columns":
            self._sides = [cell.lower() for cell in row[2:] if cell]
            self._columns = [(place, {}) for place, cell in enumerate(row[2:], 2) if cell]
            for side in set(self._sides) - {"when", "then"}:
                self._note(
                    side, "a column is neither when nor then", 'write "when" over inputs and "then" over outputs'
                )

    def _head(self, row: Sequence[str]) -> None:
        key = row[0].lower()
        if key not in _HEAD:
            self._note(key, "it means nothing at the head of a sheet", f"write one of {', '.join(_HEAD)}")
            return
        self._document[key] = self._value(row[1] if len(row) > 1 else "", "boolean" if key == "complete" else "text")
        self._lines[(key,)] = self._line
        self._overflow(row, 2)

    def _property(self, row: Sequence[str]) -> None:
        key = row[0].lower()
        if key != "name" and key not in _PROPERTIES:
            self._note(key, "it is nothing that can be said of a column", f"write one of {', '.join(_PROPERTIES)}")
            return
        for (place, column), side in self._paired():
            text = row[place] if place < len(row) else ""
            if text:
                column[key] = self._value(text, self._kind(key, column))
                if key == "name":
                    self._lines[("inputs" if side == "when" else "outputs", text)] = self._line
        self._overflow(row, max((place for place, _ in self._columns), default=1) + 1)

    def _kind(self, key: str, column: Mapping[str, Any]) -> str:
        match key:
            case "domain":
                return "list"
            case "nullable":
                return "boolean"
            case "default":
                return str(column.get("type"))
            case _:
                return "text"

    def _line_of_block(self, row: Sequence[str]) -> None:
        found: dict[str, Any] = {"name" if self._block == "constants" else "id": row[0]}
        parts: dict[str, dict[str, Any]] = {"when": {}, "then": {}, "given": {}}
        for place, text in enumerate(row[1:], 1):
            head = self._heads[place] if place < len(self._heads) else ""
            side, _, name = head.partition(" ")
            if not text or head == _UNKNOWN:
                continue
            if side in parts and name:
                kind = self._types[_SIDES[side], name]
                parts[side][name] = _cell(text, kind) if side == "when" else self._value(text, kind)
            elif head:
                found[head] = self._value(text, "list" if head in ("rows", "missing") else str(found.get("type", "")))
            else:
                self._note(
                    f"{row[0]}, column {place + 1}", f"{text[:40]!r} stands in a column without a head", "head it"
                )
        self._keep(found, parts)

    def _keep(self, found: dict[str, Any], parts: Mapping[str, dict[str, Any]]) -> None:
        rows = self._rows[self._block]
        path: tuple[str | int, ...] = ("else",) if self._block == "else" else (self._block, len(rows))
        self._lines[path] = self._line
        match self._block:
            case "rows":
                rows.append({**found, "when": parts["when"], "then": parts["then"]})
            case "else":
                rows.append({**found, "then": parts["then"]})
                for name in parts["when"]:
                    self._note(name, "the else row asks for something", "clear its cells: it is for what is left")
            case "examples":
                promised = {key: found.pop(key) for key in _PROMISES if key in found}
                outputs = {"outputs": parts["then"]} if parts["then"] else {}
                rows.append({**found, "given": parts["given"], "expect": {**promised, **outputs}})
            case _:
                rows.append(found)
        if self._block == "else" and len(rows) > 1:
            self._note(str(found["id"]), "there is a second else row", "keep one")

    def _value(self, text: str, kind: str) -> Any:
        try:
            return read(text, kind)
        except ValueError:
            self._note(
                text[:40], "a quote is not closed", 'write "…" around the whole text, with \\" for a quote inside'
            )
            return text

    def _overflow(self, row: Sequence[str], width: int) -> None:
        for place, text in enumerate(row[width:], width + 1):
            if text:
                self._note(f"column {place}", f"{text[:40]!r} stands where nothing is read", "move it, or clear it")

    def _note(self, path: str, what: str, mend: str) -> None:
        self._problems.append(Problem(self._file, self._line, path, what, mend))
