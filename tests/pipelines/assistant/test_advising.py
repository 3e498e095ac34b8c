"""What to do with a kind of help follows from intervals and exact tests, and from nothing that few cases could show."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.paired import Paired, share
from pipelines.assistant.advising import LEAST, Figures, Switch, advise

pytestmark = pytest.mark.once  # keeps nothing
NOTHING = share(0, 0)
SHOWN = Figures("show", failed=share(0, 100), saying=share(100, 100), discarded=NOTHING, compared=None)
SHADOW = replace(SHOWN, switch="shadow", compared=Paired())
counts = st.integers(0, 80)
shares = st.tuples(counts, counts).map(lambda both: share(both[0], sum(both)))


def said(of: Figures) -> tuple[str, str]:
    advice = advise(of)
    return advice.do, advice.why


@pytest.mark.parametrize(
    ("discarded", "n", "advised"),
    [
        (7, 7, ("stay", "few_judged")),
        (29, 29, ("stay", "few_judged")),
        (30, 30, ("off", "discarded")),
        (61, 100, ("off", "discarded")),
        (60, 100, ("stay", "unclear")),
        (40, 100, ("stay", "unclear")),
        (39, 100, ("stay", "used")),
    ],
)
def test_what_people_throw_away_is_switched_off_once_that_is_sure(
    discarded: int, n: int, advised: tuple[str, str]
) -> None:
    assert said(replace(SHOWN, discarded=share(discarded, n))) == advised


@pytest.mark.parametrize(
    ("compared", "advised"),
    [
        (Paired(both=29), ("stay", "few_compared")),
        (Paired(both=30), ("stay", "no_difference")),
        (Paired(both=30, only_one=6), ("show", "better")),
        (Paired(both=30, only_one=5), ("stay", "no_difference")),
        (Paired(both=30, only_other=6), ("off", "worse")),
        (Paired(both=30, only_one=20, only_other=15), ("stay", "no_difference")),
    ],
)
def test_out_of_shadow_comes_what_is_right_more_often_than_its_twin(compared: Paired, advised: tuple[str, str]) -> None:
    assert said(replace(SHADOW, compared=compared)) == advised


@pytest.mark.parametrize(
    ("saying", "n", "advised"),
    [
        (29, 29, ("stay", "few_calls")),
        (30, 30, ("show", "says_something")),
        (89, 100, ("show", "says_something")),
        (88, 100, ("stay", "says_little")),
    ],
)
def test_what_has_no_twin_leaves_the_shadow_once_it_says_something(
    saying: int, n: int, advised: tuple[str, str]
) -> None:
    assert said(replace(SHADOW, compared=None, saying=share(saying, n))) == advised


@pytest.mark.parametrize(("failed", "advised"), [(29, ("mend", "failing")), (28, ("stay", "few_compared"))])
@pytest.mark.parametrize("switch", ["show", "shadow"])
def test_an_endpoint_that_fails_is_mended_first(switch: Switch, failed: int, advised: tuple[str, str]) -> None:
    of = replace(SHADOW, switch=switch, failed=share(failed, 100), discarded=share(30, 30))

    assert said(of) == (advised if failed == 29 or switch == "shadow" else ("off", "discarded"))


def test_nothing_is_advised_on_what_is_off() -> None:
    assert said(replace(SHOWN, switch="off", failed=share(100, 100))) == ("stay", "is_off")


@given(
    switch=st.sampled_from(get_args(Switch)), failed=shares, saying=shares, discarded=shares,
    compared=st.none() | st.builds(Paired, counts, counts, counts, counts),
)  # fmt: skip
def test_few_cases_change_nothing(
    switch: Switch, failed: object, saying: object, discarded: object, compared: object
) -> None:
    of = Figures(switch, failed, saying, discarded, compared)  # type: ignore[arg-type]  # drawn as such

    advice = advise(of)

    assert advice.do == "stay" or advice.share.n >= LEAST
    assert advice.needs == 0 or advice.share.n < advice.needs == LEAST
