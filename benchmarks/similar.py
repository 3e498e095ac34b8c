"""Similar cases: what a question costs, and how often the nearest are of the same kind; one JSON line each.

    python -m benchmarks.similar [--rows 100000] [--data DIR]

Beside ours in the same run: a plain float32 matrix product in numpy, and, where usearch is installed, our graph and how
many of the exact five nearest it finds, on vectors at random (the hardest) and in clusters (as messages lie).
DIR holds banking77/ as `text,label` CSV files: share of the five nearest of the training file that have the label of a
message of test.csv (without one, of every tenth training message), by sentence embeddings and by TF-IDF.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models import graph
from models.examples import read_examples
from models.sentence import Embedder
from models.similar import VectorIndex

_DIM, _K, _QUESTIONS, _CLUSTERS = 512, 5, 64, 2_000
_QUALITY = 1_000  # messages judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--data", type=Path)
    chosen = parser.parse_args()
    with threadpool_limits(1):  # for the baseline too
        for spread in ("clusters", "random"):
            for line in speed(chosen.rows, spread):
                print(json.dumps(line), flush=True)
    if chosen.data is not None:
        print(json.dumps(quality(chosen.data / "banking77")), flush=True)


def speed(rows: int, spread: str) -> Iterator[dict[str, Any]]:
    """CPU milliseconds a question, one by one and 16 at once."""
    vectors, questions = _drawn(rows, spread)
    told = {"rows": rows, "dim": _DIM, "vectors": spread, "k": _K}
    truth = np.argsort(-(questions @ vectors.T), axis=1)[:, :_K]
    with tempfile.TemporaryDirectory() as folder:
        exact = VectorIndex(Path(folder) / "similar", _DIM)
        with exact.locked():
            exact.append(range(1, rows + 1), [str(i) for i in range(rows)], vectors, stamps=[0.0] * rows)
        yield {**told, "by": "ours, exact", **_measured(_by(exact), questions, truth)}
        yield {**told, "by": "numpy float32", **_measured(_by_product(vectors), questions, truth)}
        if graph.available():
            near = VectorIndex(Path(folder) / "similar", _DIM, exact_up_to=1)
            cpu = time.process_time()
            near.build_graph()
            built = round(time.process_time() - cpu, 1)
            yield {**told, "by": "ours, graph", **_measured(_by(near), questions, truth), "build_cpu_seconds": built}


def quality(folder: Path) -> dict[str, Any]:
    """Share of the five nearest training messages that have the label of the message asked about."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  # only for the baseline

    train = read_examples(folder / "train.csv")
    texts, labels = list(train.texts), np.array(train.labels)
    if (folder / "test.csv").exists():
        judged = read_examples(folder / "test.csv")
        asked, wanted = list(judged.texts)[:_QUALITY], np.array(judged.labels)[:_QUALITY]
        judged_on = "test.csv"
    else:
        held = np.arange(len(texts)) % 10 == 0
        asked, wanted = [texts[i] for i in np.flatnonzero(held)][:_QUALITY], labels[held][:_QUALITY]
        texts, labels = [texts[i] for i in np.flatnonzero(~held)], labels[~held]
        judged_on = "every tenth of train.csv"
    embedder = Embedder.shared()
    assert embedder is not None, "install the sentence encoder"
    known, question = (_unit(np.asarray(embedder.embed(some), np.float32)) for some in (texts, asked))
    plain = TfidfVectorizer(sublinear_tf=True).fit(texts)
    by_words = np.asarray((plain.transform(asked) @ plain.transform(texts).T).todense())
    return {
        "dataset": "banking77", "judged_on": judged_on, "n": len(asked), "k": _K,
        "same_label_ours": _same(question @ known.T, labels, wanted),
        "same_label_tfidf": _same(by_words, labels, wanted),
    }  # fmt: skip


def _same(scores: NDArray[Any], labels: NDArray[Any], wanted: NDArray[Any]) -> float:
    nearest = np.argsort(-scores, axis=1, kind="stable")[:, :_K]
    return round(float(np.mean(labels[nearest] == wanted[:, None])), 4)


def _drawn(rows: int, spread: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    dice = np.random.default_rng(0)
    drawn = dice.standard_normal((rows + _QUESTIONS, _DIM), dtype=np.float32)
    if spread == "clusters":
        centres = _unit(dice.standard_normal((_CLUSTERS, _DIM), dtype=np.float32))
        drawn *= 0.6 / np.sqrt(_DIM)
        drawn += centres[dice.integers(_CLUSTERS, size=len(drawn))]
    drawn = _unit(drawn)
    return drawn[:rows], drawn[rows:]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), np.float32)


Ask = Callable[[NDArray[np.float32]], list[list[int]]]


def _by(index: VectorIndex) -> Ask:
    return lambda asked: [
        [int(name) for name, _ in found] for found in index.query(asked, before=[1.0] * len(asked), k=_K)
    ]


def _by_product(vectors: NDArray[np.float32]) -> Ask:
    def ask(asked: NDArray[np.float32]) -> list[list[int]]:
        scores = asked @ vectors.T
        near = np.argpartition(-scores, _K, axis=1)[:, :_K]
        return [sorted(rows.tolist(), key=lambda row, i=i: -scores[i, row]) for i, rows in enumerate(near)]  # type: ignore[misc]

    return ask


def _measured(ask: Ask, questions: NDArray[np.float32], truth: NDArray[np.int64]) -> dict[str, Any]:
    ask(questions[:1])
    found: list[list[int]] = []
    cpu = time.process_time()
    for question in questions:
        found += ask(question[None])
    one = (time.process_time() - cpu) / len(questions)
    cpu = time.process_time()
    for start in range(0, len(questions), 16):
        ask(questions[start : start + 16])
    batch = (time.process_time() - cpu) / len(questions)
    hits = [len(set(mine) & set(best.tolist())) for mine, best in zip(found, truth, strict=True)]
    return {"cpu_ms": round(1e3 * one, 2), "cpu_ms_of_16": round(1e3 * batch, 2), "recall": sum(hits) / truth.size}


if __name__ == "__main__":
    main()
