"""What a customer told by phone closes what was asked, and stands beside what was written."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report

from cases import events as e
from cases.contradictions import ToldTwice, contradictions
from cases.vocabulary import Actor, RequestKind
from pipelines.house import House
from pipelines.runner import drain

ASKED = (
    e.RequestItem("policy_number", RequestKind.FACT, "policy_number"),
    e.RequestItem("licence_plate", RequestKind.FACT, "licence_plate"),
    e.RequestItem("accident_form", RequestKind.DOCUMENT),
)


@pytest.fixture
def reference(house: House, stranger: TestClient) -> str:
    given: str = report(stranger, name="Piet")["reference"]
    drain(house)
    with house.database.writing() as store:
        case = store.case(store.case_id(given))
        asked = e.RequestMade(ASKED, date(2999, 1, 1)), Actor("person", "anouk")
        store.append(case.id, [asked], at=house.now(), expected=case.version)
    return given


def tell(client: TestClient, reference: str, **typed: str) -> tuple[int, str]:
    page = client.get(f"/cases/{reference}").text
    answer = client.post(f"/cases/{reference}/told", data={"csrf": form_token_of(page), **typed})
    return answer.status_code, answer.text


def test_a_phone_note_answers_what_was_asked_and_the_rest_stays_open(
    house: House, expert: TestClient, reference: str
) -> None:
    status, _ = tell(expert, reference, told_text="Piet called", told_fact_policy_number="POL-400123")
    with house.database.reading() as store:
        part = store.case(store.case_id(reference))
    rest = {"told_fact_licence_plate": "12-ABC-3", "told_accident_form": "1"}
    tell(expert, reference, told_text="Brought the form", **rest)

    assert status == 303
    assert {one.item.key for one in part.open_requests} == {"licence_plate", "accident_form"}
    assert part.status.value == "waiting_customer"
    with house.database.reading() as store:
        case = store.case(store.case_id(reference))
    assert (case.open_requests, case.status.value) == ((), "with_expert")
    assert [one.value for one in case.stated] == ["POL-400123", "12ABC3"]


def test_what_is_told_otherwise_than_it_was_written_is_shown_with_both_sources(
    house: House, expert: TestClient, reference: str
) -> None:
    for plate in ("12-ABC-3", "99-XYZ-9"):
        tell(expert, reference, told_text="Piet called", told_fact_licence_plate=plate)
    drain(house)

    with house.database.reading() as store:
        case = store.case(store.case_id(reference))
    found = [
        one for one in contradictions(case, house.journeys.get("motor_claim").journey) if isinstance(one, ToldTwice)
    ]
    (twice,) = (one for one in found if one.fact == "licence_plate")
    assert {"12ABC3", "99XYZ9"} <= {fact.value for fact in twice.said}
    assert len(twice.sources) == len(twice.said)


def test_a_blank_note_is_refused_beside_what_was_typed(expert: TestClient, reference: str) -> None:
    status, page = tell(expert, reference, told_text=" ", told_fact_licence_plate="12-ABC-3")

    assert status == 409
    assert "write what was told" in page
    assert 'value="12-ABC-3"' in page


def test_asking_what_the_file_holds_is_refused_until_it_is_said_why(
    house: House, expert: TestClient, reference: str
) -> None:
    tell(expert, reference, told_text="Piet called", told_fact_policy_number="POL-400123")
    drain(house)
    token = form_token_of(expert.get(f"/cases/{reference}").text)
    typed = {"csrf": token, "text": "", "ask_policy_number": "1"}

    refused = expert.post(f"/cases/{reference}/messages", data=typed)
    sent = expert.post(f"/cases/{reference}/messages", data={**typed, "although": "The register knows another"})

    assert (refused.status_code, sent.status_code) == (409, 303)
    assert "leave it out" in refused.text
