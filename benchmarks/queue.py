"""What the pages cost that handlers wait for, with many open cases: queue, next page, search, decision file.

Prints a JSON line for each database and page: milliseconds at the server (wall clock of one request through the whole
application, without a network; on PostgreSQL its server included), p50 and p95, and the statements of one page. Beside
them, in turns in the same run, the bare keyset query of the queue's list, straight on the driver. The cases are written
as they always are, with their events and words; one message each, of the words of a journey's examples.

    python -m benchmarks.queue [--cases N] [--copies N] [--requests N] [--databases sqlite postgresql] [--peers VENV]

--peers: an environment with django-helpdesk and roundup, whose list pages are then measured in the same run.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from api.app import create_app
from api.signing_in import login_path
from benchmarks.pipeline import JOURNEY, form, messages
from cases import events as e
from cases.facts import Fact, MessageSpan
from cases.store.database import Database
from cases.store.log import Append
from cases.store.rows import Base
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Role, Scope, Step, Why
from configs.settings import Settings
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.servers import Postgres

AT_ONCE = 500  # cases of one transaction
REAL = 8  # cases that went through the whole pipeline: their files are complete
LINES = ("general", "travel", "care")
STEPS = (Step.EXPERT, Step.EXPERT, Step.EXPERT, Step.REQUEST_INFO, Step.APPOINT)
LIST = """
    SELECT {columns} FROM cases
    WHERE closed_at IS NULL AND waiting_on = 'us' AND line_of_business IN ('general', 'travel')
    ORDER BY urgency, pressing_at, id LIMIT 51
