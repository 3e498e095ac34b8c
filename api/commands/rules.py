"""casewright rules: decision tables, checked, explained and tried out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import AsJson, counted, emit, fail, out, plain_problems, read_json, show, show_problems, told
from api.commands.exchanging import dmn_answers, export_table, import_file, is_dmn
from api.commands.replaying import replay
from api.commands.rulebook import draft, history_, publish_, rollback, shadow, show_
from cases.rules import InputRefused, Row, Table, Value, Verdict, evaluate, plain, read_inputs
from cases.rules.words import then_words, when_words
from configs.settings import Settings
from pipelines.journeys import find_folders
from pipelines.rule_files import Looked, check_rules, find_table, together

app = typer.Typer(name="rules", help="Decision tables.", no_args_is_help=True)
app.command()(replay)
app.command()(draft)
app.command("publish")(publish_)
app.command()(rollback)
app.command()(shadow)
app.command("history")(history_)
app.command("show")(show_)
app.command("import")(import_file)
app.command("export")(export_table)
TableName = Annotated[str, typer.Argument(metavar="TABLE_OR_FILE", help="As journey/table, or a YAML file.")]


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[DIR|FILE]", exists=True, help="All journeys' tables when left out.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say everything that is wrong with the tables, which examples they do not keep, and what is proved of them."""
    with told():
        paths = [path] if path else find_folders(Settings().journeys)
        checked = together([check_rules(one) for one in paths])
    if as_json:
        verified = [_verified(one) for one in checked.looked]
        emit({"tables": checked.count, "problems": plain_problems(checked.problems), "verified": verified})
    else:
        show_problems(checked.problems)
        _show_verified(checked.looked)
        out.print(
            f"{counted(checked.count, 'table')} checked, {counted(len(checked.problems), 'problem')}.", markup=False
        )
    if checked.problems:
        raise typer.Exit(1)
    if not checked.count:
        fail(f"there is no rule file in {path}; name a file, a journey folder or a folder of either")


def _verified(looked: Looked) -> dict[str, Any]:
    found = looked.verification
    return {
        "table": looked.name,
        "verdict": found.verdict,
        "covered": found.covered,
        "findings": [finding._asdict() for finding in found.findings],
        "gaps": [{"where": gap.where, "witness": _plain(gap.witness)} for gap in found.gaps],
        "overlaps": [
            {"rows": list(one.rows), "where": one.where, "witness": _plain(one.witness)} for one in found.overlaps
        ],
        "untried": list(looked.untried),
    }


def _plain(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """A case as `rules run` takes it."""
    return {name: plain(value) for name, value in inputs.items()}


def _show_verified(tables: Sequence[Looked]) -> None:
    """Refusals are problems, and told as such; the rest of what was found stands under its table."""
    for looked in tables:
        found = looked.verification
        out.print(f"{looked.name}: {found.verdict} for {found.covered}", markup=False)
        for finding in found.findings:
            if finding.severity != "refused":
                out.print(f"  {finding.severity}: {finding.words}", markup=False)
        if looked.untried:
            out.print(f"  warning: no example reaches {', '.join(looked.untried)}", markup=False)


@app.command()
def explain(table: TableName, as_json: AsJson = False) -> None:  # noqa: FBT002
    """The rows of a table in words, in the order in which they are asked."""
    with told():
        found = find_table(table, Settings())
    rows = [_explained(found, row) for row in (*found.rows, found.otherwise)]
    if as_json:
        emit({"table": found.id, "description": found.description, "hit": found.hit, "rows": rows})
        return
    out.print(f"{found.id}: {found.description} ({found.hit})", markup=False)
    columns = ("id", "when", "then", "description")
    show(columns, [[row[column] for column in columns] for row in rows])


def _explained(table: Table, row: Row) -> dict[str, str]:
    return {
        "id": row.id,
        "when": when_words(table, row),
        "then": then_words(row),
        "description": row.description,
    }


@app.command()
def run(
    table: TableName,
    inputs: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="JSON: one object of inputs, or a list.")],
    decision: Annotated[str | None, typer.Option(help="Of a .dmn file: the decision; else those at its end.")] = None,
    as_json: AsJson = False,  # noqa: ARG001, FBT002
) -> None:
    """What the table, or a DMN model (.dmn), says about each object of inputs: one line of JSON an object."""
    if is_dmn(table):
        for answer in dmn_answers(table, inputs, decision):
            emit(answer)
        return
    if decision is not None:
        fail("--decision is for .dmn files; leave it out")
    with told():
        found = find_table(table, Settings())
    given = read_json(inputs, fraction=str)
    objects = given if isinstance(given, list) else [given]
    for answer in [_answer(found, one, f"{inputs.name}[{n}]") for n, one in enumerate(objects)]:
        emit(answer)


def _answer(table: Table, given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        fail(f'{place} is not an object; write {{"input": value, …}} for one case, or a list of those')
    try:
        verdict = evaluate(table, read_inputs(table, given))
    except InputRefused as refused:
        fail("\n".join(f"{place} {problem.path}: {problem.what}; {problem.mend}" for problem in refused.problems))
    return _told(verdict)


def _told(verdict: Verdict) -> dict[str, Any]:
    trace = [
        {"row": one.row, "matched": one.matched, **({"failing": one.failing._asdict()} if one.failing else {})}
        for one in verdict.traces
    ]
    return {
        "kind": verdict.kind,
        "outputs": {name: plain(value) for name, value in verdict.outputs.items()},
        "fired": list(verdict.fired),
        "trace": trace,
        "missing": list(verdict.missing),
    }
