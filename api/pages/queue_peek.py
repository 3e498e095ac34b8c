"""What is seen of a case beside its list, before it is opened: its first photos and what its customer wrote last."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import Caller, HouseHere, SessionHere
from api.pages.case import Dossier, open_dossier
from api.pages.case_view import FileReader, Picture, heard, unwrapped
from api.pages.desk import zone_of
from api.pages.queue_view import PEEKED
from api.pages.templating import Pages, pages_of
from api.security import Operation, may
from api.signing_in import note_access
from cases.store.people import User
from pipelines.house import House

router = APIRouter(include_in_schema=False)
LONGEST = 280  # characters of the message


@dataclass(frozen=True, slots=True)
class Peek:
    """said: the beginning of the customer's newest message; blank before one was read."""

    photos: tuple[Picture, ...] = ()
    said: str = ""
    at_text: str = ""


@router.get("/cases/{reference}/peek")
def show_peek(request: Request, reference: str, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Part of a page, fetched for the row that one stands on. It is noted as reading the case is."""
    pages = pages_of(request)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    note_access(house, "case_peeked", who=session.user.name, subject=reference)
    return pages.page("desk/queue/peek.html", peek=_peek(house, pages, dossier, session.user))


def _peek(house: House, pages: Pages, dossier: Dossier, user: User) -> Peek:
    if dossier.file is None:
        return Peek()
    reader = FileReader(dossier.file, pages=pages, zone=zone_of(house, dossier.line.journey))
    pictures = reader.pictures(photos_shown=may(user, Operation.SEE_CUSTOMERS))
    photos = tuple(picture for picture in pictures if picture.src)[:PEEKED]
    written = heard(dossier.file, customer_only=True)
    if not written:
        return Peek(photos)
    said = " ".join(unwrapped(written[-1]["text"]).split())
    cut = said if len(said) <= LONGEST else said[:LONGEST].rsplit(" ", 1)[0] + "…"
    return Peek(photos, cut, reader.moment(written[-1]["at"]))
