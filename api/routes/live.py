"""What open pages tell and hear: who is at a case, what is typed there, and what happens meanwhile."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Path, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import SESSION_COOKIE, CallerHere, HouseHere, PersonHere, SessionHere, demand, line_for
from api.live import NOBODY as NOBODY_THERE
from api.live import Live, Seen, by_case
from api.openapi import problems
from api.security import Operation, may
from pipelines.under_way import under_way

router = APIRouter(prefix="/api", tags=["desk"])
_CASE_PROBLEMS = problems(400, 401, 403, 404, 405, 413, 422, 503)
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
MOST_POSITION = 20  # digits

FORM_NAME = r"^[a-z][a-z0-9-]{0,39}$"
FormName = Annotated[str, Path(pattern=FORM_NAME)]
FieldName = Annotated[str, Field(min_length=1, max_length=60)]
FieldText = Annotated[str, Field(max_length=10_000)]


class PresencePosted(BaseModel):
    """here: false when the page is left. typing: a key was pressed in one of its forms a moment ago."""

    model_config = ConfigDict(extra="forbid")

    typing: bool = False
    here: bool = True


class DraftPosted(BaseModel):
    """opened_at: when the server gave out the page on which this was typed."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[dict[FieldName, FieldText], Field(max_length=40)]
    opened_at: AwareDatetime


@router.get("/live", response_class=StreamingResponse, responses={**_STREAM, **problems(401, 403, 405, 406, 429, 503)})
async def listen(
    *,
    request: Request,
    session: SessionHere,
    accept: Annotated[str, Header()] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Server-sent events within one's rights: `case` {reference, version}, `presence`, `counts` and `many` (read the
    list anew). Ids are positions in time: a page that names its last one hears what it missed.
    """
    demand(session.user, Operation.READ_CASES)
    if "text/event-stream" not in accept:
        raise HTTPException(406, "this address only streams; ask for it with Accept: text/event-stream")
    live = live_of(request)
    live.room(session.user)
    _idle(request)
    known = last_event_id.strip()
    after = int(known) if known.isascii() and known.isdigit() and len(known) <= MOST_POSITION else None
    told = live.follow(session.user, request.cookies.get(SESSION_COOKIE, ""), after)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.put("/cases/{reference}/presence", responses=_CASE_PROBLEMS)
def tell_presence(
    *,
    request: Request,
    reference: str,
    posted: PresencePosted,
    house: HouseHere,
    caller: CallerHere,
    person: PersonHere,
) -> JSONResponse:
    """Say that the case is open on a page, every 20 s; who types first works on it until two minutes after the last
    key. Answers who else is there, and what the machine is doing at it.
    """
    line, now = line_for(house, caller, reference), house.now()
    _idle(request)
    with house.database.writing() as store:
        if not posted.here:
            store.desk.leave(line.id, person.name)
            return JSONResponse({"reference": reference, **NOBODY_THERE})
        typing = posted.typing and may(person, Operation.DECIDE)
        store.desk.enter(line.id, person.name, now=now, typing=typing)
        if typing:
            store.desk.hold(line.id, person.name, now=now)
        there = by_case(Seen([], store.desk.present(now, [reference]), store.desk.holds(now, [reference])))
        machine = under_way(store, line.id, now=now)
    return JSONResponse({"reference": reference, "version": line.version, "machine": machine, **there[reference][1]})


@router.get("/cases/{reference}/drafts", responses=_CASE_PROBLEMS)
def read_drafts(reference: str, house: HouseHere, caller: CallerHere, person: PersonHere) -> JSONResponse:
    """What one typed into forms of this case and did not send: by form, its fields and when they were kept."""
    line = line_for(house, caller, reference, operation=Operation.DECIDE)
    with house.database.reading() as store:
        kept = store.drafts.of(line.id, person.name)
    return JSONResponse({one.form: {"fields": one.fields, "kept_at": one.kept_at.isoformat()} for one in kept})


@router.put("/cases/{reference}/drafts/{form}", responses=_CASE_PROBLEMS)
def keep_draft(
    *, reference: str, form: FormName, posted: DraftPosted, house: HouseHere, caller: CallerHere, person: PersonHere
) -> JSONResponse:
    """Keep what stands in a form. `kept_at` is null when the form was sent after the page was opened."""
    line, now = line_for(house, caller, reference, operation=Operation.DECIDE), house.now()
    fields = worth_keeping(posted.fields)
    with house.database.writing() as store:
        kept = store.drafts.keep(line.id, person.name, form, fields, at=now, opened_at=posted.opened_at)
    return JSONResponse({"kept_at": now.isoformat() if kept else None})


@router.delete("/cases/{reference}/drafts/{form}", responses=_CASE_PROBLEMS)
def drop_draft(
    reference: str, form: FormName, house: HouseHere, caller: CallerHere, person: PersonHere
) -> JSONResponse:
    """Forget what was typed into this form; nothing happens when there is nothing."""
    line = line_for(house, caller, reference, operation=Operation.DECIDE)
    with house.database.writing() as store:
        store.drafts.drop(line.id, person.name, form, at=house.now())
    return JSONResponse({"kept_at": None})


def live_of(request: Request) -> Live:
    live: Live = request.app.state.live
    return live


def worth_keeping(fields: Mapping[str, str]) -> dict[str, str]:
    """Without what a form has of itself; nothing at all when nobody filled anything in."""
    typed = {name: value for name, value in fields.items() if name not in ("csrf", "version", "draft")}
    return typed if any(value.strip() for value in typed.values()) else {}


def _idle(request: Request) -> None:
    """A page that lies open is nobody at work: it does not keep the session alive."""
    state: dict[str, Any] = request.scope.get("state", {})
    state.pop("session_cookie", None)
