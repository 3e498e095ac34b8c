"""What a customer's look costs with many cases: the tracking page and its JSON, beside the bare query.

Prints a JSON line for each database and kind: milliseconds at the server (wall clock and CPU of one request through the
whole application, without a network; on PostgreSQL its server included in the wall clock), p50 and p95, and the
statements of one look. Beside them, in turns in the same run, the bare query: the link and the events of one case,
straight on the driver. Forty messages went through the whole pipeline; their cases, events and links are then copied
under names of their own, and each look is at another of the copies.

    python -m benchmarks.tracking [--cases N] [--looks N] [--databases sqlite postgresql]
"""

import argparse
import json
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from benchmarks.pipeline import form, messages
from benchmarks.queue import Ask, measure
from cases.store.rows import Base
from configs.settings import Settings
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.links import token_of
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.servers import Postgres

REAL = 40
KEPT, NUMBER = 15, 7  # characters of a link's id that stay, and digits of the number of its copy behind them
BARE = """
    SELECT l.case_id, l.expires_at, e.seq, e.kind, e.schema, e.at, e.actor, e.body
    FROM links l JOIN events e ON e.stream = l.case_id WHERE l.id = '{link}' ORDER BY e.seq
"""
Execute = Callable[[str], Any]


def fill(house: House, execute: Execute, *, database: str, cases: int) -> list[str]:
    """Cases with their events and links; answers the ids of the links of the copies."""
    for number, text in enumerate(messages(REAL, random.Random(11))):
        kind, raw = form(text, number, None)
        accept(Incoming(kind, raw, "webform", "benchmark", house.now()), house=house)
    drain(house)
    with house.database.reading() as store:
        real = [store.case_id(f"C-{house.now().year}-{n:06d}") for n in range(1, REAL + 1)]
        links = [link.id for case_id in real for link in store.links.of_case(case_id)]
    number_of_copy = f"lpad(n::text, {NUMBER}, '0')" if database == "postgresql" else f"printf('%0{NUMBER}d', n)"
    copies = range(1, cases // REAL)
    for table, key, own in (
        ("streams", "stream", {"stream": "stream || '-' || n"}),
        ("cases", "id", {"id": "id || '-' || n", "reference": "reference || '-' || n"}),
        ("events", "stream", {"stream": "stream || '-' || n"}),
        ("links", "case_id", {"id": f"substr(id, 1, {KEPT}) || {number_of_copy}", "case_id": "case_id || '-' || n"}),
    ):
        execute(_copying(table, key, own, copies.stop, database))
    execute("ANALYZE" if database == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
    return [f"{link[:KEPT]}{n:0{NUMBER}}" for link in links for n in copies]


def _copying(table: str, key: str, own: dict[str, str], before: int, database: str) -> str:
    """Each row of a case as often as there are numbers from 1 up to `before`, under other names."""
    times = (
        f"WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {before - 1})"
        if database == "sqlite"
        else f"WITH times (n) AS (SELECT generate_series(1, {before - 1}))"
    )
    names = [column.name for column in Base.metadata.tables[table].columns]
    taken = ", ".join(own.get(name, name) for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) {times} "  # words of ours
        f"SELECT {taken} FROM times CROSS JOIN {table} WHERE {key} LIKE 'case-%'"
    )


def looks(house: House, client: TestClient, execute: Execute, links: Sequence[str]) -> tuple[Mapping[str, Ask], Ask]:
    """What is asked for, and the bare query; each time of another case."""
    dice = random.Random(12)

    def token() -> str:
        return token_of(dice.choice(links), house.keys.link)

    asks: dict[str, Ask] = {
        "page": lambda: client.get(f"/t/{token()}?page=1"),
        "page, in French": lambda: client.get(f"/t/{token()}?page=1&lang=fr"),
        "json": lambda: client.get(f"/api/tracking/{token()}"),
    }
    return asks, lambda: execute(BARE.format(link=dice.choice(links))).fetchall()


def run(database: str, settings: Settings, execute: Execute, asked: argparse.Namespace) -> None:
    with opened(settings) as house:
        links = fill(house, execute, database=database, cases=asked.cases)
        with TestClient(create_app(house)) as client:
            asks, bare = looks(house, client, execute, links)
            for line in measure(asks, bare, asked.looks):
                told = {"benchmark": "tracking", "database": database, "cases": len(links) + REAL}
                print(json.dumps({**told, **line}), flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--looks", type=int, default=100)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
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


if __name__ == "__main__":
    main()
