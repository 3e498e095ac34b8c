"""Verifying: the chain of every stream, the rows built from it, and every decision file built again, byte for byte."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cases import events as e
from cases.case import Entry
from cases.decision_file import BUILDER, build
from cases.errors import NotFound
from cases.journey_folder import JourneyFolder, from_snapshot
from cases.store.store import Store
from cases.store.vault import BlobDamaged
from pipelines.house import House
from pipelines.wiring import JOURNEYS


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at, and every difference as a sentence; no differences is a clean bill."""

    streams: int
    files: int
    retired: int  # files of a retired builder: their stored bytes were compared with the recorded digest
    differences: tuple[str, ...]


def verify_all(house: House) -> Findings:
    with house.database.reading() as store:
        differences = list(store.verify_all())
        cases = store.case_ids()
    files = _Files(house)
    for case_id in cases:
        with house.database.reading() as store:
            differences += files.of_case(store, case_id)
    return Findings(len(cases), files.built, files.retired, tuple(differences))


def verify_case(house: House, reference: str) -> Findings:
    files = _Files(house)
    with house.database.reading() as store:
        case_id = store.case_id(reference)
        differences = [*store.verify_stream(case_id), *files.of_case(store, case_id)]
    return Findings(1, files.built, files.retired, tuple(differences))


class _Files:
    """Builds decision files again, with journeys as they stood."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._journeys = _snapshots(house)
        self._read: dict[str, JourneyFolder] = {}
        self.built = 0
        self.retired = 0

    def of_case(self, store: Store, case_id: str) -> Iterator[str]:
        entries = store.history(case_id)
        for entry in entries:
            if isinstance(entry.event, e.FilePackaged) and not _erased(entries):
                yield from self._file(case_id, entries, entry.event)

    def _file(self, case_id: str, entries: list[Entry], packaged: e.FilePackaged) -> Iterator[str]:
        place = f"{case_id}: decision file {packaged.sha256[:12]}"
        try:
            stored = self._house.blobs.get(case_id, packaged.sha256)
        except NotFound:
            yield f"{place} is not among the blobs"
            return
        except BlobDamaged:
            yield f"{place} has other bytes than recorded"
            return
        if hashlib.sha256(stored).hexdigest() != packaged.sha256:
            yield f"{place} has other bytes than recorded"
        if packaged.builder != BUILDER:
            self.retired += 1
            return
        folder = self._folder(packaged.journey_digest)
        if folder is None:
            yield f"{place} names a journey that is not in the log"
            return
        self.built += 1
        upto = [entry for entry in entries if entry.seq <= packaged.built_on]
        if build(folder, case_id, upto, language=packaged.language) != stored:
            yield f"{place} is built otherwise from its events today"

    def _folder(self, digest: str) -> JourneyFolder | None:
        if digest not in self._read and digest in self._journeys:
            self._read[digest] = from_snapshot(self._journeys[digest])
        return self._read.get(digest)


def _snapshots(house: House) -> Mapping[str, Mapping[str, object]]:
    with house.database.reading() as store:
        return {
            entry.event.digest: entry.event.snapshot
            for entry in store.history(JOURNEYS)
            if isinstance(entry.event, e.JourneyLoaded)
        }


def _erased(entries: list[Entry]) -> bool:
    return any(isinstance(entry.event, e.CaseErased) for entry in entries)
