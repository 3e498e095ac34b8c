"""The customer agrees to a statement that was asked of them, with their name."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, closed_door, open_case, show_opened
from api.pages.tracking_parts import page_at
from cases.errors import NotAllowed
from pipelines.agreeing import sign
from pipelines.house import House

router = APIRouter(include_in_schema=False)


@router.post("/t/sign")
async def sign_with_cookie(
    request: Request, house: HouseHere, token: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> Response:
    return await _sign(request, house, token, base="/t")


@router.post("/t/{token}/sign")
async def sign_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _sign(request, house, token, base=f"/t/{token}")


async def _sign(request: Request, house: House, token: str, *, base: str) -> Response:
    """By the customer's own link only. What stands against it is told on their page."""
    fields = await read_fields(request, house)
    opened = await run_in_threadpool(open_case, house, token, language=request.query_params.get("lang"))
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
    language = opened.view.language
    try:
        await run_in_threadpool(
            sign, house, opened.case_id, fields.get("request", ""),
            digest=fields.get("digest", ""), name=fields.get("name", ""),
            agrees=bool(fields.get("agree")), language=language,
        )  # fmt: skip
    except NotAllowed:  # caught here because the customer needs the page, not a problem document
        problem = pages_of(request).say(language, "track.sign.problem")
        return await run_in_threadpool(show_opened, request, house, opened, base=base, problem=problem, status=409)
    return RedirectResponse(page_at(base, request, language, done="signed"), 303, headers=NOT_FOUND_ANYWHERE)
