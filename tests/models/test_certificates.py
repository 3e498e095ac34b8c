from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from models.certify import (
    ScoredCase,
    attempt_delta,
    certify,
    certify_once,
    choose_tau,
    clopper_pearson_upper,
    draw_audit,
    in_reserve,
    is_tuning,
    log_wealth,
    more_clean_labels,
    needs,
    one_per_group,
    read_scores,
    split_tuned_ltt,
)
from models.errors import UnreadableRow

KEY = b"a key for tests"


@pytest.mark.parametrize(
    ("alpha", "delta", "errors", "expected"),
    [
        (0.01, 0.05, 0, 299),
        (0.01, 0.05 / 9, 0, 517),
        (0.01, 0.05 / 25, 0, 619),
        (0.05, 0.05, 0, 59),
        (0.02, 0.05, 0, 149),
        (0.005, 0.05, 0, 598),
        (0.01, 0.05, 1, 473),
        (0.01, 0.05, 2, 628),
        (0.01, 0.05, 3, 773),
    ],
)
def test_the_labels_needed_are_the_published_ones(alpha: float, delta: float, errors: int, expected: int) -> None:
    assert needs(alpha, delta, errors) == expected


@given(st.floats(0.002, 0.2), st.floats(0.001, 0.5), st.integers(0, 6))
def test_one_label_less_than_needed_never_certifies(alpha: float, delta: float, errors: int) -> None:
    n = needs(alpha, delta, errors)

    assert binom.cdf(errors, n, alpha) <= delta
    assert n - 1 <= errors or binom.cdf(errors, n - 1, alpha) > delta


@given(st.integers(1, 800), st.data(), st.floats(0.001, 0.5))
def test_the_upper_bound_leaves_exactly_delta_below_it(n: int, data: st.DataObject, delta: float) -> None:
    k = data.draw(st.integers(0, n - 1))

    upper = clopper_pearson_upper(k, n, delta)

    assert k / n <= upper <= 1 or delta > 0.4
    assert binom.cdf(k, n, upper) == pytest.approx(delta, rel=1e-6)


def test_the_upper_bound_is_one_when_everything_was_wrong() -> None:
    assert clopper_pearson_upper(4, 4, 0.05) == 1.0
    assert clopper_pearson_upper(0, 0, 0.05) == 1.0
    with pytest.raises(ValueError, match="k must lie in"):
        clopper_pearson_upper(5, 4, 0.05)


def test_continuous_watching_costs_354_clean_labels_instead_of_299() -> None:
    assert more_clean_labels(0, 0, 0.01, 0.05) == 354
    assert more_clean_labels(353, 0, 0.01, 0.05) == 1
    assert more_clean_labels(354, 0, 0.01, 0.05) == 0


@given(st.floats(0.005, 0.2), st.integers(0, 300))
def test_a_bet_cannot_be_won_in_expectation_at_the_rate_alpha(alpha: float, n: int) -> None:
    k = np.arange(n + 1)

    expected = np.sum(binom.pmf(k, n, alpha) * np.exp([log_wealth(n, int(i), alpha) for i in k]))

    assert expected == pytest.approx(1.0, rel=1e-6)


@given(st.integers(0, 500), st.integers(0, 20))
def test_an_error_always_lowers_the_wealth_and_a_clean_label_raises_it(n: int, k: int) -> None:
    clean = log_wealth(n + k, k, 0.01)

    assert log_wealth(n + k + 1, k + 1, 0.01) < clean < log_wealth(n + k + 1, k, 0.01)


def test_the_levels_of_all_attempts_add_up_to_delta() -> None:
    levels = [attempt_delta(0.05, k) for k in range(1, 2001)]

    assert levels[0] == 0.025
    assert 0.0499 < sum(levels) < 0.05
    with pytest.raises(ValueError, match="attempt 1"):
        attempt_delta(0.05, 0)


def test_the_reserve_the_split_and_the_audits_have_their_shares_and_do_not_move_together() -> None:
    names = [f"customer-{i}" for i in range(4_000)]

    reserve = np.array([in_reserve(KEY, name) for name in names])
    tuning = np.array([is_tuning(KEY, name) for name in names])
    audited = np.array([draw_audit(KEY, name, 0.1) for name in names])

    assert reserve.mean() == pytest.approx(0.3, abs=0.03)
    assert tuning[reserve].mean() == pytest.approx(0.3, abs=0.05)
    assert audited[reserve].mean() == pytest.approx(0.1, abs=0.04)
    assert [in_reserve(b"another key", name) for name in names] != reserve.tolist()


def test_everything_or_nothing_is_audited_at_the_edges_of_the_share() -> None:
    assert all(draw_audit(KEY, str(i), 1.0) for i in range(100))
    assert not any(draw_audit(KEY, str(i), 0.0) for i in range(100))


def test_a_customer_who_writes_often_counts_once() -> None:
    cases = [ScoredCase("leak", i / 50, wrong=False, group="customer-1") for i in range(50)]
    cases += [ScoredCase("leak", 0.5, wrong=False) for _ in range(3)]

    chosen = one_per_group(cases, KEY)

    assert len(chosen) == 4
    assert one_per_group(cases, KEY) == chosen


def clean_cases(n: int, topic: str = "leak") -> list[ScoredCase]:
    return [ScoredCase(topic, 0.5 + i / (2 * n), wrong=False, group=f"c{i}") for i in range(n)]


def test_a_clean_topic_is_certified_and_a_small_one_says_how_many_are_missing() -> None:
    rows = clean_cases(700) + clean_cases(40, "noise")

    leak, noise = certify(rows, alpha=0.01, delta=0.05, key=KEY)

    assert (leak.topic, leak.certified, leak.needs, leak.k) == ("leak", True, 0, 0)
    assert leak.upper <= 0.01
    assert not noise.certified
    assert noise.needs == more_clean_labels(noise.n_above, 0, 0.01, 0.025)
    assert leak.delta == 0.025


