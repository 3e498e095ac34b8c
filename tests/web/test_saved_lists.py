"""Lists of the queue that people saved under a name, for themselves and for colleagues."""

import re

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, signed_in

from pipelines.house import House


@pytest.fixture(scope="module")
def noor(house: House) -> TestClient:
    return signed_in(house, "noor")


@pytest.fixture(scope="module")
def anouk(house: House) -> TestClient:
    return signed_in(house, "anouk")


def save(client: TestClient, **fields: str) -> tuple[int, str]:
    token = form_token_of(client.get("/queue").text)
    answer = client.post("/queue/saved", data={"csrf": token, **fields})
    return answer.status_code, answer.headers.get("location", "")


def listed(client: TestClient, name: str) -> str:
    """The row of a saved list on the page of the queue; blank without one."""
    found = re.search(rf'<li class="row">(<a href="[^"]*"[^>]*>{name}.*?)</li>', client.get("/queue").text, re.DOTALL)
    return found[1] if found else ""


def test_a_saved_list_is_in_the_menu_with_how_many_it_finds_and_leads_there(
    noor: TestClient, anouk: TestClient, opened: dict[str, str]
) -> None:
    query = f"view=all&journey=motor_claim&q={opened['reference']}&cursor=xyz"

    assert save(noor, name="One case", query=query)[0] == 303

    row = listed(noor, "One case")
    assert 'href="/queue?view=all&amp;journey=motor_claim&amp;q=' in row
    assert "cursor" not in row
    assert '<span class="soft">1</span>' in row
    assert listed(anouk, "One case") == ""


def test_a_shared_list_is_seen_by_colleagues_with_its_owner_and_dropped_by_the_owner_alone(
    house: House, noor: TestClient, anouk: TestClient
) -> None:
    save(noor, name="Motor waits", query="view=us&journey=motor_claim", shared="1")

    row = listed(anouk, "Motor waits")
    assert "of noor" in row
    assert "/drop" not in row
    assert listed(signed_in(house, "sam"), "Motor waits") == ""
    [place] = re.findall(r'action="(/queue/saved/\w+/drop)"', listed(noor, "Motor waits"))
    token = form_token_of(anouk.get("/queue").text)
    assert anouk.post(place, data={"csrf": token}).status_code == 404
    token = form_token_of(noor.get("/queue").text)
    assert noor.post(place, data={"csrf": token, "query": "view=mine"}).headers["location"] == "/queue?view=mine"
    assert listed(anouk, "Motor waits") == ""


def test_who_shares_a_search_is_told_that_its_words_are_seen_and_may_leave_them_out(
    house: House, noor: TestClient, anouk: TestClient
) -> None:
    form = noor.get("/queue?view=all&q=jansen").text
    assert "sees that you searched for: jansen" in form
    assert "searched for" not in noor.get("/queue?view=all").text

    save(noor, name="With words", query="view=all&q=jansen", shared="1")
    save(noor, name="No words", query="view=all&topic=theft&q=jansen", shared="without_words")

    assert "jansen" in listed(anouk, "With words")
    assert 'href="/queue?view=all&amp;topic=theft"' in listed(anouk, "No words")


@pytest.mark.parametrize("query", ["view=nowhere", "view=us&surprise=1", "amount_from=a", "q=" + "x" * 2000])
def test_what_is_no_list_of_the_queue_is_not_saved(noor: TestClient, query: str) -> None:
    assert save(noor, name="Odd", query=query)[0] == 422
    assert listed(noor, "Odd") == ""


def test_a_list_without_a_name_is_not_saved(noor: TestClient) -> None:
    assert save(noor, name="  ", query="view=us")[0] == 422


def test_a_hostile_name_is_only_shown(noor: TestClient) -> None:
    save(noor, name="<script>alert(1)</script>", query="view=us")

    page = noor.get("/queue").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
