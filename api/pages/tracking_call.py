"""Call me back: the customer chooses a part of a day, within opening hours, and a number."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, closed_door, open_case, show_opened
from api.pages.tracking_parts import page_at
from pipelines.channels.phone.calling import NotPromised, promise_call
from pipelines.house import House

router = APIRouter(include_in_schema=False)


@router.post("/t/call-back")
async def ask_with_cookie(request: Request, house: HouseHere) -> Response:
    return await _ask(request, house, request.cookies.get(COOKIE, ""), base="/t")


@router.post("/t/{token}/call-back")
async def ask_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _ask(request, house, token, base=f"/t/{token}")


async def _ask(request: Request, house: House, token: str, *, base: str) -> Response:
    """The page again, at its promise; with what was typed and why when there is none."""
    fields = await read_fields(request, house)
    language = request.query_params.get("lang")
    opened = await run_in_threadpool(open_case, house, token, language=language)
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
    try:
        await run_in_threadpool(promise_call, house, opened.case_id, fields.get("slot", ""), fields.get("number", ""))
    except NotPromised as refused:  # caught because the customer needs the page, not a problem document
        problem = pages_of(request).say(opened.view.language, f"track.call.problem.{refused.about}")
        shown = partial(show_opened, base=base, problem=problem, status=409)
        return await run_in_threadpool(shown, request, house, opened)
    again = page_at(base, request, opened.view.language, anchor="#call")
    return RedirectResponse(again, 303, headers=NOT_FOUND_ANYWHERE)
