"""What is done from the queue: take the next case, and assign, release or put aside many at once, with undo."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Fields, HouseHere, SessionHere, demand
from api.narrowing import Asked
from api.pages.desk import MORNING, desk_of, zone_of
from api.pages.queue_view import case_href
from api.pages.templating import Pages, pages_of
from api.picking import Picking, boxed, hand_of, listed, matching, worth_doing, written
from api.security import Operation
from api.signing_in import Session
from cases.errors import NotAllowed
from pipelines.assigning import take_next
from pipelines.bulk import Act, Item, Order, Result, take_back
from pipelines.house import House
from pipelines.sharing import carry_out, rehearse

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a report: a case and what happened to it, or would."""

    reference: str
    href: str
    text: str
    done: bool


@router.post("/queue/next")
def go_to_next(house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Open the next case; back to the list when there is none."""
    demand(session.user, Operation.ASSIGN_SELF)
    besides = fields.get("besides", "").split()[:100]
    line = take_next(house, session.user, besides=besides)
    return RedirectResponse(f"/cases/{line.reference}?given=1" if line else "/queue?told=none_left", 303)


@router.post("/queue/bulk")
def ask_before(request: Request, house: HouseHere, session: SessionHere, fields: Picking) -> Response:
    """Say what would happen to each case that was picked; nothing is done yet."""
    demand(session.user, Operation.ASSIGN_SELF)
    asked, order = _asked(fields), _order(house, session, fields)
    whole = fields.get("all") == "1"
    picked, left_out = matching(house, session.user, asked) if whole else (boxed(fields), 0)
    if not picked:
        return RedirectResponse(asked.href(told="none_picked"), 303)
    try:
        items = rehearse(house, hand_of(session.user), order, picked)
    except NotAllowed as refused:
        return _report(request, house, session, asked=asked, order=order, items=(), problem=str(refused))
    return _report(
        request, house, session, asked=asked, order=order, items=items, left_out=left_out,
        cases=written(worth_doing(picked, items)),
    )  # fmt: skip


@router.post("/queue/bulk/do")
def do_it(request: Request, house: HouseHere, session: SessionHere, fields: Picking) -> Response:
    """Do it. Back to the list with the way to undo it; where something stood against a case, a report first."""
    demand(session.user, Operation.ASSIGN_SELF)
    asked, order = _asked(fields), _order(house, session, fields)
    try:
        done = carry_out(house, hand_of(session.user), order, listed(fields.get("cases", "")))
    except NotAllowed as refused:
        return _report(request, house, session, asked=asked, order=order, items=(), problem=str(refused))
    if all(item.result is Result.DONE for item in done.items):
        return RedirectResponse(asked.href(did=done.act), 303)
    return _report(request, house, session, asked=asked, order=order, items=done.items, act=done.act, after=True)


@router.post("/queue/undo")
def undo(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back what was done to many cases, within a minute."""
    demand(session.user, Operation.ASSIGN_SELF)
    asked = _asked(fields)
    items = take_back(house, hand_of(session.user), fields.get("act", ""))
    if not items:
        return RedirectResponse(asked.href(told="too_late"), 303)
    if all(item.result is Result.DONE for item in items):
        return RedirectResponse(asked.href(told="undone"), 303)
    return _report(request, house, session, asked=asked, order=None, items=items, after=True)


# --- parts ------------------------------------------------------------------------------------------------------------


def _asked(fields: Mapping[str, str]) -> Asked:
    try:
        return Asked.read(fields.get("in", ""))
    except ValueError as error:
        raise HTTPException(422, f"in: {error}") from error


def _order(house: House, session: Session, fields: Mapping[str, str]) -> Order:
    """The button that was pressed, with its field. "take" assigns to oneself."""
    match fields.get("act", ""):
        case "take":
            return Order(Act.ASSIGN, session.user.name)
        case "assign":
            return Order(Act.ASSIGN, fields.get("to", ""))
        case "release":
            return Order(Act.RELEASE)
        case "snooze":
            return Order(Act.SNOOZE, until=_morning(house, fields.get("until", "")))
        case _:
            raise HTTPException(422, "act: choose take, assign, release or snooze")


def _morning(house: House, day: str) -> datetime:
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), MORNING, zone_of(house, None))
    except ValueError as error:
        raise HTTPException(422, "until: write a date as 2026-11-24") from error


def _report(
    request: Request,
    house: House,
    session: Session,
    *,
    asked: Asked,
    order: Order | None,
    items: Sequence[Item],
    left_out: int = 0,
    cases: str = "",
    act: str = "",
    after: bool = False,
    problem: str = "",
) -> HTMLResponse:
    pages = pages_of(request)
    counted = Counter(item.result for item in items)
    return pages.page(
        "desk/queue/report.html",
        status=409 if problem else 200,
        desk=desk_of(house, session),
        section="queue",
        report={
            "title": _title(pages, order, counted[Result.DONE], after=after),
            "back": asked.href(),
            "within": asked.query(),
            "lines": [_told(pages, item, asked, after=after) for item in items if item.result is not Result.DONE],
            "done": [item.reference for item in items if item.result is Result.DONE],
            "left_out": pages.desk_say()("queue.bulk.left_out", n=left_out) if left_out else "",
            "cases": cases,
            "fields": _fields(order),
            "undo": act,
            "problem": problem,
        },
    )


def _fields(order: Order | None) -> dict[str, str]:
    """The order again, for the form that confirms it."""
    if order is None:
        return {}
    until = order.until.date().isoformat() if order.until else ""
    return {name: value for name, value in (("act", str(order.act)), ("to", order.to), ("until", until)) if value}


def _title(pages: Pages, order: Order | None, n: int, *, after: bool) -> str:
    say, when = pages.desk_say(), "did" if after else "will"
    if order is None:
        return say("queue.bulk.did_undo", n=n)
    until = order.until.date().isoformat() if order.until else ""
    what = "share" if order.act is Act.ASSIGN and not order.to else order.act
    return say(f"queue.bulk.{when}_{what}", n=n, to=order.to, until=until)


def _told(pages: Pages, item: Item, asked: Asked, *, after: bool) -> Told:
    text = pages.desk_say()(f"queue.result.{item.result}", holder=item.holder or pages.desk_say()("queue.nobody_short"))
    return Told(item.reference, case_href(item.reference, asked.query()), text, after)
