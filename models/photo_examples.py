"""Labelled photos from a CSV file: `path,label[,group]`, and which of them are so alike that they belong together."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableRow
from models.heads import joined_groups
from models.later import Later
from models.photo import PhotoHashes, codes_of
from models.reuse import REUSED_WITHIN

sparse, csgraph = Later("scipy.sparse"), Later("scipy.sparse.csgraph")
_AT_ONCE = 2_000_000  # comparisons held in memory at a time


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One row of a file; what the file does not say is "". line: the header is line 1."""

    path: Path
    label: str
    group: str
    line: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """What tells whether two photos are the same: the digest of their pixels, and perceptual hashes."""

    pixels: str
    hashes: PhotoHashes


def read_photo_rows(path: Path, *, needs_labels: bool) -> list[PhotoRow]:
    """Rows in the order of the file, paths made relative to it. Raises UnreadableRow naming line and mend.

    Whether a photo can be read is found out when it is; that its file exists is found out here.
    """
    needed = ("path", "label") if needs_labels else ("path",)
    rows = list(_rows(_decoded(path), path, needed))
    if not rows:
        raise UnreadableRow(path.name, 2, "there are no rows", mend="add photos under the header")
    for row in rows:
        if not row.path.is_file():
            told = row.path if row.path.is_absolute() else row.path.as_posix()
            problem = f"there is no photo {told}"
            raise UnreadableRow(path.name, row.line, problem, mend="correct the path, from the CSV file's folder on")
    return rows


def check_one_label_each(rows: Sequence[PhotoRow], looks: Sequence[Likeness], file: str) -> None:
    """Raises UnreadableRow when the same pixels stand under two labels."""
    first: dict[str, PhotoRow] = {}
    for row, look in zip(rows, looks, strict=True):
        other = first.setdefault(look.pixels, row)
        if other.label != row.label:
            problem = f"the photo of line {other.line} again, there {other.label!r} and here {row.label!r}"
            raise UnreadableRow(file, row.line, problem, mend="keep the row whose label is right")


def together(looks: Sequence[Likeness], groups: Sequence[str]) -> tuple[str, ...]:
    """Groups for splitting: photos of one group ("" = alone), and photos that are alike within 6 bits, are one."""
    owners, stored = _codes([look.hashes.stored for look in looks])
    askers, queries = _codes([look.hashes.queries for look in looks])
    first: dict[str, int] = {}
    links = [(first.setdefault(look.pixels, i), i) for i, look in enumerate(looks)]
    if len(stored):
        step = max(1, _AT_ONCE // len(stored))
        for start in range(0, len(queries), step):
            distances = np.bitwise_count(queries[start : start + step, None] ^ stored[None, :])
            near, found = np.nonzero(distances <= REUSED_WITHIN)
            links += set(zip(askers[start + near].tolist(), owners[found].tolist(), strict=True))
    one, other = np.array(links, dtype=np.int64).reshape(-1, 2).T
    graph = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(len(looks), len(looks)))
    _, component = csgraph.connected_components(graph, directed=False)
    return tuple(joined_groups([f"photo {number}" for number in component.tolist()], groups))


def _codes(hashes: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """All hashes in a row, and whose each is."""
    owners = [i for i, mine in enumerate(hashes) for _ in mine]
    return np.array(owners, dtype=np.int64), codes_of([code for mine in hashes for code in mine])


def _decoded(path: Path) -> str:
    body = path.read_bytes()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        problem = f"byte 0x{body[error.start]:02x} is not UTF-8"
        raise UnreadableRow(path.name, line, problem, mend="save the file as UTF-8") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableRow(path.name, line, "there is a NUL byte", mend="save the file as plain CSV")
    return text


def _rows(text: str, path: Path, needed: Sequence[str]) -> Iterator[PhotoRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in needed if name not in header]
        if missing:
            problem = f"column {' and '.join(missing)} is missing"
            raise UnreadableRow(path.name, 1, problem, mend="the header must read path,label[,group]")
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(header, cells, path, line, needed)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableRow(path.name, line, str(error), mend="close the quotes") from error


def _row(header: list[str], cells: list[str], path: Path, line: int, needed: Sequence[str]) -> PhotoRow:
    if len(cells) != len(header):
        problem = f"{len(cells)} cells under a header of {len(header)}"
        raise UnreadableRow(path.name, line, problem, mend='put a path with commas in double quotes: "a,b.jpg"')
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in needed:
        if not named[name]:
            raise UnreadableRow(path.name, line, f"the {name} is empty", mend="fill it in or remove the row")
    return PhotoRow(path.parent / named["path"], named.get("label", ""), named.get("group", ""), line)
