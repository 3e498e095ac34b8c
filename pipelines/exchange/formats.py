"""Which file is read and written how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cases.rules import Problem
from cases.rules.problems import instead_of
from cases.rules.table import Table
from pipelines.exchange.dmn_import import read_dmn_tables
from pipelines.exchange.dmn_write import dmn_bytes, lost_in_dmn
from pipelines.exchange.imported import ExportRefused, Import, ImportRefused
from pipelines.exchange.jdm import read_jdm
from pipelines.exchange.jdm_write import jdm_bytes, lost_in_jdm
from pipelines.exchange.sheet_files import csv_text, read_csv, read_xlsx, xlsx_bytes

__all__ = ["ExportRefused", "Exported", "ImportRefused", "export", "read_file"]
MAX_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Exported:
    """A table in another format, and what that format could not hold."""

    raw: bytes
    left_out: tuple[str, ...] = ()


def read_file(path: Path) -> Import:
    """All tables of a .csv, .xlsx, .dmn or JDM (.json) file. Raises ImportRefused."""
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise _refused(path, f"{suffix or 'a file without ending'} is not read", instead_of(suffix, READERS))
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})", "name a file that is there") from error
    return READERS[suffix](raw, path.name)


def export(table: Table, form: str) -> Exported:
    """The table as `csv`, `xlsx`, `dmn` or `jdm`. Raises ExportRefused."""
    return WRITERS[form](table)


def _refused(path: Path, what: str, mend: str) -> ImportRefused:
    return ImportRefused([Problem(path.name, None, "", what, mend)])


READERS: Final[Mapping[str, Callable[[bytes, str], Import]]] = {
    ".csv": lambda raw, file: read_csv(raw, file=file),
    ".xlsx": lambda raw, file: read_xlsx(raw, file=file),
    ".dmn": lambda raw, file: read_dmn_tables(raw, file=file),
    ".json": lambda raw, file: read_jdm(raw, file=file),
    ".jdm": lambda raw, file: read_jdm(raw, file=file),
}
WRITERS: Final[Mapping[str, Callable[[Table], Exported]]] = {
    "csv": lambda table: Exported(csv_text(table).encode()),
    "xlsx": lambda table: Exported(xlsx_bytes(table)),
    "dmn": lambda table: Exported(dmn_bytes(table), lost_in_dmn(table)),
    "jdm": lambda table: Exported(jdm_bytes(table), lost_in_jdm(table)),
}
