"""Tables go out as DMN models that decide the same, and DMN tables come in with nothing dropped in silence."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dmn_written import decision, given, model, table, text
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from written_tables import REPAIR, odd_tables, whole

from cases.rules import Domain, Kind, Table, evaluate, plain, table_digest
from pipelines.exchange.dmn_import import read_dmn_tables
from pipelines.exchange.dmn_run import as_json, decide, read_dmn
from pipelines.exchange.dmn_write import dmn_bytes, lost_in_dmn
from pipelines.exchange.imported import Import, ImportRefused
from pipelines.rule_files import read_rule_file

SHIPPED = [read_rule_file(path) for path in sorted(Path("configs/journeys").glob("*/rules/*.yaml"))]


def back(one: Table) -> Import:
    return read_dmn_tables(dmn_bytes(one), file="own.dmn")


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.file)
def test_a_shipped_table_comes_back_the_same_but_for_its_examples(one: Table) -> None:
    found = back(one)

    assert found.left_out == ()
    assert table_digest(whole(dict(found.tables[0].document))) == table_digest(replace(one, examples=()))


@drawn(odd_tables())
@settings(max_examples=30, deadline=None)
def test_odd_texts_come_back_the_same(one: Table) -> None:
    found = back(one)

    assert table_digest(whole(dict(found.tables[0].document))) == table_digest(replace(one, examples=()))


def values(domain: Domain) -> st.SearchStrategy[Any]:
    """Values near the ends and among those that are listed."""
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


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.file)
def test_a_model_that_went_out_decides_as_the_table_does(one: Table) -> None:
    runnable = read_dmn(dmn_bytes(one), file="own.dmn")

    @drawn(st.fixed_dictionaries({column.name: values(column.domain) for column in one.inputs}))
    @settings(max_examples=40, deadline=None)
    def alike(inputs: dict[str, Any]) -> None:
        verdict = evaluate(one, inputs)
        answer = decide(runnable, {name: plain(value) for name, value in inputs.items()})

        assert as_json(answer.outputs["next_step"]) == {name: plain(value) for name, value in verdict.outputs.items()}
        assert [id_.removeprefix("row_") for id_ in answer.fired] == [
            id_ for id_ in verdict.fired if id_ != one.otherwise.id
        ]

    alike()


def test_what_dmn_cannot_hold_is_said() -> None:
    said = " ".join(lost_in_dmn(whole(REPAIR)))

    for what in ("3 examples", "the names of constants", "the verdict missing"):
        assert what in said


def test_values_changed_in_another_tool_are_taken_and_told() -> None:
    raw = dmn_bytes(SHIPPED[0]).replace(b'"praise"', b'"praise", "thanks"', 1)

    found = read_dmn_tables(raw, file="own.dmn")

    assert found.tables[0].document["inputs"]["topic"]["domain"][-1] == "thanks"
    assert "topic: its values were changed" in str(found.left_out[0])


def with_notes(own: str) -> bytes:
    """A model of ours in which every note on a column was replaced."""
    attribute = b'ours:column="' + own.replace('"', "&quot;").encode() + b'"'
    return re.sub(rb'ours:column="[^"]*"', attribute, dmn_bytes(SHIPPED[0]))


@pytest.mark.parametrize("own", ["{}", "[]", "5", "{"])
def test_without_our_notes_the_model_itself_is_read(own: str) -> None:
    document, told = taken(with_notes(own))

    assert told == ""
    assert document["inputs"]["days_late"] == {"type": "decimal", "min": -1000, "max": 10000}


@pytest.mark.parametrize("own", ['{"type": 5, "domain": 7, "name": []}', '{"type": "text", "domain": 3}'])
def test_notes_of_ours_that_were_spoilt_are_told(own: str) -> None:
    assert taken(with_notes(own))[1]


def taken(raw: bytes) -> tuple[dict[str, Any], str]:
    """The first table, and everything that was said about it."""
    found = read_dmn_tables(raw, file="own.dmn")
    told = [*found.left_out, *(problem for one in found.tables for problem in one.problems())]
    assert all(problem.mend for problem in told)
    return dict(found.tables[0].document), "\n".join(map(str, told))


def test_a_table_whose_values_are_all_listed_comes_in_whole() -> None:
    types = """<itemDefinition name="tAge"><typeRef>number</typeRef>
      <allowedValues><text>[0..130]</text></allowedValues></itemDefinition>"""
    logic = table(
        ["Age", ("riskClass", '"High", "Low"')],
        [{"name": "Route", "values": '"DECLINE", "REFER", "ACCEPT"', "default": '"REFER"'}],
        [["< 18", "-", '"DECLINE"'], ["[18..70], 75", 'not("High")', '"ACCEPT"']],
        hit="PRIORITY",
    )
    raw = model(
        types,
        given("Age", "tAge"),
        given("riskClass", "string"),
        decision("Applicant Routing", logic, needs=["Age", "riskClass"]),
    )

    document, told = taken(raw)

    assert told == ""
    assert document == {
        "table": "applicant_routing",
        "description": "Applicant Routing, from the model Own model.",
        "hit": "PRIORITY",
        "effective_from": "2000-01-01",
        "inputs": {
            "age": {"type": "decimal", "min": 0, "max": 130},
            "risk_class": {"type": "text", "domain": ["High", "Low"]},
        },
        "outputs": {"route": {"type": "text", "domain": ["DECLINE", "REFER", "ACCEPT"]}},
        "rows": [
            {
                "id": "R-001",
                "description": "Rule 1 of Applicant Routing.",
                "when": {"age": "< 18"},
                "then": {"route": "DECLINE"},
            },
            {
                "id": "R-002",
                "description": "Rule 2 of Applicant Routing.",
                "when": {"age": "[18..70], 75", "risk_class": "not(High)"},
                "then": {"route": "ACCEPT"},
            },
        ],
        "else": {"id": "ELSE", "description": "No row fits.", "then": {"route": "REFER"}},
    }


def test_a_last_row_that_always_fits_becomes_the_else_row() -> None:
    logic = table(["found"], ["fee"], [["true", "0"], ["null", "5"], ["-", "10"]], hit="FIRST")

    document, told = taken(model(given("found", "boolean"), decision("Fee", logic, needs=["found"])))

    assert told == ""
    assert [row["when"] for row in document["rows"]] == [{"found": "true"}, {"found": "missing"}]
    assert document["else"]["then"] == {"fee": 10}
    assert document["outputs"]["fee"] == {"type": "integer", "min": 0, "max": 10}


def test_a_decision_that_another_needs_becomes_the_source_of_its_input() -> None:
    first = table(["n"], ["level"], [["> 5", '"high"'], ["-", '"low"']], hit="FIRST")
    second = table(["Find level"], ["o"], [['"high"', "1"], ["-", "0"]], hit="FIRST")
    raw = model(
        given("n", "number"),
        decision("Find level", first, needs=["n"], type_="string"),
        decision("Next", second, needs=[">Find level"]),
    )

    found = read_dmn_tables(raw, file="own.dmn")

    assert found.tables[1].document["inputs"]["find_level"]["from"] == "table.find_level.level"


@pytest.mark.parametrize(
    ("logic", "what"),
    [
        (table(["n"], ["o"], [["< m", "1"]]), "the cell < m has no word here"),
        (table(["n"], ["o"], [["? > 1", "1"]]), "the cell ? > 1 has no word here"),
        (table(["n"], ["o"], [["1, null", "1"]]), "the cell 1, null has no word here"),
        (table(["n"], ["o"], [["1", "n * 2"]]), "the result n * 2 is no constant"),
        (table(["n"], ["o"], [["1", ""]]), "the result null is no constant"),
        (table(["n"], ["o"], [["> 1", "1"]]), "the model does not say its least and greatest value; add min and max"),
        (table(["s"], ["o"], [['"a"', "1"]]), "the model does not list its values; add to domain every other value"),
        (table(["n * 2"], ["o"], [["1", "1"]]), "the column calculates n * 2"),
        (table(["t"], ["o"], [['time("10:00:00")', "1"]]), "a time is no type of a column here"),
        (table(["n"], ["o"], [["1", "1"]]), "where no row fits, DMN answers null; write what the else row gives"),
        (table(["n"], ["o"], [["1", '"x"']], hit="RULE ORDER"), "RULE ORDER keeps the order of the rows"),
        (text("n + 1"), 'the decision "Answer" is no decision table'),
    ],
)
def test_what_is_not_understood_is_listed_with_a_mend(logic: str, what: str) -> None:
    other = table(["found"], [{"name": "o", "default": "0"}], [["true", "1"]])
    raw = model(
        given("n", "number"),
        given("m", "number"),
        given("s", "string"),
        given("t", "time"),
        given("found", "boolean"),
        decision("Answer", logic, needs=["n", "m", "s", "t"]),
        decision("Other", other, needs=["found"]),
    )

    _, told = taken(raw)

    assert what in told
    assert "own.dmn:" in told


def test_a_file_that_is_no_model_is_refused() -> None:
    with pytest.raises(ImportRefused, match="this is no DMN model"):
        read_dmn_tables(b"<a/>", file="own.dmn")
