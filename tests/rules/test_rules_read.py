"""A rule file is refused whole, with every problem, its line and its mend; or it means what it says."""

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import NEXT_STEP, letters, read

from cases.rules import Hit, Table, TableRefused, read_table

MONEY = {"type": "money", "min": 0, "max": 10}
ROW = {"id": "R", "description": "A row", "when": {}, "then": {"letter": "x"}}


def refusals(data: object, **options: Any) -> list[str]:
    with pytest.raises(TableRefused) as refused:
        read_table(data, file="f.yaml", lines=options.pop("lines", {}), **options)
    assert str(refused.value) == "\n".join(str(problem) for problem in refused.value.problems)
    return [str(problem) for problem in refused.value.problems]


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """NEXT_STEP with one value put in another's place."""
    data = deepcopy(NEXT_STEP)
    inner: Any = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return data


def without(*path: str | int) -> dict[str, Any]:
    data = deepcopy(NEXT_STEP)
    inner: Any = data
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return data


def test_a_bad_cell_is_refused_with_file_line_row_and_mend() -> None:
    data = changed("rows", 0, "when", "amount", to="<== 500")

    problems = refusals(data, lines={("rows", 0, "when", "amount"): 23})

    assert problems == [
        "f.yaml:23 rows[R-010].when.amount: '<== 500' is not a comparison; write for example \"<= 500\""
    ]


def test_a_problem_without_a_line_of_its_own_has_the_line_of_what_is_around_it() -> None:
    data = changed("rows", 1, "then", "requests", to=["plat"])

    assert refusals(data, lines={("rows", 1): 30, (): 1})[0].startswith("f.yaml:30 rows[R-020].then.requests: ")
    assert refusals(data, lines={(): 1})[0].startswith("f.yaml:1 rows[R-020].then.requests: ")


def test_all_problems_are_told_at_once() -> None:
    data = changed("hit", to="FRIST")
    data["rows"][0]["when"] = {"topc": "windscreen", "amount": "lots"}
    data["else"]["then"]["step"] = "exprt"
    data["surprise"] = 1

    problems = refusals(data)

    assert [problem.split(": ", 1)[0] for problem in problems] == [
        "f.yaml surprise",
        "f.yaml hit",
        "f.yaml rows[R-010].when.topc",
        "f.yaml rows[R-010].when.amount",
        "f.yaml else.then.step",
    ]


@pytest.mark.parametrize("key", ["table", "description", "hit", "effective_from", "inputs", "outputs", "rows", "else"])
def test_a_part_that_is_not_there_is_named(key: str) -> None:
    assert f'f.yaml: "{key}" is not there; add "{key}: …"' in refusals(without(key))


