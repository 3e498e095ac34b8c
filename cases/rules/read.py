"""Reads a table from plain data. All problems are found in one go, and a table with any is refused whole."""

from collections.abc import Mapping
from typing import Final

from cases.rules.collect import check_collected
from cases.rules.domains import NUMBERS, ORDERED, Kind
from cases.rules.plan import Plan, compile_plan
from cases.rules.problems import Lines, Notes, Place, TableRefused, Unreadable, instead_of, shown
from cases.rules.read_columns import Columns, fallback, read_columns
from cases.rules.read_examples import read_examples
from cases.rules.read_parts import check_keys, read_date, read_mapping, read_name, read_words
from cases.rules.read_rows import read_else, read_rows
from cases.rules.samples import samples
from cases.rules.table import Hit, Input, Output, Row, Table
from cases.vocabulary import Step

FORBIDDEN_ELSE: Final[Mapping[str, frozenset[str]]] = {"step": frozenset({Step.AUTO_CLOSE})}
_REQUIRED: Final = ("table", "description", "hit", "effective_from", "inputs", "outputs", "rows", "else")
_HITS: Final = tuple(hit.value for hit in Hit)
_ROOT: Final = Place()


def read_table(
    data: object, *, file: str, lines: Lines, forbidden_else: Mapping[str, frozenset[str]] = FORBIDDEN_ELSE
) -> Table:
    """The table that `data` (a parsed YAML or JSON document, or `Table.as_dict()`) describes.

    `lines` gives the line of a key path, as far as it is known. `forbidden_else` names outputs with the values
    that the else row may not give: a case that nobody thought of is never closed by the machine.
    Raises TableRefused with every problem found.
    """
    notes = Notes(file, lines)
    document = read_mapping(data, _ROOT, notes)
    if notes.problems:
        raise TableRefused(tuple(notes.problems))
    check_keys(document, (*_REQUIRED, "examples", "complete", "constants"), _ROOT, notes, required=_REQUIRED)
    columns = read_columns(document, notes)
    hit = _read_hit(document, columns, notes)
    rows = _read_rows(document, hit, columns, notes)
    otherwise = _read_else(document, columns, rows, forbidden_else, notes)
    row_ids = [row.id for row in (*rows, otherwise)]
    examples = read_examples(document.get("examples", []), columns, row_ids, notes)
    name = read_name(document["table"], _ROOT.key("table"), notes) if "table" in document else ""
    words = read_words(document, _ROOT, notes)
    start = read_date(document.get("effective_from", "2000-01-01"), _ROOT.key("effective_from"), notes)
    complete = _read_complete(document, notes)
    _check_sets(columns, rows, notes)
    if notes.problems:
        raise TableRefused(tuple(notes.problems))
    constants = tuple(columns.constants.values())
    inputs = tuple(column for column in columns.inputs.values() if column)
    outputs = tuple(column for column in columns.outputs.values() if column)
    plan = _plan(hit, inputs, outputs, rows)
    return Table(name, words, hit, start, inputs, outputs, rows, otherwise, examples, file, plan, complete, constants)


def _check_sets(columns: Columns, rows: tuple[Row, ...], notes: Notes) -> None:
    """Notes the set columns whose cells tell more sets apart than can be gone through one by one."""
    for number, (name, column) in enumerate(columns.inputs.items()):
        if column and column.domain.kind is Kind.SET:
            try:
                samples(column.domain, [row.cells[number] for row in rows])
            except Unreadable as refused:
                notes.add(_ROOT.key("inputs").key(name), refused.what, refused.mend)


def _read_complete(document: Mapping[str, object], notes: Notes) -> bool | None:
    """Whether the rows are meant to answer every case by themselves; None when the table does not say."""
    if "complete" not in document:
        return None
    said = document["complete"]
    if isinstance(said, bool):
        return said
    notes.add(_ROOT.key("complete"), f"{shown(said)} is not true or false", "write true or false, or leave it out")
    return None


def _read_hit(document: Mapping[str, object], columns: Columns, notes: Notes) -> Hit:
    place = _ROOT.key("hit")
    if "hit" not in document:
        return Hit.FIRST
    if document["hit"] not in _HITS:
        notes.add(place, f"{shown(document['hit'])} is no hit policy", instead_of(document["hit"], _HITS))
        return Hit.FIRST
    hit = Hit(str(document["hit"]))
    kinds = _kinds(columns)
    if (unfit := _unfit(hit, kinds)) is not None:
        notes.add(place, *unfit)
    if hit is Hit.PRIORITY and Kind.TEXT not in kinds:
        notes.add(
            place, "PRIORITY ranks rows by the domains of text outputs, and there is none", "add one, or write FIRST"
        )
    return hit


def _kinds(columns: Columns) -> list[Kind]:
    return [column.domain.kind for column in columns.outputs.values() if column]


def _unfit(hit: Hit, kinds: list[Kind]) -> tuple[str, str] | None:
    """Why rows with such outputs cannot be collected, and the mend."""
    match hit:
        case Hit.COLLECT if set(kinds) - {Kind.LIST}:
            return "COLLECT joins lists, and not every output is one", "give the outputs the type list"
        case Hit.SUM if set(kinds) - NUMBERS:
            return "COLLECT sum adds up numbers, and not every output is one", "give the outputs a type of number"
        case Hit.MIN | Hit.MAX if set(kinds) - ORDERED:
            return f"{hit.value} compares, and not every output has an order", "give the outputs a number or date type"
        case Hit.COUNT if kinds and kinds != [Kind.INTEGER]:
            return "COLLECT count gives one whole number", "declare one output, of type integer"
        case _:
            return None


def _read_rows(document: Mapping[str, object], hit: Hit, columns: Columns, notes: Notes) -> tuple[Row, ...]:
    before = len(notes.problems)
    unsaid = {name: 1 if hit is Hit.COUNT else fallback(column) for name, column in columns.outputs.items() if column}
    rows = read_rows(document.get("rows", []), columns, unsaid, notes)
    if not notes.problems[before:] and all(columns.outputs.values()) and not _unfit(hit, _kinds(columns)):
        check_collected(hit, [column for column in columns.outputs.values() if column], rows, notes)
    return rows


def _read_else(
    document: Mapping[str, object],
    columns: Columns,
    rows: tuple[Row, ...],
    forbidden: Mapping[str, frozenset[str]],
    notes: Notes,
) -> Row:
    if "else" not in document:
        return Row("", "", (), {})
    if "outputs" in document and not columns.outputs:
        notes.add(_ROOT.key("outputs"), "the table has no outputs", "declare what it decides")
    unsaid = {name: fallback(column) for name, column in columns.outputs.items() if column}
    row = read_else(document["else"], columns, unsaid, [row.id for row in rows], notes)
    for name, values in forbidden.items():
        said = row.outputs.get(name)
        if found := values & set(said if isinstance(said, tuple) else (said,)):
            notes.add(
                _ROOT.key("else").key("then").key(name),
                f"the else row may not give {', '.join(sorted(found))}",
                "send what no row foresaw to a person",
            )
    return row


def _plan(hit: Hit, inputs: tuple[Input, ...], outputs: tuple[Output, ...], rows: tuple[Row, ...]) -> Plan:
    rank = list(range(len(rows)))
    if hit is Hit.PRIORITY:
        ranked = [column for column in outputs if column.domain.kind is Kind.TEXT]
        rank.sort(
            key=lambda place: [column.domain.values.index(str(rows[place].outputs[column.name])) for column in ranked]
        )
    return compile_plan(
        [(column.name, column.domain) for column in inputs], [(row.id, row.cells, row.outputs) for row in rows], rank
    )
