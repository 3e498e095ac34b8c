"""What the customer's page does while it is open: files go ahead, words are kept, and it hears when something changed.

None of it is needed: the page itself and its plain forms do the same.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Annotated

from anyio import CancelScope
from fastapi import APIRouter, Cookie, Header, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import GateHere, HouseHere
from api.gate import Gate
from api.guessing import COOKIE
from api.live import BEAT_EVERY, Watcher
from api.pages.tracking import NOT_FOUND_ANYWHERE, Opened, caller_of, mark_of, open_shared
from api.pages.tracking_line import line_now, see_page
from api.routes.live import FORM_NAME, live_of
from api.routes.uploads import announced, length_of, name_in
from api.security import from_own_page
from cases.store.away import DatabaseAway
from pipelines import uploads
from pipelines.house import House

router = APIRouter(include_in_schema=False)
MOST_TYPED = 20_000  # characters, as the field itself allows
FromCookie = Annotated[str, Cookie(alias=COOKIE)]
FormName = Annotated[str, Path(pattern=FORM_NAME)]
Language = Annotated[str | None, Query(max_length=5)]
Seen = Annotated[str, Query(max_length=40)]
SIGN_OF_LIFE = b": here\n\n"
CHANGED = b"event: changed\ndata: {}\n\n"
ENDED = b"event: ended\ndata: {}\n\n"


class Typed(BaseModel):
    """opened_at: when the server gave out the page on which this was typed."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MOST_TYPED)]
    opened_at: AwareDatetime


def opened_or_404(house: House, token: str, *, language: str | None = None) -> Opened:
    opened = open_shared(house, token, language=language) if token else None
    if opened is None:
        raise HTTPException(404)
    return opened


def writable_or_404(house: House, token: str) -> Opened:
    """Of a link by which something may be sent."""
    opened = opened_or_404(house, token)
    if not opened.may_answer:
        raise HTTPException(404)
    return opened


# --- files ----------------------------------------------------------------------------------------------------------


@router.post("/t/uploads")
def announce_with_cookie(
    *, request: Request, house: HouseHere, gate: GateHere, upload_length: Annotated[str, Header()],
    upload_metadata: Annotated[str, Header()] = "", token: FromCookie = "",
) -> JSONResponse:  # fmt: skip
    """A file of so many bytes is to come; its name is in the answer, and it is sent to /api/uploads."""
    return _announce(request, house, gate, token, length=upload_length, metadata=upload_metadata)


@router.post("/t/{token}/uploads")
def announce_with_token(
    *, request: Request, token: str, house: HouseHere, gate: GateHere, upload_length: Annotated[str, Header()],
    upload_metadata: Annotated[str, Header()] = "",
) -> JSONResponse:  # fmt: skip
    return _announce(request, house, gate, token, length=upload_length, metadata=upload_metadata)


def _announce(request: Request, house: House, gate: Gate, token: str, *, length: str, metadata: str) -> JSONResponse:
    _from_own_page(request, house)
    opened = writable_or_404(house, token)
    gate.let_in(f"files of link {opened.link_id}", program=False)
    upload = uploads.announce(
        house,
        caller=caller_of(opened),
        name=name_in(metadata),
        size=length_of(length, "Upload-Length"),
        case_id=opened.case_id,
    )
    return announced(house, upload)


# --- words ----------------------------------------------------------------------------------------------------------


@router.put("/t/drafts/{form}")
def keep_with_cookie(
    *, request: Request, form: FormName, typed: Typed, house: HouseHere, token: FromCookie = ""
) -> JSONResponse:
    """Keep what stands in a form, for two weeks or until it is sent."""
    return _keep(request, house, token, form, typed)


@router.put("/t/{token}/drafts/{form}")
def keep_with_token(request: Request, token: str, form: FormName, typed: Typed, house: HouseHere) -> JSONResponse:
    return _keep(request, house, token, form, typed)


def _keep(request: Request, house: House, token: str, form: str, typed: Typed) -> JSONResponse:
    """`kept` is false when the form was sent after the page was opened."""
    _from_own_page(request, house)
    opened = writable_or_404(house, token)
    text = typed.text if typed.text.strip() else ""
    with house.database.writing() as store:
        kept = store.link_drafts.keep(opened.link_id, form, text, at=house.now(), opened_at=typed.opened_at)
    return JSONResponse({"kept": kept}, headers=NOT_FOUND_ANYWHERE)


def _from_own_page(request: Request, house: House) -> None:
    if not from_own_page(request.headers, public_url=house.settings.public_url):
        raise HTTPException(403)


# --- news -----------------------------------------------------------------------------------------------------------


@router.get("/t/live")
async def listen_with_cookie(
    request: Request, house: HouseHere, token: FromCookie = "", lang: Language = None, seen: Seen = ""
) -> Response:
    """Server-sent events: `changed` when the page shows something else by now, `ended` when its link opens nothing."""
    return await _listen(request, house, token, lang, seen)


@router.get("/t/{token}/live")
async def listen_with_token(
    request: Request, token: str, house: HouseHere, lang: Language = None, seen: Seen = ""
) -> Response:
    return await _listen(request, house, token, lang, seen)


async def _listen(request: Request, house: House, token: str, lang: str | None, seen: str) -> Response:
    """seen: the mark of what the page shows. Nothing goes out but that it changed: the page then reads itself anew."""
    opened = await run_in_threadpool(opened_or_404, house, token, language=lang)
    live = live_of(request)
    live.room_to_watch(opened.link_id)
    watching = live.watching(opened.link_id, _watched(opened))
    told = _tell(house, token, lang, watching, seen)
    headers = {**NOT_FOUND_ANYWHERE, "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


def _watched(opened: Opened) -> list[str]:
    """The case of the link, and the one that it goes on in."""
    into = opened.case.ties.into
    return [opened.case_id, *([into.into] if into is not None else [])]


def _looked_at(house: House, opened: Opened) -> str:
    """The mark of what the page shows now; the customer has it open."""
    if opened.acting is None:
        see_page(house, opened.case_id, opened.view)
    return mark_of(opened.view, line_now(house, opened.case, opened.folder, opened.view))


async def _left(house: House, opened: Opened | None) -> None:
    """What is answered in the chat from now on is mailed too."""
    if opened is not None and opened.acting is None and opened.view.chat:
        with CancelScope(shield=True):
            await run_in_threadpool(see_page, house, opened.case_id, opened.view, is_open=False)


async def _tell(
    house: House, token: str, lang: str | None, watching: AbstractContextManager[Watcher], seen: str
) -> AsyncIterator[bytes]:
    """What staff do inside wakes this too; the page hears only of what changes in its customer's view."""
    yield b"retry: 3000\n\n"
    opened: Opened | None = None
    with watching as watcher:
        try:
            while not watcher.ended:
                try:
                    opened = await run_in_threadpool(open_shared, house, token, language=lang)
                except DatabaseAway:
                    return  # the page comes back, and says what it saw
                if opened is None:
                    yield ENDED
                    return
                mark = await run_in_threadpool(_looked_at, house, opened)
                if mark != seen:
                    seen = mark
                    yield CHANGED
                while not await watcher.changed(BEAT_EVERY):
                    yield SIGN_OF_LIFE
                    if opened.view.chat:
                        break  # others may have left the line
        finally:
            await _left(house, opened)
