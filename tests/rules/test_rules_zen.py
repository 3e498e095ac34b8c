"""A second opinion: GoRules' zen answers alike where it and this engine speak of the same thing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import letters, read

from cases.rules import Value, evaluate

zen = pytest.importorskip("zen", reason="zen-engine is not installed; pip install casewright[zen]")

NUMBERS = st.integers(1, 9)
AMOUNTS: dict[str, st.SearchStrategy[tuple[str, str]]] = {  # the same cell in both languages
    "compare": st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.integers(2, 8)).map(
        lambda pair: (f"{pair[0]} {pair[1]}", f"{pair[0]} {pair[1]}")
    ),
    "interval": st.tuples(st.sampled_from("[("), st.integers(1, 4), st.integers(6, 9), st.sampled_from("])")).map(
        lambda parts: ("{}{}..{}{}".format(*parts), "{}{}..{}{}".format(*parts))
    ),
    "list": st.lists(NUMBERS, min_size=1, max_size=3, unique=True).map(
        lambda values: (", ".join(map(str, values)), ", ".join(map(str, values)))
    ),
    "not": NUMBERS.map(lambda value: (f"not({value})", f"not in [{value}]")),
    "any": st.just(("-", "")),
}
CELLS = st.one_of(*AMOUNTS.values())
ROWS = st.lists(st.tuples(CELLS, CELLS, st.sampled_from("xyz")), max_size=8)


def decision(rows: list[tuple[tuple[str, str], tuple[str, str], str]]) -> Any:
    """The rows as a GoRules table, with a last one for the else row."""
    written = [
        {"_id": f"R{number}", "a": a[1], "b": b[1], "o": f'"{letter}"'} for number, (a, b, letter) in enumerate(rows)
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in "ab"],
        "outputs": [{"id": "o", "name": "letter", "field": "letter"}],
        "rules": [*written, {"_id": "E", "a": "", "b": "", "o": '"z"'}],
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
    ]
    edges = [{"id": "edge", "type": "edge", "sourceId": "in", "targetId": "table"}]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


@given(ROWS, st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_zen_answers_alike_on_whole_numbers(
    rows: list[tuple[tuple[str, str], tuple[str, str], str]], asked: list[tuple[int, int]]
) -> None:
    written = [
        {"id": f"R{number}", "description": "A row", "when": {"a": a[0], "b": b[0]}, "then": {"letter": letter}}
        for number, (a, b, letter) in enumerate(rows)
    ]
    ours, theirs = read(letters("FIRST", rows=written)), decision(rows)

    for a, b in asked:
        inputs: dict[str, Value] = {"a": a, "b": b}
        verdict = evaluate(ours, inputs)
        told = theirs.evaluate(inputs, {"trace": True})
        assert told["result"] == verdict.outputs
        assert told["trace"]["table"]["traceData"]["rule"]["_id"] == verdict.fired[0]
