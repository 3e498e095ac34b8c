"""A challenger is better only where chance does not explain it, and never at the cost of a protected slice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.challenge import FEWEST_GROUPS, FEWEST_MOVED, compare

N = 200


def customers(n: int = N) -> list[str]:
    return [f"customer {i}" for i in range(n)]


def right(wrong: int, n: int = N) -> list[bool]:
    """All right but the first few."""
    return [i >= wrong for i in range(n)]


def test_one_that_mends_many_and_breaks_none_is_better() -> None:
    found = compare(right(40), right(10), customers(), {})

    assert found.verdict == "better"
    assert (found.n, found.groups, found.champion, found.challenger) == (N, N, 0.8, 0.95)
    assert 0 < found.low < 0.15 < found.high


def test_one_that_breaks_many_is_worse() -> None:
    found = compare(right(10), right(40), customers(), {})

    assert found.verdict == "worse"
    assert found.high < 0


@pytest.mark.parametrize(("mended", "verdict"), [(FEWEST_MOVED - 1, "no_better"), (FEWEST_MOVED, "better")])
def test_a_handful_of_customers_is_no_proof(mended: int, verdict: str) -> None:
    found = compare(right(mended), right(0), customers(), {})

    assert found.verdict == verdict


@pytest.mark.parametrize(("n", "verdict"), [(FEWEST_GROUPS - 1, "no_better"), (FEWEST_GROUPS, "better")])
def test_too_few_customers_decide_nothing(n: int, verdict: str) -> None:
    found = compare([False] * n, [True] * n, customers(n), {})

    assert found.verdict == verdict
    assert ("too few" in found.because) is (verdict == "no_better")


def test_a_hundred_messages_of_one_customer_count_as_one_customer() -> None:
    groups = ["the same"] * 100 + customers(100)

    found = compare(right(100), right(0), groups, {})

    assert found.verdict == "no_better"
    assert found.groups == 101


def test_better_on_the_whole_and_worse_in_one_language_is_worse() -> None:
    old = [True] * 20 + [False] * 60 + [True] * 120
    new = [False] * 20 + [True] * 180
    languages = ["fr"] * 20 + ["nl"] * 180

    found = compare(old, new, customers(), {"language": languages})

    assert found.verdict == "worse"
    assert found.because == "worse on language fr"
    assert [(one.value, one.worse) for one in found.slices] == [("fr", True), ("nl", False)]


def test_a_slice_that_lost_as_many_as_chance_explains_does_not_stand_in_the_way() -> None:
    old = [True, True] + [False] * 60 + [True] * 138
    new = [False, False] + [True] * 198
    languages = ["fr"] * 20 + ["nl"] * 180

    found = compare(old, new, customers(), {"language": languages, "channel": [""] * N})

    assert found.verdict == "better"
    assert [one.name for one in found.slices] == ["language", "language"]


def test_nothing_held_out_decides_nothing() -> None:
    found = compare([], [], [], {"language": []})

    assert (found.verdict, found.n, found.low, found.high) == ("no_better", 0, 0.0, 0.0)


def test_lists_of_unlike_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one value a message"):
        compare([True], [True, False], ["a", "b"], {})


def test_two_equal_models_are_seldom_told_apart() -> None:
    dice = np.random.default_rng(5)
    verdicts = []
    for seed in range(200):
        old, new = dice.random(120) < 0.85, dice.random(120) < 0.85
        verdicts.append(compare(old.tolist(), new.tolist(), customers(120), {}, seed=seed).verdict)

    assert verdicts.count("better") <= 12  # 2.5 % of 200 are 5


@settings(max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abcdefgh")), min_size=1, max_size=60))
def test_swapping_the_two_swaps_the_interval_and_the_same_seed_gives_the_same_answer(
    rows: list[tuple[bool, bool, str]],
) -> None:
    old, new, groups = (list(column) for column in zip(*rows, strict=True))

    found, again = compare(old, new, groups, {}, seed=3), compare(old, new, groups, {}, seed=3)
    swapped = compare(new, old, groups, {}, seed=3)

    assert found == again
    assert (found.low, found.high) == (-swapped.high, -swapped.low)
    assert found.low <= found.high
