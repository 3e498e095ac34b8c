"""Tiles and tables of the page of the models: drift, versions and comparisons, row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.pages.models_reading import TopicRead
from api.pages.spoken import Spoken
from api.pages.times import Pill
from cases import events as e
from cases.case import Entry
from models.drift import Finding, Measure
from models.registry import Registered
from pipelines.drift import Episode, Look


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    value: str
    pill: Pill | None


@dataclass(frozen=True, slots=True)
class DriftShown:
    name: str
    value: str
    usual: str
    p: str
    cases: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class VersionShown:
    kind: str
    version: str
    serves: str
    waits: str
    accuracy: str
    ece: str
    n: str
    made: str
    trained_on: str


@dataclass(frozen=True, slots=True)
class ComparisonShown:
    at: str
    champion: str
    challenger: str
    difference: str
    held_out: str
    because: str
    pill: Pill


def tiles(topics: Sequence[TopicRead], cards: Sequence[Registered], looked: Look, spoken: Spoken) -> tuple[Tile, ...]:
    return (_certified(topics, spoken), _audits(topics, spoken), _model(cards, spoken), _drift(looked, spoken))


def _certified(topics: Sequence[TopicRead], spoken: Spoken) -> Tile:
    say, name = spoken.say, spoken.say("models.tile.certified")
    by_state = Counter(topic.stands.state for topic in topics)
    if not topics:
        return Tile(name, "0", Pill(say("models.tile.certified_none")))
    value = say("models.tile.certified_of", n=by_state["certified"], m=len(topics))
    if by_state["shut"]:
        return Tile(name, value, Pill(say("models.tile.shut", n=by_state["shut"]), "late", "lock"))
    if by_state["shadow"]:
        return Tile(name, value, Pill(say("models.tile.waiting", n=by_state["shadow"]), "now", "eye-off"))
    return Tile(name, value, Pill(say("models.tile.all"), "good", "circle-check"))


def _audits(topics: Sequence[TopicRead], spoken: Spoken) -> Tile:
    say, name = spoken.say, spoken.say("models.tile.audits")
    decided, wrong = sum(topic.stands.audited for topic in topics), sum(topic.stands.errors for topic in topics)
    waiting = sum(topic.stands.waiting for topic in topics)
    if decided:
        return Tile(
            name, spoken.number(decided), Pill(say("models.tile.audits_wrong", n=wrong), "late" if wrong else "")
        )
    pill = say("models.tile.audits_open", n=waiting) if waiting else say("models.tile.audits_none")
    return Tile(name, "0", Pill(pill))


def _model(cards: Sequence[Registered], spoken: Spoken) -> Tile:
    say, name = spoken.say, spoken.say("models.tile.model")
    report: dict[str, Any] = next(
        (one.card.get("report", {}) for one in cards if one.is_current and one.kind == "text"), {}
    )
    if report.get("accuracy") is None:
        return Tile(name, "0", Pill(say("models.tile.model_none")))
    note = say("models.tile.model_n", n=spoken.number(report.get("n", 0)))
    return Tile(name, spoken.share(report["accuracy"], digits=1), Pill(note))


def _drift(looked: Look, spoken: Spoken) -> Tile:
    say, name = spoken.say, spoken.say("models.tile.drift")
    told = [one for one in looked.findings if one.p is not None]
    alarms = sum(one.drifts for one in told)
    value = say("models.tile.drift_of", n=alarms, m=len(Measure))
    if not told:
        return Tile(name, value, Pill(say("models.tile.drift_few")))
    if alarms:
        return Tile(name, value, Pill(say("models.drift.seen"), "soon", "triangle-alert"))
    return Tile(name, value, Pill(say("models.tile.drift_steady"), "good", "circle-check"))


def drift_shown(looked: Look, episodes: Mapping[str, Episode], spoken: Spoken) -> tuple[DriftShown, ...]:
    return tuple(_drift_row(found, episodes.get(found.measure), spoken) for found in looked.findings)


def _drift_row(found: Finding, episode: Episode | None, spoken: Spoken) -> DriftShown:
    say = spoken.say
    if found.value is None or found.p is None:
        pill = Pill(say("models.drift.few", n=found.needs), "", "hourglass")
    elif episode is not None:
        pill = Pill(say("models.drift.seen_since", day=spoken.moment(episode.at)), "soon", "triangle-alert")
    elif found.drifts:
        pill = Pill(say("models.drift.seen"), "soon", "triangle-alert")
    else:
        pill = Pill(say("models.drift.steady"), "good", "circle-check")
    smallest = 0.0001
    p = "" if found.p is None else spoken.share(found.p) if found.p >= smallest else f"< {spoken.share(smallest)}"
    return DriftShown(
        name=say(f"models.drift.of.{found.measure}"),
        value="" if found.value is None else spoken.number(found.value),
        usual="" if found.usual is None else spoken.number(found.usual),
        p=p,
        cases=f"{spoken.number(found.reference_n)} + {spoken.number(found.recent_n)}",
        pill=pill,
    )


def versions_shown(cards: Sequence[Registered], history: Sequence[Entry], spoken: Spoken) -> tuple[VersionShown, ...]:
    """Those that serve first, then the newest."""
    ordered = sorted(cards, key=lambda one: (not one.is_current, one.kind, -_made(one).timestamp()))
    return tuple(_version_row(one, history, spoken) for one in ordered)


def _version_row(one: Registered, history: Sequence[Entry], spoken: Spoken) -> VersionShown:
    report = one.card.get("report", {})
    accuracy, ece, n = report.get("accuracy"), report.get("ece"), report.get("n")
    since = next(
        (
            entry.at
            for entry in reversed(history)
            if isinstance(entry.event, e.ModelPromoted)
            and (entry.event.model, entry.event.version) == (f"{one.kind}/{one.name}", one.version)
        ),
        _made(one),
    )
    return VersionShown(
        kind=spoken.say(f"models.registry.kind.{one.kind}"),
        version=one.version,
        serves=spoken.say("models.registry.since", at=spoken.moment(since)) if one.is_current else "",
        waits=spoken.say("models.registry.waits") if one.is_challenger else "",
        accuracy="" if accuracy is None else spoken.share(accuracy, digits=1),
        ece="" if ece is None else spoken.share(ece, digits=1),
        n="" if n is None else spoken.number(n),
        made=spoken.moment(_made(one)),
        trained_on=str(one.card.get("data_digest", ""))[:12],
    )


def _made(one: Registered) -> datetime:
    return datetime.fromtimestamp((one.path / "card.json").stat().st_mtime, UTC)


_VERDICTS = {"better": "good", "worse": "late", "no_better": ""}


def comparisons_shown(journey: str, history: Sequence[Entry], spoken: Spoken) -> tuple[ComparisonShown, ...]:
    """The newest first."""
    found = [
        (entry.at, entry.event)
        for entry in reversed(history)
        if isinstance(entry.event, e.ModelCompared) and entry.event.model.endswith(f"/{journey}")
    ]
    return tuple(_comparison_row(at, event, spoken) for at, event in found)


def _comparison_row(at: datetime, event: e.ModelCompared, spoken: Spoken) -> ComparisonShown:
    say = spoken.say
    return ComparisonShown(
        at=spoken.moment(at),
        champion=f"{event.champion[:12]} · {spoken.share(event.champion_accuracy, digits=1)}",
        challenger=f"{event.challenger[:12]} · {spoken.share(event.challenger_accuracy, digits=1)}",
        difference=f"{spoken.share(event.low, digits=1)} … {spoken.share(event.high, digits=1)}",
        held_out=say("models.compared.n_value", n=spoken.number(event.n), groups=spoken.number(event.groups)),
        because=event.because,
        pill=Pill(say(f"models.compared.{event.verdict}"), _VERDICTS.get(event.verdict, "")),
    )
