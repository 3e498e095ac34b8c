"""The page of insights as it is shown: tiles, bars, tables and lists of cases, each with the way to the cases."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from api.narrowing import Asked
from api.pages.bars import Bars, Measure, bars
from api.pages.models_tables import Tile
from api.pages.queue_view import case_href, topic_title
from api.pages.spoken import Spoken
from api.pages.times import Pill, shown_moment, span
from cases.store.insights import AGES, Pile
from cases.store.narrowing import NOBODY
from cases.store.queue import CaseLine
from cases.vocabulary import Step, View
from pipelines.house import House
from pipelines.insights import QUIET, Insight


@dataclass(frozen=True, slots=True)
class PileShown:
    """figures: open, by age, late, soon, stuck, parked. ours: how many of them the list behind href holds."""

    name: str
    href: str
    ours: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadShown:
    person: str
    href: str
    open: str
    late: str
    soon: str


@dataclass(frozen=True, slots=True)
class Named:
    """A case in a list. why: what makes it stand there, as a moment or a time."""

    reference: str
    href: str
    topic: str
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class InsightsShown:
    as_of: str
    tiles: tuple[Tile, ...]
    ages: Bars
    funnel: Bars
    heads: tuple[str, ...]
    piles: tuple[PileShown, ...]
    loads: tuple[LoadShown, ...]
    lists: tuple[tuple[str, str, tuple[Named, ...]], ...]  # title, what it says when it is empty, cases


def insights_shown(house: House, found: Insight, spoken: Spoken, *, journey: str) -> InsightsShown:
    """journey: the one that was chosen, told by topic; "" tells all by journey."""
    return InsightsShown(
        as_of=spoken.say("insights.as_of", at=spoken.moment(found.at)),
        tiles=tuple(_tiles(found, spoken)),
        ages=_ages(found.piles, spoken),
        funnel=_funnel(found, spoken),
        heads=heads(spoken),
        piles=tuple(_piles(house, found.piles, spoken, journey=journey)),
        loads=tuple(_loads(found, spoken, journey)),
        lists=tuple(_lists(house, found, spoken)),
    )


def heads(spoken: Spoken) -> tuple[str, ...]:
    """Of the columns of the backlog, after its name."""
    say = spoken.say
    return (
        say("insights.open"),
        *age_names(spoken),
        *(say(f"insights.{key}") for key in ("late", "soon", "stuck", "parked")),
    )


def age_names(spoken: Spoken) -> tuple[str, ...]:
    between = (spoken.say("insights.age.between", low=low, high=high) for low, high in pairwise(AGES))
    return (
        spoken.say("insights.age.under", n=AGES[0]),
        *between,
        spoken.say("insights.age.over", n=AGES[-1]),
    )


def figures_of(pile: Pile) -> tuple[int, ...]:
    """In the order of the heads."""
    return (pile.open, *pile.ages, pile.late, pile.soon, pile.quiet, pile.parked)


def topic_of(house: House, pile: Pile, language: str) -> tuple[str, str]:
    """The words for a pile's journey and its topic; "" where it has none."""
    folder = house.journeys.folders.get(pile.journey or "")
    if folder is None:
        return pile.journey or "", pile.topic or ""
    topic = folder.journey.topics.get(pile.topic or "")
    return folder.worded(folder.journey.title, language), (
        folder.worded(topic.title, language) if topic else pile.topic or ""
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def _tiles(found: Insight, spoken: Spoken) -> Iterator[Tile]:
    say, piles = spoken.say, found.piles
    late, soon = sum(one.late for one in piles), sum(one.soon for one in piles)
    stuck, parked = sum(one.quiet for one in piles), sum(one.parked for one in piles)
    ours = sum(one.ours for one in piles)
    yield Tile(
        say("insights.tile.open"),
        spoken.number(sum(one.open for one in piles), digits=0),
        Pill(say("insights.tile.ours", n=ours), "now", "inbox"),
    )
    yield Tile(
        say("insights.tile.late"),
        spoken.number(late, digits=0),
        Pill(say("insights.tile.soon", n=soon), "soon" if soon else "good", "clock"),
    )
    yield Tile(
        say("insights.tile.stuck", days=QUIET.days),
        spoken.number(stuck, digits=0),
        Pill(say("insights.tile.parked", n=parked), "soon" if parked else "good", "hourglass"),
    )
    kept = found.kept
    yield Tile(
        say("insights.tile.kept"),
        spoken.share(kept.kept / kept.n, digits=1) if kept.n else say("insights.none"),
        Pill(say("insights.tile.kept_of", n=kept.n), "", "flag"),
    )


def _ages(piles: Sequence[Pile], spoken: Spoken) -> Bars:
    say = spoken.say
    totals = [sum(one.ages[place] for one in piles) for place in range(len(AGES) + 1)]
    kinds = ("blue",) * (len(totals) - 2) + ("amber", "red")
    measures = [
        Measure(name, total, spoken.number(total, digits=0), kind)
        for name, total, kind in zip(age_names(spoken), totals, kinds, strict=True)
    ]
    told = "; ".join(f"{one.name}: {one.text}" for one in measures)
    return bars(say("insights.ages.label", told=told), (say("insights.age"), say("insights.open")), measures)


def _funnel(found: Insight, spoken: Spoken) -> Bars:
    """From what came in to what was found wrong. Each bar is a part of the first, but the checks: those are the ones
    that people made meanwhile.
    """
    say, flow = spoken.say, found.flow
    counted = (
        ("received", flow.received, "blue"),
        ("understood", flow.understood, "blue"),
        ("request_info", flow.steps[Step.REQUEST_INFO], "amber"),
        ("to_people", flow.steps[Step.EXPERT] + flow.steps[Step.ROUTE] + flow.steps[Step.APPOINT], "soft"),
        ("alone", flow.alone, "blue"),
        ("reopened", flow.reopened, "amber"),
        ("audited", found.audited, "soft"),
        ("wrong", found.wrong, "red"),
    )
    measures = [
        Measure(say(f"insights.flow.{key}"), n, _with_share(n, flow.received, spoken), kind) for key, n, kind in counted
    ]
    told = "; ".join(f"{one.name}: {one.value}" for one in measures)
    return bars(say("insights.flow.label", told=told), (say("insights.flow.what"), say("insights.cases")), measures)


def _with_share(n: int, whole: int, spoken: Spoken) -> str:
    count = spoken.number(n, digits=0)
    return f"{count} ({spoken.share(n / whole, digits=0)})" if whole and n <= whole else count


def _piles(house: House, piles: Iterable[Pile], spoken: Spoken, *, journey: str) -> Iterator[PileShown]:
    grouped: dict[tuple[str, str, str], list[Pile]] = defaultdict(list)
    for one in piles:
        named, topic = topic_of(house, one, spoken.language)
        name = (topic if journey else named) or spoken.say("insights.no_topic")
        grouped[name, one.journey or "", (one.topic or "") if journey else ""].append(one)
    for (name, of_journey, of_topic), some in grouped.items():
        figures = [sum(column) for column in zip(*map(figures_of, some), strict=True)]
        asked = Asked(view=View.US, journey=of_journey, topic=of_topic)
        yield PileShown(
            name,
            asked.href() if of_journey and (of_topic or not journey) else "",
            spoken.number(sum(one.ours for one in some), digits=0),
            tuple(spoken.number(figure, digits=0) for figure in figures),
        )


def _loads(found: Insight, spoken: Spoken, journey: str) -> Iterator[LoadShown]:
    for one in found.loads:
        asked = Asked(view=View.US, journey=journey, assignee=one.person or NOBODY)
        figures = (spoken.number(count, digits=0) for count in (one.open, one.late, one.soon))
        yield LoadShown(one.person, asked.href(), *figures)


def _lists(house: House, found: Insight, spoken: Spoken) -> Iterator[tuple[str, str, tuple[Named, ...]]]:
    def listed(lines: Sequence[CaseLine], why: Iterable[str]) -> tuple[Named, ...]:
        return tuple(
            Named(
                line.reference,
                case_href(line.reference, ""),
                topic_title(house, line, spoken.language) or spoken.say("insights.no_topic"),
                said,
                line.assignee or spoken.say("insights.nobody"),
            )
            for line, said in zip(lines, why, strict=True)
        )

    def ago(at: datetime) -> str:
        return span(found.at - at, spoken.say)

    due = (_due(line, spoken) for line in found.in_danger)
    quiet = (spoken.say("insights.quiet_for", time=ago(line.updated_at)) for line in found.stuck)
    parked = (spoken.say("insights.parked_for", time=ago(line.opened_at)) for line in found.parked)
    for key, lines, why in (
        ("soon", found.in_danger, due),
        ("stuck", found.stuck, quiet),
        ("parked", found.parked, parked),
    ):
        yield spoken.say(f"insights.list.{key}"), spoken.say(f"insights.list.{key}_none"), listed(lines, why)


def _due(line: CaseLine, spoken: Spoken) -> str:
    due = line.clock_due or line.update_by
    return "" if due is None else shown_moment(due, zone=spoken.zone, language=spoken.language)
