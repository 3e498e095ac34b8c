"""Evidence from blind audits: what is promised of it, held against simulation with a fixed seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audit import (
    FACTORS,
    AuditState,
    Control,
    Verdict,
    bets,
    control,
    false_alarms,
    fresh,
    median_delay,
    observe_arrived,
    observe_audit,
    observe_drawn,
    state_of,
)

VERDICTS = st.lists(st.booleans(), max_size=40)
ALPHAS = st.floats(0.002, 0.2)


def after(alpha: float, verdicts: list[bool]) -> AuditState:
    state = fresh(alpha)
    for wrong in verdicts:
        state = observe_audit(state, wrong)
    return state


def by_hand(alpha: float, verdicts: list[bool]) -> tuple[float, float]:
    """E and the sum of Q, written out from the definition with one list a bet."""
    chosen = [bet * alpha for bet in (1.5, 2, 3, 5, 10, 20) if bet * alpha <= 0.5]
    w, total_r, total_q = 1 / len(chosen), 0.0, 0.0
    for p in chosen:
        r = q = 0.0
        for t, wrong in enumerate(verdicts, start=1):
            factor = p / alpha if wrong else (1 - p) / (1 - alpha)
            r, q = (r + w / (t * (t + 1))) * factor, (q + w) * factor
        total_r, total_q = total_r + r, total_q + q
    return total_r + 1 / (len(verdicts) + 1), total_q


@given(ALPHAS, VERDICTS)
def test_both_readings_are_as_they_are_defined(alpha: float, verdicts: list[bool]) -> None:
    state = after(alpha, verdicts)

    assert (state.e, state.detector) == pytest.approx(by_hand(alpha, verdicts))
    assert state.peak >= max(1.0, state.e) * (1 - 1e-12)


@given(ALPHAS, VERDICTS, st.data())
def test_an_error_more_never_speaks_for_the_certificate(
    alpha: float, verdicts: list[bool], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(verdicts)))
    right, wrong = ([*verdicts[:place], one, *verdicts[place:]] for one in (False, True))

    assert after(alpha, wrong).e >= after(alpha, right).e
    assert after(alpha, wrong).detector >= after(alpha, right).detector


@given(ALPHAS, st.lists(st.tuples(st.booleans(), st.integers(0, 999)), max_size=25))
def test_the_e_process_does_not_care_in_which_order_verdicts_come_in(
    alpha: float, cases: list[tuple[bool, int]]
) -> None:
    drawn = [str(number) for number in range(len(cases))]
    verdicts = [Verdict(case, wrong) for case, (wrong, _) in zip(drawn, cases, strict=True)]
    shuffled = [verdicts[i] for i in sorted(range(len(cases)), key=lambda i: cases[i][1])]

    one, other = state_of(alpha, drawn, verdicts), state_of(alpha, drawn, shuffled)

    assert (one.e, one.peak, one.audits) == (other.e, other.peak, other.audits)
    assert one == after(alpha, [wrong for wrong, _ in cases])


def test_later_audits_wait_for_an_earlier_one_in_the_e_process_but_not_in_the_detector() -> None:
    state = state_of(0.01, ["a", "b", "c"], [Verdict("a", wrong=False), Verdict("c", wrong=True)])

    assert state.audits == 1
    assert state.detected == observe_arrived(observe_arrived(fresh(0.01), wrong=False), wrong=True).detected


def test_what_was_late_stays_wrong_in_the_e_process_and_reaches_the_detector_with_its_verdict() -> None:
    late = state_of(0.01, ["a"], [Verdict("a", wrong=True, late=True)])
    told = state_of(0.01, ["a"], [Verdict("a", wrong=True, late=True), Verdict("a", wrong=False)])

    assert late.e == told.e == observe_drawn(fresh(0.01), wrong=True).e
    assert late.detector == 0
    assert told.detected == observe_arrived(fresh(0.01), wrong=False).detected


def test_an_alpha_without_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha is 0"):
        fresh(0.0)
    with pytest.raises(ValueError, match=r"not above 0\.2"):
        bets(0.21)


def test_no_bet_is_on_more_than_half() -> None:
    assert bets(0.01) == pytest.approx((0.015, 0.02, 0.03, 0.05, 0.1, 0.2))
    assert bets(0.2) == pytest.approx((0.3, 0.4))


def test_control_goes_from_nothing_over_a_larger_share_to_shut() -> None:
    state = fresh(0.01)
    assert control(state, delta_prime=1e-30) is Control.NOTHING

    seen = []
    for _ in range(12):
        state = observe_audit(state, wrong=True)
        seen.append(control(state, delta_prime=1e-30))

    assert list(dict.fromkeys(seen)) == [Control.NOTHING, Control.RAISE_SHARE, Control.SHUT]
    assert control(state, delta_prime=0.05) is Control.BROKEN


def test_at_exactly_alpha_the_e_process_breaks_its_promise_no_more_often_than_it_may() -> None:
    rng, alarms, runs = np.random.default_rng(0), 0, 120
    for _ in range(runs):
        state = fresh(0.05)
        for wrong in rng.random(300) < 0.05:
            state = observe_audit(state, bool(wrong))
        alarms += control(state, delta_prime=0.05, limit=float("inf")) is Control.BROKEN

    assert alarms <= 13, "the 99.5 % quantile of a binomial of 120 at 5 %"


@pytest.mark.parametrize(
    ("limit", "published"),
    [(2_000.0, (343, 156, 72, 30)), (20_000.0, (869, 338, 139, 49))],
)
def test_the_delays_are_the_published_ones(limit: float, published: tuple[int, ...]) -> None:
    delays = [median_delay(0.01, factor, limit) for factor in FACTORS]

    assert delays == pytest.approx(published, rel=0.08)


def test_a_rise_by_half_is_found_late_and_false_alarms_are_as_rare_as_published() -> None:
    slow, fast = median_delay(0.01, 1.5), median_delay(0.01, 3)
    assert slow is not None
    assert fast is not None
    assert slow > 3 * fast
    assert false_alarms(0.01) == pytest.approx(0.05, abs=0.01)
    assert false_alarms(0.01, 20_000.0) < 0.006
