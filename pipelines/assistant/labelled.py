"""Labelled messages that a language model is tried on: files of JSON lines or CSV.

Columns: `text`; `topic` (or `label`, as journeys' own examples have it; `oos` for none of the journey's topics);
`fact.<name>` for facts of the journey, blank where the message does not state it; `language`; `question`, for help that
answers one. All but `text` may be missing; other columns are not read.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cases.journey_folder import JourneyFolder
from cases.journey_spec import FactSpec
from cases.rules.problems import instead_of
from cases.stating import NotOfItsType, read_typed
from models.errors import ModelError, UnreadableRow
from models.examples import OUT_OF_SCOPE
from models.labels import topic_key
from pipelines.reading.facts import FactReader, read_facts

FACT = "fact."
KINDS = (".csv", ".jsonl")
MOST_CHARS = 1_000_000  # of one cell
Row = Mapping[str, str]


class NothingLabelled(ModelError):
    def __init__(self, place: Path) -> None:
        super().__init__(
            f"{place.name} holds no file with messages; name a .csv or .jsonl file with a column text, or their folder"
        )


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """topic: None where it has no label. facts: by name what it states, as facts are kept, "" for nothing; what has no
    label is not among them.
    """

    text: str
    topic: str | None
    facts: Mapping[str, str]
    language: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class DataFile:
    name: str
    sha256: str


def read_labelled(place: Path, folder: JourneyFolder) -> tuple[list[LabelledMessage], list[DataFile]]:
    """All messages of a file, or of the files in a folder by name. Raises UnreadableRow and NothingLabelled."""
    found, files = [], []
    for path in files_of(place):
        body = path.read_bytes()
        files.append(DataFile(path.name, hashlib.sha256(body).hexdigest()))
        rows = _from_csv if path.suffix == ".csv" else _from_jsonl
        found += [_message(row, path.name, line, folder) for line, row in rows(_decoded(body, path.name), path.name)]
    if not found:
        raise NothingLabelled(place)
    return found, files


def files_of(place: Path) -> Sequence[Path]:
    return sorted(path for path in place.iterdir() if path.suffix in KINDS) if place.is_dir() else [place]


def _decoded(body: bytes, file: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise UnreadableRow(
            file, line, f"byte 0x{body[error.start]:02x} is not UTF-8", mend="save the file as UTF-8"
        ) from error


def _from_csv(text: str, file: str) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(MOST_CHARS)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    what = f"{len(cells)} cells under a header of {len(header)}"
                    raise UnreadableRow(file, line, what, mend='put a text with commas in double quotes: "like, this"')
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableRow(file, line, str(error), mend="close the quotes; double a quote within a cell") from error


def _from_jsonl(text: str, file: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(line, file, number)


def _object(line: str, file: str, number: int) -> Row:
    try:
        found = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableRow(file, number, "it is no JSON", mend="write one object a line") from error
    if not isinstance(found, dict) or any(isinstance(value, dict | list) for value in found.values()):
        raise UnreadableRow(file, number, "it is no object of plain values", mend='write {"text": "…", "topic": "…"}')
    return {str(name): _plain(value) for name, value in found.items()}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _message(row: Row, file: str, line: int, folder: JourneyFolder) -> LabelledMessage:
    named = {name: cell.strip() for name, cell in row.items()}
    if not named.get("text"):
        raise UnreadableRow(file, line, "there is no text", mend="fill in the column text, or remove the row")
    label = named.get("topic") or named.get("label") or ""
    return LabelledMessage(
        named["text"],
        _topic(label, file, line, folder) if label else None,
        _facts(named, file, line, folder),
        named.get("language", ""),
        named.get("question", ""),
    )


def _topic(label: str, file: str, line: int, folder: JourneyFolder) -> str:
    topics = folder.journey.topics
    key = OUT_OF_SCOPE if label == OUT_OF_SCOPE else topic_key(label)
    if key != OUT_OF_SCOPE and key not in topics:
        mend = f"{instead_of(label, list(topics))}; what belongs to no topic is labelled {OUT_OF_SCOPE}"
        raise UnreadableRow(file, line, f"{label!r} is no topic of {folder.name}", mend=mend)
    return key


def _facts(named: Row, file: str, line: int, folder: JourneyFolder) -> dict[str, str]:
    """Those that the row has labels for."""
    known, found = folder.journey.facts, {}
    for column, cell in named.items():
        name = column.removeprefix(FACT)
        if name == column:
            continue
        if name not in known:
            mend = instead_of(name, list(known))
            raise UnreadableRow(file, line, f"{name!r} is no fact of {folder.name}", mend=mend)
        try:
            found[name] = _kept(name, known[name], cell, folder) if cell else ""
        except NotOfItsType as error:
            raise UnreadableRow(file, line, f"{cell!r} cannot be {name}", mend=error.mend) from error
    return found


def _kept(name: str, spec: FactSpec, cell: str, folder: JourneyFolder) -> str:
    """As facts are kept, so that one value has one spelling."""
    typed = read_typed(name, spec, cell)
    if spec.type != "text" or spec.reader == "none":
        return typed
    reader = FactReader(spec.reader, pattern=spec.pattern)
    language = folder.journey.languages[0]
    read = {one.value for one in read_facts(typed, language=language, now=date.min, readers={name: reader})[name]}
    return read.pop() if len(read) == 1 else typed
