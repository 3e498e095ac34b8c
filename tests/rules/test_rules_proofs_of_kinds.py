"""The proofs over every kind of input, fractions to sets, against asking about one case after another."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rule_tables import letters, read

from cases.rules import MISSING, Table, Value, evaluate
from cases.rules.same import Differs, Same, answer, prove_same
from cases.rules.samples import samples
from cases.rules.verify import verify

CELLS: dict[str, tuple[dict[str, object], list[str]]] = {
    "share": (
        {"type": "decimal", "min": 0, "max": 1, "nullable": True},
        ["< 0.5", "0.5", "(0.25..0.5]", "not(0.25)", "null", "not(null)", "missing"],
    ),
    "amount": (
        {"type": "money", "min": 0, "max": "0.05"},
        ["<= 0.02", "> 0.02", "[0.01..0.03)", "not(0.03)", "present"],
    ),
    "day": (
        {"type": "date", "min": "2026-01-01", "max": "2026-01-09"},
        ["< 2026-01-04", ">= 2026-01-03", "2026-01-04", "not([2026-01-03..2026-01-04])"],
    ),
    "wait": ({"type": "duration", "min": "PT0S", "max": "P1D"}, ["<= PT1S", "> PT0S", "PT12H", "(PT1S..P1D)"]),
    "age": ({"type": "period", "min": "P0M", "max": "P1Y"}, ["< P2M", "[P1M..P2M]", ">= P1Y", "not(P1M)"]),
    "tags": (
        {"type": "set", "domain": ["p", "q", "r"], "nullable": True},
        ["contains p", "contains any(p, q)", "not(contains all(q, r))", "contains none(p, r)", "empty", "null"],
    ),
}
Rows = list[tuple[dict[str, str], str]]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Table, Table]:
    """A table over two kinds of inputs, and the same with one cell changed."""
    names = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=2, unique=True))
    hit = draw(st.sampled_from(["FIRST", "UNIQUE", "ANY", "PRIORITY"]))
    when = st.fixed_dictionaries({}, optional={name: st.sampled_from(CELLS[name][1]) for name in names})
    rows: Rows = draw(st.lists(st.tuples(when, st.sampled_from("xyz")), min_size=1, max_size=5))
    place, name = draw(st.integers(0, len(rows) - 1)), draw(st.sampled_from(names))
    changed = list(rows)
    changed[place] = ({**rows[place][0], name: draw(st.sampled_from(CELLS[name][1]))}, rows[place][1])
    return table_of(names, hit, rows), table_of(names, hit, changed)


def table_of(names: Sequence[str], hit: str, rows: Rows) -> Table:
    written: list[dict[str, Any]] = [
        {"id": f"R{number}", "description": "Drawn", "when": when, "then": {"letter": letter}}
        for number, (when, letter) in enumerate(rows)
    ]
    return read(letters(hit, inputs={name: CELLS[name][0] for name in names}, rows=written))


def told_apart(*tables: Table) -> Iterator[Mapping[str, Value]]:
    """A case of each kind that the cells of all these tables tell apart, missing inputs included."""
    columns = [
        (column.name, samples(column.domain, [row.cells[place] for table in tables for row in table.rows]))
        for place, column in enumerate(tables[0].inputs)
    ]
    for values in product(*([*known, MISSING] for _, known in columns)):
        named = zip((name for name, _ in columns), values, strict=True)
        yield {name: value for name, value in named if value is not MISSING}


@given(pairs())
def test_what_is_proved_is_what_asking_every_kind_of_case_shows(pair: tuple[Table, Table]) -> None:
    table = pair[0]
    verdicts = [evaluate(table, inputs) for inputs in told_apart(table)]

    found = verify(table)

    answering = {row for verdict in verdicts if verdict.kind == "fired" for row in verdict.fired}
    assert bool(found.gaps) == any(verdict.kind == "else" for verdict in verdicts)
    assert bool(found.overlaps) == any(verdict.kind == "conflict" for verdict in verdicts)
    assert {row.row for row in found.shadowed} | set(found.dead) == {row.id for row in table.rows} - answering


@given(pairs())
def test_a_changed_cell_of_any_kind_moves_the_cases_that_are_shown_or_none(pair: tuple[Table, Table]) -> None:
    old, new = pair

    found = prove_same(old, new)

    moved = [one for one in told_apart(old, new) if answer(evaluate(old, one)) != answer(evaluate(new, one))]
    if moved:
        assert isinstance(found, Differs)
        assert answer(evaluate(old, found.witness)) != answer(evaluate(new, found.witness))
    else:
        assert found == Same()
