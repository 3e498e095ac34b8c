"""What a decision file says of the tables that the deciding one rests on. Absent from files of a table alone."""

from cases import events as e
from cases import facts as f
from cases.inputs import inputs_again
from cases.rules import MISSING, Input, Output, Table, Value, evaluate
from cases.rules.chain import rests_on
from cases.rules.chain_near import ChainMiss, chain_misses
from cases.statements import Basis, Json, cited, statement
from cases.vocabulary import Step, Why


def upstream(of: Basis, read: e.TableRead) -> list[Json]:
    """Each table that was asked before, what it answered, and the rows that say so."""
    return [_told(of, answer) for answer in read.upstream]


def _told(of: Basis, answer: e.TableAnswer) -> Json:
    table = of.folder.tables.get(answer.table)
    fired = [f.RuleRow(answer.table, answer.digest, row) for row in answer.fired]
    words = {row.id: row.description for row in (*table.rows, table.otherwise)} if table else {}
    rows = [{"row": row.row, "description": words.get(row.row, ""), "sources": cited((row,), row.row)} for row in fired]
    text = f"{table.description} {_gave(of, answer, table)}" if table else answer.table
    return statement(text, *(fired or of.happened(e.StepDecided)), table=answer.table, rows=rows)


def _gave(of: Basis, answer: e.TableAnswer, table: Table) -> str:
    """The outputs in words, or why there are none."""
    match answer.verdict:
        case "fired" | "else":
            outputs = evaluate(table, inputs_again(answer.inputs, table)).outputs
            said = ((column, outputs.get(column.name, MISSING)) for column in table.outputs)
            return ", ".join(f"{_label(column)}: {_shown(of, column, value)}" for column, value in said)
        case "conflict":
            return of.say(f"why.{Why.CONFLICT}")
        case _:
            return of.say(f"why.{Why.MISSING_INPUT}")


def _label(column: Output) -> str:
    return column.description or column.name.replace("_", " ")


def _shown(of: Basis, column: Output, value: Value) -> str:
    return of.input_text(Input(column.name, column.domain, ""), value)


def would_change(of: Basis, read: e.TableRead) -> list[Json]:
    """What would have made the root table close, in whichever table it is asked; each was tried out on all of them."""
    tables = of.folder.tables
    answers = (*read.upstream, read)
    if [answer.table for answer in read.upstream] != list(of.folder.upstream):
        return []
    inputs = {answer.table: inputs_again(answer.inputs, tables[answer.table]) for answer in answers}
    digests = {answer.table: answer.digest for answer in answers}
    misses = chain_misses(tables, read.table, inputs, output="step", value=Step.AUTO_CLOSE)
    return [_change(of, miss, digests) for miss in misses if _can_change(of, miss)]


def _can_change(of: Basis, found: ChainMiss) -> bool:
    """Not what a message is about, and never by knowing less."""
    column, _ = _asked(of, found)
    return column.source != "topic" and found.miss.cell != "missing"


def _change(of: Basis, found: ChainMiss, digests: dict[str, str]) -> Json:
    column, place = _asked(of, found)
    row = next(row for row in of.folder.tables[found.table].rows if row.id == found.miss.row)
    text = of.say(
        "file.would_change",
        row=row.id,
        description=row.description,
        input=of.column_label(column),
        cell=of.cell_text(column, row.cells[place]),
        value=of.input_text(column, found.miss.value),
    )
    return statement(text, f.RuleRow(found.table, digests[found.table], row.id))


def _asked(of: Basis, found: ChainMiss) -> tuple[Input, int]:
    inputs = of.folder.tables[found.table].inputs
    place = next(place for place, column in enumerate(inputs) if column.name == found.miss.input)
    return inputs[place], place


def missing(of: Basis, read: e.TableRead) -> list[Json]:
    """What the tables asked before could not do without."""
    decided = of.happened(e.StepDecided)
    columns = {
        column.name: column
        for answer in read.upstream
        if (table := of.folder.tables.get(answer.table)) is not None
        for column in table.inputs
        if column.name in answer.missing and rests_on(column) is None
    }
    return [
        statement(of.say("file.missing", what=of.column_label(column)), *decided, key=name)
        for name, column in columns.items()
    ]
