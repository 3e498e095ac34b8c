"""The keys of the desk: which there are, and the switch that turns them off for this browser."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Fields, HouseHere, SessionHere
from api.pages.desk import LETTERS, desk_of
from api.pages.templating import pages_of

router = APIRouter(include_in_schema=False)
COOKIE = "keys"  # read by the page's script, so not hidden from it
YEAR = 365 * 24 * 3600
#: Work on one case. In a list they open the case of the row and begin there.
WITHIN = (("e, s", "decide"), ("t", "topic"), ("r", "write"), ("c", "note"), ("m", "letter"))
#: Where a key works, and what it does: both are words of configs/words.
KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "list": (
        ("j", "down"), ("k", "up"), ("o", "open"), ("x", "pick"), ("⇧ x", "range"), ("i", "take"), ("a", "assign"),
        ("z", "snooze"), *WITHIN,
    ),
    "case": (
        *WITHIN, ("v", "ask"), ("w", "offer"), ("i", "take_this"), ("p", "call"), ("y", "belongs"),
        ("z", "snooze_this"), ("b", "back"),
        ("[", "before"), ("]", "after"),
    ),
    "offer": (("t, ↵", "take_offer"), ("e", "edit_offer"), ("x", "discard_offer")),
    "decision": (("a", "agree"), ("c", "change"), ("m", "more"), ("1-9", "reason")),
    "everywhere": (
        ("n", "next"), ("u", "undo"), ("/", "search"), ("?", "help"), ("ctrl k", "palette"), ("ctrl ↵", "send"),
    ),
}  # fmt: skip


@router.get("/keys")
def show_keys(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """All keys. The script shows the same list over a page, on "?"."""
    return pages_of(request).page(
        "desk/keys.html",
        desk=desk_of(house, session),
        section="keys",
        keys=KEYS,
        views=[(letter, str(view)) for view, letter in LETTERS.items()],
        on=request.cookies.get(COOKIE) != "off",
    )


@router.post("/keys")
def switch_keys(house: HouseHere, fields: Fields) -> Response:
    """Single keys on or off, in this browser, for a year."""
    answer = RedirectResponse("/keys", 303)
    secure = house.settings.public_url.startswith("https:")
    answer.set_cookie(COOKIE, "on" if fields.get("on") == "yes" else "off", max_age=YEAR, samesite="lax", secure=secure)
    return answer
