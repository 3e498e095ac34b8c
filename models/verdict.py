"""One verdict of several signals: what the text says times what the photos show, weighed so that the number is honest.

A product of experts (Hinton 2002): p(topic) is proportional to text(topic) · photo(topic)^weight for each photo. The
weight is fitted on decided cases; without enough of them the photos may lower the text's probability and never
change its topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import ModelError

LEAST_PAIRS = 50  # decided cases with text and photos, under which no weight is fitted
DEFAULT_WEIGHT = 0.5
LEAST_EVIDENCE = 0.01  # no photo rules a topic out: what it shows may not be all there was
_WEIGHTS = np.linspace(0.0, 1.0, 21)

Chances = Mapping[str, float]  # label -> probability


class TooFewPairs(ModelError):
    def __init__(self, found: int) -> None:
        super().__init__(f"{found} decided cases hold both text and photos; a weight needs at least {LEAST_PAIRS}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """probability: of the topic, in [0, 1]."""

    topic: str
    probability: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A decided case: what its text and its photos said by topic, and the topic a person found right."""

    text: Chances
    photos: tuple[Chances, ...]
    topic: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How much photos count beside the text, 0..1. loss: mean negative log-likelihood; loss_of_text: without photos."""

    value: float
    pairs: int
    loss: float
    loss_of_text: float


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
        for topic in topics
    }
    return {topic: max(LEAST_EVIDENCE, said[topic] if topic in known else plain + anyway) for topic in topics}


def combine(text: Chances, photos: Sequence[Chances], *, weight: float, is_fitted: bool) -> Verdict:
    """The likeliest topic with its probability; photos: evidence by topic, one mapping a photo.

    Unless the weight is fitted the topic stays the text's, with at most the text's probability. Chances that do not
    add up to one leave the rest to topics that are not named. Raises ValueError without any topic.
    """
    first = max(text, key=lambda topic: text[topic])
    together = _together(text, photos, weight)
    if is_fitted:
        topic = max(together, key=lambda topic: together[topic])
        return Verdict(topic, together[topic])
    return Verdict(first, min(text[first], together[first]))


def fit_weight(pairs: Sequence[Pair]) -> Weight:
    """The weight under which the right topics were likeliest, of 21 between 0 and 1; of equals the smallest.

    Raises TooFewPairs.
    """
    if len(pairs) < LEAST_PAIRS:
        raise TooFewPairs(len(pairs))
    losses = [_loss(pairs, float(weight)) for weight in _WEIGHTS]
    best = int(np.argmin(np.round(losses, 9)))
    return Weight(round(float(_WEIGHTS[best]), 6), len(pairs), round(losses[best], 6), round(losses[0], 6))


def _together(text: Chances, photos: Sequence[Chances], weight: float) -> dict[str, float]:
    """Renormalised over the named topics and the rest of the text's chances, which no photo speaks of."""
    rest = max(0.0, 1.0 - sum(text.values()))
    product = dict(text)
    for shown in photos:
        product = {topic: chance * shown.get(topic, 1.0) ** weight for topic, chance in product.items()}
        rest *= float(np.mean([shown.get(topic, 1.0) for topic in text])) ** weight
    whole = sum(product.values()) + rest
    return {topic: chance / whole for topic, chance in product.items()}


def _loss(pairs: Sequence[Pair], weight: float) -> float:
    chances = [_together(pair.text, pair.photos, weight).get(pair.topic, 0.0) for pair in pairs]
    return float(-np.mean(np.log(np.clip(chances, 1e-6, 1.0))))
