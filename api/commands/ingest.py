"""casewright ingest: e-mail files, mailboxes, folders and JSONL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from api.commands.common import AsJson, emit, err, show, the_house, told
from pipelines.house import House
from pipelines.ingest import Offered, offer, read_paths, result_of
from pipelines.intake import Accepted
from pipelines.runner import drain

CHUNK = 256


def ingest(
    paths: Annotated[list[Path], typer.Argument(help=".eml, .mbox, .jsonl files or folders of them", exists=True)],
    channel: Annotated[str | None, typer.Option(help="The channel they came by.")] = None,
    journey: Annotated[str | None, typer.Option(help="The journey they are for; else it is found.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the pipeline has come to rest.")] = True,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take messages in, lead them to decided cases and tell what became of each."""
    with told(), the_house() as house:
        taken = _take(read_paths(paths, channel=channel, journey=journey), house, wait=wait)
        if as_json:
            for offered, accepted in taken:
                emit(result_of(house, offered.id, accepted))
            return
        rows = [result_of(house, offered.id, accepted) for offered, accepted in taken]
        columns = ("id", "reference", "status", "step", "topic", "confidence", "rule")
        show(columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _take(messages: Iterator[Offered], house: House, *, wait: bool) -> list[tuple[Offered, Accepted | str]]:
    """Offer them in chunks and work between, so that a million messages need no million in memory."""
    taken: list[tuple[Offered, Accepted | str]] = []
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Messages", total=None)
        for offered in messages:
            taken.append((offered.without_body(), offer(offered, house)))
            progress.advance(task)
            if wait and len(taken) % CHUNK == 0:
                drain(house)
        if wait:
            drain(house)
    return taken
