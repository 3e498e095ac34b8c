"""Insights: what a team lead and a journey owner look at first, and cases moved from one colleague to another."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.deps import Fields, HouseHere, SessionHere, demand
from api.pages.dear_answers import DearAnswers
from api.pages.desk import desk_of, journeys_seen, zone_of
from api.pages.insights_promises import promises_shown
from api.pages.insights_view import age_names, figures_of, insights_shown, topic_of
from api.pages.oversight import alarms
from api.pages.queue_sheet import sheet
from api.pages.queue_view import Tab
from api.pages.spoken import Spoken
from api.pages.templating import Pages, pages_of
from api.picking import hand_of, listed, worth_doing, written
from api.security import Operation, may, sees_line
from api.signing_in import Session
from cases.errors import NotAllowed, NotFound
from cases.journey_folder import JourneyFolder
from cases.people import DECIDERS, User
from pipelines.bulk import Act, Item, Order, Picked, Result, carry_out, rehearse
from pipelines.house import House
from pipelines.insights import Insight, insight, question

router = APIRouter(include_in_schema=False)
MOST_MOVED = 200
NOBODY = "-"  # of whom cases are moved that nobody has
Journey = Annotated[str, Query(max_length=60)]


@router.get("/insights")
def show_insights(request: Request, house: HouseHere, session: SessionHere, journey: Journey = "") -> HTMLResponse:
    """Of all lines of business that this person may see, or of one journey of them."""
    spoken = _asked(request, house, session, journey)
    found = _found(house, session.user, journey)
    return pages_of(request).page(
        "desk/insights.html",
        desk=desk_of(house, session),
        section="insights",
        tabs=_tabs(house, session.user, spoken, journey),
        shown=insights_shown(house, found, spoken, journey=journey),
        promises=promises_shown(house, _chosen(house, session.user, journey), spoken),
        csv_href=f"/insights.csv?journey={journey}",
        alarms=[
            one.worded(one.journey.title, spoken.language)
            for one in alarms(house, journeys_seen(house, session.user), session.user)
        ],
        move=_moving(house, session.user) if may(session.user, Operation.ASSIGN_OTHERS) else None,
        most=MOST_MOVED,
    )


@router.get("/insights.csv")
def insights_sheet(request: Request, house: HouseHere, session: SessionHere, journey: Journey = "") -> Response:
    """The backlog by journey and topic, as numbers."""
    spoken = _asked(request, house, session, journey)
    found = _found(house, session.user, journey)
    head = ("journey", "topic", "open", *age_names(spoken), "late", "next_four_hours", "stuck", "parked", "as_of")
    rows = [
        [*topic_of(house, pile, spoken.language), *map(str, figures_of(pile)), found.at.isoformat()]
        for pile in found.piles
    ]
    return Response(
        sheet([head, *rows]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="insights.csv"'},
    )


# --- moving cases -----------------------------------------------------------------------------------------------------


@router.post("/insights/move")
def ask_before_moving(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> HTMLResponse:
    """Say which cases would move from one colleague to another and what stands against each; nothing is done yet."""
    demand(session.user, Operation.ASSIGN_OTHERS)
    order = Order(Act.ASSIGN, fields.get("to", ""))
    of = fields.get("of", "")
    lines = session.user.lines_seen
    asked = question(house, lines=lines)
    with house.database.reading(lines) as store:
        found = store.insights.pressing_of("" if of == NOBODY else of, asked, limit=_how_many(fields.get("n", "")))
    picked = [Picked(line.reference, line.version) for line in found]
    try:
        items = rehearse(house, hand_of(session.user), order, picked)
    except NotAllowed as refused:
        return _report(request, house, session, order=order, problem=str(refused))
    return _report(request, house, session, order=order, items=items, cases=written(worth_doing(picked, items)))


@router.post("/insights/move/do")
def move(request: Request, house: HouseHere, session: SessionHere, fields: Fields) -> HTMLResponse:
    """Do it, and say of each case what happened, with the way to undo it."""
    demand(session.user, Operation.ASSIGN_OTHERS)
    order = Order(Act.ASSIGN, fields.get("to", ""))
    try:
        done = carry_out(house, hand_of(session.user), order, listed(fields.get("cases", ""))[:MOST_MOVED])
    except NotAllowed as refused:
        return _report(request, house, session, order=order, problem=str(refused))
    return _report(request, house, session, order=order, items=done.items, act=done.act, after=True)


def _how_many(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_MOVED):
        raise HTTPException(422, f"n: write a whole number from 1 to {MOST_MOVED}")
    return int(text)


def _report(
    request: Request,
    house: House,
    session: Session,
    *,
    order: Order,
    items: Sequence[Item] = (),
    cases: str = "",
    act: str = "",
    after: bool = False,
    problem: str = "",
) -> HTMLResponse:
    pages = pages_of(request)
    say = pages.desk_say()
    counted = Counter(item.result for item in items)
    done = [item.reference for item in items if item.result is Result.DONE]
    return pages.page(
        "desk/insights_move.html",
        status=409 if problem else 200,
        desk=desk_of(house, session),
        section="insights",
        report={
            "title": say("insights.move.did" if after else "insights.move.will", n=counted[Result.DONE], to=order.to),
            "problem": problem,
            "done": done,
            "left": [(item.reference, _why(pages, item)) for item in items if item.result is not Result.DONE],
            "cases": cases,
            "to": order.to,
            "undo": act,
        },
    )


def _why(pages: Pages, item: Item) -> str:
    say = pages.desk_say()
    return say(f"queue.result.{item.result}", holder=item.holder or say("queue.nobody_short"))


def _moving(house: House, user: User) -> dict[str, Any]:
    """Between whom cases may be moved: people who decide in a line of business that this person sees."""
    with house.database.reading() as store:
        people = [one for one in store.people.users() if one.disabled_at is None and DECIDERS & set(one.roles)]
    lines = {house.journeys.get(name).journey.line_of_business for name in house.journeys.names()}
    mine = {line for line in lines if sees_line(user, line)}
    now = house.now()
    shared = [one for one in people if any(one.sees(line) for line in mine)]
    return {
        "of": [one.name for one in shared],
        "to": [one.name for one in shared if not one.is_away(now)],
        "nobody": NOBODY,
    }


# --- parts ------------------------------------------------------------------------------------------------------------


def _asked(request: Request, house: House, session: Session, journey: str) -> Spoken:
    """Who may see insights, and the words for them. NotFound for a journey of another line of business."""
    demand(session.user, Operation.SEE_INSIGHTS)
    if journey and (
        journey not in house.journeys.folders
        or not sees_line(session.user, house.journeys.get(journey).journey.line_of_business)
    ):
        raise NotFound("journey", journey)
    pages = pages_of(request)
    return Spoken(pages.desk_say(), pages.desk_language, zone_of(house, journey or None))


_FOUND: DearAnswers[Insight] = DearAnswers()


def _found(house: House, user: User, journey: str) -> Insight:
    """As of a moment that it tells: where there are so many cases that counting takes long, not of this one."""
    lines = user.lines_seen
    key = str(house.settings.home), house.settings.database_url, lines and tuple(sorted(lines)), journey
    return _FOUND.get(key, lambda: insight(house, lines=lines, journey=journey))


def _chosen(house: House, user: User, journey: str) -> list[JourneyFolder]:
    return [one for one in journeys_seen(house, user) if journey in ("", one.name)]


def _tabs(house: House, user: User, spoken: Spoken, chosen: str) -> list[Tab]:
    return [
        Tab(spoken.say("insights.all"), "/insights", "", not chosen),
        *(
            Tab(
                one.worded(one.journey.title, spoken.language),
                f"/insights?journey={one.name}",
                "",
                one.name == chosen,
            )
            for one in journeys_seen(house, user)
        ),
    ]
