"""The work queue as its page shows it: prepared rows, tabs and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from api.pages.desk import calendar_of
from api.pages.templating import Pages
from api.pages.times import Pill, due_pill, shown_moment
from api.security import Operation, may
from cases.store.people import User
from cases.store.queue import CaseLine, Count, Page
from cases.vocabulary import Status, View
from pipelines.house import House

#: Views that fewer people open; one of them stands among the others only while it is open.
RARER = frozenset({View.SNOOZED, View.AUDIT, View.SECOND_LOOK, View.ABSENT})


@dataclass(frozen=True, slots=True)
class Tab:
    """folded: in the menu behind the others."""

    title: str
    href: str
    count: str
    current: bool
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    reference: str
    href: str
    title: str
    tell: str
    photos: int
    flags: tuple[Pill, ...]
    advice: str
    confidence: float | None
    due: Pill | None
    waiting: str
    assignee: str | None
    details: tuple[tuple[str, str], ...]
    summary: str


@dataclass(frozen=True, slots=True)
class QueueView:
    title: str
    view: str
    journey: str
    q: str
    tabs: tuple[Tab, ...]
    journeys: tuple[Choice, ...]
    rows: tuple[QueueRow, ...]
    total_text: str
    empty_text: str
    next_href: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    view: View
    journey: str = ""
    q: str = ""

    def href(self, **other: str) -> str:
        parts = {"view": str(self.view), "journey": self.journey, "q": self.q, **other}
        return "/queue?" + urlencode({name: value for name, value in parts.items() if value})


def queue_view(
    house: House, pages: Pages, user: User, *, asked: Asked, page: Page, counts: Mapping[View, Count]
) -> QueueView:
    say = pages.desk_say()
    language = pages.desk_language
    filtered = bool(asked.q or asked.journey)
    folders = [house.journeys.get(name) for name in house.journeys.names()]
    return QueueView(
        title=say(f"queue.view.{asked.view}"),
        view=str(asked.view),
        journey=asked.journey,
        q=asked.q,
        tabs=tuple(
            Tab(
                say(f"queue.view.{view}"),
                f"/queue?view={view}",
                shown_count(count),
                current=view == asked.view,
                folded=view in RARER and view != asked.view,
            )
            for view, count in counts.items()
        ),
        journeys=tuple(Choice(folder.name, folder.worded(folder.journey.title, language)) for folder in folders),
        rows=queue_rows(house, pages, user, page.items, now=house.now()),
        total_text=_total(pages, page.total),
        empty_text=say("queue.empty_filtered" if filtered else "queue.empty"),
        next_href=asked.href(cursor=page.next) if page.next else None,
    )


def shown_count(count: Count) -> str:
    return str(count.value) if count.exact else f"{count.value}+"


def _total(pages: Pages, total: Count) -> str:
    say = pages.desk_say()
    if total.exact and total.value == 1:
        return say("queue.total_one")
    return say("queue.total" if total.exact else "queue.total_more", n=total.value)


def queue_rows(
    house: House, pages: Pages, user: User, lines: Sequence[CaseLine], *, now: datetime
) -> tuple[QueueRow, ...]:
    return tuple(_row(house, pages, user, line, now=now) for line in lines)


def decides_blind(line: CaseLine) -> bool:
    """A person is asked for a judgement that the machine's advice must not colour."""
    return (line.shadow and line.status != Status.CLOSED) or line.audit_since is not None


def customer_of(line: CaseLine, user: User) -> str:
    """Who wrote; a code for those who may not see customers."""
    if not may(user, Operation.SEE_CUSTOMERS):
        return f"#{line.id[-6:]}"
    return line.sender_name or line.sender


def _row(house: House, pages: Pages, user: User, line: CaseLine, *, now: datetime) -> QueueRow:
    say, language = pages.desk_say(), pages.desk_language
    calendar = calendar_of(house, line.journey)
    zone = ZoneInfo(calendar.time_zone)
    topic = topic_title(house, line, language)
    blind = decides_blind(line)
    open_ = line.closed_at is None
    due = due_pill(line.update_by, now=now, calendar=calendar, language=language, say=say) if open_ else None
    customer = customer_of(line, user)
    subject = line.subject if may(user, Operation.SEE_CUSTOMERS) else ""
    details = [
        ("status", say(f"desk.status.{line.status}")),
        ("journey", journey_title(house, line, language)),
        ("opened", shown_moment(line.opened_at, zone=zone, language=language)),
        ("channel", line.channel),
    ]
    if open_ and line.update_by:
        details.append(("due", shown_moment(line.update_by, zone=zone, language=language)))
    if line.assignee:
        details.append(("assignee", line.assignee))
    return QueueRow(
        reference=line.reference,
        href=f"/cases/{line.reference}",
        title=topic or subject or line.reference,
        tell=f"{customer} · {subject}" if subject else customer,
        photos=line.photos,
        flags=tuple(_flags(pages, line)),
        advice=_advice(house, pages, line),
        confidence=None if blind or line.confidence is None else line.confidence,
        due=due,
        waiting=say(f"desk.waiting.{line.waiting_on}"),
        assignee=line.assignee,
        details=tuple((say(f"queue.detail.{key}"), value) for key, value in details if value),
        summary=subject,
    )


def topic_title(house: House, line: CaseLine, language: str) -> str:
    if line.journey not in house.journeys.names() or not line.topic:
        return ""
    folder = house.journeys.get(line.journey)
    topic = folder.journey.topics.get(line.topic)
    return folder.worded(topic.title, language) if topic else line.topic


def journey_title(house: House, line: CaseLine, language: str) -> str:
    if line.journey not in house.journeys.names():
        return ""
    folder = house.journeys.get(line.journey)
    return folder.worded(folder.journey.title, language)


def _advice(house: House, pages: Pages, line: CaseLine) -> str:
    say = pages.desk_say()
    if decides_blind(line):
        return say("queue.blind")
    if line.outcome and line.closed_at:
        return say("case.closed", outcome=outcome_title(house, line.journey, line.outcome, pages.desk_language))
    return say(f"desk.step.{line.step}") if line.step else say("queue.no_advice")


def outcome_title(house: House, journey: str | None, outcome: str, language: str) -> str:
    if journey not in house.journeys.names():
        return outcome
    folder = house.journeys.get(journey)
    option = folder.journey.options.get(outcome)
    return folder.worded(option.title, language) if option else outcome


def _flags(pages: Pages, line: CaseLine) -> list[Pill]:
    say = pages.desk_say()
    flags = []
    if line.danger:
        flags.append(Pill(say("desk.danger"), "late", "shield-alert"))
    if line.reopened and line.closed_at is None:
        flags.append(Pill(say("desk.reopened"), "soon", "history"))
    if line.parked:
        flags.append(Pill(say("desk.parked"), "soon", "triangle-alert"))
    return flags
