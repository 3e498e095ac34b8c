"""The public view of a case for programs: an allow-list, the same as on the customer's page."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from api.deps import HouseHere
from api.openapi import problems
from api.pages.tracking import NOT_FOUND_ANYWHERE, open_case
from cases.errors import NotFound
from cases.journey import Tracking

router = APIRouter(prefix="/api", tags=["tracking"], responses=problems(404, 405, 422, 429, 503))
_TRACKING: TypeAdapter[Tracking] = TypeAdapter(Tracking)


@router.get("/tracking/{token}", response_model=Tracking)
def read_tracking(
    token: str, house: HouseHere, lang: Annotated[str | None, Query(max_length=5)] = None
) -> JSONResponse:
    """Where the case of this link stands; 404 for an unknown, revoked or expired link."""
    opened = open_case(house, token, language=lang)
    if opened is None:
        raise NotFound("tracking link", "that you gave")
    shown = _TRACKING.dump_python(opened.view, mode="json")
    return JSONResponse({**shown, "link_until": opened.until.isoformat()}, headers=NOT_FOUND_ANYWHERE)
