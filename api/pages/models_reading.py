"""How the topics of a journey stand, with what the page of the models needs beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases import events as e
from cases.case import Entry
from pipelines.auditing import TopicState, standing_of
from pipelines.evidence import serving
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class TopicRead:
    """One topic that may close by itself. challenger_needs: labels that the next version still needs, while it is
    being certified beside this one.
    """

    title: str
    stands: TopicState
    challenger_needs: int | None = None


def topics_of(house: House, journey: str, history: Sequence[Entry], *, language: str) -> list[TopicRead]:
    """One for each topic that may close by itself, in the journey's order. history: of the stream of the models."""
    folder, states = house.journeys.get(journey), standing_of(house, journey)
    digest = serving(house, journey).digest
    return [
        TopicRead(
            folder.worded(folder.journey.topics[state.topic].title, language),
            state,
            _of_challenger(history, state, digest) if state.state == "certified" else None,
        )
        for state in states
    ]


def says_something(topic: TopicState) -> bool:
    """Whether there are enough verdicts for a curve: several points, and one that bounds anything."""
    return len(topic.curve) > 1 and min(point.upper for point in topic.curve) < 1


def nearest(topic: TopicState) -> e.RiskPoint | None:
    """The point of the curve at the threshold; None without both."""
    if topic.threshold is None or not topic.curve:
        return None
    threshold = topic.threshold
    return min(topic.curve, key=lambda point: abs(point.threshold - threshold))


def _of_challenger(history: Sequence[Entry], state: TopicState, digest: str) -> int | None:
    """What the version that was tried last still needs; None when that is the serving one, or it is certified."""
    for entry in reversed(history):
        event = entry.event
        if isinstance(event, e.CertificationTried) and (event.journey, event.topic) == (state.journey, state.topic):
            return event.needs if event.model_digest != digest and not event.certified else None
    return None
