"""Work for people by call: the next case, and what is done to many cases at once."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import HouseHere, PersonHere, demand
from api.narrowing import Asked
from api.openapi import problems
from api.picking import hand_of, matching
from api.security import Operation
from cases.errors import NotAllowed
from cases.people import User
from pipelines.assigning import reasons_for, take_next
from pipelines.bulk import MOST, UNDO, Act, Item, Order, Picked, take_back
from pipelines.house import House
from pipelines.sharing import carry_out, rehearse

router = APIRouter(prefix="/api", tags=["cases"], responses=problems(400, 401, 403, 404, 405, 409, 413, 422, 503))
Reference = Annotated[str, Field(min_length=1, max_length=60)]


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NextAsked(Payload):
    """besides: cases that are passed over, as the one that is being left."""

    besides: Annotated[list[Reference], Field(max_length=100)] = []


class PickedCase(Payload):
    """version: as it was shown; when just that has changed since, the case is left alone."""

    reference: Reference
    version: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class BulkPosted(Payload):
    """Either cases, or matching: the query of a list of the queue, as its address holds it. At most 1,000 of them.

    to: a colleague, to assign; without one each case goes to whose turn it is by skill, language and load. until: to
    snooze. dry_run: only tell what would happen.
    """

    act: Act
    to: Annotated[str, Field(max_length=200)] = ""
    until: AwareDatetime | None = None
    cases: Annotated[list[PickedCase], Field(max_length=MOST)] = []
    matching: Annotated[str, Field(max_length=1000)] | None = None
    dry_run: bool = False


@router.post("/cases/next")
def post_next(asked: NextAsked, house: HouseHere, person: PersonHere) -> JSONResponse:
    """Assign the most urgent case you may and can do to you: {reference, because}; both null when there is none."""
    demand(person, Operation.ASSIGN_SELF)
    line = take_next(house, person, besides=asked.besides)
    because = [str(reason) for reason in reasons_for(line, person, now=house.now())] if line else None
    return JSONResponse({"reference": line.reference if line else None, "because": because})


@router.post("/bulk")
def post_bulk(posted: BulkPosted, house: HouseHere, person: PersonHere) -> JSONResponse:
    """Assign, release or snooze many cases: {items, left_out, undo, undo_seconds}. What stands against one stops no
    other. undo: the name to take it back by; null when nothing was done.
    """
    demand(person, Operation.ASSIGN_SELF)
    picked, left_out = _picked(house, person, posted)
    order, hand = Order(posted.act, posted.to, posted.until), hand_of(person)
    if posted.dry_run:
        return _answer(rehearse(house, hand, order, picked), left_out=left_out, undo=None)
    done = carry_out(house, hand, order, picked)
    return _answer(done.items, left_out=left_out, undo=done.act or None)


@router.post("/bulk/{act}/undo")
def post_undo(act: Annotated[str, Field(max_length=60)], house: HouseHere, person: PersonHere) -> JSONResponse:
    """Take back what you did to many cases, within a minute; 409 when there is nothing to take back any more."""
    demand(person, Operation.ASSIGN_SELF)
    items = take_back(house, hand_of(person), act)
    if not items:
        raise NotAllowed("taking that back", "a minute has passed, it was taken back before, or it was not yours")
    return _answer(items, left_out=0, undo=None)


def _picked(house: House, user: User, posted: BulkPosted) -> tuple[list[Picked], int]:
    if (posted.matching is None) == (not posted.cases):
        raise HTTPException(422, "cases: name either cases or, in matching, the query of a list")
    if posted.matching is not None:
        try:
            return matching(house, user, Asked.read(posted.matching))
        except ValueError as error:
            raise HTTPException(422, f"matching: {error}") from error
    return [Picked(one.reference, one.version) for one in posted.cases], 0


def _answer(items: tuple[Item, ...], *, left_out: int, undo: str | None) -> JSONResponse:
    told: list[dict[str, Any]] = [
        {"reference": item.reference, "result": str(item.result), "holder": item.holder or None} for item in items
    ]
    seconds = int(UNDO.total_seconds()) if undo else None
    return JSONResponse({"items": told, "left_out": left_out, "undo": undo, "undo_seconds": seconds})
