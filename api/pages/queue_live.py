"""What stands beside a list of cases: who has them open, and lists that people saved under a name."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from api.deps import Fields, HouseHere, SessionHere, demand
from api.narrowing import Asked
from api.pages.desk import SavedList
from api.pages.queue_filters import shown_count
from api.security import Operation
from cases.store.people import User
from cases.store.queue import CaseLine
from cases.store.saved_views import SavedView
from cases.store.store import Store

router = APIRouter(include_in_schema=False)
LONGEST_NAME, LONGEST_QUERY = 60, 1000
COUNTED = 8  # lists; counting costs time with every page


@dataclass(frozen=True, slots=True)
class Beside:
    """there: names of others who have a case open, by its reference. query: of this list, to be saved.

    searched: the words in it, which whoever it is shared with then sees: these teams, else all of one's lines.
    """

    there: Mapping[str, str]
    saved: tuple[SavedList, ...]
    query: str
    searched: str
    teams: str


def beside(store: Store, user: User, asked: Asked, lines: Sequence[CaseLine], *, now: datetime) -> Beside:
    there: dict[str, list[str]] = {}
    for one in store.desk.present(now, [line.reference for line in lines]):
        if one.person != user.name:
            there.setdefault(one.reference, []).append(one.person)
    return Beside(
        there={reference: ", ".join(names) for reference, names in there.items()},
        saved=saved_lists(store, user, asked, now=now),
        query=asked.query(),
        searched=asked.q,
        teams=", ".join(user.teams),
    )


def saved_lists(store: Store, user: User, asked: Asked | None, *, now: datetime) -> tuple[SavedList, ...]:
    """One's own first; lists whose filters this version does not know any more are left out. asked: what is open."""
    known = [(view, read) for view in store.saved_views.of(user) if (read := _read(view.query)) is not None]
    known.sort(key=lambda pair: pair[0].owner != user.name)
    counts = store.queue.counts_of([read.question(user, now=now) for _, read in known[:COUNTED]])
    shown = [*map(shown_count, counts), *[""] * len(known)]
    return tuple(
        SavedList(
            view.id,
            view.name,
            read.href(),
            "" if view.owner == user.name else view.owner,
            count,
            current=read == asked,
        )
        for (view, read), count in zip(known, shown, strict=False)
    )


def _read(query: str) -> Asked | None:
    try:
        return Asked.read(query)
    except ValueError:
        return None


@router.post("/queue/saved")
def save_list(house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Keep the query of a list under a name, for oneself or with one's team. It finds what each reader may see.

    shared: "1", or "without_words" where those that were searched for, a name perhaps, are for oneself alone.
    """
    demand(session.user, Operation.READ_CASES)
    name, query = fields.get("name", "")[:LONGEST_NAME], fields.get("query", "")
    if not name:
        raise HTTPException(422, "name: is empty; say what to call this list")
    asked = _read(query) if len(query) <= LONGEST_QUERY else None
    if asked is None:
        raise HTTPException(422, "query: is no list of the queue; open the list and save it from there")
    owner, shared = session.user.name, fields.get("shared", "")
    kept = asked.query(q="") if shared == "without_words" else asked.query()
    view = SavedView(secrets.token_hex(8), owner, shared=bool(shared), name=name, query=kept)
    with house.database.writing() as store:
        store.saved_views.save(view, at=house.now())
    return RedirectResponse(asked.href(), 303)


@router.post("/queue/saved/{view_id}/drop")
def drop_list(view_id: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Only one's own."""
    demand(session.user, Operation.READ_CASES)
    with house.database.writing() as store:
        store.saved_views.drop(view_id, session.user.name)
    asked = _read(fields.get("query", "")) or Asked()
    return RedirectResponse(asked.href(), 303)
