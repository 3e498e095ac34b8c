"""Models that are made to never end, or to fill the memory, stop with a reason."""

import pytest
from dmn_written import decision, given, model, outcome, table, text

DOUBLED = "for i in 1..60 return if i = 1 then {} else {}"


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        (DOUBLED.format('"aaaaaaaaaa"', "partial[-1] + partial[-1]"), "more than 1000000 steps"),
        (DOUBLED.format("[1, 2]", "concatenate(partial[-1], partial[-1])"), "more than 1000000 steps"),
        (DOUBLED.format("[1, 2]", "[partial[-1], partial[-1]]"), "more than 1000000 steps"),
        (DOUBLED.format("[1, 2]", "{a: partial[-1], b: partial[-1]}"), "more than 1000000 steps"),
        ("for i in 1..200 return if i = 1 then [] else [partial[-1]]", "nested more than 100 deep"),
        ('{long: string join(for i in 1..9000 return "aaaaaa"), longer: replace(long, "a", long)}', "a text of more"),
        ("sort([2, 1], function(a, b) count(for i in 1..2000000 return i) > 0)", "more than 1000000 steps"),
        ("+".join(["1"] * 9000), "it is nested too deep"),
    ],
)  # fmt: skip
def test_what_grows_without_end_is_stopped(expression: str, what: str) -> None:
    raw = model(given("n", "number"), decision("Answer", text(expression), needs=["n"]))

    with pytest.raises(ValueError, match=what):
        outcome(raw, {"n": 1})


def test_a_loop_that_returns_what_it_has_so_far_holds_no_part_of_itself() -> None:
    raw = model(given("n", "number"), decision("Answer", text("for i in 1..3 return partial"), needs=["n"]))

    assert outcome(raw, {}) == [[], [[]], [[], [[]]]]


def test_a_chain_of_very_many_decisions_is_taken_to_its_end() -> None:
    links = [decision(f"d{n}", text(f"d{n - 1} + 1"), needs=[f">d{n - 1}"]) for n in range(1, 700)]
    raw = model(given("n", "number"), decision("d0", text("n"), needs=["n"]), *links)

    assert outcome(raw, {"n": 1}) == 700


def test_very_many_types_do_not_slow_every_cell() -> None:
    types = "".join(
        f'<itemDefinition name="t{n}"><itemComponent name="c{n}"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>"
        for n in range(2000)
    )
    logic = table(["n.c1"], ["o"], [[str(n), str(n)] for n in range(1000)])

    assert outcome(model(types, given("n", "t1"), decision("Answer", logic, needs=["n"])), {"n": {"c1": 7}}) == 7
