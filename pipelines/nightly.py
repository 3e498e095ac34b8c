"""Certifying by itself, once a day: what decides now, and tables that are to come, before they do."""

from collections.abc import Sequence

import structlog

from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.store.store import Store
from models.certify import TUNING_SHARE, ScoredCase, attempt_delta, delta_prime, more_clean_labels
from models.errors import ModelError
from pipelines.certificates import Look, certify_pipeline
from pipelines.drift import serving_version
from pipelines.evidence import Pipeline, serving
from pipelines.house import House
from pipelines.journeys import JourneyRefused
from pipelines.rulebook.versions import books, stream_of
from pipelines.standing import rules_digest, standing

log = structlog.get_logger()


def certify_due(house: House) -> list[e.CertificationTried]:
    """Of every journey: look at the topics without a certificate for which enough labels came. Safe to run twice.

    A threshold that was chosen is kept, so the first look at a version waits until its labels could certify if all of
    them were right. From then on each new label is worth a look, and costs no certainty.
    """
    tried = []
    for journey in house.journeys.names():
        if not house.journeys.get(journey).journey.auto_close.topics or serving_version(house, journey) is None:
            continue
        try:
            tried += _of_journey(house, journey)
        except (ModelError, JourneyRefused) as error:  # one journey's trouble is not another's
            log.error("certification.failed", journey=journey, error=type(error).__name__)  # noqa: TRY400  # may hold words
    return tried


def coming(house: House, folder: JourneyFolder) -> list[JourneyFolder]:
    """The journey as it may decide later: with a table that answers in shadow, and from each day on which a version
    that is published already begins. Raises JourneyRefused for a version that does not fit the journey any more.
    """
    found = [other for _, _, other in house.journeys.shadows(folder)]
    rulebook = house.journeys.rulebook
    if rulebook is None:
        return found
    with house.database.reading() as store:
        known = books(store.history(stream_of(folder.name)))
    begins = {version.effective_from for book in known.values() for version in book.versions}
    return [*found, *(rulebook.in_place(folder, day) for day in sorted(begins) if day > house.now().date())]


def _of_journey(house: House, journey: str) -> list[e.CertificationTried]:
    now = serving(house, journey)
    tried = certify_pipeline(house, now, worth=_Due(house, ()))
    for folder in coming(house, now.folder):
        tried += certify_pipeline(house, Pipeline(now.model, folder, now.photo), worth=_Due(house, (now.folder,)))
    return tried


class _Due:
    """Whether a look at a topic is worth it. others: journeys that speak for it already where its rows are the same."""

    def __init__(self, house: House, others: Sequence[JourneyFolder]) -> None:
        self._house, self._others = house, others

    def __call__(self, pipeline: Pipeline, topic: str, look: Look, rows: Sequence[ScoredCase]) -> bool:
        digest = rules_digest(pipeline.folder, topic)
        if any(rules_digest(other, topic) == digest for other in self._others):
            return False
        with self._house.database.reading() as store:
            if _closes(store, pipeline, topic):
                return False
        return _has_news(pipeline, topic, look, rows)


def _closes(store: Store, pipeline: Pipeline, topic: str) -> bool:
    return standing(store, pipeline.folder, topic, model_digest=pipeline.digest) is not None


def _has_news(pipeline: Pipeline, topic: str, look: Look, rows: Sequence[ScoredCase]) -> bool:
    promise = pipeline.folder.journey.auto_close
    labels = len({row.group for row in rows if row.topic == topic})
    if look.threshold is not None:
        return look.last is None or labels > look.last.labels
    level = attempt_delta(delta_prime(float(promise.delta), len(promise.topics)), look.attempt)
    return labels * (1 - TUNING_SHARE) >= more_clean_labels(0, 0, float(promise.alpha), level)
