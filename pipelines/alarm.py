"""Listens for danger in the sense of a message, beside the word lists of `pipelines.reading.danger`.

Trained at first need from `configs/danger/*.csv` (hand-written, with and without danger) and from the journeys' own
examples, in which the word lists find none; cached by the digest of all of them.
"""

import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

import models.alarm
import models.nearness
import pipelines.reading
from cases.vocabulary import Danger
from models import registry
from models.alarm import NONE, AlarmModel, AlarmRows, fit_alarm
from models.errors import UnreadableRow
from models.examples import Examples, read_examples
from models.sentence import Embedder
from pipelines.journeys import Journeys
from pipelines.reading.danger import find_danger

log = structlog.get_logger()
KIND, NAME = "alarm", "danger"
WRITTEN = Path(__file__).parent.parent / "configs" / "danger"
_LABELS = frozenset({NONE, *(danger.value for danger in Danger)})
_DANGER = "danger"  # the label of a journey's example that tells of danger
_CLOSING = re.compile(r"[\s.,;:!…]+\Z")


@dataclass(frozen=True, slots=True)
class Heard:
    """probability: calibrated chance of any danger, in (0, 1]; danger: the likeliest; version: of the model."""

    danger: Danger
    probability: float
    version: str


class Alarm:
    """Loads or trains at first use; safe to share by threads and processes."""

    def __init__(self, root: Path, journeys: Journeys) -> None:
        self._root = root
        self._journeys = journeys
        self._model: AlarmModel | None = None
        self._lock = threading.Lock()

    def listen(self, texts: Sequence[str], embeddings: NDArray[np.float32] | None) -> list[Heard | None]:
        """What is heard in each text, in order. `embeddings` (n, 512) belong to the texts; None: nothing is heard."""
        if embeddings is None or not texts:
            return [None] * len(texts)
        model = self._loaded()
        if model is None:
            return [None] * len(texts)
        version = model.digest[:12]
        return [
            Heard(Danger(found[0]), found[1], version) if found and text.strip() else None
            for text, found in zip(texts, model.predict(_bare_vectors(texts, embeddings)), strict=True)
        ]

    def _loaded(self) -> AlarmModel | None:
        with self._lock:
            if self._model is None and (embedder := Embedder.shared()) is not None:
                self._model = self._load_or_train(embedder)
            return self._model

    def _load_or_train(self, embedder: Embedder) -> AlarmModel:
        """The version that serves. New examples or word lists make a new version, which then serves."""
        digest = self._digest()
        known = (self._root / KIND / NAME / registry.version_of(digest)).is_dir()
        path = registry.find_or_train(self._root, KIND, NAME, digest, lambda to: self._train_into(to, embedder))
        if known:
            path = registry.current(self._root, KIND, NAME)
        else:
            registry.promote(self._root, KIND, NAME, path.name)
        return AlarmModel.load(path, sha256=registry.read_card(path)["sha256"])

    def _train_into(self, folder: Path, embedder: Embedder) -> dict[str, Any]:
        rows = alarm_rows(self._journeys)
        log.info("alarm.training", examples=len(rows.texts))
        model, report = fit_alarm(rows, embedder.embed_many([bare(text) for text in rows.texts]))
        return {"sha256": model.save(folder), "report": asdict(report), "settings": model.settings}

    def _digest(self) -> str:
        """Over every file that decides what the model becomes: examples, and the code that chooses and fits them."""
        reading = sorted(Path(pipelines.reading.__file__).parent.glob("*.py"))
        code = [Path(__file__), Path(models.alarm.__file__), Path(models.nearness.__file__), *reading]
        examples = [path for name in self._journeys.names() for path in self._journeys.examples(name)]
        whole = hashlib.sha256()
        for path in (*code, *sorted(WRITTEN.glob("*.csv")), *examples):
            whole.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return whole.hexdigest()


def bare(text: str) -> str:
    """The text without the punctuation it closes with: who writes in a hurry leaves it out, and that is no danger.

    A head that saw the full stop heard 0.29 of unseen dangers that ended with one, and 0.71 of the same without.
    """
    return _CLOSING.sub("", text)


def _bare_vectors(texts: Sequence[str], embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """The embeddings of the bare texts; those given serve where a text is bare already."""
    other = [i for i, text in enumerate(texts) if bare(text) != text]
    embedder = Embedder.shared()
    if not other or embedder is None:
        return embeddings
    vectors = np.array(embeddings)
    vectors[other] = embedder.embed([bare(texts[i]) for i in other])
    return vectors


def alarm_rows(journeys: Journeys) -> AlarmRows:
    """The written messages, then the journeys' examples without signs of danger. Raises UnreadableRow."""
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    in_words: list[bool] = []
    for path in sorted(WRITTEN.glob("*.csv")):
        written = _written(path)
        texts += written.texts
        labels += written.labels
        groups += written.groups
        in_words += [bool(find_danger(text, path.stem)) for text in written.texts]
    everyday = [row for name in journeys.names() for row in _everyday(journeys, name)]
    texts += [text for text, _ in everyday]
    labels += [NONE] * len(everyday)
    groups += [group for _, group in everyday]
    in_words += [False] * len(everyday)
    ordinary = np.arange(len(texts)) >= len(texts) - len(everyday)
    return AlarmRows(texts, labels, groups, ordinary, np.array(in_words, dtype=bool))


def _written(path: Path) -> Examples:
    examples = read_examples(path)
    for label, id_ in zip(examples.labels, examples.ids, strict=True):
        if label not in _LABELS:
            line = int(id_.rsplit(":", 1)[1])
            raise UnreadableRow(
                path.name, line, f"there is no danger {label!r}", mend=f"use one of {', '.join(sorted(_LABELS))}"
            )
    return examples


def _everyday(journeys: Journeys, name: str) -> Iterator[tuple[str, str]]:
    """Text and group of a journey's examples that neither are labelled danger nor hold a word of it."""
    for path in journeys.examples(name):
        examples = read_examples(path)
        for i, (text, label) in enumerate(zip(examples.texts, examples.labels, strict=True)):
            if label != _DANGER and not find_danger(text, examples.languages[i] or path.stem):
                yield text, f"{name}/{examples.groups[i]}" if examples.groups[i] else ""
        yield from ((text, "") for text in examples.outsiders if not find_danger(text, path.stem))
