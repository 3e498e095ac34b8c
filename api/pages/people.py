"""People of the organisation: who they are, what they may and can do, and whether they come in."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, TypedDict

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Fields, HouseHere, SessionHere, demand
from api.pages.desk import desk_of
from api.pages.people_form import Typed, Unfit, problem_of
from api.pages.people_view import address_of, line_boxes, people_shown, person_shown, role_boxes
from api.pages.spoken import Spoken
from api.pages.templating import pages_of
from api.password_links import HOURS, add_with_link, link_for
from api.security import Operation, may
from api.signing_in import Session
from cases.errors import CaseError, NotAllowed, NotFound
from cases.people import User
from cases.store.people import NameTaken
from cases.vocabulary import Actor
from pipelines import staff
from pipelines.admitting import account_name
from pipelines.house import House

router = APIRouter(include_in_schema=False)
LONGEST_NAME = 200


class By(TypedDict):
    """Who changes somebody, and in whose name that stands in the log."""

    by: str
    actor: Actor


@router.get("/people")
def show_people(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Everybody with an account; an administrator adds one here."""
    demand(session.user, Operation.READ_SETTINGS)
    return _list(request, house, session)


@router.get("/people/one")
def show_person(
    request: Request, house: HouseHere, session: SessionHere, name: Annotated[str, Query(max_length=LONGEST_NAME)]
) -> HTMLResponse:
    demand(session.user, Operation.READ_SETTINGS)
    return _one(request, house, session, _found(house, name))


@router.post("/people")
def add(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Answers with the link by which they set a password; it is shown this once."""
    demand(session.user, Operation.ADMINISTER)
    typed = Typed.read(fields)
    try:
        name = _new_name(typed)
        path = add_with_link(house, name, typed.change(), hours=_hours(fields), by=session.user.name)
    except (Unfit, NameTaken, NotAllowed) as refused:
        return _list(request, house, session, typed=typed, refused=refused)
    return _one(request, house, session, _found(house, name), link=path, hours=_hours(fields))


@router.post("/people/change")
def change(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """What is ticked and written replaces what was there; changed rights end their sessions."""
    user, typed = _chosen(house, session, fields), Typed.read(fields)
    try:
        staff.change_person(house, user.name, typed.change(user), **_by(session))
    except (Unfit, NotAllowed) as refused:
        return _one(request, house, session, user, typed=typed, refused=refused)
    return _back(user)


@router.post("/people/away")
def away(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Until the day they are back; without one: they are back."""
    user = _chosen(house, session, fields)
    try:
        until = _day(house, fields.get("until", ""))
        if until is None:
            staff.take_back(house, user.name, **_by(session))
        else:
            staff.send_away(house, user.name, until, fields.get("deputy") or None, **_by(session))
    except (Unfit, NotAllowed) as refused:
        return _one(request, house, session, user, refused=refused)
    return _back(user)


@router.post("/people/link")
def link(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """A link by which they set a new password, shown this once; those made before open nothing any more."""
    user = _chosen(house, session, fields)
    path = link_for(house, user.name, hours=_hours(fields), by=session.user.name)
    return _one(request, house, session, user, link=path, hours=_hours(fields))


@router.post("/people/sessions")
def end_sessions(house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """All of theirs, save the one that asks."""
    user = _chosen(house, session, fields)
    staff.end_sessions(house, user.name, but=session.secret, **_by(session))
    return _back(user)


@router.post("/people/bar")
def bar(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    user = _chosen(house, session, fields)
    try:
        staff.bar(house, user.name, **_by(session))
    except NotAllowed as refused:
        return _one(request, house, session, user, refused=refused)
    return _back(user)


@router.post("/people/let-in")
def let_in(house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Somebody who was barred."""
    user = _chosen(house, session, fields)
    if user.disabled_at is not None:
        staff.let_in(house, user.name, **_by(session))
    return _back(user)


def _new_name(typed: Typed) -> str:
    name = account_name(typed.name)
    if name is None:
        raise Unfit("name")
    return name


def _chosen(house: House, session: Session, fields: Mapping[str, str]) -> User:
    demand(session.user, Operation.ADMINISTER)
    return _found(house, fields.get("name", ""))


def _found(house: House, name: str) -> User:
    with house.database.reading() as store:
        user = store.people.user(name)
    if user is None:
        raise NotFound("user", name)
    return user


def _by(session: Session) -> By:
    return {"by": session.user.name, "actor": Actor("person", session.user.name)}


def _back(user: User) -> Response:
    return RedirectResponse(address_of(user.name), 303)


def _hours(fields: Mapping[str, str]) -> int:
    """For which a link holds: one of those that the form offers."""
    return next((hours for hours in HOURS if str(hours) == fields.get("hours")), HOURS[1])


def _day(house: House, typed: str) -> datetime | None:
    """Its beginning; None for nothing typed. Raises Unfit."""
    try:
        return datetime.combine(date.fromisoformat(typed), time(), house.zone) if typed else None
    except ValueError as error:
        raise Unfit("day") from error


def _spoken(request: Request, house: House) -> Spoken:
    pages = pages_of(request)
    return Spoken(pages.desk_say(), pages.desk_language, house.zone)


def _told(spoken: Spoken, refused: CaseError | None) -> str:
    if refused is None:
        return ""
    key, detail = problem_of(refused)
    return spoken.say(key, detail=detail)


def _list(
    request: Request, house: House, session: Session, *, typed: Typed | None = None, refused: CaseError | None = None
) -> HTMLResponse:
    spoken, shown = _spoken(request, house), typed or Typed()
    return pages_of(request).page(
        "desk/people.html",
        status=409 if refused else 200,
        desk=desk_of(house, session),
        section="people",
        problem=_told(spoken, refused),
        people=people_shown(house, spoken),
        may_change=may(session.user, Operation.ADMINISTER),
        typed=shown,
        roles=role_boxes(spoken),
        lines=line_boxes(house, spoken, shown.lines),
        skills=staff.known_skills(house),
        hours=HOURS,
    )


def _one(
    request: Request,
    house: House,
    session: Session,
    user: User,
    *,
    typed: Typed | None = None,
    refused: CaseError | None = None,
    link: str = "",
    hours: int = 0,
) -> HTMLResponse:
    """link: to be shown once."""
    spoken, shown = _spoken(request, house), typed or Typed.of(user)
    with house.database.reading() as store:
        users, sessions, seen = (
            store.people.users(), store.people.sessions(now=house.now()), store.people.signed_in_at(),
        )  # fmt: skip
    return pages_of(request).page(
        "desk/person.html",
        status=409 if refused else 200,
        desk=desk_of(house, session),
        section="people",
        problem=_told(spoken, refused),
        person=person_shown(user, now=house.now(), sessions=sessions, seen=seen, spoken=spoken),
        user=user,
        until=user.away_until.astimezone(house.zone).date() if user.away_until else "",
        deputies=[one.name for one in users if one.name != user.name and not one.is_away(house.now())],
        may_change=may(session.user, Operation.ADMINISTER),
        myself=user.name == session.user.name,
        typed=shown,
        roles=role_boxes(spoken),
        lines=line_boxes(house, spoken, shown.lines),
        skills=staff.known_skills(house),
        hours=HOURS,
        link=f"{house.settings.public_url.rstrip('/')}{link}" if link else "",
        link_hours=hours,
    )
