"""Erasing a case: its words, files, letters and orders are destroyed; the chain of what happened still verifies."""

import shutil

from cases.errors import NotFound
from pipelines.house import House


def erase_case(house: House, reference: str, *, by: str, why: str) -> None:
    """Raises NotFound, or NotAllowed when it was erased before."""
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    _erase(house, case_id, by=by, why=why)


def erase_customer(house: House, sender: str, *, by: str, why: str) -> int:
    """Every case of one mail address; returns how many. Raises NotFound when there is none."""
    with house.database.reading() as store:
        ids = [line.id for line in store.queue.of_sender(sender) if not line.erased]
    if not ids:
        raise NotFound("case of customer", sender)
    for case_id in ids:
        _erase(house, case_id, by=by, why=why)
    return len(ids)


def _erase(house: House, case_id: str, *, by: str, why: str) -> None:
    with house.database.writing() as store:
        erased = store.erase_case(case_id, by=by, why=why, at=house.now())
    for owner in erased.owners:
        house.blobs.erase(owner)
        for folder in ("outbox", "handover"):
            shutil.rmtree(house.settings.home / folder / owner, ignore_errors=True)  # there may be none
    house.database.scrub()
