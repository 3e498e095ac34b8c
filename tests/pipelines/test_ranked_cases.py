"""Similar cases are ranked by text, topic and amount, within one line of business and from the past alone."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from cases import events as e
from cases.store.likeness import NewVector
from cases.store.log import Append
from cases.vocabulary import SYSTEM
from pipelines.house import House
from pipelines.stages.enrich import space_of
from tests.pipelines.given import WINDSCREEN, Clock, by_form, case_of, until_quiet

SPACE = space_of("motor_claim")


def remember(house: House, name: str, *, line: str = "insurance", hours: float = 1, **changed: object) -> None:
    """A closed case with the very words of the message that will come in."""
    vectors = house.texts.embed([WINDSCREEN])
    assert vectors is not None
    closed = house.now() - timedelta(hours=hours)
    past = e.CaseImported(
        f"P-{name}", "motor_claim", closed, closed, WINDSCREEN, "repair_glass", "a", False, name, True
    )
    past = replace(past, line_of_business=line, **changed)
    with house.database.writing() as store:
        store.append_many([Append(f"case-{name}", ((past, SYSTEM),), closed)])
        vector = np.asarray(vectors[0], "<f2").tobytes()
        store.likeness.add_vectors([NewVector(f"case-{name}", SPACE, closed, vector)])


def similar(house: House, clock: Clock) -> list[str]:
    reference = by_form(house).reference
    until_quiet(house, clock)
    found = case_of(house, reference).enriched
    assert found is not None
    return [one.reference for one in found.similar]


def test_of_two_with_the_same_words_the_one_of_the_same_topic_comes_first(house: House, clock: Clock) -> None:
    line = house.journeys.get("motor_claim").journey.line_of_business
    remember(house, "a-other", line=line, topic="theft")
    remember(house, "b-same", line=line, topic="windscreen")

    assert similar(house, clock)[:2] == ["P-b-same", "P-a-other"]


def test_a_case_of_another_line_or_of_the_future_is_never_shown(house: House, clock: Clock) -> None:
    line = house.journeys.get("motor_claim").journey.line_of_business
    remember(house, "ours", line=line, topic="windscreen")
    remember(house, "foreign", line="another_line", topic="windscreen")
    remember(house, "future", line=line, topic="windscreen", hours=-5)

    assert similar(house, clock) == ["P-ours"]
