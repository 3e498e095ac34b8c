"""Drift: silent while nothing changes, loud when something did, and honest about too few cases."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.drift import (
    BUDGET,
    FLOORS,
    LEAST,
    LEVEL,
    LOOKS,
    MOST_RECENT,
    MOST_REFERENCE,
    Finding,
    Measure,
    Window,
    compare,
    sizes,
)

SEEDS = 200
TOPICS = ("windscreen", "dent", "theft", "question")
AXIS = np.eye(16, dtype=np.float32)[0]


def window(random: np.random.Generator, n: int = 100) -> Window:
    """n cases of a world that does not change; its topics, scores and photos are tied and skewed as real ones are."""
    return Window(
        topics=tuple(random.choice(TOPICS, n, p=(0.6, 0.25, 0.1, 0.05))),
        scores=np.round(random.beta(4, 1.6, n), 2),
        outside=random.random(n) < 0.05,
        meaning=random.normal(size=(n, 16)).astype(np.float32),
        light=random.normal(120, 30, n),
        sharpness=random.gamma(2, 100, n),
        unusable=random.random(n) < 0.1,
    )


def drifted(seen: Window) -> dict[Measure, Window]:
    """The same cases, with one thing changed for each measure."""
    n = len(seen.outside)
    half = np.arange(n) % 2 == 0
    return {
        Measure.TOPICS: replace(seen, topics=tuple("question" if i % 2 else t for i, t in enumerate(seen.topics))),
        Measure.SCORES: replace(seen, scores=seen.scores * 0.6),
        Measure.OUT_OF_SCOPE: replace(seen, outside=seen.outside | half),
        Measure.MEANING: replace(seen, meaning=seen.meaning + 3 * AXIS),
        Measure.PHOTO_LIGHT: replace(seen, light=seen.light - 50),
        Measure.PHOTO_SHARPNESS: replace(seen, sharpness=seen.sharpness / 3),
        Measure.PHOTO_UNUSABLE: replace(seen, unusable=seen.unusable | half),
    }


def test_the_budget_of_a_year_is_spread_over_every_look_at_every_measure() -> None:
    assert LEVEL * LOOKS * len(Measure) == pytest.approx(BUDGET)
    assert LOOKS >= 366


def test_without_drift_no_measure_speaks_more_often_than_promised_on_200_seeds() -> None:
    worlds = (np.random.default_rng(seed) for seed in range(SEEDS))
    found = [one for seed, r in enumerate(worlds) for one in compare(window(r), window(r), seed=seed, level=0.05)]

    for measure in Measure:
        early = sum(1 for one in found if one.measure is measure and one.p is not None and one.p <= 0.05)
        assert early <= stats.binom.ppf(0.9999, SEEDS, 0.05), measure
    assert not any(one.p is not None and one.p <= LEVEL for one in found)


@pytest.mark.parametrize("measure", [Measure.TOPICS, Measure.MEANING])
def test_chances_are_exact_at_every_level_that_can_be_seen(measure: Measure) -> None:
    chances = []
    for seed in range(SEEDS):
        random = np.random.default_rng(10_000 + seed)
        found = {one.measure: one.p for one in compare(window(random, 60), window(random, 60), seed=seed, level=0.05)}
        chances.append(found[measure] or 0)

    for share in (0.1, 0.25, 0.5, 0.75):
        below = sum(chance <= share for chance in chances)
        low, high = stats.binom.ppf((0.0001, 0.9999), SEEDS, share)
        assert low - SEEDS * 0.08 <= below <= high, share  # ties and the early stop make it cautious, never bold


@pytest.mark.parametrize("measure", list(Measure))
def test_a_real_change_alarms_its_own_measure_and_no_other(measure: Measure) -> None:
    random = np.random.default_rng(3)
    reference, recent = window(random, 200), window(random, 120)

    alarms = [one.measure for one in compare(reference, drifted(recent)[measure], seed=1) if one.drifts]

    assert alarms == [measure]


def test_a_certain_trifle_is_no_alarm() -> None:
    found = Finding(Measure.TOPICS, 500, 300, LEVEL, value=FLOORS[Measure.TOPICS] - 0.001, usual=0.01, p=LEVEL / 10)

    assert not found.drifts
    assert replace(found, value=FLOORS[Measure.TOPICS]).drifts
    assert not replace(found, value=0.9, p=LEVEL * 1.01).drifts


@pytest.mark.parametrize(("reference", "recent", "needs"), [(0, 0, 100), (49, 50, 1), (50, 0, 50), (50, 50, 0)])
def test_under_the_least_number_nothing_is_said_but_how_many_more(reference: int, recent: int, needs: int) -> None:
    random = np.random.default_rng(5)
    changed = drifted(window(random, recent))[Measure.SCORES]

    for one in compare(window(random, reference), changed, seed=1):
        assert one.needs == needs
        assert (one.p is None) == (needs > 0)
        assert not (needs and one.drifts)


@given(st.integers(0, 5000))
def test_reference_and_recent_cases_never_overlap_and_stay_within_their_most(n: int) -> None:
    reference, recent = sizes(n)

    assert reference + recent <= n
    assert reference <= MOST_REFERENCE
    assert recent <= MOST_RECENT
    assert (reference >= LEAST) == (n >= 2 * LEAST)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(LEAST, 90), st.integers(LEAST, 90))
def test_findings_are_shares_repeatable_and_blind_to_the_order_of_cases(seed: int, n: int, m: int) -> None:
    random = np.random.default_rng(seed)
    reference, recent = window(random, n), window(random, m)
    back = replace(
        recent,
        topics=recent.topics[::-1],
        scores=recent.scores[::-1],
        light=recent.light[::-1],
        unusable=recent.unusable[::-1],
    )

    found = compare(reference, recent, seed=seed, level=0.05)

    assert found == compare(reference, recent, seed=seed, level=0.05)
    assert [one.measure for one in found] == list(Measure)
    for one, other in zip(found, compare(reference, back, seed=seed, level=0.05), strict=True):
        assert 0 < (one.p or 0) <= 1
        assert 0 <= (one.value or 0) <= 2
        assert other.value == pytest.approx(one.value)
        assert one.measure is Measure.MEANING or other.p == pytest.approx(one.p)


def test_the_same_cases_in_both_windows_are_no_difference_at_all() -> None:
    same = window(np.random.default_rng(8))

    for one in compare(same, same, seed=2):
        assert one.value == pytest.approx(0, abs=1e-6)
        assert one.p == pytest.approx(1, abs=1e-6)


def test_a_level_that_is_no_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare(Window(), Window(), seed=0, level=0)
