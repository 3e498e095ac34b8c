"""Messages from files: .eml, .mbox, folders of them, and JSONL. Each has an idempotency key."""

import hashlib
import mailbox
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cases import events as e
from cases.case import Entry, fold
from cases.errors import KeyReused
from cases.journey import tracking
from pipelines.channels.jsonl import read_json_message
from pipelines.channels.parsed import FieldInvalid, Refused
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept

CALLER = "ingest"
MAIL, JSON = "message/rfc822", "application/json"
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)  # mailboxes quote such lines; unescaped they would read as a quote
_SUFFIXES = (".eml", ".mbox", ".jsonl")


@dataclass(frozen=True, slots=True)
class Offered:
    """One message of a file, not accepted yet. problem: why it cannot even be offered."""

    id: str
    incoming: Incoming | None
    problem: str = ""

    def without_body(self) -> "Offered":
        return replace(self, incoming=None)


def read_paths(paths: Sequence[Path], *, channel: str | None, journey: str | None) -> Iterator[Offered]:
    """Every message in these files and folders, in order of name."""
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES)
            yield from read_paths(inside, channel=channel, journey=journey)
        elif path.suffix == ".jsonl":
            yield from _json_lines(path, channel, journey)
        elif path.suffix == ".mbox":
            yield from _mailbox(path, channel, journey)
        else:
            yield _mail(path.read_bytes(), path.name, channel, journey)


def offer(offered: Offered, house: House) -> Accepted | str:
    """The receipt, or why the message was refused."""
    if offered.incoming is None:
        return offered.problem
    try:
        return accept(replace(offered.incoming, received_at=house.now()), house=house)
    except (Refused, KeyReused) as refused:
        return str(refused)


def result_of(house: House, id_: str, accepted: Accepted | str) -> dict[str, Any]:
    """What became of a message, in the shape of `casewright ingest --json`: its own step, its case's status today."""
    empty = {"reference": None, "step": None, "topic": None, "confidence": None, "scope": None, "rule": None}
    if isinstance(accepted, str):
        return {"id": id_, **empty, "status": "refused", "milestones": [], "detail": accepted}
    if accepted.reference is None:
        return {"id": id_, **empty, "status": accepted.status, "milestones": []}
    with house.database.reading() as store:
        case_id = store.case_id(accepted.reference)
        entries = store.history(case_id)
    case = fold(case_id, entries)
    read, step = decided_on(entries, accepted.message_id)
    journey = case.journey if case.journey in house.journeys.folders else None
    view = tracking(house.journeys.get(journey), case, entries) if journey else None
    return {
        "id": id_,
        "reference": accepted.reference,
        "status": case.status,
        "step": _step(step),
        "topic": read.topic if read else None,
        "confidence": read.confidence if read else None,
        "scope": read.scope if read else None,
        "rule": ",".join(step.read.fired) if step and step.read else None,
        "because": list(step.because) if step else [],
        "journey": case.journey,
        "milestones": [{"key": m.key, "label": m.label, "state": m.state} for m in view.milestones] if view else [],
    }


def decided_on(entries: Sequence[Entry], message_id: str) -> tuple[e.Understood | None, e.StepDecided | None]:
    """How a case was understood, and what was decided, when this message had come in; later messages may differ."""
    read: e.Understood | None = None
    for entry in entries:
        match entry.event:
            case e.Understood() as understood if read is None and understood.message_id == message_id:
                read = understood
            case e.StepDecided() as step if read is not None:
                return read, step
            case _:
                continue
    return read, None


def _step(step: e.StepDecided | None) -> str | None:
    """What is done: a closing step in its shadow phase goes to an expert."""
    return None if step is None else "expert" if step.shadow else step.step


def _mail(raw: bytes, name: str, channel: str | None, journey: str | None) -> Offered:
    digest = hashlib.sha256(raw).hexdigest()
    return Offered(name, Incoming(MAIL, raw, channel or "email", CALLER, _NOW, digest, journey))


def _mailbox(path: Path, channel: str | None, journey: str | None) -> Iterator[Offered]:
    box = mailbox.mbox(path, create=False)
    for number, key in enumerate(box.iterkeys(), start=1):
        raw = _ESCAPED.sub(rb"\1", box.get_bytes(key))
        yield _mail(raw, f"{path.name}:{number}", channel, journey)


def _json_lines(path: Path, channel: str | None, journey: str | None) -> Iterator[Offered]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if raw.strip():
                yield _json_line(raw.strip(), path, number, channel, journey)


def _json_line(raw: bytes, path: Path, number: int, channel: str | None, journey: str | None) -> Offered:
    place = f"{path.name}:{number}"
    try:
        message = read_json_message(raw)
        files = tuple((Path(photo).name, _inside(path.parent, photo).read_bytes()) for photo in message.photos)
    except (Refused, OSError) as problem:
        return Offered(place, None, f"{place}: {problem}")
    digest = hashlib.sha256(raw).hexdigest()[:16]
    key = f"{message.channel or channel or 'jsonl'}:{message.id}:{digest}"
    incoming = Incoming(
        JSON, raw, message.channel or channel or "webform", CALLER, _NOW, key, journey or message.journey, files=files
    )
    return Offered(message.id, incoming)


def _inside(folder: Path, photo: str) -> Path:
    """A photo's path, absolute or beside the file; never climbing out of the folder by `..`."""
    path = Path(photo)
    if ".." in path.parts:
        raise FieldInvalid("photos", f"{photo!r} climbs out of its folder; give a path inside it or an absolute one")
    return path if path.is_absolute() else folder / path


_NOW = datetime.fromtimestamp(0, UTC)  # replaced by the moment of acceptance
