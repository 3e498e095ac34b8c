"""The decision file of a case as a sealed PDF. Rights are the caller's: the file is given as its reader may see it."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from cases.case import Case, Entry
from cases.errors import NotFound
from cases.store.vault import BlobDamaged
from cases.vocabulary import FileKind
from pipelines.attachments import FileUnusable
from pipelines.decoding import DecoderDied
from pipelines.house import House
from pipelines.paper.press import set_document
from pipelines.paper.sheet import Frame, sheet
from pipelines.paper.spoken import Spoken
from pipelines.reading_room import photo

MOST_PICTURES = 12
Json = dict[str, Any]


def decision_paper(house: House, case: Case, file: Json, *, at: datetime, photos_shown: bool) -> bytes:
    """A tagged PDF of this file with the file itself attached, sealed. Its own bytes tell nothing of who asked or when.

    at: the moment of the newest event that the file was built on. Raises PaperNotMade and SealUnusable.
    """
    from pipelines.paper.seal import seal_of, sealed  # noqa: PLC0415  # pyhanko takes half a second to load

    seal = seal_of(house.settings, now=house.now())
    spoken = Spoken(str(file["language"]), _zone(house, case))
    told = spoken.say("paper.sealed_own" if seal.own else "paper.sealed_by", name=seal.name)
    document = unsealed_paper(house, case, file, at=at, sealed=told, photos_shown=photos_shown)
    return sealed(document, seal, reason=spoken.say("paper.reason", reference=file["reference"]))


def unsealed_paper(house: House, case: Case, file: Json, *, at: datetime, sealed: str, photos_shown: bool) -> bytes:
    """As decision_paper, before its seal: the same bytes for the same version of a case. sealed: what it says of it."""
    pictures = _pictures(house, case, file) if photos_shown else {}
    data = orjson.dumps(file, option=orjson.OPT_SORT_KEYS)  # the very bytes that were packaged, where all may be seen
    frame = Frame(
        author=_author(house, case),
        at=at,
        digest=hashlib.sha256(data).hexdigest(),
        sealed=sealed,
        pictures={file_id: name for file_id, (name, _) in pictures.items()},
        letters_in=case.language or "",
    )
    return set_document(
        sheet(file, frame, Spoken(str(file["language"]), _zone(house, case))),
        attached=data,
        pictures=dict(pictures.values()),
        at=at,
        seconds=house.settings.paper_seconds,
    )


def built_at(file: Json, entries: Sequence[Entry]) -> datetime:
    """When the newest event happened that this file was built on."""
    return max(entry.at for entry in entries if entry.seq <= file["built_on"])


def _pictures(house: House, case: Case, file: Json) -> Mapping[str, tuple[str, bytes]]:
    """File id -> name within the document and JPEG without EXIF, of the first photos that can be shown."""
    found: dict[str, tuple[str, bytes]] = {}
    for one in [one for one in file["files"] if one["kind"] == FileKind.PHOTO][:MOST_PICTURES]:
        with suppress(NotFound, FileUnusable, DecoderDied, BlobDamaged):  # then its findings stand without it
            found[one["id"]] = f"photo-{len(found) + 1}.jpg", photo(house, str(case.reference), one["id"])
    return found


def _zone(house: House, case: Case) -> ZoneInfo:
    if case.journey in house.journeys.names():
        return ZoneInfo(house.journeys.get(case.journey).journey.calendar.time_zone)
    return ZoneInfo("UTC")


def _author(house: House, case: Case) -> str:
    if case.journey in house.journeys.names():
        return house.journeys.get(case.journey).journey.organisation.name
    return "Casewright"
