"""The examples of a table are its own tests; plain data becomes values or is refused."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from rule_tables import NEXT_STEP, read

from cases.rules import InputRefused, Problem, check_examples, plain, read_inputs
from cases.rules.examples import untried_rows

CLOSES = {"topic": "windscreen", "glass": True, "amount": "120.00", "photos": 1}


def problems(given: dict[str, object], expect: dict[str, object]) -> list[str]:
    data = deepcopy(NEXT_STEP)
    data["examples"] = [{"id": "E-9", "given": given, "expect": expect}]
    return [f"{problem.path}: {problem.what}" for problem in check_examples(read(data))]


@pytest.mark.parametrize(
    "expect",
    [
        {"row": "R-010"},
        {"rows": ["R-010"]},
        {"kind": "fired"},
        {"missing": []},
        {"outputs": {"step": "auto_close", "days": 5, "requests": []}},
    ],
)
def test_a_promise_that_is_kept_is_no_problem(expect: dict[str, object]) -> None:
    assert problems(CLOSES, expect) == []


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ({"row": "R-020"}, "rows: expected R-020, but the table gives fired R-010"),
        ({"row": "R-999"}, "rows: expected R-999, but the table gives fired R-010"),
        ({"kind": "missing"}, "kind: expected missing, but the table gives fired R-010"),
        ({"missing": ["plate"]}, "missing: expected plate, but the table gives fired R-010"),
        ({"outputs": {"step": "route"}}, "outputs.step: expected route, but the table gives auto_close"),
    ],
)
def test_a_broken_promise_is_told_with_what_came_instead(expect: dict[str, object], problem: str) -> None:
    assert problems(CLOSES, expect) == [f"examples[E-9].expect.{problem}"]


def test_an_example_that_lacks_an_input_is_told_which_row_asks_for_it() -> None:
    given = {name: value for name, value in CLOSES.items() if name != "photos"}

    assert problems(given, {"row": "R-010", "outputs": {"step": "auto_close"}}) == [
        f"examples[E-9].expect.{part}, but the table gives missing photos (asked for by R-010)"
        for part in ("rows: expected R-010", "outputs.step: expected auto_close")
    ]


def test_a_broken_promise_has_the_file_and_the_line_of_its_example() -> None:
    data = deepcopy(NEXT_STEP)
    data["examples"][0]["expect"] = {"row": "R-020"}

    (problem,) = check_examples(read(data, {("examples", 0): 41}))

    assert isinstance(problem, Problem)
    assert str(problem).startswith("motor/rules/next_step.yaml:41 examples[E-1].expect.rows: expected R-020")


def test_plain_data_becomes_values() -> None:
    raw = {"topic": "windscreen", "amount": Decimal("1.5"), "loss_date": "2026-01-31", "photos": "2"}

    assert read_inputs(read(NEXT_STEP), raw) == {
        "topic": "windscreen",
        "amount": Decimal("1.50"),
        "loss_date": date(2026, 1, 31),
        "photos": 2,
    }


def test_plain_data_that_cannot_be_read_is_refused_with_every_problem() -> None:
    with pytest.raises(InputRefused) as refused:
        read_inputs(read(NEXT_STEP), {"amount": 1.5, "topik": "windscreen", "glass": "true"})

    assert [problem.path for problem in refused.value.problems] == ["amount", "topik", "glass"]
    assert 'write it in quotes, for example "0.10"' in str(refused.value)


def test_a_value_turns_back_into_plain_data() -> None:
    assert [plain(value) for value in (Decimal("1.50"), date(2026, 1, 31), ("a",), None, True, "x", 3)] == [
        "1.50",
        "2026-01-31",
        ["a"],
        None,
        True,
        "x",
        3,
    ]


def test_rows_that_no_example_lets_answer_are_named_the_else_row_last() -> None:
    data = deepcopy(NEXT_STEP)
    stopped = {"id": "E-2", "given": {"topic": "windscreen"}, "expect": {"kind": "missing"}}
    data["examples"].append(stopped)

    assert untried_rows(read(data)) == ("R-020", "R-999")
