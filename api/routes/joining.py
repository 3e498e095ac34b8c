"""Merging, splitting and linking cases by call. Only people do it, with leave to decide both cases."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Caller, CallerHere, HouseHere, PersonHere, line_for
from api.openapi import problems
from api.security import Operation
from pipelines import joining
from pipelines.house import House
from pipelines.joining import Relation

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=problems(400, 401, 403, 404, 405, 409, 413, 422, 503))
Reference = Annotated[str, Field(min_length=1, max_length=60)]
Ids = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1000)]
Reason = Annotated[str, Field(max_length=5000)]


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class MergePosted(Payload):
    """into: the case in which this one goes on. confirmed, reason: both needed where their customers differ.

    dry_run: only tell what would happen.
    """

    into: Reference
    reason: Reason = ""
    confirmed: bool = False
    dry_run: bool = False


class OtherPosted(Payload):
    other: Reference


class SplitPosted(Payload):
    """messages: ids of whole ones; files: single ones of messages that stay. told: the customer gets a letter."""

    messages: Ids = []
    files: Ids = []
    told: bool = True
    reason: Reason = ""


class LinkPosted(Payload):
    """relation: what the other case is to this one."""

    other: Reference
    relation: Relation


@router.post("/{reference}/merge")
def post_merge(
    reference: str, posted: MergePosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """The case goes on in another one; nothing is moved and nobody is written to. Answers the other one's version."""
    _refuse_who_may_not_decide(house, caller, reference, posted.into)
    if posted.dry_run:
        what = joining.merging(house, reference, posted.into, person=person.name)
        return JSONResponse(
            {
                "reference": posted.into,
                "version": what.main.version,
                "other_customer": what.other_customer,
                "doubled_photos": what.doubled,
                "update_by": what.sooner.isoformat() if what.sooner else None,
            }
        )
    version = joining.merge(
        house, reference, posted.into, person=person.name, reason=posted.reason, confirmed=posted.confirmed
    )
    return _done(posted.into, version)


@router.post("/{reference}/unmerge")
def post_unmerge(
    reference: str, posted: OtherPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Two merged cases, named in either order, go on by themselves again."""
    _refuse_who_may_not_decide(house, caller, reference, posted.other)
    return _done(reference, joining.unmerge(house, reference, posted.other, person=person.name))


@router.post("/{reference}/split")
def post_split(
    reference: str, posted: SplitPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Chosen messages and files go on in a new case, whose reference is answered."""
    _refuse_who_may_not_decide(house, caller, reference)
    new = joining.split(
        house, reference, posted.messages, posted.files, person=person.name, told=posted.told, reason=posted.reason
    )
    return JSONResponse({"reference": new})


@router.post("/{reference}/unsplit")
def post_unsplit(
    reference: str, posted: OtherPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """What was split off is this case's again; what the other one got meanwhile is merged in."""
    _refuse_who_may_not_decide(house, caller, reference, posted.other)
    return _done(reference, joining.unsplit(house, reference, posted.other, person=person.name))


@router.post("/{reference}/links")
def post_link(
    reference: str, posted: LinkPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    """Shown in both cases."""
    _refuse_who_may_not_decide(house, caller, reference, posted.other)
    return _done(reference, joining.link(house, reference, posted.other, posted.relation, person=person.name))


@router.post("/{reference}/links/remove")
def post_unlink(
    reference: str, posted: LinkPosted, house: HouseHere, person: PersonHere, caller: CallerHere
) -> JSONResponse:
    _refuse_who_may_not_decide(house, caller, reference, posted.other)
    return _done(reference, joining.unlink(house, reference, posted.other, posted.relation, person=person.name))


def _refuse_who_may_not_decide(house: House, caller: Caller, *references: str) -> None:
    """NotFound or 403 for the first of these."""
    for one in references:
        line_for(house, caller, one, operation=Operation.DECIDE)


def _done(reference: str, version: int) -> JSONResponse:
    return JSONResponse({"reference": reference, "version": version})
