"""The decision file as a sealed PDF, as whoever asks may read it. Each one that is made is noted."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Caller, HouseHere, SessionHere
from api.pages.case import open_dossier
from api.pages.case_view import without_advice
from api.pages.templating import pages_of
from api.security import Operation, may
from api.signing_in import note_access
from cases.errors import NotFound
from pipelines.house import House
from pipelines.paper.making import built_at, decision_paper

router = APIRouter(include_in_schema=False)
NOTED = "case_pdf_made"


@router.get("/cases/{reference}/file.pdf")
def download_paper(request: Request, reference: str, house: HouseHere, session: SessionHere) -> Response:
    return paper_of(house, Caller(session), reference, language=pages_of(request).desk_language)


def paper_of(house: House, caller: Caller, reference: str, *, language: str) -> Response:
    """Raises NotFound where there is no file, and PaperNotMade or SealUnusable; 403 as for the file itself."""
    dossier = open_dossier(house, caller, reference, language=language)
    if dossier.file is None:
        raise NotFound("decision file of case", reference)
    seen = caller.session is None or may(caller.session.user, Operation.SEE_CUSTOMERS)
    at = built_at(dossier.file, dossier.entries)
    told = without_advice(dossier.file) if dossier.planted else dossier.file  # sealed, and read by anybody
    document = decision_paper(house, dossier.case, told, at=at, photos_shown=seen)
    note_access(house, NOTED, who=caller.name, subject=reference)
    headers = {"Content-Disposition": f'attachment; filename="{dossier.line.reference}.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)
