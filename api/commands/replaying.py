"""casewright rules replay: what a change of a table would have changed in all that was decided."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, fail, out, the_house, told
from cases.rules import Table
from pipelines.house import House
from pipelines.rule_files import read_rule_file

Draft = Annotated[
    str, typer.Argument(metavar="DRAFT", help="As journey/table: its saved draft. Or a YAML file as rules/*.yaml are.")
]
Journey = Annotated[str | None, typer.Option(help="Of a file that does not lie in its journey's folder.")]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only decisions of this day (UTC) and later.")
]
Chunks = Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work; the report is the same.")]


def replay(
    draft: Draft, *, journey: Journey = None, since: Since = None, chunks: Chunks = 1, as_json: AsJson = False
) -> None:
    """Decide every recorded case once more by a draft: what would move, for whom, how often people decided otherwise,
    ten cases of each to read. Its last line names the report, as rules publish --report wants it.
    """
    from pipelines.rulebook.report import report_of  # noqa: PLC0415  # numpy and scipy, which rules check does without

    with told(), the_house() as house:
        name, table = _found(draft, journey, house)
        report = report_of(house, name, table, since=since.date() if since else None, workers=chunks)
    if as_json:
        emit({**report.as_dict(), "report": report.hash})
        return
    for line in report.words():
        out.print(line, markup=False)


def _found(draft: str, journey: str | None, house: House) -> tuple[str, Table]:
    """The journey and the draft's table."""
    path = Path(draft)
    if path.is_file():
        return _journey_of(path, journey, house), read_rule_file(path)
    from pipelines.rulebook.drafts import draft_of  # noqa: PLC0415  # as above: it checks with all that journeys have

    name, _, table = draft.partition("/")
    saved = draft_of(house, _known(name, house), table)
    if saved is None:
        fail(f"{draft} has no draft; save one with casewright rules draft or at /rules, or name a YAML file")
    if saved.read is None:
        fail("\n".join(str(problem) for problem in saved.problems))
    return name, saved.read


def _journey_of(path: Path, journey: str | None, house: House) -> str:
    """As named, else by the folder that the file lies in."""
    if journey is None and (name := path.resolve().parent.parent.name) in house.journeys.names():
        return name
    if journey is None:
        fail(f"{path} does not lie in a journey's folder; name the journey: --journey {house.journeys.names()[0]}")
    return _known(journey, house)


def _known(journey: str, house: House) -> str:
    if journey not in house.journeys.names():
        fail(f"there is no journey {journey!r}; choose one of: {', '.join(house.journeys.names())}")
    return journey
