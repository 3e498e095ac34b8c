"""A topic and its journey's promises as the page of the models shows them: prepared sentences and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from api.pages.charts import Chart
from api.pages.models_charts import audit_chart, risk_chart
from api.pages.models_facts import RISES, State, TopicFacts, nearest, says_something
from api.pages.spoken import Spoken
from api.pages.times import Pill


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TopicShown:
    key: str
    title: str
    state: Pill
    told: tuple[str, ...]
    figures: tuple[Figure, ...]
    curve: Chart | None
    audits: Chart | None
    no_audits: str
    delays: tuple[tuple[str, str, str], ...]
    delay_basis: str


@dataclass(frozen=True, slots=True)
class Promises:
    certified: str
    afterwards: str
    levels: str
    simulated: bool


_PILLS = {
    State.CERTIFIED: ("good", "circle-check"),
    State.BLIND: ("now", "eye-off"),
    State.SHUT: ("late", "lock"),
    State.OFF: ("", "user"),
}


def promises(topics: Sequence[TopicFacts], spoken: Spoken) -> Promises:
    """The two promises with the journey's own figures; topics: at least one."""
    one, say = topics[0], spoken.say
    audits = (one.delays or {}).get(RISES[0])
    levels = "models.promise.levels" if len(topics) > 1 else "models.promise.levels_one"
    alpha, delta = spoken.share(one.alpha), spoken.share(one.delta)
    return Promises(
        certified=say("models.promise.certified", alpha=alpha, confidence=spoken.share(1 - one.delta)),
        afterwards=say(
            "models.promise.afterwards", x=RISES[0], n=spoken.number(audits) if audits else say("models.delay.over")
        ),
        levels=say(levels, alpha=alpha, delta=delta, m=len(topics), share=spoken.share(one.level)),
        simulated=any(topic.simulated for topic in topics),
    )


def topic_shown(topic: TopicFacts, spoken: Spoken) -> TopicShown:
    say = spoken.say
    kind, icon = _PILLS[topic.state]
    return TopicShown(
        key=topic.key,
        title=topic.title,
        state=Pill(say(f"models.state.{topic.state}"), kind, icon),
        told=tuple(_told(topic, spoken)),
        figures=tuple(_figures(topic, spoken)),
        curve=risk_chart(topic, spoken) if says_something(topic) else None,
        audits=audit_chart(topic.audited, spoken) if topic.audited and topic.audited.series else None,
        no_audits=say("models.audit.none" if topic.state is State.CERTIFIED else "models.audit.not_open"),
        delays=tuple(_delays(topic, spoken)),
        delay_basis=_delay_basis(topic, spoken),
    )


def _told(topic: TopicFacts, spoken: Spoken) -> list[str]:
    say = spoken.say
    match topic.state:
        case State.CERTIFIED:
            threshold = spoken.number(topic.threshold or 0.0, digits=3)
            told = [say("models.told.certified", threshold=threshold)]
        case State.BLIND if topic.needs is None:
            told = [say("models.told.blind_unknown")]
        case State.BLIND:
            told = [say("models.told.blind", needs=topic.needs)]
        case State.SHUT:
            told = [say("models.told.shut", why=topic.why)]
        case State.OFF:
            told = [say("models.off_how")]
        case _:
            assert_never(topic.state)
    if topic.challenger_needs is not None:
        told.append(say("models.told.challenger", needs=topic.challenger_needs))
    return told


def _figures(topic: TopicFacts, spoken: Spoken) -> list[Figure]:
    say = spoken.say

    def named(key: str, value: str, note: str = "") -> Figure:
        return Figure(say(f"models.figure.{key}"), value, note)

    figures = []
    if topic.threshold is not None:
        figures.append(named("threshold", spoken.number(topic.threshold, digits=3)))
    if topic.n:
        note = say(
            "models.figure.upper_note", confidence=spoken.share(1 - topic.level), alpha=spoken.share(topic.alpha)
        )
        figures.append(named("upper", spoken.bound(topic.upper), note))
    figures.append(named("labels", say("models.figure.labels_value", n=spoken.number(topic.n), k=topic.k)))
    if topic.needs is not None:
        more = say("models.figure.needs_value", n=spoken.number(topic.needs))
        figures.append(named("needs", more if topic.needs else say("models.figure.needs_none")))
    here = nearest(topic)
    if here is not None:
        figures.append(named("coverage", spoken.share(here.coverage, digits=0), say("models.figure.coverage_note")))
    if topic.audited is not None:
        audits = topic.audited
        figures += [
            named("audits", say("models.figure.audits_value", n=spoken.number(audits.decided), k=audits.wrong)),
            named("open", spoken.number(audits.waiting)),
            named("share", spoken.share(audits.share, digits=0)),
        ]
    if topic.volume is not None:
        figures.append(named("volume", say("models.figure.volume_value", n=spoken.number(topic.volume, digits=1))))
    if topic.label_delay is not None:
        delay = spoken.number(topic.label_delay, digits=1)
        figures.append(named("delay", say("models.figure.delay_value", n=delay)))
    if topic.certificate:
        figures.append(named("certificate", topic.certificate, spoken.moment(topic.since) if topic.since else ""))
    return figures


def _delays(topic: TopicFacts, spoken: Spoken) -> list[tuple[str, str, str]]:
    """Rise, audits and days for each rise that is told."""
    if topic.delays is None:
        return []
    say, rows = spoken.say, []
    for rise in [rise for rise in RISES if rise * topic.alpha < 1]:
        audits = topic.delays.get(rise)
        days = days_until(audits, topic)
        rows.append(
            (
                say("models.delay.rise_value", x=rise, share=spoken.share(rise * topic.alpha)),
                say("models.delay.over") if audits is None else spoken.number(audits),
                say("models.delay.unknown")
                if days is None
                else say("models.delay.days_value", n=spoken.number(days, digits=0)),
            )
        )
    return rows


def days_until(audits: int | None, topic: TopicFacts) -> float | None:
    """Days until so many audits are drawn and decided, at the present volume and share; None when that is unknown."""
    if audits is None or topic.audited is None or not topic.volume or not topic.audited.share:
        return None
    return audits / (topic.volume * topic.audited.share) + (topic.label_delay or 0.0)


def _delay_basis(topic: TopicFacts, spoken: Spoken) -> str:
    if topic.audited is None or not topic.volume:
        return spoken.say("models.delay.no_basis")
    volume, share = spoken.number(topic.volume, digits=1), spoken.share(topic.audited.share, digits=0)
    if topic.label_delay is None:
        return spoken.say("models.delay.basis_open", volume=volume, share=share)
    delay = spoken.number(topic.label_delay, digits=1)
    return spoken.say("models.delay.basis", volume=volume, share=share, delay=delay)
