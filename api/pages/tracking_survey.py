"""How it went, in the customer's own opinion: two questions, room for words, and a way never to be asked again."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, get_gate, read_fields
from api.guessing import COOKIE
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, Opened, closed_door, open_case
from api.pages.tracking_parts import beside
from cases.errors import NotAllowed
from cases.events import SurveyAnswered, SurveyDeclined
from cases.surveying import HIGHEST, LOWEST
from pipelines import surveys
from pipelines.house import House

router = APIRouter(include_in_schema=False)
FromCookie = Annotated[str, Cookie(alias=COOKIE)]
Language = Annotated[str | None, Query(max_length=5)]
SCORES = tuple(str(score) for score in range(LOWEST, HIGHEST + 1))
LONGEST_COMMENT = 2000


@router.get("/t/survey")
def show_with_cookie(
    request: Request, house: HouseHere, token: FromCookie = "", lang: Language = None, done: str = ""
) -> Response:
    """The questions, while they are asked; the page says so when they are not."""
    return _show(request, house, token, lang, base="/t", done=bool(done))


@router.get("/t/{token}/survey")
def show_with_token(request: Request, token: str, house: HouseHere, lang: Language = None, done: str = "") -> Response:
    return _show(request, house, token, lang, base=f"/t/{token}", done=bool(done))


@router.post("/t/survey")
async def answer_with_cookie(request: Request, house: HouseHere, token: FromCookie = "") -> Response:
    return await _answer(request, house, token, base="/t")


@router.post("/t/{token}/survey")
async def answer_with_token(request: Request, token: str, house: HouseHere) -> Response:
    return await _answer(request, house, token, base=f"/t/{token}")


def _show(request: Request, house: House, token: str, lang: str | None, *, base: str, done: bool) -> Response:
    opened = open_case(house, token, language=lang) if token else None
    if opened is None:  # who acts for the customer does not speak for them here
        return closed_door(request, house, token)
    return _page(request, opened, base=base, done=done)


async def _answer(request: Request, house: House, token: str, *, base: str) -> Response:
    fields = await read_fields(request, house)
    lang = request.query_params.get("lang")
    opened = await run_in_threadpool(open_case, house, token, language=lang) if token else None
    if opened is None:
        return await run_in_threadpool(closed_door, request, house, token)
    await run_in_threadpool(get_gate(request).let_in, f"link {opened.link_id}", program=False)
    answered = _read(fields)
    if answered is None:
        return await run_in_threadpool(_page, request, opened, base=base, typed=fields)
    done = {}
    with suppress(NotAllowed):  # answered before, or not asked any more: the page says so
        await run_in_threadpool(surveys.answer, house, opened.case_id, answered)
        done = {"done": "1"}
    query = {**done, **({"lang": lang} if lang else {})}
    return RedirectResponse(f"{base}/survey?{urlencode(query)}", 303, headers=NOT_FOUND_ANYWHERE)


def _read(fields: Mapping[str, str]) -> SurveyAnswered | SurveyDeclined | None:
    """What the form says; None while one of the two questions has no answer."""
    if fields.get("do") == "decline":
        return SurveyDeclined()
    service, communication = fields.get("service", ""), fields.get("communication", "")
    if service not in SCORES or communication not in SCORES:
        return None
    return SurveyAnswered(int(service), int(communication), fields.get("comment", "").strip()[:LONGEST_COMMENT])


def _page(
    request: Request,
    opened: Opened,
    *,
    base: str,
    done: bool = False,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """typed: what was sent without an answer to both questions."""
    view = opened.view
    return pages_of(request).page(
        "track/survey.html", status=400 if typed is not None else 200, headers=NOT_FOUND_ANYWHERE,
        **beside(request, view, base=base, name="survey"),
        asked=view.survey_open and not done, scores=SCORES, questions=("service", "communication"),
        longest=LONGEST_COMMENT, done=done, typed=typed or {}, problem=typed is not None,
    )  # fmt: skip
