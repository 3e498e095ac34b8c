"""Labels that are probably wrong: confident learning on chances that no row's own label had a part in.

Needs the extra `noise` (cleanlab). Of 8 % planted flips in 3,000 messages of Banking77 it names 93 %, and 84 % of what
it names is planted; in 614 hand-written messages of nine topics 75 % and 73 %: a hint where to look, not a verdict.
Source: Northcutt, Jiang, Chuang, Confident Learning (2021).
"""

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from models.errors import ModelError
from models.examples import Examples
from models.heads import Floats, deal, fit_linear, joined_groups, probabilities
from models.later import Later
from models.ngrams import Ngrams
from models.sentence import Embedder
from models.threads import one_thread

filters = Later("cleanlab.filter")
log = structlog.get_logger()
WORST = 10  # named in the log and on the command line
KEPT = 200  # named on the card
MOST = 5_000  # rows looked at, the first ones: five fits for a report take no longer than the training
FOLDS = 5
FEWEST = 4  # different groups of a label: with fewer its rows cannot be judged by the others
_C = 10.0
_BY = "low_self_confidence"  # as many as the confident joint counts, those whose label is least likely
_UNLIKELY = 0.05  # a chance above this is a hard message rather than a wrong label


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row whose label is probably wrong. score: chance of the given label, in [0, 1], by models without the row."""

    id: str
    given: str
    likely: str
    score: float


@dataclass(frozen=True, slots=True)
class Noise:
    """looked_at: rows that could be judged. suspects: the least likely first."""

    looked_at: int
    suspects: tuple[Suspect, ...]

    def on_card(self) -> dict[str, Any]:
        return {
            "looked_at": self.looked_at,
            "suspicious": len(self.suspects),
            "worst": [asdict(one) for one in self.suspects[:KEPT]],
        }


def is_installed() -> bool:
    return find_spec("cleanlab") is not None


def suspicious(examples: Examples, embedder: Embedder | None) -> Noise | None:
    """Rows whose labels are probably wrong; None without the extra, or when too few rows can be judged.

    A row is judged by models that saw neither it nor its group nor the same text. Deterministic.
    """
    if not is_installed():
        return None
    rows = _judgeable(examples)
    if not rows:
        return Noise(0, ())
    labels = [examples.labels[i] for i in rows]
    try:
        known, chances = _unseen(examples, rows, embedder)
    except ModelError as error:  # a report that fails must not stop the training it is about
        log.warning("noise.not_judged", error=type(error).__name__)
        return Noise(0, ())
    given = np.array([known.index(label) for label in labels])
    found = filters.find_label_issues(
        given, chances, filter_by=_BY, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return Noise(
        len(rows),
        tuple(
            Suspect(
                examples.ids[rows[i]], labels[i], known[int(chances[i].argmax())], round(float(chances[i, given[i]]), 6)
            )
            for i in found
            if chances[i, given[i]] <= _UNLIKELY
        ),
    )


def _judgeable(examples: Examples) -> list[int]:
    """The first rows of labels with enough different groups."""
    groups = joined_groups(examples.texts, examples.groups)
    of_label: dict[str, set[str]] = {}
    for label, group in zip(examples.labels, groups, strict=True):
        of_label.setdefault(label, set()).add(group)
    rows = [i for i, label in enumerate(examples.labels) if len(of_label[label]) >= FEWEST][:MOST]
    return rows if len({examples.labels[i] for i in rows}) > 1 else []


def _unseen(examples: Examples, rows: list[int], embedder: Embedder | None) -> tuple[list[str], NDArray[np.float64]]:
    """The labels, and for each row their chances by a model fitted without its fold, shape (rows, labels)."""
    texts, labels = [examples.texts[i] for i in rows], np.array([examples.labels[i] for i in rows])
    groups = joined_groups(texts, [examples.groups[i] for i in rows])
    folds, known = deal(labels.tolist(), groups, FOLDS, 0), sorted(set(labels.tolist()))
    features = _features(texts, groups, embedder)
    chances = np.zeros((len(rows), len(known)))
    with one_thread():
        for fold in sorted(set(folds.tolist())):
            held = folds == fold
            head = fit_linear("logistic", features[~held], labels[~held], known=known, c=_C)
            chances[held] = probabilities(head.scores(features[held]), 1.0)
    return known, chances


def _features(texts: list[str], groups: list[str], embedder: Embedder | None) -> Floats:
    if embedder is not None:
        return embedder.embed_many(texts)
    found: Floats = Ngrams.fit(texts, groups).transform(texts)
    return found
