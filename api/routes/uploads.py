"""Files in pieces: announced first, then sent as raw bytes, and taken up again where the line broke.

It speaks tus 1.0 (core, creation, expiration, termination) and takes a plain PUT too. The name of an upload is made
here and tells nothing: who knows it may send the bytes of that one file, ask how far it is, or drop it.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.deps import Caller, HouseHere
from api.openapi import Responses, problems
from api.routes.messages import get_program
from cases.store.uploads import Upload
from pipelines import uploads
from pipelines.channels.parsed import FieldInvalid, MessageTooLarge
from pipelines.house import House
from pipelines.intake import MAX_BYTES

router = APIRouter(prefix="/api/uploads", tags=["uploads"])
VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PATCH_TYPES = ("application/offset+octet-stream", "application/octet-stream")
TUS = {"Tus-Resumable": VERSION}
PIECE = 4 * 1024 * 1024  # bytes; so many are stored together
SILENT = 60.0  # seconds without a byte; then what came is kept and the line let go
LONGEST_METADATA = 2000  # characters
LONGEST_NUMBER = 18  # digits


class UploadAnswer(BaseModel):
    """id: named in the field `uploads` of the message. size, received: bytes."""

    id: str
    url: str
    name: str
    size: int
    received: int
    complete: bool
    expires_at: str


_BYTES = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}}
_REST: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(PATCH_TYPES, _BYTES)}}
_ANNOUNCED: Responses = {
    201: {"model": UploadAnswer, "description": "Send its bytes to Location, until expires_at"},
    **problems(400, 401, 403, 405, 412, 413, 422, 429, 503),
}
_PUT: Responses = {
    200: {"model": UploadAnswer, "description": "All that came is stored"},
    **problems(400, 404, 405, 408, 409, 412, 413, 422, 503),
}
_PATCHED: Responses = {
    204: {"description": "Stored; Upload-Offset says how far it is"},
    **problems(400, 404, 405, 408, 409, 412, 413, 415, 422, 503),
}
_TOLD: Responses = {200: {"description": "Upload-Offset says how far it is"}, **problems(404, 405, 412, 503)}
_GONE: Responses = {204: {"description": "It is gone"}, **problems(404, 405, 412, 503)}

Offset = Annotated[str, Header(alias="Upload-Offset", description="Bytes that are there already", pattern=r"^\d*$")]


def check_version(tus_resumable: Annotated[str, Header()] = VERSION) -> None:
    """A client of another version is told which one this is; one that is no tus client says nothing."""
    if tus_resumable != VERSION:
        headers = {"Tus-Version": VERSION, **TUS}
        raise HTTPException(412, f"Tus-Resumable: this speaks {VERSION}; send that", headers=headers)


OfTus = Depends(check_version)


@router.options("", status_code=204, responses=problems(405))
def tell_abilities() -> Response:
    """What of tus is spoken here."""
    said = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(MAX_BYTES)}
    return Response(status_code=204, headers={**said, **TUS})


@router.post("", status_code=201, responses=_ANNOUNCED, dependencies=[OfTus])
def announce_upload(
    house: HouseHere,
    program: Annotated[Caller, Depends(get_program)],
    upload_length: Annotated[str, Header(description="Size of the file in bytes")],
    upload_metadata: Annotated[str, Header(description="filename and its base64, as tus writes it")] = "",
) -> JSONResponse:
    """Announce a file of a program; a message of the same program names it in its field `uploads`."""
    upload = uploads.announce(
        house,
        caller=program.name,
        name=name_in(upload_metadata),
        size=length_of(upload_length, "Upload-Length"),
        share=uploads.OF_PROGRAM,
    )
    return announced(house, upload)


@router.head("/{upload_id}", response_class=Response, responses=_TOLD, dependencies=[OfTus])
def tell_offset(upload_id: str, house: HouseHere) -> Response:
    """How many bytes of it are here: go on from there."""
    return Response(headers=_headers(uploads.find(house, upload_id)))


@router.put("/{upload_id}", responses=_PUT, openapi_extra=_BODY, dependencies=[OfTus])
async def put_upload(request: Request, upload_id: str, house: HouseHere, upload_offset: Offset = "") -> JSONResponse:
    """The whole file as a raw body, or its rest from Upload-Offset on. The same again is stored once.

    What came before the line broke is kept: send it whole again, or ask with HEAD and send the rest.
    """
    at = length_of(upload_offset or "0", "Upload-Offset")
    upload = await run_in_threadpool(uploads.find, house, upload_id)
    if at > upload.received:
        raise uploads.UploadMoved(upload.received)
    upload = await _take_in(request, house, upload, at)
    return JSONResponse(_answer(house, upload).model_dump(), headers=_headers(upload))


@router.patch("/{upload_id}", status_code=204, responses=_PATCHED, openapi_extra=_REST, dependencies=[OfTus])
async def patch_upload(request: Request, upload_id: str, house: HouseHere, upload_offset: Offset = "") -> Response:
    """Bytes from Upload-Offset on, which must be where the file ends by now."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in PATCH_TYPES:
        raise HTTPException(415, f"send the bytes as {PATCH_TYPES[0]}")
    at = length_of(upload_offset, "Upload-Offset")
    upload = await run_in_threadpool(uploads.find, house, upload_id)
    if at != upload.received:
        raise uploads.UploadMoved(upload.received)
    upload = await _take_in(request, house, upload, at)
    return Response(status_code=204, headers=_headers(upload))


