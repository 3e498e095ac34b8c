"""What it costs to prove a table, in CPU seconds of one core. Prints JSON lines.

    python -m benchmarks.verification

The table of `benchmarks.rules` (30 rows, 8 inputs, every cell filled, most cases without a row); tables of 200 rows
and 10 inputs that split all cases among their rows, whole and with 2 % of the rows taken out; and 200 rows that each
compare 4 of 10 numbers at random, which nobody would write: there the steps may run out, and the verdict is "unknown".
Goals: 5 ms, 5 s, 5 s or "unknown".
"""

import json
import random
from time import process_time
from typing import Any

from benchmarks.rules import drawn_rows, our_table
from cases.rules import Table, read_table
from cases.rules.verify import verify

ROWS, INPUTS = 200, 10
LEFT_OUT = 4
ROUNDS = 5  # the best one counts: the others were disturbed
Part = list[Any]


def table_of(inputs: dict[str, Any], rows: list[dict[str, object]], hit: str) -> Table:
    written = [
        {"id": f"R-{number:03}", "description": "A row of the benchmark", "when": when, "then": {"step": "route"}}
        for number, when in enumerate(rows)
    ]
    document = {
        "table": "drawn",
        "description": "Drawn",
        "hit": hit,
        "effective_from": "2026-01-01",
        "inputs": inputs,
        "outputs": {"step": {"type": "text", "domain": ["route", "expert"]}},
        "rows": written,
        "else": {"id": "R-999", "description": "The rest", "then": {"step": "expert"}},
    }
    return read_table(document, file="drawn", lines={})


def split(generator: random.Random, *, left_out: int = 0) -> Table:
    """All cases, cut in two along one input at a time until there are enough parts; one row takes each."""
    whole: dict[str, Part] = {}
    inputs: dict[str, Any] = {}
    for number in range(INPUTS):
        name = f"input_{number}"
        values: Part = generator.choice([list(range(100)), list("abcdef"), [True, False]])
        whole[name] = values
        inputs[name] = declared(values)
    parts = [whole]
    while len(parts) < ROWS:
        part = parts.pop(generator.randrange(len(parts)))
        name = generator.choice([one for one, values in part.items() if len(values) > 1])
        cut = generator.randrange(1, len(part[name]))
        parts += [{**part, name: part[name][:cut]}, {**part, name: part[name][cut:]}]
    generator.shuffle(parts)
    rows = [
        {name: cell(values) for name, values in part.items() if len(values) < len(whole[name])}
        for part in parts[left_out:]
    ]
    return table_of(inputs, rows, "UNIQUE")


def declared(values: Part) -> dict[str, object]:
    if values == [True, False]:
        return {"type": "boolean"}
    if isinstance(values[0], str):
        return {"type": "text", "domain": values}
    return {"type": "integer", "min": values[0], "max": values[-1]}


def cell(values: Part) -> object:
    if isinstance(values[0], bool):
        return values[0]
    return ", ".join(values) if isinstance(values[0], str) else f"[{values[0]}..{values[-1]}]"


def scattered(generator: random.Random) -> Table:
    inputs: dict[str, Any] = {f"input_{number}": declared(list(range(100))) for number in range(INPUTS)}
    rows: list[dict[str, object]] = [
        {
            name: f"{generator.choice(['<=', '>'])} {generator.randrange(10, 90)}"
            for name in generator.sample(sorted(inputs), 4)
        }
        for _ in range(ROWS)
    ]
    return table_of(inputs, rows, "FIRST")


def measure(name: str, table: Table) -> None:
    times = []
    for _ in range(ROUNDS):
        start = process_time()
        found = verify(table)
        times.append(process_time() - start)
    told = {"verdict": found.verdict, "gaps": len(found.gaps), "hidden": len(found.shadowed), "covered": found.covered}
    print(json.dumps({"name": name, "rows": len(table.rows), "seconds": round(min(times), 5), **told}))


def main() -> None:
    measure("verification.filled", our_table(drawn_rows(random.Random(1))))
    for seed in range(3):
        measure("verification.complete", split(random.Random(seed)))
        measure("verification.near_complete", split(random.Random(seed), left_out=LEFT_OUT))
        measure("verification.scattered", scattered(random.Random(seed)))


if __name__ == "__main__":
    main()
