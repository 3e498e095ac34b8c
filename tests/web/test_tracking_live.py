"""The customer's page hears that it shows something else by now, and never what staff do inside."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from web_house import report, token_in

from api.app import create_app
from api.live import OF_PERSON, Live, TooManyPages
from cases.composing import Draft
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain
from pipelines.writing import write
from tests.servers import free_port
from tools.browsing import served

WAIT = 20.0  # seconds; a look at the database a second


@pytest.fixture(scope="module")
def site(house: House) -> Iterator[httpx.Client]:
    with served(create_app(house), free_port()) as url, httpx.Client(base_url=url, timeout=WAIT) as client:
        yield client


@pytest.fixture
def case(house: House, site: httpx.Client) -> dict[str, str]:
    opened = report(site)  # type: ignore[arg-type]  # httpx's own client, as a TestClient is one
    drain(house)
    return opened


def seen_by(site: httpx.Client, case: dict[str, str]) -> str:
    """The mark of what the page shows."""
    page = site.get(f"/t/{token_in(case)}?page=1").text
    return page.split('data-seen="', 1)[1].split('"', 1)[0]


def listening(site: httpx.Client, case: dict[str, str], seen: str) -> Iterator[str]:
    """Names of events as they come."""
    with site.stream("GET", f"/t/{token_in(case)}/live", params={"seen": seen}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "set-cookie" not in answer.headers
        for line in answer.iter_lines():
            if line.startswith("event: "):
                yield line.removeprefix("event: ")


def test_a_letter_is_heard_and_a_note_of_staff_is_not(house: House, site: httpx.Client, case: dict[str, str]) -> None:
    before = seen_by(site, case)

    hand.add_note(house, case["reference"], "Zij belde de garage.", person="anouk")
    hand.assign(house, case["reference"], "anouk", person="anouk")
    inside = seen_by(site, case)
    write(house, case["reference"], Draft("Wij kijken ernaar."), person="anouk")
    drain(house)

    assert inside == before
    assert seen_by(site, case) != before
    assert next(listening(site, case, before)) == "changed"


def test_what_changes_while_it_listens_is_heard(house: House, site: httpx.Client, case: dict[str, str]) -> None:
    told = listening(site, case, "of another time")
    first = next(told)

    write(house, case["reference"], Draft("Wij kijken ernaar."), person="anouk")
    drain(house)

    assert (first, next(told)) == ("changed", "changed")


def test_a_link_that_opens_nothing_hears_nothing(site: httpx.Client) -> None:
    assert site.get("/t/no-token/live").status_code == 404
    assert site.get("/t/live").status_code == 404


def test_a_link_that_is_withdrawn_while_it_listens_is_told_so(
    house: House, site: httpx.Client, case: dict[str, str]
) -> None:
    told = listening(site, case, "of another time")
    assert next(told) == "changed"

    with house.database.writing() as store:
        case_id = store.case_id(case["reference"])
        for link in store.links.of_case(case_id):
            store.links.revoke(link.id, at=house.now())
    hand.add_note(house, case["reference"], "De link is ingetrokken.", person="anouk")

    assert next(told) == "ended"
    assert site.get(f"/t/{token_in(case)}/live").status_code == 404


def test_one_link_listens_on_so_many_pages_and_no_more(house: House) -> None:
    async def open_pages() -> None:
        live = Live(house)
        with ExitStack() as pages:
            for _ in range(OF_PERSON):
                pages.enter_context(live.watching("link", ["case-1"]))
            pages.enter_context(live.watching("other", ["case-1"]))
            with pytest.raises(TooManyPages):
                live.room_to_watch("link")
        live.room_to_watch("link")

    asyncio.run(open_pages())