def test_examples_may_be_left_out() -> None:
    assert read(without("examples")).examples == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "f.yaml: null stands where a mapping belongs"),
        ([], "f.yaml: a list stands where a mapping belongs"),
        ({1: 2}, "f.yaml: the key 1 is not text; write it in quotes"),
        (changed("table", to="Next step"), "f.yaml table: 'Next step' is not a name; write small letters"),
        (changed("description", to=" "), "f.yaml description: ' ' is no description; say in a sentence"),
        (changed("description", to="bell\a"), "f.yaml description: the description holds a character"),
        (changed("description", to=7), "f.yaml description: 7 is no description"),
        (changed("hit", to=[]), "f.yaml hit: a list is no hit policy; write one of: FIRST, UNIQUE"),
        (changed("hit", to="first"), "f.yaml hit: 'first' is no hit policy; write one of: FIRST"),
        (changed("hit", to="FIRSTT"), "f.yaml hit: 'FIRSTT' is no hit policy; did you mean \"FIRST\"?"),
        (changed("hit", to="COLLECT"), "f.yaml hit: COLLECT joins lists, and not every output is one"),
        (
            letters("PRIORITY", outputs={"n": {"type": "integer", "min": 0, "max": 1, "default": 0}}, **{"else": {}}),
            "f.yaml hit: PRIORITY ranks rows by the domains of text outputs, and there is none",
        ),
        (changed("effective_from", to="soon"), "f.yaml effective_from: 'soon' is not a date"),
        (
            changed("effective_from", to=datetime(2026, 1, 1, tzinfo=UTC)),
            "f.yaml effective_from: 2026-01-01 00:00:00+00:00 is not a date",
        ),
        (changed("effective_from", to=None), "f.yaml effective_from: null does not belong"),
        (changed("inputs", to=3), "f.yaml inputs: 3 stands where a mapping belongs"),
        (changed("inputs", "Topic", to=MONEY), "f.yaml inputs.Topic: 'Topic' is not a name"),
        (changed("inputs", "topic", "type", to="txt"), "inputs.topic.type: 'txt' is no type of this column; did you"),
        (changed("inputs", "topic", "type", to="list"), "'list' is no type of this column; write one of: text"),
        (changed("inputs", "topic", "type", to=[]), "a list is no type of this column; write one of: text"),
        (without("inputs", "topic", "type"), "f.yaml inputs.topic.type: the type is not there; write one of: text"),
        (without("inputs", "topic", "domain"), 'f.yaml inputs.topic: "domain" is not there'),
        (without("inputs", "photos", "max"), 'f.yaml inputs.photos: "max" is not there'),
        (changed("inputs", "topic", "min", to=0), "f.yaml inputs.topic.min: 'min' means nothing here"),
        (changed("inputs", "topic", "default", to=""), "f.yaml inputs.topic.default: 'default' means nothing here"),
        (
            changed("inputs", "topic", "form", to="x"),
            "inputs.topic.form: 'form' means nothing here; did you mean \"from\"",
        ),
        (changed("inputs", "topic", "from", to="a..b"), "inputs.topic.from: 'a..b' is not a source; write names"),
        (changed("inputs", "topic", "nullable", to=1), "inputs.topic.nullable: 1 is not true or false; write"),
        (changed("inputs", "topic", "domain", to=[]), "inputs.topic.domain: the domain is empty; list every value"),
        (changed("inputs", "topic", "domain", to="x"), "inputs.topic.domain: 'x' stands where a list belongs"),
        (changed("inputs", "topic", "domain", to=[True]), "inputs.topic.domain[0]: true is not text; write it in"),
        (changed("inputs", "topic", "domain", to=["a "]), "inputs.topic.domain[0]: 'a ' has blanks around it"),
        (changed("inputs", "topic", "domain", to=["a", "a"]), "inputs.topic.domain[1]: 'a' is listed twice"),
        (changed("inputs", "photos", "min", to=99), "f.yaml inputs.photos: min is larger than max"),
        (changed("inputs", "photos", "min", to=0.0), "f.yaml inputs.photos.min: 0.0 is a binary fraction"),
        (changed("inputs", to=[{"name": "a", **MONEY}, {"name": "a", **MONEY}]), 'inputs[a]: "a" is declared twice'),
        (changed("inputs", to=[MONEY]), "f.yaml inputs[0]: null is not a name"),
        (changed("outputs", to={}), "f.yaml outputs: the table has no outputs; declare what it decides"),
        (changed("outputs", "days", "default", to=31), "outputs.days.default: 31 lies outside 0 to 30"),
        (changed("outputs", "days", "type", to="int"), "outputs.days.type: 'int' is no type of this column"),
        (changed("rows", to={}), "f.yaml rows: a mapping stands where a list belongs"),
        (changed("rows", 0, to="R"), "f.yaml rows[0]: 'R' stands where a mapping belongs"),
        (without("rows", 0, "id"), 'f.yaml rows[0]: "id" is not there; add "id: …"'),
        (changed("rows", 0, "id", to="R 1"), "f.yaml rows[R 1].id: 'R 1' is not an id; write letters"),
        (changed("rows", 1, "id", to="R-010"), "f.yaml rows[R-010].id: R-010 is the id of two"),
        (changed("else", "id", to="R-010"), "f.yaml else.id: R-010 is the id of two"),
        (without("rows", 0, "description"), 'f.yaml rows[R-010]: "description" is not there'),
        (without("rows", 0, "when"), 'f.yaml rows[R-010]: "when" is not there'),
        (without("rows", 0, "then"), 'f.yaml rows[R-010]: "then" is not there'),
        (changed("rows", 0, "wehn", to={}), "rows[R-010].wehn: 'wehn' means nothing here; did you mean \"when\"?"),
        (
            changed("rows", 0, "when", "plates", to="-"),
            "when.plates: 'plates' is no input of the table; did you mean \"plate\"",
        ),
        (
            changed("rows", 0, "then", "stop", to=1),
            "then.stop: 'stop' is no output of the table; did you mean \"step\"?",
        ),
        (changed("rows", 0, "then", "step", to="close"), "rows[R-010].then.step: 'close' is not in the domain"),
        (changed("rows", 0, "then", "requests", to="plate"), "then.requests: 'plate' is not a list; write for"),
        (
            changed("rows", 0, "then", "requests", to=["plate", "plate"]),
            "then.requests: the list names something twice",
        ),
        (changed("rows", 0, "then", "days", to=None), "rows[R-010].then.days: null does not belong to this column"),
        (without("rows", 0, "then", "step"), 'f.yaml rows[R-010].then: the output "step" is not said; add "step: …"'),
        (changed("else", "then", "step", to="auto_close"), "else.then.step: the else row may not give auto_close"),
        (changed("else", "when", to={}), "f.yaml else.when: 'when' means nothing here"),
        (changed("else", to=[]), "f.yaml else: a list stands where a mapping belongs"),
        (changed("examples", to=1), "f.yaml examples: 1 stands where a list belongs"),
        (
            changed("examples", 0, "given", "topc", to=1),
            "examples[E-1].given.topc: 'topc' is no input of the table; did",
        ),
        (changed("examples", 0, "given", "amount", to=0.5), "examples[E-1].given.amount: 0.5 is a binary fraction"),
        (changed("examples", 0, "expect", to={}), "examples[E-1].expect: the example promises nothing"),
        (without("examples", 0, "expect"), 'examples[E-1]: "expect" is not there'),
        (changed("examples", 0, "expect", to={"row": "R-10"}), "expect.row: 'R-10' is no row; did you mean \"R-010\"?"),
        (changed("examples", 0, "expect", to={"rows": [[]]}), "expect.rows: a list is no row; write one of: R-010"),
        (changed("examples", 0, "expect", to={"row": "R-010", "rows": []}), '"row" and "rows" say the same thing'),
        (
            changed("examples", 0, "expect", to={"kind": "fire"}),
            "expect.kind: 'fire' is no verdict; did you mean \"fired\"",
        ),
        (changed("examples", 0, "expect", to={"missing": ["plat"]}), "expect.missing: 'plat' is no input; did you"),
        (changed("examples", 0, "expect", to={"outputs": {"step": "x"}}), "expect.outputs.step: 'x' is not in the"),
    ],
)
def test_a_bad_part_is_refused_with_its_place_and_its_mend(data: object, problem: str) -> None:
    problems = refusals(data)

    assert any(problem in line for line in problems), problems


