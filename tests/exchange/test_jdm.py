"""GoRules models: tables come in with what they leave open, and go out so that zen answers alike."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from written_tables import REPAIR, whole

from cases.rules import Domain, Kind, Table, TableRefused, evaluate, plain, table_digest
from pipelines.exchange.imported import ExportRefused, ImportRefused
from pipelines.exchange.jdm import MAX_BYTES, read_jdm
from pipelines.exchange.jdm_cells import cell_of_zen
from pipelines.exchange.jdm_write import jdm_bytes, lost_in_jdm
from pipelines.rule_files import read_rule_file

SHIPPED = [read_rule_file(path) for path in sorted(Path("configs/journeys").glob("*/rules/*.yaml"))]


def without_examples(table: Table) -> Table:
    return whole({**table.as_dict(), "examples": []})


@pytest.mark.parametrize("table", SHIPPED, ids=lambda table: table.file)
def test_a_shipped_table_comes_back_the_same_but_for_its_examples(table: Table) -> None:
    found = read_jdm(jdm_bytes(table), file="own.json")

    assert found.left_out == ()
    assert table_digest(whole(dict(found.tables[0].document))) == table_digest(without_examples(table))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("", "-"),
        ("> 10", "> 10"),
        ("\"a\", 'b'", "a, b"),
        ("[1..10)", "[1..10)"),
        ("(1..10]", "(1..10]"),
        (">= 5 and < 10", "[5..10)"),
        ("> 5 and <= 10, 12", "(5..10], 12"),
        ("== 5", "5"),
        ("!= 5", "not(5)"),
        ("not in [1, 2]", "not(1, 2)"),
        ('in ["a", "b"]', "a, b"),
        ("null", "missing"),
        ("!= null", "present"),
        ("true", "true"),
        ('> d("2026-01-01")', "> 2026-01-01"),
        ("$ > 5", "> 5"),
        ("$ != null and not ($ in [5..10]) and not ($ > 20)", "not([5..10], > 20)"),
        ('"back\\slash"', '"back\\\\slash"'),
        ("-", None),  # zen understands nothing by it
        ("]1..10[", None),  # what lies outside
        ("> 5 or < 2", None),
        ("$ > limit", None),
        ("len($) > 3", None),
        ("not in [1..5]", None),
        ("> ", None),
        ('"open', None),
    ],
)
def test_cells_of_zen_in_our_words(theirs: str, ours: str | None) -> None:
    assert cell_of_zen(theirs) == ours


def model(
    inputs: Sequence[str], outputs: Sequence[str], rules: Sequence[Sequence[str]], **content: Any
) -> dict[str, Any]:
    columns = [*inputs, *outputs]
    written = [{"_id": f"r{n}", **dict(zip(columns, rule, strict=True))} for n, rule in enumerate(rules)]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
        "outputs": [{"id": name, "name": name, "field": name} for name in outputs],
        "rules": written,
        **content,
    }
    node = {"id": "t", "type": "decisionTableNode", "name": "Shipping Fees", "content": table}
    return {
        "nodes": [{"id": "i", "type": "inputNode", "name": "in"}, node],
        "edges": [{"sourceId": "i", "targetId": "t"}],
    }


def taken(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    found = read_jdm(json.dumps(data).encode(), file="own.json")
    assert all(problem.mend for problem in found.left_out)
    return dict(found.tables[0].document), "\n".join(map(str, found.left_out))


def test_a_table_comes_in_with_its_types_judged_by_its_cells() -> None:
    rules = [["> 100", '"NL", "BE"', "0"], ["", "", "9.95"]]

    document, told = taken(model(["cart.total", "country"], ["fee"], rules))

    assert document["table"] == "shipping_fees"
    assert document["inputs"] == {
        "cart_total": {"type": "decimal"},
        "country": {"type": "text", "domain": ["NL", "BE"]},
    }
    assert document["outputs"] == {"fee": {"type": "decimal", "min": 0, "max": "9.95"}}
    assert document["rows"] == [
        {
            "id": "R-001",
            "description": "Rule 1 of Shipping Fees.",
            "when": {"cart_total": "> 100", "country": "NL, BE"},
            "then": {"fee": 0},
        }
    ]
    assert document["else"] == {"id": "R-002", "description": "Rule 2 of Shipping Fees.", "then": {"fee": "9.95"}}
    assert "cart.total: the model does not say its least and greatest value; add min and max" in told
    assert "country: the model does not list its values" in told


def test_collected_texts_become_a_list() -> None:
    document, _ = taken(model(["total"], ["tag"], [["> 1", '"a"'], ["> 2", '"b"']], hitPolicy="collect"))

    assert (document["hit"], document["outputs"]) == ("COLLECT", {"tag": {"type": "list", "domain": ["a", "b"]}})
    assert [row["then"] for row in document["rows"]] == [{"tag": ["a"]}, {"tag": ["b"]}]


def test_a_table_below_another_takes_its_output() -> None:
    data = model(["total"], ["fee"], [["> 1", "1"], ["", "0"]])
    below = model(["fee"], ["tag"], [["> 0", '"paid"'], ["", '"free"']])["nodes"][1]
    data["nodes"].append({**below, "id": "u", "name": "Tags"})
    data["edges"].append({"sourceId": "t", "targetId": "u"})

    found = read_jdm(json.dumps(data).encode(), file="own.json")

    assert found.tables[1].document["inputs"]["fee"]["from"] == "table.shipping_fees.fee"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (model(["n"], ["o"], [["> limit", "1"]]), "the cell > limit has no word here"),
        (model(["n"], ["o"], [["> 1", "n * 2"]]), "the result n * 2 is no constant"),
        (model(["n"], ["o"], [["> 1", ""]]), "the result null is no constant"),
        (model(["n * 2"], ["o"], [["> 1", "1"]]), "the column calculates"),
        (model(["n"], ["o"], [["", "1"], ["> 1", "1"]]), "where no row fits, zen answers nothing"),
        (model(["n"], ["o"], [["> 1", "1"]], hitPolicy="best"), "best is not known; write first or collect"),
        (model(["n"], ["o"], [["> 1", "1"]], executionMode="loop"), "once for each element"),
        (model(["n"], ["o"], [["> 1", "1"]], inputField="order"), "the table works on order"),
    ],
)
def test_what_is_not_understood_is_listed(data: dict[str, Any], what: str) -> None:
    assert what in taken(data)[1]


def test_other_nodes_are_listed() -> None:
    data = model(["n"], ["o"], [["> 1", "1"]])
    data["nodes"].append({"id": "f", "type": "functionNode", "name": "Compute"})

    assert "own.json Compute: a functionNode is not read" in taken(data)[1]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "it has no nodes"),
        (b'{"nodes": [1]}', "it has no nodes"),
        (b" " * (MAX_BYTES + 1), "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_model_is_refused(raw: bytes, what: str) -> None:
    with pytest.raises(ImportRefused, match=what):
        read_jdm(raw, file="own.json")


def test_what_zen_would_pass_over_in_silence_does_not_go_out() -> None:
    with pytest.raises(ExportRefused, match=r"JDM has no word for R-010\.tags: contains a"):
        jdm_bytes(whole(REPAIR))


def test_what_jdm_cannot_hold_is_said() -> None:
    assert any("the verdict missing" in what for what in lost_in_jdm(SHIPPED[0]))


def values(domain: Domain) -> st.SearchStrategy[Any]:
    match domain.kind:
        case Kind.TEXT:
            return st.sampled_from(domain.values)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INTEGER | Kind.MONEY | Kind.DECIMAL:
            near = st.sampled_from([0, 1, 2, 3, 50, 750, 751, 2500])
            return near.map(lambda number: type(domain.low)(min(max(number, domain.low), domain.high)))
        case _:
            return st.integers(0, 1000).map(lambda days: domain.low + timedelta(days))


@pytest.mark.parametrize("table", SHIPPED, ids=lambda table: table.file)
def test_zen_answers_as_the_table_does(table: Table) -> None:
    zen = pytest.importorskip("zen", reason="zen-engine is not installed")
    theirs = zen.ZenEngine().create_decision(jdm_bytes(table).decode())

    @given(st.fixed_dictionaries({column.name: values(column.domain) for column in table.inputs}))
    @settings(max_examples=40, deadline=None)
    def alike(inputs: dict[str, Any]) -> None:
        verdict = evaluate(table, inputs)
        numbers = {column.name for column in table.inputs if column.domain.kind is Kind.MONEY}
        asked = {name: float(value) if name in numbers else plain(value) for name, value in inputs.items()}

        assert theirs.evaluate(asked)["result"] == {name: plain(value) for name, value in verdict.outputs.items()}

    alike()


NUMBER = {"type": "integer", "min": -9, "max": 9}
TESTS = st.one_of(
    st.integers(-9, 9).map(str),
    st.tuples(st.sampled_from(["<=", ">="]), st.integers(-8, 8)).map(lambda pair: f"{pair[0]} {pair[1]}"),
    st.tuples(st.integers(-9, -1), st.integers(1, 9)).map(lambda pair: f"[{pair[0]}..{pair[1]}]"),
)
CELLS = st.one_of(
    st.just("missing"),
    st.just("present"),
    st.lists(TESTS, min_size=1, max_size=2, unique=True).map(", ".join),
    TESTS.map(lambda test: f"not({test})"),
)


@given(st.lists(CELLS, max_size=5), st.lists(st.integers(-9, 9), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_zen_answers_alike_on_every_kind_of_cell(cells: list[str], asked: list[int]) -> None:
    zen = pytest.importorskip("zen", reason="zen-engine is not installed")
    document = {
        "table": "own",
        "description": "Which row.",
        "hit": "FIRST",
        "effective_from": "2026-01-01",
        "inputs": {"n": NUMBER},
        "outputs": {"row": {"type": "integer", "min": -1, "max": 9}},
        "rows": [
            {"id": f"R{place}", "description": "A row", "when": {"n": cell}, "then": {"row": place}}
            for place, cell in enumerate(cells)
        ],
        "else": {"id": "E", "description": "None", "then": {"row": -1}},
    }
    try:
        table = whole(document)
    except TableRefused:  # a cell that no value meets, or that says something twice
        reject()
    theirs = zen.ZenEngine().create_decision(jdm_bytes(table).decode())

    for number in asked:
        assert theirs.evaluate({"n": number})["result"] == dict(evaluate(table, {"n": number}).outputs)
