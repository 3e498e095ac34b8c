"""What people send from a case and take back before it leaves."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.security import Operation
from pipelines.leaving import take_back

router = APIRouter(include_in_schema=False)


@router.post("/cases/{reference}/undo")
def undo(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back what waits to leave; a page that says so when it has left."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    held = fields.get("held", "")
    take_back(house, reference, person=session.user.name, held=int(held) if held.isascii() and held.isdigit() else None)
    return RedirectResponse(f"/cases/{reference}?done=undone", 303)
