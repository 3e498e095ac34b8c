"""The switch that stops a kind of case from closing by itself: one click with a reason, felt by the next decision."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Fields, HouseHere, SessionHere, demand
from api.pages.desk import desk_of, journeys_seen, zone_of
from api.pages.spoken import Spoken
from api.pages.templating import pages_of
from api.security import Operation, sees_line
from api.signing_in import Session
from cases.errors import NotAllowed, NotFound
from cases.journey_folder import JourneyFolder
from cases.people import User
from cases.store.store import Store
from pipelines.auditing import reopen_topic, shut_topic
from pipelines.certificates import shut_at
from pipelines.house import House
from pipelines.model_log import STREAM

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Switch:
    """One topic. state: open, shut or none: it has never been certified. told: since when, and why."""

    journey: str
    journey_title: str
    topic: str
    title: str
    state: str
    told: str


@router.get("/shut-off")
def show_switches(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Every topic of this person's lines of business that may close by itself, and whether it does."""
    demand(session.user, Operation.SHUT_AUTO_CLOSE)
    return _page(request, house, session)


@router.post("/shut-off")
def shut(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """The next case of this topic goes to a person, whichever model reads it. It is kept who did that and why."""
    folder, topic = _chosen(house, session.user, fields)
    try:
        shut_topic(house, folder.name, topic, by=session.user.name, why=fields.get("why", ""))
    except NotAllowed as refused:
        return _page(request, house, session, problem=str(refused))
    return RedirectResponse("/shut-off", 303)


@router.post("/shut-off/reopen")
def reopen(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back that a person shut it. What audits shut stays shut until new labels certify it again."""
    folder, topic = _chosen(house, session.user, fields)
    try:
        reopen_topic(house, folder.name, topic, by=session.user.name, why=fields.get("why", ""))
    except NotAllowed as refused:
        return _page(request, house, session, problem=str(refused))
    return RedirectResponse("/shut-off", 303)


def _chosen(house: House, user: User, fields: Fields) -> tuple[JourneyFolder, str]:
    demand(user, Operation.SHUT_AUTO_CLOSE)
    name = fields.get("journey", "")
    folder = house.journeys.folders.get(name)
    if folder is None or not sees_line(user, folder.journey.line_of_business):
        raise NotFound("journey", name)
    return folder, fields.get("topic", "")


def _page(request: Request, house: House, session: Session, *, problem: str = "") -> HTMLResponse:
    pages = pages_of(request)
    spoken = Spoken(pages.desk_say(), pages.desk_language, zone_of(house, None))
    return pages.page(
        "desk/shut_off.html",
        status=409 if problem else 200,
        desk=desk_of(house, session),
        section="shut_off",
        problem=problem,
        switches=_switches(house, session.user, spoken),
    )


def _switches(house: House, user: User, spoken: Spoken) -> list[Switch]:
    with house.database.reading() as store:
        history = store.history(STREAM)
        return [
            _switch(store, one, topic, spoken, shut_since=shut.get(topic))
            for one in journeys_seen(house, user)
            for shut in [shut_at(history, one.name)]
            for topic in one.journey.auto_close.topics
        ]


def _switch(store: Store, folder: JourneyFolder, topic: str, spoken: Spoken, *, shut_since: datetime | None) -> Switch:
    standing = store.certificates.open(folder.name, topic)
    if standing:
        issued = min(one.issued_at for one in standing)
        state, told = "open", spoken.say("insights.switch.since", at=spoken.moment(issued))
    elif shut_since is not None:
        last = [one for one in store.certificates.all(folder.name) if one.topic == topic and one.shut_because]
        why = last[-1].shut_because if last else ""
        state, told = "shut", spoken.say("insights.switch.shut_since", at=spoken.moment(shut_since), why=why)
    else:
        state, told = "none", spoken.say("insights.switch.never")
    return Switch(
        folder.name,
        folder.worded(folder.journey.title, spoken.language),
        topic,
        folder.worded(folder.journey.topics[topic].title, spoken.language),
        state,
        told,
    )
