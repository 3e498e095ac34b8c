"""The work queue."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere, demand
from api.pages.desk import desk_of
from api.pages.queue_view import Asked, queue_view
from api.pages.templating import pages_of
from api.security import Operation, lines_of
from cases.vocabulary import View

router = APIRouter(include_in_schema=False)
SHOWN = (
    View.US, View.MINE, View.DUE_TODAY, View.UNASSIGNED, View.CUSTOMER, View.THIRD_PARTY, View.SECOND_LOOK, View.AUDIT,
    View.SNOOZED, View.ABSENT, View.ALL,
)  # fmt: skip


@router.get("/queue")
def show_queue(
    *,
    request: Request,
    house: HouseHere,
    session: SessionHere,
    view: View = View.US,
    journey: Annotated[str, Query(max_length=60)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> HTMLResponse:
    """Cases of one view, most urgent first; the address holds the whole filter."""
    demand(session.user, Operation.READ_CASES)
    pages = pages_of(request)
    who, now, lines = session.user.name, house.now(), lines_of(session.user)
    with house.database.reading(lines) as store:
        page = store.queue.page(
            view, who=who, now=now, journey=journey or None, q=q.strip(), lines=lines, cursor=cursor, limit=50
        )
        counts = store.queue.counts(SHOWN, who=who, now=now, lines=lines)
    return pages.page(
        "desk/queue.html",
        desk=desk_of(house, session, waiting=counts[View.US].value),
        section="all" if view is View.ALL else "queue",
        queue=queue_view(house, pages, session.user, asked=Asked(view, journey, q.strip()), page=page, counts=counts),
    )
