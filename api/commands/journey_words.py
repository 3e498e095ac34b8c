"""casewright journeys words: the sentences of pages, to translators and back."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import err, out, show_problems, told
from cases.journey_folder import JourneyFolder
from pipelines.journeys import JourneyRefused, read_folder
from pipelines.translating import catalogue, take_catalogue

app = typer.Typer(name="words", help="Page sentences as gettext catalogues (PO).", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A journey folder.")]
Language = Annotated[str, typer.Argument(metavar="LANGUAGE", help="Two letters, such as fr.")]


@app.command(name="export")
def export(
    folder: Folder, language: Language, to: Annotated[Path, typer.Option("--out", metavar="FILE.po", dir_okay=False)]
) -> None:
    """Write what pages show, with what is translated so far."""
    with told():
        to.write_bytes(catalogue(_read(folder, language), language))
    out.print(f"{to} written.", markup=False)


@app.command(name="import")
def import_(
    folder: Folder,
    language: Language,
    file: Annotated[Path, typer.Argument(metavar="FILE.po", exists=True, dir_okay=False)],
) -> None:
    """Write words/LANGUAGE.yaml; nothing while a sentence is missing, fuzzy, stale or fills in something else."""
    with told():
        read = _read(folder, language)
        problems = take_catalogue(read, folder, file, language=language)
    if problems:
        show_problems(problems)
        raise typer.Exit(1)
    out.print(f"{folder / 'words' / language}.yaml written.", markup=False)
    if language not in read.journey.page_languages:
        err.print(f"Add {language} to page_languages in journey.yaml, so that pages speak it.", markup=False)


def _read(path: Path, language: str) -> JourneyFolder:
    folder, problems = read_folder(path)
    if folder is None:
        raise JourneyRefused(str(path), problems)
    if language in folder.journey.languages:
        raise typer.BadParameter(f"{language} stands in journey.yaml itself; name a language that only pages speak")
    return folder
