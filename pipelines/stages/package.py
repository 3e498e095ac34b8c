"""The decision file: built from the case's events, its digest kept in the log, its bytes beside the case's blobs."""

import hashlib
from collections.abc import Sequence

from cases import events as e
from cases.decision_file import BUILDER, build_of
from cases.vocabulary import Status
from pipelines.house import House
from pipelines.stages.work import NOTHING, Item, Outcome, asked_again, case_of, follows


def package(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_package(item, house) for item in batch]


def _package(item: Item, house: House) -> Outcome:
    if asked_again(item):
        return NOTHING
    case = case_of(item)
    journey = case.step.journey if case.step else case.journey
    if case.status is Status.CLOSED or journey not in house.journeys.folders:
        return NOTHING
    folder = house.journeys.packaging(str(journey), case)
    language = house.settings.desk_language
    data = build_of(folder, case, item.entries, language=language)
    house.blobs.put(case.id, data)
    packaged = e.FilePackaged(BUILDER, hashlib.sha256(data).hexdigest(), folder.digest, case.version, language)
    return follows(item, [packaged])
