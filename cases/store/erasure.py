"""Erasing a case: every word, name and fingerprint goes; that it was, and the chain, stay."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from cases.events import CaseErased
from cases.store import dialect
from cases.store.chats import Chats
from cases.store.data_keys import DataKeys
from cases.store.desk import Desk
from cases.store.likeness import Likeness
from cases.store.link_drafts import LinkDrafts
from cases.store.log import EventLog
from cases.store.looks import Looks
from cases.store.mentions import Mentions
from cases.store.rows import EventRow, MessageRow, WorkRow
from cases.store.search import Search
from cases.store.side_rows import LinkRow
from cases.store.uploads import Uploads
from cases.vocabulary import Actor


@dataclass(frozen=True, slots=True)
class ErasedCase:
    """owners: whose blobs are to be erased after the commit; then scrub the database."""

    case_id: str
    streams: tuple[str, ...]
    owners: tuple[str, ...]


def erase_case(connection: Connection, case_id: str, *, log: EventLog, by: str, why: str, at: datetime) -> ErasedCase:
    """Write that it was erased, then empty it. NotAllowed when it does not exist or was erased before."""
    _wait_for_work(connection, case_id)
    log.append(case_id, [(CaseErased(by, why), Actor("person", by))], at=at)
    messages = connection.execute(
        select(MessageRow.id, MessageRow.owner).where(MessageRow.case_id == case_id).order_by(MessageRow.id)
    ).all()
    streams = (case_id, *(message.id for message in messages))
    connection.execute(
        update(EventRow)
        .where(EventRow.stream.in_(streams), EventRow.body.is_not(None))
        # The last word of the case is that it was erased, by whom and why.
        .where(or_(EventRow.stream != case_id, EventRow.kind != "case_erased"))
        .values(body=None, salt=None)
    )
    connection.execute(
        update(MessageRow).where(MessageRow.case_id == case_id).values(raw_digest="", caller="", idempotency_key=None)
    )
    connection.execute(delete(WorkRow).where(WorkRow.stream.in_(streams)))
    LinkDrafts(connection).forget(case_id)
    connection.execute(delete(LinkRow).where(LinkRow.case_id == case_id))
    uploads = Uploads(connection).of_case(case_id)
    Uploads(connection).drop(uploads)
    Likeness(connection).forget(case_id)
    Search(connection).forget(case_id)
    Desk(connection).forget(case_id)
    Mentions(connection).forget(case_id)
    Looks(connection).forget(case_id)
    Chats(connection).forget(case_id)
    owners = tuple(sorted({case_id, *(message.owner for message in messages), *uploads}))
    DataKeys(connection).destroy(owners)
    return ErasedCase(case_id, streams, owners)


def _wait_for_work(connection: Connection, case_id: str) -> None:
    """Those who finish work of this case lock its row first and the stream's head after; so does erasing."""
    if dialect.has_many_writers(connection):
        of_messages = select(MessageRow.id).where(MessageRow.case_id == case_id)
        connection.execute(
            select(WorkRow.seq)
            .where(or_(WorkRow.stream == case_id, WorkRow.stream.in_(of_messages)))
            .order_by(WorkRow.stream, WorkRow.seq, WorkRow.stage)
            .with_for_update()
        )
