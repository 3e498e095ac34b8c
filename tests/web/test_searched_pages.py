"""Searching as a person and as a program does, within rights."""

import pytest
from fastapi.testclient import TestClient
from web_house import report, signed_in

from api.app import create_app
from cases.events import CallAsked
from cases.vocabulary import CUSTOMER
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture(scope="module")
def crane(house: House) -> str:
    """A case in which a rare word was written; its reference."""
    with TestClient(create_app(house)) as client:
        answer = report(
            client, text="Een hijskraan viel op mijn auto. Mijn kenteken is 12-XKR-9.", name="Zoë Kwakkelstein"
        )
    drain(house)
    return answer["reference"]


def listed(client: TestClient, q: str) -> list[str]:
    answer = client.get("/api/cases", params={"q": q}).json()
    assert answer["total"] == {"value": len(answer["items"]), "exact": True}
    return [item["reference"] for item in answer["items"]]


@pytest.mark.parametrize("q", ["hijskraan", "HIJSK auto", "12xkr9", "12-XKR-9", "zoe kwakkel"])
def test_a_page_and_a_call_find_a_case_by_what_was_written(house: House, crane: str, q: str) -> None:
    client = signed_in(house, "anouk")

    assert listed(client, q) == [crane]
    page = client.get("/queue", params={"view": "all", "q": q}).text
    assert f'href="/cases/{crane}' in page


@pytest.mark.parametrize("q", ["06 12345678", "+31612345678", "0031 6 1234 5678"])
def test_a_telephone_number_finds_who_has_it_however_it_is_typed(house: House, q: str) -> None:
    with TestClient(create_app(house)) as client:
        wrote = report(client, text="Deuk in mijn auto. Bel me op 06-12345678, liefst na vijven.", name="Jan Smid")
        asked = report(client, text="Kras op mijn auto.", name="Els Ket")
    drain(house)
    with house.database.writing() as store:
        called = CallAsked("+31612345678", house.now(), house.now())
        store.append(store.case_id(asked["reference"]), [(called, CUSTOMER)], at=house.now())

    assert {wrote["reference"], asked["reference"]} <= set(listed(signed_in(house, "anouk"), q))


def test_a_case_of_another_line_of_business_is_not_found_by_its_own_reference(house: House, crane: str) -> None:
    stranger = signed_in(house, "sam")

    assert listed(stranger, "hijskraan") == listed(stranger, crane) == []
    assert f"/cases/{crane}" not in stranger.get("/queue", params={"view": "all", "q": crane}).text


def test_who_reads_without_names_finds_a_case_by_its_reference_alone(house: House, crane: str) -> None:
    scientist = signed_in(house, "ada")

    assert listed(scientist, "hijskraan") == listed(scientist, "kwakkelstein") == []
    assert listed(scientist, crane) == [crane]


@pytest.mark.parametrize(
    "q", ['"', "a AND NOT", "*", "%00", "'; DROP TABLE cases; --", "NEAR(a b)", "<script>", "\u202e", "a" * 100]
)
def test_no_words_break_the_page(house: House, q: str) -> None:
    client = signed_in(house, "anouk")

    assert client.get("/queue", params={"q": q}).status_code == 200
    assert client.get("/api/cases", params={"q": q}).status_code == 200
