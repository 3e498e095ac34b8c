"""Labelled messages from a CSV file: `text,label[,language][,group]`; the label `oos` means out of scope."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import UnreadableRow
from models.fitting import TrainingRows
from models.heads import normalised

OUT_OF_SCOPE = "oos"
_LARGEST_CELL = 1_000_000  # characters


@dataclass(frozen=True)
class Examples:
    """In-scope rows as parallel tuples, and the texts known to be out of scope; digest is over the file's bytes."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...]  # "" = not said
    groups: tuple[str, ...]  # "" = not said
    ids: tuple[str, ...]
    outsiders: tuple[str, ...] = ()
    digest: str = ""

    def rows(self) -> TrainingRows:
        return TrainingRows(self.texts, self.labels, self.groups, self.ids)

    def take(self, kept: list[int], *, outsiders: list[int]) -> "Examples":
        """Some of the rows, and some of the outsiders, by position."""
        return Examples(
            texts=tuple(self.texts[i] for i in kept),
            labels=tuple(self.labels[i] for i in kept),
            languages=tuple(self.languages[i] for i in kept),
            groups=tuple(self.groups[i] for i in kept),
            ids=tuple(self.ids[i] for i in kept),
            outsiders=tuple(self.outsiders[i] for i in outsiders),
            digest=self.digest,
        )


def contradictions(examples: Examples) -> list[tuple[str, str]]:
    """Ids of rows with the same text under different labels: the first that says it, and each that differs from it.

    Case, punctuation and spacing make no difference.
    """
    first: dict[str, int] = {}
    found = []
    for i, text in enumerate(examples.texts):
        before = first.setdefault(normalised(text), i)
        if examples.labels[before] != examples.labels[i]:
            found.append((examples.ids[before], examples.ids[i]))
    return found


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row of a file; what the file does not say is ""."""

    text: str
    label: str
    language: str
    group: str
    line: int  # the header is line 1


def read_examples(path: Path) -> Examples:
    """Read a UTF-8 CSV file; an id is "file name:line". Raises UnreadableRow naming file, line and the mend."""
    body = path.read_bytes()
    rows = _read(body, path.name, needed=("text", "label"))
    inside = [row for row in rows if row.label != OUT_OF_SCOPE]
    return Examples(
        texts=tuple(row.text for row in inside),
        labels=tuple(row.label for row in inside),
        languages=tuple(row.language for row in inside),
        groups=tuple(row.group for row in inside),
        ids=tuple(f"{path.name}:{row.line}" for row in inside),
        outsiders=tuple(row.text for row in rows if row.label == OUT_OF_SCOPE),
        digest=hashlib.sha256(body).hexdigest(),
    )


def read_rows(path: Path) -> list[Labelled]:
    """Every row in the order of the file, also those out of scope; errors as in `read_examples`."""
    return _read(path.read_bytes(), path.name, needed=("text", "label"))


def read_messages(path: Path) -> list[Labelled]:
    """The same of a file that may lack labels."""
    return _read(path.read_bytes(), path.name, needed=("text",))


def _read(body: bytes, file: str, *, needed: Sequence[str]) -> list[Labelled]:
    rows = list(_rows(_decoded(body, file), file, needed))
    if not rows:
        mend = "add labelled messages under the header" if "label" in needed else "add messages under the header"
        raise UnreadableRow(file, 2, "there are no rows", mend=mend)
    return rows


def _decoded(body: bytes, file: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        problem = f"byte 0x{body[error.start]:02x} is not UTF-8"
        raise UnreadableRow(file, line, problem, mend="save the file as UTF-8") from error


def _rows(text: str, file: str, needed: Sequence[str]) -> Iterator[Labelled]:
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        _check_header(header, file, needed)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(header, cells, file, line, needed)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableRow(
            file, line, str(error), mend="close the quotes, and double a quote within a cell"
        ) from error


def _check_header(header: list[str], file: str, needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        problem = f"column {' and '.join(missing)} is missing"
        raise UnreadableRow(file, 1, problem, mend="the header must read text,label[,language][,group]")


def _row(header: list[str], cells: list[str], file: str, line: int, needed: Sequence[str]) -> Labelled:
    if len(cells) != len(header):
        problem = f"{len(cells)} cells under a header of {len(header)}"
        raise UnreadableRow(file, line, problem, mend='put a text with commas in double quotes: "like, this"')
    for name, cell in zip(header, cells, strict=True):
        if "\x00" in cell:
            raise UnreadableRow(file, line, f"the {name} holds a NUL byte", mend="save the file as plain UTF-8 text")
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in needed:
        if not named[name]:
            raise UnreadableRow(file, line, f"the {name} is empty", mend="fill it in or remove the row")
    return Labelled(named["text"], named.get("label", ""), named.get("language", ""), named.get("group", ""), line)
