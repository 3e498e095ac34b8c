"""casewright rules run FILE.dmn, import and export: decisions as other tools write them."""

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import AsJson, emit, err, fail, out, plain_problems, read_json, told, writing
from cases.rules import Problem
from configs.settings import Settings
from models.later import Later
from pipelines.rule_files import find_table

# The other commands of rules need no reader of XML and of workbooks.
dmn_run = Later("pipelines.exchange.dmn_run")
formats = Later("pipelines.exchange.formats")


class Form(StrEnum):
    """What a table can be written as."""

    CSV = auto()
    XLSX = auto()
    DMN = auto()
    JDM = auto()


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .csv, .xlsx, .dmn or JDM (.json) file.")],
    out_dir: Annotated[Path | None, typer.Option("--out", file_okay=False, help="Write rule files here.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Rule files from what another tool wrote; says what it did not understand, and exits 2 when there is any."""
    try:
        found = formats.read_file(file)
    except formats.ImportRefused as refused:
        fail(str(refused))
    problems = [*found.left_out, *(problem for table in found.tables for problem in table.problems())]
    if out_dir is not None:
        _write_all(out_dir, [(table.file_name, table.as_yaml()) for table in found.tables])
    if as_json:
        tables = [{"table": table.name, "document": table.document} for table in found.tables]
        emit({"tables": tables, "left_out": plain_problems(problems)})
    else:
        for table in found.tables:
            out.print(str(out_dir / table.file_name) if out_dir else table.as_yaml(), markup=False, soft_wrap=True)
        _tell(problems, f"{len(found.tables)} tables read, {len(problems)} things to mend or left out.")
    if problems or not found.tables:
        raise typer.Exit(2)


def export_table(
    table: Annotated[str, typer.Argument(metavar="TABLE_OR_FILE", help="As journey/table, or a YAML file.")],
    form: Annotated[Form, typer.Option("--format", help="What to write.")],
    out_file: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Where; else the output.")] = None,
) -> None:
    """A table for another tool; says on standard error what that format cannot hold."""
    with told():
        found = find_table(table, Settings())
    try:
        exported = formats.export(found, form.value)
    except formats.ExportRefused as refused:
        fail(str(refused))
    for what in exported.left_out:
        err.print(f"left out: {what}", style="yellow", markup=False)
    if out_file is not None:
        with writing(out_file):
            out_file.write_bytes(exported.raw)
    elif form is Form.XLSX and sys.stdout.isatty():
        fail("a workbook is no text; name a file with --out")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(exported.raw)


def _write_all(folder: Path, texts: Sequence[tuple[str, str]]) -> None:
    names = [name for name, _ in texts]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        fail(f"two tables would be called {', '.join(twice)}; give them different names in the file")
    there = [name for name in names if (folder / name).exists()]
    if there:
        fail(f"{folder} already has {', '.join(there)}; name another folder, or move them away")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts:
            (folder / name).write_text(text, encoding="utf-8")


def _tell(problems: Sequence[Problem], summary: str) -> None:
    for problem in problems:
        err.print(str(problem), markup=False)
    err.print(summary, markup=False)


def is_dmn(name: str) -> bool:
    return name.lower().endswith(".dmn")


def dmn_answers(name: str, inputs: Path, decision: str | None) -> Iterator[dict[str, Any]]:
    """What a DMN model says about each object of a JSON file, checked whole before the first line is printed."""
    path = Path(name)
    if not path.is_file():
        fail(f"there is no file {name}; name a .dmn file")
    given = read_json(inputs, fraction=Decimal)
    try:
        runnable = dmn_run.read_dmn(path.read_bytes(), file=path.name, decision=decision)
        objects = given if isinstance(given, list) else [given]
        answers = [_answer(runnable, one, f"{inputs.name}[{number}]") for number, one in enumerate(objects)]
    except dmn_run.DmnRefused as refused:
        fail(str(refused))
    yield from answers


def _answer(runnable: Any, given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        fail(f'{place} is not an object; write {{"input": value, …}} for one case, or a list of those')
    answer: dict[str, Any] = dmn_run.decide(runnable, given, place=f"{place} ").as_dict()
    return answer
