"""casewright verify."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, fail, out, the_house, told
from pipelines.audit import Findings, verify_all, verify_case


def verify(
    reference: Annotated[str | None, typer.Argument(help="One case; left out with --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All streams, cases and checkpoints.")] = False,  # noqa: FBT002
    pdf: Annotated[Path | None, typer.Option(help="Whether this PDF is still what was sealed.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Check chains and rows, and build every decision file again. Exit 1 on any difference."""
    if [everything, reference is not None, pdf is not None].count(True) != 1:
        raise typer.BadParameter("name a case, or give --all, or --pdf with a file")
    if pdf is not None:
        _verify_paper(pdf, as_json=as_json)
        return
    with told(), the_house() as house:
        found = verify_all(house) if everything else verify_case(house, str(reference))
    _tell(found, as_json=as_json)
    if found.differences:
        raise typer.Exit(1)


def _verify_paper(pdf: Path, *, as_json: bool) -> None:
    from pipelines.paper.checking import check  # noqa: PLC0415  # pyhanko takes half a second to load

    with told(), the_house() as house:
        try:
            checked = check(house, pdf.read_bytes())
        except OSError as error:
            fail(f"{pdf} cannot be read ({error.strerror}); name a PDF file with --pdf")
    if as_json:
        emit(asdict(checked))
    elif checked.holds:
        whose = "this house" if checked.ours else "another certificate than this house has now"
        out.print(f"The seal of {checked.name} holds: not a byte was changed. It is of {whose}.", markup=False)
        known = (
            f"The file in it is the one in the log of {checked.reference}, event {checked.packaged_as}."
            if checked.packaged_as is not None
            else "The file in it is not in the log: it was made for one reader, before packaging, or elsewhere."
        )
        out.print(known, markup=False)
    else:
        out.print(f"{pdf} has no seal that holds: it was changed, or never sealed here.", style="red", markup=False)
    if not checked.holds:
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
