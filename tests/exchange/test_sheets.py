"""Tables go into sheets and come back the same; a sheet that would run something is refused."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from written_tables import REPAIR, odd_tables, whole

from cases.rules import Table, table_digest
from pipelines.exchange.imported import Import, ImportRefused
from pipelines.exchange.sheet_files import MAX_BYTES, MOST_ROWS, csv_text, read_csv, read_xlsx, xlsx_bytes
from pipelines.rule_files import read_rule_file

SHIPPED = sorted(Path("configs/journeys").glob("*/rules/*.yaml"))
Way = Callable[[Table], Import]


def by_csv(table: Table) -> Import:
    return read_csv(csv_text(table).encode(), file="own.csv")


def by_xlsx(table: Table) -> Import:
    return read_xlsx(xlsx_bytes(table), file="own.xlsx")


def digest(found: Import) -> str:
    (one,) = found.tables
    assert found.left_out == ()
    assert one.problems() == ()
    return table_digest(whole(dict(one.document)))


@pytest.mark.parametrize("way", [by_csv, by_xlsx])
@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_the_shipped_tables_come_back_the_same(path: Path, way: Way) -> None:
    table = read_rule_file(path)

    assert digest(way(table)) == table_digest(table)


@pytest.mark.parametrize("way", [by_csv, by_xlsx])
def test_every_kind_of_column_comes_back_the_same(way: Way) -> None:
    table = whole(REPAIR)

    assert digest(way(table)) == table_digest(table)


@given(odd_tables())
@settings(max_examples=40, deadline=None)
def test_values_that_look_like_formulas_lists_or_quotes_come_back_the_same(table: Table) -> None:
    assert digest(by_csv(table)) == table_digest(table)
    assert digest(by_xlsx(table)) == table_digest(table)


@given(odd_tables())
@settings(max_examples=20, deadline=None)
def test_no_cell_of_a_csv_begins_like_a_formula(table: Table) -> None:
    cells = [cell for row in csv.reader(io.StringIO(csv_text(table), newline="")) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_workbook_holds_only_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(whole(REPAIR))))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert {cell.data_type for cell in cells} == {"s"}
    assert book.sheetnames == ["table", "examples"]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert risky
    assert all(cell.quotePrefix for cell in risky)


def changed(place: str, value: str, *, sheet: str = "table") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(whole(REPAIR))))
    book[sheet][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(raw: bytes, read: Callable[..., Import] = read_xlsx) -> str:
    with pytest.raises(ImportRefused) as refused:
        read(raw, file="own")
    assert all(problem.mend for problem in refused.value.problems)
    return str(refused.value)


def test_a_formula_is_refused_with_sheet_cell_and_mend() -> None:
    assert refusal(changed("C19", "=1+1")) == (
        "own: table!C19 holds a formula; paste its value instead, or put a quote before it"
    )
    assert "examples!B2 holds a formula" in refusal(changed("B2", "=cmd|' /C calc'!A0", sheet="examples"))


def test_what_a_person_types_into_a_workbook_is_read() -> None:
    raw = changed("B4", "2026-03-01")
    book = openpyxl.load_workbook(io.BytesIO(raw))
    sheet = book["table"]
    row = next(cells for cells in sheet.iter_rows() if cells[0].value == "R-010")
    row[3].value, row[4].value = False, 7  # found, photos
    out = io.BytesIO()
    book.save(out)

    (one,) = read_xlsx(out.getvalue(), file="own").tables

    assert one.document["effective_from"] == "2026-03-01"
    assert one.document["rows"][0]["when"] | {"found": "false", "photos": "7"} == one.document["rows"][0]["when"]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "not a workbook"),
        (b"PK\x03\x04 nothing", "not a workbook"),
        (b"x" * (MAX_BYTES + 1), "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(raw: bytes, what: str) -> None:
    assert what in refusal(raw)


def test_a_workbook_that_unpacks_too_far_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)

    assert "unpacks to more than 50 MB" in refusal(out.getvalue())


def test_a_workbook_with_macros_or_other_sheets_is_told() -> None:
    raw = io.BytesIO(xlsx_bytes(whole(REPAIR)))
    with zipfile.ZipFile(raw, "a") as book:
        book.writestr("xl/vbaProject.bin", b"x")
    assert "has macros" in refusal(raw.getvalue())

    more = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(whole(REPAIR))))
    more.create_sheet("notes")["A1"] = "remember"
    out = io.BytesIO()
    more.save(out)
    assert [problem.path for problem in read_xlsx(out.getvalue(), file="own").left_out] == ["notes"]


def test_entities_in_a_workbook_are_refused() -> None:
    source = zipfile.ZipFile(io.BytesIO(xlsx_bytes(whole(REPAIR))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in source.namelist():
            raw = source.read(name)
            if name == "xl/workbook.xml":
                raw = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha">]><workbook>&a;</workbook>'
            book.writestr(name, raw)

    assert "not a workbook that can be read" in refusal(out.getvalue())


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "no sheet of a decision table"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"a,b\r\n" * (MOST_ROWS + 1), "more than 10000 rows"),
        (b"," * 400, "more than 10000 rows or 300 columns"),
        ((b"x," * 200 + b"\n") * 1600, "more than 300000 cells"),
        (b"x" * 40_000, "a cell has more than 32000 characters"),
        (b"x" * 1_200_000, "own:1: a cell has more than 32000 characters"),
    ],
)
def test_a_csv_that_is_no_table_is_refused(raw: bytes, what: str) -> None:
    assert what in refusal(raw, read_csv)


def test_a_csv_with_semicolons_and_a_mark_at_its_start_is_read() -> None:
    rows = csv.reader(io.StringIO(csv_text(whole(REPAIR)), newline=""))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)

    found = read_csv(b"\xef\xbb\xbf" + out.getvalue().encode(), file="own")

    assert digest(found) == table_digest(whole(REPAIR))


def test_truth_values_in_capitals_are_read() -> None:
    text = csv_text(whole(REPAIR)).replace(",true,", ",TRUE,")

    assert digest(read_csv(text.encode(), file="own")) == table_digest(whole(REPAIR))


def test_columns_that_nobody_declared_are_told_once() -> None:
    head = csv_text(whole(REPAIR)).split("[rows]")[0]
    rows = "".join(f"R-{number},x,>,leak\r\n" for number in range(500))

    found = read_csv(f"{head}[rows],description,when colour,when topic\r\n{rows}".encode(), file="own")

    (told,) = found.left_out
    assert "there is no column 'colour', so its cells are left out" in str(told)
    assert found.tables[0].document["rows"][499]["when"] == {"topic": "leak"}


def test_what_is_not_understood_is_listed_with_its_line() -> None:
    text = csv_text(whole(REPAIR)).replace("complete,false", "colour,blue", 1).replace("[constants]", "[colours]", 1)

    (first, second, *_) = read_csv(text.encode(), file="own.csv").left_out

    assert str(first).startswith("own.csv:5 colour: it means nothing at the head of a sheet")
    assert "[colours]: no block has this name" in str(second)


def test_a_table_with_a_bad_cell_names_the_line_of_the_sheet() -> None:
    text = csv_text(whole(REPAIR)).replace("<= cap", "<= cape")

    (one,) = read_csv(text.encode(), file="own.csv").tables

    (problem,) = one.problems()
    line = next(number for number, row in enumerate(text.split("\r\n"), 1) if row.startswith("R-010"))
    assert problem.line == line
    assert problem.path == "rows[R-010].when.amount"
