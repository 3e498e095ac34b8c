"""What customers' pages share: where they lie, the languages one may switch to, and a leaf of the calendar."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from api.guessing import link_given
from api.pages.templating import Pages, pages_of
from cases.case import Case
from cases.journey import Tracking
from cases.journey_spec import Journey
from pipelines.choices import offered
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class Place:
    """token: of the link. base: where its pages lie, /t or, for browsers that keep no cookies, /t/{token}."""

    token: str
    base: str


def place_of(request: Request) -> Place:
    token = link_given(request)
    return Place(token, f"/t/{token}" if "token" in request.path_params else "/t")


#: A page under both of its addresses: decorate one function with both routes.
PlaceHere = Annotated[Place, Depends(place_of)]


@dataclass(frozen=True, slots=True)
class Language:
    key: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the calendar."""

    month: str
    day: int


def languages(pages: Pages, keys: Iterable[str], current: str, href: Callable[[str], str]) -> tuple[Language, ...]:
    """Each by its own name. href: of the page in question, in a language."""
    return tuple(Language(key, pages.say(key, f"track.language.{key}"), href(key), key == current) for key in keys)


def carried(request: Request, language: str) -> dict[str, str]:
    """The language goes on to the next page where it was asked for."""
    return {"lang": language} if request.query_params.get("lang") else {}


def page_at(base: str, request: Request, language: str, *, anchor: str = "", **told: str) -> str:
    """Where the customer's page lies. base: of its Place."""
    query = {**told, **({"page": "1"} if base != "/t" else {}), **carried(request, language)}
    return f"{base}?{urlencode(query)}{anchor}" if query else f"{base}{anchor}"


def beside(request: Request, view: Tracking, *, base: str, name: str) -> dict[str, Any]:
    """What every page that lies beside the customer's page is drawn with. name: its own, in the address."""
    query = carried(request, view.language)
    return {
        "language": view.language,
        "tracking": view,
        "base": base,
        "carry": f"?{urlencode(query)}" if query else "",
        "back": page_at(base, request, view.language),
        "languages": languages(
            pages_of(request), view.languages, view.language, lambda key: f"{base}/{name}?{urlencode({'lang': key})}"
        ),
    }


def leaf(pages: Pages, at: datetime, journey: Journey, language: str) -> Leaf:
    local = at.astimezone(ZoneInfo(journey.calendar.time_zone))
    return Leaf(pages.say(language, f"track.month.{local.month}"), local.day)


def keeps_told(house: House, pages: Pages, case: Case | None, language: str) -> str:
    """That nobody need call: by which way and how often the customer hears from us. case: None for who acts for them,
    and looks at the page.
    """
    choices = offered(house, case) if case is not None else None
    channel = (choices.chosen.channel or next(iter(choices.channels), "")) if choices else ""
    key = f"{channel}.{choices.chosen.often}" if choices and channel else "here"
    return pages.say(language, f"track.no_need_to_call.{key}")
