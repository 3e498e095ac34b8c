"""Whole DMN models: several decisions, types, functions and boxed expressions."""

from datetime import date
from decimal import Decimal

import pytest
from dmn_written import decision, given, knowledge, model, outcome, run, table, text

PEN, DESK = '"pen"', '"desk"'
APPLICANT = """
<itemDefinition name="tStatus"><typeRef>string</typeRef>
  <allowedValues><text>"EMPLOYED", "STUDENT"</text></allowedValues></itemDefinition>
<itemDefinition name="tApplicant">
  <itemComponent name="Age"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="Monthly Income"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="Status"><typeRef>tStatus</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="tTags" isCollection="true"><typeRef>string</typeRef></itemDefinition>
"""


def loan() -> bytes:
    affordable = table(
        ["Installment"],
        ["o"],
        [["< Applicant.Monthly Income * 0.3", "true"], [">= Applicant.Monthly Income * 0.3", "false"]],
    )
    risk = table(["age", "status"], ["o"], [["< 25", '"STUDENT"', '"HIGH"'], ["-", "-", '"LOW"']], hit="FIRST")
    routing = table(
        ["Risk", "Affordable"],
        [{"name": "Route", "values": '"DECLINE", "REFER", "ACCEPT"'}],
        [["-", "false", '"DECLINE"'], ['"HIGH"', "-", '"REFER"'], ["-", "-", '"ACCEPT"']],
        hit="PRIORITY",
    )
    invoked = (
        "<invocation><literalExpression><text>Risk Table</text></literalExpression>"
        f"<binding><parameter name='age'/>{text('Applicant.Age')}</binding>"
        f"<binding><parameter name='status'/>{text('Applicant.Status')}</binding></invocation>"
    )
    return model(
        APPLICANT,
        given("Applicant", "tApplicant"),
        given("Rate", "number"),
        given("Amount", "number"),
        knowledge("Risk Table", {"age": "number", "status": "string"}, risk),
        knowledge("PMT", {"rate": "number", "amount": "number"}, text("decimal(rate * amount / 12, 2)")),
        decision("Installment", text("PMT(Rate, Amount)"), needs=["Rate", "Amount"], uses=["PMT"], type_="number"),
        decision("Affordable", affordable, needs=["Applicant", ">Installment"], type_="boolean"),
        decision("Risk", invoked, needs=["Applicant"], uses=["Risk Table"], type_="string"),
        decision("Routing", routing, needs=[">Risk", ">Affordable"], type_="string"),
    )


@pytest.mark.parametrize(
    ("age", "income", "status", "expected"),
    [
        (30, 1000, "EMPLOYED", "ACCEPT"),
        (20, 1000, "STUDENT", "REFER"),
        (20, 100, "STUDENT", "DECLINE"),
        (30, "833.34", "EMPLOYED", "ACCEPT"),
        (30, "833.33", "EMPLOYED", "DECLINE"),  # 250.00 < 249.999 no longer holds
    ],
)
def test_decisions_are_taken_in_the_order_of_their_requirements(
    age: int, income: object, status: str, expected: str
) -> None:
    inputs = {
        "Applicant": {"Age": age, "Monthly Income": income, "Status": status},
        "Rate": Decimal("0.06"),
        "Amount": 50000,
    }

    assert outcome(loan(), inputs) == expected


def test_a_decision_by_name_needs_only_its_own_inputs() -> None:
    answer = run(loan(), {"Rate": "0.06", "Amount": "1000"}, "Installment")

    assert answer.outputs == {"Installment": Decimal("5.00")}
    assert answer.missing == ()
    assert run(loan(), {"Rate": "0.06"}, "Installment").missing == ("Amount",)


def test_several_decisions_at_the_end_are_all_answered() -> None:
    raw = model(
        given("n", "number"),
        decision("Twice", text("n * 2"), needs=["n"]),
        decision("Half", text("n / 2"), needs=["n"]),
    )

    assert run(raw, {"n": 3}).outputs == {"Twice": 6, "Half": Decimal("1.5")}


def test_values_are_exact_in_json() -> None:
    raw = model(
        given("n", "number"),
        given("d", "date"),
        decision("Sum", text("n + 0.2"), needs=["n"]),
        decision("Due", text('d + duration("P1M")'), needs=["d"]),
    )

    answer = run(raw, {"n": "0.10", "d": "2026-01-31"})

    assert answer.outputs == {"Sum": Decimal("0.30"), "Due": date(2026, 2, 28)}
    assert answer.as_dict()["outputs"]["Due"] == "2026-02-28"


