"""The web: every way in over HTTP, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Protocol

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

from api.armour import Armour
from api.errors import add_error_handlers
from api.gate import Gate
from api.guessing import hold_off_guessers
from api.live import Live
from api.openapi import describe
from api.pages import (
    case,
    case_approval,
    case_assistant,
    case_call,
    case_chat,
    case_correcting,
    case_joining,
    case_live,
    case_mail,
    case_paper,
    case_photos,
    case_said,
    case_sending,
    insights,
    insights_survey,
    journeys,
    keys,
    login,
    models,
    new_password,
    oversight,
    people,
    queue,
    queue_acts,
    queue_live,
    queue_peek,
    report,
    rules,
    rules_history,
    rules_publishing,
    rules_shadow,
    shut_off,
    tracking,
    tracking_calendar,
    tracking_call,
    tracking_chat,
    tracking_choices,
    tracking_live,
    tracking_proof,
    tracking_representative,
    tracking_signing,
    tracking_survey,
)
from api.pages.templating import STATIC, open_pages
from api.routes import cases, channels, health, joining, live, messages, metrics, papers, uploads, work
from api.routes import tracking as tracking_calls
from pipelines.house import House


class Runner(Protocol):
    """Work that goes on in this process while it serves."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class KeptFiles(StaticFiles):
    """Our own files. With their digest in the address they may be kept for ever, else for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope.get("query_string", b"").startswith(b"v=")
        age = "max-age=31536000, immutable" if versioned else "max-age=3600"
        response.headers["Cache-Control"] = f"public, {age}"
        return response


def create_app(house: House, *, runner: Runner | None = None) -> FastAPI:
    """The application over this house. Only the runner that is passed in is started, and stopped at the end.

    Serve it with uvicorn's access log switched off: that one prints whole addresses, tokens included.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if runner is not None:
            await run_in_threadpool(runner.start)
        yield
        if runner is not None:
            await run_in_threadpool(runner.stop)

    app = FastAPI(
        title="Casewright", version=version("casewright"), lifespan=lifespan, docs_url=None, redoc_url=None,
        dependencies=[Depends(hold_off_guessers)],
    )  # fmt: skip
    app.state.house = house
    app.state.gate = Gate(house)
    app.state.live = Live(house)
    app.state.pages = open_pages(house.settings.desk_language)
    app.state.door = None  # to the organisation's own provider
    app.state.watching = health.Watching(house)
    app.state.requests = metrics.Requests(house, app.state.watching.readiness)
    pages = (
        login,
        queue,
        queue_live,
        queue_peek,
        queue_acts,
        keys,
        tracking_live,  # before the addresses that hold a token
        tracking_proof,
        tracking_calendar,
        tracking_call,
        tracking_chat,
        tracking_choices,
        tracking_survey,
        tracking_representative,
        tracking_signing,
        tracking,
        report,
        case,
        case_approval,
        case_assistant,
        case_call,
        case_chat,
        case_correcting,
        case_joining,
        case_live,
        case_mail,
        case_paper,
        case_photos,
        case_said,
        case_sending,
        journeys,
        rules,
        rules_history,
        rules_publishing,
        rules_shadow,
        models,
        insights_survey,
        insights,
        shut_off,
        oversight,
        people,
        new_password,
    )
    calls = (health, metrics, messages, channels, uploads, live, cases, joining, work, papers, tracking_calls)
    for part in (*calls, *pages):
        app.include_router(part.router)
    if house.settings.oidc_issuer is not None:
        add_provider(app, house)
    app.mount("/static", KeptFiles(directory=STATIC))
    add_error_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    secure = house.settings.public_url.startswith("https:")
    app.add_middleware(Armour, secure=secure, answered=app.state.requests.answered, traces=house.traces)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def add_provider(app: FastAPI, house: House) -> None:
    """The way in by the organisation's provider. Raises ProviderUnset for settings that cannot be used."""
    from api.oidc.door import open_door  # noqa: PLC0415  # what reads tokens is loaded only where it is used
    from api.pages import login_outside  # noqa: PLC0415

    app.state.door = open_door(house.settings)
    app.include_router(login_outside.router)
