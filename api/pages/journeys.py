"""The journeys in use: what each promises and what may close by itself."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere
from api.pages.desk import desk_of
from api.pages.templating import Pages, pages_of
from api.security import sees_line
from pipelines.house import House

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TopicShown:
    title: str
    description: str
    may_close: bool


@dataclass(frozen=True, slots=True)
class JourneyShown:
    name: str
    title: str
    promise: str
    languages: str
    digest: str
    topics: tuple[TopicShown, ...]


@router.get("/journeys")
def show_journeys(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Those of one's own lines of business."""
    pages, journeys = pages_of(request), house.journeys
    seen = [name for name in journeys.names() if sees_line(session.user, journeys.get(name).journey.line_of_business)]
    shown = [_shown(house, pages, name) for name in seen]
    return pages.page("desk/journeys.html", desk=desk_of(house, session), section="journeys", journeys=shown)


def _shown(house: House, pages: Pages, name: str) -> JourneyShown:
    folder, language = house.journeys.get(name), pages.desk_language
    journey = folder.journey
    return JourneyShown(
        name=name,
        title=folder.worded(journey.title, language),
        promise=pages.desk_say()(
            "desk.journeys.promise", hours=journey.promises.first_response_hours, days=journey.promises.decision_days
        ),
        languages=", ".join(journey.languages),
        digest=pages.desk_say()("desk.journeys.digest", digest=folder.digest[:12]),
        topics=tuple(
            TopicShown(
                folder.worded(topic.title, language),
                folder.worded(topic.description, language),
                key in journey.auto_close.topics,
            )
            for key, topic in journey.topics.items()
        ),
    )
