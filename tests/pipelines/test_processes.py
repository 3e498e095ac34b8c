"""Several processes on one home: they agree on its secret, migrate once, and do each piece of work once."""

import stat
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cases import events as e
from cases.vocabulary import Status
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.house import House
from pipelines.runner import Runner, warm
from pipelines.usable import SettingsRefused
from pipelines.wiring import JOURNEYS, opened
from tests import homes
from tests.homes import settings
from tests.pipelines.given import WINDSCREEN, OpenHouse, by_form, case_of, certify, photo

PROJECT = Path(__file__).parents[2]
MESSAGES = 150


def started(module: str, home: Settings) -> subprocess.Popen[str]:
    environment = {**homes.environment(home), "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", module], env=environment, cwd=PROJECT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(processes: Sequence[subprocess.Popen[str]], said: str | None = None) -> list[list[str]]:
    """What each printed; all of them go on at the same moment when they wait to be told."""
    if said is not None:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(said)
            process.stdin.flush()
    answers = []
    for process in processes:
        out, problems = process.communicate(timeout=240)
        assert process.returncode == 0, problems
        answers.append(out.split())
    return answers


@pytest.mark.timeout(300)
def test_two_processes_draining_one_database_do_each_piece_of_work_once(
    open_house: OpenHouse, trained: Path, tmp_path: Path
) -> None:
    with open_house() as house:
        certify(house, "motor_claim", "windscreen")
        receipts = [
            by_form(house, f"{WINDSCREEN} Nummer {n}.", sender=f"klant{n}@example.org",
                    files=[("ruit.jpg", photo(n, (320, 240)))] if n % 3 == 0 else [])
            for n in range(MESSAGES)
        ]  # fmt: skip

    home = settings(tmp_path, models=trained)
    done = ended([started("tests.pipelines.draining", home) for _ in range(2)])

    assert all(sum(map(int, counts)) > 0 for counts in done), "one of them had nothing to do"
    with open_house() as house:
        assert len({receipt.reference for receipt in receipts}) == MESSAGES
        with house.database.reading() as store:
            assert store.work.waiting() == []
            assert len(store.case_ids()) == MESSAGES
            histories = store.histories(store.case_ids())
        for entries in histories.values():
            happened = Counter(entry.event.kind for entry in entries)
            for kind in ("case_opened", "message_added", "understood", "enriched", "step_decided"):
                assert happened[kind] == 1, happened
            assert happened["letter_written"] == happened["letter_sent"] == 1, happened
            assert happened["handover_asked"] == happened["handed_over"] <= 1, happened
            assert not happened["work_parked"], happened
        closed = sum(e.CaseClosed in {type(entry.event) for entry in entries} for entries in histories.values())
        assert closed > MESSAGES // 5
        assert len(list((tmp_path / "outbox").rglob("*.eml"))) == MESSAGES
        assert len(list((tmp_path / "handover").rglob("*.json"))) == closed
        assert verify_all(house).differences == ()


@pytest.mark.timeout(120)
def test_processes_that_open_an_empty_home_at_once_agree_on_the_secret_and_migrate_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    chosen = homes.settings_of_new_installation(home)
    processes = [started("tests.pipelines.opening", chosen) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"

    keys = ended(processes, said="go\n")

    assert len({answer[-1] for answer in keys}) == 1
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert len((home / "secret.key").read_bytes()) == 32
    assert [file.name for file in home.iterdir() if file.name.startswith(".secret")] == []
    with create_engine(chosen.database).connect() as connection:
        assert len(connection.execute(text("SELECT * FROM alembic_version")).all()) == 1
    with opened(chosen) as house, house.database.reading() as store:
        noted = [entry.event for entry in store.history(JOURNEYS)]
        assert len(noted) == len(house.journeys.names())
        assert store.verify_all() == []


def test_a_secret_from_the_settings_leaves_no_file(tmp_path: Path) -> None:
    with opened(settings(tmp_path, secret="s" * 32)):
        assert not (tmp_path / "secret.key").exists()


def test_a_short_secret_is_refused_with_the_mend(tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsRefused, match=r"shorter than 32 bytes; set it to the output of: .*token_urlsafe"),
        opened(settings(tmp_path, secret="short")),
    ):
        pass


def test_whoever_is_told_to_end_while_warming_trains_no_further_model(tmp_path: Path) -> None:
    with opened(settings(tmp_path, models=tmp_path / "models")) as house:
        warm(house, go_on=lambda: False)

    assert not (tmp_path / "models").exists()


def test_a_runner_in_a_thread_does_what_the_doorbell_announces_and_stops(house: House) -> None:
    bell = threading.Event()
    runner = Runner(house, bell)
    runner.start()
    try:
        receipt = by_form(house)
        bell.set()
        for _ in range(600):
            if case_of(house, receipt.reference).status is not Status.RECEIVED:
                break
            threading.Event().wait(0.05)
    finally:
        runner.stop()

    assert case_of(house, receipt.reference).status is not Status.RECEIVED
    assert "runner" not in {thread.name for thread in threading.enumerate()}
