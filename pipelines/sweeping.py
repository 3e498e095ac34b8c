"""Files that nobody owns: left by a crash between storing bytes and writing their case, or by an erasing cut short."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from cases.errors import CaseError
from pipelines.erasing import remove_letters, with_letters
from pipelines.house import House

#: Accepting a message takes seconds: what nobody owns after this time never gets an owner.
AGE = timedelta(hours=1)
AT_ONCE = 500  # owners looked up in one query
#: More strangers than this number or this share, or than those that are known, are no crash's leavings: they are
#: somebody's files.
FEW, SHARE = 100, 0.1
#: Owners of files of forms that were not sent yet (pipelines.reports): in no row ever, and no strangers.
DRAFT = "draft-"


class SweepRefused(CaseError):
    def __init__(self, strangers: int, owners: int) -> None:
        super().__init__(
            f"{strangers} of {owners} owners of files are not in the database, so nothing was removed: check that "
            "CASEWRIGHT_DATABASE_URL and CASEWRIGHT_BLOB_URL belong together and that no older backup was put back"
        )


def sweep_orphans(house: House, *, age: timedelta = AGE) -> int:
    """Remove files whose owner is in no row for over an hour, or was erased, letters of erased cases, and keys without
    an owner. So go forms that were never sent.

    Returns how many files. Safe to run twice, and beside messages that are just being accepted. It reads the names of
    all owners. Ages are by the store's own clock: ours may be ahead of it, and a file that was just put would be old.
    Raises SweepRefused when files and database seem not to belong together, and BlobsAway.
    """
    _sweep_letters(house)
    stored = house.blobs.stored
    before = min(house.now(), stored.check()) - age
    owners, strangers, erased, drafts = 0, list[str](), list[str](), list[str]()
    for some in _batches(stored.owners()):
        with house.database.reading() as store:
            standing = store.data_keys.standing(some)
        owners += len(some)
        erased += [owner for owner in some if standing.get(owner)]
        drafts += [owner for owner in some if owner.startswith(DRAFT)]
        strangers += [owner for owner in some if owner not in standing and not owner.startswith(DRAFT)]
    old = [owner for owner in strangers if (at := stored.changed_at(owner)) is not None and at < before]
    if len(old) > max(min(FEW, owners - len(strangers)), owners * SHARE):
        raise SweepRefused(len(old), owners)
    given_up = [owner for owner in drafts if (at := stored.changed_at(owner)) is not None and at < before]
    removed = sum(house.blobs.erase(owner) for owner in [*erased, *old, *given_up])
    with house.database.writing() as store:
        store.data_keys.destroy_ownerless(before)
    return removed + stored.tidy(before)


def _sweep_letters(house: House) -> None:
    """An erasing that was cut off removes nothing more. Letters of strangers are no crash's leavings: they stay."""
    for some in _batches(with_letters(house)):
        with house.database.reading() as store:
            standing = store.data_keys.standing(some)
        for case_id in {case_id for case_id in some if standing.get(case_id)}:
            remove_letters(house, case_id)


def _batches(owners: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(owners, AT_ONCE)):
        yield some
