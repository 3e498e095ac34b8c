"""What people send from a case and take back before it leaves."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.case import case_page
from api.pages.case_composer import draft_of
from api.pages.case_leaving import send_at_of
from api.pages.case_live import sent
from api.pages.desk import zone_of
from api.security import Operation
from cases.errors import NotAllowed
from pipelines.leaving import leaving, take_back
from pipelines.writing import write

router = APIRouter(include_in_schema=False)


@router.post("/cases/{reference}/undo")
def undo(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back what waits to leave; a page that says so when it has left."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    held = fields.get("held", "")
    take_back(house, reference, person=session.user.name, held=int(held) if held.isascii() and held.isdigit() else None)
    return RedirectResponse(f"/cases/{reference}?done=undone", 303)


@router.post("/cases/{reference}/preview")
def preview(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> HTMLResponse:
    """The case again, with the letter as it would be read, or with a block of words put in. Nothing is stored."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    return case_page(request, house, session, reference, typed=fields)


@router.post("/cases/{reference}/messages")
def send_message(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Write to the customer. What stands against it is told beside what was typed."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        leaves = leaving(house, line.journey, send_at=send_at_of(fields, zone_of(house, line.journey)))
        leaves_at = leaves.at if leaves else None
        write(house, reference, draft_of(fields), person=session.user.name, leaves_at=leaves_at)
    except NotAllowed as refused:  # caught because the page shows what was typed, which only this route has
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    return RedirectResponse(f"/cases/{reference}?done=written", 303)