@router.delete("/{upload_id}", status_code=204, responses=_GONE, dependencies=[OfTus])
def drop_upload(upload_id: str, house: HouseHere) -> Response:
    """It is not wanted any more. What a message took in already stays in that message."""
    uploads.discard(house, uploads.find(house, upload_id))
    return Response(status_code=204, headers=TUS)


# --- for these calls and for the customer's page ------------------------------------------------------------------


def announced(house: House, upload: Upload) -> JSONResponse:
    headers = {**_headers(upload), "Location": _path(house, upload)}
    return JSONResponse(_answer(house, upload).model_dump(), 201, headers=headers)


def length_of(text: str, field: str) -> int:
    """Raises FieldInvalid for what is no number of bytes."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise FieldInvalid(field, "is no number of bytes; send it in digits")
    return int(text)


def name_in(metadata: str) -> str:
    """The file name in `Upload-Metadata: filename bmFtZS5qcGc=,filetype …`; "" without any. Raises FieldInvalid."""
    if len(metadata) > LONGEST_METADATA:
        raise FieldInvalid("Upload-Metadata", f"is longer than {LONGEST_METADATA} characters; shorten the file name")
    pairs = (pair.split() for pair in metadata.split(","))
    encoded = next((pair[1] for pair in pairs if pair[:1] == ["filename"] and pair[1:]), "")
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise FieldInvalid("Upload-Metadata", "its filename is no base64; write it as tus says") from None


def _headers(upload: Upload) -> Mapping[str, str]:
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
        **TUS,
    }


def _path(house: House, upload: Upload) -> str:
    return f"/api/uploads/{uploads.token_of(house, upload)}"


def _answer(house: House, upload: Upload) -> UploadAnswer:
    return UploadAnswer(
        id=uploads.token_of(house, upload),
        url=_path(house, upload),
        name=upload.name,
        size=upload.size,
        received=upload.received,
        complete=upload.complete,
        expires_at=upload.expires_at.isoformat(),
    )


# --- bytes as they come in ----------------------------------------------------------------------------------------


async def _take_in(request: Request, house: House, upload: Upload, at: int) -> Upload:
    """Store the body from this place on, a piece at a time, also when it breaks off; compare what is there already."""
    promised = request.headers.get("content-length", "")
    if promised.isascii() and promised.isdigit() and at + int(promised[:LONGEST_NUMBER]) > upload.size:
        raise MessageTooLarge(at + int(promised[:LONGEST_NUMBER]), upload.size)
    waiting = bytearray()
    try:
        async for chunk in _chunks(request):
            waiting += chunk
            if at + len(waiting) > upload.size:
                raise MessageTooLarge(at + len(waiting), upload.size)
            if len(waiting) >= PIECE:
                upload, at = await run_in_threadpool(_store, house, upload, bytes(waiting), at)
                waiting.clear()
    except (ClientDisconnect, TimeoutError):
        await run_in_threadpool(_store, house, upload, bytes(waiting), at)
        raise HTTPException(408, "the body broke off; ask with HEAD how far it came, and send the rest") from None
    upload, _ = await run_in_threadpool(_store, house, upload, bytes(waiting), at)
    return upload


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    stream = aiter(request.stream())
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), SILENT)
        except StopAsyncIteration:
            return


def _store(house: House, upload: Upload, data: bytes, at: int) -> tuple[Upload, int]:
    """The upload with these bytes, and where they end."""
    known = min(len(data), upload.received - at)
    if known:
        uploads.check_same(house, upload, data[:known], at=at)
    if data[known:]:
        upload = uploads.append(house, upload, data[known:])
    return upload, at + len(data)
