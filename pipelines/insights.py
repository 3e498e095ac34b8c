"""What a team lead asks every morning: what lies here, what runs late next, what is stuck, how much goes by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.calendar import after_days, after_open
from cases.store.insights import Asked, Flow, Lifetime, Load, Pile
from cases.store.queue import CaseLine
from pipelines.house import House

AHEAD = timedelta(hours=4)  # of opening time
QUIET = timedelta(days=5)  # a case in which nothing happened for so long is stuck
PERIOD = timedelta(days=30)
LISTED = 10  # cases told one by one; the others are counted


@dataclass(frozen=True, slots=True)
class Kept:
    """Of `n` closed cases how many were closed within the working days of their journey's promise. Time in which a
    customer was waited for counts as well, so that this share never flatters.
    """

    n: int
    kept: int


@dataclass(frozen=True, slots=True)
class Insight:
    """All as of one moment. audited, wrong: blind checks of the period, and those that found the machine wrong."""

    at: datetime
    piles: tuple[Pile, ...]
    loads: tuple[Load, ...]
    in_danger: tuple[CaseLine, ...]
    stuck: tuple[CaseLine, ...]
    parked: tuple[CaseLine, ...]
    flow: Flow
    audited: int
    wrong: int
    kept: Kept


def insight(house: House, *, lines: Collection[str] | None, journey: str = "") -> Insight:
    """lines: of business that who asks may see; None is all. journey: "" for all of them.

    Eight queries however many cases there are, all in one picture of the database.
    """
    asked = question(house, lines=lines, journey=journey)
    since = asked.now - PERIOD
    with house.database.reading(lines) as store:
        found = store.insights
        checks = _of_these(house, found.audited(since=since), lines=lines, journey=journey)
        return Insight(
            asked.now,
            tuple(found.backlog(asked)),
            tuple(found.loads(asked)),
            tuple(found.in_danger(asked, limit=LISTED)),
            tuple(found.stuck(asked, limit=LISTED)),
            tuple(found.parked(asked, limit=LISTED)),
            found.flow(asked, since=since),
            sum(audited for audited, _ in checks),
            sum(wrong for _, wrong in checks),
            _kept(house, found.lifetimes(asked, since=since)),
        )


def question(house: House, *, lines: Collection[str] | None, journey: str = "") -> Asked:
    """As the store is asked it now: by the opening hours of each journey."""
    now = house.now()
    late_by = {
        name: after_open(now, AHEAD, house.journeys.get(name).journey.calendar) for name in house.journeys.names()
    }
    return Asked(now, min(late_by.values()), now - QUIET, late_by, lines, journey)


def _of_these(
    house: House, checks: Mapping[str, tuple[int, int]], *, lines: Collection[str] | None, journey: str
) -> list[tuple[int, int]]:
    """Those of certificates of the journeys that are asked for. A certificate is named journey.topic.number."""
    folders = house.journeys.folders
    seen = {name for name, one in folders.items() if lines is None or one.journey.line_of_business in lines}
    wanted = seen & {journey} if journey else seen
    return [counts for name, counts in checks.items() if name.split(".", 1)[0] in wanted]


def _kept(house: House, lifetimes: Collection[Lifetime]) -> Kept:
    """The day of opening gives the last moment, so that it is worked out once a day and journey."""
    last: dict[tuple[str, date], datetime] = {}
    n = kept = 0
    for one in lifetimes:
        folder = house.journeys.folders.get(one.journey or "")
        if folder is None:
            continue
        spec = folder.journey
        day = folder.name, one.opened_at.astimezone(ZoneInfo(spec.calendar.time_zone)).date()
        if day not in last:
            last[day] = after_days(one.opened_at, spec.promises.decision_days, spec.calendar)
        n, kept = n + 1, kept + (one.closed_at <= last[day])
    return Kept(n, kept)
