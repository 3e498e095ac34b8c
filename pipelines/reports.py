"""Reports that customers are still writing on the form: their files wait here, encrypted, until they are sent.

A token names one version of a draft: what it holds never changes, so that going back in a browser, or sending a form
twice, finds what was there. Whoever holds the token may add to the draft, send it, and read its receipt for an hour.
"""

import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from cases.errors import CaseError, NotFound
from pipelines.channels.parsed import Attachment
from pipelines.house import House
from pipelines.intake import MAX_BYTES, Accepted, Incoming, accept, receipt_of
from pipelines.sweeping import DRAFT

#: From its last version on; the sweep removes what is older.
KEPT = timedelta(hours=1)
MOST_FILES = 20
#: What is left of the largest message for words and for the form around the files.
MOST_BYTES = MAX_BYTES - 256 * 1024
_TOKEN = re.compile(r"([\w-]{22})\.([0-9a-f]{64}|)\.(\d{10,12})\.([0-9a-f]{64})", re.ASCII)


class DraftGone(CaseError):
    """The token is not ours, too old, or its files were removed."""

    def __init__(self) -> None:
        super().__init__("what was kept of this form is gone; add the files again")


class DraftFull(CaseError):
    def __init__(self) -> None:
        super().__init__(f"no more than {MOST_FILES} files of {MAX_BYTES // 1024 // 1024} MB together; send fewer")


@dataclass(frozen=True, slots=True)
class DraftFile:
    name: str
    content_type: str
    sha256: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """version: SHA-256 of the list of its files, "" while there are none."""

    id: str
    version: str
    kept_at: datetime
    files: tuple[DraftFile, ...] = ()

    @property
    def owner(self) -> str:
        return DRAFT + self.id


def new_draft(now: datetime) -> Draft:
    return Draft(secrets.token_urlsafe(16), "", now)


def token_of(draft: Draft, house: House) -> str:
    said = f"{draft.id}.{draft.version}.{int(draft.kept_at.timestamp())}"
    return f"{said}.{_mac(said, house)}"


def read_draft(token: str, house: House) -> Draft:
    """Raises DraftGone."""
    bare = _bare(token, house)
    return replace(bare, files=tuple(_listed(bare, house))) if bare.version else bare


def read_sent(token: str, house: House) -> Draft | None:
    """The draft of a report that was sent from it, without its files; None when it was not, or too long ago."""
    with suppress(DraftGone):
        bare = _bare(token, house)
        return bare if receipt(bare.id, house) is not None else None
    return None


def _bare(token: str, house: House) -> Draft:
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[4], _mac(token.rpartition(".")[0], house)):
        raise DraftGone
    kept_at = datetime.fromtimestamp(int(found[3]), house.now().tzinfo)
    if house.now() - kept_at > KEPT:
        raise DraftGone
    return Draft(found[1], found[2], kept_at)


def add_files(draft: Draft, files: Sequence[Attachment], house: House) -> Draft:
    """The draft with these files; what it has already is not added again. Raises DraftFull."""
    there = {file.sha256 for file in draft.files}
    new = {sha256(file.data).hexdigest(): file for file in files}
    listed = (
        *draft.files,
        *(DraftFile(one.name, one.content_type, name, len(one.data)) for name, one in new.items() if name not in there),
    )
    if len(listed) > MOST_FILES or sum(file.size for file in listed) > MOST_BYTES:
        raise DraftFull
    return _keep(draft, listed, [file.data for name, file in new.items() if name not in there], house)


def without_file(draft: Draft, name: str, house: House) -> Draft:
    """The draft without the file of this SHA-256. Its bytes go with the draft."""
    return _keep(draft, [file for file in draft.files if file.sha256 != name], [], house)


def send_report(draft: Draft, fields: Sequence[tuple[str, str]], house: House) -> Accepted:
    """Hand the report to the intake; sent once, however often. Raises Refused, KeyReused and DraftGone."""
    boundary = _mac(f"boundary {draft.id}", house).encode()  # nobody can write it into a field
    raw = b"".join(_parts(boundary, fields, draft, house)) + b"--" + boundary + b"--\r\n"
    incoming = Incoming(
        content_type=f"multipart/form-data; boundary={boundary.decode()}",
        raw=raw,
        channel="webform",
        caller=f"report:{draft.id}",
        received_at=house.now(),
        idempotency_key="sent",
    )
    accepted = accept(incoming, house=house)
    _forget(draft, house)
    return accepted


def receipt(draft_id: str, house: House) -> Accepted | None:
    """Of a report that was sent from this draft before; None when it was not."""
    return receipt_of(f"report:{draft_id}", "sent", house=house)


def _parts(boundary: bytes, fields: Sequence[tuple[str, str]], draft: Draft, house: House) -> Iterator[bytes]:
    for name, value in fields:
        head = b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n'
        yield head % (boundary, name.encode()) + value.encode() + b"\r\n"
    for file in draft.files:
        head = b'--%b\r\nContent-Disposition: form-data; name="photos"; filename="%b"\r\nContent-Type: %b\r\n\r\n'
        yield head % (boundary, _quotable(file.name).encode(), _quotable(file.content_type).encode())
        yield _bytes_of(draft, file.sha256, house) + b"\r\n"


def _quotable(text: str) -> str:
    """As it may stand between quotes in a header."""
    return re.sub(r"[\r\n\\]", " ", text).replace('"', "'")


def _keep(draft: Draft, files: Sequence[DraftFile], data: Sequence[bytes], house: House) -> Draft:
    body = orjson.dumps([[file.name, file.content_type, file.sha256, file.size] for file in files])
    version = house.blobs.put_many(draft.owner, [body, *data])[0]
    return Draft(draft.id, version, house.now(), tuple(files))


def _listed(draft: Draft, house: House) -> Iterator[DraftFile]:
    for name, content_type, digest, size in orjson.loads(_bytes_of(draft, draft.version, house)):
        yield DraftFile(name, content_type, digest, size)


def _bytes_of(draft: Draft, name: str, house: House) -> bytes:
    try:
        return house.blobs.get(draft.owner, name)
    except NotFound:
        raise DraftGone from None


def _forget(draft: Draft, house: House) -> None:
    if draft.version:
        house.blobs.erase(draft.owner)
        with house.database.writing() as store:
            store.data_keys.destroy([draft.owner])


def _mac(said: str, house: House) -> str:
    return hmac.new(house.keys.session, b"draft " + said.encode(), sha256).hexdigest()
