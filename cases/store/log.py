"""The event log: appending (with its rows and its work, in one transaction) and reading back."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from cases.authority import check
from cases.case import Case, Entry, Held, apply, fold
from cases.errors import NotFound, StreamMoved
from cases.events import Event, Written, read_event, schema_of, since, write_event
from cases.store import dialect
from cases.store.approvals import put_approvals
from cases.store.chain import SALT, digest_of, first_link, next_link
from cases.store.chats import put_chats
from cases.store.columns import in_utc
from cases.store.keys import Keys
from cases.store.prepared import Prepared
from cases.store.projection import Drawn, Pressing, columns_of, columns_of_erased
from cases.store.rows import CaseRow, EventRow, StreamRow, WorkRow
from cases.store.search import Search
from cases.store.search_terms import new_words
from cases.store.trace import current_trace
from cases.vocabulary import Actor

_STREAMS, _EVENTS, _WORK, _CASES = (row.__table__ for row in (StreamRow, EventRow, WorkRow, CaseRow))


@dataclass(frozen=True, slots=True)
class Due:
    """Work that follows from an event: at once, or not before due_at."""

    stage: str
    due_at: datetime | None = None


#: (event, when it happened) -> the work that follows. Given at construction: no event without its work.
Follow = Callable[[Event, datetime], Sequence[Due]]


@dataclass(frozen=True, slots=True)
class Append:
    """Events to be added to one stream.

    expected: the stream's last seq as the writer read it; 0 for a new one, which is then not looked for. case: the
    case as the writer read it, which saves reading its history again and expects the stream at its version. trace: of
    the work that it follows from.
    """

    stream: str
    events: Sequence[tuple[Written, Actor]]
    at: datetime
    expected: int | None = None
    case: Case | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What was added to one stream, and the case after it; case is None for other streams."""

    stream: str
    entries: list[Entry]
    case: Case | None


@dataclass(slots=True)
class _Head:
    """Where a stream stood when it was read, and where it stands after what was added since.

    knew, needs: the version of the events' language that reads all of it, before and after.
    """

    read: int
    seq: int
    chain: bytes
    knew: int = 1
    needs: int = 1


@dataclass(slots=True)
class _Batch:
    """Rows of one write, gathered so that each table is written once."""

    heads: dict[str, _Head]
    cases: dict[str, Case]
    salts: bytes
    events: list[dict[str, Any]] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)
    touched: dict[str, datetime] = field(default_factory=dict)  # case -> time of its last event
    before: dict[str, Case] = field(default_factory=dict)  # as the touched ones were


def is_case(stream: str) -> bool:
    return stream.startswith("case-")


_HEADS = select(StreamRow.stream, StreamRow.last_seq, StreamRow.chain, StreamRow.needs).where(
    StreamRow.stream.in_(bindparam("streams", expanding=True))
)
#: In the order in which heads are moved, so that two writers never wait for each other in a circle.
_HELD_HEADS = _HEADS.order_by(StreamRow.stream.collate("C")).with_for_update()
_MOVE = Prepared(
    lambda _: (
        update(_STREAMS)
        .where(_STREAMS.c.stream == bindparam("of"), _STREAMS.c.last_seq == bindparam("read"))
        .values(last_seq=bindparam("seq"), chain=bindparam("link"), needs=bindparam("language"))
    )
)
_RAISE_WORK = (
    update(_WORK)
    .where(_WORK.c.stream == bindparam("of"), _WORK.c.needs < bindparam("language"))
    .values(needs=bindparam("language"))
)
_ENTRY = (EventRow.seq, EventRow.at, EventRow.actor, EventRow.kind, EventRow.schema, EventRow.body)
_HISTORY = select(*_ENTRY).where(EventRow.stream == bindparam("stream")).order_by(EventRow.seq)
_HISTORIES = (
    select(EventRow.stream, *_ENTRY)
    .where(EventRow.stream.in_(bindparam("streams", expanding=True)))
    .order_by(EventRow.stream, EventRow.seq)
)


_PROJECTED = tuple(columns_of(Case(""), datetime.min.replace(tzinfo=UTC)))


def _put_cases(dialect_name: str) -> Any:
    """Insert a case's row, or bring it up to date: all that is projected."""
    statement = dialect.upsert(dialect_name, _CASES)
    changed = {name: statement.excluded[name] for name in sorted(set(_PROJECTED) - {"id"})}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)


_PUT_CASES = Prepared(_put_cases, _PROJECTED)


