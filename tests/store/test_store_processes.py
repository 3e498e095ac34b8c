"""Several processes on one SQLite file."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from store_builders import MACHINE, NOW, open_database
from test_store_work import follow_notes

from cases.events import MessageRead
from cases.store.log import Append

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

WORKER = """
import sys
from pathlib import Path
from store_builders import LEASE, NOW, open_database
database = open_database(Path(sys.argv[1]))
while True:
    with database.writing() as store:
        claims = store.work.claim(["read", "tell"], limit=5, now=NOW, lease=LEASE)
    if not claims:
        with database.reading() as store:
            if not store.work.waiting():
                break
        continue
    with database.writing() as store:
        for claim in sorted(store.work.finish(claims), key=lambda claim: claim.stream):
            print(claim.stream, claim.seq, claim.stage, flush=True)
"""

MIGRATOR = """
import sys
from pathlib import Path
from store_builders import open_database
open_database(Path(sys.argv[1])).migrate()
"""


def run_twice(program: str, file: Path) -> list[str]:
    """Run it in two processes at once and return what each printed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(file)],
            env={"PYTHONPATH": f"{ROOT}:{HERE}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], answers
    return [out for out, _ in answers]


def test_two_processes_share_the_work_and_do_each_piece_once(file: Path) -> None:
    database = open_database(file, follow_notes)
    event = MessageRead("case-1", ("read", "tell"))
    with database.writing() as store:
        store.append_many([Append(f"message-{number}", [(event, MACHINE)] * 2, NOW) for number in range(60)])

    printed = run_twice(WORKER, file)

    lines = Counter(line for out in printed for line in out.splitlines())
    assert len(lines) == 60 * 2 * 2
    assert set(lines.values()) == {1}
    with database.reading() as store:
        assert store.work.waiting() == []
    database.close()


def test_two_processes_may_bring_the_tables_up_to_date_at_once(tmp_path: Path) -> None:
    file = tmp_path / "new.db"

    run_twice(MIGRATOR, file)

    database = open_database(file)
    with database.reading() as store:
        assert store.verify_all() == []
    database.close()
