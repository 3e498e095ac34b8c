"""Who acts for the customer: shown to the customer alone, who names them here and withdraws them again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import Pages, pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, Opened, closed_door, open_case
from api.pages.tracking_parts import beside
from cases.errors import NotAllowed
from cases.events import RepresentativeNamed
from cases.vocabulary import Access, ActsAs
from pipelines.house import House
from pipelines.representing import Naming, NotNamed, name, withdraw
from pipelines.stages.represent import last_day

router = APIRouter(include_in_schema=False)
FromCookie = Annotated[str, Cookie(alias=COOKIE)]
Language = Annotated[str | None, Query(max_length=5)]
DONE = ("named", "withdrawn")


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who has access, as the customer reads of them."""

    id: str
    name: str
    address: str
    acts_as: str
    access: str
    until: str
    copies: bool


@router.get("/t/representative")
def show_with_cookie(
    request: Request, house: HouseHere, token: FromCookie = "", lang: Language = None, done: str = ""
) -> Response:
    """Who has access, and a form to give it to one more."""
    return _show(request, house, token, lang, base="/t", done=done)


@router.get("/t/{token}/representative")
def show_with_token(request: Request, token: str, house: HouseHere, lang: Language = None, done: str = "") -> Response:
    return _show(request, house, token, lang, base=f"/t/{token}", done=done)


@router.post("/t/representative")
async def change_with_cookie(request: Request, house: HouseHere, token: FromCookie = "") -> Response:
    """do: "name" or "withdraw"."""
    return await _change(request, house, token, base="/t")


@router.post("/t/{token}/representative")
async def change_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _change(request, house, token, base=f"/t/{token}")


def _show(request: Request, house: House, token: str, lang: str | None, *, base: str, done: str) -> Response:
    opened = open_case(house, token, language=lang) if token else None
    if opened is None:
        return closed_door(request, house, token)
    return _page(request, opened, base=base, done=done if done in DONE else "")


async def _change(request: Request, house: House, token: str, *, base: str) -> Response:
    fields = await read_fields(request, house)
    lang = request.query_params.get("lang")
    opened = await run_in_threadpool(open_case, house, token, language=lang) if token else None
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
    try:
        done = await run_in_threadpool(_written, house, opened, fields)
    except NotAllowed as refused:  # caught here because the page shows what was typed, which only this route has
        return _page(request, opened, base=base, typed=fields, problem=_problem(refused), status=409)
    query = {"done": done, **({"lang": lang} if lang else {})}
    return RedirectResponse(f"{base}/representative?{urlencode(query)}", 303, headers=NOT_FOUND_ANYWHERE)


def _written(house: House, opened: Opened, fields: Mapping[str, str]) -> str:
    match fields.get("do"):
        case "withdraw":
            withdraw(house, opened.case_id, fields.get("who", ""))
            return "withdrawn"
        case "name":
            name(house, opened.case_id, naming_of(fields))
            return "named"
        case _:
            raise HTTPException(422, "do: write name or withdraw")


def naming_of(fields: Mapping[str, str]) -> Naming:
    """What the form says. Raises NotNamed for a day that is none."""
    until = None
    if fields.get("until"):
        try:
            until = date.fromisoformat(fields["until"])
        except ValueError as error:
            raise NotNamed("until", "write a date as 2026-11-24") from error
    acts_as, access = ActsAs.FAMILY, Access.FOLLOW
    with suppress(ValueError):
        acts_as = ActsAs(fields.get("acts_as", ""))
    with suppress(ValueError):
        access = Access(fields.get("access", ""))
    return Naming(fields.get("name", ""), fields.get("address", ""), acts_as, access, until, bool(fields.get("copies")))


def _problem(refused: NotAllowed) -> str:
    return f"track.rep.problem.{refused.field if isinstance(refused, NotNamed) else 'refused'}"


def _page(
    request: Request, opened: Opened, *, base: str, typed: Mapping[str, str] | None = None, done: str = "",
    problem: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    pages, view = pages_of(request), opened.view
    return pages.page(
        "track/representative.html", status=status, headers=NOT_FOUND_ANYWHERE,
        **beside(request, view, base=base, name="representative"),
        helpers=[_helper(pages, opened, one) for one in opened.representatives],
        kinds=tuple(ActsAs), accesses=tuple(Access), typed=typed or {}, done=done, problem=problem,
    )  # fmt: skip


def _helper(pages: Pages, opened: Opened, one: RepresentativeNamed) -> Helper:
    language = opened.view.language
    return Helper(
        id=one.representative,
        name=one.name,
        address=one.address,
        acts_as=pages.say(language, f"track.rep.acts_as.{one.acts_as}"),
        access=pages.say(language, f"track.rep.access.{one.access}"),
        until=last_day(one.until, opened.folder, language),
        copies=one.copies,
    )
