"""Decision files as sealed PDFs, for programs."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import CallerHere, HouseHere
from api.openapi import Responses, problems
from api.pages.case_paper import paper_of
from api.pages.templating import pages_of

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=problems(400, 401, 403, 404, 405, 422, 503))
_PDF: Responses = {200: {"description": "The document", "content": {"application/pdf": {}}}}


@router.get("/{reference}/decision-file.pdf", response_class=Response, responses=_PDF)
def read_decision_paper(request: Request, reference: str, house: HouseHere, caller: CallerHere) -> Response:
    """PDF/A-3a and PDF/UA-1, sealed, with the JSON file attached. Reading it is noted; 503 when it takes too long."""
    return paper_of(house, caller, reference, language=pages_of(request).desk_language)
