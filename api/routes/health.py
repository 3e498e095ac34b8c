"""Whether the server lives, and whether it can take messages in."""

import ipaddress
from typing import Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.deps import get_caller
from api.errors import problem
from api.signing_in import Scope
from pipelines.house import House
from pipelines.watching.probes import State
from pipelines.watching.readiness import Readiness, Report

router = APIRouter(tags=["health"])
SCOPE = Scope.WATCH
COME_BACK_SECONDS = 5
_LOOKERS = 4
_BY_PROXY = ("x-forwarded-for", "x-real-ip", "forwarded")


class Watching:
    """What answers those who watch. Threads of its own: when a database hangs, those of other routes are all taken."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.readiness = Readiness(house)
        self.threads = anyio.CapacityLimiter(_LOOKERS)


def watching_of(request: Request) -> Watching:
    watching: Watching = request.app.state.watching
    return watching


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Messages are taken in; some parts may be degraded"},
    503: {"description": "Messages cannot be taken in now"},
}


@router.get("/readyz", responses=_ANSWERS)
async def readyz(request: Request) -> Response:
    """Strangers read ready or not; a token of scope metrics:read, or a caller on this machine, each part."""
    watching = watching_of(request)
    report = await anyio.to_thread.run_sync(watching.readiness.look, limiter=watching.threads)
    knows = await anyio.to_thread.run_sync(may_watch, request, watching.house, limiter=watching.threads)
    if report.state is State.NOT_READY:
        headers = {"Retry-After": str(COME_BACK_SECONDS), "Cache-Control": "no-store"}
        return problem(503, "not ready; nothing is taken in now, try again in a moment", headers=headers,
                       **(plain(report) if knows else {}))  # fmt: skip
    return JSONResponse({"status": State.READY} | (plain(report) if knows else {}))


def plain(report: Report) -> dict[str, Any]:
    """As JSON: the state, and of each part its state, what was found and the mend."""
    parts = {
        found.part: {"state": found.state, "says": found.says} | ({"mend": found.mend} if found.mend else {})
        for found in report.parts
    }
    return {"state": report.state, "parts": parts}


def may_watch(request: Request, house: House) -> bool:
    """Whether this caller may read the state of the parts; False also when the token cannot be looked up."""
    if from_this_machine(request, house):
        return True
    if "authorization" not in request.headers:
        return False
    try:
        caller = get_caller(request, house)
    except Exception:  # noqa: BLE001  # unknown token, or the database is away: then nobody is known
        return False
    return caller.token is not None and SCOPE in caller.token.scopes


def from_this_machine(request: Request, house: House) -> bool:
    """By the socket's peer alone. A header can only take the leave away: with one, a proxy brought somebody else."""
    if not house.settings.watch_from_loopback or request.client is None:
        return False
    if any(name in request.headers for name in _BY_PROXY):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
