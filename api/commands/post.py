"""casewright post: takes scanned letters in from a folder, and prints the sheets that lie between them."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import fail, out, the_house, told, writing
from api.commands.staying import staying
from configs.settings import Settings
from pipelines.files import PUBLIC, write_whole

app = typer.Typer(name="post", help="Take scanned letters in until told to end, or print the sheets between them.")


@app.callback(invoke_without_command=True)
def post(context: typer.Context) -> None:
    """Take scanned letters in until told to end. Needs CASEWRIGHT_SCAN_FOLDER."""
    if context.invoked_subcommand is None:
        _watch()


@app.command()
def separator(
    case: Annotated[str | None, typer.Option(help="The case that the next letter belongs to; else none.")] = None,
    to: Annotated[Path, typer.Option(help="The PDF to write.")] = Path("separator.pdf"),
) -> None:
    """Print a sheet to lay before a letter, so that letters can be scanned together."""
    from pipelines.channels.post import printing  # noqa: PLC0415  # only this command sets a page

    with told():
        if case is None:
            sheet = printing.separator()
        else:
            with the_house() as house:
                sheet = printing.cover(house, case.strip().upper())
    with writing(to, "--to"):
        write_whole(to, sheet, mode=PUBLIC)
    out.print(str(to), markup=False)


def _watch() -> None:
    from pipelines.channels.post.folder import Folder  # noqa: PLC0415  # a sheet is printed without it
    from pipelines.channels.post.tesseract import MEND, find_tesseract  # noqa: PLC0415  # as above

    settings = Settings()
    if settings.scan_folder is None:
        fail("nowhere to take letters from: set CASEWRIGHT_SCAN_FOLDER")
    if not settings.scan_folder.is_dir():
        fail("CASEWRIGHT_SCAN_FOLDER: there is no such folder; make it, writable for the user that runs this")
    reader = find_tesseract()
    if reader is None:
        typer.echo(f"tesseract is not installed: scans come in as pictures for people only. {MEND}", err=True)
    with staying(settings) as (house, stopping):
        by_blank = settings.scan_split == "sheet+blank"
        Folder(house, settings.scan_folder, reader=reader, by_blank=by_blank).run(stopping)
