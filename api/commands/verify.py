"""casewright verify and doctor."""

import shutil
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, out, the_house, told
from models.sentence import Embedder
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


def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Say what works here and what is missing."""
    with told(), the_house() as house:
        with house.database.reading() as store:
            work = store.work.counts()
        report = {
            "journeys": list(house.journeys.names()),
            "embedder": "present" if Embedder.shared() else "absent: TF-IDF only",
            "waiting": sum(work.waiting.values()),
            "parked": sum(work.parked.values()),
            "free_disk_gb": round(shutil.disk_usage(house.settings.home).free / 1e9, 1),
            "letters": "SMTP" if house.settings.smtp_url else f".eml files in {house.settings.home / 'outbox'}",
        }
    if as_json:
        emit(report)
        return
    for key, value in report.items():
        out.print(f"{key}: {value}", markup=False)
