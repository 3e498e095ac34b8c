"""What the page of the models shows, read from the log, the certificates and the registry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from api.pages.models_facts import RISES, Audited, AuditPoint, RiskPoint, State, TopicFacts
from cases import events as e
from cases.case import Entry
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.store import Store
from models.audit import LIMIT, median_delay
from pipelines.certificates import STREAM, shut_at
from pipelines.drift import serving_version
from pipelines.house import House
from pipelines.shares import audits_of, share_at
from pipelines.standing import standing

LATELY = timedelta(days=28)  # over which the present volume is taken
DAY = timedelta(days=1)


def topics_of(house: House, store: Store, folder: JourneyFolder, *, language: str) -> list[TopicFacts]:
    """One for each topic that may close by itself, in the journey's order."""
    version = serving_version(house, folder.name) or ""
    history = store.history(STREAM)
    topics = folder.journey.auto_close.topics
    return [_topic(store, folder, key, history, version=version, now=house.now(), language=language) for key in topics]


def _topic(
    store: Store, folder: JourneyFolder, key: str, history: Sequence[Entry], *,
    version: str, now: datetime, language: str,
) -> TopicFacts:  # fmt: skip
    promise = folder.journey.auto_close
    tried = [
        entry.event
        for entry in history
        if isinstance(entry.event, e.CertificationTried)
        and (entry.event.journey, entry.event.topic) == (folder.name, key)
    ]
    looked = next((one for one in reversed(tried) if one.model_digest == version), None)
    stands = standing(store, folder, key, model_digest=version)
    certificate = store.certificates.get(stands.id) if stands is not None else None
    shut = shut_at(history, folder.name)
    alpha = float(promise.alpha)
    state = State.CERTIFIED if certificate else State.SHUT if key in shut else State.BLIND
    audited, volume, delay = _audited(store, folder, certificate, now) if certificate else (None, None, None)
    return TopicFacts(
        key=key,
        title=folder.worded(folder.journey.topics[key].title, language),
        state=state,
        alpha=alpha,
        delta=float(promise.delta),
        level=float(promise.delta) / len(promise.topics),
        certificate=certificate.id if certificate else "",
        since=certificate.issued_at if certificate else shut.get(key),
        why=_why(history, folder.name, key),
        threshold=certificate.threshold if certificate else None,
        n=looked.above if looked else 0,
        k=looked.errors if looked else 0,
        upper=looked.upper if looked else 1.0,
        needs=looked.needs if looked else None,
        challenger_needs=_of_challenger(tried, version) if certificate else None,
        curve=tuple(RiskPoint(p.coverage, p.threshold, p.observed, p.upper) for p in looked.curve) if looked else (),
        audited=audited,
        delays={rise: median_delay(alpha, rise) for rise in RISES},
        volume=volume,
        label_delay=delay,
        simulated=looked.simulated if looked else False,
    )


def _why(history: Sequence[Entry], journey: str, topic: str) -> str:
    """Why the topic was last shut; "" when it never was."""
    for entry in reversed(history):
        if isinstance(entry.event, e.TopicShut) and (entry.event.journey, entry.event.topic) == (journey, topic):
            return entry.event.why
    return ""


def _of_challenger(tried: Sequence[e.CertificationTried], version: str) -> int | None:
    """What the version after the serving one still needs; None when none was tried since, or it is certified."""
    last = tried[-1] if tried else None
    return last.needs if last is not None and last.model_digest != version and not last.certified else None


def _audited(
    store: Store, folder: JourneyFolder, certificate: Certificate, now: datetime
) -> tuple[Audited, float | None, float | None]:
    """The audits under a certificate, cases that close a day (by the draws), and the median days to a verdict."""
    entries = store.history(audits_of(certificate.id))
    drawn = {one.event.case: one.at for one in entries if isinstance(one.event, e.AuditDrawn)}
    observed = [(one.at, one.event) for one in entries if isinstance(one.event, e.AuditObserved)]
    judged = [(at, event) for at, event in observed if not event.late]
    share = share_at(folder.journey.auto_close, certificate, now)
    audited = Audited(
        decided=len(judged),
        wrong=sum(event.wrong for _, event in judged),
        waiting=len(drawn.keys() - {event.case for _, event in observed}),
        share=share,
        limit=LIMIT,
        broken=len(folder.journey.auto_close.topics) / certificate.delta,
        series=tuple(AuditPoint(i + 1, event.e, event.detector) for i, (_, event) in enumerate(observed)),
    )
    begin = max(certificate.issued_at, now - LATELY)
    lately = sum(at >= begin for at in drawn.values())
    volume = lately / share / max((now - begin) / DAY, 1.0) if lately else None
    waits = [(at - drawn[event.case]) / DAY for at, event in judged if event.case in drawn]
    return audited, volume, median(waits) if waits else None
