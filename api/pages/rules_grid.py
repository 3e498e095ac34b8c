"""The table as its page shows it: columns, lines of cells with what is wrong in them, and how often each row fired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.rules_form import COLUMN_KEYS, columns_of, examples_of, fields_of, rows_of
from api.pages.rules_reading import TypedTable
from api.pages.spoken import Spoken
from cases.rules import Hit, Problem, Table
from cases.rules.domains import Kind

SIDES: Final = (("inputs", "i"), ("outputs", "o"))


@dataclass(frozen=True, slots=True)
class CellShown:
    """One field. label: ids of the headings that name it. size: of its text, for the width of the column."""

    name: str
    text: str
    label: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class LineShown:
    """gist: what it gives first of all, beside its id: a wide table has its outcomes out of sight."""

    key: str
    number: int
    id: CellShown
    says: CellShown
    when: tuple[CellShown, ...]
    then: tuple[CellShown, ...]
    more: str
    hits: str
    gist: str
    changed: bool


@dataclass(frozen=True, slots=True)
class ColumnShown:
    key: str
    title: str
    takes: str
    fields: Mapping[str, CellShown]
    kinds: tuple[str, ...]
    more: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class ExampleShown:
    number: int
    id: str
    given: str
    expect: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Grid:
    says: CellShown
    hit: CellShown
    hits: tuple[str, ...]
    hit_words: str
    inputs: tuple[ColumnShown, ...]
    outputs: tuple[ColumnShown, ...]
    lines: tuple[LineShown, ...]
    otherwise: LineShown
    examples: tuple[ExampleShown, ...]
    others: tuple[str, ...]
    broken: int


def grid_of(typed: TypedTable, spoken: Spoken, *, fired: Mapping[str, int], before: Table | None) -> Grid:
    """fired: row id -> decisions of the last 90 days. before: the version in force, to mark rows that differ."""
    document, fields = typed.document, fields_of(typed.document)
    marker = _Marker(fields, typed.wrong)
    inputs, outputs = (
        tuple(
            _column(marker, f"{letter}{number}", column, typed.table, side)
            for number, column in enumerate(columns_of(document, side))
        )
        for side, letter in SIDES
    )
    old = {} if before is None else {row.id: row for row in (*before.rows, before.otherwise)}
    new = {} if typed.table is None else {row.id: row for row in (*typed.table.rows, typed.table.otherwise)}
    changed = {id_ for id_, row in new.items() if before is not None and old.get(id_) != row}

    def line(key: str, number: int) -> LineShown:
        id_ = fields.get(f"{key}.id", "")
        return LineShown(
            key=key,
            number=number,
            id=marker.cell(f"{key}.id", f"{key} c-id"),
            says=marker.cell(f"{key}.says", f"{key} c-says"),
            when=()
            if key == "else"
            else tuple(marker.cell(f"{key}.w{n}", f"{key} c-i{n}") for n in range(len(inputs))),
            then=tuple(marker.cell(f"{key}.t{n}", f"{key} c-o{n}") for n in range(len(outputs))),
            more=fields.get(f"{key}.more", ""),
            gist=fields.get(f"{key}.t0", ""),
            hits=spoken.number(fired.get(id_, 0), digits=0),
            changed=id_ in changed,
        )

    count = len(rows_of(document))
    hit = fields["hit"]
    return Grid(
        says=marker.cell("says"),
        hit=marker.cell("hit"),
        hits=tuple(dict.fromkeys([*Hit, hit] if hit else Hit)),
        hit_words=spoken.say(f"rules.hit.{hit}") if hit in set(Hit) else hit,
        inputs=inputs,
        outputs=outputs,
        lines=tuple(line(f"r{number}", number + 1) for number in range(count)),
        otherwise=line("else", count + 1),
        examples=tuple(_examples(document, typed)),
        others=tuple(worded(problem) for problem in typed.others),
        broken=typed.broken,
    )


class _Marker:
    """Makes cells with what is wrong in them."""

    def __init__(self, fields: Mapping[str, str], wrong: Mapping[str, Problem]) -> None:
        self.fields, self.wrong = fields, wrong

    def cell(self, name: str, label: str = "") -> CellShown:
        problem = self.wrong.get(name)
        return CellShown(name, self.fields.get(name, ""), label, worded(problem) if problem else "")


def worded(problem: Problem) -> str:
    """Reason and mend; the place is where it is shown."""
    return f"{problem.what}; {problem.mend}"


def titled(name: str) -> str:
    """A column's name as a heading."""
    return name.replace("_", " ").strip().capitalize() or "?"


def _column(marker: _Marker, key: str, column: Mapping[str, Any], table: Table | None, side: str) -> ColumnShown:
    name = str(column.get("name", ""))
    read = {one.name: one for one in (*(table.inputs if side == "inputs" else table.outputs),)} if table else {}
    cells = {part: marker.cell(f"{key}.{part}") for part in COLUMN_KEYS}
    kinds = [kind.value for kind in Kind if kind is not (Kind.LIST if side == "inputs" else Kind.SET)]
    kind = cells["type"].text
    return ColumnShown(
        key=key,
        title=titled(name),
        takes=str(read[name].domain) if name in read else "",
        fields=cells,
        kinds=tuple(dict.fromkeys([*kinds, kind] if kind else kinds)),
        more=marker.fields.get(f"{key}.more", ""),
        wrong=any(cell.wrong for cell in cells.values()),
    )


def _examples(document: Mapping[str, Any], typed: TypedTable) -> Sequence[ExampleShown]:
    shown = []
    for number, example in enumerate(examples_of(document)):
        problem = typed.wrong.get(f"x{number}")
        shown.append(
            ExampleShown(
                number=number,
                id=str(example.get("id", "")),
                given=_pairs(example.get("given")),
                expect=_pairs(example.get("expect")),
                wrong=worded(problem) if problem else "",
            )
        )
    return shown


def _pairs(raw: object) -> str:
    """Name and value of each, in one line."""
    if not isinstance(raw, Mapping):
        return ""
    return ", ".join(f"{name} {_text(value)}" for name, value in raw.items())


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return " + ".join(_text(one) for one in value)
        case Mapping():
            return _pairs(value)
        case _:
            return str(value)
