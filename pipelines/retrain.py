"""Retraining: people's decisions become labels, a challenger is trained on them and takes over when it is better.

It takes over when it is better on customers that no version was trained on, worse on no language, channel or topic,
and certified for every topic that closes by itself now; until then it waits and the champion serves. A champion of the
journey's own examples has seen no customer at all, so both are judged on what neither could have learned.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import orjson
import structlog

from cases import events as e
from cases.store.store import Store
from models import registry
from models.challenge import Comparison
from models.errors import ModelError
from models.examples import Examples
from models.heads import normalised
from models.text import TextModel
from pipelines.apart import apart
from pipelines.certificates import certify_version
from pipelines.challengers import Job, examples_from, train_challenger
from pipelines.choosing import COMMAND_LINE, promote_version
from pipelines.drift import drifting, serving_version
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.labels import Label, is_held_out, labels
from pipelines.model_log import STREAM, note_training_in
from pipelines.named_models import UnknownJourney
from pipelines.standing import models_digest, standing
from pipelines.text_models import KIND, content_digest, examples_of, joined, serving_model, version_of

log = structlog.get_logger()
FEWEST_NEW = 50  # labels that no version was trained on yet, for the timers to retrain
SECONDS = 3600.0  # for one training
TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Sets:
    """held: labels of held-out customers, without texts that also stand among the training rows."""

    training: Examples
    labels: tuple[Label, ...]
    held: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of it. version: of the challenger, "" when none was trained; labels: that it was trained on."""

    journey: str
    before: str
    version: str
    labels: int
    outcome: Literal["no_labels", "nothing_new", "kept", "waits", "promoted"]
    because: str
    comparison: Comparison | None = None
    label_noise: dict[str, Any] | None = None  # as on the card of the challenger


def retrain(house: House, journey: str, *, by: str = COMMAND_LINE) -> Retrained:
    """Train a challenger on all labels there are, compare it, and promote it where it may be.

    Raises UnknownJourney, NoExamples, and ModelError when the training failed: then nothing is registered.
    """
    if journey not in house.journeys.folders:
        raise UnknownJourney(journey, house.journeys.names())
    return _retrain(house, journey, labels(house, journey), by=by)


def _retrain(house: House, journey: str, found: Sequence[Label], *, by: str) -> Retrained:
    house.texts.of(journey)  # trains the first champion where there is none
    root = house.settings.model_root
    champion = registry.serving(root, KIND, journey)
    sets = sets_of(house, journey, found)
    if not sets.labels:
        return Retrained(journey, champion, "", 0, "no_labels", "no person's decision is a label yet")
    content = _content(sets)
    if registry.version_of(content) == champion:
        return Retrained(journey, champion, champion, len(sets.labels), "nothing_new", "it serves already")
    job = Job(root, journey, champion, content, sets.training, sets.labels, sets.held, by, house.now())
    made = apart(train_challenger, job, what=f"training of {journey}", seconds=SECONDS)
    write_in_turn(house.database, lambda store: _note(store, house, job, made.version, made.comparison))
    card = registry.read_card(registry.version_path(root, KIND, journey, made.version))
    done = Retrained(journey, champion, made.version, len(sets.labels), "kept", made.comparison.because,
                     made.comparison, card.get("label_noise"))  # fmt: skip
    if made.comparison.verdict != "better":
        return done
    registry.let_wait(root, KIND, journey, made.version)
    return _or_waits(house, done, by=by)


def reconsider(house: House, journey: str, *, by: str = TIMER) -> str | None:
    """Promote the version that waits, if it may be by now. Its version when it was promoted; None when not."""
    path = registry.challenger(house.settings.model_root, KIND, journey)
    if path is None or uncertified(house, journey, path):
        return None
    promote_version(house, journey, path.name, by=by, why="better on held-out customers, and certified by now")
    return path.name


def uncertified(house: House, journey: str, path: Path) -> list[str]:
    """Topics that close by themselves now and would not under this version. It is tried for them first."""
    now = _closing(house, journey, house.texts.of(journey))
    if not now:
        return []
    model = serving_model(path)
    certify_version(house, journey, model)
    return sorted(now - _closing(house, journey, model))


def sets_of(house: House, journey: str, found: Sequence[Label]) -> Sets:
    """Training rows (the journey's examples and labels) and held-out ones, whole customers on one side."""
    shipped = examples_of(house.journeys, journey)
    held = [one for one in found if is_held_out(house, one.group)]
    training = tuple(one for one in found if not is_held_out(house, one.group))
    rows = joined([shipped, examples_from(training)])
    learned = {normalised(text) for text in rows.texts}
    return Sets(rows, training, tuple(one for one in held if normalised(one.text) not in learned))


