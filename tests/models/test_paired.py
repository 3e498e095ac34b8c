"""Shares with their intervals, and the exact comparison of two readers of the same cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.paired import Paired, paired, share

counts = st.integers(0, 60)


def test_an_interval_is_the_one_of_the_textbooks() -> None:
    found = share(5, 10)

    assert (round(found.low, 4), round(found.high, 4)) == (0.1871, 0.8129)


def test_nothing_known_is_told_as_anything() -> None:
    none = share(0, 0)

    assert (none.value, none.low, none.high) == (None, 0.0, 1.0)


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="count each trial once"):
        share(3, 2)


@given(k=counts, more=counts)
def test_the_share_lies_within_its_interval(k: int, more: int) -> None:
    found = share(k, k + more)

    assert 0 <= found.low <= (found.value if found.value is not None else 0.5) <= found.high <= 1


@given(both=counts, one=counts, other=counts, neither=counts)
def test_the_comparison_is_the_two_sided_sign_test_of_where_they_differ(
    both: int, one: int, other: int, neither: int
) -> None:
    found = Paired(both, one, other, neither)

    expected = stats.binomtest(one, one + other, 0.5).pvalue if one + other else 1.0
    assert found.p == pytest.approx(expected)
    assert found.p == Paired(both, other, one, neither).p
    assert (found.one.k - found.other.k, found.n) == (one - other, both + one + other + neither)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_each_case_is_counted_once_under_who_was_right(right: list[tuple[bool, bool]]) -> None:
    found = paired(right)

    assert found.n == len(right)
    assert (found.one.k, found.other.k) == (sum(one for one, _ in right), sum(other for _, other in right))


def test_a_long_comparison_is_worked_out_as_well() -> None:
    assert Paired(only_one=3000, only_other=2000).p < 1e-40
