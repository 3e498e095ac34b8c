"""The customer's page: where the case stands, what happens next and by when, and everything they can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from api.deps import Caller, HouseHere, SessionHere, get_gate, line_for, read_fields
from api.guessing import COOKIE, count_guess
from api.pages.templating import Pages, pages_of
from api.pages.tracking_call_parts import call_times
from api.pages.tracking_line import ChatPanel, chat_panel, line_now, see_page
from api.pages.tracking_parts import PlaceHere, carried, keeps_told, languages, leaf, page_at
from api.security import Operation, from_own_page, may
from api.signing_in import note_access
from cases.case import Case, fold
from cases.events import MessageReceived, RepresentativeNamed
from cases.journey import Tracking
from cases.journey_folder import JourneyFolder
from cases.representing import acting, living
from cases.vocabulary import Access
from cases.wording import day_pattern
from pipelines import hand
from pipelines.channels.parsed import FieldMissing, MessageTooLarge, Refused
from pipelines.channels.webform.form import check_multipart, read_webform
from pipelines.house import House
from pipelines.intake import Incoming
from pipelines.links import read_token, was_genuine
from pipelines.reading_room import folder_of_customer, shared_view
from pipelines.representing import PARTY
from pipelines.uploads import Whole, take_in, with_uploads, written_alike

router = APIRouter(include_in_schema=False)
_TRACKING: TypeAdapter[Tracking] = TypeAdapter(Tracking)
COOKIE_SECONDS = 3600
NOT_FOUND_ANYWHERE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
RECEIPTS = ("message", "photos", "second-look", "signed")
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that a link opened. id: of the link. acting: who holds it, when that is not the customer.

    sender, sender_name: whose words are whatever is sent by this link.
    """

    link_id: str
    case: Case
    sender: str
    sender_name: str
    folder: JourneyFolder
    view: Tracking
    until: datetime
    acting: RepresentativeNamed | None = None
    representatives: tuple[RepresentativeNamed, ...] = ()

    @property
    def case_id(self) -> str:
        return self.case.id

    @property
    def may_answer(self) -> bool:
        return self.acting is None or self.acting.access is Access.ANSWER


@dataclass(frozen=True, slots=True)
class Receipt:
    text: str
    files: str = ""
    unusable: bool = False


def open_case(house: House, token: str, *, language: str | None = None) -> Opened | None:
    """What a genuine, living token of the customer shows; None for any other, and for an erased case."""
    opened = open_shared(house, token, language=language)
    return opened if opened is not None and opened.acting is None else None


def open_shared(house: House, token: str, *, language: str | None = None) -> Opened | None:
    """As open_case, and for who acts for the customer as well: what they may do is for the caller to hold."""
    link_id = read_token(token, house.keys.link)
    now = house.now()
    with house.database.reading() as store:
        link = store.links.get(link_id) if link_id else None
        if link is None or link.revoked_at is not None or link.expires_at <= now:
            return None
        entries = store.history(link.case_id)
        case = fold(link.case_id, entries)
        if case.erased or not entries:
            return None
        of = acting(case, link.id, now)
        if link.party == PARTY and of is None:
            return None  # the case does not know them (any more)
        view = shared_view(house, store, case, entries, language=language)
    folder = folder_of_customer(house, case)
    sender, name = (of.address, of.name) if of else (case.sender, case.sender_name)
    return Opened(link.id, case, sender, name, folder, view, link.expires_at, of, living(case, now))


# --- reading ------------------------------------------------------------------------------------------------------


@router.get("/t")
def show_tracking(
    request: Request, house: HouseHere, lang: Annotated[str | None, Query(max_length=5)] = None
) -> Response:
    """The page of the case in the cookie; without one, the door."""
    token = request.cookies.get(COOKIE, "")
    opened = open_shared(house, token, language=lang) if token else None
    if opened is None:
        return closed_door(request, house, token) if token else _door(request, "track.door.cookie", status=200)
    return _keep(house, _looked(request, house, opened, base="/t"), token)


@router.post("/t")
async def open_door(request: Request, house: HouseHere) -> Response:
    """A pasted link or token, for browsers that keep no cookies."""
    fields = await read_fields(request, house)
    token = urlsplit(fields.get("link", "")).path.rstrip("/").rpartition("/")[2]
    await count_guess(request, token)
    opened = await run_in_threadpool(open_shared, house, token)
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    return RedirectResponse(f"/t/{token}?page=1", 303, headers=NOT_FOUND_ANYWHERE)


@router.get("/t/{token}")
def open_tracking(
    request: Request,
    token: str,
    house: HouseHere,
    lang: Annotated[str | None, Query(max_length=5)] = None,
    page: str = "",
) -> Response:
    """The link as it is sent: a short cookie, then /t without the token. May be opened any number of times.

    With ?page the page itself: for browsers without cookies, and after what they send.
    """
    opened = open_shared(house, token, language=lang)
    if opened is None:
        return closed_door(request, house, token)
    if page:
        return _looked(request, house, opened, base=f"/t/{token}")
    query = f"?{urlencode({'lang': lang})}" if lang else ""
    return _keep(house, RedirectResponse(f"/t{query}", 303, headers=NOT_FOUND_ANYWHERE), token)


