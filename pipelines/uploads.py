"""Files that come in pieces over a bad line, ahead of the message that they belong to.

A piece is durable before anybody hears that it arrived. A message that names uploads is made into the form it would
have been with those files in it: from there on it is read, checked and kept as any other.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cases.errors import CaseError, NotFound
from cases.store.uploads import Piece, Upload
from pipelines.channels.parsed import (
    Attachment,
    FieldInvalid,
    MessageTooLarge,
    NotMultipart,
    TooManyParts,
    clean_name,
)
from pipelines.channels.webform.form import MAX_FILES, read_multipart
from pipelines.house import House
from pipelines.intake import MAX_BYTES, Accepted, Incoming, accept
from pipelines.links import UPLOAD, upload_of_token, upload_token

KEPT = timedelta(hours=24)  # from the announcement on
#: Once it is part of a message, which may be sent again for as long when nobody heard the answer.
KEPT_AFTER = timedelta(hours=1)
MOST_PIECES = 500  # of one file
FIELD = "uploads"  # of a form: tokens, apart by spaces
_GONE = "names a file that is not here, or not any more; send that file again"
_AT_ONCE = 100  # expired uploads removed in one transaction


@dataclass(frozen=True, slots=True)
class Share:
    """How much one caller may have on its way at once. size: bytes."""

    files: int
    size: int


OF_PERSON = Share(files=30, size=50 * 1024 * 1024)
OF_PROGRAM = Share(files=1000, size=2 * 1024 * 1024 * 1024)


class UploadMoved(CaseError):
    """Bytes came for another place than where the file ends by now."""

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes of this file are here; ask with HEAD and send on from there")
        self.received = received


class UploadDiffers(CaseError):
    """The same place was sent before with other bytes."""

    def __init__(self, received: int) -> None:
        super().__init__("other bytes of this file came before; announce a new upload for another file")
        self.received = received


class TooManyUploads(CaseError):
    status, seconds = 429, 60

    def __init__(self, share: Share) -> None:
        super().__init__(
            f"more than {share.files} files, or {share.size // 2**20} MB, are on their way; "
            "send them as part of a message or delete some first"
        )


def announce(
    house: House, *, caller: str, name: str, size: int, share: Share = OF_PERSON, case_id: str | None = None
) -> Upload:
    """A file of so many bytes is to come from this caller. Raises FieldInvalid, MessageTooLarge and TooManyUploads."""
    if size < 1:
        raise FieldInvalid("Upload-Length", "is not a number of bytes above 0; send the size of the file")
    if size > MAX_BYTES:
        raise MessageTooLarge(size, MAX_BYTES)
    now = house.now()
    with house.database.reading() as store:
        pending = store.uploads.pending(caller, now)
    if pending.files >= share.files or pending.size + size > share.size:
        raise TooManyUploads(share)
    upload = Upload(
        id=f"{UPLOAD}{uuid.uuid4().hex}",
        caller=caller,
        case_id=case_id,
        name=clean_name(name, "file"),
        size=size,
        made_at=now,
        expires_at=now + KEPT,
    )
    key = house.blobs.put_new(upload.id, [])
    with house.database.writing() as store:
        store.uploads.add(upload)
        store.data_keys.add(upload.id, key, now)
    return upload


def token_of(house: House, upload: Upload) -> str:
    return upload_token(upload.id, house.keys.link)


def find(house: House, token: str) -> Upload:
    """Raises NotFound for a token that is not genuine, and when it has ended."""
    upload_id = upload_of_token(token, house.keys.link)
    with house.database.reading() as store:
        upload = store.uploads.get(upload_id) if upload_id else None
    if upload is None or upload.expires_at <= house.now():
        raise NotFound("upload", "that you named")
    return upload


def append(house: House, upload: Upload, data: bytes) -> Upload:
    """The upload with these bytes at its end; durable when this returns.

    Raises MessageTooLarge past the announced size, UploadMoved when another request was faster, and FieldInvalid
    when the file comes in crumbs.
    """
    end = upload.received + len(data)
    if end > upload.size:
        raise MessageTooLarge(end, upload.size)
    with house.database.reading() as store:
        if len(store.uploads.pieces(upload.id)) >= MOST_PIECES:
            raise FieldInvalid("body", f"came in more than {MOST_PIECES} pieces; announce it anew, send larger ones")
    sha256 = house.blobs.put(upload.id, data)
    with house.database.writing() as store:
        added = store.uploads.add_piece(upload.id, Piece(upload.received, len(data), sha256))
        here = store.uploads.get(upload.id)
    if here is None:
        raise NotFound("upload", "that you named")
    if not added:
        raise UploadMoved(here.received)
    return here


def check_same(house: House, upload: Upload, data: bytes, *, at: int) -> None:
    """Raises UploadDiffers unless these bytes are what lies at that place already."""
    if content(house, upload)[at : at + len(data)] != data:
        raise UploadDiffers(upload.received)


def content(house: House, upload: Upload) -> bytes:
    """All that has arrived. Raises NotFound when its pieces are gone."""
    with house.database.reading() as store:
        pieces = store.uploads.pieces(upload.id)
    return b"".join(house.blobs.get(upload.id, piece.sha256) for piece in pieces)


def discard(house: House, upload: Upload) -> None:
    """Not wanted any more. Nothing happens when it is gone already."""
    _remove(house, [upload.id])


def drop_expired(house: House) -> int:
    """Remove what ended unused, or was used a while ago; returns how many. Safe to run twice."""
    dropped = 0
    while True:
        with house.database.reading() as store:
            ended = store.uploads.expired(house.now(), most=_AT_ONCE)
        if not ended:
            return dropped
        _remove(house, ended)
        dropped += len(ended)


def _remove(house: House, ids: Sequence[str]) -> None:
    """Rows and keys first: what a crash leaves behind nobody can read, and the sweep removes it."""
    with house.database.writing() as store:
        store.uploads.drop(ids)
        store.data_keys.destroy(ids)
    for upload_id in ids:
        house.blobs.erase(upload_id)


# --- as part of a message -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """A form with its uploads in it. used: ids of those."""

    content_type: str
    raw: bytes
    used: tuple[str, ...] = ()


def with_uploads(house: House, content_type: str, raw: bytes, *, caller: str) -> Whole:
    """The form with the files that its field `uploads` names; any other form as it is.

    The same fields and files make the same bytes, whatever the boundary was: a repeated message is known by them.
    Raises a Refused for a form that cannot be read, for names of nobody's or another caller's uploads, and for
    uploads that are not complete.
    """
    if FIELD.encode() not in raw:
        return Whole(content_type, raw)
    try:
        form = read_multipart(content_type, raw)
    except NotMultipart:
        return Whole(content_type, raw)  # refused, or read as something else, by whoever takes it
    named = dict.fromkeys(form.fields.get(FIELD, "").split())
    if not named:
        return Whole(content_type, raw)
    if len(named) + len(form.files) > MAX_FILES:
        raise TooManyParts(MAX_FILES)
    uploads = [_of_caller(house, token, caller) for token in named]
    size = len(raw) + sum(upload.size for upload in uploads)
    if size > MAX_BYTES:
        raise MessageTooLarge(size, MAX_BYTES)
    files = [Attachment(upload.name, "", _kept(house, upload)) for upload in uploads]
    fields = {name: value for name, value in form.fields.items() if name != FIELD}
    return replace(write_form(fields, [*files, *form.files]), used=tuple(upload.id for upload in uploads))


def take_in(incoming: Incoming, whole: Whole, *, house: House) -> Accepted:
    """As the intake's accept, with this form for a body; then its uploads are spent."""
    accepted = accept(replace(incoming, content_type=whole.content_type, raw=whole.raw), house=house)
    if whole.used:
        now = house.now()
        with house.database.writing() as store:
            store.uploads.spend(whole.used, at=now, until=now + KEPT_AFTER)
    return accepted


