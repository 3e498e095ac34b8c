"""The text models in use: one for each journey, and a router that finds the journey of a message without one.

Trained from the journeys' examples at first need, cached by the digest of those examples. A version that is promoted
meanwhile is taken up within seconds, by whoever asks next.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from models import registry
from models.errors import ModelError
from models.examples import OUT_OF_SCOPE, Examples, read_examples
from models.fitting import HEAD, fit_text
from models.labels import topic_key
from models.minilm import Encoders, embedder_for
from models.noise import suspicious
from models.sentence import Embedder
from models.text import TextModel
from models.train import train_text
from pipelines.journeys import Journeys
from pipelines.likeness import EmbeddingCache

log = structlog.get_logger()
KIND = "text"
ROUTER = "router"
LOOKS_EVERY = 2.0  # seconds between two looks at which version serves


class NoExamples(Exception):
    def __init__(self, journey: str) -> None:
        super().__init__(f"journey {journey!r} has no labelled examples; add examples/<language>.csv with text,label")


@dataclass(frozen=True, slots=True)
class _Serving:
    """A loaded model, which version's pointer it was loaded by, and when that was looked at (monotonic seconds)."""

    model: TextModel
    stamp: registry.Stamp | None
    looked: float


class TextModels:
    """Loads or trains on demand; safe to share by threads and processes.

    A model that was handed out stays as it is: work in flight goes on with the version it began with.
    """

    def __init__(
        self, root: Path, journeys: Journeys, *, encoders: Encoders = "use", looks_every: float = LOOKS_EVERY
    ) -> None:
        self._root = root
        self._encoders: Encoders = encoders
        self._journeys = journeys
        self._looks_every = looks_every
        self._serving: dict[str, _Serving] = {}
        self._lock = threading.RLock()
        self._cache = EmbeddingCache()

    def of(self, journey: str) -> TextModel:
        return self._model(journey, lambda: examples_of(self._journeys, journey))

    def version(self, name: str) -> str:
        """Short digest of the model that was loaded last. What a batch was read by: `version_of` its model."""
        return version_of(self._serving[name].model)

    def router(self) -> TextModel:
        return self._model(ROUTER, lambda: router_examples(self._journeys))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """One embedding a text, shape (n, 512), from the cache where it was computed lately; None without embedder."""
        embedder = Embedder.shared()
        if embedder is None:
            return None
        new = [text for text in dict.fromkeys(texts) if self._cache.get(text) is None]
        fresh = dict(zip(new, embedder.embed(new), strict=True)) if new else {}
        for text, vector in fresh.items():
            self._cache.put(text, vector)
        rows = [fresh[text] if text in fresh else self._cache.get(text) for text in texts]
        missing = [i for i, row in enumerate(rows) if row is None]  # pushed out by others meanwhile
        for i, row in zip(missing, embedder.embed([texts[i] for i in missing]), strict=True):
            rows[i] = row
        return np.stack([row for row in rows if row is not None]) if rows else np.zeros((0, Embedder.dim), np.float32)

    def _model(self, name: str, examples: Callable[[], Examples]) -> TextModel:
        with self._lock:
            serving = self._serving.get(name)
            if serving is None:
                self._train_if_new(name, examples())
                stamp = self._stamp(name)
                serving = _Serving(serving_model(registry.current(self._root, KIND, name)), stamp, time.monotonic())
            elif time.monotonic() - serving.looked >= self._looks_every:
                serving = self._looked_again(name, serving)
            self._serving[name] = serving
            return serving.model

    def _stamp(self, name: str) -> registry.Stamp | None:
        return registry.stamp(self._root, KIND, name)

    def _looked_again(self, name: str, serving: _Serving) -> _Serving:
        """The same, or the version that was promoted meanwhile. One that cannot be loaded is logged and passed over."""
        stamp = self._stamp(name)
        if stamp is None or stamp == serving.stamp:
            return replace(serving, looked=time.monotonic())
        try:
            model = serving_model(registry.current(self._root, KIND, name))
        except (ModelError, OSError, ValueError, KeyError) as error:
            log.error("model.not_taken_up", model=name, error=type(error).__name__)  # noqa: TRY400  # may hold paths
            model = serving.model
        else:
            log.info("model.taken_up", model=name, version=version_of(model))
        return _Serving(model, stamp, time.monotonic())

    def _train_if_new(self, name: str, examples: Examples) -> None:
        """Examples that no version of this kind was made from are a new one, which serves; else promotions stand."""
        if registry.is_settled(self._root, KIND, name, content_digest(examples)):
            return
        content = _content("at first need", examples, self._encoders)
        if (self._root / KIND / name / registry.version_of(content)).is_dir():
            return
        log.info("model.training", model=name, examples=len(examples.texts))
        embedder = embedder_for(self._encoders, needed_by=f"model {name}")
        path = registry.find_or_train(
            self._root, KIND, name, content, lambda to: fit_into(to, name, examples, embedder)
        )
        registry.promote(self._root, KIND, name, path.name)


