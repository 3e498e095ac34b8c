"""Errors as people and programs read them: problem+json for calls, a plain page for people. Never a stack trace."""

from typing import Any, cast
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.deps import NotSignedIn
from api.gate import ComeBackLater
from api.live import TooManyPages
from api.pages.templating import pages_of
from api.signing_in import TooManyTries
from cases.errors import CaseError, KeyReused, NotAllowed, NotFound, StaleVersion, StreamMoved
from cases.granting import AboveAuthority
from cases.store.queue import BadCursor
from pipelines.channels.parsed import MessageTooLarge, Refused
from pipelines.counters import BLOB_ERRORS, DATABASE_ERRORS
from pipelines.paper.errors import PaperNotMade, SealUnusable
from pipelines.uploads import TooManyUploads, UploadDiffers, UploadMoved
from pipelines.watching.away import MAY_BE_AWAY, Part, part_away
from pipelines.watching.logs import error_fields

log = structlog.get_logger()
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timeout",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid input",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
}
AWAY_SECONDS = 5  # after which it is worth trying again
_AWAY = {Part.DATABASE: "the database cannot store anything now", Part.BLOBS: "files cannot be stored or read now"}
_CALLS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """RFC 9457. `more` may hold the field that is wrong, or both versions of a case."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def answer(request: Request, status: int, detail: str, **more: Any) -> Response:
    """The problem, in the form its reader understands."""
    headers = more.pop("headers", None)
    if request.url.path.startswith(_CALLS):
        return problem(status, detail, headers=headers, **more)
    pages = pages_of(request)
    return pages.error(request, status, headers=headers)


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(CaseError, _case_error)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    for kind in MAY_BE_AWAY:
        app.add_exception_handler(kind, _away)


def _case_error(request: Request, error: Exception) -> Response:  # noqa: PLR0911  # one for each kind of error
    detail = str(error)
    match error:
        case NotFound():
            return answer(request, 404, detail)
        case StaleVersion():
            return answer(request, 409, detail, seen=error.seen, now=error.now)
        case KeyReused():
            return answer(request, 409, detail, field="Idempotency-Key")
        case NotAllowed():
            return answer(request, 409, detail, **_authority(error))
        case StreamMoved():
            return answer(request, 409, "somebody else changed it at the same moment; read it again and repeat")
        case BadCursor():
            return answer(request, 400, detail, field="cursor")
        case UploadMoved() | UploadDiffers():
            return answer(request, 409, detail, headers={"Upload-Offset": str(error.received)})
        case TooManyTries() | TooManyPages() | ComeBackLater() | PaperNotMade() | SealUnusable() | TooManyUploads():
            return answer(request, error.status, detail, headers={"Retry-After": str(error.seconds)})
        case _:
            return answer(request, 400, detail)


def _authority(error: NotAllowed) -> dict[str, Any]:
    """What is missing, and who has it, where somebody may not grant as much."""
    if not isinstance(error, AboveAuthority):
        return {}
    return {"amount": f"{error.amount:f}", "limit": f"{error.limit:f}", "may": list(error.others)}


def _refused(request: Request, error: Exception) -> Response:
    refused = cast("Refused", error)
    status = 413 if isinstance(refused, MessageTooLarge) else 400
    return answer(request, status, f"{refused.field}: {refused.detail}", field=refused.field)


def _not_signed_in(request: Request, error: Exception) -> Response:  # noqa: ARG001  # as Starlette calls it
    if request.url.path.startswith(_CALLS):
        headers = {"WWW-Authenticate": 'Bearer realm="casewright"'}
        return problem(401, "sign in at /login, or send Authorization: Bearer with a token", headers=headers)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = wanted if request.method == "GET" else "/queue"
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def _away(request: Request, error: Exception) -> Response:
    """A part is away, full or read-only. Nothing was acknowledged, and it goes on by itself when the part is back."""
    part = part_away(error)
    if part is None:
        raise error
    counters = request.app.state.house.counters
    counters.add(BLOB_ERRORS if part is Part.BLOBS else DATABASE_ERRORS)
    log.error("http.away", route=route_of(request.scope), part=part, **error_fields(error))
    detail = f"{_AWAY[part]}; send it again in a few seconds, with the same Idempotency-Key if it had one"
    return answer(request, 503, detail, headers={"Retry-After": str(AWAY_SECONDS)})


def _invalid(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()[0]
    where = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
    field = ".".join(where) or str(found["loc"][0])
    return answer(request, 422, f"{field}: {found['msg']}; correct it and send it again", field=field)


def _http_error(request: Request, error: Exception) -> Response:
    found = cast("HTTPException", error)
    headers = dict(found.headers) if found.headers else None
    detail = found.detail if found.detail != TITLES.get(found.status_code) else "there is nothing here"
    return answer(request, found.status_code, detail, headers=headers)


def unexpected(request: Request, error: Exception) -> Response:
    """A failure of ours. The log says where, and none of the values that were at hand there."""
    log.error("http.failed", route=route_of(request.scope), **error_fields(error))
    return answer(request, 500, "something went wrong on our side; it was noted, try again in a moment")


def route_of(scope: Any) -> str:
    """The route's template: what may be logged, without tokens, references or questions."""
    route = scope.get("route")
    return getattr(route, "path", None) or "-"
