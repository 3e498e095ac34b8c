"""casewright journeys: the folders that say what an organisation promises its customers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.commands import journey_words
from api.commands.common import AsJson, counted, emit, err, out, plain_problems, show, show_problems, told
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Journey
from cases.rules import Problem, check_examples
from configs.settings import HERE, Settings
from pipelines.explained_check import explanation_problems
from pipelines.journey_examples import example_problems
from pipelines.journeys import find_folders, load_journeys, read_folder
from pipelines.new_journey import write_journey
from pipelines.plain_words import wording_problems

app = typer.Typer(name="journeys", help="What is promised to customers, as folders.", no_args_is_help=True)
app.add_typer(journey_words.app)
RULES_SCHEMA = HERE / "schemas" / "rules.json"


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Every journey in use."""
    with told():
        journeys = load_journeys(Settings())
    rows = [_listed(journeys.get(name), journeys.paths[name]) for name in journeys.names()]
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("name", "title", "languages", "topics", "closes", "folder")
    show(columns, [[_cell(row[column], counted=column == "topics") for column in columns] for row in rows])


def _listed(folder: JourneyFolder, path: Path) -> dict[str, object]:
    journey = folder.journey
    return {
        "name": folder.name,
        "title": folder.worded(journey.title, "en"),
        "languages": list(journey.languages),
        "topics": list(journey.topics),
        "closes": list(journey.auto_close.topics),
        "folder": str(path),
    }


def _cell(value: object, *, counted: bool) -> str:
    if not isinstance(value, list):
        return str(value)
    return str(len(value)) if counted else ", ".join(map(str, value))


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="One folder, or one with several; all in use when left out.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say everything that is wrong, by file, line and key, with the mend. Executes nothing, trains nothing."""
    with told():
        paths = find_folders(Settings().journeys) if folder is None else _inside(folder)
        problems = {path: _problems(path) for path in paths}
    found = [problem for some in problems.values() for problem in some]
    if as_json:
        emit({"journeys": [path.resolve().name for path in paths], "problems": plain_problems(found)})
    else:
        show_problems(found)
        out.print(f"{counted(len(paths), 'journey')} checked, {counted(len(found), 'problem')}.", markup=False)
    if found:
        raise typer.Exit(1)


def _inside(folder: Path) -> list[Path]:
    """The journey folders in a folder; itself when it is one, or when there are none, which its check then says."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; name a journey folder, or one that holds some")
    if (folder / "journey.yaml").exists():
        return [folder]
    return sorted(child for child in folder.iterdir() if (child / "journey.yaml").is_file()) or [folder]


def _problems(path: Path) -> list[Problem]:
    folder, problems = read_folder(path, alpha=Settings().auto_close_alpha)
    if folder is None:
        return problems
    tables = (problem for table in folder.tables.values() for problem in check_examples(table))
    return [*problems, *tables, *wording_problems(folder), *explanation_problems(folder),
            *example_problems(path, folder)]  # fmt: skip


@app.command()
def schema(as_json: AsJson = False) -> None:  # noqa: FBT002
    """The JSON Schema of journey.yaml and of the files under rules/, for editors and other programs."""
    schemas = {"journey": Journey.model_json_schema(), "rules": orjson.loads(RULES_SCHEMA.read_bytes())}
    if as_json:
        emit(schemas)
        return
    out.print(json.dumps(schemas, indent=2, ensure_ascii=False), markup=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and _.")],
    out_: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write NAME into.")],
    data: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV text,label[,language][,group]: its labels are the topics."),
    ] = None,
    languages: Annotated[str, typer.Option(help="Two-letter codes with commas.")] = "nl,en",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write a complete journey that passes the check and takes messages; every topic goes to a person at first."""
    with told():
        made = write_journey(out_, name, languages=_codes(languages), data=data)
    if as_json:
        emit({"path": str(made.path), "topics": made.topics, "examples": made.examples, "notes": list(made.notes)})
        return
    for note in made.notes:
        err.print(f"Note: {note}", markup=False)
    out.print(f"{made.path}: {counted(made.topics, 'topic')}, {made.examples} examples.", markup=False)
    out.print(f"Use it with CASEWRIGHT_JOURNEYS={out_.resolve()}", markup=False)


def _codes(languages: str) -> Sequence[str]:
    return [code.strip() for code in languages.split(",") if code.strip()]
