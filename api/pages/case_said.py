"""What was said and what happened in a case, all of it a page at a time: the decision file shows the newest."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from api.deps import Caller, HouseHere, SessionHere, line_for
from api.pages.case import open_dossier
from api.pages.case_assistant_parts import told_in
from api.pages.case_described import translates, translations
from api.pages.case_expert import mails_of
from api.pages.case_notes import AT_ONCE, every_note
from api.pages.case_timeline import Part, seqs_of
from api.pages.case_view import HAPPENED_AT_ONCE, SAID_AT_ONCE, FileReader, heard
from api.pages.desk import desk_of, zone_of
from api.pages.templating import pages_of
from api.security import Operation, may
from api.signing_in import Session, note_access
from pipelines.house import House

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
    messages, numbers = _turned_to(file["messages"], SAID_AT_ONCE, page)
    own = {one["message_id"] for one in messages}
    shown = [one for one in heard(file, customer_only=dossier.blind) if one["message_id"] in own]
    told, zone = told_in(house, pages, dossier, session.user), zone_of(house, dossier.line.journey)
    folder = house.journeys.folders.get(dossier.case.journey or "")
    sees = may(session.user, Operation.SEE_CUSTOMERS) and not dossier.blind
    reader = FileReader(file, pages=pages, zone=zone, besides=told.evidence) if dossier.file else None
    return _page(
        request, house, session, reference, "desk/case_said.html",
        messages=reader.conversation(shown) if reader else (),
        translations=translations(file, own, expected=translates(house, folder)) if sees and dossier.file else {},
        mails=mails_of(dossier.case, session.user),
        case_at=f"/cases/{reference}",
        page=page,
        numbers=numbers,
    )  # fmt: skip


@router.get("/cases/{reference}/history")
def show_history(
    request: Request, reference: str, house: HouseHere, session: SessionHere, *, page: Page = 1, part: Part = Part.ALL
) -> HTMLResponse:
    """Every event of a part, newest first; nothing while a person decides blind; 404 beyond the last page."""
    pages = pages_of(request)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    reader = FileReader(dossier.file, pages=pages, zone=zone_of(house, dossier.line.journey)) if dossier.file else None
    folder = house.journeys.folders.get(dossier.case.journey or "")
    seqs = seqs_of(part, dossier.entries, folder.journey) if folder else frozenset()
    every = [one for one in reader.history() if one.seq in seqs] if reader and not dossier.blind else ()
    happened, numbers = _turned_to(every, HAPPENED_AT_ONCE, page)
    return _page(
        request, house, session, reference, "desk/case_history.html",
        happened=happened, page=page, numbers=numbers, part=part, beside=f"part={part}&" if part != Part.ALL else "",
    )  # fmt: skip


@router.get("/cases/{reference}/notes")
def show_notes(
    request: Request, reference: str, house: HouseHere, session: SessionHere, page: Page = 1
) -> HTMLResponse:
    """Every note of colleagues, newest first; none while a person decides blind; 404 beyond the last page."""
    pages = pages_of(request)
    line = line_for(house, Caller(session), reference, operation=Operation.SEE_CUSTOMERS)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    every = () if dossier.blind else every_note(pages, dossier.entries, zone=zone_of(house, line.journey))
    notes, numbers = _turned_to(every, AT_ONCE, page)
    return _page(request, house, session, reference, "desk/case_notes.html", notes=notes, page=page, numbers=numbers)


def _page(
    request: Request, house: House, session: Session, reference: str, template: str, **shown: Any
) -> HTMLResponse:
    """Reading it is noted in the access log."""
    note_access(house, "case_read", who=session.user.name, subject=reference)
    desk = desk_of(house, session)
    return pages_of(request).page(template, desk=desk, section="queue", reference=reference, **shown)


def _turned_to(whole: Sequence[Any], at_once: int, page: int) -> tuple[Sequence[Any], range]:
    """What stands on this page, and the numbers of all pages."""
    numbers = range(1, max(1, -(-len(whole) // at_once)) + 1)
    if page not in numbers:
        raise HTTPException(404, f"page: there are {len(numbers)}; choose one of them")
    return whole[at_once * (page - 1) : at_once * page], numbers
