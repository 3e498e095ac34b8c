"""What the routes of the rules ask for: a table that this person may see, and a form as large as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request

from api.deps import HouseHere, SessionHere, demand, read_fields
from api.pages.desk import journeys_seen, zone_of
from api.pages.spoken import Spoken
from api.pages.templating import Pages, pages_of
from api.security import Operation, form_token_fits, may
from api.signing_in import Session
from cases.errors import NotFound
from cases.journey_folder import JourneyFolder
from cases.rules import Table
from cases.store.people import User
from pipelines.house import House
from pipelines.rulebook.drafts import Draft, draft_of
from pipelines.rulebook.versions import Book, Version, book_of

#: Of one table: some 700 rows of 20 columns. The body's own cap of 1 MB comes on top of it.
MAX_TABLE_FIELDS: Final = 16_000
TABLE: Final = "/rules/{journey}/{table}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A table as one person has it before them.

    newest: what a draft starts from; its day may lie ahead. now: the version that decides today.
    """

    folder: JourneyFolder
    name: str
    book: Book
    draft: Draft | None
    newest: Version
    now: Version
    user: User

    @property
    def seen(self) -> str:
        """What a change is made on: see `save_draft`."""
        return self.draft.digest if self.draft else self.newest.digest

    @property
    def document(self) -> Mapping[str, object]:
        return self.draft.document if self.draft else self.newest.table.as_dict()

    @property
    def path(self) -> str:
        return f"/rules/{self.folder.name}/{self.name}"

    @property
    def may_draft(self) -> bool:
        return may(self.user, Operation.DRAFT_RULES)

    @property
    def table(self) -> Table:
        return self.now.table


def folders_of(house: House, user: User) -> list[JourneyFolder]:
    """The journeys whose rules this person may read; NotFound for everybody who reads no rules at all."""
    if not may(user, Operation.READ_RULES):
        raise NotFound("page", "rules")
    return journeys_seen(house, user)


def open_table(house: House, session: Session, journey: str, table: str) -> Opened:
    """The table with its versions and its draft; NotFound when there is none, or none for this person."""
    folder = next((one for one in folders_of(house, session.user) if one.name == journey), None)
    if folder is None or table not in folder.tables:
        raise NotFound("table", f"{journey}/{table}")
    with house.database.reading() as store:
        book = book_of(store, journey, table)
    newest, now = book.newest(), book.on(house.now().date())
    if newest is None or now is None:
        raise NotFound("table", f"{journey}/{table}")
    return Opened(folder, table, book, draft_of(house, journey, table), newest, now, session.user)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at one table."""

    request: Request
    house: House
    session: Session
    opened: Opened

    @property
    def pages(self) -> Pages:
        return pages_of(self.request)

    @property
    def spoken(self) -> Spoken:
        return Spoken(self.pages.desk_say(), self.pages.desk_language, zone_of(self.house, self.opened.folder.name))


def get_visit(request: Request, house: HouseHere, session: SessionHere, journey: str, table: str) -> Visit:
    return Visit(request, house, session, open_table(house, session, journey, table))


TableHere = Annotated[Visit, Depends(get_visit)]


def get_change(visit: TableHere) -> Visit:
    """403 for somebody who may only read."""
    demand(visit.session.user, Operation.DRAFT_RULES)
    return visit


TableToChange = Annotated[Visit, Depends(get_change)]


async def get_table_fields(request: Request, house: HouseHere, session: SessionHere) -> Mapping[str, str]:
    """The fields of a table's form, in their order. `paste` keeps its blanks: a tab at its start is an empty cell."""
    fields = await read_fields(request, house, most=MAX_TABLE_FIELDS)
    if not form_token_fits(fields.get("csrf", ""), session.secret, house.keys.session):
        raise HTTPException(403, "the form token is missing or old; open the page again and send its form")
    pasted = (await request.form()).get("paste")
    return {**fields, "paste": pasted} if isinstance(pasted, str) else fields


TableFields = Annotated[Mapping[str, str], Depends(get_table_fields)]
