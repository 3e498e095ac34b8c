"""What it takes to train a text model on very many messages; one JSON line.

    python -m benchmarks.train_time --data DIR [--rows 100000]

DIR holds banking77/train.csv (`text,label`). A fifth of its messages, whole groups, is held out and only judged on. The
others are drawn again and again until there are as many as asked: of each tenth word is left out, and every fourth
message goes on with another one of its label. So the rows are no new facts: what is measured is time and memory, and
that accuracy does not suffer. Embedding and features run in as many processes as there are processors, the solver in as
many threads. Beside it in the same run: TF-IDF and logistic regression of scikit-learn with their defaults.
"""

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from structlog.testing import capture_logs

from benchmarks.text_accuracy import halves
from models.evaluate import evaluate_text
from models.examples import Examples, read_examples
from models.fitting import fit_text
from models.sentence import Embedder

_LEFT_OUT = 0.1  # of the words
_JOINED = 0.25  # of the messages
_MB = 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=100_000)
    chosen = parser.parse_args()
    print(json.dumps(measured(chosen.data / "banking77" / "train.csv", chosen.rows)), flush=True)


def measured(file: Path, rows: int) -> dict[str, Any]:
    seen, unseen = halves(read_examples(file))
    many = drawn_again(seen, rows)
    ours = trained(many, unseen)
    started = time.perf_counter()
    plain = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000)).fit(many.texts, many.labels)
    baseline = {
        "wall_seconds": round(time.perf_counter() - started, 1),
        "accuracy": round(float(np.mean(plain.predict(unseen.texts) == np.array(unseen.labels))), 4),
    }
    return {"rows": rows, "labels": len(set(many.labels)), **ours, "tfidf_logistic": baseline}


def trained(many: Examples, unseen: Examples) -> dict[str, Any]:
    """Time of one fit with its calibration, memory at its peak, and accuracy on messages it has not seen."""
    embedder = Embedder.shared()
    own = psutil.Process()
    started, cpu = time.perf_counter(), _cpu(own)
    with capture_logs() as told:
        model = fit_text(many.rows(), name="many", embedder=embedder)
    cost = {"wall_seconds": round(time.perf_counter() - started, 1), "cpu_seconds": round(_cpu(own) - cpu, 1)}
    [fitted] = [one for one in told if one["event"] == "text_model.fitted"]
    peaks = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]
    peaks += [child.memory_info().rss for child in own.children(recursive=True)]
    report = evaluate_text(model, unseen)
    return {
        **cost,
        "seconds_by_part": fitted["seconds"],
        "peak_mb": round(peaks[0] / _MB),
        "children_mb": round(sum(peaks[1:]) / _MB),
        "judged_on": f"{report.n} messages, whole groups",
        "accuracy": round(report.accuracy, 4),
        "ece": round(report.ece, 4),
    }


def drawn_again(examples: Examples, rows: int, *, seed: int = 0) -> Examples:
    """As many messages, made of those given; each keeps the group of the message it began with."""
    dice = np.random.default_rng(seed)
    texts = np.array(examples.texts, dtype=object)
    labels = np.array(examples.labels)
    of_label = {label: np.flatnonzero(labels == label) for label in np.unique(labels)}
    first = dice.integers(len(texts), size=rows)
    joined = dice.random(rows) < _JOINED
    made = []
    for i, goes_on in zip(first.tolist(), joined.tolist(), strict=True):
        words = texts[i].split()
        if goes_on:
            words += texts[dice.choice(of_label[labels[i]])].split()
        kept = [word for word, stays in zip(words, dice.random(len(words)) >= _LEFT_OUT, strict=True) if stays]
        made.append(" ".join(kept or words))
    return replace(
        examples,
        texts=tuple(made),
        labels=tuple(labels[first].tolist()),
        languages=("",) * rows,
        groups=tuple(f"g{i}" for i in first.tolist()),
        ids=tuple(f"r{i}" for i in range(rows)),
        outsiders=(),
    )


def _cpu(own: psutil.Process) -> float:
    """CPU seconds of this process and of its children that live."""
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(spent.user + spent.system for spent in times))


if __name__ == "__main__":
    main()