def new_labels(house: House, journey: str, found: Sequence[Label]) -> int:
    """How many labels the serving version and the one compared last were not trained on."""
    root = house.settings.model_root
    seen: set[str] = set()
    for version in {registry.serving(root, KIND, journey), _last_compared(house, journey)[1]} - {""}:
        path = root / KIND / journey / version
        seen |= set(registry.trained_cases(path)) if path.is_dir() else set()
    return sum(not is_held_out(house, one.group) and one.case_id not in seen for one in found)


def retrain_due(house: House) -> list[Retrained]:
    """Of every journey: promote what may be promoted by now, and retrain where the time has come and labels are new."""
    done = []
    for journey in house.journeys.names():
        try:
            reconsider(house, journey)
            if found := due(house, journey):
                done.append(_retrain(house, journey, found, by=TIMER))
        except ModelError as error:  # one journey's trouble is not another's
            log.error("retraining.failed", journey=journey, error=type(error).__name__)  # noqa: TRY400  # may hold words
    return done


def due(house: House, journey: str) -> tuple[Label, ...]:
    """All labels of a journey, where it is time to train on them: enough are new, and so many days have passed since
    the last comparison, or drift was seen since. Else ().
    """
    days = house.settings.retrain_days
    if not days or not house.journeys.examples(journey):
        return ()
    at, _ = _last_compared(house, journey)
    if at is not None and house.now() - at < timedelta(days=days) and not _drifts_since(house, journey, at):
        return ()
    found = labels(house, journey)
    return found if new_labels(house, journey, found) >= FEWEST_NEW else ()


def _drifts_since(house: House, journey: str, at: datetime) -> bool:
    """Whether what comes in began to differ after that comparison, and still does."""
    with house.database.reading() as store:
        found = drifting(store, journey, version=serving_version(house, journey))
    return any(episode.at > at for episode in found.values())


class Retraining:
    """Does what is due in a thread of its own, one at a time: other duties do not wait for it."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def begin(self, house: House) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=_at_the_edge, args=(house,), name="retraining", daemon=True)
            self._thread.start()


def _at_the_edge(house: House) -> None:
    try:
        retrain_due(house)
    except Exception:
        # A thread's edge: the database may be away; tomorrow is another day.
        log.exception("retraining.failed")


def _or_waits(house: House, done: Retrained, *, by: str) -> Retrained:
    """A better challenger takes over, unless topics would stop closing by it."""
    path = house.settings.model_root / KIND / done.journey / done.version
    missing = uncertified(house, done.journey, path)
    if missing:
        because = f"better, but not certified yet for {', '.join(missing)}; the old version goes on serving"
        return replace(done, outcome="waits", because=because)
    promote_version(house, done.journey, done.version, by=by, why="better on held-out customers")
    return replace(done, outcome="promoted")


def _closing(house: House, journey: str, model: TextModel) -> set[str]:
    """Topics that may close by themselves when this version of the model reads them."""
    folder = house.journeys.get(journey)
    digest = models_digest(version_of(model), house.photos.version(journey))
    with house.database.reading() as store:
        return {
            topic
            for topic in folder.journey.auto_close.topics
            if standing(store, folder, topic, model_digest=digest) is not None
        }


def _content(sets: Sets) -> str:
    """sha256 over the rows and over which cases they are of: it names the version."""
    cases = sorted(one.case_id for one in sets.labels)
    return hashlib.sha256(orjson.dumps(["retrained", content_digest(sets.training), cases])).hexdigest()


def _last_compared(house: House, journey: str) -> tuple[datetime | None, str]:
    """When a challenger of the journey was compared last, and its version."""
    with house.database.reading() as store:
        history = store.history(STREAM)
    for entry in reversed(history):
        if isinstance(entry.event, e.ModelCompared) and entry.event.model == f"{KIND}/{journey}":
            return entry.at, entry.event.challenger
    return None, ""


def _note(store: Store, house: House, job: Job, version: str, found: Comparison) -> None:
    """The training, once a version, and every comparison."""
    model = f"{KIND}/{job.name}"
    compared = e.ModelCompared(
        model=model, champion=job.champion, challenger=version, n=found.n, groups=found.groups,
        champion_accuracy=found.champion, challenger_accuracy=found.challenger, low=found.low, high=found.high,
        verdict=found.verdict, because=found.because, by=job.by, labels=len(job.labels),
    )  # fmt: skip
    note_training_in(store, house, model, registry.version_path(job.root, KIND, job.name, version), compared)
