"""casewright work: what is still to be done, what was given up, and trying that again."""

from typing import Annotated

import typer

from api.commands.common import AsJson, emit, fail, out, show, the_house, told
from cases.store.work import Waiting
from pipelines.house import House

app = typer.Typer(name="work", help="Work that waits or was given up.", no_args_is_help=True)


@app.command(name="list")
def list_(
    parked: Annotated[bool, typer.Option("--parked", help="Only what was given up.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Every piece of work: of which case, what failed last, when it is due."""
    with told(), the_house() as house:
        with house.database.reading() as store:
            waiting = [one for one in store.work.waiting() if one.parked_because is not None or not parked]
            references = store.watch.references({one.stream for one in waiting})
        rows = [_row(one, references.get(one.stream, one.stream)) for one in waiting]
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("reference", "stage", "attempts", "due_at", "parked_because")
    show(columns, [[row[column] or "" for column in columns] for row in rows])


def _row(one: Waiting, reference: str) -> dict[str, object]:
    return {
        "reference": reference, "stream": one.stream, "stage": one.stage, "attempts": one.attempts,
        "due_at": one.due_at.isoformat(), "parked_because": one.parked_because,
    }  # fmt: skip


@app.command()
def unpark(
    reference: Annotated[str, typer.Argument(help="A case, or the name of a stream as `work list` shows it.")],
) -> None:
    """Try again what was given up in a case or in its messages, from the first attempt."""
    with told(), the_house() as house:
        pieces = _unpark(house, reference)
        if pieces:
            house.ring()
    if not pieces:
        fail(f"nothing is parked in {reference}; casewright work list --parked shows what is", code=1)
    out.print(f"{pieces} pieces of work of {reference} wait again.", markup=False)


def _unpark(house: House, reference: str) -> int:
    with house.database.writing() as store:
        if reference.startswith(("case-", "message-")):
            streams = [reference]
        else:
            case_id = store.case_id(reference)
            streams = [case_id, *(message.id for message in store.messages.of_case(case_id))]
        return sum(store.work.unpark(stream, now=house.now()) for stream in streams)
