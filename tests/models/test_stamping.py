"""The alarm for agreeing without judging: how seldom it is false and how soon it is true, by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.stamping import LEVEL, POWER, more_often_agreed, needed, power, watch

RATES = (0.1, 0.2, 0.4)
RUNS = 2_000


def alarms(rate: float, true: float, n: int, *, seed: int) -> float:
    changed = np.random.default_rng(seed).random((RUNS, n)) < true
    return float(np.mean([watch(run.tolist(), rate).alarm for run in changed]))


@pytest.mark.parametrize("rate", RATES)
def test_who_changes_as_much_as_stated_is_seldom_blamed_however_often_one_looks(rate: float) -> None:
    false = alarms(rate, rate, 300, seed=7)

    assert false <= LEVEL + 3 * (LEVEL * (1 - LEVEL) / RUNS) ** 0.5
    assert power(300, rate, rate) <= LEVEL
    assert false == pytest.approx(power(300, rate, rate), abs=0.02)


@pytest.mark.parametrize("rate", RATES)
def test_a_halved_rate_is_found_after_the_stated_number_with_the_stated_chance(rate: float) -> None:
    n = needed(rate)

    assert n is not None
    assert power(n, rate, rate / 2) >= POWER > power(n - 1, rate, rate / 2)
    assert alarms(rate, rate / 2, n, seed=11) == pytest.approx(POWER, abs=0.04)


def test_a_rate_that_is_hardly_ever_stated_cannot_be_watched_in_reasonable_time() -> None:
    assert needed(0.005) is None


def test_the_alarm_stays_once_it_was_raised() -> None:
    run = watch([False] * 20 + [True] * 20, 0.3)

    assert run.alarm
    assert (run.n, run.k) == (40, 20)
    assert run.evidence < 1 < 1 / LEVEL <= run.peak


@given(agreed=st.integers(0, 12), changed=st.integers(0, 12), alone=st.integers(0, 12), apart=st.integers(0, 12))
def test_the_difference_between_seen_and_blind_is_fishers(agreed: int, changed: int, alone: int, apart: int) -> None:
    found = more_often_agreed((agreed, agreed + changed), (alone, alone + apart))

    if agreed + changed and alone + apart:
        exact = stats.fisher_exact([[agreed, changed], [alone, apart]], alternative="greater").pvalue
        assert found == pytest.approx(exact, abs=1e-9)
    else:
        assert found == 1.0


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        watch([True], rate)
