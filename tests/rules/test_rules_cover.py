"""The search for a case that no row takes: exact, in few steps, and honest about what it did not look at."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from rule_tables import letters, read

from cases.rules.cover import Cover, StepsSpent
from cases.rules.spaces import Space, build_space


def space_of(*rows: Mapping[str, object], names: str) -> Space:
    """Rows by what they ask of inputs that are 0 or 1 and never missing."""
    inputs = {name: {"type": "integer", "min": 0, "max": 1} for name in names}
    written: list[dict[str, Any]] = [
        {"id": f"R-{number}", "description": "A row", "when": when, "then": {"letter": "x"}}
        for number, when in enumerate(rows)
    ]
    return build_space(read(letters("FIRST", inputs=inputs, rows=written)), always=list(names))


def test_a_case_that_no_row_takes_is_found() -> None:
    space = space_of({"a": 0}, {"b": 1}, names="ab")

    point = Cover(space.axes, 100).free(space.known(), space.rows)

    assert point is not None
    assert space.inputs(point) == {"a": 1, "b": 0}


def test_what_was_found_to_be_taken_once_is_not_looked_at_again() -> None:
    """Both ways through a and b leave the last two rows, which are proved to take the rest only once."""
    space = space_of(*[{"a": 0, "b": 1}] * 3, *[{"a": 1, "b": 0}] * 3, {"c": 0}, {"c": 1}, names="abc")
    cover = Cover(space.axes, 100)

    assert cover.free(space.known(), space.rows) is None
    assert 100 - cover.left == 3 + 2 * 2 + 3  # a; b on either side; c


def test_a_box_that_is_added_counts_as_a_row() -> None:
    space = space_of({"a": 0}, {"a": 0, "b": 0}, names="ab")
    cover = Cover(space.axes, 100)

    cover.add((2, 1), 5)  # a is 1 and b is 0
    point = cover.free(space.known(), space.rows | 1 << 5)

    assert point is not None
    assert space.inputs(point) == {"a": 1, "b": 1}


def test_when_the_steps_run_out_it_tells_how_much_was_proved() -> None:
    space = space_of({"a": 0, "b": 0}, {"a": 0, "b": 1}, {"a": 1, "c": 0}, {"a": 1, "c": 1}, names="abc")

    with pytest.raises(StepsSpent, match="the steps ran out after 1/2 of the cases") as spent:
        Cover(space.axes, 7).free(space.known(), space.rows)

    assert spent.value.proved == Fraction(1, 2)


def test_a_search_may_be_given_less_than_all_steps() -> None:
    space = space_of({"a": 0}, {"a": 1}, names="a")
    cover = Cover(space.axes, 100)

    with pytest.raises(StepsSpent):
        cover.free(space.known(), space.rows, 2)

    assert cover.free(space.known(), space.rows) is None
