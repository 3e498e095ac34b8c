"""What a replay over recorded decisions costs, apart from reading them. Prints JSON lines.

    python -m benchmarks.replay [--decisions 100000]

A table of 30 rows and 8 inputs, and a version of it with one other row. Decisions lie in a SQLite database as the
product writes them (the step with its inputs, their sources and the traces of all rows), but for their chain: they are
written in bulk. `replay.fetch` takes the rows from the database, `replay.read` makes decisions of them as well,
`replay.decide` asks both versions, compares and counts; `replay.scalar` does the asking alone, case by case with the
engine that decides live cases, on a part and scaled up. All in CPU seconds of one process; both find the same moves.
"""

import argparse
import gc
import json
import random
import resource
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import insert, select

from cases import events as e
from cases.facts import RegisterEntry
from cases.rules import Table, Value, evaluate, literal_text, read_table, table_digest
from cases.store.database import Database
from cases.store.keys import Keys
from cases.store.rows import CaseRow, EventRow, StreamRow
from cases.vocabulary import SYSTEM, Step, Why
from pipelines.journeys import SHIPPED, read_folder
from pipelines.rulebook.asked import Asked
from pipelines.rulebook.coding import Words
from pipelines.rulebook.recorded import Book, Place, Skipped, read_span
from pipelines.rulebook.replay import replay
from pipelines.rulebook.tally import Tally, merge

JOURNEY, ROWS, AT_ONCE, SCALAR = "complaint", 30, 10_000, 20_000
NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
TOPICS = ["late_or_missing", "damaged_or_wrong", "billing", "staff_or_service", "privacy", "praise"]
INPUTS: dict[str, dict[str, Any]] = {
    "topic": {"type": "text", "domain": TOPICS, "from": "topic"},
    "found": {"type": "boolean", "from": "register.order.found"},
    "amount": {"type": "money", "min": 0, "max": 100_000, "from": "fact.amount"},
    "days_late": {"type": "integer", "min": -1000, "max": 10_000, "from": "register.order.days_late"},
    "price": {"type": "money", "min": 0, "max": 100_000, "from": "register.order.amount"},
    "photos": {"type": "integer", "min": 0, "max": 50, "from": "photos.usable"},
    "replaced": {"type": "boolean", "from": "register.order.replaced"},
    "contradictions": {"type": "integer", "min": 0, "max": 1000, "from": "case.contradictions"},
}
OUTPUTS = {
    "step": {"type": "text", "domain": ["auto_close", "appoint", "route", "expert"]},
    "option": {"type": "text", "domain": ["", "send_again", "ask_carrier"]},
    "department": {"type": "text", "domain": ["", "customer_service"]},
}
THEN = ({"step": "auto_close", "option": "send_again"}, {"step": "appoint", "option": "ask_carrier"},
        {"step": "route", "department": "customer_service"}, {"step": "expert"})  # fmt: skip


def table_of(dice: random.Random, *, rows: int = ROWS) -> dict[str, Any]:
    return {
        "table": "next_step",
        "description": "What happens next",
        "hit": "FIRST",
        "effective_from": "2026-01-01",
        "inputs": INPUTS,
        "outputs": OUTPUTS,
        "rows": [
            {
                "id": f"R-{number:03}",
                "description": "A row of the benchmark",
                "when": {
                    "topic": ", ".join(dice.sample(TOPICS, 2)),
                    "found": "true, false",
                    "amount": f"[{number * 100}..{number * 100 + 900})",
                    "days_late": f">= {number % 9}",
                    "price": f"<= {9_000 - number * 20}",
                    "photos": f">= {number % 3}",
                    "replaced": dice.choice(["true", "false"]),
                    "contradictions": "<= 1",
                },
                "then": {"option": "", "department": "", **THEN[number % len(THEN)]},
            }
            for number in range(rows)
        ],
        "else": {"id": "R-999", "description": "A person", "then": {"step": "expert", "option": "", "department": ""}},
    }


def drawn(dice: random.Random) -> dict[str, Value]:
    """What one case says. Amounts are different in nearly every case."""
    return {
        "topic": dice.choice(TOPICS),
        "found": dice.random() < 0.9,
        "amount": Decimal(dice.randrange(400_000)).scaleb(-2),
        "days_late": dice.randrange(30),
        "price": Decimal(dice.randrange(400_000)).scaleb(-2),
        "photos": dice.randrange(5),
        "replaced": dice.random() < 0.2,
        "contradictions": 0,
    }


def decided(table: Table, digest: str, inputs: Mapping[str, Value]) -> str:
    """The step as it is stored."""
    verdict = evaluate(table, inputs)
    reads = tuple(
        e.InputRead(name, present=True, value=literal_text(value), sources=(RegisterEntry("order", "B-1", name),))
        for name, value in inputs.items()
    )
    rows = tuple(
        e.RowRead(one.row, one.matched, *(one.failing or (None, None, None)))
        for one in verdict.traces
        if one.row not in verdict.fired
    )
    said = verdict.outputs
    step = e.StepDecided(
        Step(str(said["step"])), (Why.ROW if verdict.kind == "fired" else Why.ELSE_ROW,), JOURNEY, digest,
        str(inputs["topic"]), option=str(said["option"]), department=str(said["department"]),
        read=e.TableRead(table.id, digest, verdict.kind, reads, verdict.fired, rows, verdict.missing),
    )  # fmt: skip
    return e.write_event(step)


