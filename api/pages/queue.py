"""The work queue."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from api.deps import HouseHere, SessionHere, demand
from api.narrowing import Asked, NarrowedBy
from api.pages.case_chat_parts import waiting_chats
from api.pages.desk import desk_of
from api.pages.queue_filters import Notice, queue_view
from api.pages.queue_live import beside
from api.pages.queue_sheet import HEADS, sheet, sheet_lines
from api.pages.queue_view import Shown, queue_rows
from api.pages.templating import Pages, pages_of
from api.security import Operation, searched_by
from api.signing_in import note_access
from cases.people import DECIDERS, User
from cases.store.store import Store
from cases.vocabulary import View
from pipelines.bulk import UNDO

router = APIRouter(include_in_schema=False)
SHOWN = (
    View.US, View.MINE, View.DUE_TODAY, View.UNASSIGNED, View.CUSTOMER, View.THIRD_PARTY, View.SECOND_LOOK, View.AUDIT,
    View.SNOOZED, View.ABSENT, View.ALL,
)  # fmt: skip
PAGE = 50
TOLD = ("none_left", "none_picked", "nothing", "too_late", "undone")
MOST_EXPORTED = 10_000

Journey = Annotated[str, Query(max_length=60)]
Words = Annotated[str, Query(max_length=100)]


@router.get("/queue")
def show_queue(
    *,
    request: Request,
    house: HouseHere,
    session: SessionHere,
    filters: NarrowedBy,
    view: View = View.US,
    journey: Journey = "",
    q: Words = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    did: Annotated[str, Query(max_length=60)] = "",
    told: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Cases of one view, most urgent first; the address holds the whole filter. did, told: what was just done."""
    user = session.user
    demand(user, Operation.READ_CASES)
    pages, asked = pages_of(request), Asked.of(view, journey, q, filters)
    now, lines = house.local_now(), user.lines_seen
    with house.database.reading(lines) as store:
        page = store.queue.page(
            view, who=user.name, now=now, journey=journey or None, q=asked.q, lines=lines, filters=filters,
            within=searched_by(user), cursor=cursor, limit=PAGE,
        )  # fmt: skip
        counts = store.queue.counts(SHOWN, who=user.name, now=now, lines=lines)
        last = store.queue.last_words([line.id for line in page.items])
        unread = store.looks.unread(user.name, [line.id for line in page.items])
        people = colleagues(store, user)
        called = [(reference, by) for reference, line, by in store.mentions.of(user.name) if user.sees(line)]
        chats = waiting_chats(store, house, pages, user)
        live = beside(store, user, asked, page.items, now=now)
        undoable = store.undo.count(did, who=user.name, since=now - UNDO) if did else 0
    shown = Shown(house, pages, user, now, asked.query(), last, unread)
    notice = _notice(pages, told, did, undoable)
    return pages.page(
        "desk/queue.html",
        desk=desk_of(house, session, waiting=counts[View.US].value, saved=live.saved),
        section="all" if view is View.ALL else "queue",
        live=live,
        called=called,
        chats=chats,
        queue=queue_view(shown, asked=asked, page=page, counts=counts, people=people, notice=notice),
    )


@router.get("/queue.csv")
def export_queue(
    *,
    request: Request,
    house: HouseHere,
    session: SessionHere,
    filters: NarrowedBy,
    view: View = View.US,
    journey: Journey = "",
    q: Words = "",
) -> StreamingResponse:
    """The list with the columns that the page shows, as CSV; at most 10,000 cases, and it says so in its last line."""
    user = session.user
    demand(user, Operation.READ_CASES)
    pages, asked = pages_of(request), Asked.of(view, journey, q, filters)
    note_access(house, "queue_exported", who=user.name, subject=asked.query(q=""))  # words may be a name
    shown = Shown(house, pages, user, house.local_now())
    say = pages.desk_say()

    asking = asked.question(user, now=shown.now)
    with house.database.reading(asking.lines) as store:
        lines = store.queue.matching(asking, limit=MOST_EXPORTED + 1)

    def written() -> Iterator[str]:
        yield sheet([[say(f"queue.head.{head}") for head in HEADS]])
        for start in range(0, min(len(lines), MOST_EXPORTED), PAGE):
            yield sheet(sheet_lines(say, queue_rows(shown, lines[start : start + PAGE])))
        if len(lines) > MOST_EXPORTED:
            yield sheet([[say("queue.export_cut", n=MOST_EXPORTED)]])

    name = f"{view}-{shown.now:%Y-%m-%d}.csv"
    return StreamingResponse(
        written(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _notice(pages: Pages, told: str, did: str, undoable: int) -> Notice:
    say = pages.desk_say()
    if did:
        done = say("queue.did_one") if undoable == 1 else say("queue.did", n=undoable)
        return Notice(done, did) if undoable else Notice(say("queue.told.too_late"))
    return Notice(say(f"queue.told.{told}")) if told in TOLD else Notice()


def colleagues(store: Store, user: User) -> list[str]:
    """Names of those who handle cases of a line that this person sees."""
    seen = user.lines_seen
    return [
        one.name
        for one in store.people.users()
        if one.disabled_at is None
        and DECIDERS & set(one.roles)
        and (seen is None or any(one.sees(line) for line in seen))
    ]
