"""casewright cases, and erase."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.commands.common import AsJson, emit, fail, out, show, the_house, told, writing
from cases.answering import repeat_questions
from cases.errors import NotAllowed
from cases.vocabulary import View
from pipelines.erasing import erase_case, erase_customer
from pipelines.files import write_whole
from pipelines.house import House
from pipelines.reading_room import customer_view, decision_file, read_case, timeline

app = typer.Typer(name="cases", help="Read cases.", no_args_is_help=True)
COLUMNS = ("reference", "status", "topic", "step", "confidence", "sender")


@app.command(name="list")
def list_(
    view: Annotated[View, typer.Option(help="Which cases.")] = View.ALL,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Cases of a view, most urgent first."""
    with told(), the_house() as house, house.database.reading() as store:
        page = store.queue.page(view, who="", now=house.local_now(), limit=limit)
    rows: Sequence[dict[str, Any]] = [{column: getattr(line, column) for column in COLUMNS} for line in page.items]
    if as_json:
        for row in rows:
            emit(row)
        return
    show(COLUMNS, [["" if row[column] is None else row[column] for column in COLUMNS] for row in rows])
    out.print(f"{len(rows)} of {page.total.value}{'' if page.total.exact else '+'}", markup=False)


@app.command(name="show")
def show_(reference: str, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Where a case stands, as its customer reads it."""
    with told(), the_house() as house:
        case, entries = read_case(house, reference)
        view = customer_view(house, case.id)
    if as_json:
        repeats = repeat_questions(case.id, entries)
        emit(
            {"reference": case.reference, "status": case.status, "topic": case.topic, "repeat_questions": repeats,
             "tracking": _plain(view)}
        )  # fmt: skip
        return
    out.print(f"{case.reference} · {view.case_title} · {case.status}", markup=False)
    by = f", next word by {view.by_text}" if view.by_text else ""
    out.print(f"{view.status_sentence} (step {view.step_no} of {view.step_count}{by})", markup=False)
    for milestone in view.milestones:
        out.print(f"  {milestone.state:<9} {milestone.label}  {milestone.at_text}", markup=False)


@app.command(name="timeline")
def timeline_(reference: str, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Every event of a case, oldest first."""
    with told(), the_house() as house:
        entries = timeline(house, reference)
    if as_json:
        for entry in entries:
            emit(entry)
        return
    show(("seq", "at", "actor", "event"), [(x["seq"], x["at"][:19], x["actor"], x["kind"]) for x in entries])


@app.command()
def file(
    reference: str,
    pdf: Annotated[Path | None, typer.Option(help="Write it here as a sealed PDF instead.")] = None,
) -> None:
    """The newest decision file, as JSON or as PDF."""
    with told(), the_house() as house:
        document = decision_file(house, reference)
        if document is None:
            fail(f"case {reference} has no decision file: it closed by itself or is not decided yet", code=1)
        if pdf is not None:
            _write_paper(house, reference, document, pdf)
            out.print(f"{pdf} written and sealed.", markup=False)
            return
    out.print_json(orjson.dumps(document).decode())


def _write_paper(house: House, reference: str, document: dict[str, Any], to: Path) -> None:
    from pipelines.paper.making import built_at, decision_paper  # noqa: PLC0415  # other commands need no decoder

    case, entries = read_case(house, reference)
    paper = decision_paper(house, case, document, at=built_at(document, entries), photos_shown=True)
    with writing(to, "--pdf"):
        write_whole(to, paper)


@app.command()
def export(reference: str) -> None:
    """The whole case as JSON: its events, letters and decision file."""
    with told(), the_house() as house:
        emit({"events": timeline(house, reference), "decision_file": decision_file(house, reference)})


def erase(
    reference: Annotated[str | None, typer.Argument()] = None,
    customer: Annotated[str | None, typer.Option(help="Mail address: all cases of this customer.")] = None,
    why: Annotated[str, typer.Option(help="Kept in the log.")] = "requested",
) -> None:
    """Destroy all words, files and personal facts of a case; the chain still verifies."""
    if (reference is None) == (customer is None):
        raise typer.BadParameter("name one case, or give --customer")
    with told(), the_house() as house:
        if customer is not None:
            count = erase_customer(house, customer, by="command line", why=why)
            out.print(f"{count} cases erased.", markup=False)
        else:
            _erase(house, str(reference), why)
            out.print(f"{reference} erased.", markup=False)


def _erase(house: House, reference: str, why: str) -> None:
    try:
        erase_case(house, reference, by="command line", why=why)
    except NotAllowed:
        fail(f"{reference} was erased before; what that had to leave is removed now")


def _plain(value: object) -> Any:
    return orjson.loads(orjson.dumps(value))
