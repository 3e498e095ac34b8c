"""How each topic that may close by itself stands, as pages and commands tell it; and how a person shuts one by hand.

What audits find and do by themselves: pipelines.observing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from cases import events as e
from cases.case import Entry
from cases.errors import NotAllowed
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.store import Store
from cases.vocabulary import Actor
from models.audit import FACTORS, LIMIT, median_delay
from models.certify import delta_prime
from pipelines.certificates import shut_at
from pipelines.evidence import Pipeline, serving
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.model_log import STREAM
from pipelines.observing import Audits, read_audits
from pipelines.shares import share_at
from pipelines.standing import rules_digest, standing

DAY, RECENT = timedelta(days=1), timedelta(days=28)

# --- by hand ---------------------------------------------------------------------------------------------------------


def shut_topic(house: House, journey: str, topic: str, *, by: str, why: str) -> bool:
    """A person stops a topic from closing by itself, by any model. False when it does not close today."""
    _known(house, journey, topic, why)

    def write(store: Store) -> bool:
        at = house.now()
        if not store.certificates.shut(journey, topic, at=at, because=f"{by}: {why}"):
            return False
        store.append(STREAM, [(e.TopicShut(journey, topic, by, why), Actor("person", by))], at=at)
        return True

    return write_in_turn(house.database, write)


def reopen_topic(house: House, journey: str, topic: str, *, by: str, why: str) -> list[str]:
    """Take back what a person shut: its certificates stand again, by id. What audits shut stays shut: NotAllowed."""
    _known(house, journey, topic, why)

    def write(store: Store) -> list[str]:
        last: Entry | None = None
        for entry in store.history(STREAM):
            match entry.event:
                case e.TopicShut() | e.TopicReopened() as event if (event.journey, event.topic) == (journey, topic):
                    last = entry
                case _:
                    continue
        if last is None or not isinstance(last.event, e.TopicShut):
            raise NotAllowed(f"opening {topic!r}", "nobody has shut it; casewright models certify tells how it stands")
        if last.actor.type != "person":
            raise NotAllowed(
                f"opening {topic!r}", "audits shut it; casewright models certify looks at labels gathered since then"
            )
        found = store.certificates.reopen(journey, topic, shut_at=last.at)
        store.append(STREAM, [(e.TopicReopened(journey, topic, by, why), Actor("person", by))], at=house.now())
        return found

    return write_in_turn(house.database, write)


def _known(house: House, journey: str, topic: str, why: str) -> None:
    folder = house.journeys.folders.get(journey)
    if folder is None:
        raise NotAllowed(f"journey {journey!r}", f"choose one of: {', '.join(house.journeys.names())}")
    if topic not in folder.journey.auto_close.topics:
        may = ", ".join(folder.journey.auto_close.topics) or "none; name some under auto_close"
        raise NotAllowed(f"topic {topic!r}", f"topics that may close by themselves in {journey}: {may}")
    if not why.strip():
        raise NotAllowed("this without a reason", "say why")


# --- how a topic stands ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditPoint:
    """One audit as it was observed, and where the evidence stood then."""

    when: datetime
    wrong: bool
    late: bool
    e: float
    detector: float


@dataclass(frozen=True, slots=True)
class TopicState:
    """One topic that may close by itself, under the model that serves.

    certificate: the one that stands, or that was shut last. level: delta', what the topic's promise may fail with.
    labels, n, k: verdicts that count, those at or above the threshold in the part that certifies, and the wrong ones
    of these; upper: their bound. needs: correct labels still missing there. gathered: labels by the looks. audited,
    errors, waiting: cases that people checked, the wrong ones, and the drawn ones that nobody has checked yet. e, peak,
    detector: the evidence, which acts at 1 / level and at limit. share: of closed cases that is audited now. delays:
    rise -> audits until it is found, in the median (None: practically never). drawn_a_day: audits at the present volume
    and share; closed_a_day: cases, from the same draws. label_delay_days: median from the closing of a case to its
    verdict. beside: what is certified and does not decide now: versions of the model, and `rules …` for other tables.
    """

    journey: str
    topic: str
    state: Literal["certified", "shadow", "shut"]
    alpha: float
    delta: float
    level: float
    certificate: str | None = None
    issued_at: datetime | None = None
    shut_at: datetime | None = None
    shut_because: str = ""
    threshold: float | None = None
    attempt: int = 1
    simulated: bool = False
    labels: int = 0
    n: int = 0
    k: int = 0
    upper: float = 1.0
    needs: int | None = None
    gathered: tuple[tuple[datetime, int], ...] = ()
    curve: tuple[e.RiskPoint, ...] = ()
    audits: tuple[AuditPoint, ...] = ()
    audited: int = 0
    errors: int = 0
    waiting: int = 0
    e: float = 1.0
    peak: float = 1.0
    detector: float = 0.0
    limit: float = LIMIT
    share: float = 0.0
    delays: tuple[tuple[int, int | None], ...] = ()
    drawn_a_day: float | None = None
    closed_a_day: float | None = None
    label_delay_days: float | None = None
    beside: tuple[str, ...] = ()

    @property
    def days_to_find(self) -> dict[int, float | None]:
        """Rise -> days until it is found, in the median, at the present volume and share; None when it is not known."""
        daily = self.drawn_a_day
        return {
            rise: None if audits is None or not daily else audits / daily + (self.label_delay_days or 0.0)
            for rise, audits in self.delays
        }


def standing_of(house: House, journey: str) -> tuple[TopicState, ...]:
    """Every topic of the journey that may close by itself, in the journey's order. Reads only what was noted: run
    `models certify` to look at the evidence anew.
    """
    pipeline = serving(house, journey)
    with house.database.reading() as store:
        history = store.history(STREAM)
        return tuple(
            _state_of(store, history, pipeline, topic, at=house.now())
            for topic in pipeline.folder.journey.auto_close.topics
        )


def _state_of(store: Store, history: Sequence[Entry], pipeline: Pipeline, topic: str, *, at: datetime) -> TopicState:
    folder, promise = pipeline.folder, pipeline.folder.journey.auto_close
    level = delta_prime(float(promise.delta), len(promise.topics))
    found = standing(store, folder, topic, model_digest=pipeline.digest)
    shut = shut_at(history, folder.name).get(topic)
    state = TopicState(
        folder.name, topic, "certified" if found else "shut" if shut else "shadow",
        float(promise.alpha), float(promise.delta), level,
        shut_at=None if found else shut,
        shut_because="" if found else _why_shut(history, folder.name, topic),
        beside=tuple(_beside(store.certificates.open(folder.name, topic), pipeline, rules_digest(folder, topic))),
        delays=tuple((rise, median_delay(float(promise.alpha), rise)) for rise in FACTORS),
    )  # fmt: skip
    looked = _looked(state, history, pipeline, since=shut)
    last = found or (_last_of(store, folder.name, topic) if shut else None)
    return looked if last is None else _watched(looked, read_audits(store, last.id), last, folder, at=at)


def _beside(open_: Sequence[Certificate], pipeline: Pipeline, rules: str) -> Iterator[str]:
    for one in open_:
        if one.model_digest != pipeline.digest:
            yield one.model_digest
        elif one.rules_digest != rules:
            yield f"rules {one.rules_digest[:12]}"


def _last_of(store: Store, journey: str, topic: str) -> Certificate | None:
    return next((one for one in reversed(store.certificates.all(journey)) if one.topic == topic), None)


def _why_shut(history: Sequence[Entry], journey: str, topic: str) -> str:
    shut = [one.event for one in history if isinstance(one.event, e.TopicShut)]
    return next((one.why for one in reversed(shut) if (one.journey, one.topic) == (journey, topic)), "")


def _looked(state: TopicState, history: Sequence[Entry], pipeline: Pipeline, *, since: datetime | None) -> TopicState:
    """With what the looks at this very version found, after the topic was last shut."""
    looks = [
        (one.at, one.event) for one in history
        if isinstance(one.event, e.CertificationTried)
        and (one.event.journey, one.event.topic) == (state.journey, state.topic)
        and one.event.model_digest == pipeline.digest
        and one.event.rules_digest == rules_digest(pipeline.folder, state.topic)
        and (since is None or one.at > since)
    ]  # fmt: skip
    if not looks:
        return state
    last = looks[-1][1]
    return replace(
        state, threshold=last.threshold, attempt=last.attempt, simulated=last.simulated, labels=last.labels,
        n=last.above, k=last.errors, upper=last.upper, needs=last.needs, curve=last.curve,
        gathered=tuple((at, one.labels) for at, one in looks),
    )  # fmt: skip


def _watched(
    state: TopicState, audits: Audits, certificate: Certificate, folder: JourneyFolder, *, at: datetime
) -> TopicState:
    """With what the audits under its certificate found."""
    evidence, drawn = audits.state(certificate.alpha), dict(audits.drawn)
    judged = [(when, one) for when, one in audits.observed if not one.late]
    delays = [(when - drawn[one.case]) / DAY for when, one in judged if one.case in drawn]
    share = share_at(folder.journey.auto_close, certificate, at)
    days = max(1.0, min(RECENT, at - certificate.issued_at) / DAY)
    lately = sum(when > at - RECENT for when in drawn.values()) / days
    return replace(
        state, certificate=certificate.id, issued_at=certificate.issued_at, threshold=certificate.threshold,
        attempt=certificate.attempt, audited=len(judged), errors=sum(one.wrong for _, one in judged),
        waiting=len(drawn) - len(audits.judged), e=evidence.e, peak=evidence.peak, detector=evidence.detector,
        audits=tuple(AuditPoint(when, one.wrong, one.late, one.e, one.detector) for when, one in audits.observed),
        share=share, drawn_a_day=lately or None, closed_a_day=lately / share or None,
        label_delay_days=median(delays) if delays else None,
    )  # fmt: skip
