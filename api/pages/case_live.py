"""A case that several people have open: who is there, who works on it, and what one typed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Path
from fastapi.responses import RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.desk import SavedList, zone_of
from api.pages.queue_live import saved_lists
from api.pages.templating import Pages
from api.pages.times import shown_moment
from api.routes.live import FORM_NAME, worth_keeping
from api.security import Operation
from api.signing_in import Session
from cases.errors import NotAllowed
from cases.events import AccessNoted
from cases.store.drafts import Draft
from cases.store.queue import CaseLine
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.under_way import UnderWay, under_way

router = APIRouter(include_in_schema=False)
FormName = Annotated[str, Path(pattern=FORM_NAME)]
MOST_KEPT = 10_000  # characters of a field


@dataclass(frozen=True, slots=True)
class Restored:
    form: str
    text: str


@dataclass(frozen=True, slots=True)
class LiveCase:
    """people: sentences. hold: that somebody else works on it; blank when nobody does. opened_at: of this page.
    machine: what Casewright does at it.

    saved: the reader's lists, to go on with.
    """

    people: tuple[str, ...]
    hold: str
    drafts: Mapping[str, Mapping[str, str]]
    restored: tuple[Restored, ...]
    opened_at: str
    saved: tuple[SavedList, ...] = ()
    machine: UnderWay = ""

    @property
    def drafts_json(self) -> str:
        return orjson.dumps(dict(self.drafts)).decode()

    def kept(self, form: str) -> Mapping[str, str]:
        """What stood in the fields of this form, by name."""
        return self.drafts.get(form, {})


def live_case(house: House, pages: Pages, session: Session, line: CaseLine) -> LiveCase:
    """Opening the page is being there, also without a script that goes on saying so."""
    me, now, say = session.user.name, house.now(), pages.desk_say()
    zone = zone_of(house, line.journey)
    with house.database.writing() as store:
        store.desk.enter(line.id, me, now=now)
        if line.last_message_at is not None:
            store.looks.look(line.id, me, read_to=line.last_message_at)
        present = store.desk.present(now, [line.reference])
        held = [hold for hold in store.desk.holds(now, [line.reference]) if hold.holder != me]
        drafts = store.drafts.of(line.id, me)
        saved = saved_lists(store, session.user, None, now=house.local_now())
        machine = under_way(store, line.id, now=now)

    def shown(at: datetime) -> str:
        return shown_moment(at, zone=zone, language=pages.desk_language)

    def restored(draft: Draft) -> Restored:
        return Restored(draft.form, say("case.live.restored", time=shown(draft.kept_at)))

    return LiveCase(
        people=tuple(
            say("case.live.typing" if one.typing else "case.live.viewing", name=one.person)
            for one in present
            if one.person != me
        ),
        hold=say("case.live.held", name=held[0].holder, time=shown(held[0].since)) if held else "",
        drafts={draft.form: draft.fields for draft in drafts},
        restored=tuple(map(restored, drafts)),
        opened_at=now.isoformat(),
        saved=saved,
        machine=machine,
    )


def refuse_held(house: House, line: CaseLine, person: str) -> None:
    """NotAllowed while somebody else works on the case: two people would decide it at once without knowing."""
    now = house.now()
    with house.database.reading() as store:
        holds = store.desk.holds(now, [line.reference])
    for hold in holds:
        if hold.holder != person:
            minutes = int((now - hold.since).total_seconds() // 60)
            why = f"{hold.holder} has been working on this case for {minutes} min; take it over, and decide again"
            raise NotAllowed("deciding", why)


def sent(house: House, line: CaseLine, person: str, fields: Mapping[str, str]) -> None:
    """A form went out: what was kept of it is dropped, and its sender's work on the case is done.

    The form says its name in the hidden field `draft`.
    """
    with house.database.writing() as store:
        if fields.get("draft"):
            store.drafts.drop(line.id, person, fields["draft"], at=house.now())
        store.desk.release(line.id, person)


@router.post("/cases/{reference}/take-over")
def take_over(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:  # noqa: ARG001  # its token is checked
    """Work on the case from now on, whoever did. The other is told at once, and it is noted."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    person, now = session.user.name, house.now()

    def write(store: Store) -> None:
        had = [hold.holder for hold in store.desk.holds(now, [reference]) if hold.holder != person]
        store.desk.take_over(line.id, person, now=now)
        for holder in had:
            noted = AccessNoted(f"case_taken_over_from {holder}", person, reference)
            store.append("access", [(noted, Actor("person", person))], at=now)

    write_in_turn(house.database, write)
    return RedirectResponse(f"/cases/{reference}?done=taken_over", 303)


@router.post("/cases/{reference}/drafts/{form}")
def keep(reference: str, form: FormName, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Keep what stands in this form; where scripts run they do so while one types."""
    line, now = line_for(house, Caller(session), reference, operation=Operation.DECIDE), house.now()
    typed = {name: value[:MOST_KEPT] for name, value in worth_keeping(fields).items()}
    with house.database.writing() as store:
        store.drafts.keep(line.id, session.user.name, form, typed, at=now, opened_at=now)
    return RedirectResponse(f"/cases/{reference}?done=kept", 303)


@router.post("/cases/{reference}/drafts/{form}/drop")
def drop(reference: str, form: FormName, house: HouseHere, session: SessionHere, fields: Fields) -> Response:  # noqa: ARG001  # its token is checked
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    with house.database.writing() as store:
        store.drafts.drop(line.id, session.user.name, form, at=house.now())
    return RedirectResponse(f"/cases/{reference}", 303)
