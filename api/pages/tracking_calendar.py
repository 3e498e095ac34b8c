"""The promised date as a file for the customer's own calendar (RFC 5545). No link is in it: calendars are shared."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Cookie, HTTPException, Query, Request
from fastapi.responses import Response

from api.deps import HouseHere
from api.guessing import COOKIE
from api.pages.templating import Pages, pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, Opened, open_shared
from pipelines.house import House

router = APIRouter(include_in_schema=False)
LONGEST_LINE = 75  # octets, without its end
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})
Language = Annotated[str | None, Query(max_length=5)]


@router.get("/t/calendar.ics")
def calendar_with_cookie(
    request: Request, house: HouseHere, token: Annotated[str, Cookie(alias=COOKIE)] = "", lang: Language = None
) -> Response:
    return _calendar(request, house, token, lang)


@router.get("/t/{token}/calendar.ics")
def calendar_with_token(request: Request, token: str, house: HouseHere, lang: Language = None) -> Response:
    return _calendar(request, house, token, lang)


def _calendar(request: Request, house: House, token: str, language: str | None) -> Response:
    """404 when the link opens nothing, or nothing is promised."""
    opened = open_shared(house, token, language=language) if token else None
    if opened is None or opened.view.by is None:
        raise HTTPException(404)
    name = f'attachment; filename="{opened.view.reference}.ics"'
    lines = _lines(pages_of(request), house, opened, opened.view.by)
    body = "".join(f"{part}\r\n" for line in lines for part in _folded(line))
    return Response(
        body, media_type="text/calendar; charset=utf-8", headers={**NOT_FOUND_ANYWHERE, "Content-Disposition": name}
    )


def _lines(pages: Pages, house: House, opened: Opened, by: datetime) -> Iterator[str]:
    """One event of a whole day. Taken in again after the date moved, it moves there, since it keeps its name."""
    view = opened.view
    day = by.astimezone(ZoneInfo(opened.folder.journey.calendar.time_zone)).date()
    summary = pages.say(view.language, "track.calendar.summary", organisation=view.organisation.name)
    told = f"{view.case_title} · {view.reference}\n{view.next}\n{view.organisation.phone}"
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Casewright//Tracking//EN", "METHOD:PUBLISH")
    yield from ("BEGIN:VEVENT", f"UID:{view.reference}-by@{house.settings.mail_domain}")
    yield f"DTSTAMP:{house.now():%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{summary.translate(_ESCAPED)}"
    yield f"DESCRIPTION:{told.translate(_ESCAPED)}"
    yield from ("TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR")


def _folded(line: str) -> Iterator[str]:
    """A long line goes on in the next, after a space; no letter is cut in two."""
    part, room = "", LONGEST_LINE
    for letter in line:
        if len((part + letter).encode()) > room:
            yield part
            part = " "
        part += letter
    yield part
