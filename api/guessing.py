"""Who tries links that we never gave out: counted by address and by link, before any page is looked up.

One dependency of the whole application, so that a new page under /t cannot be forgotten.
"""

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.deps import client_address, get_gate
from pipelines.house import House
from pipelines.links import link_named, read_token

CUSTOMERS = ("/t", "/t/", "/api/tracking/")  # addresses that a link opens, by their beginnings
COOKIE = "case"


def link_given(request: Request) -> str:
    """The token in the address, else that of the cookie; blank without either."""
    token: str = request.path_params.get("token") or request.cookies.get(COOKIE, "")
    return token


def is_customers(path: str) -> bool:
    return path == CUSTOMERS[0] or path.startswith(CUSTOMERS[1:])


async def hold_off_guessers(request: Request) -> None:
    """Raises ComeBackLater for a wrong link, in the address or the cookie, once there were too many in a minute."""
    if is_customers(request.url.path):
        await count_guess(request, link_given(request))


async def count_guess(request: Request, token: str) -> None:
    """A genuine link is never counted, and let in from an address that is held off: a household, an office or a mobile
    network shares one. Who guesses gains nothing by that: what makes a link genuine is 256 bits long.
    """
    house: House = request.app.state.house
    if token and read_token(token, house.keys.link) is None:
        await run_in_threadpool(get_gate(request).wrong_link, client_address(request), link_named(token))
