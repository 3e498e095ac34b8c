"""The journeys in use: what each promises and what may close by itself."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere
from api.pages.desk import desk_of, journeys_seen
from api.pages.templating import Pages, pages_of
from cases.journey_folder import JourneyFolder

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
    pages = pages_of(request)
    shown = [_shown(pages, folder) for folder in journeys_seen(house, session.user)]
    return pages.page("desk/journeys.html", desk=desk_of(house, session), section="journeys", journeys=shown)


def _shown(pages: Pages, folder: JourneyFolder) -> JourneyShown:
    journey, language = folder.journey, pages.desk_language
    return JourneyShown(
        name=folder.name,
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
