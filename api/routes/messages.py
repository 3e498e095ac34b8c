"""Messages coming in over HTTP. Bodies are handed on as raw bytes: nothing here reads a form."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.deps import Caller, CallerHere, GateHere, HouseHere, client_address
from api.openapi import FORM, MAIL, Responses, problems
from api.security import from_own_page
from api.signing_in import Scope
from pipelines.house import House
from pipelines.intake import Accepted, Incoming
from pipelines.uploads import take_in, with_uploads

router = APIRouter(prefix="/api", tags=["messages"])
WRITE = Scope.SEND
MAIL_TYPES = ("message/rfc822", "application/octet-stream")
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class FileAnswer(BaseModel):
    name: str
    sha256: str
    status: str


class MessageAnswer(BaseModel):
    """tracking_url is there only for the request that opened the case."""

    message_id: str
    reference: str | None
    tracking_url: str | None
    status: str
    files: list[FileAnswer]


_ANSWERS: Responses = {
    202: {"model": MessageAnswer, "description": "Durable; the case is opened or the message is recorded"},
    **problems(400, 401, 403, 405, 409, 413, 415, 422, 429, 503),
}


def get_program(caller: CallerHere, gate: GateHere) -> Caller:
    """A program that may write, within its share."""
    if caller.token is None:
        raise HTTPException(401, f"send Authorization: Bearer with a token of scope {WRITE}")
    if WRITE not in caller.token.scopes:
        raise HTTPException(403, f"this token has no scope {WRITE}")
    gate.let_in(caller.name, program=True)
    return caller


def get_sender(request: Request, caller: CallerHere, house: HouseHere, gate: GateHere) -> Caller:
    """Who sends: a program with a token, a person from our pages, or a stranger within the rate limit."""
    if caller.token is not None:
        return get_program(caller, gate)
    if not from_own_page(request.headers, public_url=house.settings.public_url):
        raise HTTPException(403, "this form came from another site; post it from our own")
    gate.let_in(client_address(request), program=False)
    return Caller()


@router.post("/messages", status_code=202, responses=_ANSWERS, openapi_extra=FORM)
async def post_message(
    request: Request,
    house: HouseHere,
    sender: Annotated[Caller, Depends(get_sender)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """multipart/form-data: channel, journey?, sender, name?, subject?, text, language?, photos[], uploads?.

    uploads: ids of files that the same program sent ahead, apart by spaces; they count as photos. Strangers come in by
    the web form whatever channel they name.
    """
    channel, kind = "webform" if sender.token is None else "form", request.headers.get("content-type", "")
    return await _take(house, sender, await request.body(), kind=kind, channel=channel, key=idempotency_key)


@router.post("/messages/raw", status_code=202, responses=_ANSWERS, openapi_extra=MAIL)
async def post_raw_message(
    request: Request,
    house: HouseHere,
    program: Annotated[Caller, Depends(get_program)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """One e-mail as message/rfc822, from a program with a token. Machine mail is recorded and opens no case.

    Without an Idempotency-Key the mail's own bytes are the key: mail servers repeat what they are unsure of.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MAIL_TYPES:
        raise HTTPException(415, f"send the mail as {MAIL_TYPES[0]}")
    raw = await request.body()
    key = idempotency_key or f"mail {hashlib.sha256(raw).hexdigest()}"
    return await _take(house, program, raw, kind=MAIL_TYPES[0], channel="email", key=key)


async def _take(house: House, sender: Caller, raw: bytes, *, kind: str, channel: str, key: str | None) -> JSONResponse:
    incoming = Incoming(
        content_type=kind,
        raw=raw,
        channel=channel,
        caller=sender.name or "anonymous",
        idempotency_key=key,
        received_at=house.now(),
    )
    accepted = await run_in_threadpool(_accept, incoming, house)
    return JSONResponse(_answer(house, accepted).model_dump(), 202)


def _accept(incoming: Incoming, house: House) -> Accepted:
    whole = with_uploads(house, incoming.content_type, incoming.raw, caller=incoming.caller)
    return take_in(incoming, whole, house=house)


def _answer(house: House, accepted: Accepted) -> MessageAnswer:
    path = accepted.tracking_path
    return MessageAnswer(
        message_id=accepted.message_id,
        reference=accepted.reference,
        tracking_url=house.settings.public_url.rstrip("/") + path if path else None,
        status=accepted.status,
        files=[FileAnswer(name=file.name, sha256=file.sha256, status="received") for file in accepted.files],
    )
