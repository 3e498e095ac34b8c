"""casewright verify."""

from typing import Annotated

import typer

from api.commands.common import AsJson, emit, out, the_house, told
from pipelines.audit import Findings, verify_all, verify_case


def verify(
    reference: Annotated[str | None, typer.Argument(help="One case; left out with --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All streams, cases and checkpoints.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Check chains and rows, and build every decision file again. Exit 1 on any difference."""
    if not everything and reference is None:
        raise typer.BadParameter("name a case or give --all")
    with told(), the_house() as house:
        found = verify_all(house) if everything else verify_case(house, str(reference))
    _tell(found, as_json=as_json)
    if found.differences:
        raise typer.Exit(1)


def _tell(found: Findings, *, as_json: bool) -> None:
    if as_json:
        emit({"cases": found.streams, "files": found.files, "retired": found.retired, "differences": found.differences})
        return
    for difference in found.differences:
        out.print(difference, style="red", markup=False)
    out.print(
        f"{found.streams} cases, {found.files} decision files built again, {found.retired} of retired builders, "
        f"{len(found.differences)} differences.",
        markup=False,
    )
