"""Cases for programs and for our own pages' scripts. Reading needs a session or cases:read; deciding a person."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import Caller, CallerHere, HouseHere, NotSignedIn, PersonHere, demand, line_for
from api.foreign import hidden_references, without_references
from api.narrowing import NarrowedBy
from api.openapi import problems
from api.pages.case import check_assigning, open_dossier
from api.pages.case_leaving import when_it_leaves
from api.pages.queue_view import customer_of, decides_blind
from api.pages.templating import pages_of
from api.pseudonyms import pseudonymised
from api.security import Operation, may, searched_by
from api.signing_in import note_access
from cases.composing import Draft
from cases.errors import NotFound
from cases.store.queue import CaseLine
from cases.vocabulary import View
from pipelines import hand, reading_room
from pipelines.channels.phone.telling import Told, note_told
from pipelines.house import House
from pipelines.leaving import Leaving, leaving, take_back
from pipelines.writing import write

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=problems(400, 401, 403, 404, 405, 409, 413, 422, 503))
_HIDDEN_BLIND = ("step", "because", "confidence", "outcome")


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


Text = Annotated[str, Field(min_length=1, max_length=5000)]


class DecisionPosted(Payload):
    """choice: an option of the decision file, need_more or escalate. version: the case's, as it was read.

    reason_code: of the journey's reasons for such a choice; "" where reason says it in words only.
    although: why it is granted although it may have been paid before, or asked although the file holds the answer; a
    409 asks for it.
    send_at: when it leaves; by default as soon as the journey's time to undo it is over.
    """

    choice: Annotated[str, Field(min_length=1, max_length=60)]
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    reason_code: Annotated[str, Field(max_length=60)] = ""
    message: Annotated[str, Field(max_length=5000)] = ""
    corrected_topic: Annotated[str, Field(max_length=60)] | None = None
    version: Annotated[int, Field(ge=0, lt=2**53)]
    requests: Annotated[list[str], Field(max_length=20)] = []
    although: Annotated[str, Field(max_length=1000)] = ""
    send_at: AwareDatetime | None = None


class TextPosted(Payload):
    text: Text


class MessagePosted(Payload):
    """letter: of those that inform; the one of free words by default. requests: keys of what is asked with it.

    although: why something is asked whose answer the file holds; a 409 asks for it.
    send_at: when it leaves; by default as soon as the journey's time to undo it is over.
    """

    text: Annotated[str, Field(max_length=5000)] = ""
    letter: Annotated[str, Field(max_length=60)] = ""
    requests: Annotated[list[str], Field(max_length=20)] = []
    although: Annotated[str, Field(max_length=1000)] = ""
    send_at: AwareDatetime | None = None


class UndoPosted(Payload):
    """held: as a decision or message answered; null takes back what was held last."""

    held: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class AssignPosted(Payload):
    """to: a user's name; null gives the case back."""

    to: Annotated[str, Field(min_length=1, max_length=200)] | None


class SnoozePosted(Payload):
    """until: at the latest. wakes: what ends it before that: a reply, or a document or photo."""

    until: AwareDatetime
    wakes: hand.Wakes = "date"


class ToldPosted(Payload):
    """text: what was told by phone or at the desk. facts: name and value. answered: keys of requests. caller: who told
    it, where that was not the customer.
    """

    text: Text
    facts: Annotated[dict[str, Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=20)] = {}
    answered: Annotated[list[str], Field(max_length=20)] = []
    caller: Annotated[str, Field(max_length=120)] = ""


