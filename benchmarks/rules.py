"""One decision table of 30 rows and 8 inputs, on one core: this engine, GoRules' zen, and a chain of ifs.

    python -m benchmarks.rules [--cases N]        # N for the columns, 1,000,000 unless told

All give the same answers, which is checked in the run. Prints JSON lines; all seconds are of CPU. `rules.scalar` reads,
checks and decides, and its verdict holds the row that fired, the inputs as read, and per input the rows it rules out:
what the trace is built from. `rules.scalar_with_trace` also writes out the first failing cell of every row, as text.
`rules.columns` takes typed values and its seconds hold everything: looking at each value, and deciding.
zen (`pip install casewright[zen]`) tells in its trace the row that fired and the inputs. It gets whole cents for
amounts and day numbers for dates, which it compares faster than dates. The chain of ifs knows no missing values,
checks nothing and leaves no trace.
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from time import process_time
from typing import Any

from cases.rules import Table, Value, evaluate, read_table
from cases.rules.batch import evaluate_many

ROWS = 30
CASES = 2_000
ROUNDS = 5  # the best one counts: the others were disturbed
TOPICS = ["windscreen", "collision", "theft", "fire", "storm", "parking"]
COUNTRIES = ["nl", "be", "de"]
Case = dict[str, Value]
Asked = dict[str, Any]


def drawn_rows(generator: random.Random) -> list[Asked]:
    """What each row asks for, as plain values: the three engines write it down each in its own way."""
    start = date(2025, 1, 1)
    return [
        {
            "glass": generator.choice([[True], [False], [True, False]]),
            "topics": generator.sample(TOPICS, 3),
            "low": number * 100,
            "high": number * 100 + 5_000,
            "known": generator.choice([True, False]),
            "since": start + timedelta(days=number * 20),
            "age": 400 + number,
            "photos": 1 + number % 3,
            "step": generator.choice(["auto_close", "route"]),
        }
        for number in range(ROWS)
    ]


def our_table(rows: Sequence[Asked]) -> Table:
    """A FIRST table of 8 columns: 2 text, 2 boolean, 1 money, 2 whole numbers, 1 date; every cell is filled."""
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
                "country": {"type": "text", "domain": COUNTRIES},
                "photos": {"type": "integer", "min": 0, "max": 50},
            },
            "outputs": {"step": {"type": "text", "domain": ["auto_close", "route", "expert"]}},
            "rows": [
                {
                    "id": f"R-{number:03}",
                    "description": "A row of the benchmark",
                    "when": {
                        "glass": row["glass"],
                        "topic": row["topics"],
                        "amount": f"[{row['low']}..{row['high']})",
                        "known": row["known"],
                        "loss_date": f">= {row['since']}",
                        "age_days": f"<= {row['age']}",
                        "country": "not(de)",
                        "photos": f">= {row['photos']}",
                    },
                    "then": {"step": row["step"]},
                }
                for number, row in enumerate(rows)
            ],
            "else": {"id": "R-999", "description": "A person looks", "then": {"step": "expert"}},
        },
        file="benchmark",
        lines={},
    )


def if_chain(rows: Sequence[Asked]) -> Callable[[Case], str]:
    """The rows as a programmer would write them down, compiled once."""
    lines = ["def decide(c):"]
    for row in rows:
        glass = "True" if len(row["glass"]) == 2 else f"c['glass'] is {row['glass'][0]}"
        lines.append(
            f"    if ({glass} and c['topic'] in {tuple(row['topics'])!r}"
            f" and {row['low']} <= c['amount'] < {row['high']} and c['known'] is {row['known']}"
            f" and c['loss_date'] >= date({row['since']:%Y, %-m, %-d}) and c['age_days'] <= {row['age']}"
            f" and c['country'] != 'de' and c['photos'] >= {row['photos']}):\n        return {row['step']!r}"
        )
    names: dict[str, Any] = {"date": date}
    exec("\n".join([*lines, "    return 'expert'"]), names)  # our own text, above
    chain: Callable[[Case], str] = names["decide"]
    return chain


def zen_decision(rows: Sequence[Asked]) -> Callable[..., Any]:
    """The rows as a GoRules decision with one table, ready to be asked."""
    import zen  # noqa: PLC0415  # an extra

    columns = ["glass", "topic", "cents", "known", "loss_day", "age_days", "country", "photos"]
    rules = []
    for number, row in enumerate(rows):
        cells = [
            ", ".join(str(value).lower() for value in row["glass"]),
            ", ".join(f'"{topic}"' for topic in row["topics"]),
            f"[{row['low'] * 100}..{row['high'] * 100})",
            str(row["known"]).lower(),
            f">= {row['since'].toordinal()}",
            f"<= {row['age']}",
            'not in ["de"]',
            f">= {row['photos']}",
        ]
        rules.append(
            {"_id": f"R-{number:03}", **{f"i{at}": cell for at, cell in enumerate(cells)}, "o": f'"{row["step"]}"'}
        )
    rules.append({"_id": "R-999", **{f"i{at}": "" for at in range(8)}, "o": '"expert"'})
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": f"i{at}", "name": name, "field": name} for at, name in enumerate(columns)],
        "outputs": [{"id": "o", "name": "step", "field": "step"}],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("in", "table"), ("table", "out"))
    ]
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"table": {"nodes": nodes, "edges": edges}}}})
    return partial(
        engine.evaluate, "table"
    )  # compiled once: a decision made with create_decision takes four times this


def for_zen(case: Case) -> dict[str, Any]:
    amount, day = case["amount"], case["loss_date"]
    assert isinstance(amount, Decimal)
    assert isinstance(day, date)
    return {**case, "cents": int(amount * 100), "loss_day": day.toordinal(), "amount": None, "loss_date": None}


def drawn_case(generator: random.Random) -> Case:
    return {
        "glass": generator.random() < 0.5,
        "topic": generator.choice(TOPICS),
        "amount": Decimal(generator.randrange(700_000)).scaleb(-2),
        "known": generator.random() < 0.5,
        "loss_date": date(2025, 1, 1) + timedelta(days=generator.randrange(700)),
        "age_days": generator.randrange(500),
        "country": generator.choice(COUNTRIES),
        "photos": generator.randrange(5),
    }


def per_second(work: Callable[[Any], Any], cases: Sequence[Any]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()  # of all threads: zen works on its own
        for case in cases:
            work(case)
        best = min(best, process_time() - began)
    return len(cases) / best


def tell(benchmark: str, **figures: Any) -> None:
    print(json.dumps({"benchmark": benchmark, **figures, "rows": ROWS, "columns": 8}), flush=True)


def one_by_one(rows: Sequence[Asked], cases: Sequence[Case]) -> None:
    table, chain = our_table(rows), if_chain(rows)
    steps = [evaluate(table, case).outputs["step"] for case in cases]
    assert [chain(case) for case in cases] == steps
    traced = per_second(lambda case: evaluate(table, case).traces, cases)
    scalar = per_second(lambda case: evaluate(table, case), cases)
    tell("rules.scalar", evaluations_per_s=round(scalar))
    tell("rules.scalar_with_trace", evaluations_per_s=round(traced))
    tell("rules.if_chain", evaluations_per_s=round(per_second(chain, cases)))
    if find_spec("zen") is None:
        tell("rules.zen_with_trace", left_out="zen is not installed; pip install casewright[zen]")
        return
    decision = zen_decision(rows)
    asked = [for_zen(case) for case in cases]
    assert [decision(case)["result"]["step"] for case in asked] == steps
    zen = per_second(lambda case: decision(case, {"trace": True}), asked)
    tell("rules.zen_with_trace", evaluations_per_s=round(zen), scalar_is_times=round(scalar / zen, 1),
         scalar_with_trace_is_times=round(traced / zen, 1))  # fmt: skip


def by_column(rows: Sequence[Asked], count: int, generator: random.Random) -> None:
    table, chain = our_table(rows), if_chain(rows)
    cases = [drawn_case(generator) for _ in range(count)]
    columns = {name: [case[name] for case in cases] for name in cases[0]}
    began = process_time()
    batch = evaluate_many(table, columns)
    seconds = process_time() - began
    assert [answer.outputs["step"] for answer in map(batch.__getitem__, range(count))] == [*map(chain, cases)]
    tell("rules.columns", cases=count, cpu_s=round(seconds, 2), evaluations_per_s=round(count / seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    generator = random.Random(7)
    rows = drawn_rows(generator)
    one_by_one(rows, [drawn_case(generator) for _ in range(CASES)])
    by_column(rows, parser.parse_args().cases, generator)


if __name__ == "__main__":
    main()
