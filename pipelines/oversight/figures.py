"""How people decide with advice, without it and with wrong advice, since the quarter began: by team, and by person.

A quarter begins anew, so that the alarm's promise holds for each whatever happened before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from statistics import median
from zoneinfo import ZoneInfo

from cases import events as e
from cases.people import User
from models.stamping import Watched, more_often_agreed, watch
from pipelines.house import House
from pipelines.oversight.noting import stream_of

#: Figures of fewer people tell of persons, and of fewer decisions of single ones.
FEW = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group. shown: decisions with the advice seen, changed: those with another choice; blind, alike: decisions
    without it, and those that came to the same; planted, caught: with wrong advice, and those that did not follow it.
    seconds: median from opening to deciding, advice seen. chance: of agreeing so much more with advice that is seen, if
    seeing it changed nothing. watched: None where no rate is stated.
    """

    people: int
    shown: int = 0
    changed: int = 0
    blind: int = 0
    alike: int = 0
    planted: int = 0
    caught: int = 0
    seconds: float | None = None
    chance: float = 1.0
    watched: Watched | None = None

    @property
    def decisions(self) -> int:
        return self.shown + self.blind + self.planted


@dataclass(frozen=True, slots=True)
class Oversight:
    """One journey. teams and persons: only those that whoever asks may read of. all: None, as those left out, where
    fewer than five people decided and the figures would tell of persons.
    """

    journey: str
    since: datetime
    rate: float | None
    all: Figures | None
    teams: Mapping[str, Figures]
    persons: Mapping[str, Figures]

    @property
    def alarm(self) -> bool:
        """Whether advice is changed too seldom in the journey, or in one of the teams that are told of."""
        told = [*self.teams.values(), *([self.all] if self.all else [])]
        return any(one.watched is not None and one.watched.alarm for one in told)


def oversight(house: House, journey: str, reader: User, *, leads: bool, groups: bool) -> Oversight:
    """leads: reads of every team and person. groups: reads of teams that are large enough. Everybody reads of
    themself. At most the 5,000 newest decisions of the quarter count.
    """
    spec = house.journeys.get(journey).journey
    since = _quarter(house.now(), spec.calendar.time_zone)
    rate = None if spec.oversight.override_rate is None else float(spec.oversight.override_rate)
    with house.database.reading() as store:
        rows = store.insights.overseen(stream_of(journey), since=since)
        teams = {user.name: user.teams for user in store.people.users()}
    read = (e.read_event("decision_overseen", schema, body) for schema, body in rows)
    decisions = once(one for one in read if isinstance(one, e.DecisionOverseen))
    by_team, by_person = (
        defaultdict[str, list[e.DecisionOverseen]](list),
        defaultdict[str, list[e.DecisionOverseen]](list),
    )
    for one in decisions:
        by_person[one.by].append(one)
        for team in teams.get(one.by, ()):
            by_team[team].append(one)
    told = {team: figures(some, rate) for team, some in sorted(by_team.items())}
    whole = figures(decisions, rate)
    return Oversight(
        journey,
        since,
        rate,
        whole if leads or (groups and whole.people >= FEW) else None,
        {team: one for team, one in told.items() if leads or (groups and one.people >= FEW)},
        {
            name: figures(some, None)
            for name, some in sorted(by_person.items())
            if name == reader.name or (leads and len(some) >= FEW)
        },
    )


def once(decisions: Iterable[e.DecisionOverseen]) -> list[e.DecisionOverseen]:
    """Of one person's decisions on a case in one way the last: one that was taken back does not count twice."""
    kept: dict[tuple[str, str, str], e.DecisionOverseen] = {}
    for one in decisions:
        key = one.case, one.by, one.how
        kept.pop(key, None)
        kept[key] = one
    return list(kept.values())


def figures(decisions: Sequence[e.DecisionOverseen], rate: float | None) -> Figures:
    """Of decisions in their order. rate: the stated share of advice that is changed."""
    shown, blind, planted = ([one for one in decisions if one.how == how] for how in ("shown", "blind", "planted"))
    agreed, alike = sum(one.agrees for one in shown), sum(one.agrees for one in blind)
    read = [one.seconds for one in shown if one.seconds is not None]
    return Figures(
        people=len({one.by for one in decisions}),
        shown=len(shown),
        changed=len(shown) - agreed,
        blind=len(blind),
        alike=alike,
        planted=len(planted),
        caught=sum(not one.agrees for one in planted),
        seconds=float(median(read)) if read else None,
        chance=more_often_agreed((agreed, len(shown)), (alike, len(blind))),
        watched=None if rate is None else watch((not one.agrees for one in shown), rate),
    )


def _quarter(now: datetime, zone: str) -> datetime:
    """The beginning of the organisation's quarter."""
    here = ZoneInfo(zone)
    day = now.astimezone(here).date()
    return datetime.combine(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), time(), here)
