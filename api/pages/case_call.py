"""What the customer sees, for who has them on the phone: the very words of their page, beside the case and big."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.desk import desk_of
from api.pages.queue_view import Choice
from api.pages.templating import Pages, pages_of
from api.pages.tracking_call_parts import call_times
from api.pages.tracking_parts import Language, languages
from api.security import Operation, may
from cases.calling_back import may_be_called
from cases.case import Case, fold
from cases.journey import RequestView, Tracking
from cases.milestone_sentence import Standing
from cases.store.people import User
from pipelines.channels.phone.calling import promise_call
from pipelines.house import House
from pipelines.reading_room import folder_of_customer, shared_view, standing_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CallCard:
    """Where the case stands, in the customer's language. href: of the same, big."""

    standing: Standing
    language: str
    href: str


@dataclass(frozen=True, slots=True)
class CallScreen:
    """customer: who it is about. requests: what is asked of them, as their page asks it."""

    reference: str
    customer: str
    view: Tracking
    requests: tuple[RequestView, ...]
    languages: tuple[Language, ...]
    number: str  # to call back on; "" when no call is promised
    times: tuple[Choice, ...]  # in which a call may be promised; none for who may not


def call_card(house: House, case: Case, user: User, *, blind: bool) -> CallCard | None:
    """None for who may not see what customers see, and while a person decides blind."""
    if blind or case.erased or case.journey not in house.journeys.names() or not may(user, Operation.SEE_CUSTOMERS):
        return None
    folder = folder_of_customer(house, case)
    spoken = case.language if case.language in folder.journey.read_in else folder.journey.languages[0]
    standing = standing_of(house, case, language=spoken)
    return CallCard(standing, spoken, f"/cases/{case.reference}/call")


@router.get("/cases/{reference}/call")
def show_call_screen(
    request: Request,
    reference: str,
    house: HouseHere,
    session: SessionHere,
    lang: Annotated[str | None, Query(max_length=5)] = None,
) -> HTMLResponse:
    """To be read aloud: where it stands, by when the customer hears from us, what is next and what we need."""
    line = line_for(house, Caller(session), reference, operation=Operation.SEE_CUSTOMERS)
    with house.database.reading() as store:
        entries = store.history(line.id)
        case = fold(line.id, entries)
        _check_may_be_told(house, case, session.user)
        view = shared_view(house, store, case, entries, language=lang)
    pages = pages_of(request)
    return pages.page(
        "desk/call.html",
        desk=desk_of(house, session),
        section="queue",
        call=_screen(house, pages, case, view, session.user),
    )


@router.post("/cases/{reference}/call-back")
def promise_to_call(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Somebody calls the customer in a part of a day within opening hours."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    promise_call(house, line.id, fields.get("slot", ""), fields.get("number", ""), person=session.user.name)
    return RedirectResponse(f"/cases/{reference}/call", 303)


def _check_may_be_told(house: House, case: Case, user: User) -> None:
    if case.erased or case.journey not in house.journeys.names():
        raise HTTPException(404)
    if case.awaits_audit and may(user, Operation.DECIDE):
        raise HTTPException(403, "this case is to be judged blind; what its customer reads shows once that is done")


def _screen(house: House, pages: Pages, case: Case, view: Tracking, user: User) -> CallScreen:
    href = f"/cases/{case.reference}/call?lang={{}}".format
    spoken = languages(pages, view.languages, view.language, href)
    promises = may(user, Operation.DECIDE) and may_be_called(case)
    hours = folder_of_customer(house, case).journey.calendar
    return CallScreen(
        reference=case.reference,
        customer=case.sender_name or case.sender,
        view=view,
        requests=view.requests,
        languages=spoken,
        number=case.call.number if case.call else "",
        times=call_times(pages, hours, pages.desk_language, at=house.now()) if promises else (),
    )
