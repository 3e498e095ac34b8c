"""A watcher of scans that is killed at any step: started again, nothing is lost and nothing doubled."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from types import FrameType

import pytest

from cases.errors import NotFound
from pipelines.channels.post import folder as watching
from pipelines.channels.post.folder import Folder
from pipelines.house import House
from tests.channels.scans import LETTER, OTHER, pdf
from tests.pipelines.given import OpenHouse

pytestmark = pytest.mark.once  # which database a home has is known in the process that opened it first
FORK = multiprocessing.get_context("fork")  # with all that is imported: a process costs next to nothing
DRILL = pytest.mark.drill
REFERENCES = ("C-2026-000001", "C-2026-000002", "C-2026-000003")


def dies_after(function: str, times: int) -> None:
    """This process kills itself as that function of the watcher, or one it calls, has returned so often."""
    left = [times]

    def profile(frame: FrameType, event: str, _: object) -> None:
        caller = frame.f_back
        if event == "return" and frame.f_code.co_name == function and caller is not None:
            left[0] -= caller.f_code.co_filename == watching.__file__
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(profile)


def watch(open_house: OpenHouse, scans: Path, function: str, times: int) -> None:
    with open_house() as house:
        watcher = Folder(house, scans, reader=None, by_blank=True)
        watcher.look()
        dies_after(function, times)
        watcher.look()


def there_are(house: House) -> list[str]:
    found = []
    for reference in REFERENCES:
        with house.database.reading() as store:
            try:
                found.append(store.case(store.case_id(reference)).reference)
            except NotFound:
                break
    return found


@pytest.mark.parametrize(
    ("function", "times"),
    [("accept", 1), *(pytest.param(*step, marks=DRILL) for step in (("accept", 2), ("read_scan", 1), ("_move", 1)))],
    ids=["one letter kept", "both kept", "opened", "moved"],
)  # fmt: skip
def test_a_scan_of_two_letters_becomes_two_cases_wherever_its_watcher_was_killed(
    open_house: OpenHouse, tmp_path: Path, function: str, times: int
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "stapel.pdf").write_bytes(pdf(LETTER, "", OTHER))
    process = FORK.Process(target=watch, args=(open_house, scans, function, times))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL

    with open_house() as house:
        again = Folder(house, scans, reader=None, by_blank=True)
        again.look(), again.look()

        assert there_are(house) == list(REFERENCES[:2])
    assert [path.name.partition(" ")[2] for path in (scans / "taken").iterdir()] == ["stapel.pdf"]
    assert [path.name for path in scans.iterdir()] == ["taken"]


def test_what_is_set_aside_says_why_though_its_watcher_was_killed_in_between(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "stuk.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    process = FORK.Process(target=watch, args=(open_house, scans, "write_whole", 1))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL

    with open_house() as house:
        again = Folder(house, scans, reader=None, by_blank=True)
        again.look(), again.look()

    kept = sorted(path.name.partition(" ")[2] for path in (scans / "aside").iterdir() if path.suffix != ".arriving")
    assert kept == ["stuk.pdf", "stuk.pdf.txt"]
