"""Trying for the auto-close certificates of a journey's topics, for the model that serves or one that is to follow it.

The statistics are in models.certify, what counts as evidence in pipelines.evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases import events as e
from cases.case import Entry
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from models.certify import Certificate as Verdict
from models.certify import (
    RiskPoint,
    ScoredCase,
    attempt_delta,
    certify,
    delta_prime,
    more_clean_labels,
    risk_coverage,
)
from models.labels import topic_key
from models.text import TextModel
from pipelines.evidence import Pipeline, gather, serving
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.model_log import STREAM
from pipelines.standing import rules_digest


def try_certify(house: House, journey: str) -> list[e.CertificationTried]:
    """Look at the evidence of each enabled topic once, note the look, and open a certificate where it is enough.

    A certificate that stands is left alone: the evidence gathered against it by audits goes on with it.
    """
    return certify_pipeline(house, serving(house, journey))


def certify_version(
    house: House, journey: str, model: TextModel, *, folder: JourneyFolder | None = None
) -> list[e.CertificationTried]:
    """As try_certify, for another version of the model, or of the journey: it is certified beside the one that serves,
    which goes on to close under its own certificates. Those of the new version wait until it serves.
    """
    speaking = replace(model, labels=tuple(topic_key(label) for label in model.labels))
    photo = house.photos.version(journey)
    return certify_pipeline(house, Pipeline(speaking, folder or house.journeys.get(journey), photo))


def certify_pipeline(house: House, pipeline: Pipeline, *, worth: "Worth | None" = None) -> list[e.CertificationTried]:
    """As try_certify, for one model and the journey as given. worth: which topics to look at, all when left out."""
    folder, promise = pipeline.folder, pipeline.folder.journey.auto_close
    if not promise.topics:
        return []
    evidence = gather(house, folder.name, pipeline)
    with house.database.reading() as store:
        history = store.history(STREAM)
    before, shut = _looks(history, pipeline), shut_at(history, folder.name)
    rows = evidence.since(shut)
    if worth is not None:
        before = {topic: look for topic, look in before.items() if worth(pipeline, topic, look, rows)}
    outcomes = certify(
        rows,
        alpha=float(promise.alpha),
        delta=float(promise.delta),
        key=house.keys.reserve,
        m=len(promise.topics),
        taus={topic: look.threshold for topic, look in before.items() if look.threshold is not None},
        attempts={topic: look.attempt for topic, look in before.items()},
    )
    by_topic = {found.topic: found for found in outcomes}
    tried = [
        _tried(pipeline, topic, by_topic.get(topic), look, rows, house=house, simulated=evidence.simulated)
        for topic, look in before.items()
    ]

    def write(store: Store) -> None:
        if shut_at(store.history(STREAM), folder.name) != shut:
            return  # a topic was shut while we looked: the next look begins from there
        for event, look in zip(tried, before.values(), strict=True):
            _note(store, event, look, house)
            if event.certified:
                _open(store, event, delta=float(promise.delta), house=house)

    write_in_turn(house.database, write)
    return tried


def _tried(
    pipeline: Pipeline, topic: str, found: Verdict | None, look: "Look", rows: Sequence[ScoredCase], *,
    house: House, simulated: bool,
) -> e.CertificationTried:  # fmt: skip
    folder, promise = pipeline.folder, pipeline.folder.journey.auto_close
    level = attempt_delta(delta_prime(float(promise.delta), len(promise.topics)), look.attempt)
    found = found or _none_yet(topic, alpha=float(promise.alpha), level=level)
    mine = [row for row in rows if row.topic == topic]
    return e.CertificationTried(
        certificate=f"{folder.name}.{topic}.{look.number}",
        journey=folder.name,
        topic=topic,
        model_digest=pipeline.digest,
        rules_digest=rules_digest(folder, topic),
        alpha=float(promise.alpha),
        delta=found.delta,
        attempt=look.attempt,
        labels=found.n,
        errors=found.k,
        above=found.n_above,
        upper=found.upper,
        certified=found.certified,
        needs=found.needs,
        threshold=found.tau,
        method="betting",
        simulated=simulated,
        curve=tuple(_point(one) for one in risk_coverage(mine, delta=found.delta, key=house.keys.reserve)),
    )


def _point(one: RiskPoint) -> e.RiskPoint:
    return e.RiskPoint(one.coverage, one.threshold, one.observed, one.upper)


@dataclass(frozen=True, slots=True)
class Look:
    """What the last look at a topic left: its threshold is kept, a new choice of one is a new attempt.

    last: the last look at this very version, None before the first and after a shut.
    """

    number: int = 1
    attempt: int = 1
    threshold: float | None = None
    last: e.CertificationTried | None = None


Worth = Callable[[Pipeline, str, Look, Sequence[ScoredCase]], bool]


def _looks(history: Sequence[Entry], pipeline: Pipeline) -> dict[str, Look]:
    """By topic. Every version that was ever tried counts, since each choice of a threshold was another chance.

    After a shut nothing of before is kept: neither the threshold nor the labels that it was chosen by.
    """
    folder, alpha = pipeline.folder, float(pipeline.folder.journey.auto_close.alpha)
    looks = dict.fromkeys(folder.journey.auto_close.topics, Look())
    shut = shut_at(history, folder.name)
    for entry in history:
        event = entry.event
        if not isinstance(event, e.CertificationTried) or event.journey != folder.name or event.topic not in looks:
            continue
        look = looks[event.topic]
        same = (
            event.model_digest == pipeline.digest
            and event.rules_digest == rules_digest(folder, event.topic)
            and event.alpha == alpha
            and (event.topic not in shut or entry.at > shut[event.topic])
        )
        kept = look.threshold is not None
        chosen = event.threshold is not None
        if same:
            looks[event.topic] = Look(look.number + 1, event.attempt, event.threshold, event)
        else:
            looks[event.topic] = Look(
                look.number + 1,
                look.attempt if kept or not chosen else max(look.attempt, event.attempt + 1),
                look.threshold,
                look.last,
            )
    return looks


def shut_at(history: Sequence[Entry], journey: str) -> dict[str, datetime]:
    """When each topic of a journey was last shut and not opened again by a person: only later labels count."""
    shut: dict[str, datetime] = {}
    for entry in history:
        match entry.event:
            case e.TopicShut(topic=topic) as event if event.journey == journey:
                shut[topic] = entry.at
            case e.TopicReopened(topic=topic) as event if event.journey == journey:
                shut.pop(topic, None)
            case _:
                continue
    return shut


def _note(store: Store, event: e.CertificationTried, look: Look, house: House) -> None:
    """Write the look down, unless it found exactly what the last one found."""
    if look.last is None or _said(replace(look.last, certificate=event.certificate)) != _said(event):
        store.append(STREAM, [(event, SYSTEM)], at=house.now())


def _said(event: e.CertificationTried) -> str:
    """As it is stored: in memory numbers have more places."""
    return e.write_event(event)


def _open(store: Store, event: e.CertificationTried, *, delta: float, house: House) -> None:
    """Unless one stands for as much already: a new one would make the audits forget what they have found."""
    held = store.certificates.of_version(
        event.journey, event.topic, model_digest=event.model_digest, rules_digest=event.rules_digest
    )
    if held is not None and held.alpha <= event.alpha and held.delta <= delta:
        return
    store.certificates.put(
        Certificate(
            id=event.certificate,
            journey=event.journey,
            topic=event.topic,
            threshold=event.threshold or 0.0,
            alpha=event.alpha,
            delta=delta,
            attempt=event.attempt,
            model_digest=event.model_digest,
            rules_digest=event.rules_digest,
            issued_at=house.now(),
        )
    )


def _none_yet(topic: str, *, alpha: float, level: float) -> Verdict:
    return Verdict(topic, 0, None, 0, 0, 1.0, certified=False, needs=more_clean_labels(0, 0, alpha, level), delta=level)
