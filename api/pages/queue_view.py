"""The rows of the work queue as its page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

from api.pages.clocks import Face, row_pill
from api.pages.desk import calendar_of, channel_name
from api.pages.templating import Pages
from api.pages.times import Pill, Say, shown_moment, span
from api.security import Operation, may
from cases.store.people import User
from cases.store.queue import CaseLine, LastWord
from cases.vocabulary import Status
from pipelines.house import House
from pipelines.oversight.drawing import line_is_blind

PEEKED = 3  # photos in the peek


@dataclass(frozen=True, slots=True)
class Tab:
    """folded: in the menu behind the others. letter: the key that opens it, after g."""

    title: str
    href: str
    count: str
    current: bool
    folded: bool = False
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """edge: late, soon or nothing. last_ago: what its sentence says, as short as a row needs it.

    thumbs: photos that the peek shows. blind: advice tells that there is none. unread: something came in since its
    reader opened it.
    """

    reference: str
    version: int
    href: str
    title: str
    tell: str
    edge: str
    age: str
    amount: str
    last: Pill | None
    last_ago: str
    photos: int
    thumbs: int
    flags: tuple[Pill, ...]
    advice: str
    blind: bool
    confidence: float | None
    due: Pill | None
    waiting: str
    assignee: str | None
    details: tuple[tuple[str, str], ...]
    summary: str
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What all rows of a list share. within: query of the list's address, for the way back from a case."""

    house: House
    pages: Pages
    user: User
    now: datetime
    within: str = ""
    last: Mapping[str, LastWord] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


def queue_rows(shown: Shown, lines: Sequence[CaseLine]) -> tuple[QueueRow, ...]:
    return tuple(_row(shown, line) for line in lines)


def decides_blind(house: House, line: CaseLine) -> bool:
    """A person is asked for a judgement that the machine's advice must not colour."""
    in_shadow = line.shadow and line.status != Status.CLOSED
    return in_shadow or line.audit_since is not None or line_is_blind(house, line)


def customer_of(line: CaseLine, user: User) -> str:
    """Who wrote; a code for those who may not see customers."""
    if not may(user, Operation.SEE_CUSTOMERS):
        return f"#{line.id[-6:]}"
    return line.sender_name or line.sender


def _row(shown: Shown, line: CaseLine) -> QueueRow:
    house, pages, user, now = shown.house, shown.pages, shown.user, shown.now
    say, language = pages.desk_say(), pages.desk_language
    calendar = calendar_of(house, line.journey)
    zone = ZoneInfo(calendar.time_zone)
    topic = topic_title(house, line, language)
    blind = decides_blind(house, line)
    open_ = line.closed_at is None
    due = row_pill(line, Face(calendar, language, say, now))
    customer = customer_of(line, user)
    subject = line.subject if may(user, Operation.SEE_CUSTOMERS) else ""
    details = [
        ("status", say(f"desk.status.{line.status}")),
        ("journey", journey_title(house, line, language)),
        ("opened", shown_moment(line.opened_at, zone=zone, language=language)),
        ("channel", channel_name(say, line.channel)),
    ]
    if due and line.pressing:
        details.append(("clock", due.title))
    if open_ and line.update_by:
        details.append(("due", shown_moment(line.update_by, zone=zone, language=language)))
    if line.assignee:
        details.append(("assignee", line.assignee))
    return QueueRow(
        reference=line.reference,
        version=line.version,
        href=case_href(line.reference, shown.within),
        title=topic or subject or line.reference,
        tell=f"{customer} · {subject}" if subject else customer,
        edge="late" if line.danger and open_ else due.kind if due and due.kind in ("late", "soon") else "",
        age=say("queue.age", time=span(now - line.opened_at, say)),
        amount=money(line, language),
        last=_last(shown, line),
        last_ago=span(now - shown.last[line.id].at, say) if line.id in shown.last else "",
        photos=line.photos,
        thumbs=min(line.photos, PEEKED) if may(user, Operation.SEE_CUSTOMERS) else 0,
        flags=tuple(_flags(pages, line, now)),
        blind=blind,
        advice=say("queue.blind") if blind else _advice(house, pages, line),
        confidence=None if blind or line.confidence is None else line.confidence,
        due=due,
        waiting=say(f"desk.waiting.{line.waiting_on}"),
        assignee=line.assignee,
        details=tuple((say(f"queue.detail.{key}"), value) for key, value in details if value),
        summary=subject,
        unread=line.id in shown.unread,
    )


def case_href(reference: str, within: str) -> str:
    """The decision file, with the list it was opened from."""
    return f"/cases/{reference}?{urlencode({'in': within})}" if within else f"/cases/{reference}"


def money(line: CaseLine, language: str) -> str:
    return "" if line.amount is None else _euros(line.amount, language)


@lru_cache(maxsize=4096)  # the amounts of lists that are opened again and again
def _euros(amount: Decimal, language: str) -> str:
    return str(format_currency(amount, "EUR", locale=language))


def _last(shown: Shown, line: CaseLine) -> Pill | None:
    """Who had the last word, and how long ago; the channel in a tooltip."""
    word, say = shown.last.get(line.id), shown.pages.desk_say()
    if word is None:
        return None
    who, icon = ("us", "send") if word.ours else ("customer", "message-square")
    ago = say(f"queue.last.{who}", time=span(shown.now - word.at, say))
    return Pill(ago, icon=icon, title=_by(word.channel, say))


def _by(channel: str, say: Say) -> str:
    return say("queue.last.channel", channel=channel_name(say, channel)) if channel else ""


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
    if line.outcome and line.closed_at:
        return say("case.closed", outcome=outcome_title(house, line.journey, line.outcome, pages.desk_language))
    return say(f"desk.step.{line.step}") if line.step else say("queue.no_advice")


def outcome_title(house: House, journey: str | None, outcome: str, language: str) -> str:
    if journey not in house.journeys.names():
        return outcome
    folder = house.journeys.get(journey)
    option = folder.journey.options.get(outcome)
    return folder.worded(option.title, language) if option else outcome


def _flags(pages: Pages, line: CaseLine, now: datetime) -> list[Pill]:
    say = pages.desk_say()
    flags = []
    if line.merged_into:
        flags.append(Pill(say("together.went_to", reference=line.merged_into), "line", "layers"))
    if line.parent:
        flags.append(Pill(say("together.part_of", reference=line.parent), "now", "layers"))
    if line.danger:
        flags.append(Pill(say("desk.danger"), "late", "shield-alert"))
    if line.reopened and line.closed_at is None:
        flags.append(Pill(say("desk.reopened"), "soon", "history"))
    if line.parked:
        flags.append(Pill(say("desk.parked"), "soon", "triangle-alert"))
    woke = line.woke or ("date" if line.snoozed_until is not None and line.snoozed_until <= now else "")
    if woke and line.closed_at is None:
        flags.append(Pill(say(f"queue.woke.{woke}"), "now", "clock"))
    return flags
