"""Training a text model and reporting what it is worth on groups it has not seen."""

import numpy as np
import structlog
from numpy.typing import NDArray

from models.evaluate import Report, report
from models.examples import Examples, contradictions, read_examples
from models.fitting import check_labels, fit_text
from models.heads import Floats, deal, joined_groups
from models.sentence import Embedder
from models.text import Prediction, TextModel

log = structlog.get_logger()
__all__ = ["Examples", "cross_validated", "held_out", "read_examples", "train_text"]

SMALL = 2_000  # examples under which every row is judged once, by cross-validation: a hold-out would be too small
_FOLDS = 5
_TOLD = 10  # contradictory pairs that are named in the log


def train_text(
    examples: Examples, *, name: str, holdout: float = 0.2, seed: int = 0, embedder: Embedder | None = None
) -> tuple[TextModel, Report]:
    """The model to deliver, and a report by models that had not seen what they were judged on.

    From 2,000 examples on: a model fitted without `holdout` of the groups of each label is judged on those. Below:
    five-fold cross-validation, each row judged once. Rows of one group, or with the same text but for case, punctuation
    and spacing, stay on one side. The delivered model is then fitted on everything; its temperature and gate come from
    cross-fitting. Rows that say the same under different labels are named in a warning. `embedder` None: the process's
    shared one. Raises TooFewExamples, NotConverged, ConstantPredictor.
    """
    check_labels(examples.labels, joined_groups(examples.texts, examples.groups), fewest=4)
    pairs = contradictions(examples)
    if pairs:
        mend = "give each pair one label, or remove one of its rows"
        log.warning("text_model.contradictory_rows", name=name, pairs=len(pairs), rows=pairs[:_TOLD], mend=mend)
    embedder = embedder or Embedder.shared()
    vectors = None if embedder is None else embedder.whole(examples.texts)
    outsiders = None if embedder is None else embedder.whole(examples.outsiders)
    judge = cross_validated if len(examples.texts) < SMALL else held_out
    judged = judge(examples, name=name, holdout=holdout, seed=seed, embedder=embedder, vectors=vectors)
    model = fit_text(
        examples.rows(),
        name=name,
        embedder=embedder,
        outsiders=examples.outsiders,
        vectors=vectors,
        outsider_vectors=outsiders,
        seed=seed,
    )
    model.settings["data_digest"] = examples.digest
    model.settings["report"] = judged.method
    return model, judged


def held_out(
    examples: Examples, *, name: str, holdout: float, seed: int, embedder: Embedder | None, vectors: Floats | None
) -> Report:
    """Judged on about `holdout` of each label's groups, and on the same share of the outsiders."""
    if not 0 < holdout <= 0.5:  # noqa: PLR2004  # more than half would judge a model unlike the delivered one
        raise ValueError(f"holdout is {holdout}; it must lie above 0 and not above 0.5")
    folds = round(1 / holdout)
    of_row, of_outsider = _deal(examples, folds, seed)
    inside, outside = _judge_fold(examples, of_row == 0, of_outsider == 0, embedder=embedder, vectors=vectors)
    labels = [label for label, fold in zip(examples.labels, of_row, strict=True) if fold == 0]
    method = f"held out: {len(labels)} of {len(of_row)} examples, whole groups"
    known = sorted({label for label, fold in zip(examples.labels, of_row, strict=True) if fold != 0})
    return report(inside, labels, outside, name=name, version="", known=known, method=method)


def cross_validated(
    examples: Examples, *, name: str, holdout: float, seed: int, embedder: Embedder | None, vectors: Floats | None
) -> Report:
    """Every row judged once, by a model fitted without its fold; `holdout` plays no part, all labels count as known."""
    del holdout
    of_row, of_outsider = _deal(examples, _FOLDS, seed)
    inside: dict[int, Prediction] = {}
    outside: list[Prediction] = []
    for fold in sorted(set(of_row.tolist())):
        held, held_outsiders = of_row == fold, of_outsider == fold
        judged, rejected = _judge_fold(examples, held, held_outsiders, embedder=embedder, vectors=vectors)
        inside |= dict(zip(np.flatnonzero(held).tolist(), judged, strict=True))
        outside += rejected
    rows = sorted(inside)
    return report(
        [inside[i] for i in rows],
        [examples.labels[i] for i in rows],
        outside,
        name=name,
        version="",
        known=sorted(set(examples.labels)),
        method=f"{_FOLDS}-fold cross-validation over groups, every example judged once",
    )


def _deal(examples: Examples, folds: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    groups = joined_groups(examples.texts, examples.groups)
    outsiders = np.array([""] * len(examples.outsiders))
    of_outsider = deal(outsiders.tolist(), joined_groups(examples.outsiders, outsiders.tolist()), folds, seed)
    return deal(examples.labels, groups, folds, seed), of_outsider


def _judge_fold(
    examples: Examples,
    held: NDArray[np.bool_],
    held_outsiders: NDArray[np.bool_],
    *,
    embedder: Embedder | None,
    vectors: Floats | None,
) -> tuple[list[Prediction], list[Prediction]]:
    """Predictions for the held-out rows and outsiders by a model that has seen neither."""
    kept, out = np.flatnonzero(~held), np.flatnonzero(held)
    seen = examples.take(kept.tolist(), outsiders=np.flatnonzero(~held_outsiders).tolist())
    model = fit_text(
        seen.rows(),
        name="judge",
        embedder=embedder,
        outsiders=seen.outsiders,
        vectors=None if vectors is None else vectors[kept],
    )
    inside = model.predict([examples.texts[i] for i in out], None if vectors is None else vectors[out])
    return inside, model.predict([examples.outsiders[i] for i in np.flatnonzero(held_outsiders)])
