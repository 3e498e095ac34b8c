"""The store: everything that can be read and written within one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, select

from cases.case import Case, Entry
from cases.errors import NotFound
from cases.events import CheckpointMade, Written
from cases.store import erasure
from cases.store.approvals import Approvals
from cases.store.certificates import Certificates
from cases.store.chats import Chats
from cases.store.counters import count_up, count_within, counted
from cases.store.data_keys import DataKeys
from cases.store.decisions import Decisions
from cases.store.desk import Desk
from cases.store.drafts import Drafts
from cases.store.dumps import Dumps
from cases.store.insights import Insights
from cases.store.integrity import Integrity
from cases.store.keys import Keys
from cases.store.leases import Leases
from cases.store.likeness import Likeness
from cases.store.link_drafts import LinkDrafts
from cases.store.links import Links
from cases.store.log import Append, Appended, EventLog, Follow
from cases.store.looks import Looks
from cases.store.mentions import Mentions
from cases.store.messages import Messages
from cases.store.people import People
from cases.store.projection import Drawn, Pressing
from cases.store.queue import Queue
from cases.store.rows import CaseRow, CounterRow, StreamRow
from cases.store.saved_views import SavedViews
from cases.store.search import Search
from cases.store.undo import Undo
from cases.store.uploads import Uploads
from cases.store.watch import Watch
from cases.store.work import Work
from cases.vocabulary import Actor


class Store:
    """Made by Database.reading and Database.writing; not to be kept after them."""

    def __init__(
        self,
        connection: Connection,
        *,
        keys: Keys,
        follow: Follow,
        pressing: Pressing,
        drawn: Drawn,
        take_number: Callable[[Connection, str], int],
        language: int,
        since: Callable[[str], int],
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._take_number = take_number
        self._language = language
        self._log = EventLog(connection, keys=keys, follow=follow, pressing=pressing, drawn=drawn, since=since)

    # --- the log ----------------------------------------------------------------------------------------------------

    def append(
        self,
        stream: str,
        events: Sequence[tuple[Written, Actor]],
        *,
        at: datetime,
        expected: int | None = None,
    ) -> list[Entry]:
        """Add events with the work that follows and, for a case, its row: all of it or none.

        Raises NotAllowed when an event may not follow in that case, StreamMoved when the stream is not at
        `expected` any more. Let both end the transaction.
        """
        return self._log.append(stream, events, at=at, expected=expected)

    def append_many(self, appends: Sequence[Append]) -> list[Appended]:
        """As append, for many streams with one statement a table; answers in order."""
        return self._log.append_many(appends)

    def hold(self, stream: str) -> None:
        """From here to the end of the transaction nobody else appends to it. On SQLite nobody else writes anyway."""
        held = select(StreamRow.last_seq).where(StreamRow.stream == stream).with_for_update(read=True)
        self._connection.execute(held)

    def history(self, stream: str) -> list[Entry]:
        """The stream's events, oldest first; [] when there is no such stream."""
        return self._log.history(stream)

    def heads(self, streams: Iterable[str]) -> dict[str, int]:
        """The last seq of each of these streams; those that do not exist are left out."""
        return self._log.heads(streams)

    def histories(self, streams: Iterable[str]) -> dict[str, list[Entry]]:
        """As history, for many streams in one query; streams without events have []."""
        return self._log.histories(streams)

    def case(self, case_id: str) -> Case:
        """The case folded from its events; NotFound without any."""
        return self._log.case(case_id)

    def cases(self, case_ids: Iterable[str]) -> dict[str, Case]:
        """As case, for many in one query; those that do not exist are left out."""
        return self._log.cases(case_ids)

    def case_id(self, reference: str) -> str:
        """The id of the case with this reference; NotFound without any."""
        found = self._connection.execute(select(CaseRow.id).where(CaseRow.reference == reference)).scalar()
        if found is None:
            raise NotFound("case", reference)
        return found

    def case_ids(self, *, journey: str | None = None) -> list[str]:
        """Ids of all cases, or of one journey's, in order."""
        ids = select(CaseRow.id).order_by(CaseRow.id)
        return list(
            self._connection.execute(ids if journey is None else ids.where(CaseRow.journey == journey)).scalars()
        )

    def spend(self, what: str, amount: int, *, most: int | None = None) -> bool:
        """Take so much of what there is `most` of, or nothing: False. Without most: whatever there is, or, where the
        amount is negative, give some of it back. Safe between processes.
        """
        if most is None:
            count_up(self._connection, f"spent {what}", amount)
            return True
        return count_within(self._connection, f"spent {what}", amount, most=most)

    def spent(self, what: str) -> int:
        return counted(self._connection, f"spent {what}")

    def has_decided(self, journey: str) -> bool:
        """Whether the machine has decided any case of this journey."""
        decided = select(CaseRow.id).where(CaseRow.journey == journey, CaseRow.step.is_not(None)).limit(1)
        return self._connection.execute(decided).first() is not None

    def open_reference(self, year: int) -> str:
        """The next reference of that year, for example C-2026-000123; never given twice, but some may be left out."""
        return f"C-{year}-{self._take_number(self._connection, f'reference {year}'):06d}"

    def erase_case(self, case_id: str, *, by: str, why: str, at: datetime) -> erasure.ErasedCase:
        """Empty a case and its messages. After the commit erase the blobs of the answer's owners and scrub.

        NotAllowed when it does not exist or was erased before.
        """
        return erasure.erase_case(self._connection, case_id, log=self._log, by=by, why=why, at=at)

    # --- whether it is as it was written ----------------------------------------------------------------------------

    def verify_stream(self, stream: str) -> list[str]:
        """What differs in one stream, as sentences; [] when nothing does."""
        return self._integrity.verify_stream(stream)

    def verify_all(self) -> list[str]:
        """What differs in all streams, all case rows and the latest checkpoint; [] when nothing does."""
        return self._integrity.verify_all()

    def seal(self, at: datetime) -> CheckpointMade | None:
        """Make a checkpoint if anything happened since the last one; None when nothing did."""
        self._integrity.one_sealer()
        return self.make_checkpoint(at) if self._integrity.has_unsealed() else None

    def make_checkpoint(self, at: datetime) -> CheckpointMade:
        """Seal all stream heads under one Merkle root."""
        return self._integrity.make_checkpoint(at)

    def verify_checkpoints(self) -> list[str]:
        """Streams whose sealed tail is gone; [] when nothing is."""
        return self._integrity.verify_checkpoints()

    @cached_property
    def _integrity(self) -> Integrity:
        return Integrity(self._connection, keys=self._keys, log=self._log)

    def ping(self) -> None:
        """The cheapest question that reads the database itself."""
        self._connection.execute(select(CounterRow.value).limit(1))

    # --- what stands beside the log ---------------------------------------------------------------------------------

    @cached_property
    def work(self) -> Work:
        return Work(self._connection, language=self._language)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self._connection)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self._connection)

    @cached_property
    def data_keys(self) -> DataKeys:
        return DataKeys(self._connection)

    @cached_property
    def queue(self) -> Queue:
        return Queue(self._connection)

    @cached_property
    def insights(self) -> Insights:
        return Insights(self._connection)

    @cached_property
    def looks(self) -> Looks:
        return Looks(self._connection)

    @cached_property
    def mentions(self) -> Mentions:
        return Mentions(self._connection)

    @cached_property
    def approvals(self) -> Approvals:
        return Approvals(self._connection)

    @cached_property
    def chats(self) -> Chats:
        return Chats(self._connection)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self._connection)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self._connection)

    @cached_property
    def saved_views(self) -> SavedViews:
        return SavedViews(self._connection)

    @cached_property
    def undo(self) -> Undo:
        return Undo(self._connection)

    @cached_property
    def people(self) -> People:
        return People(self._connection)

    @cached_property
    def links(self) -> Links:
        return Links(self._connection)

    @cached_property
    def link_drafts(self) -> LinkDrafts:
        return LinkDrafts(self._connection)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self._connection)

    @cached_property
    def certificates(self) -> Certificates:
        return Certificates(self._connection)

    @cached_property
    def decisions(self) -> Decisions:
        return Decisions(self._connection)

    @cached_property
    def likeness(self) -> Likeness:
        return Likeness(self._connection)

    @cached_property
    def search(self) -> Search:
        return Search(self._connection)

    @cached_property
    def watch(self) -> Watch:
        return Watch(self._connection)

    @cached_property
    def dumps(self) -> Dumps:
        return Dumps(self._connection)
