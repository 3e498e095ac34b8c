"""Somebody acts for the customer by a link of their own: as far as they were let, as long, and not a moment longer."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, form_token_of, report, signed_in, token_in

from api.app import create_app
from cases import events as e
from cases.case import Case
from pipelines import joining
from pipelines.house import House
from pipelines.runner import drain

EVA = {"do": "name", "name": "Eva Smit", "address": "eva@example.org", "acts_as": "lawyer", "access": "answer"}
DESK = {name if name == "do" else f"rep_{name}": value for name, value in EVA.items()}
WORDS = "Ik ben de advocaat van mevrouw. De barst is gisteren groter geworden."


@pytest.fixture
def case(house: House, stranger: TestClient) -> dict[str, str]:
    opened = report(stranger)
    drain(house)
    return opened


def folded(house: House, case: dict[str, str]) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(case["reference"]))


def mails_to(house: House, address: str, case: dict[str, str]) -> list[str]:
    """Texts of what left in a case for somebody, oldest first."""
    folder = house.settings.home / "outbox" / folded(house, case).id
    mails = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in sorted(folder.glob("*.eml"))]
    return [mail.get_content() for mail in mails if mail["To"] == address]


def named(house: House, client: TestClient, case: dict[str, str], **changed: str) -> str:
    """The token that Eva got by mail."""
    answer = client.post(f"/t/{token_in(case)}/representative", data={**EVA, **changed})
    assert (answer.status_code, "done=named" in answer.headers["location"]) == (303, True)
    drain(house)
    [mail] = [one for one in mails_to(house, changed.get("address", EVA["address"]), case) if "/t/" in one]
    token: str = re.findall(r"/t/(\S+)", mail)[0]
    return token


def withdraw(client: TestClient, case: dict[str, str], house: House) -> None:
    [one] = folded(house, case).representatives
    data = {"do": "withdraw", "who": one.representative}
    assert client.post(f"/t/{token_in(case)}/representative", data=data).status_code == 303


def everything(client: TestClient, token: str) -> list[int]:
    """What each address of the customer's side answers to this token: reading it, and sending by it."""
    kept = {"text": "half", "opened_at": "2026-11-22T12:00:00Z"}
    headers = {"Upload-Length": "10"}
    return [
        client.get(f"/t/{token}?page=1").status_code,
        client.get(f"/t/{token}/calendar.ics").status_code,
        client.get(f"/t/{token}").status_code,
        client.post(f"/t/{token}/messages", files={"text": (None, WORDS)}).status_code,
        client.post(f"/t/{token}/uploads", headers=headers).status_code,
        client.put(f"/t/{token}/drafts/messages", json=kept).status_code,
    ]


def test_who_is_named_gets_a_link_by_mail_and_answers_in_their_own_name(
    house: House, stranger: TestClient, expert: TestClient, case: dict[str, str]
) -> None:
    token = named(house, stranger, case)

    page = stranger.get(f"/t/{token}?page=1&lang=en").text
    sent = stranger.post(f"/t/{token}/messages", files={"text": (None, WORDS)})
    drain(house)

    assert "You act for Fatima El Amrani" in page
    assert token != token_in(case)
    assert sent.status_code == 303
    after = folded(house, case)
    assert (after.messages[-1].sender, after.messages[-1].sender_name) == ("eva@example.org", "Eva Smit")
    assert after.sender == "fatima@example.org"
    assert "Eva Smit" in stranger.get(f"/t/{token_in(case)}?page=1").text
    shown = expert.get(f"/cases/{case['reference']}").text
    assert "acts for the customer" in shown


