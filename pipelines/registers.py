"""Registers as CSV files, one a register, as a back office exports them. Read again when the file changes."""

import csv
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Row = Mapping[str, str]


@dataclass(frozen=True)
class _Loaded:
    stamp: tuple[int, int]
    by_column: Mapping[str, Mapping[str, Row]]


class CsvRegisters:
    """folder/<register>.csv with a header line. A missing file is a register that knows nobody."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, _Loaded] = {}
        self._lock = threading.Lock()

    def look_up(self, register: str, *, column: str, value: str) -> Row | None:
        return self._rows(register).get(column, {}).get(folded(value)) if folded(value) else None

    def _rows(self, register: str) -> Mapping[str, Mapping[str, Row]]:
        path = self._folder / f"{register}.csv"
        try:
            status = path.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_size)
        with self._lock:
            loaded = self._loaded.get(register)
            if loaded is None or loaded.stamp != stamp:
                loaded = self._loaded[register] = _Loaded(stamp, _read(path))
        return loaded.by_column


def folded(value: str) -> str:
    """A key as it is compared: k-123-bb is K 123 BB."""
    return "".join(letter for letter in value.casefold() if letter.isalnum() or letter in "@._")


def _read(path: Path) -> dict[str, dict[str, Row]]:
    by_column: dict[str, dict[str, Row]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:  # Excel begins its files with a byte order mark
        for row in csv.DictReader(file):
            cells = {name: (value or "").strip() for name, value in row.items() if name}
            for name, value in cells.items():
                by_column.setdefault(name, {}).setdefault(folded(value), cells)
    return by_column
