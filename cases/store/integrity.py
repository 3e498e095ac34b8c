"""Whether the log is as it was written: chains, digests, heads, checkpoints, and rows against their events."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select, update

from cases.case import Case, Entry, apply
from cases.errors import NotAllowed
from cases.events import CaseErased, CheckpointMade, read_event
from cases.store import dialect
from cases.store.chain import digest_of, first_link, leaf_of, merkle_root, next_link
from cases.store.keys import Keys
from cases.store.log import EventLog, is_case
from cases.store.projection import BESIDE_EVENTS, PERSONAL, columns_of, stored_clock
from cases.store.rows import CaseRow, EventRow, MessageRow, StreamRow
from cases.vocabulary import SYSTEM, Actor

CHECKPOINTS = "checkpoints"
_ERASED = "case_erased"

_EVENT = (
    EventRow.stream,
    EventRow.seq,
    EventRow.kind,
    EventRow.schema,
    EventRow.at,
    EventRow.actor,
    EventRow.body,
    EventRow.salt,
    EventRow.digest,
    EventRow.chain,
)


class Integrity:
    """Problems are sentences for an operator; [] means that nothing differs. Erased events are no difference."""

    def __init__(self, connection: Connection, *, keys: Keys, log: EventLog) -> None:
        self._connection = connection
        self._key = keys.chain
        self._log = log

    def verify_stream(self, stream: str) -> list[str]:
        """Chain, digests and head of one stream and, for a case, its row. [] also when there is no such stream."""
        rows = self._connection.execute(select(*_EVENT).where(EventRow.stream == stream).order_by(EventRow.seq))
        heads = {head.stream: head for head in self._heads(StreamRow.stream == stream)}
        return self._of_stream(stream, rows.all(), heads.get(stream))

    def verify_all(self) -> list[str]:
        """Everything: all streams, all rows, and the latest checkpoint. Reads the log once, stream by stream."""
        heads = {head.stream: head for head in self._heads()}
        rows = self._connection.execution_options(yield_per=1000).execute(
            select(*_EVENT).order_by(EventRow.stream, EventRow.seq)
        )
        problems: list[str] = []
        for stream, of_stream in groupby(rows, key=lambda row: str(row.stream)):
            problems += self._of_stream(stream, of_stream, heads.pop(stream, None))
        problems += [f"{stream}: it has a head and no events" for stream in heads]
        orphans = select(CaseRow.id).where(CaseRow.id.not_in(select(StreamRow.stream)))
        problems += [f"{id_}: it has a row and no events" for id_ in self._connection.scalars(orphans)]
        return problems + self.verify_checkpoints()

    # --- checkpoints ------------------------------------------------------------------------------------------------

    def one_sealer(self) -> None:
        """To the end of the transaction nobody else makes a checkpoint."""
        dialect.one_at_a_time(self._connection, CHECKPOINTS)

    def has_unsealed(self) -> bool:
        """Whether any stream grew since it was sealed last."""
        grown = select(StreamRow.stream).where(
            StreamRow.stream != CHECKPOINTS, StreamRow.sealed_seq < StreamRow.last_seq
        )
        return self._connection.execute(grown.limit(1)).first() is not None

    def make_checkpoint(self, at: datetime) -> CheckpointMade:
        """Seal all stream heads under one Merkle root, written to its own stream.

        On PostgreSQL streams that are being written in this moment are left for the next one: the checkpoint waits
        for no writer, so that none that waits for it can wait in a circle.
        """
        self.one_sealer()
        grown = (
            select(StreamRow.stream)
            .where(StreamRow.stream != CHECKPOINTS, StreamRow.sealed_seq < StreamRow.last_seq)
            .with_for_update(skip_locked=True)
        )
        self._connection.execute(
            update(StreamRow)
            .where(StreamRow.stream.in_(grown))
            .values(sealed_seq=StreamRow.last_seq, sealed_chain=StreamRow.chain)
        )
        root, streams = self._sealed_root()
        checkpoint = CheckpointMade(root, streams)
        self._log.append(CHECKPOINTS, [(checkpoint, SYSTEM)], at=at)
        return checkpoint

    def verify_checkpoints(self) -> list[str]:
        """The latest checkpoint against the log: whether a sealed stream lost its tail or was lost whole.

        Older ones follow from it: each head is chained to all before it.
        """
        made = [entry.event for entry in self._log.history(CHECKPOINTS)]
        latest = next((event for event in reversed(made) if isinstance(event, CheckpointMade)), None)
        if latest is None:
            sealed = self._connection.execute(select(StreamRow.stream).where(StreamRow.sealed_seq > 0).limit(1))
            return ["checkpoints: streams are sealed and no checkpoint says so"] if sealed.first() else []
        problems = []
        if self._sealed_root() != (latest.root, latest.streams):
            problems.append(f"checkpoints: the sealed heads are not those of root {latest.root[:16]}…")
        cut = (
            select(StreamRow.stream, StreamRow.sealed_seq)
            .outerjoin(
                EventRow,
                (EventRow.stream == StreamRow.stream)
                & (EventRow.seq == StreamRow.sealed_seq)
                & (EventRow.chain == StreamRow.sealed_chain),
            )
            .where(StreamRow.sealed_seq > 0, EventRow.seq.is_(None))
            .order_by(StreamRow.stream)
        )
        problems += [
            f"{stream}: event {seq}, sealed by a checkpoint, is gone or another one"
            for stream, seq in self._connection.execute(cut)
        ]
        return problems

    def _sealed_root(self) -> tuple[str, int]:
        """Root and number of sealed heads. Sorted here: databases order text each in its own way."""
        heads = self._connection.execute(
            select(StreamRow.stream, StreamRow.sealed_seq, StreamRow.sealed_chain).where(StreamRow.sealed_seq > 0)
        ).all()
        leaves = [leaf_of(stream, seq, chain or b"") for stream, seq, chain in sorted(heads)]
        return merkle_root(leaves).hex(), len(leaves)

    # --- one stream -------------------------------------------------------------------------------------------------

    def _heads(self, *conditions: Any) -> Iterable[Any]:
        return self._connection.execute(
            select(StreamRow.stream, StreamRow.last_seq, StreamRow.chain).where(*conditions)
        )

    def _of_stream(self, stream: str, rows: Iterable[Any], head: Any | None) -> list[str]:
        problems: list[str] = []
        entries: list[Entry] = []
        seq, chain = 0, first_link(self._key, stream)
        emptied = []
        for row in rows:
            seq += 1
            if row.seq != seq:
                problems.append(f"{stream}: event {seq} is missing")
                seq = row.seq
            problems += self._of_event(row, chain)
            chain = row.chain
            if row.body is None:
                emptied.append(row.seq)
            entries.append(_read(row))
        if (head.last_seq, head.chain) != (seq, chain) if head is not None else bool(entries):
            problems.append(f"{stream}: its head is not its last event")
        if emptied and not self._was_erased(stream, entries):
            problems.append(f"{stream}: events {emptied} are empty and nobody erased them")
        if is_case(stream) and entries:
            problems += self._of_case(stream, entries)
        return problems

    def _of_event(self, row: Any, previous: bytes) -> Iterator[str]:
        name = f"{row.stream}: event {row.seq}"
        if row.body is not None and (row.salt is None or digest_of(row.salt, row.body) != row.digest):
            yield f"{name} does not say what was written"
        link = next_link(
            self._key,
            previous,
            seq=row.seq,
            kind=row.kind,
            schema=row.schema,
            at=row.at,
            actor=row.actor,
            digest=row.digest,
        )
        if link != row.chain:
            yield f"{name} is not chained to the one before it"

    def _was_erased(self, stream: str, entries: list[Entry]) -> bool:
        """Whether the log says so: in the case itself, or in the case of a message."""
        if is_case(stream):
            return any(isinstance(entry.event, CaseErased) for entry in entries)
        of_message = select(MessageRow.case_id).where(MessageRow.id == stream)
        return (
            self._connection.execute(
                select(EventRow.seq).where(EventRow.stream.in_(of_message), EventRow.kind == _ERASED).limit(1)
            ).first()
            is not None
        )

    def _of_case(self, case_id: str, entries: list[Entry]) -> list[str]:
        """The stored row against the row that its events give. Of what a journey gave that may have changed
        since, its clock and whether it is drawn, only the place that it has in the lists is looked at.
        """
        case = Case(case_id)
        try:
            for entry in entries:
                case = apply(case, entry)
        except NotAllowed as error:
            return [f"{case_id}: its events cannot be read in order: {error}"]
        table = CaseRow.__table__
        row = self._connection.execute(select(table).where(table.c.id == case_id)).mappings().first()
        if row is None:
            return [f"{case_id}: it has events and no row"]
        rebuilt = columns_of(case, entries[-1].at, stored_clock(row.__getitem__))
        rebuilt = {name: value for name, value in rebuilt.items() if name not in BESIDE_EVENTS}
        if case.erased:  # the rest of an erased row cannot be rebuilt; it must hold nothing personal
            rebuilt = {**PERSONAL, "version": case.version, "erased": True, "status": rebuilt["status"]}
        different = [name for name, value in rebuilt.items() if row[name] != value]
        return [f"{case_id}: its row differs from its events in {', '.join(different)}"] if different else []


def _read(row: Any) -> Entry:
    """The event as far as it can be read; a body that was tampered with reads as unknown."""
    try:
        event = read_event(row.kind, row.schema, row.body)
    except ValueError:
        event = read_event(row.kind, row.schema + 1_000_000, row.body)
    return Entry(row.seq, row.at, Actor.read(row.actor), event)
