"""Somebody mails, chats, phones and sends a photo on the page: it is one case, and nothing is asked twice."""

import re
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, photo, signed_in

from api.app import create_app
from cases import events as e
from cases.answering import repeat_questions
from cases.case import Case, Entry, fold
from cases.contradictions import ToldTwice, contradictions
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.links import path_of
from pipelines.runner import drain

LOTTE = "lotte.bakker@example.org"
MAIL = (
    "Gisteren reed een bestelbus achter op onze auto. De klep zit scheef. Het kenteken is 12-ABC-3. Groet, Lotte Bakker"
)
WRITTEN, TOLD = "12ABC3", "12ABC8"
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def desk(house: House) -> TestClient:
    return signed_in(house, "anouk")


def test_a_customer_goes_on_in_four_channels_and_is_asked_nothing_twice(house: House, desk: TestClient) -> None:
    reference = mails(house)
    customer = opens_the_link(house, reference)
    chats(house, customer, desk, reference)
    phones(house, desk, reference)
    uploads(house, customer)

    case, entries = read(house, reference)
    assert {said.channel for said in case.messages} == {"email", "chat", "webform"}
    assert all(said.sender == LOTTE for said in case.messages)
    assert [one.event.by for one in entries if isinstance(one.event, e.NoteAdded)] == ["anouk"]
    assert only_case(house) == reference
    asked = [item.key for one in entries if isinstance(one.event, e.RequestMade) for item in one.event.items]
    assert asked
    assert len(asked) == len(set(asked))
    assert repeat_questions(case.id, entries) == 0
    assert both_plates(house, case) == {WRITTEN, TOLD}
    page = desk.get(f"/cases/{reference}").text
    lines = re.findall(r"<li>(?:(?!</li>).)*stated twice: 12ABC3 / 12ABC8(?:(?!</li>).)*</li>", page)
    assert lines
    for line in lines:  # what was written, what was told
        assert re.findall(r'href="#(m-message|event)-', line) == ["m-message", "event"]


def mails(house: House) -> str:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = (
        f"Lotte Bakker <{LOTTE}>",
        "Aanrijding",
        "<1@example.org>",
    )
    message.set_content(MAIL)
    accepted = accept(Incoming("message/rfc822", message.as_bytes(), "email", "mail", house.now()), house=house)
    drain(house)
    with house.database.reading() as store:
        record = store.messages.get(accepted.message_id)
        assert record is not None
        assert record.case_id is not None
        return store.case(record.case_id).reference


def opens_the_link(house: House, reference: str) -> TestClient:
    with house.database.reading() as store:
        (link,) = store.links.of_case(store.case_id(reference))
    customer = TestClient(create_app(house))
    assert customer.get(path_of(link.id, house.keys.link)).status_code == 200
    return customer


def chats(house: House, customer: TestClient, desk: TestClient, reference: str) -> None:
    said = customer.post("/t/chat", data={"chat": "Hoe lang duurt het ongeveer?", "key": "1"}, headers=OWN)
    assert said.status_code == 200
    drain(house)
    for act, words in (("take", ""), ("answer", "Dat hoort u deze week van ons."), ("end", "")):
        post(desk, reference, f"chat/{act}", chat_text=words)
    drain(house)
    assert "Dat hoort u deze week van ons." in customer.get("/t").text


def phones(house: House, desk: TestClient, reference: str) -> None:
    """And says the plate otherwise than it was written."""
    post(desk, reference, "told", told_text="Lotte belde over de auto.", told_fact_licence_plate="12-ABC-8")
    drain(house)


def uploads(house: House, customer: TestClient) -> None:
    sent = customer.post("/t/photos", files=[("photos", ("klep.jpg", photo(), "image/jpeg"))], headers=OWN)
    assert sent.status_code == 200
    drain(house)
    assert "klep.jpg" in customer.get("/t").text


def post(desk: TestClient, reference: str, path: str, **fields: str) -> None:
    csrf = form_token_of(desk.get(f"/cases/{reference}").text)
    answer = desk.post(f"/cases/{reference}/{path}", data={"csrf": csrf, **fields})
    assert answer.status_code in (200, 303), answer.text


def read(house: House, reference: str) -> tuple[Case, list[Entry]]:
    with house.database.reading() as store:
        case_id = store.case_id(reference)
        entries = store.history(case_id)
    return fold(case_id, entries), entries


def only_case(house: House) -> str:
    with house.database.reading() as store:
        (one,) = (store.case(case_id) for case_id in store.case_ids(journey="motor_claim"))
    return one.reference


def both_plates(house: House, case: Case) -> set[str]:
    found = contradictions(case, house.journeys.get("motor_claim").journey)
    return {str(fact.value) for one in found if isinstance(one, ToldTwice) for fact in one.said}
