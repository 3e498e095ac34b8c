"""CSV files and XLSX workbooks as rows of text, under caps: no formulas, no macros, no bombs."""

import csv
import io
import zipfile
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import TYPE_FORMULA

from cases.rules import Problem
from cases.rules.table import Table
from pipelines.exchange.imported import Import, ImportRefused
from pipelines.exchange.sheet_cells import guarded, unguarded
from pipelines.exchange.sheets import Grid, example_grid, read_grid, table_grid

MAX_BYTES: Final = 5_000_000
MAX_UNPACKED: Final = 50_000_000  # bytes of a workbook's parts together
MOST_PARTS: Final = 500
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 300
MOST_CELLS: Final = 300_000  # that are not empty
LONGEST: Final = 32_000  # characters of one cell
_SHEETS: Final = ("table", "examples")


def csv_text(table: Table) -> str:
    """The table, then its examples; no cell begins like a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    grid = [*table_grid(table), [], *example_grid(table)]
    width = max(len(row) for row in grid)
    for row in grid:
        writer.writerow([*(guarded(cell) for cell in row), *[""] * (width - len(row))])
    return out.getvalue()


def read_csv(raw: bytes, *, file: str) -> Import:
    """Raises ImportRefused."""
    if len(raw) > MAX_BYTES:
        raise _refused(file, None, f"the file has more than {MAX_BYTES // 1_000_000} MB", "split the table")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(file, None, f"not UTF-8 at byte {error.start}", 'save it as "CSV UTF-8"') from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    grid, lines, before = _Growing(file), [], 0
    try:
        for row in reader:
            lines.append(before + 1)
            before = reader.line_num
            grid.add([unguarded(cell) for cell in row], lines[-1])
    except csv.Error as error:
        if "field limit" in str(error):  # the reader's own limit, which is this process's and not only ours
            raise _too_long(file, reader.line_num) from error
        raise _refused(file, reader.line_num, f"not CSV: {error}", "save it again as CSV") from error
    return read_grid(grid.rows, file=file, lines=lines)


def xlsx_bytes(table: Table) -> bytes:
    """A workbook with the table on one sheet and its examples on the next; every cell is text."""
    book = Workbook()
    for name, grid in zip(_SHEETS, (table_grid(table), example_grid(table)), strict=True):
        sheet = book.active if name == "table" else book.create_sheet()
        assert sheet is not None
        sheet.title = name
        for number, row in enumerate(grid, 1):
            for place, text in enumerate(row, 1):
                if text:
                    cell: Any = sheet.cell(number, place)
                    cell.value, cell.data_type, cell.number_format = text, "s", "@"
                    cell.quotePrefix = guarded(text) != text
        sheet.freeze_panes = "C1" if name == "table" else "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_xlsx(raw: bytes, *, file: str) -> Import:
    """Raises ImportRefused, also for a cell with a formula: what it would say is not known before it is run."""
    _check_parts(raw, file)
    try:
        _check_types(raw)
        book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        found = {sheet.title: _sheet(sheet, file) for sheet in book.worksheets}
    except ImportRefused:
        raise
    except Exception as error:  # openpyxl raises what its parts raise: KeyError, ValueError, ParseError and more
        raise _refused(file, None, f"not a workbook that can be read ({error})", "save it again as .xlsx") from error
    if "table" not in found:
        raise _refused(file, None, "the workbook has no sheet called table", "name the sheet with the rows so")
    grid = [*found["table"], *found.get("examples", [])]
    lines = [*range(1, len(found["table"]) + 1), *range(1, len(found.get("examples", [])) + 1)]
    imported = read_grid(grid, file=file, lines=lines)
    others = [
        Problem(file, None, title, "the sheet is not read", "delete it, or move its rows")
        for title, rows in found.items()
        if title not in _SHEETS and any(any(row) for row in rows)
    ]
    return Import(imported.tables, (*imported.left_out, *others))


def _check_parts(raw: bytes, file: str) -> None:
    """The sizes are those of the directory; a part that unpacks to more fails its check sum."""
    if len(raw) > MAX_BYTES:
        raise _refused(file, None, f"the file has more than {MAX_BYTES // 1_000_000} MB", "split the table")
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _refused(file, None, f"not a workbook ({error})", "save it again as .xlsx") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        what = f"the workbook unpacks to more than {MAX_UNPACKED // 1_000_000} MB or {MOST_PARTS} parts"
        raise _refused(file, None, what, "keep only the sheets of the table")
    if any("vbaProject" in part.filename for part in parts):
        raise _refused(file, None, "the workbook has macros", "save it as .xlsx without them")


def _check_types(raw: bytes) -> None:
    """Which parser openpyxl takes, and what that does with entities, depends on what else is installed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        if any(b"<!DOCTYPE" in book.read(part) for part in book.infolist()):
            raise ValueError("a part of it declares a document type")


def _sheet(sheet: Any, file: str) -> Grid:
    grid = _Growing(file)
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1), 1):
        texts = [_text(cell, sheet.title, file) for cell in row]  # filled up with empty cells
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            while len(grid.rows) < number - 1:
                grid.add([], number)
            grid.add(texts, number)
    return grid.rows


def _text(cell: Any, sheet: str, file: str) -> str:
    if cell.value is None:
        return ""
    where = f"{sheet}!{cell.coordinate}"
    if cell.data_type == TYPE_FORMULA:
        raise _refused(file, None, f"{where} holds a formula", "paste its value instead, or put a quote before it")
    if cell.data_type == "e":
        raise _refused(file, None, f"{where} holds the error {cell.value}", "write the value")
    text = _plain(cell.value)
    if text is None:
        raise _refused(file, None, f"{where} holds a {type(cell.value).__name__}", "write it as text")
    return text if cell.style_array.quotePrefix else unguarded(text)  # with the mark, the quote is no part of the text


def _plain(value: object) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():  # as the sheet shows it: the shortest text that means the same number
            return format(Decimal(repr(value)), "f")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case _:
            return None


class _Growing:
    """Rows as they come in, stopped at the first that is too many."""

    def __init__(self, file: str) -> None:
        self.rows: list[list[str]] = []
        self._file, self._cells = file, 0

    def add(self, row: list[str], line: int) -> None:
        """Raises ImportRefused."""
        self.rows.append(row)
        self._cells += sum(map(bool, row))
        if len(self.rows) > MOST_ROWS or len(row) > MOST_COLUMNS:
            what = f"more than {MOST_ROWS} rows or {MOST_COLUMNS} columns"
            raise _refused(self._file, line, what, "split the table, and clear what lies outside it")
        if self._cells > MOST_CELLS:
            raise _refused(self._file, line, f"more than {MOST_CELLS} cells", "split the table")
        if any(len(cell) > LONGEST for cell in row):
            raise _too_long(self._file, line)


def _too_long(file: str, line: int) -> ImportRefused:
    return _refused(file, line, f"a cell has more than {LONGEST} characters", "shorten it")


def _refused(file: str, line: int | None, what: str, mend: str) -> ImportRefused:
    return ImportRefused([Problem(file, line, "", what, mend)])
