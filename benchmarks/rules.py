"""Evaluations per second of one decision table on one core. Prints JSON lines.

`rules.evaluate` reads, checks and decides, and keeps what the trace is built from; `rules.evaluate_with_trace`
also writes out the first failing cell of every row, as text.
"""

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

from cases.rules import Table, Value, Verdict, evaluate, read_table

ROWS = 12
CASES = 2_000
ROUNDS = 5  # the best one counts: the others were disturbed
TOPICS = ["windscreen", "collision", "theft", "fire", "storm", "parking"]


def motor_table(rows: int, generator: random.Random) -> Table:
    """A FIRST table of 8 columns: 2 text, 2 boolean, 1 money, 2 whole numbers, 1 date; every cell is filled."""
    start = date(2025, 1, 1)
    return read_table(
        {
            "table": "next_step",
            "description": "What happens with a motor claim",
            "hit": "FIRST",
            "effective_from": "2026-01-01",
            "inputs": {
                "glass": {"type": "boolean"},
                "topic": {"type": "text", "domain": TOPICS},
                "amount": {"type": "money", "min": 0, "max": 100_000},
                "known": {"type": "boolean"},
                "loss_date": {"type": "date"},
                "age_days": {"type": "integer", "min": 0, "max": 36_500},
                "country": {"type": "text", "domain": ["nl", "be", "de"]},
                "photos": {"type": "integer", "min": 0, "max": 50},
            },
            "outputs": {"step": {"type": "text", "domain": ["auto_close", "route", "expert"]}},
            "rows": [
                {
                    "id": f"R-{number:03}",
                    "description": "A row of the benchmark",
                    "when": {
                        "glass": "true, false",
                        "topic": generator.sample(TOPICS, 3),
                        "amount": f"[{number * 100}..{number * 100 + 5_000})",
                        "known": generator.choice(["true", "false"]),
                        "loss_date": f">= {start + timedelta(days=number * 20)}",
                        "age_days": f"<= {400 + number}",
                        "country": "not(de)",
                        "photos": f">= {1 + number % 3}",
                    },
                    "then": {"step": generator.choice(["auto_close", "route"])},
                }
                for number in range(rows)
            ],
            "else": {"id": "R-999", "description": "A person looks", "then": {"step": "expert"}},
        },
        file="benchmark",
        lines={},
    )


def motor_case(generator: random.Random) -> dict[str, Value]:
    return {
        "glass": generator.random() < 0.5,
        "topic": generator.choice(TOPICS),
        "amount": Decimal(generator.randrange(700_000)).scaleb(-2),
        "known": generator.random() < 0.5,
        "loss_date": date(2025, 1, 1) + timedelta(days=generator.randrange(700)),
        "age_days": generator.randrange(500),
        "country": generator.choice(["nl", "be", "de"]),
        "photos": generator.randrange(5),
    }


def per_second(work: Callable[[dict[str, Value]], Any], cases: list[dict[str, Value]]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        for case in cases:
            work(case)
        best = min(best, perf_counter() - began)
    return len(cases) / best


def main() -> None:
    generator = random.Random(7)
    table = motor_table(ROWS, generator)
    cases = [motor_case(generator) for _ in range(CASES)]

    def decide(case: dict[str, Value]) -> Verdict:
        return evaluate(table, case)

    def decide_and_trace(case: dict[str, Value]) -> object:
        return evaluate(table, case).traces

    for name, work in (("rules.evaluate", decide), ("rules.evaluate_with_trace", decide_and_trace)):
        figures = {"evaluations_per_s": round(per_second(work, cases)), "rows": ROWS, "columns": len(table.inputs)}
        print(json.dumps({"benchmark": name, **figures}))


if __name__ == "__main__":
    main()