def version_of(model: TextModel) -> str:
    """Short digest of a model; it names the exact files that answered."""
    return model.digest[:12]


def serving_model(path: Path) -> TextModel:
    """As load_model, with its labels as topic keys: one trained on a data file speaks of the journey's topics."""
    model = load_model(path)
    return replace(model, labels=tuple(topic_key(label) for label in model.labels))


def load_model(path: Path) -> TextModel:
    """A registered version; its files are held against the digest on its card."""
    return TextModel.load(path, sha256=registry.read_card(path)["sha256"])


def train_named(
    root: Path, name: str, examples: Examples, *, instead_of: Examples | None = None, encoders: Encoders = "use"
) -> Path:
    """Train on these examples, unless that version is there already, and make it the one that serves.

    The journey of that name then keeps it as long as its own examples stay as they are: those given here, or
    `instead_of`, what it would train on by itself.
    """
    embedder = embedder_for(encoders, needed_by=f"model {name}")
    wanted = _content("trained", examples, encoders)
    path = registry.find_or_train(root, KIND, name, wanted, lambda to: train_into(to, name, examples, embedder))
    for content in (examples, instead_of):
        if content is not None:
            registry.settle(root, KIND, name, content_digest(content))
    if registry.current(root, KIND, name) != path:
        registry.promote(root, KIND, name, path.name)
    return path


def content_digest(examples: Examples) -> str:
    """sha256 over what the examples say, not over how they are filed: labels as topic keys, rows in any order."""
    inside = zip(map(topic_key, examples.labels), examples.groups, examples.texts, strict=True)
    rows = sorted([*inside, *((OUT_OF_SCOPE, "", text) for text in examples.outsiders)])
    return hashlib.sha256(orjson.dumps(rows)).hexdigest()


def _content(how: str, examples: Examples, encoders: Encoders) -> str:
    """Names a version: the same examples give another model when the head or the encoders are others."""
    return hashlib.sha256(f"{how} {HEAD} {encoders} {examples.digest}".encode()).hexdigest()


def train_into(folder: Path, name: str, examples: Examples, embedder: Embedder | None) -> dict[str, Any]:
    """Train, save and describe a model: the card tells what it is worth on groups it had not seen."""
    model, report = train_text(examples, name=name, embedder=embedder)
    digest = model.save(folder)
    return {
        "sha256": digest,
        "data_digest": examples.digest,
        "report": asdict(report),
        "settings": model.settings,
        **noise_on_card(examples, model),
    }


def noise_on_card(examples: Examples, model: TextModel) -> dict[str, Any]:
    """Which labels among the examples are probably wrong; nothing without the extra `noise`."""
    found = suspicious(examples, model.embedder)
    return {} if found is None else {"label_noise": found.on_card()}


def fit_into(folder: Path, name: str, examples: Examples, embedder: Embedder | None = None) -> dict[str, Any]:
    """Fit at first need, without the five further fits of a full report; `models train` makes one of those."""
    embedder = embedder or Embedder.shared()
    model = fit_text(examples.rows(), name=name, embedder=embedder, outsiders=examples.outsiders)
    settings = model.settings
    report = {
        "name": name,
        "n": len(examples.texts),
        "accuracy": settings["cross_fit_accuracy"],
        "method": "heads fitted without the example's group; word list fitted with it",
    }
    digest = model.save(folder)
    return {"sha256": digest, "data_digest": examples.digest, "report": report, "settings": settings}


def examples_of(journeys: Journeys, name: str) -> Examples:
    """All labelled messages of a journey's folder."""
    paths = journeys.examples(name)
    if not paths:
        raise NoExamples(name)
    return joined([read_examples(path) for path in paths])


def router_examples(journeys: Journeys) -> Examples:
    """Every journey's messages, labelled with the journey's name."""
    parts = []
    for name in journeys.names():
        examples = examples_of(journeys, name)
        parts.append(
            replace(
                examples,
                labels=(name,) * len(examples.texts),
                ids=tuple(f"{name}/{id_}" for id_ in examples.ids),
                outsiders=(),
            )
        )
    return joined(parts)


def joined(parts: Sequence[Examples]) -> Examples:
    """Several files of examples as one; the digest is over theirs."""
    return Examples(
        texts=tuple(text for part in parts for text in part.texts),
        labels=tuple(label for part in parts for label in part.labels),
        languages=tuple(language for part in parts for language in part.languages),
        groups=tuple(group for part in parts for group in part.groups),
        ids=tuple(id_ for part in parts for id_ in part.ids),
        outsiders=tuple(text for part in parts for text in part.outsiders),
        digest=hashlib.sha256("".join(part.digest for part in parts).encode()).hexdigest(),
    )