"""
Ask = Callable[[], object]


def fill(house: House, count: int, dice: random.Random) -> None:
    """Open cases, nine in ten with a person, a third of them taken by one of fifty."""
    texts = messages(min(count, 20_000), dice)
    without_work = Database(house.settings.database, keys=house.keys, follow=lambda *_: ())
    try:
        for start in range(0, count, AT_ONCE):
            with without_work.writing() as store:
                numbers = range(start, min(start + AT_ONCE, count))
                store.append_many([one_case(i, texts[i % len(texts)], house.now(), dice) for i in numbers])
    finally:
        without_work.close()


def copy(execute: Callable[[str], object], database: str, copies: int) -> None:
    """Each filled case `copies` times: its row and its words, under ids and references of their own."""
    numbers = (
        f"WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {copies - 1})"
        if database == "sqlite"
        else f"WITH times (n) AS (SELECT generate_series(1, {copies - 1}))"
    )
    names = [column.name for column in Base.metadata.tables["cases"].columns]
    own = {"id": "id || '-' || n", "reference": "reference || '-' || n"}
    taken = ", ".join(own.get(name, name) for name in names)
    execute(
        f"INSERT INTO cases ({', '.join(names)}) {numbers} "  # words of ours
        f"SELECT {taken} FROM cases, times WHERE id LIKE 'case-b%'"
    )
    execute(
        f"INSERT INTO search (case_id, words) {numbers} "  # words of ours
        "SELECT case_id || '-' || n, words FROM search, times WHERE case_id LIKE 'case-b%'"
    )
    execute("ANALYZE" if database == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def one_case(number: int, text: str, now: datetime, dice: random.Random) -> Append:
    at = now - timedelta(minutes=dice.randrange(100_000))
    message, span = f"message-b{number}", (MessageSpan(f"message-b{number}", 0, 4),)
    facts = (Fact("licence_plate", plate(dice), 0.9, span), Fact("amount", f"{dice.randrange(5000)}.00", 0.8, span))
    happened: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened(f"B-2026-{number:07d}", message, "email", f"c{number}@example.org", name(dice)), MACHINE),
        (e.MessageAdded(message, "email", f"c{number}@example.org", " ".join(text.split()[:4]), text, at), CUSTOMER),
        (e.Understood(message, "nl", JOURNEY, "d" * 64, "windscreen", 0.9, Scope.IN, 0.5, "text", "1", facts=facts,
                      line_of_business=LINES[number % 3]), MACHINE),
        (e.StepDecided(STEPS[number % 5], (Why.ROW,), JOURNEY, "d" * 64, "windscreen",
                       update_by=now + timedelta(minutes=dice.randrange(-500, 20_000))), MACHINE),
    ]  # fmt: skip
    if number % 3 == 0:
        happened.append((e.CaseAssigned(f"agent{number // 3 % 50}", "lena"), Actor("person", "lena")))
    return Append(f"case-b{number:07d}", happened, at, expected=0)


def name(dice: random.Random) -> str:
    return f"{syllables(dice, 2).title()} {syllables(dice, 4).title()}"


def syllables(dice: random.Random, count: int) -> str:
    """From 33 of them: two make 1,089 first names, four a million others."""
    return "".join(dice.choice("bdhklmnrstv") + dice.choice("aeo") for _ in range(count))


def plate(dice: random.Random) -> str:
    return f"{dice.randrange(10, 100)}-{''.join(dice.choices('BDFGHJKLNPRSTVXZ', k=3))}-{dice.randrange(1, 10)}"


def pages(house: House, client: TestClient, count: int, dice: random.Random) -> Mapping[str, Ask]:
    """What is asked for; each time with other words."""
    texts = messages(200, dice)
    with house.database.reading() as store:
        real = [store.queue.line(f"C-{house.now().year}-{n:06d}") for n in range(1, REAL + 1)]
    second = client.get("/api/cases?view=us").json()["next"]

    def found(q: str, view: str = "all") -> Ask:
        return lambda: client.get("/queue", params={"view": view, "q": q})

    asked: dict[str, Callable[[], Ask]] = {
        "queue": lambda: lambda: client.get("/queue?view=us"),
        "queue, next page": lambda: lambda: client.get("/queue", params={"view": "us", "cursor": second}),
        "queue, mine": lambda: lambda: client.get("/queue?view=mine"),
        "search, reference": lambda: found(f"B-2026-{dice.randrange(count):07d}"),
        "search, name": lambda: found(name(dice).split()[1]),
        "search, plate": lambda: found(plate(dice)),
        "search, two words": lambda: found(" ".join(dice.sample(dice.choice(texts).split(), 2))),
        "search, common beginning": lambda: found("sch"),
        "search, common word among those of one handler": lambda: found("schade", "mine"),
        "decision file": lambda: lambda: client.get(f"/cases/{dice.choice(real).reference}"),  # type: ignore[union-attr]
    }
    return {kind: (lambda make=make: make()()) for kind, make in asked.items()}  # type: ignore[misc]


def measure(asks: Mapping[str, Ask], bare: Ask, requests: int) -> Iterator[dict[str, Any]]:
    """All kinds in turns, so that a busy machine slows them alike."""
    taken: dict[str, list[float]] = {kind: [] for kind in [*asks, "bare query"]}
    computed: dict[str, list[float]] = {kind: [] for kind in taken}
    statements: dict[str, set[int]] = {kind: set() for kind in taken}
    for turn in range(requests + 2):
        for kind, ask in {**asks, "bare query": bare}.items():
            with counted() as seen:
                begun, began = time.perf_counter(), time.process_time()
                answer: Any = ask()
                spent, cpu = time.perf_counter() - begun, time.process_time() - began
            if getattr(answer, "status_code", 200) != 200:
                raise RuntimeError(f"{kind} answered {answer.status_code}: {answer.text[:300]}")
            if turn >= 2:  # the first ones open files and compile
                taken[kind].append(1000 * spent)
                computed[kind].append(1000 * cpu)
                statements[kind].add(seen[0])
    for kind, times in taken.items():
        cpu_times = computed[kind]
        yield {"page": kind, "p50_ms": round(median(times), 2), "p95_ms": round(quantiles(times, n=20)[-1], 2),
               "cpu_p50_ms": round(median(cpu_times), 2), "cpu_p95_ms": round(quantiles(cpu_times, n=20)[-1], 2),
               "statements": sorted(statements[kind])}  # fmt: skip


@contextmanager
def counted() -> Iterator[list[int]]:
    seen = [0]

    def count(*_: object) -> None:
        seen[0] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def run(database: str, settings: Settings, execute: Callable[[str], Any], asked: argparse.Namespace) -> None:
    dice, count = random.Random(11), asked.cases
    statement = LIST.format(columns="id, reference, journey, status, sender_name, subject, update_by, assignee")
    with opened(settings) as house:
        for number, text in enumerate(messages(REAL, dice)):
            kind, raw = form(text, number, None)
            accept(Incoming(kind, raw, "webform", "benchmark", house.now()), house=house)
        drain(house)
        begun = time.process_time()
        fill(house, count, dice)
        told = {"benchmark": "queue", "database": database, "cases": count * asked.copies, "copies": asked.copies}
        print(
            json.dumps({**told, "fill_ms_a_case": round(1000 * (time.process_time() - begun) / count, 2)}), flush=True
        )
        if asked.copies > 1:
            copy(execute, database, asked.copies)
        with house.database.writing() as store:
            store.people.add_user("agent1", (Role.EXPERT,), "", at=house.now(), lines=("motor", *LINES[:2]))
        with TestClient(create_app(house)) as client:
            client.get(login_path(house, "agent1"))
            bare = lambda: execute(statement).fetchall()  # noqa: E731
            for line in measure(pages(house, client, count, dice), bare, asked.requests):
                print(json.dumps({**told, **line}), flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--copies", type=int, default=1)
    options.add_argument("--requests", type=int, default=40)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    options.add_argument("--peers", type=Path)
    chosen = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in chosen.databases:
            home = Settings(home=Path(folder) / "sqlite")
            home.home.mkdir()
            file = sqlite3.connect(home.home / "casewright.db", isolation_level=None)
            run("sqlite", home, file.execute, chosen)
        if "postgresql" in chosen.databases:
            with (
                Postgres(durable=True) as server,
                psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True) as wire,
            ):
                settled = Settings(home=Path(folder) / "postgresql", database_url=server.url())
                run("postgresql", settled, wire.execute, chosen)  # type: ignore[arg-type]  # text that is put together here
    if chosen.peers:
        told = ["--cases", str(chosen.cases * chosen.copies), "--requests", str(chosen.requests)]
        script = Path(__file__).with_name("queue_peers.py")
        subprocess.run([chosen.peers / "bin" / "python", "-P", script, *told], check=True)


if __name__ == "__main__":
    main()
