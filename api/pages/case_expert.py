"""The parts of the decision file's page with which an expert weighs a case."""

from collections.abc import Sequence
from typing import Any

from api.pages.case_facts import Looking, facts_of
from api.pages.case_view import FileReader
from api.security import Operation, may
from cases.case import Case, Entry
from cases.store.people import User
from cases.vocabulary import Status
from pipelines.house import House


def expert_parts(
    house: House, reader: FileReader, case: Case, entries: Sequence[Entry], user: User, *, looking: Looking
) -> dict[str, Any]:
    """Beside what the page shows of every case. Asks nothing of the database."""
    folder = house.journeys.folders.get(case.journey or "")
    corrects = may(user, Operation.DECIDE) and case.status is not Status.CLOSED
    return {"facts": facts_of(reader, entries, folder, may_correct=corrects, looking=looking)}