def test_more_topics_ask_for_more_labels() -> None:
    rows = clean_cases(100)

    [alone] = certify(rows, alpha=0.01, delta=0.05, key=KEY, m=1)
    [among_nine] = certify(rows, alpha=0.01, delta=0.05, key=KEY, m=9)

    assert among_nine.needs > alone.needs
    assert among_nine.upper > alone.upper


def test_a_wrong_topic_is_not_certified_however_many_labels_it_has() -> None:
    rows = [ScoredCase("leak", 0.9, wrong=i % 20 == 0, group=f"c{i}") for i in range(3_000)]

    [leak] = certify(rows, alpha=0.01, delta=0.05, key=KEY)

    assert not leak.certified
    assert leak.needs > 0


def test_the_order_of_the_file_changes_nothing() -> None:
    rows = [ScoredCase("leak", (i * 37 % 500) / 500, wrong=i % 90 == 0, group=f"c{i}") for i in range(900)]

    forwards = certify(rows, alpha=0.05, delta=0.05, key=KEY)

    assert certify(sorted(rows, key=lambda row: row.wrong), alpha=0.05, delta=0.05, key=KEY) == forwards


def test_a_single_look_certifies_with_fewer_labels_but_each_look_asks_for_more() -> None:
    rows = clean_cases(640)

    [first] = certify_once(rows, alpha=0.01, delta=0.05, key=KEY)
    [fifth] = certify_once(rows, alpha=0.01, delta=0.05, key=KEY, attempt=5)

    assert first.certified
    assert first.upper <= 0.01
    assert first.delta == 0.025
    assert not fifth.certified
    assert fifth.needs == needs(0.01, 0.05 / 30) - fifth.n_above > 0


def test_a_threshold_kept_from_an_earlier_look_is_used_again() -> None:
    [kept] = certify(clean_cases(300), alpha=0.01, delta=0.05, key=KEY, taus={"leak": 0.75})
    [second_choice] = certify(clean_cases(300), alpha=0.01, delta=0.05, key=KEY, attempts={"leak": 2})

    assert kept.tau == 0.75
    assert kept.n_above < 300 * 0.5
    assert second_choice.delta == pytest.approx(0.05 / 6)


def test_errors_at_low_scores_push_the_threshold_above_them() -> None:
    scores = np.linspace(0, 1, 400)
    wrong = scores < 0.4

    tau = choose_tau(scores, wrong, 0.01)

    assert tau is not None
    assert 0.38 <= tau <= 0.5
    assert choose_tau(np.zeros(0), np.zeros(0, bool), 0.01) is None


def test_fixed_sequence_testing_stops_before_the_errors_begin() -> None:
    scores = np.tile(np.linspace(0, 1, 1_000), 2)
    wrong = scores < 0.4
    tuning = np.arange(2_000) % 3 == 0

    tau = split_tuned_ltt(scores, wrong, tuning, alpha=0.01, delta_star=0.05)

    assert tau is not None
    assert 0.35 < tau <= 0.45
    assert split_tuned_ltt(scores, np.ones(2_000, bool), tuning, alpha=0.01, delta_star=0.05) is None


def test_levels_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not above 0\.2"):
        certify(clean_cases(10), alpha=0.21, delta=0.05, key=KEY)
    with pytest.raises(ValueError, match="between 0 and 1"):
        certify(clean_cases(10), alpha=0.2, delta=1.0, key=KEY)


def test_in_the_worst_world_certificates_are_wrong_at_most_as_often_as_promised() -> None:
    rng = np.random.default_rng(7)
    wrongly, wrongly_at_one_look = 0, 0

    for trial in range(100):
        errors = rng.random(600) < 0.05001  # just above alpha everywhere: every certificate is wrong
        scores = rng.beta(4, 1.6, 600)
        rows = [ScoredCase("t", float(scores[i]), bool(errors[i]), f"{trial}-{i}") for i in range(600)]
        wrongly += certify(rows, alpha=0.05, delta=0.1, key=KEY)[0].certified
        wrongly_at_one_look += certify_once(rows, alpha=0.05, delta=0.1, key=KEY)[0].certified

    assert wrongly_at_one_look <= binom.ppf(0.999, 100, 0.1)
    assert wrongly <= binom.ppf(0.999, 100, 0.1)


def test_scores_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("topic,score,wrong,group\nleak,0.93,0,c1\nleak,0.4,TRUE,\n", encoding="utf-8")

    assert read_scores(file) == [ScoredCase("leak", 0.93, False, "c1"), ScoredCase("leak", 0.4, True, "")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("topic,score\nleak,1\n", "line 1: column wrong is missing; the header must read"),
        ("topic,score,wrong\nleak,high,0\n", "line 2: score is 'high'; write a finite number"),
        ("topic,score,wrong\nleak,nan,0\n", "line 2: score is 'nan'"),
        ("topic,score,wrong\nleak,1,0\nleak,1,maybe\n", "line 3: wrong is 'maybe'; write 1"),
        ("topic,score,wrong\n,1,0\n", "line 2: the topic is empty"),
        ("topic,score,wrong\nleak\n", "line 2: wrong is ''"),
    ],
)
def test_a_bad_score_row_is_refused_with_file_line_and_mend(tmp_path: Path, body: str, told: str) -> None:
    file = tmp_path / "scores.csv"
    file.write_text(body, encoding="utf-8")

    with pytest.raises(UnreadableRow, match=r"scores\.csv") as refused:
        read_scores(file)

    assert told in str(refused.value)
