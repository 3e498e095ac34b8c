"""Training a challenger and holding it against the champion: runs in a process of its own, and needs no house."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models import registry
from models.challenge import Comparison, compare
from models.evaluate import evaluate_text
from models.examples import Examples
from models.sentence import Embedder
from models.text import TextModel
from pipelines.labels import Label
from pipelines.text_models import KIND, fit_into, load_model, noise_on_card, serving_model


@dataclass(frozen=True, slots=True)
class Job:
    """What a challenger is made of. content: hex sha256 of the training rows, which names the version.

    labels: those among the training rows. held: of customers that no version is ever trained on.
    """

    root: Path
    name: str
    champion: str
    content: str
    training: Examples
    labels: tuple[Label, ...]
    held: tuple[Label, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Challenger:
    """A registered version, and how it does beside the champion. accuracy, ece and so on: see its card."""

    version: str
    comparison: Comparison


def train_challenger(job: Job) -> Challenger:
    """Fit on the training rows, register it with its card, and compare. Another version goes on serving."""
    Embedder.map_in(job.root / "encoder")
    champion = serving_model(job.root / KIND / job.name / job.champion)
    fresh: list[Comparison] = []

    def train(folder: Path) -> dict[str, Any]:
        card = fit_into(folder, job.name, job.training, champion.embedder)
        model = TextModel.load(folder, sha256=card["sha256"])
        fresh.append(compared(champion, model, job.held))
        return card | _card(job, model, fresh[-1], registry.put_cases(folder, (one.case_id for one in job.labels)))

    path = registry.find_or_train(job.root, KIND, job.name, job.content, train)
    return Challenger(path.name, fresh[0] if fresh else compared(champion, load_model(path), job.held))


def compared(champion: TextModel, challenger: TextModel, held: Sequence[Label]) -> Comparison:
    """Both on the same held-out labels. Right is: the right topic, and not turned away as out of scope."""
    slices = {
        "language": [one.language for one in held],
        "channel": [one.channel for one in held],
        "topic": [one.label for one in held],
    }
    return compare(_right(champion, held), _right(challenger, held), [one.group for one in held], slices)


def _right(model: TextModel, held: Sequence[Label]) -> list[bool]:
    predictions = model.predict([one.text for one in held])
    return [p.label == one.label and p.scope == "in" for p, one in zip(predictions, held, strict=True)]


def _card(job: Job, model: TextModel, comparison: Comparison, cases_sha256: str) -> dict[str, Any]:
    """What the card says beside what every card says. Of cases it holds a digest; their ids lie beside it."""
    return {
        "data_digest": job.content,
        "cases_sha256": cases_sha256,
        "trained_on": {
            "examples": len(job.training.texts) - len(job.labels),
            "labels": len(job.labels),
            "by_language": _counts(one.language for one in job.labels),
            "by_label": _counts(one.label for one in job.labels),
            "by_source": _counts(one.source for one in job.labels),
            "corrected_facts": _counts(fact for one in job.labels for fact in one.facts),
        },
        "comparison": {"champion": job.champion, **asdict(comparison)},
        "started_by": job.by,
        "started_at": job.at.isoformat(),
        **({"report": _report(model, job.held)} if job.held else {}),
        **noise_on_card(job.training, model),
    }


def _report(model: TextModel, held: Sequence[Label]) -> dict[str, Any]:
    method = f"{len(held)} labels of customers that no version is trained on"
    return asdict(evaluate_text(model, examples_from(held))) | {"method": method}


def examples_from(labels: Sequence[Label]) -> Examples:
    """Labels as rows to train on; the id of a row is its case."""
    return Examples(
        texts=tuple(one.text for one in labels),
        labels=tuple(one.label for one in labels),
        languages=tuple(one.language for one in labels),
        groups=tuple(one.group for one in labels),
        ids=tuple(one.case_id for one in labels),
    )


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
