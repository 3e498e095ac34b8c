"""A statement is signed on the customer's page or on paper, and kept as it stood before them."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient
from web_house import photo, report, token_in

from cases import events as e
from cases.case import Case
from cases.vocabulary import Actor, RequestKind, Status
from pipelines.house import House
from pipelines.runner import drain

ASKED = e.RequestItem("theft_statement", RequestKind.SIGNATURE)
PICTURES = e.RequestItem("damage_photos", RequestKind.PHOTO)
NAME = "Fatima El Amrani"


@pytest.fixture
def case(house: House, stranger: TestClient) -> dict[str, str]:
    """With a person, who asks for a signature and for photos."""
    opened = report(stranger)
    drain(house)
    with house.database.writing() as store:
        of = store.case(store.case_id(opened["reference"]))
        due = (house.now() + timedelta(days=7)).date()
        made = (e.RequestMade((ASKED, PICTURES), date.fromisoformat(due.isoformat())), Actor("person", "anouk"))
        store.append(of.id, [made], at=house.now(), expected=of.version)
    return opened


def folded(house: House, case: dict[str, str]) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(case["reference"]))


def statement(house: House, language: str = "en") -> str:
    wording = house.journeys.get("motor_claim").journey.requests["theft_statement"].statement
    assert wording is not None
    return wording[language]


def form(house: House, **changed: str) -> dict[str, str]:
    digest = sha256(statement(house).encode()).hexdigest()
    return {"request": ASKED.key, "digest": digest, "name": NAME, "agree": "1", **changed}


def still_asked(house: House, case: dict[str, str]) -> list[str]:
    return [one.item.key for one in folded(house, case).open_requests if one.item in (ASKED, PICTURES)]


def test_what_was_agreed_to_is_kept_with_its_digest_and_the_name(
    house: House, stranger: TestClient, expert: TestClient, case: dict[str, str]
) -> None:
    base = f"/t/{token_in(case)}"
    page = stranger.get(f"{base}?page=1&lang=en").text

    answer = stranger.post(f"{base}/sign?lang=en", data=form(house))
    drain(house)

    assert statement(house) in page
    assert "not a qualified one" in page
    assert answer.status_code == 303
    [signed] = folded(house, case).signed
    assert (signed.statement, signed.name, signed.language) == (statement(house), NAME, "en")
    assert signed.digest == sha256(statement(house).encode()).hexdigest()
    assert still_asked(house, case) == [PICTURES.key]
    assert "You have signed" in stranger.get(answer.headers["location"]).text
    assert signed.digest in expert.get(f"/cases/{case['reference']}").text


@pytest.mark.parametrize(
    "changed", [{"agree": ""}, {"name": " "}, {"digest": "0" * 64}, {"request": "damage_photos"}, {"request": "x"}]
)
def test_nothing_is_signed_that_was_not_read_agreed_to_and_named(
    house: House, stranger: TestClient, case: dict[str, str], changed: dict[str, str]
) -> None:
    answer = stranger.post(f"/t/{token_in(case)}/sign?lang=en", data=form(house, **changed))

    assert answer.status_code == 409
    assert "This was not signed" in answer.text
    assert folded(house, case).signed == ()


def test_it_is_signed_once(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    answers = [stranger.post(f"/t/{token_in(case)}/sign?lang=en", data=form(house)) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 409]
    assert len(folded(house, case).signed) == 1


def test_a_photo_sent_for_the_paper_answers_that_and_leaves_the_other_open(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    files = {"photos": ("papier.jpg", photo(), "image/jpeg")}

    sent = stranger.post(f"/t/{token_in(case)}/photos", data={"request": ASKED.key}, files=files)
    assert sent.status_code == 303
    drain(house)

    assert still_asked(house, case) == [PICTURES.key]


def test_a_photo_sent_for_nothing_in_particular_is_no_signature(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    files = [("photos", ("schade.jpg", photo(), "image/jpeg"))]

    assert stranger.post(f"/t/{token_in(case)}/photos", files=files).status_code == 303
    drain(house)

    assert still_asked(house, case) == [ASKED.key]
    assert folded(house, case).status is not Status.CLOSED
