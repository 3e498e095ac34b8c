"""Every shipped table with one cell changed, 200 times: no change slips through.

A cell that means nothing is refused when the table is read. One that means something fails an example, or is proved to
move no case, or moves a case that can be shown; then asking both tables again over what was recorded, as a replay does
(whole cases: tests/pipelines/test_replay.py), lists that case with every other that moves.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from cases.inputs import recorded
from cases.rules import MISSING, Kind, Table, TableRefused, Value, check_examples, evaluate, read_table, table_digest
from cases.rules.domains import NUMBERS, Domain, literal_text
from cases.rules.same import Differs, Same, prove_same
from pipelines.rule_files import read_rule_file
from pipelines.rulebook.asked import Asked, answer_of
from pipelines.rulebook.recorded import places_of
from pipelines.yaml_lines import read_yaml

JOURNEYS = Path(__file__).parents[2] / "configs" / "journeys"
CHANGES = 200
RECORDED = 100  # cases besides the one that is shown
Outcome = Literal["refused", "example", "proved", "listed"]
ILL_FORMED = (
    "",
    "<=",
    "=< 3",
    "[1..",
    "(2..1",
    "not(",
    "not()",
    "a,, b",
    '"open',
    "< 1 and > 0",
    "1..2",
    "!= 1",
    "- -",
)


class Changed(NamedTuple):
    document: dict[str, Any]
    nonsense: bool  # it has to be refused
    told: str


def cells(document: dict[str, Any], draw: random.Random) -> tuple[dict[str, Any], str, str]:
    """(the cells of a row by column, "when" or "then", the column to change) of a random cell."""
    side = draw.choice(["when", "when", "then"])
    row = draw.choice([*document["rows"], document["else"]] if side == "then" else document["rows"])
    columns = document["inputs"] if side == "when" else document["outputs"]
    own = list(row[side])
    return row[side], side, draw.choice(own) if own and draw.random() < 0.7 else draw.choice(list(columns))


def changed(document: dict[str, Any], table: Table, draw: random.Random) -> Changed:
    new = deepcopy(document)
    row, side, name = cells(new, draw)
    domains = {column.name: column.domain for column in table.inputs}
    domain = (domains | {column.name: column.domain for column in table.outputs})[name]
    kind = draw.choice(["ill-formed", "unknown", "mistyped", "outside", "column", "sound", "sound", "sound", "sound"])
    match kind:
        case "ill-formed":
            row[name] = draw.choice(ILL_FORMED[side == "then" :])  # as an output "" is a value
        case "unknown":
            row[name] = draw.choice(["windscren", "known_", "true_", "amountt"])
        case "mistyped":
            row[name] = draw.choice([0.5, {"is": 1}, 12 if domain.kind not in NUMBERS else "twelve"])
        case "outside":
            row[name] = literal_text(domain.high + 1) if domain.kind in NUMBERS else "2199-01-01"
        case "column":
            row[f"{name}s"] = row.pop(name, "-")
        case _:
            row[name] = sound(table, side, name, domain, draw)
    return Changed(new, kind != "sound", f"{side}.{name} = {row.get(name)!r} ({kind})")


def sound(table: Table, side: str, name: str, domain: Domain, draw: random.Random) -> object:
    """A cell that says something, near what the table asks of the column now."""
    if side == "then":
        if domain.kind is Kind.LIST:
            return draw.sample(domain.values, draw.randint(0, 2))
        return draw.choice(domain.values)
    number = next(place for place, column in enumerate(table.inputs) if column.name == name)
    values = [literal_text(value) for value in table.plan.columns[number].samples]
    value = draw.choice(values)
    forms = ["-", "missing", "present", value, f"not({value})"]
    if domain.kind in NUMBERS or domain.kind is Kind.DATE:
        forms += [f"<= {value}", f"< {value}", f">= {value}", f"> {value}"]
    else:
        forms += [", ".join(dict.fromkeys([value, draw.choice(values)]))]
    return draw.choice(forms)


def some_cases(table: Table, draw: random.Random) -> list[dict[str, Value]]:
    """Cases as they may have been recorded: values that the cells tell apart, some of them missing."""
    chosen = [
        {column.name: draw.choice([*column.samples, *column.samples, MISSING]) for column in table.plan.columns}
        for _ in range(RECORDED)
    ]
    return [{name: value for name, value in one.items() if value is not MISSING} for one in chosen]


def moved(old: Table, new: Table, inputs: Sequence[Mapping[str, Value]]) -> list[int]:
    """The cases that a replay lists: their recorded inputs asked of both tables, column by column."""
    texts = {
        place: [None if column.name not in one else recorded(one[column.name]) for one in inputs]
        for place, column in zip(places_of(old), old.inputs, strict=True)
    }
    return Asked(old).ask(texts, len(inputs)).unlike(Asked(new).ask(texts, len(inputs)))


def outcome(old: Table, change: Changed, draw: random.Random) -> Outcome:
    try:
        new = read_table(change.document, file=old.file, lines={})
    except TableRefused:
        return "refused"
    assert not change.nonsense, f"{change.told} was not refused"
    if check_examples(new):
        return "example"
    found = prove_same(old, new)
    if found == Same():
        assert moved(old, new, some_cases(old, draw)) == [], change.told
        return "proved"
    assert isinstance(found, Differs), f"{change.told}: {found}"
    inputs = [found.witness, *some_cases(old, draw)]
    cells_of = [[answer_of(evaluate(table, one)).cell for one in inputs] for table in (old, new)]
    differ = [place for place, (was, now) in enumerate(zip(*cells_of, strict=True)) if was != now]
    assert moved(old, new, inputs) == differ, change.told
    assert evaluate(old, found.witness).outputs != evaluate(new, found.witness).outputs, change.told
    return "listed"


@pytest.mark.parametrize("journey", ["complaint", "home_repair", "motor_claim"])
def test_no_change_of_one_cell_slips_through(journey: str) -> None:
    file = JOURNEYS / journey / "rules" / "next_step.yaml"
    document, table = read_yaml(file, name=file.name).data, read_rule_file(file)
    draw = random.Random(f"one cell of {journey}")  # drawn alike every time
    outcomes: Counter[Outcome] = Counter()

    while outcomes.total() < CHANGES:
        change = changed(document, table, draw)
        if not change.nonsense and is_unchanged(change, table):
            continue
        outcomes[outcome(table, change, draw)] += 1

    assert set(outcomes) == {"refused", "example", "proved", "listed"}


def is_unchanged(change: Changed, table: Table) -> bool:
    """Whether the cell that was drawn says what stood there already."""
    try:
        return table_digest(read_table(change.document, file=table.file, lines={})) == table_digest(table)
    except TableRefused:
        return False
