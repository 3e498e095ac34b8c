"""Signing in and out at the organisation's own provider. These routes are there only where one is set."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, client_address, get_caller
from api.oidc.door import NO_HINT, Arrival, Door, come_in, departure
from api.oidc.leaving import COOKIE, LONGEST, leave
from api.pages.login import OUTSIDE_COOKIE, keep_session, own_path, secure, show_form
from api.pages.templating import pages_of
from api.signing_in import LONGEST as LONGEST_SESSION
from api.signing_in import close_session
from pipelines.admitting import NotAdmitted, Why
from pipelines.house import House

router = APIRouter(include_in_schema=False)
PATH = "/login/oidc"
LONGEST_HINT = 3500  # bytes of an ID token: browsers keep cookies of 4096
STATUS = {Why.AWAY: 503, Why.STALE: 400}


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


@router.get(PATH)
async def go(
    request: Request, house: HouseHere, wanted: Annotated[str, Query(alias="next", max_length=400)] = "/queue"
) -> Response:
    """To the provider. A session that this browser has ends here: the one to come is another."""
    door, left = door_of(request), leave(own_path(wanted), house.now())
    try:
        url = await to_thread.run_sync(partial(departure, house, door, left), limiter=door.waiting)
    except NotAdmitted as error:
        return _refused(request, house, error, wanted=own_path(wanted))
    before = await run_in_threadpool(get_caller, request, house)
    if before.session is not None:
        await run_in_threadpool(close_session, house, before.session)
    response = RedirectResponse(url, 303)
    response.set_cookie(
        COOKIE,
        left.cookie(house.keys.session),
        max_age=int(LONGEST.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",  # a strict one would not come back: it is the provider's page that sends them here
        secure=secure(house),
    )
    return response


@router.get(f"{PATH}/back")
async def come_back(request: Request, house: HouseHere) -> Response:
    """From the provider, with a code."""
    door = door_of(request)
    told, cookie = dict(request.query_params), request.cookies.get(COOKIE, "")
    try:
        arrived = await to_thread.run_sync(
            partial(come_in, house, door, told, cookie=cookie, address=client_address(request)), limiter=door.waiting
        )
    except NotAdmitted as error:
        response = _refused(request, house, error, wanted="/queue")
    else:
        response = _arrived(request, house, arrived)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _arrived(request: Request, house: House, arrived: Arrival) -> Response:
    """A page that leads on by itself: a redirect would still count as the provider's, and strict cookies stay away."""
    response = pages_of(request).page("desk/login_arrived.html", wanted=own_path(arrived.wanted))
    keep_session(house, response, arrived.secret)
    hint = arrived.id_token if len(arrived.id_token) <= LONGEST_HINT else NO_HINT
    age = int(LONGEST_SESSION.total_seconds())
    response.set_cookie(
        OUTSIDE_COOKIE, hint, max_age=age, path="/logout", httponly=True, samesite="strict", secure=secure(house)
    )
    return response


def _refused(request: Request, house: House, error: NotAdmitted, *, wanted: str) -> Response:
    """The page where one signs in, with what went wrong: a local account still comes in there."""
    problem = pages_of(request).desk_say()(f"login.outside.{error.why}")
    return show_form(request, house, wanted=wanted, problem=problem, status=STATUS.get(error.why, 401))
