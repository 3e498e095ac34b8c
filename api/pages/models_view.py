"""A topic and its journey's promises as the page of the models shows them: prepared sentences and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from api.pages.charts import Chart
from api.pages.models_charts import audit_chart, risk_chart
from api.pages.models_reading import TopicRead, nearest, says_something
from api.pages.spoken import Spoken
from api.pages.times import Pill
from models.audit import FACTORS
from pipelines.auditing import TopicState


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
    "certified": ("good", "circle-check"),
    "shadow": ("now", "eye-off"),
    "shut": ("late", "lock"),
}


def promises(topics: Sequence[TopicRead], spoken: Spoken) -> Promises:
    """The two promises with the journey's own figures; topics: at least one."""
    one, say, rise = topics[0].stands, spoken.say, FACTORS[0]
    audits = dict(one.delays)[rise]
    levels = "models.promise.levels" if len(topics) > 1 else "models.promise.levels_one"
    alpha, delta = spoken.share(one.alpha), spoken.share(one.delta)
    return Promises(
        certified=say("models.promise.certified", alpha=alpha, confidence=spoken.share(1 - one.delta)),
        afterwards=say(
            "models.promise.afterwards", x=rise, n=spoken.number(audits) if audits else say("models.delay.over")
        ),
        levels=say(levels, alpha=alpha, delta=delta, m=len(topics), share=spoken.share(one.level)),
        simulated=any(topic.stands.simulated for topic in topics),
    )


def topic_shown(topic: TopicRead, spoken: Spoken) -> TopicShown:
    say, stands = spoken.say, topic.stands
    kind, icon = _PILLS[stands.state]
    return TopicShown(
        key=stands.topic,
        title=topic.title,
        state=Pill(say(f"models.state.{stands.state}"), kind, icon),
        told=tuple(_told(topic, spoken)),
        figures=tuple(_figures(stands, spoken)),
        curve=risk_chart(stands, spoken) if says_something(stands) else None,
        audits=audit_chart(stands, spoken) if stands.audits else None,
        no_audits=say("models.audit.none" if stands.state == "certified" else "models.audit.not_open"),
        delays=tuple(_delays(stands, spoken)),
        delay_basis=_delay_basis(stands, spoken),
    )


def _told(topic: TopicRead, spoken: Spoken) -> list[str]:
    say, stands = spoken.say, topic.stands
    match stands.state:
        case "certified":
            threshold = spoken.number(stands.threshold or 0.0, digits=3)
            told = [say("models.told.certified", threshold=threshold)]
        case "shadow" if stands.needs is None:
            told = [say("models.told.shadow_unknown")]
        case "shadow":
            told = [say("models.told.shadow", needs=stands.needs)]
        case "shut":
            told = [say("models.told.shut", why=stands.shut_because)]
        case _:
            assert_never(stands.state)
    if topic.challenger_needs is not None:
        told.append(say("models.told.challenger", needs=topic.challenger_needs))
    return told


def _figures(topic: TopicState, spoken: Spoken) -> list[Figure]:
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
    if topic.certificate:
        figures += [
            named("audits", say("models.figure.audits_value", n=spoken.number(topic.audited), k=topic.errors)),
            named("open", spoken.number(topic.waiting)),
            named("share", spoken.share(topic.share, digits=0)),
        ]
    if topic.closed_a_day is not None:
        volume = spoken.number(topic.closed_a_day, digits=1)
        figures.append(named("volume", say("models.figure.volume_value", n=volume)))
    if topic.label_delay_days is not None:
        delay = spoken.number(topic.label_delay_days, digits=1)
        figures.append(named("delay", say("models.figure.delay_value", n=delay)))
    if topic.certificate:
        figures.append(
            named("certificate", topic.certificate, spoken.moment(topic.issued_at) if topic.issued_at else "")
        )
    return figures


def _delays(topic: TopicState, spoken: Spoken) -> list[tuple[str, str, str]]:
    """Rise, audits and days for each rise that is told."""
    say, rows, days_to_find = spoken.say, [], topic.days_to_find
    for rise, audits in topic.delays:
        if rise * topic.alpha >= 1:
            continue
        days = days_to_find[rise]
        found = say("models.delay.over") if audits is None else spoken.number(audits)
        rows.append((say("models.delay.rise_value", x=rise, share=spoken.share(rise * topic.alpha)), found,
                     "" if audits is None else _in_days(days, spoken)))  # fmt: skip
    return rows


def _in_days(days: float | None, spoken: Spoken) -> str:
    if days is None:
        return spoken.say("models.delay.unknown")
    return spoken.say("models.delay.days_value", n=spoken.number(days, digits=0))


def _delay_basis(topic: TopicState, spoken: Spoken) -> str:
    if topic.closed_a_day is None:
        return spoken.say("models.delay.no_basis")
    volume, share = spoken.number(topic.closed_a_day, digits=1), spoken.share(topic.share, digits=0)
    if topic.label_delay_days is None:
        return spoken.say("models.delay.basis_open", volume=volume, share=share)
    delay = spoken.number(topic.label_delay_days, digits=1)
    return spoken.say("models.delay.basis", volume=volume, share=share, delay=delay)