def written_alike(content_type: str, raw: bytes) -> Whole:
    """The form in the bytes that its fields and files make whatever its boundary was. Raises a Refused."""
    form = read_multipart(content_type, raw)
    return write_form(form.fields, form.files)


def write_form(fields: Mapping[str, str], files: Sequence[Attachment]) -> Whole:
    """As a browser writes it. The boundary follows from all that is in it, so that none of it can hold it."""
    told = repr((list(fields.items()), [(file.name, file.content_type) for file in files])).encode("utf-8", "replace")
    digest = hashlib.sha256(told)
    for file in files:
        digest.update(hashlib.sha256(file.data).digest())
    boundary = f"form-{digest.hexdigest()}".encode()
    parts: list[bytes] = []
    for name, value in fields.items():
        parts += [b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % (boundary, _quoted(name))]
        parts += [value.encode("utf-8", "replace"), b"\r\n"]
    for file in files:
        head = b'--%b\r\nContent-Disposition: form-data; name="photos"; filename="%b"\r\nContent-Type: %b\r\n\r\n'
        kind = file.content_type or "application/octet-stream"
        parts += [head % (boundary, _quoted(file.name), kind.encode("ascii", "ignore")), file.data, b"\r\n"]
    parts.append(b"--%b--\r\n" % boundary)
    return Whole(f"multipart/form-data; boundary={boundary.decode()}", b"".join(parts))


def _quoted(text: str) -> bytes:
    """As browsers write names in the head of a part."""
    escaped = text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.encode("utf-8", "replace")


def _of_caller(house: House, token: str, caller: str) -> Upload:
    try:
        upload = find(house, token)
    except NotFound:
        upload = None
    if upload is None or upload.caller != caller:
        raise FieldInvalid(FIELD, _GONE)
    if not upload.complete:
        rest = f"{upload.received} of {upload.size} bytes of {upload.name} are here"
        raise FieldInvalid(FIELD, f"{rest}; send the rest of it first, then the message")
    return upload


def _kept(house: House, upload: Upload) -> bytes:
    try:
        return content(house, upload)
    except NotFound:  # a backup was put back
        raise FieldInvalid(FIELD, _GONE) from None
