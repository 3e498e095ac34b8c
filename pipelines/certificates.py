"""Trying for the auto-close certificates of a journey's topics: what counts as evidence, and looking at it.

The statistics are in models.certify. Evidence is the reserve only: blind verdicts on cases that the present model and
rules would close, from imported history and from the shadow phase.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cases import events as e
from cases import steps
from cases.case import Case, Entry
from cases.facts import Fact, Person
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.store import Store
from cases.vocabulary import SYSTEM, FileKind, FileStatus
from models.certify import Certificate as Verdict
from models.certify import ScoredCase, attempt_delta, certify, in_reserve, more_clean_labels
from pipelines.house import House
from pipelines.stages.enrich import answers_of
from pipelines.stages.understand import listen, text_of, understood
from pipelines.standing import rules_digest

STREAM = "models"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Blind verdicts of one journey, as the certificate wants them, and whether some of them are simulated."""

    rows: tuple[ScoredCase, ...]
    simulated: bool


def gather(house: House, journey: str) -> Evidence:
    """Every blind verdict of the reserve on a case that the present pipeline would close but for the threshold."""
    folder = house.journeys.get(journey)
    with house.database.reading() as store:
        histories = store.histories(store.case_ids(journey=journey))
    imported = [entries[0].event for entries in histories.values() if isinstance(entries[0].event, e.CaseImported)]
    blind = [one for one in imported if one.blind and in_reserve(house.keys.reserve, one.customer)]
    rows = _scored(blind, folder, house)
    rows += [row for entries in histories.values() if (row := _shadow_verdict(entries, folder, house)) is not None]
    return Evidence(tuple(rows), simulated=any(one.simulated for one in blind))


def try_certify(house: House, journey: str) -> list[e.CertificationTried]:
    """Look at the evidence of each enabled topic once, note the look, and open a certificate where it is enough."""
    folder = house.journeys.get(journey)
    promise = folder.journey.auto_close
    if not promise.topics:
        return []
    house.texts.of(journey)
    model_digest = house.texts.version(journey)
    evidence = gather(house, journey)
    with house.database.reading() as store:
        before = _looks(store, folder, model_digest)
    outcomes = certify(
        evidence.rows,
        alpha=float(promise.alpha),
        delta=float(promise.delta),
        key=house.keys.reserve,
        m=len(promise.topics),
        taus={topic: look.threshold for topic, look in before.items() if look.threshold is not None},
        attempts={topic: look.attempt for topic, look in before.items()},
    )
    by_topic = {found.topic: found for found in outcomes}
    level = float(promise.delta) / len(promise.topics)
    tried = []
    with house.database.writing() as store:
        for topic, look in before.items():
            found = by_topic.get(topic) or _none_yet(
                topic, alpha=float(promise.alpha), level=attempt_delta(level, look.attempt)
            )
            event = e.CertificationTried(
                certificate=f"{journey}.{found.topic}.{look.number}",
                journey=journey,
                topic=found.topic,
                model_digest=model_digest,
                rules_digest=rules_digest(folder, found.topic),
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
                simulated=evidence.simulated,
            )
            tried.append(event)
            if _note(store, event, look, house) and event.certified:
                _open(store, event, delta=float(promise.delta), house=house)
    return tried


@dataclass(frozen=True, slots=True)
class _Look:
    """What the last look at a topic left: its threshold is kept, a new choice of one is a new attempt."""

    number: int = 1
    attempt: int = 1
    threshold: float | None = None
    last: e.CertificationTried | None = None


def _looks(store: Store, folder: JourneyFolder, model_digest: str) -> dict[str, _Look]:
    looks = dict.fromkeys(folder.journey.auto_close.topics, _Look())
    for entry in store.history(STREAM):
        event = entry.event
        if not isinstance(event, e.CertificationTried) or event.journey != folder.name or event.topic not in looks:
            continue
        same = event.model_digest == model_digest and event.rules_digest == rules_digest(folder, event.topic)
        look = looks[event.topic]
        chosen = event.threshold is not None
        looks[event.topic] = _Look(
            number=look.number + 1,
            attempt=event.attempt if same or not chosen else event.attempt + 1,
            threshold=event.threshold if same else None,
            last=event,
        )
    return looks


def _note(store: Store, event: e.CertificationTried, look: _Look, house: House) -> bool:
    """Write the look down, unless it found exactly what the last one found."""
    if look.last is not None and _said(replace(look.last, certificate=event.certificate)) == _said(event):
        return False
    store.append(STREAM, [(event, SYSTEM)], at=house.now())
    return True


def _said(event: e.CertificationTried) -> str:
    """As it is stored: in memory numbers have more places."""
    return e.write_event(event)


def _open(store: Store, event: e.CertificationTried, *, delta: float, house: House) -> None:
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


def _scored(imported: Sequence[e.CaseImported], folder: JourneyFolder, house: House) -> list[ScoredCase]:
    """Past cases through today's pipeline: those it would close, with what the blind decider chose instead."""
    cases = [_as_new(one) for one in imported]
    texts = [text_of(case) for case in cases]
    model = house.texts.of(folder.name)
    predictions = model.predict([text.text for text in texts], house.texts.embed([text.text for text in texts]))
    rows = []
    heard = listen(cases, texts, house)
    version = house.texts.version(folder.name)
    for one, case, text, prediction, sign in zip(imported, cases, texts, predictions, heard, strict=True):
        if prediction.scope == "out":
            continue
        read = understood(case, folder, text, prediction, version=version, routed=None, heard=sign)
        whole = replace(case, understood=replace(read, facts=read.facts + case.stated), stated=())
        whole = replace(whole, enriched=e.Enriched(answers_of(whole, folder, house)))
        option = steps.would_close(whole, folder)
        if option is not None and read.topic in folder.journey.auto_close.topics:
            rows.append(ScoredCase(read.topic, read.confidence, one.outcome != option, one.customer))
    return rows


def _as_new(one: e.CaseImported) -> Case:
    """An imported case as if its message came in today."""
    photos = tuple(
        e.FileSeen(f"import.{i}", "", "", 0, "image/jpeg", FileKind.PHOTO, FileStatus.RECEIVED)
        for i in range(one.photos)
    )
    message = e.MessageAdded("import", "import", one.customer, "", one.text, one.received_at, files=photos)
    facts = tuple(Fact(name, value, 1.0, (Person(one.decided_by),)) for name, value in one.facts)
    return Case(one.reference, 1, journey=one.journey, language=one.language, messages=(message,), stated=facts)


def _shadow_verdict(entries: Sequence[Entry], folder: JourneyFolder, house: House) -> ScoredCase | None:
    """The verdict of a person who decided a shadow case blind, if model and rules are still those of today."""
    shadow: e.StepDecided | None = None
    read: e.Understood | None = None
    sender = ""
    for entry in entries:
        match entry.event:
            case e.CaseOpened() as opened:
                sender = opened.sender
            case e.Understood() as understood_now:
                read = understood_now
            case e.StepDecided() as step:
                shadow = step if step.shadow else None
            case e.HumanDecided(blind=True, choice=choice) if shadow is not None and read is not None:
                same = read.model_version == house.texts.version(folder.name) and (
                    shadow.read is not None and shadow.read.digest == folder.root_digest
                )
                if not same or choice in ("need_more", "escalate") or not in_reserve(house.keys.reserve, sender):
                    return None
                return ScoredCase(shadow.topic, shadow.score or 0.0, choice != shadow.option, sender)
            case _:
                continue
    return None
