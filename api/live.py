"""What happens at the desk, told to every open page: one look a second at the database for all pages of this process.

Each web process looks for itself, so that any number of them tell the same.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio.to_thread
import orjson
import structlog
from anyio import CapacityLimiter

from api.security import Operation, may
from api.signing_in import read_cookie
from cases.errors import CaseError
from cases.store.away import DatabaseAway
from cases.store.desk import Changed, Hold, Present
from cases.store.people import User
from cases.store.queue import Count
from cases.vocabulary import View
from pipelines.house import House

log = structlog.get_logger()
LOOK_EVERY = 1.0  # seconds
BEAT_EVERY = 15.0  # seconds; then the page hears that the line stands, and we look whether its session does
#: Writers take the time before they commit, and their clocks differ: what is younger is looked at again.
OVERLAP = timedelta(seconds=10)
REPLAYED = timedelta(hours=1)  # who was away for longer reads the list anew
MOST_CHANGES = 500  # in one look; with more, pages read the list anew
WAITING = 200  # events for one page that does not read them; then it must come back
OF_PERSON, OF_PROCESS = 12, 2000  # open pages
#: Counting all views takes at most this share of the time of a process, and no list more often than every 5 s.
COUNT_SHARE, COUNT_EVERY = 0.05, 5.0
COUNTED = tuple(View)


class TooManyPages(CaseError):
    status, seconds = 429, 30

    def __init__(self) -> None:
        super().__init__("too many pages listen at once; close some, or read the list again later")


@dataclass(frozen=True, slots=True)
class Told:
    """One event. position: of the change in time, for a page that comes back; None when it is not kept."""

    name: str
    data: Mapping[str, Any]
    position: int | None = None

    def encoded(self) -> bytes:
        named = f"id: {self.position}\n" if self.position is not None else ""
        return f"{named}event: {self.name}\ndata: {orjson.dumps(self.data).decode()}\n\n".encode()


@dataclass(eq=False, slots=True)
class Listener:
    user: User
    waiting: "asyncio.Queue[Told | None]" = field(default_factory=lambda: asyncio.Queue(WAITING))

    def tell(self, told: Told) -> None:
        """A page that reads nothing is let go: it comes back and says what it knew."""
        try:
            self.waiting.put_nowait(told)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


@dataclass(eq=False, slots=True)
class Watcher:
    """A page that asks about a few cases only, and is told no more than to look again. key: who that is."""

    key: str
    case_ids: frozenset[str]
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        self.woken.set()

    async def changed(self, seconds: float) -> bool:
        """Whether one of the cases was written within this time. Look at `ended` afterwards."""
        try:
            await asyncio.wait_for(self.woken.wait(), seconds)
        except TimeoutError:
            return False
        self.woken.clear()
        return True


@dataclass(frozen=True, slots=True)
class Seen:
    changed: list[Changed]
    present: list[Present]
    holds: list[Hold]


class Live:
    """Belongs to one event loop. beat: seconds between two signs of life, and two looks at the session."""

    def __init__(self, house: House, *, beat: float = BEAT_EVERY) -> None:
        self._house = house
        self._beat = beat
        self._listeners: set[Listener] = set()
        self._watchers: set[Watcher] = set()
        self._looking: asyncio.Task[None] | None = None
        self._threads = CapacityLimiter(4)
        self._since = datetime.min.replace(tzinfo=UTC)
        self._known: dict[str, tuple[datetime, int]] = {}  # case -> when it changed last, and its version then
        self._there: dict[str, tuple[str, dict[str, Any]]] = {}  # reference -> its line of business, who is there
        self._to_count: set[str] = set()  # people whose lists may have become longer or shorter
        self._counted: dict[str, float] = {}
        self._count_again = 0.0

    async def follow(self, user: User, cookie: str, after: int | None) -> AsyncIterator[bytes]:
        """Events as an EventSource reads them, until the session ends. after: the position that the page knew last.

        Raises TooManyPages before the first of them.
        """
        listener = self._join(user)
        try:
            start = self._house.now()
            yield b"retry: 3000\n" + Told("ready", {}, position_of(start)).encoded()
            for told in await self._in_thread(self._missed, listener.user, after, start):
                yield told.encoded()
            for reference, (line, there) in self._there.items():
                if listener.user.sees(line):
                    yield Told("presence", {"reference": reference, **there}).encoded()
            async for told in self._heard(listener, cookie):
                yield told
        finally:
            self._leave(listener)

    def close(self) -> None:
        """Let all pages go, so that the process can end; they come back to the next one."""
        for listener in list(self._listeners):
            listener.end()
        for watcher in list(self._watchers):
            watcher.end()

    @contextmanager
    def watching(self, key: str, case_ids: Iterable[str]) -> Iterator[Watcher]:
        """A watcher of these cases for as long as the block lasts. Raises TooManyPages."""
        self.room_to_watch(key)
        watcher = Watcher(key, frozenset(case_ids))
        self._watchers.add(watcher)
        self._begin_to_look()
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def room_to_watch(self, key: str) -> None:
        """Raises TooManyPages when no other page of this one may watch."""
        own = sum(watcher.key == key for watcher in self._watchers)
        if own >= OF_PERSON or len(self._watchers) >= OF_PROCESS:
            raise TooManyPages

    async def _heard(self, listener: Listener, cookie: str) -> AsyncIterator[bytes]:
        checked = time.monotonic()
        while True:
            try:
                told = await asyncio.wait_for(listener.waiting.get(), self._beat)
                if told is None:
                    return
                yield told.encoded()
            except TimeoutError:
                yield b": here\n\n"
            if time.monotonic() - checked >= self._beat:
                checked = time.monotonic()
                user = await self._in_thread(self._user_of, cookie, listener.user)
                if user is None:
                    return
                listener.user = user

    def _user_of(self, cookie: str, before: User) -> User | None:
        """Whose session it is by now; None when it is over, or no longer of somebody who reads cases."""
        house = self._house
        try:
            with house.database.reading() as store:
                session = read_cookie(store, cookie, key=house.keys.session, now=house.now())
        except DatabaseAway:
            return before
        return session.user if session is not None and may(session.user, Operation.READ_CASES) else None

    # --- who listens ------------------------------------------------------------------------------------------------

    def room(self, user: User) -> None:
        """Raises TooManyPages when no other page of this person may listen."""
        own = sum(listener.user.name == user.name for listener in self._listeners)
        if own >= OF_PERSON or len(self._listeners) >= OF_PROCESS:
            raise TooManyPages

    def _join(self, user: User) -> Listener:
        self.room(user)
        listener = Listener(user)
        self._listeners.add(listener)
        self._begin_to_look()
        return listener

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    # --- looking ----------------------------------------------------------------------------------------------------

    def _begin_to_look(self) -> None:
        if self._looking is None or self._looking.done():
            self._since, self._known, self._there = self._house.now(), {}, {}
            self._looking = asyncio.create_task(self._look_on())

    async def _look_on(self) -> None:
        try:
            while self._listeners or self._watchers:
                try:
                    self._tell(await self._in_thread(self._look))
                    await self._count()
                except DatabaseAway:
                    log.warning("live.away")
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self.close()  # after a failure of ours they come back, and it is tried again

    def _look(self) -> Seen:
        now = self._house.now()
        with self._house.database.reading() as store:
            changed = store.desk.changed(self._since - OVERLAP, most=MOST_CHANGES)
            return Seen(changed, store.desk.present(now), store.desk.holds(now))

    def _tell(self, seen: Seen) -> None:
        news = [one for one in seen.changed if self._known.get(one.case_id, (one.at, 0))[1] < one.version]
        if len(seen.changed) == MOST_CHANGES:
            self._since = max(self._since, self._house.now())
            self._tell_all(Told("many", {}, position_of(self._since)))
        changed = {one.case_id for one in news}
        for watcher in self._watchers:
            if changed & watcher.case_ids or len(seen.changed) == MOST_CHANGES:
                watcher.woken.set()
        for one in news:
            self._since = max(self._since, one.at)
            self._known[one.case_id] = one.at, one.version
            self._tell_line(one.line_of_business, told_of(one))
        self._known = {id_: known for id_, known in self._known.items() if known[0] > self._since - 2 * OVERLAP}
        there = by_case(seen)
        for reference in self._there.keys() | there.keys():
            line, now_there = there.get(reference) or (self._there[reference][0], NOBODY)
            if self._there.get(reference) != (line, now_there):
                self._tell_line(line, Told("presence", {"reference": reference, **now_there}))
        self._there = there
        if news or len(seen.changed) == MOST_CHANGES:
            self._to_count |= {listener.user.name for listener in self._listeners}

    def _tell_line(self, line: str, told: Told) -> None:
        for listener in list(self._listeners):
            if listener.user.sees(line):
                listener.tell(told)

    def _tell_all(self, told: Told) -> None:
        for listener in list(self._listeners):
            listener.tell(told)

    async def _count(self) -> None:
        """How long the lists are by now, for one person at a time."""
        begun = time.monotonic()
        listening = {listener.user.name: listener.user for listener in self._listeners}
        self._to_count &= listening.keys()
        due = sorted(name for name in self._to_count if self._counted.get(name, -COUNT_EVERY) <= begun - COUNT_EVERY)
        if begun < self._count_again or not due:
            return
        user = listening[due[0]]
        counts = await self._in_thread(self._counts_of, user)
        self._to_count.discard(user.name)
        self._counted[user.name] = time.monotonic()
        self._count_again = begun + (time.monotonic() - begun) / COUNT_SHARE
        told = Told("counts", {str(view): [count.value, count.exact] for view, count in counts.items()})
        for listener in list(self._listeners):
            if listener.user.name == user.name:
                listener.tell(told)

    def _counts_of(self, user: User) -> dict[View, Count]:
        lines = user.lines_seen
        with self._house.database.reading(lines) as store:
            return store.queue.counts(COUNTED, who=user.name, now=self._house.local_now(), lines=lines)

    def _missed(self, user: User, after: int | None, start: datetime) -> list[Told]:
        """What a page that comes back did not hear."""
        if after is None:
            return []
        known = moment_of(after)
        if known is None or start - known > REPLAYED:
            return [Told("many", {}, position_of(start))]
        try:
            with self._house.database.reading() as store:
                changed = store.desk.changed(known - OVERLAP, most=MOST_CHANGES)
        except DatabaseAway:
            return []
        if len(changed) == MOST_CHANGES:
            return [Told("many", {}, position_of(start))]
        return [told_of(one) for one in changed if user.sees(one.line_of_business)]

    async def _in_thread(self, do: Any, *given: Any) -> Any:
        return await anyio.to_thread.run_sync(do, *given, limiter=self._threads)


NOBODY: dict[str, Any] = {"people": [], "hold": None}


def by_case(seen: Seen) -> dict[str, tuple[str, dict[str, Any]]]:
    """Reference -> line of business, and who is there."""
    there: dict[str, tuple[str, dict[str, Any]]] = {}
    lines: Iterable[Present | Hold] = (*seen.present, *seen.holds)
    for one in lines:
        there.setdefault(one.reference, (one.line_of_business, {"people": [], "hold": None}))
    for present in seen.present:
        there[present.reference][1]["people"].append({"name": present.person, "typing": present.typing})
    for hold in seen.holds:
        there[hold.reference][1]["hold"] = {"holder": hold.holder, "since": hold.since.isoformat()}
    return there


def told_of(changed: Changed) -> Told:
    return Told("case", {"reference": changed.reference, "version": changed.version}, position_of(changed.at))


def position_of(at: datetime) -> int:
    """Microseconds since 1970: where a change stands among all changes, in every process."""
    return round(at.timestamp() * 1_000_000)


def moment_of(position: int) -> datetime | None:
    """None for a number that is no moment of ours."""
    seconds = position / 1_000_000
    if not 0 <= seconds < 1e11 or math.isnan(seconds):  # noqa: PLR2004  # the year 5138
        return None
    return datetime.fromtimestamp(seconds, UTC)
