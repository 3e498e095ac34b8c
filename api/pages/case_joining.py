"""Merging, splitting and linking a case on its pages: what will happen is told first, and each of it is taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.desk import desk_of, zone_of
from api.pages.templating import Pages, pages_of
from api.pages.times import shown_moment
from api.security import Operation
from api.signing_in import Session
from cases.case import Case
from cases.errors import CaseError
from cases.store.queue import CaseLine
from pipelines import joining
from pipelines.house import House
from pipelines.joining import OPPOSITE, OtherCustomer

router = APIRouter(include_in_schema=False)
MERGE, SPLIT = "merge", "split"
HOWS = (MERGE, *OPPOSITE)
Word = Annotated[str, Query(max_length=60)]
Ids = Annotated[tuple[str, ...], Query(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Part:
    """A message that may go to a case of its own, with its files. whole: all of it goes."""

    id: str
    at_text: str
    text: str
    whole: bool
    files: tuple[tuple[str, str, bool], ...]


@router.get("/cases/{reference}/together")
def show_together(
    request: Request, reference: str, house: HouseHere, session: SessionHere, *, other: Word = "", how: Word = MERGE
) -> HTMLResponse:
    """What merging or linking these two would do. Nothing is done yet."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    return _together_page(request, house, session, reference, {"other": other, "how": how})


