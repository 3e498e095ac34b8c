"""A new link to the customer's page, for who lost theirs or came too late: by a proof, or by a code in a mail."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, client_address, read_fields
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE
from api.pages.tracking_parts import languages
from pipelines import proof
from pipelines.house import House

router = APIRouter(include_in_schema=False)
LONGEST = 100  # characters of a field


@router.get("/t/new-link")
def show_proof(request: Request) -> HTMLResponse:
    """Asks for the number of the case, and for a postcode or a date of birth."""
    return _page(request)


@router.post("/t/new-link")
async def give_proof(request: Request, house: HouseHere) -> Response:
    """do: "prove", "mail" (a code to the address on file) or "code". The same answers for a case that is not there."""
    fields = {name: value[:LONGEST] for name, value in (await read_fields(request, house)).items()}
    try:
        return await run_in_threadpool(_answer, request, house, fields)
    except proof.WaitFirst as wait:  # caught here because the page tells how long to wait
        response = _page(request, fields, problem="track.proof.wait", status=429)
        response.headers["Retry-After"] = str(wait.seconds)
        return response


def _answer(request: Request, house: House, fields: Mapping[str, str]) -> Response:
    reference, client = fields.get("reference", ""), client_address(request)
    if not reference:
        return _page(request, fields, problem="track.proof.no_reference", status=400)
    match fields.get("do"):
        case "mail":
            at = proof.ask_code(house, reference, client=client)
            response = _page(request, fields, step="code")
            if at is not None:
                response.background = BackgroundTask(proof.mail_code, house, reference, at)
            return response
        case "code":
            token = proof.use_code(house, reference, fields.get("code", ""), client=client)
            return _opened(token) or _page(request, fields, step="code", problem="track.proof.code_wrong", status=400)
        case _:
            try:
                token = proof.prove(house, reference, fields.get("proof", ""), client=client)
            except proof.TriesUsed:  # caught here because the page offers the other way
                return _page(request, fields, problem="track.proof.tries_used", status=429)
            return _opened(token) or _page(request, fields, problem="track.proof.wrong", status=400)


def _opened(token: str | None) -> Response | None:
    """To the page under its own address, which works in browsers that keep no cookies too."""
    return RedirectResponse(f"/t/{token}?page=1", 303, headers=NOT_FOUND_ANYWHERE) if token else None


def _page(
    request: Request,
    fields: Mapping[str, str] | None = None,
    *,
    step: str = "ask",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    pages = pages_of(request)
    spoken = pages.preferred(request)
    return pages.page(
        "track/proof.html", language=spoken, status=status, headers=NOT_FOUND_ANYWHERE,
        languages=languages(pages, sorted(pages.words), spoken, "/t/new-link?lang={}".format),
        carry=f"?lang={spoken}", step=step, problem=problem, reference=(fields or {}).get("reference", ""),
    )  # fmt: skip
