"""What was said and what happened in a case, all of it a page at a time: the decision file shows the newest."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from api.deps import Caller, HouseHere, SessionHere, line_for
from api.pages.case import open_dossier
from api.pages.case_expert import mails_of
from api.pages.case_notes import AT_ONCE, every_note
from api.pages.case_view import HAPPENED_AT_ONCE, SAID_AT_ONCE, FileReader, heard
from api.pages.desk import desk_of, zone_of
from api.pages.templating import pages_of
from api.security import Operation
from api.signing_in import note_access

router = APIRouter(include_in_schema=False)
Page = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/cases/{reference}/conversation")
def show_conversation(
    request: Request, reference: str, house: HouseHere, session: SessionHere, page: Page = 1
) -> HTMLResponse:
    """Every message whole, oldest first; 404 beyond the last page."""
    pages = pages_of(request)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    file = dossier.file or {"messages": []}
    said = heard(file, customer_only=dossier.blind)
    numbers = _pages(len(file["messages"]), SAID_AT_ONCE, page)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    reader = FileReader(file, pages=pages, zone=zone_of(house, dossier.line.journey)) if dossier.file else None
    own = {one["message_id"] for one in file["messages"][SAID_AT_ONCE * (page - 1) : SAID_AT_ONCE * page]}
    shown = [one for one in said if one["message_id"] in own]
    return pages.page(
        "desk/case_said.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        messages=reader.conversation(shown) if reader else (),
        mails=mails_of(dossier.case, session.user),
        case_at=f"/cases/{reference}",
        page=page,
        numbers=numbers,
    )


@router.get("/cases/{reference}/history")
def show_history(
    request: Request, reference: str, house: HouseHere, session: SessionHere, page: Page = 1
) -> HTMLResponse:
    """Every event, newest first; nothing while a person decides blind; 404 beyond the last page."""
    pages = pages_of(request)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    reader = FileReader(dossier.file, pages=pages, zone=zone_of(house, dossier.line.journey)) if dossier.file else None
    happened = reader.history() if reader and not dossier.blind else ()
    numbers = _pages(len(happened), HAPPENED_AT_ONCE, page)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    return pages.page(
        "desk/case_history.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        happened=happened[HAPPENED_AT_ONCE * (page - 1) : HAPPENED_AT_ONCE * page],
        page=page,
        numbers=numbers,
    )


@router.get("/cases/{reference}/notes")
def show_notes(
    request: Request, reference: str, house: HouseHere, session: SessionHere, page: Page = 1
) -> HTMLResponse:
    """Every note of colleagues, newest first; none while a person decides blind; 404 beyond the last page."""
    pages = pages_of(request)
    line = line_for(house, Caller(session), reference, operation=Operation.SEE_CUSTOMERS)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    notes = () if dossier.blind else every_note(pages, dossier.entries, zone=zone_of(house, line.journey))
    numbers = _pages(len(notes), AT_ONCE, page)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    return pages.page(
        "desk/case_notes.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        notes=notes[AT_ONCE * (page - 1) : AT_ONCE * page],
        page=page,
        numbers=numbers,
    )


def _pages(total: int, at_once: int, page: int) -> range:
    pages = range(1, max(1, -(-total // at_once)) + 1)
    if page not in pages:
        raise HTTPException(404, f"page: there are {len(pages)}; choose one of them")
    return pages