class FactPosted(Payload):
    """version: the case's, as it was read; a fact that a colleague corrected since is then left alone."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    value: Annotated[str, Field(min_length=1, max_length=500)]
    version: Annotated[int, Field(ge=0, lt=2**53)] | None = None


@router.get("")
def list_cases(
    *,
    house: HouseHere,
    caller: CallerHere,
    filters: NarrowedBy,
    view: View = View.ALL,
    journey: Annotated[str | None, Query(max_length=60)] = None,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """{items, next, total: {value, exact}}: most urgent first; total is exact up to 10,000."""
    lines, within = _readable_lines(caller), searched_by(caller.session.user if caller.session else None)
    with house.database.reading(lines) as store:
        page = store.queue.page(
            view, who=caller.name, now=house.local_now(), journey=journey, q=q, lines=lines, filters=filters,
            within=within, cursor=cursor, limit=limit,
        )  # fmt: skip
    items = [_line(house, item, caller) for item in page.items]
    return JSONResponse({"items": items, "next": page.next, "total": asdict(page.total)})


def _readable_lines(caller: Caller) -> tuple[str, ...] | None:
    if caller.session is not None:
        demand(caller.session.user, Operation.READ_CASES)
        return caller.session.user.lines_seen
    if caller.token is None:
        raise NotSignedIn
    if "cases:read" not in caller.token.scopes:
        raise HTTPException(403, "this token has no scope cases:read")
    return None


def _line(house: House, line: CaseLine, caller: Caller) -> dict[str, Any]:
    """One case as a list shows it; advice and people left out for those who may not see them."""
    columns = {name: value for name, value in asdict(line).items() if not name.startswith("clock_")}
    shown = {name: _plain(value) for name, value in columns.items()} | {"clock": _clock(line)}
    session = caller.session
    if session and may(session.user, Operation.DECIDE) and decides_blind(house, line):
        shown |= dict.fromkeys(_HIDDEN_BLIND)
    if session and not may(session.user, Operation.SEE_CUSTOMERS):
        shown |= {"sender": customer_of(line, session.user), "sender_name": "", "subject": ""}
    return shown


def _clock(line: CaseLine) -> dict[str, Any] | None:
    """The clock that presses. due: null while it stands still; left_seconds then says what opening time is left."""
    clock = line.pressing
    if clock is None:
        return None
    return {
        "which": clock.which,
        "due": _plain(clock.due),
        "left_seconds": None if clock.held is None else int(clock.held.total_seconds()),
        "pause": clock.pause,
        "warned": clock.warned,
    }


def _plain(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else value
        if isinstance(value, int | float | None)
        else str(value)
    )


@router.get("/{reference}")
def read_case(reference: str, house: HouseHere, caller: CallerHere) -> JSONResponse:
    """Where the case stands; `version` is what a decision must name."""
    return JSONResponse(_line(house, line_for(house, caller, reference), caller))


@router.get("/{reference}/timeline")
def read_timeline(request: Request, reference: str, house: HouseHere, caller: CallerHere) -> JSONResponse:
    """What happened, oldest first. Nothing of it is shown to a person who must decide without advice."""
    dossier = open_dossier(house, caller, reference, language=_language(request))
    if dossier.blind and _decides(caller):
        return JSONResponse([])
    happened = reading_room.happened(dossier.entries) if dossier.planted else reading_room.timeline(house, reference)
    told = without_references(happened, hidden_references(house, caller, dossier.case))
    return JSONResponse(_for(caller, dossier.line, told))


@router.get("/{reference}/decision-file")
def read_decision_file(request: Request, reference: str, house: HouseHere, caller: CallerHere) -> JSONResponse:
    """Every statement with its sources. Reading it is noted."""
    dossier = open_dossier(house, caller, reference, language=_language(request))
    if dossier.file is None:
        raise NotFound("decision file of case", reference)
    note_access(house, "case_read", who=caller.name, subject=reference)
    return JSONResponse(dossier.file)


@router.get("/{reference}/photos/{file_id}")
def read_photo(
    reference: str, file_id: str, house: HouseHere, caller: CallerHere, size: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """A derived JPEG without EXIF; ?size=thumbnail for a small one. The original is never served."""
    line_for(house, caller, reference)
    if caller.session and not may(caller.session.user, Operation.SEE_CUSTOMERS):
        raise HTTPException(403, "photos are not pseudonymised; your role may not see them")
    picture = reading_room.photo(house, reference, file_id, thumbnail=size == "thumbnail")
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{reference}/letters")
def read_letters(request: Request, reference: str, house: HouseHere, caller: CallerHere) -> JSONResponse:
    """Letters written in this case, oldest first."""
    dossier = open_dossier(house, caller, reference, language=_language(request))
    if dossier.blind and _decides(caller):
        return JSONResponse([])
    return JSONResponse(_for(caller, dossier.line, reading_room.letters(house, reference)))


@router.post("/{reference}/decisions")
def post_decision(
    reference: str, posted: DecisionPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Store a person's decision; 409 with `seen` and `now` when the case moved since it was read."""
    line = line_for(house, caller, reference, operation=Operation.DECIDE)
    decision = hand.Decision(
        choice=posted.choice,
        reason=posted.reason,
        version=posted.version,
        message=posted.message,
        corrected_topic=posted.corrected_topic,
        requests=tuple(posted.requests),
        reason_code=posted.reason_code,
        although=posted.although,
    )
    leaves = when_it_leaves(house, line, send_at=posted.send_at)
    version = hand.decide_by_hand(
        house, reference, decision, person=person.name, leaves_at=leaves.at if leaves else None
    )
    return _left(reference, version, leaves)


