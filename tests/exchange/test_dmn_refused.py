"""What a DMN file has that cannot be run is refused with its place and a mend."""

from typing import Any

import pytest
from dmn_written import decision, given, knowledge, model, run, table, text

from pipelines.exchange.dmn_run import read_dmn
from pipelines.exchange.dmn_xml import MAX_BYTES, DmnRefused

BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="&b;"/>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://example.com/x.dtd"><definitions/>"""


def refusal(raw: bytes, decision: str | None = None, inputs: dict[str, Any] | None = None) -> str:
    with pytest.raises(DmnRefused) as refused:
        run(raw, inputs or {}, decision)
    assert all(problem.mend for problem in refused.value.problems)
    return str(refused.value)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "own.dmn:1: not XML"),
        (b"<definitions>", "not XML"),
        (b"\xff\xfe\x00", "not XML"),
        (b"<html/>", "this is no DMN model"),
        (b"<definitions xmlns='urn:other'/>", "this is no DMN model"),
        (BOMB, "document type or entities"),
        (OUTSIDE, "document type or entities"),
        (b"<a>" * 100, "nested deeper than 60"),
        (b" " * (MAX_BYTES + 1), "more than 5 MB"),
        (model(), "no decision that stands at its end"),
    ],
)
def test_a_file_that_is_no_model_is_refused(raw: bytes, what: str) -> None:
    assert what in refusal(raw)


@pytest.mark.parametrize(
    ("logic", "what"),
    [
        (text("n +"), "the end stands at character 4"),
        (text("m + 1"), '"m" is not known here'),
        (text("Elsewhere + 1"), 'draw a requirement from "Elsewhere" to "Answer"'),
        (text("flor(n)"), 'did you mean "floor"?'),
        (text("today()"), "the function today() is not run"),
        (table(["n"], ["o"], [["> x y", "1"]]), '"x y" is not known here'),
        (table(["n"], ["o"], [["1"]]), "rule 1 has 1 input and 0 output entries"),
        (table(["n"], ["o"], [["-", "1"]], hit="BEST"), '"BEST" is no hit policy'),
        (table(["n"], ["o"], [["-", "1"]], hit="PRIORITY"), "PRIORITY ranks by output values, and none are listed"),
        (table(["n"], ["o"], [["-", "1"]], aggregation="SUM"), "the aggregation SUM is not known here"),
        (table([""], ["o"], [["-", "1"]]), "the input has no expression"),
        (table(["n"], ["", ""], [["-", "1", "2"]]), "several outputs need names"),
        (
            '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>',
            "the expression language javascript is not run",
        ),
        (
            f'<functionDefinition kind="Java">{text("1")}</functionDefinition><x/>',
            "functions of kind Java are not run",
        ),
    ],
)
def test_logic_that_cannot_be_run_is_refused_with_its_line(logic: str, what: str) -> None:
    raw = model(given("n", "number"), given("Elsewhere", "number"), decision("Answer", logic, needs=["n"]))

    told = refusal(raw)

    assert what in told
    assert "own.dmn:5 " in told
    assert 'decision "Answer"' in told


def test_what_is_not_asked_for_may_be_broken() -> None:
    raw = model(
        given("n", "number"), decision("Good", text("n"), needs=["n"]), decision("Bad", text("n +"), needs=["n"])
    )

    assert run(raw, {"n": 1}, "Good").outputs == {"Good": 1}
    assert 'decision "Bad"' in refusal(raw)


def test_decisions_that_need_each_other_are_refused() -> None:
    raw = model(
        decision("A", text("B"), needs=[">B"]),
        decision("B", text("A"), needs=[">A"]),
        decision("C", text("A"), needs=[">A"]),
    )

    assert "the decisions need each other: A → B → A" in refusal(raw)


def test_names_that_are_not_there_are_answered_with_the_nearest() -> None:
    raw = model(given("Amount", "number"), decision("Answer", text("Amount"), needs=["Amount"]))

    assert 'there is no decision "Anser"; did you mean "Answer"?' in refusal(raw, "Anser")
    assert 'Amont: it is no input of the model; did you mean "Amount"?' in refusal(raw, None, {"Amont": 1})


@pytest.mark.parametrize(
    ("type_", "value", "what"),
    [
        ("number", "a lot", "'a lot' is not number"),
        ("number", True, "'True' is not number"),
        ("number", "NaN", "'NaN' is not number"),
        ("date", "2026-02-30", "'2026-02-30' is not date; give \"2026-01-31\""),
        ("date", 5, "is not date"),
        ("boolean", 1, "is not boolean"),
        ("string", 1, "is not string"),
        ("years and months duration", "P1D", "is not years and months duration"),
        ("tColour", "green", 'green is not allowed; give one of "red", "blue"'),
        ("tBox", {"Colour": "red", "Size": 1}, "value.Size: is no part of it; give Colour"),
        ("tBox", {"Colour": 1}, "value.Colour: '1' is not string"),
        ("tBox", "red", "is not context (tBox)"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(type_: str, value: object, what: str) -> None:
    types = """<itemDefinition name="tColour"><typeRef>string</typeRef>
      <allowedValues><text>"red", "blue"</text></allowedValues></itemDefinition>
      <itemDefinition name="tBox"><itemComponent name="Colour"><typeRef>tColour</typeRef></itemComponent>
      </itemDefinition>"""
    raw = model(types, given("value", type_), decision("Answer", text("value"), needs=["value"]))

    assert what in refusal(raw, None, {"value": value})


def test_unknown_types_ids_and_imports_are_told() -> None:
    raw = model(
        '<import namespace="urn:other" importType="x"/>',
        given("n", "tMissing"),
        decision("Answer", text("n"), needs=["n", "gone"]),
    )

    told = refusal(raw)

    assert 'the type "tMissing" is not declared' in told
    assert 'it needs "i gone", which is not in the file' in told
    assert "the model imports urn:other" in told


def test_a_type_that_contains_itself_is_refused() -> None:
    circle = '<itemDefinition name="tA"><itemComponent name="b"><typeRef>tA</typeRef></itemComponent></itemDefinition>'

    assert "contains itself" in refusal(model(circle, given("n", "tA"), decision("Answer", text("n"), needs=["n"])))


def test_knowledge_sees_only_its_parameters() -> None:
    raw = model(
        given("n", "number"),
        knowledge("f", {"x": "number"}, text("x + n")),
        decision("Answer", text("f(n)"), needs=["n"], uses=["f"]),
    )

    told = refusal(raw)

    assert 'businessKnowledgeModel "f"' in told
    assert 'draw a requirement from "n" to "f"' in told


def test_a_model_is_read_without_being_run() -> None:
    runnable = read_dmn(model(given("n", "number"), decision("Answer", text("n"), needs=["n"])), file="own.dmn")

    assert list(runnable.inputs) == ["n"]
