"""What the customer writes in the chat of their page."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import pages_of
from api.pages.tracking import (
    NOT_FOUND_ANYWHERE,
    Opened,
    caller_of,
    closed_door,
    open_case,
    show_opened,
)
from api.pages.tracking_parts import page_at
from pipelines.channels.chat.taking import LONGEST, NotSaid, Said, say
from pipelines.house import House

router = APIRouter(include_in_schema=False)
STATUS = {"empty": 400, "long": 413, "fast": 429}


@router.post("/t/chat")
async def say_with_cookie(request: Request, house: HouseHere) -> Response:
    return await _say(request, house, request.cookies.get(COOKIE, ""), base="/t")


@router.post("/t/{token}/chat")
async def say_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _say(request, house, token, base=f"/t/{token}")


async def _say(request: Request, house: House, token: str, *, base: str) -> Response:
    """The page again, at its chat; with what was typed and why when it was not taken."""
    fields = await read_fields(request, house)
    language = request.query_params.get("lang")
    opened = await run_in_threadpool(open_case, house, token, language=language)
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    said = _said(opened, fields.get("chat", ""), fields.get("key", ""))
    try:
        await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
        await run_in_threadpool(say, house, opened.case_id, said)
    except NotSaid as refused:  # caught because the customer needs the page with what was typed
        problem = pages_of(request).say(opened.view.language, f"track.chat.problem.{refused.why}")
        shown = partial(show_opened, base=base, chat=(said.text[: 2 * LONGEST], problem), status=STATUS[refused.why])
        return await run_in_threadpool(shown, request, house, opened)
    again = page_at(base, request, opened.view.language, anchor="#chat")
    return RedirectResponse(again, 303, headers=NOT_FOUND_ANYWHERE)


def _said(opened: Opened, text: str, key: str) -> Said:
    return Said(
        text=text, key=key, caller=caller_of(opened), sender=opened.sender, sender_name=opened.sender_name,
        language=opened.view.language,
    )  # fmt: skip
