"""What stands above the rows of the work queue: its views with their counts, its filters, and what is chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.narrowing import Asked
from api.pages.desk import LETTERS, back_on, channel_name, journeys_seen, zone_of
from api.pages.keys import WITHIN
from api.pages.queue_view import Choice, QueueRow, Shown, Tab, queue_rows
from api.pages.templating import Pages
from api.security import Operation, may
from cases.store.narrowing import NOBODY, Band
from cases.store.queue import Count, Page
from cases.store.rows import WaitingOn
from cases.vocabulary import CHANNELS, View

#: Views that fewer people open; one of them stands among the others only while it is open.
RARER = frozenset({View.THIRD_PARTY, View.SNOOZED, View.AUDIT, View.SECOND_LOOK, View.ABSENT, View.ALL})


@dataclass(frozen=True, slots=True)
class Field:
    """A filter that is chosen from a list. folded: behind "more filters"."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    chosen: str
    folded: bool = True


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on. href: the same list without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the last act did. undo: the name to take it back by."""

    text: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class QueueView:
    """may_act: rows can be picked. people: whom cases can be given to; () for those who only take them."""

    title: str
    asked: Asked
    tabs: tuple[Tab, ...]
    fields: tuple[Field, ...]
    chips: tuple[Chip, ...]
    rows: tuple[QueueRow, ...]
    total: str
    total_text: str
    empty_text: str
    clear_href: str
    export_href: str
    next_href: str | None
    notice: Notice
    may_act: bool
    people: tuple[str, ...]
    tomorrow: str
    next_day: str
    keys: tuple[tuple[str, str], ...]


def queue_view(
    shown: Shown, *, asked: Asked, page: Page, counts: Mapping[View, Count], people: Sequence[str], notice: Notice
) -> QueueView:
    say, user = shown.pages.desk_say(), shown.user
    tomorrow = shown.now.astimezone(zone_of(shown.house, None)).date() + timedelta(days=1)
    fields = filter_fields(shown, asked, people)
    return QueueView(
        title=say(f"queue.view.{asked.view}"),
        asked=asked,
        tabs=_tabs(shown.pages, asked.view, counts),
        fields=fields,
        chips=_chips(shown.pages, asked, fields),
        rows=queue_rows(shown, page.items),
        total=shown_count(page.total),
        total_text=_total(shown.pages, page.total),
        empty_text=say("queue.empty_filtered" if asked.chosen else "queue.empty"),
        clear_href=f"/queue?view={asked.view}",
        export_href=f"/queue.csv?{asked.query()}",
        next_href=asked.href(cursor=page.next) if page.next else None,
        notice=notice,
        may_act=may(user, Operation.ASSIGN_SELF),
        people=tuple(people) if may(user, Operation.ASSIGN_OTHERS) else (),
        tomorrow=tomorrow.isoformat(),
        next_day=back_on(shown.house, None).isoformat(),
        keys=WITHIN if may(user, Operation.DECIDE) else (),
    )


def _tabs(pages: Pages, view: View, counts: Mapping[View, Count]) -> tuple[Tab, ...]:
    say = pages.desk_say()
    return tuple(
        Tab(
            say(f"queue.view.{one}"),
            f"/queue?view={one}",
            shown_count(count),
            current=one == view,
            folded=one in RARER and one != view,
            letter=LETTERS[one],
        )
        for one, count in counts.items()
    )


def shown_count(count: Count) -> str:
    return str(count.value) if count.exact else f"{count.value}+"


def _total(pages: Pages, total: Count) -> str:
    say = pages.desk_say()
    if total.exact and total.value == 1:
        return say("queue.total_one")
    return say("queue.total" if total.exact else "queue.total_more", n=total.value)


def filter_fields(shown: Shown, asked: Asked, people: Iterable[str]) -> tuple[Field, ...]:
    """The lists to choose from, of one's own lines of business; a value in the address that is in none is offered as
    it is.
    """
    say, language = shown.pages.desk_say(), shown.pages.desk_language
    folders = journeys_seen(shown.house, shown.user)
    of_journey = [folder for folder in folders if asked.journey in ("", folder.name)]
    topics = {
        key: folder.worded(topic.title, language)
        for folder in of_journey
        for key, topic in folder.journey.topics.items()
    }
    languages = sorted({code for folder in folders for code in folder.journey.languages})
    offered: dict[str, dict[str, str]] = {
        "journey": {folder.name: folder.worded(folder.journey.title, language) for folder in folders},
        "assignee": {NOBODY: say("queue.nobody_short"), **{name: name for name in people}},
        "band": {band: say(f"queue.band.{band}") for band in Band},
        "topic": dict(sorted(topics.items(), key=lambda one: one[1])),
        "waiting": {on: say(f"desk.waiting.{on}") for on in WaitingOn},
        "language": {code: code for code in languages},
        "channel": {channel: channel_name(say, channel) for channel in CHANNELS},
        "unread": {"yes": say("queue.unread_only")},
    }
    return tuple(
        _field(shown.pages, name, titles, asked.chosen.get(name, ""), folded=place > 2)  # noqa: PLR2004  # three in sight
        for place, (name, titles) in enumerate(offered.items())
    )


def _field(pages: Pages, name: str, titles: Mapping[str, str], chosen: str, *, folded: bool) -> Field:
    shown = {**titles, chosen: chosen} if chosen and chosen not in titles else titles
    choices = tuple(Choice(key, title) for key, title in shown.items())
    return Field(name, pages.desk_say()(f"queue.filter.{name}"), choices, chosen, folded=folded)


def _chips(pages: Pages, asked: Asked, fields: Iterable[Field]) -> tuple[Chip, ...]:
    say = pages.desk_say()
    worded = {
        field.name: next((choice.title for choice in field.choices if choice.key == field.chosen), "")
        for field in fields
    }
    return tuple(
        Chip(f"{say(f'queue.filter.{name}')}: {worded.get(name) or value}", asked.href(**{name: ""}))
        for name, value in asked.chosen.items()
    )
