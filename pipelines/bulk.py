"""What is done to many cases at once: first told, then done case by case, and taken back while it is fresh."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto
from secrets import token_urlsafe
from typing import assert_never, cast

from cases import events as e
from cases.case import Case, fold
from cases.errors import NotAllowed
from cases.people import DECIDERS, User
from cases.store.log import Append
from cases.store.queue import CaseLine
from cases.store.store import Store
from cases.store.undo import UndoStep
from cases.vocabulary import Actor, Status
from pipelines.hand import Wakes
from pipelines.house import House
from pipelines.in_turn import write_in_turn

#: Cases of one act. More are not touched, and that is said.
MOST = 1000
UNDO = timedelta(seconds=60)
_AT_ONCE = 100  # cases in one transaction


class Act(StrEnum):
    ASSIGN = auto()
    RELEASE = auto()
    SNOOZE = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. to: a colleague, with ASSIGN. until: with SNOOZE."""

    act: Act
    to: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it. leads: may give to others, and take what others have."""

    user: User
    leads: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """A case as it was picked. version: the one that was shown; None when nobody looked at it."""

    reference: str
    version: int | None = None


class Result(StrEnum):
    DONE = auto()
    UNCHANGED = auto()  # it was so already
    OVERTAKEN = auto()  # somebody changed just that since it was shown
    CLOSED = auto()
    NOT_YOURS = auto()  # only a lead does that to a colleague's case
    NOT_THEIRS = auto()  # the colleague may not have it
    LEAVING = auto()  # a decision is about to leave it: it is undone, or goes, before the case can be put aside
    NOBODY = auto()  # sharing out: nobody who is here may and can do it
    MISSING = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """What happened to one case, or would. holder: whose it is when that stands against it."""

    reference: str
    result: Result
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """act: the name to take it back by; "" when nothing was done."""

    items: tuple[Item, ...]
    act: str


def rehearse(house: House, hand: Hand, order: Order, picked: Sequence[Picked]) -> tuple[Item, ...]:
    """What would happen to each case, in order; nothing is written. Raises NotAllowed as carry_out."""
    with house.database.reading() as store:
        colleague = _checked(store, order, now=house.now())
        return tuple(item for item, _ in _judged(store, hand, order, colleague, _once(picked)))


def carry_out(house: House, hand: Hand, order: Order, picked: Sequence[Picked], *, act: str = "") -> Done:
    """Do it to each case that it may be done to, with an event each. What stands against one case stops no other.

    act: the name of an act that this is a part of.

    Raises NotAllowed when it can be done to none: no such colleague, a moment that has passed, more than MOST cases.
    """
    act, items, did = act or token_urlsafe(12), list[Item](), False
    for some in _portions(_once(picked)):
        judged = write_in_turn(house.database, _writer(house, hand, order, some, act))
        items += judged
        did = did or any(item.result is Result.DONE for item in judged)
    house.ring()
    return Done(tuple(items), act if did else "")


def _writer(
    house: House, hand: Hand, order: Order, picked: Sequence[Picked], act: str
) -> Callable[[Store], list[Item]]:
    def write(store: Store) -> list[Item]:
        now = house.now()
        judged = _judged(store, hand, order, _checked(store, order, now=now), picked)
        chosen = [line for item, line in judged if item.result is Result.DONE and line is not None]
        event, actor = _event(order, hand.user.name), Actor("person", hand.user.name)
        asleep = _asleep(store, order, chosen)
        steps = [UndoStep(line.id, _what(order), _was(line, order, asleep), _wanted(order)) for line in chosen]
        store.append_many([Append(line.id, [(event, actor)], now, expected=line.version) for line in chosen])
        store.undo.keep(act, steps, who=hand.user.name, at=now)
        return [item for item, _ in judged]

    return write


def take_back(house: House, hand: Hand, act: str) -> tuple[Item, ...]:
    """Put back what the act changed, within a minute, in each case that nobody changed in that since. Each is an event.

    () when there is nothing to take back: too late, done before, or another person's.
    """

    def write(store: Store) -> tuple[Item, ...]:
        now = house.now()
        steps = store.undo.take(act, who=hand.user.name, since=now - UNDO)
        lines = store.queue.lines([step.case_id for step in steps])
        items, appends = [], []
        for step in steps:
            line = lines[step.case_id]
            stands = _current(line, step.what) == step.became and line.closed_at is None and not line.erased
            items.append(
                Item(line.reference, Result.DONE if stands else Result.OVERTAKEN, "" if stands else line.assignee or "")
            )
            if stands:
                reverse = _reverse(step, hand.user.name, now=now), Actor("person", hand.user.name)
                appends.append(Append(line.id, [reverse], now, expected=line.version))
        store.append_many(appends)
        return tuple(items)

    items = write_in_turn(house.database, write)
    house.ring()
    return items


# --- what stands against it -------------------------------------------------------------------------------------------


def _checked(store: Store, order: Order, *, now: datetime) -> User | None:
    """The colleague that an order names; NotAllowed when it cannot be done to any case."""
    match order.act:
        case Act.ASSIGN:
            colleague = store.people.user(order.to)
            if colleague is None or colleague.disabled_at is not None or not DECIDERS & set(colleague.roles):
                raise NotAllowed(f"assigning to {order.to!r}", "nobody of that name handles cases; choose a colleague")
            return colleague
        case Act.SNOOZE:
            if order.until is None or order.until <= now:
                raise NotAllowed("putting aside", "until: name a moment that is still to come")
            return None
        case Act.RELEASE:
            return None
        case _:  # pragma: no cover  # the type check proves it
            assert_never(order.act)


Judged = list[tuple[Item, CaseLine | None]]


def _judged(store: Store, hand: Hand, order: Order, colleague: User | None, picked: Sequence[Picked]) -> Judged:
    lines = store.queue.of_references([one.reference for one in picked])
    visible = {name: line for name, line in lines.items() if _is_seen(hand, line)}
    overtaken = _overtaken(store, order, picked, visible)
    leaving = {id_ for id_, case in _asleep(store, order, visible.values()).items() if case.held_decision is not None}
    judged: Judged = []
    for one in picked:
        line = visible.get(one.reference)
        if line is None:
            judged.append((Item(one.reference, Result.MISSING), None))
            continue
        result = Result.OVERTAKEN if one.reference in overtaken else _verdict(hand, order, colleague, line)
        result = Result.LEAVING if line.id in leaving else result
        told = result in (Result.OVERTAKEN, Result.NOT_YOURS)
        judged.append((Item(one.reference, result, (line.assignee or "") if told else ""), line))
    return judged


def _asleep(store: Store, order: Order, lines: Iterable[CaseLine]) -> dict[str, Case]:
    """By id the cases that an order would put aside and that no list of work shows already."""
    if order.act is not Act.SNOOZE:
        return {}
    return store.cases([line.id for line in lines if line.snoozed_until is not None])


def _is_seen(hand: Hand, line: CaseLine) -> bool:
    within = hand.user.lines_seen
    return not line.erased and (within is None or line.line_of_business in within)


def _verdict(hand: Hand, order: Order, colleague: User | None, line: CaseLine) -> Result:
    me = hand.user.name
    if line.status == Status.CLOSED and line.audit_since is None:
        return Result.CLOSED
    if _value(line, order) == _wanted(order):
        return Result.UNCHANGED
    if not hand.leads and not (line.assignee in (None, me) if order.act is not Act.ASSIGN else order.to == me):
        return Result.NOT_YOURS
    if colleague is not None and not colleague.sees(line.line_of_business):
        return Result.NOT_THEIRS
    return Result.DONE


def _overtaken(store: Store, order: Order, picked: Sequence[Picked], lines: Mapping[str, CaseLine]) -> frozenset[str]:
    """Cases in which just that what is to be changed has changed since it was shown."""
    moved = [
        (one.version, lines[one.reference])
        for one in picked
        if one.reference in lines and one.version not in (None, lines[one.reference].version)
    ]
    histories = store.histories([line.id for _, line in moved]) if moved else {}
    found = set()
    for version, line in moved:
        shown = fold(line.id, [entry for entry in histories[line.id] if entry.seq <= (version or 0)])
        was = shown.assignee if _what(order) == "assignee" else _moment(shown.snoozed_until)
        if was != _value(line, order):
            found.add(line.reference)
    return frozenset(found)


# --- what is changed, and its reverse ---------------------------------------------------------------------------------


def _what(order: Order) -> str:
    return "snoozed_until" if order.act is Act.SNOOZE else "assignee"


def _wanted(order: Order) -> str | None:
    match order.act:
        case Act.ASSIGN:
            return order.to
        case Act.RELEASE:
            return None
        case Act.SNOOZE:
            return _moment(order.until)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(order.act)


def _value(line: CaseLine, order: Order) -> str | None:
    return _current(line, _what(order))


def _was(line: CaseLine, order: Order, asleep: Mapping[str, Case]) -> str | None:
    """For a case that sleeps also what ends that before its time."""
    value = _value(line, order)
    return f"{value} {asleep[line.id].wakes}" if value and line.id in asleep else value


def _current(line: CaseLine, what: str) -> str | None:
    return line.assignee if what == "assignee" else _moment(line.snoozed_until)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _event(order: Order, by: str) -> e.Written:
    if order.act is Act.SNOOZE and order.until is not None:
        return e.CaseSnoozed(order.until, by)
    return e.CaseAssigned(order.to or None, by)


def _reverse(step: UndoStep, by: str, *, now: datetime) -> e.Written:
    """A case that did not sleep before is woken by sleeping until now."""
    if step.what == "assignee":
        return e.CaseAssigned(step.was, by)
    if step.was is None:
        return e.CaseSnoozed(now, by)
    until, _, wakes = step.was.partition(" ")
    return e.CaseSnoozed(datetime.fromisoformat(until), by, cast("Wakes", wakes or "date"))


def _once(picked: Sequence[Picked]) -> list[Picked]:
    """Each case once. NotAllowed when there are too many."""
    found = list({one.reference: one for one in picked}.values())
    if len(found) > MOST:
        raise NotAllowed(f"changing {len(found)} cases at once", f"{MOST} is the most; narrow the list")
    return found


def _portions(picked: Sequence[Picked]) -> Iterator[Sequence[Picked]]:
    for start in range(0, len(picked), _AT_ONCE):
        yield picked[start : start + _AT_ONCE]
