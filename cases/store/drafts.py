"""What people typed into the forms of a case and did not send yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, delete, func, or_, select, update

from cases.store import dialect
from cases.store.desk_rows import DraftRow
from cases.store.rows import CaseRow


@dataclass(frozen=True, slots=True)
class Draft:
    """form: its name on the page of the case. fields: what stands in them, by name."""

    form: str
    fields: Mapping[str, str]
    kept_at: datetime


class Drafts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(
        self, case_id: str, person: str, form: str, fields: Mapping[str, str], *, at: datetime, opened_at: datetime
    ) -> bool:
        """The newest words stand for all before. opened_at: of the page they were typed on.

        False, and nothing is kept, when the form was sent after that page was opened: what comes late was sent already.
        """
        put = dialect.upsert(self._connection.dialect.name, DraftRow.__table__)
        kept = {"fields": put.excluded.fields, "kept_at": put.excluded.kept_at}
        not_sent = or_(DraftRow.sent_at.is_(None), DraftRow.sent_at < opened_at)
        row = {
            "case_id": case_id,
            "person": person,
            "form": form,
            "fields": orjson.dumps(dict(fields)).decode(),
            "kept_at": at,
            "sent_at": None,
        }
        statement = put.on_conflict_do_update(
            index_elements=["case_id", "person", "form"], set_=kept, where=not_sent
        ).returning(DraftRow.form)
        return self._connection.execute(statement, row).first() is not None

    def drop(self, case_id: str, person: str, form: str, *, at: datetime) -> None:
        """It was sent, or is not wanted any more."""
        mine = (DraftRow.case_id == case_id, DraftRow.person == person, DraftRow.form == form)
        self._connection.execute(update(DraftRow).where(*mine).values(fields="{}", sent_at=at))

    def drop_old(self, before: datetime) -> int:
        """All that nobody typed in or sent since then, and whatever came to a case after it was erased; how many."""
        erased = select(CaseRow.id).where(CaseRow.erased)
        old = func.coalesce(DraftRow.sent_at, DraftRow.kept_at) < before
        return self._connection.execute(delete(DraftRow).where(or_(old, DraftRow.case_id.in_(erased)))).rowcount

    def of(self, case_id: str, person: str) -> list[Draft]:
        """What a person typed in this case, by form."""
        mine = (DraftRow.case_id == case_id, DraftRow.person == person, DraftRow.fields != "{}")
        statement = select(DraftRow.form, DraftRow.fields, DraftRow.kept_at).where(*mine).order_by(DraftRow.form)
        return [Draft(row.form, orjson.loads(row.fields), row.kept_at) for row in self._connection.execute(statement)]
