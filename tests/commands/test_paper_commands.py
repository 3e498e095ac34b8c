"""The decision file as PDF on the command line: written, and checked again by whoever gets it back."""

import hashlib
import json
from pathlib import Path

import pytest

from api.cli import app
from cases.events import FilePackaged
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.commands.command_line import run
from tests.homes import settings
from tests.pipelines.given import by_form


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def reference(home: Path, trained: Path) -> str:
    """Of a case with a person."""
    with opened(settings(home, models=trained)) as house:
        found = str(by_form(house, text="Er is ingebroken in mijn auto en ik weet niet wat ik nu moet doen.").reference)
        drain(house)
    return found


@pytest.fixture(scope="module")
def paper(home: Path, reference: str) -> Path:
    to = home / "file.pdf"
    written = run(app, "cases", "file", reference, "--pdf", to, home=home)
    assert (written.exit_code, written.stdout.split()) == (0, [str(to), "written", "and", "sealed."]), written.output
    return to


def test_a_paper_that_comes_back_is_known_with_the_event_that_packaged_its_file(
    home: Path, reference: str, paper: Path
) -> None:
    told = run(app, "verify", "--pdf", paper, "--json", home=home)

    assert told.exit_code == 0, told.output
    checked = json.loads(told.stdout)
    assert (checked["holds"], checked["ours"], checked["reference"]) == (True, True, reference)
    with opened(settings(home)) as house, house.database.reading() as store:
        packaged = store.history(store.case_id(reference))[checked["packaged_as"] - 1].event
    assert isinstance(packaged, FilePackaged)


def test_one_flipped_byte_is_told_and_ends_with_1(home: Path, paper: Path) -> None:
    data = bytearray(paper.read_bytes())
    data[len(data) // 3] ^= 1
    changed = home / "changed.pdf"
    changed.write_bytes(data)

    told = run(app, "verify", "--pdf", changed, home=home)

    assert told.exit_code == 1
    assert "has no seal that holds" in " ".join(told.output.split())


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"\0" * 4096])
def test_what_is_no_sealed_pdf_has_no_seal_that_holds(home: Path, data: bytes) -> None:
    other = home / f"{hashlib.sha256(data).hexdigest()[:8]}.pdf"
    other.write_bytes(data)

    assert run(app, "verify", "--pdf", other, home=home).exit_code == 1


def test_a_seal_of_another_house_holds_and_is_told_apart(paper: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = run(app, "verify", "--pdf", paper, "--json", home=tmp_path_factory.mktemp("elsewhere"))

    checked = json.loads(told.stdout)
    assert (checked["holds"], checked["ours"], checked["packaged_as"]) == (True, False, None)


def test_a_place_that_cannot_be_written_is_named_with_the_option(home: Path, reference: str) -> None:
    told = run(app, "cases", "file", reference, "--pdf", home / "no" / "such" / "file.pdf", home=home)

    assert told.exit_code == 2
    assert "name another place with --pdf" in " ".join(told.output.split())


def test_verify_wants_one_thing_at_a_time(home: Path, paper: Path) -> None:
    for chosen in ((), ("--all", "--pdf", paper)):
        told = run(app, "verify", *chosen, home=home)

        assert told.exit_code == 2
