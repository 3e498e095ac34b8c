"""What the page of the models knows of a topic: plain figures, whoever gathered them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

RISES = (2, 3, 5, 10)  # times alpha


class State(StrEnum):
    """How a topic stands: closes by itself, gathers verdicts, was shut, or may not close at all."""

    CERTIFIED = auto()
    BLIND = auto()
    SHUT = auto()
    OFF = auto()


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """At one threshold: coverage 0..1 of the population, share of errors seen, and its upper bound."""

    coverage: float
    threshold: float
    observed: float
    upper: float


@dataclass(frozen=True, slots=True)
class AuditPoint:
    """After that many audits: where the e-process and the detector stood."""

    number: int
    e: float
    detector: float


@dataclass(frozen=True, slots=True)
class Audited:
    """Blind audits under one certificate. share: drawn, 0..1; limit, broken: where detector and e-process act."""

    decided: int
    wrong: int
    waiting: int
    share: float
    limit: float
    broken: float
    series: tuple[AuditPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic that may close by itself.

    n, k: verdicts at or above the threshold, and the wrong ones; needs: correct ones still missing, None when nobody
    looked yet. delays: rise -> audits until it is found, in the median (None: practically never). volume: cases that
    close a day, None when none do; label_delay: median days until an audit's verdict. challenger_needs: of the next
    version, while it is being certified beside this one.
    """

    key: str
    title: str
    state: State
    alpha: float
    delta: float
    level: float
    certificate: str = ""
    since: datetime | None = None
    why: str = ""
    threshold: float | None = None
    n: int = 0
    k: int = 0
    upper: float = 1.0
    needs: int | None = None
    challenger_needs: int | None = None
    curve: tuple[RiskPoint, ...] = ()
    audited: Audited | None = None
    delays: Mapping[int, int | None] | None = None
    volume: float | None = None
    label_delay: float | None = None
    simulated: bool = False


def says_something(topic: TopicFacts) -> bool:
    """Whether there are enough verdicts for a curve: several points, and one that bounds anything."""
    return len(topic.curve) > 1 and min(point.upper for point in topic.curve) < 1


def nearest(topic: TopicFacts) -> RiskPoint | None:
    """The point of the curve at the threshold; None without both."""
    if topic.threshold is None or not topic.curve:
        return None
    threshold = topic.threshold
    return min(topic.curve, key=lambda point: abs(point.threshold - threshold))
