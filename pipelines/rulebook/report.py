"""Reports of replays: made from the whole history, kept under the name of their bytes, and noted in the log.

A report is plain data without floats (shares are decimal strings) and without a customer's word: cases stand in it by
reference, inputs by name. The same history gives the same bytes, so their sha256 names it.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from cases import events as e
from cases.errors import CaseError
from cases.rules import Table
from cases.vocabulary import SYSTEM, Actor
from pipelines.files import write_once
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.rulebook.replay_history import Question, question, tally_here, tally_in_chunks
from pipelines.rulebook.report_parts import assembled
from pipelines.rulebook.report_words import lines
from pipelines.rulebook.versions import stream_of

_NAME = re.compile(r"[0-9a-f]{64}")


class NotReplayed(CaseError):
    """No recorded decision was made by that table, so none can be made again."""


@dataclass(frozen=True)
class Report:
    """data: plain, ready for JSON; docs/rules.md tells its parts."""

    data: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return self.data

    @property
    def canonical(self) -> bytes:
        """JSON with its keys in order: the same data gives the same bytes."""
        return orjson.dumps(self.data, option=orjson.OPT_SORT_KEYS)

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.canonical).hexdigest()

    def words(self) -> list[str]:
        """For people, in lines of at most 80 characters."""
        return [*lines(self.data), f"Report {self.hash}"]


def report_of(
    house: House, journey: str, new: Table, *, since: date | None = None, by: Actor = SYSTEM, workers: int = 1
) -> Report:
    """Replay all of a journey's recorded decisions, those since a day, under `new`; keep the report and note it.

    workers: processes that share the work. Raises NotReplayed for a table that no decision rests on.
    """
    asked = asked_of(house, journey, new, since=since)
    tally = tally_here(asked) if workers == 1 else tally_in_chunks(asked, workers=workers)
    report = Report(assembled(asked, tally))
    keep(house, report, by=by)
    return report


def asked_of(house: House, journey: str, new: Table, *, since: date | None = None) -> Question:
    """Raises NotReplayed."""
    folder = house.journeys.get(journey)
    asks = (folder.root.id, *folder.upstream)
    if new.id not in asks:
        raise NotReplayed(f"no decision of {journey} rests on the table {new.id!r}; replay {' or '.join(asks)}")
    return question(house, journey, new, since=since)


def keep(house: House, report: Report, *, by: Actor) -> None:
    """The report under its name in the home, and in the log that it was made."""
    data, name = report.data, report.hash
    write_once(_path(house, name), report.canonical)
    event = e.ReplayReported(
        journey=data["journey"],
        table=data["table"],
        base=data["base"],
        digest=data["digest"],
        report=name,
        through=datetime.fromisoformat(data["through"]),
        decisions=data["decisions"],
        moved=data["moved"],
    )
    write_in_turn(house.database, lambda store: store.append(stream_of(event.journey), [(event, by)], at=house.now()))


def kept(house: House, name: str) -> Report | None:
    """A report by its hash; None when it is not on this machine, or not as it was written."""
    path = _path(house, name)
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    written = path.read_bytes()
    return Report(orjson.loads(written)) if hashlib.sha256(written).hexdigest() == name else None


def _path(house: House, name: str) -> Path:
    return house.settings.home / "reports" / f"{name}.json"
