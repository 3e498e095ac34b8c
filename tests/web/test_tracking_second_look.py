"""The customer asks a person to look again: another one does, by a date, and tells what they found."""

import pytest
from fastapi.testclient import TestClient
from web_house import report, token_in

from api.app import create_app
from cases.errors import NotAllowed
from pipelines import hand
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain

FOUND = "De melding was van maart, niet van april."


def decide(house: House, reference: str, person: str, message: str = "") -> None:
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    hand.decide_by_hand(house, reference, Decision("tell_status", "gelezen", version, message), person=person)
    drain(house)


@pytest.fixture
def closed(house: House, stranger: TestClient) -> dict[str, str]:
    """A case that Anouk decided."""
    opened = report(stranger)
    drain(house)
    decide(house, opened["reference"], "anouk")
    return opened


def test_a_second_look_has_a_date_another_person_and_a_letter(
    house: House, stranger: TestClient, closed: dict[str, str]
) -> None:
    reference, token = closed["reference"], token_in(closed)
    before = stranger.get(f"/api/tracking/{token}").json()

    stranger.post(f"/t/{token}/second-look", files={"text": (None, "")})
    drain(house)
    asked = stranger.get(f"/api/tracking/{token}").json()

    assert (before["closed"], before["second_look_possible"], before["by"]) == (True, True, None)
    assert (asked["closed"], asked["second_look_possible"]) == (False, False)
    assert asked["by"] is not None
    with pytest.raises(NotAllowed, match="colleague looks again"):
        decide(house, reference, "anouk", FOUND)
    with pytest.raises(NotAllowed, match="write the message"):
        decide(house, reference, "noor")

    decide(house, reference, "noor", FOUND)

    told = stranger.get(f"/api/tracking/{token}").json()["messages"][-1]
    assert told["who"] == "us"
    assert "U vroeg ons om er opnieuw naar te kijken" in told["text"]
    assert FOUND in told["text"]


def test_words_that_come_with_it_do_not_take_its_date_away(
    house: House, stranger: TestClient, closed: dict[str, str]
) -> None:
    stranger.post(f"/t/{token_in(closed)}/second-look", files={"text": (None, "De datum klopt niet.")})
    drain(house)

    view = TestClient(create_app(house)).get(f"/api/tracking/{token_in(closed)}").json()

    assert view["by"] is not None
    assert "De datum klopt niet." in view["messages"][-1]["text"]
    with pytest.raises(NotAllowed, match="colleague looks again"):
        decide(house, closed["reference"], "anouk", FOUND)
