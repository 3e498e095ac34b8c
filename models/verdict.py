"""One verdict of several signals: what the text says times what the photos show.

A product of experts (Hinton 2002): p(topic) is proportional to text(topic) · photo(topic)^WEIGHT for each photo. The
weight is not fitted: there are no labelled pairs of text and photos to fit it on. So photos may lower the text's
calibrated probability, and never raise it or change its topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WEIGHT = 0.5
LEAST_EVIDENCE = 0.01  # no photo rules a topic out: what it shows may not be all there was

Chances = Mapping[str, float]  # label or topic -> probability


@dataclass(frozen=True, slots=True)
class Verdict:
    """probability: of the topic, in [0, 1]."""

    topic: str
    probability: float


def evidence(shown: Chances, topics_of: Mapping[str, Sequence[str]], topics: Sequence[str]) -> dict[str, float]:
    """What one photo's labels say for each topic: the chance of the labels that go with it.

    topics_of: the topics each label goes with; a label that goes with none counts for all. A topic that no label goes
    with gets what a photo that tells nothing would give it, one part in as many as there are labels.
    """
    known = {topic for label in shown for topic in topics_of.get(label, ())}
    anyway = sum(chance for label, chance in shown.items() if not topics_of.get(label))
    plain = 1.0 / max(1, len(shown))
    said = {
        topic: anyway + sum(chance for label, chance in shown.items() if topic in topics_of.get(label, ()))
        if topic in known
        else max(plain, anyway)
        for topic in topics
    }
    return {topic: min(1.0, max(LEAST_EVIDENCE, chance)) for topic, chance in said.items()}


def combine(text: Chances, photos: Sequence[Chances], *, topic: str) -> Verdict:
    """The text's topic with at most the text's probability; photos: evidence by topic, one mapping a photo.

    Chances of the text that do not add up to one leave the rest to topics that are not named, of which no photo
    speaks: it counts as the named ones do on average.
    """
    product, rest = dict(text), max(0.0, 1.0 - sum(text.values()))
    for shown in photos:
        product = {name: chance * shown.get(name, 1.0) ** WEIGHT for name, chance in product.items()}
        rest *= (sum(shown.get(name, 1.0) for name in text) / len(text)) ** WEIGHT
    whole = sum(product.values()) + rest
    return Verdict(topic, min(text[topic], product[topic] / whole) if whole else text[topic])
