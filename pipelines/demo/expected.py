"""What each demo mail should lead to, by the journeys' rules read by hand. Never trained on."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from configs.settings import HERE

EXPECTED = HERE / "demo" / "expected.csv"

#: A step, or "recorded" for mail that no person wrote: it is kept and opens no case.
DemoStep = Literal["auto_close", "request_info", "route", "appoint", "expert", "recorded"]


@dataclass(frozen=True, slots=True)
class Expected:
    """journey and topic are "" where the message names none; step is that of the case after this mail."""

    journey: str
    topic: str
    step: DemoStep
    why: str


class ExpectedRefused(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"expected.csv, line {line}: {what}")


def read_expected(path: Path = EXPECTED) -> Mapping[str, Expected]:
    """By mail id, in the file's order. Raises ExpectedRefused."""
    found: dict[str, Expected] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if row["step"] not in get_args(DemoStep):
                raise ExpectedRefused(reader.line_num, f"no step {row['step']!r}; use one of {get_args(DemoStep)}")
            if row["id"] in found:
                raise ExpectedRefused(reader.line_num, f"{row['id']} stands there twice; keep one")
            found[row["id"]] = Expected(row["journey"], row["topic"], row["step"], row["why"])  # type: ignore[arg-type]  # checked above
    return found