def test_who_may_only_follow_reads_and_sends_nothing(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    token = named(house, stranger, case, access="follow")

    page = stranger.get(f"/t/{token}?page=1").text

    assert case["reference"] in page
    assert "<textarea" not in page
    assert 'type="file"' not in page
    assert everything(stranger, token)[3:] == [403, 404, 404]


def test_nobody_who_acts_for_a_customer_names_others_or_asks_for_a_second_look(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    token = named(house, stranger, case)
    before = folded(house, case)

    answers = [
        stranger.get(f"/t/{token}/representative").status_code,
        stranger.post(f"/t/{token}/representative", data={**EVA, "address": "other@example.org"}).status_code,
        stranger.post(f"/t/{token}/second-look", files={"text": (None, "again")}).status_code,
        stranger.get(f"/api/tracking/{token}").status_code,
    ]

    assert answers == [404, 404, 403, 404]
    assert folded(house, case).version == before.version
    assert "/representative" not in stranger.get(f"/t/{token}?page=1").text


def test_a_withdrawn_link_shows_nothing_at_once(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    token = named(house, stranger, case)
    assert everything(stranger, token)[0] == 200

    withdraw(stranger, case, house)

    assert everything(stranger, token) == [404] * 6
    page = stranger.get(f"/t/{token}?lang=en", headers={"accept-language": "en"}).text
    assert "This link has ended" in page
    assert case["reference"] not in page
    assert "Fatima" not in page


def test_a_link_whose_time_is_over_shows_nothing_and_its_place_is_free_again(
    house: House, clock: Clock, stranger: TestClient, case: dict[str, str]
) -> None:
    token = named(house, stranger, case, until=(clock().date() + timedelta(days=2)).isoformat())
    clock.ahead = timedelta(days=4)
    try:
        assert everything(stranger, token) == [404] * 6
        again = stranger.post(f"/t/{token_in(case)}/representative", data=EVA)
    finally:
        clock.ahead = timedelta()

    assert again.status_code == 303
    assert len(folded(house, case).representatives) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"address": "a@example.org, b@example.org"}, "Write one e-mail address"),
        ({"name": " \u200b "}, "Write the name"),
        ({"until": "2020-01-01"}, "Choose a day"),
        ({"until": "soon"}, "Choose a day"),
        ({"address": "FATIMA@example.org"}, "This did not work"),
    ],
)
def test_what_cannot_be_is_told_beside_what_was_typed(
    stranger: TestClient, case: dict[str, str], wrong: dict[str, str], told: str
) -> None:
    answer = stranger.post(f"/t/{token_in(case)}/representative?lang=en", data={**EVA, **wrong})

    assert answer.status_code == 409
    assert told in answer.text
    assert 'value="' + {**EVA, **wrong}["name"].strip() in answer.text


def test_copies_of_letters_go_where_that_was_chosen_and_hold_their_own_link(
    house: House, stranger: TestClient, expert: TestClient, case: dict[str, str]
) -> None:
    token = named(house, stranger, case, copies="1")
    csrf = form_token_of(expert.get(f"/cases/{case['reference']}").text)
    data = {"csrf": csrf, "text": "Wij kijken er morgen naar."}
    assert expert.post(f"/cases/{case['reference']}/messages", data=data).status_code == 303
    drain(house)

    with house.database.reading() as store:
        kinds = [entry.event.kind for entry in store.history(folded(house, case).id)]
    assert "representative_mailed" in kinds
    assert token_in(case) not in "".join(mails_to(house, "eva@example.org", case))
    assert token in "".join(mails_to(house, "eva@example.org", case))


def test_a_person_names_and_withdraws_for_who_asks_by_phone(
    house: House, stranger: TestClient, expert: TestClient, case: dict[str, str]
) -> None:
    address = f"/cases/{case['reference']}"
    csrf = form_token_of(expert.get(address).text)
    assert expert.post(f"{address}/representatives", data={"csrf": csrf, **DESK}).status_code == 303
    drain(house)
    [one] = folded(house, case).representatives
    assert one.by == "anouk"
    assert "Eva Smit" in expert.get(address).text

    gone = expert.post(
        f"{address}/representatives", data={"csrf": csrf, "do": "withdraw", "rep_who": one.representative}
    )

    assert gone.status_code == 303
    assert folded(house, case).representatives == ()


def test_each_look_is_noted_without_a_name(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    token = named(house, stranger, case)
    stranger.get(f"/t/{token}?page=1")

    with house.database.reading() as store:
        noted = [entry.event for entry in store.history("access")]
    looks = [one for one in noted if isinstance(one, e.AccessNoted) and one.what == "representative_looked"]
    assert (looks[-1].who, looks[-1].subject) == (
        folded(house, case).representatives[0].representative,
        case["reference"],
    )


def test_when_a_case_is_merged_every_link_of_it_ends(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    token, main = named(house, stranger, case), report(stranger)
    drain(house)

    joining.merge(house, case["reference"], main["reference"], person="anouk")

    assert everything(stranger, token) == [404] * 6
    assert everything(stranger, token_in(case)) == [404] * 6
    assert stranger.get(f"/t/{token_in(main)}?page=1").status_code == 200
    assert folded(house, case).representatives == ()


def test_data_scientists_read_no_name_of_who_acts_for_a_customer(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    named(house, stranger, case)
    ada = signed_in(house, "ada")

    timeline = ada.get(f"/api/cases/{case['reference']}/timeline").text

    assert "representative_named" in timeline
    assert "Eva" not in timeline
    assert "eva@" not in timeline


def test_it_works_by_the_cookie_alone(house: House, case: dict[str, str]) -> None:
    client = TestClient(create_app(house), follow_redirects=True)
    client.get(f"/t/{token_in(case)}")

    page = client.post("/t/representative?lang=en", data=EVA)

    assert "Done. We send them a link" in page.text
    assert "Eva Smit" in page.text