def fill(database: Database, bodies: Iterator[str]) -> None:
    """One case and one step a body, in bulk: like the rows that one real case has."""
    with database.writing() as store:
        store.append("case-", [(e.CaseOpened("C-0", "m", "email", "jo@example.org", journey=JOURNEY), SYSTEM)], at=NOW)
        (case,) = store._connection.execute(select(CaseRow.__table__)).mappings()  # noqa: SLF001
        (event,) = store._connection.execute(select(EventRow.__table__)).mappings()  # noqa: SLF001
        (stream,) = store._connection.execute(select(StreamRow.__table__)).mappings()  # noqa: SLF001
    batch: list[tuple[str, str]] = []
    for number, body in enumerate(bodies, start=1):
        batch.append((f"{number:09}", body))
        if len(batch) == AT_ONCE:
            _write(database, batch, dict(case), dict(event), dict(stream))
            batch = []
    if batch:
        _write(database, batch, dict(case), dict(event), dict(stream))


def _write(database: Database, batch: list[tuple[str, str]], case: Any, event: Any, stream: Any) -> None:
    name = "case-{}".format
    with database.writing() as store:
        connection = store._connection  # noqa: SLF001
        connection.execute(insert(StreamRow), [{**stream, "stream": name(one)} for one, _ in batch])
        connection.execute(
            insert(EventRow),
            [{**event, "stream": name(one), "seq": 4, "kind": "step_decided", "body": body} for one, body in batch],
        )
        connection.execute(insert(CaseRow), [{**case, "id": name(one), "reference": f"C-{one}"} for one, _ in batch])


def measured(database: Database, book: Book, old: Table, new: Table, folder: Any) -> tuple[dict[str, float], Tally]:
    """CPU seconds of each part, span by span as the product goes through them."""
    spent = {"fetch": 0.0, "read": 0.0, "decide": 0.0}
    parts = []
    words: dict[Place, Words] = {}
    base, draft = Asked(old, words), Asked(new, words)
    versions = {table_digest(old): base}
    with database.reading() as store:
        spans = list(store.decisions.spans(JOURNEY, cases=AT_ONCE))
    for span in spans:
        with database.reading() as store:
            began = process_time()
            for _ in store.decisions.within(span, JOURNEY, until=NOW)[1]:
                pass
            fetched = process_time()
            decisions = list(read_span(store, span, book, Skipped(), until=NOW))
            read = process_time()
            parts.append(replay(decisions, base, draft, folder=folder, versions=versions, cases=lambda _: {}))
            spent["fetch"] += fetched - began
            spent["read"] += read - fetched
            spent["decide"] += process_time() - read
    return spent, merge(parts)


def scalar(old: Table, new: Table, cases: list[dict[str, Value]]) -> tuple[float, int]:
    """CPU seconds for both versions case by case, and how many move."""
    began = process_time()
    moved = sum(evaluate(old, one).outputs != evaluate(new, one).outputs for one in cases)
    return process_time() - began, moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100_000)
    count = parser.parse_args().decisions
    dice = random.Random(7)
    document = table_of(dice)
    changed = {**document, "rows": [dict(row) for row in document["rows"]]}
    changed["rows"][4]["when"] = {**changed["rows"][4]["when"], "price": "<= 2000"}
    old, new = (read_table(one, file="benchmark", lines={}) for one in (document, changed))
    shipped, _ = read_folder(SHIPPED / JOURNEY)
    assert shipped is not None
    folder = replace(shipped, tables={**shipped.tables, old.id: old})
    digest = table_digest(old)
    cases = [drawn(dice) for _ in range(min(count, SCALAR))]
    later = (drawn(dice) for _ in range(count - len(cases)))
    with tempfile.TemporaryDirectory() as place:
        database = Database(f"sqlite:///{Path(place) / 'b.db'}", keys=Keys.from_secret(b"b" * 32), follow=lambda *_: ())
        database.migrate()
        fill(database, (decided(old, digest, one) for one in chain(cases, later)))
        gc.collect()
        gc.freeze()  # the drawn cases are no part of it
        gc.disable()  # as while the product reads a span
        book = Book(folder.journey, old.id, {digest: old}, (old, new), lambda _: False)
        spent, tally = measured(database, book, old, new, folder)
        database.close()
    seconds, moved = scalar(old, new, cases)
    first = {f"C-{number:09}" for number in range(1, SCALAR + 1)}
    found = [name for pair, cell in tally.cells.items() if pair[0] != pair[1] for name in cell.cases]
    assert tally.decisions == count
    assert not tally.unlike
    assert moved == sum(name.partition("#")[0] in first for name in found)
    about = {"decisions": count, "rows": ROWS, "inputs": len(INPUTS), "moved": tally.moved}
    for part, cpu in spent.items():
        told = {"cpu_s": round(cpu, 3), "cpu_s_per_million": round(cpu / count * 1e6, 2)}
        print(json.dumps({"benchmark": f"replay.{part}", **about, **told}))
    each = seconds / len(cases) * 1e6
    print(json.dumps({"benchmark": "replay.scalar", **about, "cpu_s_per_million": round(each, 2)}))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"benchmark": "replay.memory", **about, "peak_mb": peak}))


if __name__ == "__main__":
    main()
