"""casewright history: decided cases from before."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, out, the_house, told
from pipelines.history import import_history, read_history
from pipelines.runner import drain

app = typer.Typer(name="history", help="Decided cases from before.", no_args_is_help=True)


@app.callback()
def history() -> None:
    """Decided cases from before feed similar cases and certificates."""


@app.command(name="import")
def import_(
    path: Annotated[Path, typer.Argument(exists=True, help="JSONL, one decided case a line.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take decided cases over as closed, named as imported. A repeat changes nothing."""
    with told(), the_house() as house:
        imported = import_history(house, read_history(path, house))
        drain(house)
    if as_json:
        emit({"new": imported.new, "known": imported.known})
        return
    out.print(f"{imported.new} cases imported, {imported.known} were there already.", markup=False)
