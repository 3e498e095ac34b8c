"""Active learning: which of many messages to ask people about, so that each answer teaches most. Pure, no case.

Four readings of "teaches most", in turns, since each alone is blind to something: the model wavers between two labels;
the message lies at the border of what it knows; examples most like it have another label than it gives; its label
has few examples. Messages that say nearly the same are asked about once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from models.heads import Floats
from models.text import Prediction

WAVERS = 0.5  # between its two likeliest labels, when their probabilities differ by less
BORDER = 0.5  # standard deviations of the scope scores on either side of the gate
NEIGHBOURS, MOST_OTHER = 5, 3  # examples looked at, and how many of another label contradict the model
FEW = 20  # examples of a label, under which more of them are asked for
SAME = 0.97  # cosine from which on two messages say nearly the same
_AT_ONCE = 500  # messages compared with all examples at a time, for the memory's sake


class Reason(StrEnum):
    WAVERS = auto()
    BORDER = auto()
    NEIGHBOURS = auto()
    FEW = auto()


@dataclass(frozen=True, slots=True)
class Labelled:
    """Examples with their labels; vectors (n, d) are unit vectors, shape (0, 0) where there is no embedder."""

    labels: tuple[str, ...]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """One message to ask about. index: in what was given. like: label of most examples near it, for NEIGHBOURS.

    examples: how many examples there are of the label that the model gives it.
    """

    index: int
    reasons: tuple[Reason, ...]
    like: str
    examples: int


def ask(predictions: Sequence[Prediction], vectors: Floats, *, gate: float, labelled: Labelled, n: int) -> list[Asked]:
    """At most n of the messages, the most telling first; fewer when the others would teach nothing in particular.

    One prediction and one unit vector a message, shape (messages, d), or (0, 0) without an embedder. Deterministic.
    """
    if not predictions or n < 1:
        return []
    examples = Counter(labelled.labels)
    others = _others(predictions, vectors, labelled)
    orders = {
        Reason.WAVERS: _wavering(predictions),
        Reason.BORDER: _at_the_border(predictions, gate),
        Reason.NEIGHBOURS: [index for index, _ in sorted(others.items(), key=lambda one: (-one[1][0], one[0]))],
        Reason.FEW: _rare(predictions, examples),
    }
    found = {reason: set(order) for reason, order in orders.items()}
    chosen: list[int] = []
    for index in _in_turns(list(orders.values())):
        if len(chosen) == n:
            break
        if not _said_already(index, chosen, vectors):
            chosen.append(index)
    return [
        Asked(
            index,
            tuple(reason for reason in Reason if index in found[reason]),
            others[index][1] if index in others else "",
            examples[predictions[index].label],
        )
        for index in chosen
    ]


def margin(prediction: Prediction) -> float:
    """Probability of the likeliest label minus that of the next one, in [0, 1]."""
    chances = [chance for _, chance in prediction.top[:2]]
    return chances[0] - chances[1] if len(chances) > 1 else 1.0


def _wavering(predictions: Sequence[Prediction]) -> list[int]:
    margins = [margin(one) for one in predictions]
    return sorted((i for i, one in enumerate(margins) if one < WAVERS), key=lambda i: (margins[i], i))


def _at_the_border(predictions: Sequence[Prediction], gate: float) -> list[int]:
    scores = np.array([one.scope_score for one in predictions])
    distances, width = np.abs(scores - gate), BORDER * float(scores.std())
    return [int(i) for i in np.argsort(distances, kind="stable") if distances[i] <= width]


def _rare(predictions: Sequence[Prediction], examples: Counter[str]) -> list[int]:
    """Those of the rarest label first, the least sure first."""
    few = [i for i, one in enumerate(predictions) if examples[one.label] < FEW and one.scope == "in"]
    return sorted(few, key=lambda i: (examples[predictions[i].label], margin(predictions[i]), i))


def _others(predictions: Sequence[Prediction], vectors: Floats, labelled: Labelled) -> dict[int, tuple[int, str]]:
    """Messages whose nearest examples mostly have another label than the model gives: how many, and which."""
    if not vectors.size or len(labelled.vectors) < NEIGHBOURS:
        return {}
    found, labels = {}, np.array(labelled.labels)
    for start in range(0, len(predictions), _AT_ONCE):
        near = _nearest(vectors[start : start + _AT_ONCE], labelled.vectors)
        for offset, rows in enumerate(near):
            counts = Counter(label for label in labels[rows].tolist() if label != predictions[start + offset].label)
            if counts.total() >= MOST_OTHER:
                found[start + offset] = (counts.total(), counts.most_common(1)[0][0])
    return found


def _nearest(vectors: Floats, examples: Floats) -> NDArray[np.intp]:
    scores = vectors @ examples.T
    return np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]


def _in_turns(orders: Sequence[Sequence[int]]) -> Iterator[int]:
    """The first of each, then the second of each, and so on; none twice."""
    seen: set[int] = set()
    for turn in zip_longest(*orders):
        for index in turn:
            if index is not None and index not in seen:
                seen.add(index)
                yield index


def _said_already(index: int, chosen: Sequence[int], vectors: Floats) -> bool:
    return bool(vectors.size and chosen and float((vectors[chosen] @ vectors[index]).max()) >= SAME)
