"""What people may read of a case: its decision file, timeline, letters and photos. Rights are checked by the caller."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import orjson

from cases import events as e
from cases.case import Case, Entry, fold
from cases.errors import NotFound
from cases.journey import Tracking, tracking
from cases.journey_folder import JourneyFolder
from cases.milestone_sentence import Standing, standing
from cases.store.blobs import BlobsAway
from cases.store.store import Store
from cases.vocabulary import FileKind, FileStatus, Status
from pipelines.attachments import PHOTO_TYPES
from pipelines.decoding import DISPLAY_SIDE, THUMBNAIL_SIDE
from pipelines.house import House
from pipelines.joined import members
from pipelines.learned_dates import sentences

#: Raise it when derived photos come to look otherwise: the older ones are then made anew.
DERIVING = 1
Json = dict[str, Any]


def decision_file(house: House, reference: str) -> Json | None:
    """The newest decision file of a case, as it was packaged; None while there is none."""
    case, _ = read_case(house, reference)
    if case.package is None:
        return None
    document: Json = orjson.loads(house.blobs.get(case.id, case.package.sha256))
    return document


def read_case(house: House, reference: str) -> tuple[Case, Sequence[Entry]]:
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    return read_case_by_id(house, case_id)


def read_case_by_id(house: House, case_id: str) -> tuple[Case, Sequence[Entry]]:
    with house.database.reading() as store:
        entries = store.history(case_id)
    if not entries:
        raise NotFound("case", case_id)
    return fold(case_id, entries), entries


def customer_view(house: House, case_id: str, *, language: str | None = None) -> Tracking:
    """What the customer sees of a case at this moment."""
    case, entries = read_case_by_id(house, case_id)
    with house.database.reading() as store:
        return shared_view(house, store, case, entries, language=language)


def shared_view(
    house: House, store: Store, case: Case, entries: Sequence[Entry], *, language: str | None = None
) -> Tracking:
    """What its customer sees of a case that may go on in another one, or in which others go on.

    Where those are the same customer's, where the whole of it stands and all that was said. Who is another customer
    reads what they wrote and got themselves, and no more than whether it is being worked on.
    """
    into = case.ties.into
    if into is None:
        own = [one for one in members(store, case) if not one.other_customer]
        view = _view(house, case, entries, language)
        view = replace(view, expected=_expected(house, store, case, entries, language=view.language))
        others = [_view(house, one.case, one.entries, view.language).messages for one in own]
        said = dict.fromkeys(message for messages in (view.messages, *others) for message in messages)
        return replace(view, messages=tuple(sorted(said, key=lambda message: message.at))) if own else view
    main_entries = store.history(into.into)
    main = fold(into.into, main_entries)
    if _same_customer(main, case):
        return shared_view(house, store, main, main_entries, language=language)
    return _view(house, _no_more_than_busy(case, main), entries, language)


def _same_customer(main: Case, case: Case) -> bool:
    return any(one.case == case.id and not one.other_customer for one in main.ties.joined)


def _no_more_than_busy(case: Case, main: Case) -> Case:
    return replace(case, status=Status.CLOSED if main.status is Status.CLOSED else Status.WITH_EXPERT)


def standing_of(house: House, case: Case, *, language: str) -> Standing:
    """Where the case stands as its customer's page says it at this moment, in a language of its journey."""
    if case.ties.into is not None:
        with house.database.reading() as store:
            case = _stands_for(store, case)
    return standing(folder_of_customer(house, case), case, language)


def _stands_for(store: Store, case: Case) -> Case:
    """The case whose words its customer reads, as shared_view chooses it."""
    into = case.ties.into
    if into is None:
        return case
    main = fold(into.into, store.history(into.into))
    return _stands_for(store, main) if _same_customer(main, case) else _no_more_than_busy(case, main)


def _view(house: House, case: Case, entries: Sequence[Entry], language: str | None) -> Tracking:
    return tracking(folder_of_customer(house, case), case, entries, language=language)


def _expected(house: House, store: Store, case: Case, entries: Sequence[Entry], *, language: str) -> tuple[str, ...]:
    return sentences(house, store, case, entries, folder=folder_of_customer(house, case), language=language)


def folder_of_customer(house: House, case: Case) -> JourneyFolder:
    """The journey in whose words its customer reads of a case: the first one before it has one."""
    names = house.journeys.names()
    return house.journeys.get(case.journey if case.journey in names else names[0])


def timeline(house: House, reference: str) -> list[Json]:
    """Every event of the case, oldest first, as plain data."""
    return happened(read_case(house, reference)[1])


def happened(entries: Sequence[Entry]) -> list[Json]:
    """As timeline, of events that were read already."""
    return [
        {
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "actor": str(entry.actor),
            **orjson.loads(orjson.dumps(entry.event)),
        }
        for entry in entries
    ]


def letters(house: House, reference: str) -> list[Json]:
    """Letters written in the case, oldest first, with when each was sent."""
    _, entries = read_case(house, reference)
    sent = {entry.event.letter_id: entry.at for entry in entries if isinstance(entry.event, e.LetterSent)}
    return [
        {
            **asdict(entry.event),
            "written_at": entry.at.isoformat(),
            "sent_at": sent[entry.event.letter_id].isoformat() if entry.event.letter_id in sent else None,
        }
        for entry in entries
        if isinstance(entry.event, e.LetterWritten)
    ]


def photo(house: House, reference: str, file_id: str, *, thumbnail: bool = False) -> bytes:
    """A photo or scanned page as a derived JPEG: upright, without EXIF. NotFound when it is none that can be shown."""
    case, _ = read_case(house, reference)
    file = next((file for file in case.files if file.id == file_id), None)
    if file is None or not is_picture(file) or (file.status is FileStatus.UNUSABLE and not file.findings):
        raise NotFound("photo", file_id)
    return _derived(house, case.id, file.sha256, THUMBNAIL_SIDE if thumbnail else DISPLAY_SIDE)


def is_picture(file: e.FileSeen) -> bool:
    """A photo, or a page of a letter that was scanned."""
    return file.kind is FileKind.PHOTO or (file.kind is FileKind.DOCUMENT and file.media_type in PHOTO_TYPES)


def _derived(house: House, case_id: str, sha256: str, side: int) -> bytes:
    """Made once and kept beside the original, under a name that tells what it was made from; erased with the case."""
    name = hashlib.sha256(f"derived {DERIVING} {side} {sha256}".encode()).hexdigest()
    with suppress(NotFound):
        return house.blobs.get(case_id, name)
    shown = house.decoder.derive(house.blobs.get(case_id, sha256), side)
    with suppress(BlobsAway):  # no room: it is made again the next time
        house.blobs.put_many(case_id, [shown], digests=[name])
    return shown