@router.post("/cases/{reference}/together")
def put_together(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    other, how, person = fields.get("other", ""), fields.get("how", ""), session.user.name
    try:
        line_for(house, Caller(session), other, operation=Operation.DECIDE)
        if how == MERGE:
            reason, confirmed = fields.get("reason", ""), fields.get("confirmed") == "1"
            joining.merge(house, reference, other, person=person, reason=reason, confirmed=confirmed)
        elif how in OPPOSITE:
            joining.link(house, reference, other, OPPOSITE[OPPOSITE[how]], person=person)
        else:
            raise HTTPException(422, f"how: choose one of {', '.join(HOWS)}")
    except CaseError as refused:  # caught because the page shows what was typed, which only this route has
        return _together_page(request, house, session, reference, fields, refused=refused)
    return RedirectResponse(f"/cases/{other if how == MERGE else reference}?done=saved#together", 303)


@router.post("/cases/{reference}/belongs")
def confirm_belongs(reference: str, house: HouseHere, session: SessionHere, _: Fields) -> Response:
    """A letter on paper goes on in the case that it names, and answers what was asked there."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    with house.database.reading() as store:
        named = store.case(line.id).may_belong_to
    if named is not None:
        line_for(house, Caller(session), named, operation=Operation.DECIDE)
    into = joining.confirm_belongs(house, reference, person=session.user.name)
    return RedirectResponse(f"/cases/{into}?done=saved#together", 303)


@router.post("/cases/{reference}/apart")
def take_apart(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back a merge, a split or a link."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    other, how, person = fields.get("other", ""), fields.get("how", ""), session.user.name
    line_for(house, Caller(session), other, operation=Operation.DECIDE)
    if how == MERGE:
        joining.unmerge(house, reference, other, person=person)
    elif how == SPLIT:
        joining.unsplit(house, reference, other, person=person)
    elif how in OPPOSITE:
        joining.unlink(house, reference, other, OPPOSITE[OPPOSITE[how]], person=person)
    else:
        raise HTTPException(422, f"how: choose one of {', '.join((*HOWS, SPLIT))}")
    return RedirectResponse(f"/cases/{reference}?done=saved", 303)


@router.get("/cases/{reference}/split")
def show_split(
    request: Request,
    reference: str,
    house: HouseHere,
    session: SessionHere,
    *,
    message: Ids = (),
    file: Ids = (),
) -> HTMLResponse:
    """Choose what goes to a case of its own; once chosen, what that would do. Nothing is done yet."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    return _split_page(request, house, session, line, messages=message, files=file)


@router.post("/cases/{reference}/split")
def split_off(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    messages, files = fields.get("messages", "").split(), fields.get("files", "").split()
    told, reason, person = fields.get("told") == "1", fields.get("reason", ""), session.user.name
    try:
        new = joining.split(house, reference, messages, files, person=person, told=told, reason=reason)
    except CaseError as refused:  # as above
        return _split_page(request, house, session, line, messages=messages, files=files, refused=refused)
    return RedirectResponse(f"/cases/{new}?done=saved", 303)


# --- parts --------------------------------------------------------------------------------------------------------


def _together_page(
    request: Request, house: House, session: Session, reference: str, typed: Mapping[str, str], *,
    refused: CaseError | None = None,
) -> HTMLResponse:  # fmt: skip
    pages = pages_of(request)
    other, how = typed.get("other", "").strip().upper(), typed.get("how", MERGE)
    if how not in HOWS:
        raise HTTPException(422, f"how: choose one of {', '.join(HOWS)}")
    happens: list[str] = []
    other_customer, problem = False, refused
    if other:
        try:
            line_for(house, Caller(session), other, operation=Operation.DECIDE)
            happens, other_customer = _happens(house, pages, reference, other, how=how, person=session.user.name)
        except CaseError as trouble:
            problem = refused or trouble
    say = pages.desk_say()
    told = say("together.problem.customer") if isinstance(problem, OtherCustomer) else str(problem or "")
    return pages.page(
        "desk/together.html",
        status=409 if refused else 200,
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        other=other,
        how=how,
        hows=HOWS,
        happens=happens,
        other_customer=other_customer,
        reason=typed.get("reason", ""),
        problem=told,
    )


def _happens(
    house: House, pages: Pages, reference: str, other: str, *, how: str, person: str
) -> tuple[list[str], bool]:
    say = pages.desk_say()
    if how != MERGE:
        return [say(f"together.happens.{how}", one=reference, other=other), say("together.happens.linked")], False
    what = joining.merging(house, reference, other, person=person)
    told = [
        say("together.happens.merge", one=reference, other=other, n=len(what.case.messages)),
        say("together.happens.requests", one=reference, n=len(what.case.open_requests)),
        say("together.happens.no_letter"),
        say("together.happens.link_other" if what.other_customer else "together.happens.link", one=reference),
        say("together.happens.back"),
    ]
    if what.doubled:
        told.insert(1, say("together.happens.doubled", n=what.doubled))
    if what.sooner is not None:
        zone = zone_of(house, what.main.journey)
        sooner = shown_moment(what.sooner, zone=zone, language=pages.desk_language)
        told.insert(2, say("together.happens.sooner", at=sooner, other=other))
    return told, what.other_customer


def _split_page(
    request: Request, house: House, session: Session, line: CaseLine, *, messages: Sequence[str], files: Sequence[str],
    refused: CaseError | None = None,
) -> HTMLResponse:  # fmt: skip
    pages = pages_of(request)
    say, zone = pages.desk_say(), zone_of(house, line.journey)
    with house.database.reading() as store:
        case = store.case(line.id)
    problem, happens = refused, list[str]()
    if (messages or files) and refused is None:
        try:
            copies = joining.splitting(case, messages, files, person=session.user.name)
            n = sum(len(one.files) for one in copies)
            happens = [
                say("split.happens.new", n=len(messages), files=n),
                say("split.happens.rest", one=line.reference),
            ]
            happens += [say("split.happens.back"), say("split.happens.erased")]
        except CaseError as trouble:
            problem = trouble
    return pages.page(
        "desk/split.html",
        status=409 if refused else 200,
        desk=desk_of(house, session),
        section="queue",
        reference=line.reference,
        offered=_parts(case, messages, files, lambda at: shown_moment(at, zone=zone, language=pages.desk_language)),
        happens=happens,
        messages=" ".join(messages),
        files=" ".join(files),
        problem=str(problem or ""),
    )


def _parts(case: Case, messages: Sequence[str], files: Sequence[str], shown: Callable[..., str]) -> tuple[Part, ...]:
    return tuple(
        Part(
            one.message_id,
            shown(one.received_at),
            one.text[:200] or one.subject,
            one.message_id in messages,
            tuple((file.id, file.name, file.id in files) for file in one.files),
        )
        for one in case.messages
    )