def test_boxed_contexts_lists_relations_and_conditions() -> None:
    context = (
        f"<context><contextEntry><variable name='double it'/>{text('n * 2')}</contextEntry>"
        f"<contextEntry><variable name='more'/>{text('double it + 1')}</contextEntry>"
        f"<contextEntry>{text('[double it, more]')}</contextEntry></context>"
    )
    relation = (
        "<relation><column name='item name'/><column name='price'/>"
        f"<row>{text(PEN)}{text('n')}</row><row>{text(DESK)}{text('10')}</row>"
        "</relation>"
    )
    condition = f"<conditional><if>{text('n > 1')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>"
    each = f"<for iteratorVariable='one'><in>{text('1..n')}</in><return>{text('one * one')}</return></for>"
    raw = model(
        given("n", "number"),
        decision("Context", context, needs=["n"]),
        decision("Relation", relation, needs=["n"]),
        decision("Cheap", text("Relation[price < 5].item name"), needs=[">Relation"]),
        decision("Condition", condition, needs=["n"]),
        decision("List", f"<list>{text('n')}{text('n + 1')}</list>", needs=["n"]),
        decision("Each", each, needs=["n"]),
    )

    assert outcome(raw, {"n": 3}, "Context") == [6, 7]
    assert outcome(raw, {"n": 3}, "Cheap") == ["pen"]
    assert outcome(raw, {"n": 3}, "Condition") == 1
    assert outcome(raw, {"n": 3}, "List") == [3, 4]
    assert outcome(raw, {"n": 3}, "Each") == [1, 4, 9]


def test_a_list_of_inputs_fills_a_cell() -> None:
    logic = table(
        ["Symptom"], ["o"], [['"cough", "fever"', '"cold"'], ["Known", 'Symptom + " is known"']], hit="COLLECT"
    )
    raw = model(
        APPLICANT,
        given("Known", "tTags"),
        given("Symptom", "string"),
        decision("Found", logic, needs=["Known", "Symptom"], type_="tTags"),
    )

    assert outcome(raw, {"Known": ["fever", "rash"], "Symptom": "fever"}) == ["cold", "fever is known"]
    assert outcome(raw, {"Known": ["rash"], "Symptom": "fever"}) == ["cold"]
    assert outcome(raw, {"Known": ["rash"], "Symptom": "pain"}) == []


def test_a_function_may_call_itself_but_not_for_ever() -> None:
    factorial = knowledge("fact", {"n": "number"}, text("if n <= 1 then 1 else n * fact(n - 1)"), uses=["fact"])
    raw = model(given("n", "number"), factorial, decision("Answer", text("fact(n)"), needs=["n"], uses=["fact"]))

    assert outcome(raw, {"n": 5}) == 120
    with pytest.raises(ValueError, match="call each other more than 60 deep"):
        outcome(raw, {"n": 500})


def test_a_decision_of_the_wrong_type_is_null_and_said() -> None:
    raw = model(given("n", "number"), decision("Answer", text("n + 1"), needs=["n"], type_="string"))

    answer = run(raw, {"n": 1})

    assert answer.outputs == {"Answer": None}
    assert answer.notes == ("Answer gives a number where string belongs, so it counts as null",)


def test_a_single_value_becomes_a_list_where_its_type_is_one_and_back() -> None:
    raw = model(
        APPLICANT,
        given("tag", "string"),
        decision("Tags", text("tag"), needs=["tag"], type_="tTags"),
        decision("Tag", text("[tag]"), needs=["tag"], type_="string"),
    )

    assert run(raw, {"tag": "a"}).outputs == {"Tags": ["a"], "Tag": "a"}


def test_a_decision_that_a_person_takes_is_null_and_said() -> None:
    raw = model(
        given("n", "number"),
        decision("Score", text("n + 1"), needs=["n"], type_="number"),
        decision("Judgement", "", needs=[">Score"]),
        decision("Letter", text('if Judgement = null then "wait" else "send"'), needs=[">Judgement"]),
    )

    answer = run(raw, {"n": 1})

    assert answer.outputs == {"Letter": "wait"}
    assert answer.notes == ("Judgement has no logic: null",)


