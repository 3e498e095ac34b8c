"""How the customer wants to hear from us: by which way, how often and in which language. Theirs alone to choose."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, Opened, closed_door, open_case
from api.pages.tracking_parts import beside
from cases.errors import NotAllowed
from cases.events import NoticesChosen
from pipelines.choices import choose, offered
from pipelines.house import House

router = APIRouter(include_in_schema=False)
FromCookie = Annotated[str, Cookie(alias=COOKIE)]
Language = Annotated[str | None, Query(max_length=5)]


@router.get("/t/choices")
def show_with_cookie(
    request: Request, house: HouseHere, token: FromCookie = "", lang: Language = None, done: str = ""
) -> Response:
    """What is chosen, and the form to change it."""
    return _show(request, house, token, lang, base="/t", done=bool(done))


@router.get("/t/{token}/choices")
def show_with_token(request: Request, token: str, house: HouseHere, lang: Language = None, done: str = "") -> Response:
    return _show(request, house, token, lang, base=f"/t/{token}", done=bool(done))


@router.post("/t/choices")
async def change_with_cookie(request: Request, house: HouseHere, token: FromCookie = "") -> Response:
    return await _change(request, house, token, base="/t")


@router.post("/t/{token}/choices")
async def change_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _change(request, house, token, base=f"/t/{token}")


def _show(request: Request, house: House, token: str, lang: str | None, *, base: str, done: bool) -> Response:
    opened = open_case(house, token, language=lang) if token else None
    if opened is None:
        return closed_door(request, house, token)
    return _page(request, house, opened, base=base, done=done)


async def _change(request: Request, house: House, token: str, *, base: str) -> Response:
    fields = await read_fields(request, house)
    lang = request.query_params.get("lang")
    opened = await run_in_threadpool(open_case, house, token, language=lang) if token else None
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
    try:
        await run_in_threadpool(choose, house, opened.case_id, _wanted(fields))
    except NotAllowed as refused:
        raise HTTPException(422, str(refused)) from refused
    query = {"done": "1", **({"lang": lang} if lang else {})}
    return RedirectResponse(f"{base}/choices?{urlencode(query)}", 303, headers=NOT_FOUND_ANYWHERE)


def _wanted(fields: Mapping[str, str]) -> NoticesChosen:
    """What the form says; a field that is missing leaves it to us."""
    match fields.get("often", "every"):
        case "every" | "important" as often:
            return NoticesChosen(fields.get("channel", ""), often, fields.get("language", ""))
        case _:
            raise HTTPException(422, "often: write every or important")


def _page(request: Request, house: House, opened: Opened, *, base: str, done: bool) -> HTMLResponse:
    pages, view, choices = pages_of(request), opened.view, offered(house, opened.case)
    return pages.page(
        "track/choices.html", headers=NOT_FOUND_ANYWHERE, **beside(request, view, base=base, name="choices"),
        channels=choices.channels, tongues=choices.languages,
        names={key: pages.say(key, f"track.language.{key}") for key in choices.languages}, often=("every", "important"),
        chosen=choices.chosen, chosen_channel=choices.chosen.channel or next(iter(choices.channels), ""), done=done,
    )  # fmt: skip
