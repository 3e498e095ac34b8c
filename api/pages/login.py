"""Signing in and out of the desk."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import SESSION_COOKIE, Fields, HouseHere, SessionHere, client_address, get_caller, read_fields
from api.pages.templating import pages_of
from api.security import Operation, form_token, form_token_fits, may
from api.signing_in import LONGEST, TooManyTries, close_session, cookie_of, sign_in, use_login
from cases.people import User
from pipelines.house import House

router = APIRouter(include_in_schema=False)
QUEUE = "/queue"
OUTSIDE_COOKIE = "outside"  # of who came in by the organisation's provider: what it wants to see when they leave
DOOR_COOKIE = "door"  # holds the form token's secret while nobody is signed in


@router.get("/")
def start(request: Request, house: HouseHere) -> Response:
    session = get_caller(request, house).session
    return RedirectResponse(first_page(session.user) if session else "/login", 303)


@router.get("/login")
def show_login(
    request: Request, house: HouseHere, wanted: Annotated[str, Query(alias="next", max_length=400)] = "/queue"
) -> Response:
    return show_form(request, house, wanted=own_path(wanted))


@router.post("/login")
async def log_in(request: Request, house: HouseHere) -> Response:
    """One answer for an unknown name and a wrong password; the wait grows with the tries."""
    pages = pages_of(request)
    fields = await read_fields(request, house)
    wanted, name = own_path(fields.get("next", "")), fields.get("name", "")[:200]
    secret = request.cookies.get(DOOR_COOKIE, "")
    if not secret or not form_token_fits(fields.get("csrf", ""), secret, house.keys.session):
        return show_form(
            request, house, wanted=wanted, name=name, problem=pages.desk_say()("login.form_old"), status=403
        )
    try:
        opened = await run_in_threadpool(
            sign_in,
            house,
            name,
            fields.get("password", ""),
            address=client_address(request),
            instead_of=request.cookies.get(SESSION_COOKIE, ""),
        )
    except TooManyTries as error:  # caught here because the page tells how long to wait
        problem = pages.desk_say()("login.throttled", seconds=error.seconds)
        response = show_form(request, house, wanted=wanted, name=name, problem=problem, status=429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    if opened is None:
        problem = pages.desk_say()("login.failed")
        return show_form(request, house, wanted=wanted, name=name, problem=problem, status=401)
    return _signed_in(house, opened, wanted)


@router.get("/login/once/{secret}")
def log_in_once(request: Request, secret: str, house: HouseHere) -> Response:
    """A link that signs in once, within half an hour of being made."""
    opened = use_login(house, secret, instead_of=request.cookies.get(SESSION_COOKIE, ""))
    if opened is None:
        pages = pages_of(request)
        return show_form(request, house, wanted="/queue", problem=pages.desk_say()("login.link_used"), status=401)
    return _signed_in(house, opened, "/queue")


@router.post("/logout")
async def log_out(
    request: Request,
    house: HouseHere,
    session: SessionHere,
    fields: Fields,  # noqa: ARG001  # checks the form
) -> Response:
    """Here, and then at the provider if they came in by it."""
    await run_in_threadpool(close_session, house, session)
    hint, url = request.cookies.get(OUTSIDE_COOKIE), None
    if hint and request.app.state.door is not None:
        url = await request.app.state.door.end_session_url(hint)
    # Not by a redirect: pages of ours may send forms to nowhere else, and browsers mean redirects by that too.
    response = pages_of(request).page("desk/login_left.html", url=url) if url else RedirectResponse("/login", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    response.delete_cookie(OUTSIDE_COOKIE, path="/logout")
    return response


def first_page(user: User) -> str:
    """Who reads no cases does not begin with those that wait."""
    return QUEUE if may(user, Operation.READ_CASES) else "/people"


def own_path(wanted: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    ours = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted and wanted.isprintable()
    )
    return wanted if ours else "/queue"


def show_form(
    request: Request, house: House, *, wanted: str, name: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    pages = pages_of(request)
    secret = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(16)
    response = pages.page(
        "desk/login.html",
        status=status,
        csrf=form_token(secret, house.keys.session),
        next=wanted,
        name=name,
        problem=problem,
        outside=request.app.state.door is not None,
    )
    response.set_cookie(DOOR_COOKIE, secret, path="/login", httponly=True, samesite="strict", secure=secure(house))
    return response


def _signed_in(house: House, secret: str, wanted: str) -> Response:
    with house.database.reading() as store:
        user = store.people.session(secret, now=house.now())
    response = RedirectResponse(first_page(user) if user and wanted == QUEUE else wanted, 303)
    keep_session(house, response, secret)
    if house.settings.oidc_issuer is not None:
        response.delete_cookie(OUTSIDE_COOKIE, path="/logout")  # this session did not come from the provider
    return response


def keep_session(house: House, response: Response, secret: str) -> None:
    """The browser keeps it until it is closed there, or twelve hours are over."""
    cookie = cookie_of(secret, key=house.keys.session, now=house.now())
    age = int(LONGEST.total_seconds())
    response.set_cookie(
        SESSION_COOKIE, cookie, max_age=age, path="/", httponly=True, samesite="strict", secure=secure(house)
    )


def secure(house: House) -> bool:
    return house.settings.public_url.startswith("https:")
