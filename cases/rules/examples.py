"""Inputs written as plain data, and the examples that a table carries as its own tests."""

from collections.abc import Iterator, Mapping

from cases.rules.domains import Value, literal_text, read_value
from cases.rules.evaluate import Verdict, evaluate
from cases.rules.problems import InputRefused, Notes, Place, Problem, Unreadable, instead_of, shown
from cases.rules.table import Example, Input, Table


def read_inputs(table: Table, raw: Mapping[str, object]) -> Mapping[str, Value]:
    """Values for `evaluate` from plain data (JSON, YAML): amounts and dates as text, null as None.

    Raises InputRefused with every problem: an unknown name, a wrong type, a value outside the domain.
    """
    notes = Notes(table.file, {})
    values = read_given(raw, {column.name: column for column in table.inputs}, notes, Place())
    if notes.problems:
        raise InputRefused(tuple(notes.problems))
    return values


def read_given(
    raw: Mapping[str, object], columns: Mapping[str, Input | None], notes: Notes, place: Place
) -> Mapping[str, Value]:
    """The same, noting problems instead of raising."""
    values: dict[str, Value] = {}
    for name, value in raw.items():
        if name not in columns:
            notes.add(place.key(str(name)), f"{shown(name)} is no input of the table", instead_of(name, columns))
            continue
        column = columns[name]
        if column is None:  # its declaration was refused; that is told already
            continue
        try:
            values[name] = read_value(value, column.domain)
        except Unreadable as refused:
            notes.add(place.key(name), refused.what, refused.mend)
    return values


def check_examples(table: Table) -> tuple[Problem, ...]:
    """Every promise of the table's examples that the table does not keep; () when all are kept."""
    return tuple(problem for example in table.examples for problem in _check(table, example))


def untried_rows(table: Table) -> tuple[str, ...]:
    """Ids of the rows that no example of the table lets answer, the else row last."""
    tried = {row for example in table.examples for row in evaluate(table, example.given).fired}
    return tuple(row.id for row in (*table.rows, table.otherwise) if row.id not in tried)


def _check(table: Table, example: Example) -> Iterator[Problem]:
    verdict = evaluate(table, example.given)
    for part, expected, got in _differences(example, verdict):
        yield Problem(
            file=table.file,
            line=example.line,
            path=f"examples[{example.id}].expect.{part}",
            what=f"expected {expected}, but the table gives {got}",
            mend="mend the rows, or the example if it is the one that is wrong",
        )


def _differences(example: Example, verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    expect = example.expect
    if expect.kind is not None and expect.kind != verdict.kind:
        yield "kind", expect.kind, _said(verdict)
    if expect.rows is not None and expect.rows != verdict.fired:
        yield "rows", ", ".join(expect.rows), _said(verdict)
    if expect.missing is not None and expect.missing != verdict.missing:
        yield "missing", ", ".join(expect.missing), _said(verdict)
    for name, value in (expect.outputs or {}).items():
        if name not in verdict.outputs:
            yield f"outputs.{name}", literal_text(value), _said(verdict)
        elif verdict.outputs[name] != value:
            yield f"outputs.{name}", literal_text(value), literal_text(verdict.outputs[name])


def _said(verdict: Verdict) -> str:
    if verdict.missing:
        return f"missing {', '.join(verdict.missing)} (asked for by {', '.join(verdict.undetermined)})"
    return f"{verdict.kind} {', '.join(verdict.fired)}"
