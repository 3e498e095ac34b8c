"""A second ear for danger: two heads over the sentence embedding of a whole message.

One tells whether there is danger, calibrated, by nearness to examples; a linear one tells which. They hear what word
lists miss ("she does not answer any more"); long messages drown what they listen for. Kept as JSON and plain arrays
(no pickle); they hold vectors, no text of their examples.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.digests import digest_of_files
from models.errors import DigestMismatch, TooFewExamples
from models.heads import Floats, Linear, deal, fit_linear, fit_temperature, joined_groups, probabilities
from models.later import Later
from models.nearness import Nearness, fit_nearness
from models.sentence import Embedder
from models.threads import one_thread

sparse, csgraph = Later("scipy.sparse"), Later("scipy.sparse.csgraph")
NONE = "none"
FALSE_ALARMS = 0.02  # of ordinary messages, unseen by the head that judges them; new authors' messages raise more
_C = 3.0  # of the head for the kind; chosen by cross-validation over 1, 3, 10, 30, 100
_FOLDS = 5
_ALIKE = 0.65  # cosine from which two messages tell of the same thing
_AT_ONCE = 1_000  # rows compared with all others at a time, for the memory's sake
_FEWEST = 5  # groups a label needs, so that each fold's head has seen it
_FILES = ("alarm.json", "alarm.npz")
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AlarmRows:
    """Parallel sequences. `label` is a danger or "none"; `ordinary` marks everyday messages that set the threshold;
    `in_words` marks those in which the word lists find danger already (only the report uses it).
    """

    texts: Sequence[str]
    labels: Sequence[str]
    groups: Sequence[str]  # "" = its own
    ordinary: Flags
    in_words: Flags


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """Shares in [0, 1] by five-fold cross-validation over groups: each row is judged by a head without its group.

    recall: of the dangerous rows, those heard by the word lists, by the head, by either. recall_of: by either, for each
    danger. false_alarms: of ordinary rows by the head; of the near misses by the head and by either.
    """

    dangerous: int
    ordinary: int
    recall_words: float
    recall_head: float
    recall_either: float
    recall_of: dict[str, float]
    false_alarms: float
    near_misses: int
    near_miss_alarms_head: float
    near_miss_alarms_either: float


@dataclass
class AlarmModel:
    """Made by `fit_alarm`; `threshold` is a probability of danger above which it speaks."""

    labels: tuple[str, ...]
    near: Nearness  # whether there is danger
    head: Linear  # which danger
    temperature: float
    threshold: float
    settings: dict[str, Any]
    digest: str = ""  # sha256 over its files; empty until saved

    def __post_init__(self) -> None:
        self._none = self.labels.index(NONE)

    def predict(self, embeddings: Floats) -> list[tuple[str, float] | None]:
        """For each row of (n, 512): the likeliest danger and the probability of any danger, or None below threshold."""
        if not len(embeddings):
            return []
        if embeddings.ndim != 2 or embeddings.shape[1] != Embedder.dim:  # noqa: PLR2004
            raise ValueError(f"embeddings have shape {embeddings.shape}; pass (n, {Embedder.dim})")
        with one_thread():
            vectors = np.asarray(embeddings, np.float32)
            danger = _chances(self.near.scores(vectors), self.temperature)
            kinds = self.head.scores(vectors)
        kinds[:, self._none] = -np.inf
        best = kinds.argmax(axis=1)
        return [
            (self.labels[label], round(float(chance), 6)) if chance > self.threshold else None
            for label, chance in zip(best, danger, strict=True)
        ]

    def save(self, folder: Path) -> str:
        """Write the model's two files into an existing folder; returns (and keeps) the digest over them."""
        about = {
            "labels": self.labels,
            "temperature": self.temperature,
            "threshold": self.threshold,
            "settings": self.settings,
        }
        (folder / _FILES[0]).write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        np.savez(
            folder / _FILES[1],
            coef=self.head.coef,
            intercept=self.head.intercept,
            support=self.near.support,
            weights=self.near.weights,
            offset=np.float64(self.near.offset),
        )
        self.digest = digest_of_files(folder, _FILES)
        return self.digest

    @classmethod
    def load(cls, folder: Path, *, sha256: str) -> "AlarmModel":
        """Read a saved model; its digest is compared first (DigestMismatch)."""
        found = digest_of_files(folder, _FILES)
        if found != sha256:
            raise DigestMismatch(f"model {folder.name}", expected=sha256, found=found)
        about = json.loads((folder / _FILES[0]).read_text(encoding="utf-8"))
        with np.load(folder / _FILES[1], allow_pickle=False) as stored:
            head = Linear(stored["coef"], stored["intercept"])
            near = Nearness(stored["support"], stored["weights"], float(stored["offset"]))
        named = {name: about[name] for name in ("temperature", "threshold", "settings")}
        return cls(labels=tuple(about["labels"]), near=near, head=head, **named, digest=found)


