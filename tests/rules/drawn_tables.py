"""Small random tables over few values, and every case that they can be asked about."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import strategies as st

from cases.rules import MISSING, Table, Value

CELLS: dict[str, list[object]] = {
    "word": ["a", "b, c", "not(a)", "null", "not(null)", "missing", "present"],
    "flag": [True, False, "missing", "present"],
    "size": ["0", "< 2", ">= 2", "[1..2]", "not(3)", "missing", "present"],
    "size_too": ["<= 1", "> 1", "2, 3", "missing"],
}
INPUTS: dict[str, dict[str, object]] = {
    "word": {"type": "text", "domain": ["a", "b", "c"], "nullable": True},
    "flag": {"type": "boolean"},
    "size": {"type": "integer", "min": 0, "max": 4, "from": "fact.size"},
    "size_too": {"type": "integer", "min": 0, "max": 4, "from": "fact.size"},  # always has the value of size
}
HITS = ("FIRST", "UNIQUE", "PRIORITY", "ANY", "COLLECT")
_WHEN = st.fixed_dictionaries({}, optional={name: st.sampled_from(cells) for name, cells in CELLS.items()})


def document(hit: str, rows: Sequence[tuple[Mapping[str, object], object]], **more: object) -> dict[str, Any]:
    listed = hit == "COLLECT"
    return {
        "table": "drawn",
        "description": "Drawn",
        "hit": hit,
        "effective_from": "2026-01-01",
        "inputs": INPUTS,
        "outputs": {"out": {"type": "list" if listed else "text", "domain": ["x", "y", "z"]}},
        "rows": [
            {"id": f"R{number}", "description": "Drawn", "when": dict(when), "then": {"out": out}}
            for number, (when, out) in enumerate(rows)
        ],
        "else": {"id": "E", "description": "Rest", "then": {"out": [] if listed else "z"}},
        **more,
    }


@st.composite
def documents(draw: st.DrawFn, hits: tuple[str, ...] = HITS, most: int = 5) -> dict[str, Any]:
    hit = draw(st.sampled_from(hits))
    outs: st.SearchStrategy[object] = st.sampled_from("xyz")
    if hit == "COLLECT":
        outs = st.lists(st.sampled_from("xyz"), unique=True)
    return document(hit, draw(st.lists(st.tuples(_WHEN, outs), max_size=most)))


def every_case(table: Table) -> Iterator[dict[str, Value]]:
    """All combinations of values that its sources can have, missing ones included; inputs of one source alike."""
    sources: dict[str, list[Value]] = {
        "word": ["a", "b", "c", None],
        "flag": [True, False],
        "fact.size": [0, 1, 2, 3, 4],
    }
    names = [column.source for column in table.inputs]
    for values in product(*([*some, MISSING] for some in sources.values())):
        of = dict(zip(sources, values, strict=True))
        chosen = {column.name: of[source] for column, source in zip(table.inputs, names, strict=True)}
        yield {name: value for name, value in chosen.items() if value is not MISSING}