def test_a_refused_column_is_still_known_by_name_and_draws_no_further_problems() -> None:
    data = changed("inputs", "amount", to={"type": "euro"})
    data["outputs"]["option"] = {"type": "words"}

    assert [line.split(": ")[0] for line in refusals(data)] == [
        "f.yaml inputs.amount.type",
        "f.yaml outputs.option.type",
    ]


def test_the_caller_says_what_the_else_row_may_not_give() -> None:
    data = changed("else", "then", to={"step": "expert", "requests": ["plate"]})

    assert "the else row may not give plate" in refusals(data, forbidden_else={"requests": frozenset({"plate"})})[0]
    free = read_table(changed("else", "then", "step", to="auto_close"), file="f", lines={}, forbidden_else={})
    assert free.otherwise.outputs["step"] == "auto_close"


def test_a_forbidden_value_is_also_seen_when_it_comes_from_a_default() -> None:
    data = changed("else", "then", to={})
    data["outputs"]["step"]["default"] = "auto_close"

    assert "else.then.step: the else row may not give auto_close" in refusals(data)[0]


def test_a_table_keeps_what_was_written() -> None:
    table = read(NEXT_STEP, {("examples", 0): 40})

    assert (table.id, table.hit, table.effective_from) == ("next_step", Hit.FIRST, date(2026, 1, 1))
    assert [row.id for row in table.rows] == ["R-010", "R-020"]
    assert table.rows[1].outputs == {"step": "request_info", "option": "", "requests": ("plate",), "days": 2}
    assert table.examples[0].given["amount"] == Decimal("120.00")
    assert table.examples[0].line == 40


def test_an_output_that_is_left_out_takes_its_default_its_empty_text_or_an_empty_list() -> None:
    assert read(NEXT_STEP).otherwise.outputs == {"step": "expert", "option": "", "requests": (), "days": 5}


def test_yaml_dates_are_taken_as_they_are() -> None:
    assert read(changed("effective_from", to=date(2026, 5, 1))).effective_from == date(2026, 5, 1)


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.dates() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
PATHS = [
    ("hit",),
    ("inputs",),
    ("inputs", "topic"),
    ("inputs", "topic", "domain"),
    ("inputs", "amount", "max"),
    ("inputs", "loss_date", "min"),
    ("inputs", "topic", "nullable"),
    ("outputs",),
    ("outputs", "days", "default"),
    ("rows",),
    ("rows", 0),
    ("rows", 0, "id"),
    ("rows", 0, "when"),
    ("rows", 0, "when", "topic"),
    ("rows", 0, "when", "amount"),
    ("rows", 0, "when", "loss_date"),
    ("rows", 0, "then"),
    ("rows", 0, "then", "requests"),
    ("rows", 0, "then", "days"),
    ("else",),
    ("else", "then", "step"),
    ("examples", 0, "given"),
    ("examples", 0, "expect"),
    ("examples", 0, "expect", "rows"),
]


def table_or_problems(data: object) -> Table | tuple[object, ...]:
    try:
        return read(data)
    except TableRefused as refused:
        return refused.problems


@given(YAML)
def test_any_document_is_a_table_or_is_refused(data: object) -> None:
    assert table_or_problems(data)


@given(st.lists(st.tuples(st.sampled_from(PATHS), YAML), min_size=1, max_size=3))
def test_any_value_anywhere_is_taken_or_refused(changes: list[tuple[tuple[str | int, ...], object]]) -> None:
    data = deepcopy(NEXT_STEP)
    for path, value in sorted(changes, key=lambda change: -len(change[0])):  # the deepest first: paths stay whole
        inner: Any = data
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    assert table_or_problems(data)
