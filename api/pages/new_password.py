"""Where a person sets their own password, by a link that an administrator gave them."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.deps import HouseHere, read_fields
from api.pages.login import DOOR_COOKIE, secure, show_form
from api.pages.templating import pages_of
from api.security import form_token, form_token_fits
from api.signing_in import LONGEST_PASSWORD, SHORTEST_PASSWORD, hash_password
from pipelines.house import House
from pipelines.staff import set_password_by_link

router = APIRouter(include_in_schema=False)
Secret = Annotated[str, Path(max_length=100)]


@router.get("/login/password/{secret}")
def show_new_password(request: Request, secret: Secret, house: HouseHere) -> HTMLResponse:
    return _page(request, house, secret)


@router.post("/login/password/{secret}")
async def set_new_password(request: Request, secret: Secret, house: HouseHere) -> Response:
    """Once; then they sign in with it."""
    fields = await read_fields(request, house)
    cookie, password = request.cookies.get(DOOR_COOKIE, ""), fields.get("password", "")
    if not cookie or not form_token_fits(fields.get("csrf", ""), cookie, house.keys.session):
        return await run_in_threadpool(_page, request, house, secret, problem="login.form_old", status=403)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return await run_in_threadpool(_page, request, house, secret, problem="people.set.short", status=422)
    if password != fields.get("again"):
        return await run_in_threadpool(_page, request, house, secret, problem="people.set.differ", status=422)
    if await run_in_threadpool(_set, house, secret, password) is None:
        return _used(request, house)
    return RedirectResponse("/login", 303)


def _set(house: House, secret: str, password: str) -> str | None:
    with house.database.reading() as store:  # hashing costs much; strangers do not make us do it
        known = store.people.user_of_link(secret, now=house.now())
    return set_password_by_link(house, secret, hash_password(password)) if known else None


def _page(request: Request, house: House, secret: str, *, problem: str = "", status: int = 200) -> HTMLResponse:
    pages = pages_of(request)
    with house.database.reading() as store:
        user = store.people.user_of_link(secret, now=house.now())
    if user is None:
        return _used(request, house)
    cookie = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(16)
    response = pages.page(
        "desk/new_password.html",
        status=status,
        csrf=form_token(cookie, house.keys.session),
        name=user.name,
        problem=pages.desk_say()(problem, n=SHORTEST_PASSWORD) if problem else "",
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )
    response.set_cookie(DOOR_COOKIE, cookie, path="/login", httponly=True, samesite="strict", secure=secure(house))
    return response


def _used(request: Request, house: House) -> HTMLResponse:
    problem = pages_of(request).desk_say()("people.set.used")
    return show_form(request, house, wanted="/queue", problem=problem, status=401)
