"""Ranges learned from how long things took: 8 of 10 lie inside, and a changed world silences them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.duration import COVERAGE, LEAST, MOST_CHECKED, Checked, Span, learn, measured

A_DAY = 10.0  # hours of opening time
CASES_A_DAY = 4


def lives(seed: int, n: int, *, slower_from: float = np.inf, factor: float = 1.0) -> list[tuple[float, float]]:
    """(when it begins, how long it takes) of n cases; those that begin from then on take so many times as long."""
    random = np.random.default_rng(seed)
    began = np.cumsum(random.exponential(A_DAY / CASES_A_DAY, n))
    took = random.lognormal(3.2, 0.6, n) * np.where(began >= slower_from, factor, 1.0)
    return [(float(a), float(b)) for a, b in zip(began, took, strict=True)]


def as_of(cases: list[tuple[float, float]], now: float) -> list[Span]:
    return [Span(began, took if began + took <= now else None) for began, took in cases if began <= now]


def share_inside(cases: list[tuple[float, float]], low: float, high: float) -> float:
    return float(np.mean([low <= took <= high for _, took in cases]))


def test_eight_of_ten_of_what_comes_next_end_within_the_range() -> None:
    shares = []
    for seed in range(60):
        cases = lives(seed, 600)
        found = learn(as_of(cases, cases[400][0]), now=cases[400][0])
        assert found.range is not None
        shares.append(share_inside(cases[400:], found.range.low, found.range.high))

    assert abs(float(np.mean(shares)) - COVERAGE) < 0.02


def test_a_range_is_told_nearly_always_while_nothing_changes() -> None:
    told = 0
    for seed in range(100):
        cases = lives(seed, 500)
        told += learn(as_of(cases, cases[-1][0]), now=cases[-1][0]).is_told

    assert told >= 90


def test_a_range_is_withdrawn_by_itself_when_all_takes_longer_and_comes_back_once_that_is_usual() -> None:
    told = dict.fromkeys((0, 30, 150), 0)
    for seed in range(20):
        cases = lives(seed, 1400, slower_from=1500, factor=2.0)
        for days in told:
            now = 1500 + days * A_DAY
            told[days] += learn(as_of(cases, now), now=now).is_told

    assert told[0] >= 16
    assert told[30] <= 3
    assert told[150] >= 16


def test_a_range_is_withdrawn_as_well_when_all_goes_faster() -> None:
    cases = lives(3, 1400, slower_from=1500, factor=0.4)

    before, after = (learn(as_of(cases, now), now=now) for now in (1500.0, 1500 + 30 * A_DAY))

    assert before.is_told
    assert not after.is_told


def test_what_still_goes_on_is_not_left_out() -> None:
    """Half of all take long and are open yet: of those that ended alone the range would be far too short."""
    cases = [(began, 400.0 + place if place % 2 else 5.0) for place, (began, _) in enumerate(lives(1, 300))]
    now = cases[-1][0]

    found = learn(as_of(cases, now), now=now)

    assert found.range is None or found.range.high > 400


def test_few_cases_give_no_range_and_say_so() -> None:
    cases = lives(2, LEAST - 1)

    found = learn([Span(began, took) for began, took in cases], now=cases[-1][0] + 1000)

    assert (found.range, found.checked, found.is_told) == (None, Checked(0, 0, 0.0, 1.0), False)
    assert not learn([], now=0.0).is_told


def test_nothing_is_told_while_nearly_all_is_open() -> None:
    spans = [Span(began, None) for began, _ in lives(4, 300)]

    assert learn(spans, now=5000).range is None


def test_what_always_takes_as_long_is_a_moment_that_holds_too_often_to_be_called_eight_of_ten() -> None:
    spans = [Span(began, 20.0) for began, _ in lives(5, 400)]

    found = learn(spans, now=5000)

    assert found.range is not None
    assert (found.range.low, found.range.high) == (20.0, 20.0)
    assert found.checked.inside == found.checked.n
    assert not found.is_told


@pytest.mark.parametrize(("inside", "holds"), [(41, False), (42, True), (54, True), (55, False)])
def test_what_was_measured_must_allow_eight_of_ten(inside: int, holds: bool) -> None:  # noqa: FBT001
    assert measured(LEAST, inside).holds is holds
    assert not measured(LEAST - 1, 47).holds


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.none() | st.floats(0, 1e4)).map(lambda one: Span(one[0], one[1])), max_size=200
    ),
    st.floats(0, 1e4),
)
def test_any_history_gives_a_range_that_can_be_told_or_none(spans: list[Span], now: float) -> None:
    found = learn(spans, now=now)

    if found.range is not None:
        assert 0 <= found.range.low <= found.range.high < np.inf
        assert found.range.n >= LEAST
    assert 0 <= found.checked.inside <= found.checked.n < MOST_CHECKED + 20
    assert 0 <= found.checked.low <= found.checked.high <= 1
    assert learn(list(reversed(spans)), now=now) == found or len({one.began for one in spans}) < len(spans)
