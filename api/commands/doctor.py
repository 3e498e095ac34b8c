"""casewright doctor and migrate."""

from typing import Annotated

import typer
from pydantic import ValidationError

from api.commands.common import AsJson, emit, out, the_house, told
from configs.settings import Settings, out_of_range
from pipelines.watching.checkup import Finding, Level, check_all
from pipelines.word_filling import rebuild_words

_STYLES = {Level.FINE: "", Level.NOTE: "yellow", Level.WRONG: "red"}


def doctor(
    as_json: AsJson = False,  # noqa: FBT002
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave out what is fine.")] = False,  # noqa: FBT002
    rebuild_search: Annotated[  # noqa: FBT002
        bool, typer.Option("--rebuild-search", help="First build the index that cases are searched by anew.")
    ] = False,
) -> None:
    """Look at everything that an installation stands on, and say how to mend it. Exit 1 when something is wrong."""
    if rebuild_search:
        _rebuild(as_json=as_json)
    findings = _found()
    wrong = sum(one.level is Level.WRONG for one in findings)
    if as_json:
        shown = [{"about": one.about, "level": one.level, "says": one.says, "mend": one.mend} for one in findings]
        emit({"state": Level.WRONG if wrong else Level.FINE, "findings": shown})
    else:
        for one in findings:
            if not (quiet and one.level is Level.FINE):
                _tell(one)
        out.print("Nothing is wrong." if not wrong else f"{wrong} to mend.", markup=False)
    if wrong:
        raise typer.Exit(1)


def _rebuild(*, as_json: bool) -> None:
    with told(), the_house() as house:
        cases = rebuild_words(house)
    if not as_json:
        out.print(f"{cases} cases can be searched by their words.", markup=False)


def _found() -> list[Finding]:
    try:
        return check_all(Settings())
    except ValidationError as error:
        return [Finding(name, Level.WRONG, says, "correct its value") for name, says in out_of_range(error).items()]


def _tell(one: Finding) -> None:
    out.print(f"{one.level:5} {one.about}: {one.says}", style=_STYLES[one.level], markup=False)
    if one.mend:
        out.print(f"      → {one.mend}", markup=False)


def migrate() -> None:
    """Bring the tables up to date and note the journeys; safe while others run. Every other command does so too."""
    with told(), the_house():
        out.print("The tables are up to date.", markup=False)
