"""A journey folder in which one table rests on another: loaded, checked whole, and certified with all of its rules."""

import shutil
from pathlib import Path

import pytest

from cases.journey_folder import JourneyFolder
from pipelines.journeys import SHIPPED, read_folder
from pipelines.standing import rules_digest

WEIGHT = """
table: weight
description: How heavy a claim weighs.
hit: FIRST
effective_from: 2026-01-01
inputs:
  own_risk: {type: money, min: 0, max: 10000, from: register.policy.own_risk}
outputs:
  weight: {type: text, domain: [light, heavy]}
rows:
  - {id: W-1, description: Over fifty., when: {own_risk: "> 50"}, then: {weight: heavy}}
else: {id: W-9, description: Else., then: {weight: light}}
"""
LINK = "inputs:\n  weight: {type: text, domain: [light, heavy], from: table.weight.weight}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The motor journey, whose deciding table asks for a second one."""
    path = tmp_path / "motor_claim"
    shutil.copytree(SHIPPED / "motor_claim", path)
    (path / "rules" / "weight.yaml").write_text(WEIGHT, encoding="utf-8")
    change(path / "rules" / "next_step.yaml", "inputs:\n", LINK)
    return path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def read(path: Path) -> JourneyFolder:
    folder, problems = read_folder(path)
    assert not problems
    assert folder is not None
    return folder


def problems(path: Path) -> list[str]:
    return [str(problem) for problem in read_folder(path)[1]]


def test_the_tables_of_a_folder_are_read_as_one_chain(folder: Path) -> None:
    assert list(read(folder).upstream) == ["weight"]
    assert read(SHIPPED / "motor_claim").upstream == {}


def test_a_link_to_nothing_is_refused_with_the_nearest_name(folder: Path) -> None:
    change(folder / "rules" / "next_step.yaml", "table.weight.weight", "table.weigth.weight")

    assert problems(folder) == [
        'motor_claim/rules/next_step.yaml inputs.weight.from: there is no table "weigth"; did you mean "weight"?'
    ]


def test_a_circle_is_refused_by_name(folder: Path) -> None:
    steps = "[auto_close, request_info, route, appoint, expert]"
    link = f"inputs:\n  step: {{type: text, domain: {steps}, from: table.next_step.step}}\n"
    change(folder / "rules" / "weight.yaml", "inputs:\n", link)

    (problem,) = problems(folder)

    assert "the tables rest on each other: next_step → weight → next_step; take one of these links out" in problem


def test_two_tables_of_one_name_are_refused(folder: Path) -> None:
    shutil.copy(folder / "rules" / "weight.yaml", folder / "rules" / "zwaar.yaml")

    (problem,) = problems(folder)

    assert problem.startswith("motor_claim/rules/zwaar.yaml:2 table: motor_claim/rules/weight.yaml holds a table")
    assert problem.endswith("give one another name")


def test_another_rule_in_an_earlier_table_is_another_set_of_rules(folder: Path) -> None:
    before = rules_digest(read(folder), "windscreen")

    change(folder / "rules" / "weight.yaml", "> 50", "> 60")

    assert rules_digest(read(folder), "windscreen") != before
