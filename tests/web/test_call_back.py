"""Call me back: asked on the customer's page, seen at the desk, done by a phone note."""

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report, token_in

from cases.case import Case
from pipelines.channels.phone.calling import NotPromised, promise_call
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture
def asked(house: House, stranger: TestClient) -> dict[str, str]:
    opened = report(stranger)
    drain(house)
    return opened


def case_of(house: House, reference: str) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(reference))


def first_time(page: str, id_: str = "call-slot") -> str:
    return page.split(f'id="{id_}"', 1)[1].split('<option value="', 1)[1].split('"', 1)[0]


def test_a_customer_asks_to_be_called_the_desk_sees_it_and_a_note_of_the_call_ends_it(
    house: House, stranger: TestClient, expert: TestClient, asked: dict[str, str]
) -> None:
    page, reference = f"/t/{token_in(asked)}", asked["reference"]
    slot = first_time(stranger.get(f"{page}?page=1").text)

    answer = stranger.post(f"{page}/call-back", data={"slot": slot, "number": "06 1234 5678"})

    assert answer.status_code == 303
    case = case_of(house, reference)
    assert case.call is not None
    assert (case.call.number, case.call.by) == ("+31612345678", "")
    told = stranger.get(f"/api/tracking/{token_in(asked)}").json()["call"]
    assert told
    assert told in stranger.get(f"{page}?page=1").text
    assert "+31612345678" not in stranger.get(f"{page}?page=1").text
    screen = expert.get(f"/cases/{reference}/call").text
    assert told in screen
    assert 'href="tel:+31612345678"' in screen
    with house.database.reading() as store:
        line = store.queue.line(reference)
    assert line is not None
    assert case.promised_by is not None
    assert line.update_by == case.promised_by
    csrf = form_token_of(expert.get(f"/cases/{reference}").text)
    noted = {"csrf": csrf, "told_text": "The car is at home", "told_caller": "her son Bilal"}
    assert expert.post(f"/cases/{reference}/told", data=noted).status_code == 303
    assert case_of(house, reference).call is None
    assert "her son Bilal" in expert.get(f"/cases/{reference}").text


@pytest.mark.parametrize(("slot", "number"), [("", "0612345678"), (None, "hello")], ids=["no time", "no number"])
def test_what_cannot_be_promised_is_told_on_the_page_and_nothing_is_kept(
    house: House, stranger: TestClient, asked: dict[str, str], slot: str | None, number: str
) -> None:
    page = f"/t/{token_in(asked)}"
    chosen = first_time(stranger.get(f"{page}?page=1").text) if slot is None else slot

    answer = stranger.post(f"{page}/call-back", data={"slot": chosen, "number": number})

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "track.call" not in answer.text
    assert case_of(house, asked["reference"]).call is None


def test_a_person_promises_a_call_from_the_screen_for_calls(
    house: House, expert: TestClient, asked: dict[str, str]
) -> None:
    address = f"/cases/{asked['reference']}/call"
    screen = expert.get(address).text
    typed = {"csrf": form_token_of(screen), "slot": first_time(screen, "slot"), "number": "+31 20 123 4567"}

    answer = expert.post(f"{address}-back", data=typed)

    assert (answer.status_code, answer.headers["location"]) == (303, address)
    call = case_of(house, asked["reference"]).call
    assert call is not None
    assert (call.number, call.by) == ("+31201234567", "anouk")


def test_a_time_that_is_over_is_refused(house: House, asked: dict[str, str]) -> None:
    with pytest.raises(NotPromised, match="choose one of those"):
        promise_call(house, case_of(house, asked["reference"]).id, "2000-01-01.morning", "0612345678")
