"""How customers say it went: service and communication by journey and month, with how sure the means are."""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_skeleton
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere, demand
from api.pages.desk import desk_of, journeys_seen, zone_of
from api.pages.spoken import Spoken
from api.pages.templating import pages_of
from api.security import Operation
from cases.surveying import FEWEST, Mean
from pipelines.surveys import months

router = APIRouter(include_in_schema=False)
TOLD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class MonthShown:
    journey: str
    month: str
    n: str
    service: str
    communication: str


@router.get("/insights/survey")
def show_survey(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """The last year of every journey of this person's lines of business; one query, whatever was answered."""
    demand(session.user, Operation.SEE_INSIGHTS)
    pages = pages_of(request)
    spoken = Spoken(pages.desk_say(), pages.desk_language, zone_of(house, None))
    folders = {one.name: one for one in journeys_seen(house, session.user)}
    found = months(house, list(folders), since=house.now() - TOLD)
    return pages.page(
        "desk/insights_survey.html",
        desk=desk_of(house, session),
        section="insights",
        fewest=FEWEST,
        rows=[
            MonthShown(
                folders[one.journey].worded(folders[one.journey].journey.title, spoken.language),
                format_skeleton("yMMMM", date.fromisoformat(f"{one.month}-01"), locale=spoken.language),
                spoken.number(one.service.n, digits=0),
                _mean(one.service, spoken),
                _mean(one.communication, spoken),
            )
            for one in found
        ],
    )


def _mean(mean: Mean, spoken: Spoken) -> str:
    if mean.value is None or mean.low is None or mean.high is None:
        return spoken.say("insights.survey.few")
    value, low, high = (spoken.number(one, digits=1) for one in (mean.value, mean.low, mean.high))
    return spoken.say("insights.survey.mean", value=value, low=low, high=high)
