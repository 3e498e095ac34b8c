"""Which version of each table decides: the folder's file is the first one, after that the log says."""

from datetime import UTC, datetime
from functools import partial

from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.rules import table_digest
from cases.store.database import Database
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from pipelines.in_turn import write_in_turn
from pipelines.journeys import Journeys
from pipelines.rulebook.versions import books, stream_of

FROM_FOLDER = "from the journey's folder"


def note_tables(database: Database, journeys: Journeys) -> None:
    """Keep each table as it stands in its folder as its first version, when it is seen for the first time."""
    for folder in journeys.folders.values():
        with database.reading() as store:
            new = _first_versions(store, folder)
        if new:
            write_in_turn(database, partial(_note, folder))


def _note(folder: JourneyFolder, store: Store) -> None:
    new = _first_versions(store, folder)
    if new:
        store.append(stream_of(folder.name), [(event, SYSTEM) for event in new], at=datetime.now(UTC))


def _first_versions(store: Store, folder: JourneyFolder) -> list[e.TablePublished]:
    known = books(store.history(stream_of(folder.name)))
    return [
        e.TablePublished(
            journey=folder.name,
            table=name,
            digest=table_digest(table),
            document=table.as_dict(),
            effective_from=table.effective_from,
            note=FROM_FOLDER,
        )
        for name, table in folder.tables.items()
        if name not in known or not known[name].versions
    ]
