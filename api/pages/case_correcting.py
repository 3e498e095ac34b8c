"""A fact corrected where it stands: by its type, with what is wrong told beside it."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.case import case_page
from api.pages.case_facts import Looking
from api.pages.case_live import sent
from api.pages.templating import pages_of
from api.picking import version_of
from api.security import Operation
from cases.stating import NotOfItsType
from pipelines import hand

router = APIRouter(include_in_schema=False)


@router.post("/cases/{reference}/facts")
def state_fact(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Enter or correct a fact. One that is not of its type is told in its form, with what was typed."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    name, value = fields.get("name", ""), fields.get("value", "")
    if not name:
        raise HTTPException(422, "name: is empty; choose a fact")
    try:
        version = version_of(fields.get("version", ""))
        hand.state_fact(house, reference, name, value, person=session.user.name, version=version)
    except NotOfItsType:  # caught because the form shows what was typed, which only this route has
        pages, spec = pages_of(request), house.journeys.get(str(line.journey)).journey.facts[name]
        label = house.journeys.get(str(line.journey)).worded(spec.label, pages.desk_language)
        told = pages.desk_say()(f"case.fact_mend.{spec.type}", fact=label)
        looking = Looking(fact=name, typed=value, problem=told)
        return case_page(request, house, session, reference, looking=looking, status=422)
    except hand.CorrectedMeanwhile as refused:  # as above
        looking = Looking(fact=name, typed=value)
        return case_page(request, house, session, reference, looking=looking, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    return RedirectResponse(f"/cases/{reference}?done=saved#fact-{name}", 303)