def test_elements_without_prefix_are_read_where_the_file_names_dmn_elsewhere() -> None:
    raw = model(given("n", "number"), decision("Answer", text("n"), needs=["n"]), namespace="urn:tool")
    named = raw.replace(b" id=", b' xmlns:semantic="http://www.omg.org/spec/DMN/20180521/MODEL/" id=', 1)

    assert outcome(named, {"n": 1}) == 1


def test_a_decision_service_is_called_and_run() -> None:
    service = (
        "<decisionService id='s' name='Price'><variable name='Price'/><outputDecision href='#d Total'/>"
        "<inputDecision href='#d Base'/><inputData href='#i n'/></decisionService>"
    )
    raw = model(
        given("n", "number"),
        given("m", "number"),
        service,
        decision("Base", text("n * 100"), needs=["n"], type_="number"),
        decision("Total", text("Base + n"), needs=["n", ">Base"], type_="number"),
        decision("Called", text("Price(m, 5)"), needs=["m"], uses=["s"]).replace("#k s", "#s"),
    )

    assert outcome(raw, {"n": 1}, "Total") == 101
    assert outcome(raw, {"n": 1, "Base": 7}, "Price") == 8
    assert outcome(raw, {"m": 3}, "Called") == 8
    assert run(raw, {}, "Called").missing == ("m",)
    assert run(raw, {}, "Price").missing == ("n", "Base")


def test_a_date_that_only_the_table_calls_so_is_read_as_one() -> None:
    logic = table(["day"], ["o"], [['> date("2026-01-31")', '"late"'], ["-", '"early"']], hit="FIRST")
    raw = model(given("day"), decision("When", logic, needs=["day"]))
    typed = raw.replace(b"<inputExpression>", b'<inputExpression typeRef="date">')

    assert outcome(typed, {"day": "2026-02-01"}) == "late"
    assert outcome(raw, {"day": "2026-02-01"}) == "early"  # a text, which comes neither before nor after a date


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_models_of_dmn_1_1_to_1_5_run(namespace: str) -> None:
    raw = model(given("n", "feel:number"), decision("Answer", text("n + 1"), needs=["n"]), namespace=namespace)

    assert outcome(raw, {"n": 1}) == 2


def test_elements_may_carry_a_prefix_and_diagrams_are_left_alone() -> None:
    raw = b"""<s:definitions xmlns:s="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:v="urn:vendor" name="m">
      <s:extensionElements><v:decision name="no"/></s:extensionElements>
      <s:decision id="d" name="Answer" v:colour="red">
        <s:literalExpression><s:text>1 + 1</s:text></s:literalExpression></s:decision>
      <v:diagram><v:shape/></v:diagram></s:definitions>"""

    assert outcome(raw, {}) == 2


def test_a_table_without_any_requirement_takes_its_names_as_inputs() -> None:
    logic = table(
        ["season", "guestCount"], ["dish"], [['"Fall"', "<= 8", '"Spareribs"'], ["-", "-", '"Stew"']], hit="FIRST"
    )
    raw = model(decision("Dish", logic))

    answer = run(raw, {"season": "Fall", "guestCount": 4})

    assert answer.outputs == {"Dish": "Spareribs"}
    assert run(raw, {"season": "Fall"}).missing == ("guestCount",)


def test_where_a_tool_asks_for_no_requirements_names_are_inputs() -> None:
    dish = table(["season", "Guests"], ["dish"], [['"Fall"', "<= 8", '"Stew"']])
    raw = model(
        given("Guests", "number"),
        given("Month", "number"),
        decision("Dish", dish, needs=["Month"]),
        decision("Drink", table(["thirst"], ["drink"], [["true", '"Water"']])),
        extra='xmlns:camunda="http://camunda.org/schema/1.0/dmn"',
    )

    assert outcome(raw, {"season": "Fall", "Guests": "8", "thirst": False}, "Dish") == "Stew"
    with pytest.raises(ValueError, match='draw a requirement from "Guests" to "Dish"'):
        run(raw.replace(b"camunda", b"example"), {}, "Dish")


def test_a_needed_table_is_also_known_by_its_output() -> None:
    season = table(["month"], [{"name": "season", "type": "string"}], [["> 9", '"Fall"']])
    dish = table(["season"], ["dish"], [['"Fall"', '"Stew"']])
    raw = model(
        given("month", "number"),
        decision("Find season", season, needs=["month"]),
        decision("Dish", dish, needs=[">Find season"]),
    )

    assert outcome(raw, {"month": 10}) == "Stew"
