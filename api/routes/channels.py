"""What providers of channels post to us: signed, within five minutes, and taken once however often it is posted."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.deps import GateHere, HouseHere
from api.openapi import Responses, problems
from pipelines.channels.sms.incoming import TEXT_TYPE
from pipelines.hook_signatures import id_of_signed, keys_of
from pipelines.house import House
from pipelines.intake import Incoming, accept

router = APIRouter(prefix="/api/channels", tags=["channels"])
PROVIDER = "provider:sms"


class TakenAnswer(BaseModel):
    """message_id: ours; the same when the same is posted again."""

    message_id: str


_ANSWERS: Responses = {
    202: {"model": TakenAnswer, "description": "Durable"},
    **problems(400, 401, 405, 409, 413, 422, 429, 503),
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {
                        "type": {"enum": ["text", "receipt"]},
                        "from": {"type": "string", "description": "Of a text: who wrote, as +31612345678"},
                        "text": {"type": "string"},
                        "name": {"type": "string"},
                        "kind": {"enum": ["sms", "whatsapp"]},
                        "media": {"type": "array", "items": {"type": "string"}, "description": "Never fetched"},
                        "id": {"type": "string", "description": "Of a receipt: the id under which we posted the text"},
                        "status": {"enum": ["delivered", "failed", "expired"]},
                        "to": {"type": "string"},
                        "reason": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post("/sms", status_code=202, responses=_ANSWERS, openapi_extra=_BODY)
async def post_text(request: Request, house: HouseHere, gate: GateHere) -> JSONResponse:
    """A text of a customer, or how one of ours fared, signed as Standard Webhooks 1.0.0 says with the common secret
    (CASEWRIGHT_SMS_SECRET). Post it again, with the same webhook-id, until it is answered 202.
    """
    return await run_in_threadpool(_take, request, await request.body(), house, gate)


def _take(request: Request, body: bytes, house: House, gate: GateHere) -> JSONResponse:
    secret = house.settings.sms_secret
    now, keys = house.now(), keys_of(secret.get_secret_value()) if secret is not None else ()
    id_ = id_of_signed(keys, request.headers, body, now=now)
    if id_ is None:
        raise HTTPException(401, "sign it as Standard Webhooks says, with our common secret and the time of now")
    gate.let_in(PROVIDER, program=True)
    incoming = Incoming(TEXT_TYPE, body, "sms", PROVIDER, now, idempotency_key=f"sms {id_}")
    taken = accept(incoming, house=house)
    return JSONResponse(TakenAnswer(message_id=taken.message_id).model_dump(), 202)
