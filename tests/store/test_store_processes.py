"""Several processes on one database."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from store_builders import MACHINE, NOW, open_database
from test_store_work import follow_notes

from cases.events import CheckpointMade, MessageRead
from cases.store.log import Append

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

WORKER = """
import sys
from store_builders import LEASE, NOW, open_database
database = open_database(sys.argv[1])
held = set()
while True:
    with database.writing() as store:
        claims = store.work.claim(["read", "tell"], limit=5, now=NOW, lease=LEASE)
    if not claims:
        with database.reading() as store:
            if not store.work.waiting():
                break
        continue
    assert len({claim.stream for claim in claims}) == len(claims)
    with database.writing() as store:
        for claim in sorted(store.work.finish(claims), key=lambda claim: claim.stream):
            print(claim.stream, claim.seq, claim.stage, flush=True)
"""

APPENDER = """
import sys
from cases.errors import StreamMoved
from cases.events import NoteAdded
from store_builders import HANDLER, NOW, open_database
database = open_database(sys.argv[1])
added = moved = 0
while added < 40:
    try:
        with database.writing() as store:
            head = store.heads(["journeys"]).get("journeys", 0)
            store.append("journeys", [(NoteAdded("note", "hanna"), HANDLER)], at=NOW, expected=head)
        added += 1
    except StreamMoved:
        moved += 1
print(added)
"""

TAKER = """
import sys
from store_builders import NOW, open_database
database = open_database(sys.argv[1])
for _ in range(60):
    with database.writing() as store:
        print(store.open_reference(2026), store.people.hit("login", window=NOW))
"""

SEALER = """
import sys
from cases.errors import StreamMoved
from cases.events import NoteAdded
from store_builders import HANDLER, NOW, open_database
database = open_database(sys.argv[1])
for number in range(20):
    with database.writing() as store:
        store.append(f"journeys-{sys.argv[2]}-{number}", [(NoteAdded("note", "hanna"), HANDLER)], at=NOW)
    with database.writing() as store:
        store.seal(NOW)
"""

MIGRATOR = """
import sys
from store_builders import open_database
open_database(sys.argv[1]).migrate()
"""


def run_at_once(program: str, url: str, times: int = 2) -> list[str]:
    """Run it in as many processes at once and return what each printed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, url, str(number)],
            env={"PYTHONPATH": f"{ROOT}:{HERE}", "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(times)
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * times, answers
    return [out for out, _ in answers]


def test_processes_share_the_work_and_do_each_piece_once(url: str) -> None:
    database = open_database(url, follow_notes)
    event = MessageRead("case-1", ("read", "tell"))
    with database.writing() as store:
        store.append_many([Append(f"message-{number}", [(event, MACHINE)] * 2, NOW) for number in range(60)])

    printed = run_at_once(WORKER, url, 3)

    lines = Counter(line for out in printed for line in out.splitlines())
    assert len(lines) == 60 * 2 * 2
    assert set(lines.values()) == {1}
    with database.reading() as store:
        assert store.work.waiting() == []
    database.close()


def test_processes_that_append_to_one_stream_leave_one_unbroken_chain(url: str) -> None:
    run_at_once(APPENDER, url)

    database = open_database(url)
    with database.reading() as store:
        assert [entry.seq for entry in store.history("journeys")] == list(range(1, 81))
        assert store.verify_all() == []
    database.close()


def test_processes_take_different_references_and_count_every_try(url: str) -> None:
    printed = run_at_once(TAKER, url)

    lines = [line.split() for out in printed for line in out.splitlines()]
    assert len({reference for reference, _ in lines}) == 120
    assert sorted(int(hits) for _, hits in lines) == list(range(1, 121))


def test_processes_that_seal_at_once_make_checkpoints_that_hold(url: str) -> None:
    run_at_once(SEALER, url)

    database = open_database(url)
    with database.writing() as store:
        store.seal(NOW)
        assert store.seal(NOW) is None
    with database.reading() as store:
        assert store.verify_all() == []
        made = [entry.event for entry in store.history("checkpoints")]
    assert isinstance(made[-1], CheckpointMade)
    assert made[-1].streams == 40
    database.close()


def test_two_processes_may_bring_the_tables_up_to_date_at_once(new_url: str) -> None:
    run_at_once(MIGRATOR, new_url)

    database = open_database(new_url)
    with database.reading() as store:
        assert store.verify_all() == []
    database.close()
