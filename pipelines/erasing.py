"""Erasing a case: its words, files, letters and orders are destroyed; the chain of what happened still verifies."""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence

from cases.errors import CaseError, NotAllowed, NotFound
from cases.store.erasure import ErasedCase
from cases.store.log import is_case
from cases.store.store import Store
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.joined import part

SCRUB_TRIES, SCRUB_PAUSE = 20, 0.5  # seconds
AT_ONCE = 500  # tombstones looked up in one query
_LETTERS = ("outbox", "handover")  # in the home, with a folder for each case


class NotScrubbed(CaseError):
    def __init__(self) -> None:
        super().__init__(
            "the case was erased, but old copies may be left in the database's files: erase again when idle"
        )


def erase_case(house: House, reference: str, *, by: str, why: str) -> None:
    """With the cases that were split off it, or that it was split off: they hold words of each other.

    Raises NotFound, or NotAllowed when it was erased before: what that erasing had to leave goes all the same.
    """
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    try:
        for one in _with_kin(house, [case_id]):
            _erase(house, one, by=by, why=why)
    except NotAllowed:
        sweep(house, [case_id])
        _scrub(house)
        raise
    _scrub(house)


def erase_customer(house: House, sender: str, *, by: str, why: str) -> int:
    """Every case of one mail address; returns how many. Raises NotFound when there is none."""
    with house.database.reading() as store:
        ids = [line.id for line in store.queue.of_sender(sender) if not line.erased]
    if not ids:
        raise NotFound("case of customer", sender)
    together = _with_kin(house, ids)
    for case_id in together:
        _erase(house, case_id, by=by, why=why)
    _scrub(house)
    return len(together)


def _with_kin(house: House, case_ids: Sequence[str]) -> list[str]:
    """These, and every case that holds words of them since it was split off, or one was split off it."""
    found = list(case_ids)
    with house.database.reading() as store:
        for case_id in found:  # it grows
            case = store.cases([case_id]).get(case_id)
            kin = case.ties.kin if case is not None else ()
            others = store.cases([one for one in kin if one not in found])
            found += [id_ for id_, other in others.items() if not other.erased]
    return found


def replay_tombstones(house: House) -> int:
    """Erase again whatever a restored backup brought back; returns how many cases. Nothing else is touched.

    For after every restore, before anybody is let in. Safe to run twice, and when it was cut off. It reads the
    tombstones of `house`: those must be the present ones, never ones out of the backup. A case whose erasing was cut
    off by a crash, so that nobody was told it was done, is erased as well: it was asked for.
    """
    buried = [stone.id for stone in house.tombstones.read()]
    again = 0
    for start in range(0, len(buried), AT_ONCE):
        ids = buried[start : start + AT_ONCE]
        with house.database.reading() as store:
            erased = store.data_keys.standing(ids)
        for case_id in filter(is_case, ids):
            if erased.get(case_id) is False:
                _erase_buried(house, case_id, by="casewright", why="erased before this backup was put back")
                again += 1
        # Their files may have come back without them. A message in a row is erased with its case, which is here too.
        _remove_files(house, [name for name in ids if erased.get(name, True)])
    if again:
        _scrub(house)
    return again


def _erase(house: House, case_id: str, *, by: str, why: str) -> None:
    _bury(house, case_id)
    _erase_buried(house, case_id, by=by, why=why)


def _bury(house: House, case_id: str) -> None:
    """The tombstone comes first: once anybody was told that a case is gone, no restore may bring it back."""
    with house.database.reading() as store:
        if store.data_keys.standing([case_id]).get(case_id, True):
            return  # the erasing itself tells what is wrong
        ids = [case_id, *(message.id for message in store.messages.of_case(case_id))]
    house.tombstones.add(ids, house.now())


def _erase_buried(house: House, case_id: str, *, by: str, why: str) -> None:
    def write(store: Store) -> ErasedCase:
        part(store, case_id, by=by, at=house.now())
        return store.erase_case(case_id, by=by, why=why, at=house.now())

    erased = write_in_turn(house.database, write)
    house.recent.forget(erased.streams)
    house.blobs.forget(erased.owners)
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
        remove_letters(house, owner)


def remove_letters(house: House, case_id: str) -> None:
    """Letters and orders of one case that lie in the home, or where letters to print lie."""
    for place in _LETTERS:
        folder = house.settings.home / place / case_id
        if folder.exists():
            shutil.rmtree(folder)
    if house.settings.print_folder is not None:
        for file in house.settings.print_folder.glob(f"{case_id}.*"):
            file.unlink(missing_ok=True)


def with_letters(house: House) -> Iterator[str]:
    """Cases that may have letters or orders there, some of them twice."""
    for place in _LETTERS:
        yield from (folder.name for folder in (house.settings.home / place).glob("*"))
    if house.settings.print_folder is not None:
        yield from (file.name.partition(".")[0] for file in house.settings.print_folder.glob("case-*"))


def _scrub(house: House) -> None:
    """Leave no erased bytes in the files of similar cases and of the database, which a reader holds up for a moment."""
    house.similar.forget()
    for _ in range(SCRUB_TRIES):
        if house.database.scrub():
            return
        time.sleep(SCRUB_PAUSE)
    raise NotScrubbed
