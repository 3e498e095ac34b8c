"""What text and photos say together: never more than the text alone, and never of another topic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.verdict import combine, evidence

TOPICS = ("windscreen", "collision", "theft")
GOES = {"glass": ("windscreen",), "rear_bumper": ("collision",), "whole_car": ()}
TEXT = {"windscreen": 0.8, "collision": 0.15, "theft": 0.05}
SHARE = st.floats(0.0, 1.0)


def test_a_photo_speaks_for_the_topics_of_its_labels_and_what_tells_nothing_speaks_for_all() -> None:
    said = evidence({"glass": 0.7, "rear_bumper": 0.2, "whole_car": 0.1}, GOES, TOPICS)

    assert said == pytest.approx({"windscreen": 0.8, "collision": 0.3, "theft": 1 / 3})


def test_a_photo_of_another_topic_lowers_the_probability_and_one_that_fits_does_not_raise_it() -> None:
    against = evidence({"rear_bumper": 0.97, "glass": 0.02, "whole_car": 0.01}, GOES, TOPICS)
    fits = evidence({"glass": 0.97, "rear_bumper": 0.02, "whole_car": 0.01}, GOES, TOPICS)

    assert combine(TEXT, [against], topic="windscreen").probability < 0.6
    assert combine(TEXT, [against, against], topic="windscreen").probability < 0.4
    assert combine(TEXT, [fits], topic="windscreen").probability == 0.8
    assert combine(TEXT, [], topic="windscreen").probability == 0.8


@given(st.tuples(SHARE, SHARE, SHARE), st.lists(st.tuples(SHARE, SHARE, SHARE), max_size=4))
def test_whatever_the_photos_show_the_topic_stays_and_its_probability_never_rises(
    chances: tuple[float, float, float], photos: list[tuple[float, float, float]]
) -> None:
    text = dict(zip(TOPICS, (chance / max(1.0, sum(chances)) for chance in chances), strict=True))
    shown = [evidence(dict(zip(GOES, one, strict=True)), GOES, TOPICS) for one in photos]

    verdict = combine(text, shown, topic="collision")

    assert verdict.topic == "collision"
    assert 0.0 <= verdict.probability <= text["collision"]
