"""The chat of a case at the desk: take it, answer in it, end it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.case import case_page
from api.pages.case_chat_parts import desk_chat
from api.pages.templating import pages_of
from api.security import Operation
from api.signing_in import Session
from cases.case import fold
from cases.errors import NotAllowed
from pipelines.channels.chat.answering import answer, end, take
from pipelines.house import House

router = APIRouter(include_in_schema=False)


@router.get("/cases/{reference}/chat")
def read_chat(request: Request, reference: str, house: HouseHere, session: SessionHere) -> Response:
    """What was said in it so far, for a page that lies open: that keeps no session alive."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    request.scope.get("state", {}).pop("session_cookie", None)
    with house.database.reading() as store:
        entries = store.history(line.id)
    chat = desk_chat(house, pages_of(request), fold(line.id, entries), entries, session.user)
    if chat is None:
        return Response(status_code=204)  # nobody ever wrote there
    return pages_of(request).page("desk/case/_chat_log.html", chat=chat)


@router.post("/cases/{reference}/chat/take")
def take_chat(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:  # noqa: ARG001  # the form's token is checked
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        take(house, reference, person=session.user.name)
    except NotAllowed as refused:  # caught here and below because the page says it beside the chat
        return _refused(request, house, session, reference, refused)
    return _done(reference, "chat_taken")


@router.post("/cases/{reference}/chat/answer")
def answer_chat(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    text = fields.get("chat_text", "")
    try:
        answer(house, reference, text, person=session.user.name)
    except NotAllowed as refused:
        return _refused(request, house, session, reference, refused, text=text)
    return _done(reference, "chat_said")


@router.post("/cases/{reference}/chat/end")
def end_chat(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:  # noqa: ARG001  # as above
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        end(house, reference, person=session.user.name)
    except NotAllowed as refused:
        return _refused(request, house, session, reference, refused)
    return _done(reference, "chat_ended")


def _done(reference: str, done: str) -> Response:
    return RedirectResponse(f"/cases/{reference}?done={done}#chat", 303)


def _refused(
    request: Request, house: House, session: Session, reference: str, refused: NotAllowed, *, text: str = ""
) -> HTMLResponse:
    typed = {"chat_text": text}
    return case_page(request, house, session, reference, typed=typed, problem=str(refused), status=409)
