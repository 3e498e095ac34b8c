"""A journey whose deciding table rests on others: what is decided, what is recorded, and what the file tells of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import CASE_ID, NOW, answer, entries, shipped
from dossiers import file, read, texts

from cases import events as e
from cases.case import fold
from cases.facts import RuleRow
from cases.inputs import inputs_again, read_inputs, recorded, source_problem, typed
from cases.journey_folder import JourneyFolder, from_snapshot
from cases.rules import FORBIDDEN_ELSE, Period, Table, Value, read_table, table_digest
from cases.rules.domains import MISSING, Kind
from cases.steps import next_step
from cases.vocabulary import Step, Why

RISK = {"type": "money", "min": 0, "max": 10_000, "from": "register.policy.own_risk"}
LIGHT, HEAVY = {"weight": "light", "fast": True}, {"weight": "heavy", "fast": False}
WEIGHT: dict[str, Any] = {
    "table": "weight", "description": "How heavy a claim weighs.", "hit": "UNIQUE", "effective_from": "2026-01-01",
    "inputs": {"risk": RISK},
    "outputs": {
        "weight": {"type": "text", "domain": ["light", "heavy"], "description": "Weight"},
        "fast": {"type": "boolean"},
    },
    "rows": [
        {"id": "W-1", "description": "Over fifty.", "when": {"risk": "> 50"}, "then": HEAVY},
        {"id": "W-2", "description": "Ninety.", "when": {"risk": "[90..95]"}, "then": LIGHT},
    ],
    "else": {"id": "W-9", "description": "Else.", "then": LIGHT},
}  # fmt: skip
ROOT: dict[str, Any] = {
    "table": "next_step", "description": "What happens.", "hit": "FIRST", "effective_from": "2026-01-01",
    "inputs": {
        "weight": {"type": "text", "domain": ["light", "heavy"], "from": "table.weight.weight"},
        "cover": {"type": "text", "domain": ["liability", "limited", "full"], "from": "register.policy.cover"},
        "topic": {"type": "text", "domain": ["windscreen", "theft"], "from": "topic"},
    },
    "outputs": {
        "step": {"type": "text", "domain": ["auto_close", "expert"]},
        "option": {"type": "text", "domain": ["", "repair_glass"]},
    },
    "rows": [
        {"id": "R-1", "description": "Light glass.",
         "when": {"weight": "light", "cover": "full", "topic": "windscreen"},
         "then": {"step": "auto_close", "option": "repair_glass"}},
    ],
    "else": {"id": "R-9", "description": "Else.", "then": {"step": "expert", "option": ""}},
}  # fmt: skip


def table(data: dict[str, Any]) -> Table:
    return read_table(data, file="t", lines={}, forbidden_else=FORBIDDEN_ELSE)


def chained(weight: dict[str, Any] = WEIGHT) -> JourneyFolder:
    return replace(shipped(), tables={"next_step": table(ROOT), "weight": table(weight)})


def decided(folder: JourneyFolder, **fields: str) -> tuple[list[Any], e.StepDecided]:
    policy = answer()
    events = read(answers=[replace(policy, fields=tuple({**dict(policy.fields), **fields}.items()))])
    follows = next_step(fold(CASE_ID, entries(*events)), folder, certificate=None, at=NOW)
    return entries(*events, follows), follows


def advice(folder: JourneyFolder, **fields: str) -> dict[str, Any]:
    told: dict[str, Any] = file(decided(folder, **fields)[0], folder=folder)
    return told


def test_the_deciding_table_takes_what_the_other_answered_and_both_are_recorded() -> None:
    folder = chained()

    _, step = decided(folder, own_risk="40.00")

    assert (step.step, step.because, step.option) == (Step.AUTO_CLOSE, (Why.NOT_CERTIFIED,), "repair_glass")
    assert step.read is not None
    (before,) = step.read.upstream
    assert (before.table, before.verdict, before.fired) == ("weight", "else", ("W-9",))
    assert before.digest == table_digest(folder.tables["weight"])
    assert before.inputs[0].value == "40.00"
    weight = step.read.inputs[0]
    assert (weight.present, weight.value, weight.sources) == (True, "light", (RuleRow("weight", before.digest, "W-9"),))
    assert inputs_again(step.read.inputs, folder.root) == {"weight": "light", "cover": "full", "topic": "windscreen"}


def test_a_table_that_contradicts_itself_sends_the_case_to_a_person_with_the_reason_kept() -> None:
    folder = chained()

    stream, step = decided(folder, own_risk="90.00")

    assert (step.step, step.because) == (Step.EXPERT, (Why.MISSING_INPUT,))
    assert step.read is not None
    assert (step.read.missing, step.read.inputs[0].present) == (("weight",), False)
    assert step.read.upstream[0].verdict == "conflict"
    (told,) = file(stream, folder=folder)["recommendation"]["upstream"]
    assert told["text"].startswith("How heavy a claim weighs. ")
    assert [row["row"] for row in told["rows"]] == ["W-1", "W-2"]


def test_what_an_earlier_table_lacks_is_what_the_file_asks_for() -> None:
    told = advice(chained(), own_risk="unknown")

    assert "Not known: Own risk" in texts(told["missing"])
    assert [one["rows"] for one in told["recommendation"]["upstream"]] == [[]]


def test_the_file_tells_what_each_table_answered_and_by_which_row() -> None:
    told = advice(chained(), own_risk="60.00")["recommendation"]

    (before,) = told["upstream"]
    assert before["text"] == "How heavy a claim weighs. Weight: heavy, fast: no"
    assert [(row["row"], row["description"]) for row in before["rows"]] == [("W-1", "Over fifty.")]
    assert before["sources"][0]["table"] == "weight"
    assert [(row["input"], row["value"]) for row in told["others"]] == [("weight", "heavy")]


def test_what_would_have_closed_the_case_is_told_of_the_table_that_asks_for_it() -> None:
    cheap = {**WEIGHT["rows"][0], "when": {"risk": "<= 50"}, "then": LIGHT}
    weight = {**WEIGHT, "rows": [cheap], "else": {**WEIGHT["else"], "then": HEAVY}}

    told = advice(chained(weight), own_risk="75.00")["recommendation"]["would_change"]

    assert len(told) == 1
    assert "“Own risk” were: at most €50.00 (now: €75.00)" in told[0]["text"]
    assert told[0]["sources"][0]["table"] == "weight"


def test_no_change_is_told_of_the_topic_or_of_tables_that_have_changed_since() -> None:
    stream, _ = decided(chained(), own_risk="40.00", cover="limited")
    alone = replace(
        shipped(), tables={"next_step": table({**ROOT, "inputs": {**ROOT["inputs"], "weight": RISK}, "rows": []})}
    )

    changes = file(stream, folder=chained())["recommendation"]["would_change"]

    assert len(changes) == 1
    assert "were: full (now: limited)" in changes[0]["text"]
    assert file(stream, folder=alone)["recommendation"]["would_change"] == []
    assert file(stream, folder=alone)["recommendation"]["upstream"][0]["text"] == "weight"


def test_a_case_about_something_else_is_not_told_to_be_about_glass() -> None:
    events = read("theft", answers=[replace(answer(), fields=(("own_risk", "40.00"), ("cover", "full")))])
    follows = next_step(fold(CASE_ID, entries(*events)), chained(), certificate=None, at=NOW)

    assert file(entries(*events, follows), folder=chained())["recommendation"]["would_change"] == []


def test_a_file_of_a_table_alone_says_nothing_of_others() -> None:
    _, step = decided(shipped())

    assert step.read is not None
    assert step.read.upstream == ()
    assert "upstream" not in advice(shipped())["recommendation"]


def test_the_tables_of_a_stored_journey_rest_on_each_other_as_before() -> None:
    again = from_snapshot(chained().snapshot)

    assert list(again.upstream) == ["weight"]
    assert again.upstream == chained().upstream
    assert shipped().upstream == {}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("light", Kind.TEXT),
        (True, Kind.BOOLEAN),
        (7, Kind.INTEGER),
        (Decimal("0.125"), Kind.DECIMAL),
        (Decimal("7.50"), Kind.MONEY),
        (("a", "b"), Kind.SET),
        (Period(18), Kind.PERIOD),
    ],
)
def test_what_a_table_answered_is_recorded_so_that_it_reads_back(value: Value, kind: Kind) -> None:
    text = recorded(value)

    assert text is not None
    assert typed(text, kind) == value


def test_nothing_is_recorded_of_what_is_not_known() -> None:
    assert recorded(MISSING) is None
    assert recorded(None) is None


def test_a_case_itself_provides_nothing_of_another_table() -> None:
    assert source_problem("table.weight.weight", shipped().journey) is not None
    assert inputs_of(chained()) == {"cover", "topic"}


def inputs_of(folder: JourneyFolder) -> set[str]:
    return set(read_inputs(fold(CASE_ID, entries(*read())), folder.root, folder.journey)[0])