@router.get("/cases/{reference}/customer")
def show_customers_view(request: Request, reference: str, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """The same page as the customer sees it, without its forms."""
    line = line_for(house, Caller(session), reference)
    if not may(session.user, Operation.SEE_CUSTOMERS):
        raise HTTPException(403, "what the customer reads is not pseudonymised; your role may not see it")
    with house.database.reading() as store:
        entries = store.history(line.id)
    case = fold(line.id, entries)
    if case.journey not in house.journeys.names():
        raise HTTPException(404)
    if case.awaits_audit and may(session.user, Operation.DECIDE):
        raise HTTPException(403, "this case is to be judged blind; what its customer reads shows once that is done")
    folder = house.journeys.get(case.journey)
    with house.database.reading() as store:
        view = shared_view(house, store, case, entries)
    opened = Opened("", case, "", "", folder, view, house.now())
    return show_opened(request, house, opened, base="")


def _looked(request: Request, house: House, opened: Opened, *, base: str) -> HTMLResponse:
    """Each look of somebody who acts for the customer is noted, by their number and not by their name."""
    if opened.acting is not None:
        who, reference = opened.acting.representative, opened.view.reference
        note_access(house, "representative_looked", who=who, subject=reference)
    return show_opened(request, house, opened, base=base)


def show_opened(
    request: Request, house: House, opened: Opened, *, base: str, problem: str = "", chat: tuple[str, str] = ("", ""),
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    """base: where forms are sent to; "" shows the page without forms. chat: what was typed there, and why it was not
    taken.
    """
    pages = pages_of(request)
    view = opened.view
    asked = {"page": "1"} if base not in ("", "/t") else {}
    here, base = base or request.url.path, base if opened.may_answer else ""
    query = carried(request, view.language)
    return pages.page(
        "track/page.html",
        language=view.language,
        status=status,
        headers=NOT_FOUND_ANYWHERE,
        tracking=view,
        base=base,
        carry=f"?{urlencode(query)}" if query else "",
        languages=languages(
            pages, view.languages, view.language, lambda key: f"{here}?{urlencode({**asked, 'lang': key})}"
        ),
        leaf=leaf(pages, view.by, opened.folder.journey, view.language) if view.by else None,
        link_until=_last_day(opened) if opened.link_id else "",
        acting=_acting(pages, opened),
        keeps_told=keeps_told(house, pages, None if opened.acting else opened.case, view.language) if view.by else "",
        helpers=[one.name for one in opened.representatives],
        receipt=_receipt(house, pages, opened, request.query_params),
        problem=problem,
        drafts=_drafts(house, opened) if base else {},
        chat=chat_of(house, pages, opened, *chat) if base else None,
        call_times=call_times(pages, opened.folder.journey.calendar, view.language, at=house.now())
        if base and view.may_be_called
        else (),
        seen=mark_of(view, line_now(house, opened.case, opened.folder, view)),
        opened_at=house.now().isoformat(),
    )


def _acting(pages: Pages, opened: Opened) -> str:
    """For whom, to somebody who acts for the customer; blank for the customer."""
    if opened.acting is None:
        return ""
    language = opened.view.language
    customer = opened.case.sender_name or pages.say(language, "track.rep.mail.somebody")
    return pages.say(language, "track.acting" if opened.may_answer else "track.acting_follow", customer=customer)


def chat_of(house: House, pages: Pages, opened: Opened, typed: str, problem: str) -> ChatPanel | None:
    """Only the customer chats: who acts for them writes messages."""
    if opened.acting is not None:
        return None
    see_page(house, opened.case_id, opened.view)
    return chat_panel(house, pages, opened.case, opened.folder, opened.view, typed=typed, problem=problem)


def mark_of(view: Tracking, line: str = "") -> str:
    """What tells this view from any other: a page hears when it is no longer what it shows. line: its place in that.

    A range that was learned anew is no news of the case.
    """
    return sha256(_TRACKING.dump_json(replace(view, expected=())) + line.encode()).hexdigest()[:16]


def _drafts(house: House, opened: Opened) -> Mapping[str, str]:
    """What was typed on this page before, by form, and not sent."""
    with house.database.reading() as store:
        return store.link_drafts.of(opened.link_id)


def _last_day(opened: Opened) -> str:
    """Friday 21 May 2027: half a year ahead the year must be said."""
    zone = ZoneInfo(opened.folder.journey.calendar.time_zone)
    spoken = opened.view.language
    return format_date(opened.until.astimezone(zone).date(), f"{day_pattern(spoken)} y", locale=spoken)


def _receipt(house: House, pages: Pages, opened: Opened, query: Mapping[str, str]) -> Receipt | None:
    """A line about what was just sent: its files are read back from the event that stored them."""
    kind, message_id = query.get("done", ""), query.get("message", "")
    if kind not in RECEIPTS:
        return None
    with house.database.reading() as store:
        entries = store.history(message_id) if message_id.startswith("message-") else []
    received = next((one.event for one in entries if isinstance(one.event, MessageReceived)), None)
    language = opened.view.language
    names = [file.name for file in received.files] if received and received.case_id == opened.case_id else []
    files = pages.say(language, "track.receipt.files", names=", ".join(names)) if names else ""
    return Receipt(pages.say(language, f"track.receipt.{kind}"), files)


def closed_door(request: Request, house: House, token: str) -> HTMLResponse:
    """For a link that opens nothing: the same, whatever it was, but that one which was ours says how to go on."""
    with house.database.reading() as store:
        ours = was_genuine(store, token, key=house.keys.link)
    return _door(request, "track.door.ended" if ours else "track.door.unknown", status=404)


def _door(request: Request, key: str, *, status: int) -> HTMLResponse:
    pages = pages_of(request)
    spoken = pages.preferred(request)
    return pages.page(
        "track/door.html", language=spoken, status=status, headers=NOT_FOUND_ANYWHERE, key=key,
        languages=languages(pages, sorted(pages.words), spoken, "/t?lang={}".format),
        carry=f"?lang={spoken}",
    )  # fmt: skip


def _keep(house: House, response: Response, token: str) -> Response:
    """The cookie lives an hour from the last look; the link itself lives longer."""
    secure = house.settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, path="/t", httponly=True, samesite="lax", secure=secure)
    return response


# --- sending ------------------------------------------------------------------------------------------------------


@router.post("/t/{kind}")
@router.post("/t/{token}/{kind}")
async def send(request: Request, kind: str, house: HouseHere, place: PlaceHere) -> Response:
    """messages, photos or second-look: hand the form to the intake as it came, then show the page with a receipt."""
    token, base = place.token, place.base
    if kind not in ("messages", "photos", "second-look"):
        raise HTTPException(404)
    if not from_own_page(request.headers, public_url=house.settings.public_url):
        raise HTTPException(403)
    opened = await run_in_threadpool(open_shared, house, token, language=request.query_params.get("lang"))
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    if not opened.may_answer or (opened.acting is not None and kind == "second-look"):
        raise HTTPException(403, "this link may not be used for that; the customer can do it")
    content_type, body = request.headers.get("content-type", ""), await request.body()
    key = request.headers.get("idempotency-key", "")[:LONGEST_KEY]
    try:
        await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
        message_id = await run_in_threadpool(_take, house, opened, content_type, body, kind=kind, key=key)
    except Refused as refused:  # caught here because the customer needs the page, not a problem document
        return await run_in_threadpool(_refusal, request, house, opened, refused, base)
    told = {"done": "message" if kind == "messages" else kind, "message": message_id}
    return RedirectResponse(page_at(base, request, opened.view.language, **told), 303, headers=NOT_FOUND_ANYWHERE)


def _take(house: House, opened: Opened, content_type: str, body: bytes, *, kind: str, key: str) -> str:
    """Store what the customer sent; returns the id of the message, "" when they only asked for a second look.

    key: of a page that sends again what was not answered; "" for a plain form.
    """
    raw = signed_form(content_type, body, sender=opened.sender, name=opened.sender_name)
    whole = with_uploads(house, content_type, raw, caller=caller_of(opened))
    if key and not whole.used:
        whole = written_alike(content_type, raw)
    has_words = True
    try:
        read_webform(whole.content_type, whole.raw)
    except FieldMissing:
        if kind != "second-look":
            raise
        has_words = False
    if kind == "second-look":
        hand.reopen(house, opened.case_id, because="second_look", at=house.now())
    message_id = ""
    if has_words:
        message_id = take_in(_incoming(house, opened, whole, key), whole, house=house).message_id
    if kind != "photos":
        with house.database.writing() as store:
            store.link_drafts.sent(opened.link_id, kind, at=house.now())
    return message_id


def _incoming(house: House, opened: Opened, whole: Whole, key: str) -> Incoming:
    return Incoming(
        content_type=whole.content_type,
        raw=whole.raw,
        channel="webform",
        caller=caller_of(opened),
        received_at=house.now(),
        idempotency_key=key or None,
        case_id=opened.case_id,
    )


def caller_of(opened: Opened) -> str:
    """Under what name this link sends messages and their files."""
    return f"link:{opened.link_id}"


def signed_form(content_type: str, body: bytes, *, sender: str, name: str) -> bytes:
    """The form with who sends it put in front: the link says so, the page does not ask. Raises Refused.

    A form that names a sender itself has two of them then, and is refused for it.
    """
    boundary = check_multipart(content_type, body)
    body = body[body.find(b"--" + boundary) :]  # what stands before the first part is nobody's
    part = b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    return part % (boundary, b"sender", sender.encode()) + part % (boundary, b"name", name.encode()) + body


def _refusal(request: Request, house: House, opened: Opened, refused: Refused, base: str) -> HTMLResponse:
    pages = pages_of(request)
    if isinstance(refused, MessageTooLarge):
        key, status = "track.problem.too_large", 413
    else:
        key, status = ("track.problem.empty" if refused.field == "text" else "track.problem.refused"), 400
    return show_opened(request, house, opened, base=base, problem=pages.say(opened.view.language, key), status=status)
