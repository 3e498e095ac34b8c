"""casewright post: says what it needs, takes letters in as a process of its own, prints sheets; doctor knows it too."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from api.cli import app
from configs.settings import Settings
from pipelines.channels.post.sheets import TITLE, is_sheet
from pipelines.watching.checkup import Level, check_settings
from pipelines.wiring import opened
from tests.channels.scans import LETTER, pdf
from tests.servers import wait_until


def test_without_a_folder_it_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = CliRunner().invoke(app, ["post"])
    monkeypatch.setenv("CASEWRIGHT_SCAN_FOLDER", str(tmp_path / "none"))
    absent = CliRunner().invoke(app, ["post"])

    assert (unset.exit_code, absent.exit_code) == (2, 2)
    assert "set CASEWRIGHT_SCAN_FOLDER" in unset.output
    assert "there is no such folder" in absent.output


def test_it_takes_what_lies_there_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "brief.pdf").write_bytes(pdf(LETTER))
    environment = {**os.environ, "CASEWRIGHT_HOME": str(tmp_path / "home"), "CASEWRIGHT_SCAN_FOLDER": str(scans)}
    with subprocess.Popen([sys.executable, "-m", "api", "post"], env=environment) as process:
        wait_until(lambda: (scans / "taken").is_dir() and any((scans / "taken").iterdir()), "nothing was taken")
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)

    with opened(Settings(home=tmp_path / "home")) as house, house.database.reading() as store:
        case = store.case(store.case_id(f"C-{datetime.now(UTC).year}-000001"))
    assert (code, case.channel) == (0, "post")


def test_a_sheet_is_printed_that_is_known_again(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["post", "separator", "--to", str(tmp_path / "sheet.pdf")])

    assert told.exit_code == 0
    text = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")[0].get_textpage().get_text_range()
    assert TITLE in text
    assert is_sheet(text)


def test_a_sheet_for_a_case_that_is_not_there_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path / "home"))

    told = CliRunner().invoke(app, ["post", "separator", "--case", "c-2026-000009", "--to", str(tmp_path / "x.pdf")])

    assert told.exit_code == 2
    assert "there is no case 'C-2026-000009'" in told.output
    assert not (tmp_path / "x.pdf").exists()


def test_doctor_tells_of_a_folder_that_is_not_there_and_of_scans_that_lie_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no tesseract
    (tmp_path / "scans" / "aside").mkdir(parents=True)
    for name in ("1 a.pdf", "1 a.pdf.txt"):
        (tmp_path / "scans" / "aside" / name).touch()
    absent = check_settings(Settings(home=tmp_path, scan_folder=tmp_path / "none"))
    there = check_settings(Settings(home=tmp_path, scan_folder=tmp_path / "scans"))

    said = [[(one.about, one.says) for one in found if one.level is Level.WRONG] for found in (absent, there)]
    assert [about for about, _ in said[0]] == ["scan_folder", "tesseract"]
    assert "1 scans lie in" in dict(said[1])["scan_folder"]
    assert not [one for one in check_settings(Settings(home=tmp_path)) if one.about in dict(said[1])]