class EventLog:
    """Events of all streams, within one transaction."""

    def __init__(
        self,
        connection: Connection,
        *,
        keys: Keys,
        follow: Follow,
        pressing: Pressing = lambda _: None,
        drawn: Drawn = lambda _: False,
        since: Callable[[str], int] = since,
    ) -> None:
        self._connection = connection
        self._key = keys.chain
        self._follow = follow
        self._pressing = pressing
        self._drawn = drawn
        self._since = since

    # --- reading ----------------------------------------------------------------------------------------------------

    def history(self, stream: str) -> list[Entry]:
        """The stream's events, oldest first; [] when there is no such stream."""
        return [_entry(row) for row in self._connection.execute(_HISTORY, {"stream": stream})]

    def heads(self, streams: Iterable[str]) -> dict[str, int]:
        """The last seq of each of these streams; those that do not exist are left out."""
        rows = self._connection.execute(_HEADS, {"streams": list(streams)})
        return {stream: seq for stream, seq, _, _ in rows}

    def histories(self, streams: Iterable[str]) -> dict[str, list[Entry]]:
        """As history, for many streams in one query; streams without events have []."""
        found: dict[str, list[Entry]] = {stream: [] for stream in streams}
        for row in self._connection.execute(_HISTORIES, {"streams": list(found)}):
            found[row.stream].append(_entry(row))
        return found

    def case(self, case_id: str) -> Case:
        """The case folded from its events; NotFound without any."""
        entries = self.history(case_id)
        if not entries:
            raise NotFound("case", case_id)
        return fold(case_id, entries)

    def cases(self, case_ids: Iterable[str]) -> dict[str, Case]:
        """As case, for many in one query; those that do not exist are left out."""
        return {id_: fold(id_, entries) for id_, entries in self.histories(case_ids).items() if entries}

    # --- writing ----------------------------------------------------------------------------------------------------

    def append(
        self,
        stream: str,
        events: Sequence[tuple[Written, Actor]],
        *,
        at: datetime,
        expected: int | None = None,
    ) -> list[Entry]:
        """Add events with their work and the case's row. NotAllowed, StreamMoved: nothing may be committed then."""
        return self.append_many([Append(stream, events, at, expected)])[0].entries

    def append_many(self, appends: Sequence[Append]) -> list[Appended]:
        """As append, for many streams with one statement a table; answers in order."""
        streams = {append.stream for append in appends}
        heads = self._heads(streams, appends)
        batch = _Batch(heads, self._cases_before(appends), os.urandom(SALT * sum(len(a.events) for a in appends)))
        added = [self._add(append, batch) for append in appends]
        self._write(batch)
        return added

    def _heads(self, streams: set[str], appends: Sequence[Append]) -> dict[str, _Head]:
        """Where they stand. Who expects nothing wants to come next, whoever else writes: then they are held."""
        expects_nothing = any(append.expected is None and append.case is None for append in appends)
        held = expects_nothing and dialect.has_many_writers(self._connection)
        heads = {stream: _Head(0, 0, first_link(self._key, stream)) for stream in streams}
        there = streams - _new(appends)
        rows = self._connection.execute(_HELD_HEADS if held else _HEADS, {"streams": list(there)}) if there else ()
        for stream, seq, chain, needs in rows:
            heads[stream] = _Head(seq, seq, chain, needs, needs)
        return heads

    def _cases_before(self, appends: Sequence[Append]) -> dict[str, Case]:
        """Every case about to change, folded once."""
        cases = {append.stream: append.case for append in appends if append.case is not None}
        cases |= {stream: Case(stream) for stream in _new(appends) if is_case(stream)}
        unread = {append.stream for append in appends if is_case(append.stream)} - cases.keys()
        if unread:
            cases |= {id_: fold(id_, entries) for id_, entries in self.histories(unread).items()}
        return cases

    def _add(self, append: Append, batch: _Batch) -> Appended:
        stream, head = append.stream, batch.heads[append.stream]
        if append.expected is not None and append.expected != head.seq:
            raise StreamMoved(stream, append.expected)
        case = batch.cases.get(stream)
        if case is not None and case.version != head.seq:
            raise StreamMoved(stream, case.version)
        at = in_utc(append.at)
        entries = []
        if case is not None:
            batch.before.setdefault(stream, case)
        for event, actor in append.events:
            if case is not None:
                check(case, event, actor)
            body = write_event(event)
            # As it will be read back: numbers then have the places they are stored with, here as everywhere.
            entry = Entry(head.seq + 1, at, actor, read_event(event.kind, schema_of(event.kind), body))
            self._link(stream, entry, body, batch, trace=append.trace or current_trace.get())
            if case is not None:
                case = apply(case, entry)
            entries.append(entry)
        if case is not None and entries:
            batch.cases[stream] = case
            batch.touched[stream] = at
        return Appended(stream, entries, case)

    def _link(self, stream: str, entry: Entry, body: str, batch: _Batch, *, trace: str | None) -> None:
        """Chain one event to its stream and note its row and its work."""
        head, event = batch.heads[stream], entry.event
        salt = batch.salts[len(batch.events) * SALT : (len(batch.events) + 1) * SALT]
        row: dict[str, Any] = {
            "seq": entry.seq,
            "kind": event.kind,
            "schema": schema_of(event.kind),
            "at": entry.at,
            "actor": str(entry.actor),
            "digest": digest_of(salt, body),
        }
        head.seq, head.chain = entry.seq, next_link(self._key, head.chain, **row)
        head.needs = max(head.needs, self._since(event.kind))
        batch.events.append({**row, "stream": stream, "body": body, "salt": salt, "chain": head.chain, "trace": trace})
        for due in self._follow(event, entry.at):
            batch.work.append(
                {
                    "stream": stream,
                    "seq": entry.seq,
                    "stage": due.stage,
                    "due_at": in_utc(due.due_at or entry.at),
                    "begun": due.due_at is None,
                    "needs": head.needs,
                }
            )

    def _write(self, batch: _Batch) -> None:
        if not batch.events:
            return
        self._move_heads(batch.heads)
        dialect.insert_many(self._connection, _EVENTS, batch.events)
        dialect.insert_many(self._connection, _WORK, batch.work)
        erased = [id_ for id_ in batch.touched if batch.cases[id_].erased]
        live = [(batch.cases[id_], at) for id_, at in batch.touched.items() if id_ not in erased]
        rows = [columns_of(case, at, self._pressing(case), drawn=self._drawn(case)) for case, at in live]
        if rows:
            _PUT_CASES.run_many(self._connection, rows)
        for id_ in erased:
            columns = columns_of_erased(batch.cases[id_], batch.touched[id_])
            self._connection.execute(update(_CASES).where(_CASES.c.id == id_).values(columns))
        put_chats(
            self._connection,
            {case.id: case.chat for case, _ in live if case.chat != batch.before[case.id].chat},
        )
        put_approvals(self._connection, _approvals_moved(batch.touched, batch.cases, batch.before))
        self._write_words({id_: batch.cases[id_] for id_ in batch.touched if id_ not in erased}, batch.before)

    def _write_words(self, cases: Mapping[str, Case], before: Mapping[str, Case]) -> None:
        words = {id_: new_words(before[id_], case) for id_, case in cases.items()}
        Search(self._connection).put({id_: new for id_, new in words.items() if new is not None})

    def _move_heads(self, heads: dict[str, _Head]) -> None:
        """Advance every stream that grew; StreamMoved when another writer was first.

        In order of their names, so that two writers of the same streams never wait for each other in a circle.
        """
        grown = {stream: head for stream, head in sorted(heads.items()) if head.seq > head.read}
        new: list[dict[str, Any]] = [
            {
                "stream": stream,
                "kind": stream.partition("-")[0],
                "last_seq": head.seq,
                "chain": head.chain,
                "needs": head.needs,
            }
            for stream, head in grown.items()
            if not head.read
        ]
        if new:
            try:
                dialect.insert_many(self._connection, _STREAMS, new)
            except IntegrityError as error:
                raise StreamMoved(new[0]["stream"], 0) from error
        old: list[dict[str, Any]] = [
            {"of": stream, "read": head.read, "seq": head.seq, "link": head.chain, "language": head.needs}
            for stream, head in grown.items()
            if head.read
        ]
        if old and _MOVE.run_many(self._connection, old).rowcount != len(old):
            raise StreamMoved(old[0]["of"], old[0]["read"])
        risen = [{"of": stream, "language": head.needs} for stream, head in grown.items() if head.needs > head.knew > 0]
        if risen:  # work that waits in the stream since before: who does it reads the whole stream
            self._connection.execute(_RAISE_WORK, risen)


def _new(appends: Sequence[Append]) -> set[str]:
    """Streams that are to begin here; where one is there already its row refuses the second."""
    return {append.stream for append in appends if append.expected == 0}


def _entry(row: Any) -> Entry:
    return Entry(row.seq, row.at, Actor.read(row.actor), read_event(row.kind, row.schema, row.body))


def _approvals_moved(
    touched: Iterable[str], cases: Mapping[str, Case], before: Mapping[str, Case]
) -> dict[str, list[Held]]:
    """Of the cases in which something came to wait for approval, or does no longer: all that waits there."""
    waits = {id_: [one for one in cases[id_].held if one.waits_for_approval] for id_ in touched}
    return {
        id_: now for id_, now in waits.items() if now != [one for one in before[id_].held if one.waits_for_approval]
    }
