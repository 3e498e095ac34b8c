"""What customers typed on their page and did not send yet, by the link that opened it."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select

from cases.store import dialect
from cases.store.side_rows import LinkRow
from cases.store.upload_rows import LinkDraftRow


class LinkDrafts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, link_id: str, form: str, text: str, *, at: datetime, opened_at: datetime) -> bool:
        """The newest words stand for all before. opened_at: of the page they were typed on.

        False, and nothing is kept, when the form was sent after that page was opened.
        """
        not_sent = or_(LinkDraftRow.sent_at.is_(None), LinkDraftRow.sent_at < opened_at)
        put = dialect.upsert(self._connection.dialect.name, LinkDraftRow.__table__)
        statement = put.on_conflict_do_update(
            index_elements=["link_id", "form"],
            set_={"text": put.excluded.text, "kept_at": put.excluded.kept_at},
            where=not_sent,
        ).returning(LinkDraftRow.form)
        row = {"link_id": link_id, "form": form, "text": text, "kept_at": at, "sent_at": None}
        return self._connection.execute(statement, row).first() is not None

    def sent(self, link_id: str, form: str, *, at: datetime) -> None:
        """Whatever comes late from a page opened before is not kept."""
        put = dialect.upsert(self._connection.dialect.name, LinkDraftRow.__table__)
        statement = put.on_conflict_do_update(index_elements=["link_id", "form"], set_={"text": "", "sent_at": at})
        row = {"link_id": link_id, "form": form, "text": "", "kept_at": at, "sent_at": at}
        self._connection.execute(statement, row)

    def of(self, link_id: str) -> dict[str, str]:
        """Text by form, where there is any."""
        mine = (LinkDraftRow.link_id == link_id, LinkDraftRow.text != "")
        rows = self._connection.execute(select(LinkDraftRow.form, LinkDraftRow.text).where(*mine))
        return {row.form: row.text for row in rows}

    def drop_old(self, before: datetime) -> int:
        """All that nobody typed in or sent since then; how many."""
        old = func.coalesce(LinkDraftRow.sent_at, LinkDraftRow.kept_at) < before
        return self._connection.execute(delete(LinkDraftRow).where(old)).rowcount

    def forget(self, case_id: str) -> None:
        """Of all links of a case; before these are removed."""
        links = select(LinkRow.id).where(LinkRow.case_id == case_id)
        self._connection.execute(delete(LinkDraftRow).where(LinkDraftRow.link_id.in_(links)))
