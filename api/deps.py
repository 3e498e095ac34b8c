"""What routes ask for, by name: the house, who calls, and a form that was checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from api.gate import Gate
from api.security import Operation, form_token_fits, from_own_page, may, sees_line
from api.signing_in import ONCE_SCOPE, Scope, Session, cookie_of, read_cookie
from cases.errors import NotFound
from cases.store.people import PASSWORD_SCOPE, Token, User
from cases.store.queue import CaseLine
from pipelines.house import House

SESSION_COOKIE = "session"
MAX_FORM_FIELDS = 40


class NotSignedIn(Exception):
    """Nobody is signed in here; pages send to the door, calls answer 401."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a person with a session, or a program with a token. Never both."""

    session: Session | None = None
    token: Token | None = None

    @property
    def name(self) -> str:
        return self.session.user.name if self.session else f"token:{self.token.name}" if self.token else ""


def get_house(request: Request) -> House:
    house: House = request.app.state.house
    house.journeys.look(house.now())
    return house


HouseHere = Annotated[House, Depends(get_house)]


def get_gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


GateHere = Annotated[Gate, Depends(get_gate)]


def get_caller(request: Request, house: HouseHere) -> Caller:
    """Who calls, a stranger included; a token that does not fit is an error, not a stranger."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    now = house.now()
    if scheme.lower() == "bearer":
        with house.database.reading() as store:
            token = store.people.token(secret.strip(), now=now)
        if token is None or {ONCE_SCOPE, PASSWORD_SCOPE} & set(token.scopes):
            raise NotSignedIn
        return Caller(token=token)
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        return Caller()
    with house.database.reading() as store:
        session = read_cookie(store, cookie, key=house.keys.session, now=now)
    if session is not None and not session.fresh:
        request.state.session_cookie = cookie_of(session.secret, key=house.keys.session, now=now)
    return Caller(session=session)


CallerHere = Annotated[Caller, Depends(get_caller)]


def get_session(caller: CallerHere) -> Session:
    if caller.session is None:
        raise NotSignedIn
    return caller.session


SessionHere = Annotated[Session, Depends(get_session)]


def get_person(request: Request, session: SessionHere, house: HouseHere) -> User:
    """The signed-in person; a call that writes must come from our own pages or from no browser at all."""
    if request.method not in ("GET", "HEAD") and not from_own_page(
        request.headers, public_url=house.settings.public_url
    ):
        raise HTTPException(403, "this call came from another site; call it from the pages themselves")
    return session.user


PersonHere = Annotated[User, Depends(get_person)]


async def get_fields(request: Request, house: HouseHere, session: SessionHere) -> Mapping[str, str]:
    """The fields of one of our own forms: sent from our page, with this session's form token."""
    fields = await read_fields(request, house)
    if not form_token_fits(fields.get("csrf", ""), session.secret, house.keys.session):
        raise HTTPException(403, "the form token is missing or old; open the page again and send its form")
    return fields


Fields = Annotated[Mapping[str, str], Depends(get_fields)]


async def read_fields(request: Request, house: House, *, most: int = MAX_FORM_FIELDS) -> Mapping[str, str]:
    """Text fields of a form from our own page; 403 when it comes from elsewhere."""
    if not from_own_page(request.headers, public_url=house.settings.public_url):
        raise HTTPException(403, "this form came from another site; open the page itself and send its form")
    form = await request.form(max_files=0, max_fields=most)
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


def demand(user: User, operation: Operation) -> None:
    if not may(user, operation):
        raise HTTPException(403, f"your role does not allow this ({operation})")


def line_for(house: House, caller: Caller, reference: str, *, operation: Operation = Operation.READ_CASES) -> CaseLine:
    """The case for somebody who may do this to it. Foreign or unknown: NotFound; the wrong role: 403."""
    if caller.session is None and caller.token is None:
        raise NotSignedIn
    with house.database.reading(caller.session.user.lines_seen if caller.session else None) as store:
        line = store.queue.line(reference)
    if caller.token is not None:
        if operation is not Operation.READ_CASES or Scope.READ not in caller.token.scopes:
            raise HTTPException(403, "this token has no scope for that; cases:read reads, deciding needs a person")
    elif caller.session is not None:
        demand(caller.session.user, operation)
        if line is not None and not sees_line(caller.session.user, line.line_of_business):
            line = None
    if line is None or line.erased:
        raise NotFound("case", reference)
    return line


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