@router.post("/{reference}/undo")
def post_undo(
    reference: str, posted: UndoPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Take back what waits to leave; 409 once it has left. A repeat answers the same."""
    line_for(house, caller, reference, operation=Operation.DECIDE)
    return _done(reference, take_back(house, reference, person=person.name, held=posted.held))


@router.post("/{reference}/messages")
def post_message(
    reference: str, posted: MessagePosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Write to the customer by hand; 409 names what the letter still lacks."""
    line = line_for(house, caller, reference, operation=Operation.DECIDE)
    leaves = leaving(house, line.journey, send_at=posted.send_at)
    draft = Draft(posted.text, posted.letter, tuple(posted.requests), posted.although)
    version = write(house, reference, draft, person=person.name, leaves_at=leaves.at if leaves else None)
    return _left(reference, version, leaves)


@router.post("/{reference}/notes")
def post_note(
    reference: str, posted: TextPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    line_for(house, caller, reference, operation=Operation.DECIDE)
    return _done(reference, hand.add_note(house, reference, posted.text, person=person.name))


@router.post("/{reference}/assign")
def post_assign(
    reference: str, posted: AssignPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    line = line_for(house, caller, reference, operation=Operation.ASSIGN_SELF)
    check_assigning(person, line, posted.to)
    return _done(reference, hand.assign(house, reference, posted.to, person=person.name))


@router.post("/{reference}/snooze")
def post_snooze(
    reference: str, posted: SnoozePosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    line_for(house, caller, reference, operation=Operation.DECIDE)
    until = posted.until.astimezone(UTC)
    return _done(reference, hand.snooze(house, reference, until, person=person.name, wakes=posted.wakes))


@router.post("/{reference}/told")
def post_told(
    reference: str, posted: ToldPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Note what a customer told; what was asked and is told now is not asked any more."""
    line_for(house, caller, reference, operation=Operation.DECIDE)
    told = Told(posted.text, posted.facts, tuple(posted.answered), posted.caller)
    return _done(reference, note_told(house, reference, told, person=person.name))


@router.post("/{reference}/facts")
def post_fact(
    reference: str, posted: FactPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Enter or correct a fact; the file is built again with it."""
    line_for(house, caller, reference, operation=Operation.DECIDE)
    name, value, version = posted.name, posted.value, posted.version
    return _done(reference, hand.state_fact(house, reference, name, value, person=person.name, version=version))


def _done(reference: str, version: int) -> JSONResponse:
    return JSONResponse({"reference": reference, "version": version})


def _left(reference: str, version: int, leaves: Leaving | None) -> JSONResponse:
    """With when it leaves, and by which number it is taken back until then; both null when it left at once."""
    when = leaves.at.isoformat() if leaves else None
    return JSONResponse(
        {"reference": reference, "version": version, "held": version if leaves else None, "leaves_at": when}
    )


def _language(request: Request) -> str:
    pages = pages_of(request)
    return pages.desk_language


def _decides(caller: Caller) -> bool:
    return caller.session is not None and may(caller.session.user, Operation.DECIDE)


def _for(caller: Caller, line: CaseLine, document: Any) -> Any:
    if caller.session is None or may(caller.session.user, Operation.SEE_CUSTOMERS):
        return document
    return pseudonymised(document, names=(line.sender_name, line.sender), code=customer_of(line, caller.session.user))