def fit_alarm(rows: AlarmRows, vectors: Floats, *, seed: int = 0) -> tuple[AlarmModel, AlarmReport]:
    """Fit on all rows; temperature, threshold and report come from heads that had not seen what they judge.

    `vectors` (n, 512) are the rows' embeddings. Raises TooFewExamples, NotConverged, ConstantPredictor.
    """
    labels = np.array(rows.labels)
    groups = _incidents(rows, vectors)
    known = _known(rows, groups)
    folds = deal(rows.labels, groups, _FOLDS, seed)
    dangerous = labels != NONE
    scores = np.zeros(len(labels), np.float32)
    with one_thread():
        for fold in range(_FOLDS):
            held = folds == fold
            scores[held] = fit_nearness(vectors[~held], dangerous[~held]).scores(vectors[held])
        near = fit_nearness(vectors, dangerous)
        head = fit_linear("logistic", vectors, labels, known=known, c=_C)
    temperature = fit_temperature(_sides(scores), dangerous.astype(np.int64))
    danger = _chances(scores, temperature)
    threshold = float(np.quantile(danger[rows.ordinary], 1 - FALSE_ALARMS, method="higher"))
    settings = {"c": _C, "embedder": f"{Embedder.name} {Embedder.version}", "seed": seed, "examples": len(labels)}
    model = AlarmModel(tuple(known), near, head, temperature, threshold, settings)
    return model, _report(rows, danger > threshold)


def _sides(scores: Floats) -> Floats:
    return np.stack([-scores, scores], axis=1)


def _chances(scores: Floats, temperature: float) -> NDArray[np.float64]:
    """The calibrated chance of danger of each score, in (0, 1)."""
    return probabilities(_sides(scores), temperature)[:, 1]


def _incidents(rows: AlarmRows, vectors: Floats) -> list[str]:
    """Groups in which translations and paraphrases count as one: apart, they would flatter what judges them."""
    _, component = np.unique(joined_groups(rows.texts, rows.groups), return_inverse=True)
    n = len(component)
    links = sparse.csr_matrix((n, n))
    for first in range(0, n, _AT_ONCE):
        rows_of, columns = np.nonzero(vectors[first : first + _AT_ONCE] @ vectors.T >= _ALIKE)
        ends = (component[rows_of + first], component[columns])
        links = links + sparse.csr_matrix((np.ones(len(columns), np.int8), ends), shape=(n, n))
    _, joined = csgraph.connected_components(links, directed=False)
    return [str(joined[one]) for one in component]


def _known(rows: AlarmRows, groups: Sequence[str]) -> list[str]:
    known = sorted(set(rows.labels))
    spread = {label: len({g for g, of in zip(groups, rows.labels, strict=True) if of == label}) for label in known}
    rarest = min(known, key=lambda label: spread[label], default=NONE)
    if len(known) < 2 or NONE not in known or spread[rarest] < _FEWEST or not rows.ordinary.any():  # noqa: PLR2004
        raise TooFewExamples(
            f"label {rarest!r} has {spread.get(rarest, 0)} groups, {int(rows.ordinary.sum())} rows are ordinary",
            mend=f"give at least {_FEWEST} groups of each danger and of {NONE!r}, and ordinary messages",
        )
    return known


def _report(rows: AlarmRows, heard: Flags) -> AlarmReport:
    labels = np.array(rows.labels)
    dangerous = labels != NONE
    near = ~dangerous & ~rows.ordinary
    either = heard | rows.in_words
    return AlarmReport(
        dangerous=int(dangerous.sum()),
        ordinary=int(rows.ordinary.sum()),
        recall_words=_share(rows.in_words, dangerous),
        recall_head=_share(heard, dangerous),
        recall_either=_share(either, dangerous),
        recall_of={str(label): _share(either, labels == label) for label in sorted(set(labels) - {NONE})},
        false_alarms=_share(heard, rows.ordinary),
        near_misses=int(near.sum()),
        near_miss_alarms_head=_share(heard, near),
        near_miss_alarms_either=_share(either, near),
    )


def _share(hits: Flags, among: Flags) -> float:
    return round(float(hits[among].mean()), 6) if among.any() else 0.0
