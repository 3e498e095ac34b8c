"""Erasing a case: its words, files, letters and orders are destroyed; the chain of what happened still verifies."""

import shutil
import time
from collections.abc import Iterable

from cases.errors import CaseError, NotFound
from pipelines.house import House

SCRUB_TRIES, SCRUB_PAUSE = 20, 0.5  # seconds


class NotScrubbed(CaseError):
    def __init__(self) -> None:
        super().__init__(
            "the case was erased, but old copies may be left in the database's files: erase again when idle"
        )


def erase_case(house: House, reference: str, *, by: str, why: str) -> None:
    """Raises NotFound, or NotAllowed when it was erased before."""
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    _erase(house, case_id, by=by, why=why)
    _scrub(house)


def erase_customer(house: House, sender: str, *, by: str, why: str) -> int:
    """Every case of one mail address; returns how many. Raises NotFound when there is none."""
    with house.database.reading() as store:
        ids = [line.id for line in store.queue.of_sender(sender) if not line.erased]
    if not ids:
        raise NotFound("case of customer", sender)
    for case_id in ids:
        _erase(house, case_id, by=by, why=why)
    _scrub(house)
    return len(ids)


def _erase(house: House, case_id: str, *, by: str, why: str) -> None:
    with house.database.writing() as store:
        erased = store.erase_case(case_id, by=by, why=why, at=house.now())
    house.recent.forget(erased.streams)
    _remove_files(house, erased.owners)


def sweep(house: House, case_ids: Iterable[str]) -> None:
    """Remove what somebody still at work on a case wrote to disk after it was erased. Other cases are left alone."""
    for case_id in case_ids:
        with house.database.reading() as store:
            case = store.cases([case_id]).get(case_id)
            owners = {case_id, *(message.owner for message in store.messages.of_case(case_id))}
        if case is not None and case.erased:
            _remove_files(house, owners)


def _remove_files(house: House, owners: Iterable[str]) -> None:
    for owner in owners:
        house.blobs.erase(owner)
        for place in ("outbox", "handover"):
            folder = house.settings.home / place / owner
            if folder.exists():
                shutil.rmtree(folder)


def _scrub(house: House) -> None:
    """Leave no erased bytes in the database's files; somebody reading holds that up for a moment."""
    for _ in range(SCRUB_TRIES):
        if house.database.scrub():
            return
        time.sleep(SCRUB_PAUSE)
    raise NotScrubbed
