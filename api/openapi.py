"""What /openapi.json says of errors, of who may call, and of bodies that are read as raw bytes."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict

Responses = dict[int | str, dict[str, Any]]


class Problem(BaseModel):
    """RFC 9457. `field` names the input that is wrong; `seen` and `now` are both versions of a case that moved."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    seen: int | None = None
    now: int | None = None


_WHAT = {
    400: "Not readable, for example a body that was cut off; `detail` tells the mend",
    401: "Sign in at /login, or send a token",
    403: "Your role or your token does not allow this",
    404: "There is none, or it is not yours to see",
    405: "This address knows other methods; Allow names them",
    406: "This address answers in another form; `detail` names it",
    408: "The body broke off or stopped coming; what came is kept",
    409: "It moved meanwhile, is not allowed where it stands, or the Idempotency-Key came before with another body",
    412: "Another version of the protocol; Tus-Version names this one",
    413: "The body is too large",
    415: "Not a type that is read here; `detail` names those that are",
    422: "A field is missing or wrong; `field` names it",
    429: "Too many; Retry-After says when to come back",
    503: "A part is away; nothing was stored, Retry-After says when to come back",
}


def problems(*statuses: int) -> Responses:
    """These answers, as problem+json."""
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _WHAT[status], "content": shape} for status in statuses}


_TEXT: dict[str, Any] = {"type": "string"}
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["sender"],
                    "properties": {
                        "channel": _TEXT,
                        "journey": _TEXT,
                        "sender": {"type": "string", "description": "Mail address or telephone number"},
                        "name": _TEXT,
                        "subject": _TEXT,
                        "text": {"type": "string", "description": "Required without photos"},
                        "language": {"type": "string", "pattern": "^[a-z]{2}$"},
                        "photos": _FILES,
                        "uploads": {"type": "string", "description": "Ids of /api/uploads, apart by spaces"},
                    },
                }
            }
        },
    }
}
MAIL: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "message/rfc822": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "casewright users token NAME --scope S"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "Of a person, from /login"},
}
_EITHER: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_OPEN_TO_ALL = ("/healthz", "/readyz", "/api/tracking/{token}", "/api/uploads/{upload_id}", "/api/channels/sms")


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document, made once: with the shape of problems, and who may call what."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        parts["securitySchemes"] = _SECURITY
        for path, operations in document["paths"].items():
            for operation in operations.values():
                if path == "/api/messages":
                    operation["security"] = [*_EITHER, {}]
                elif path not in _OPEN_TO_ALL:
                    operation["security"] = _EITHER
        app.openapi_schema = document
    return app.openapi_schema
