import dataclasses
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import PASSWORD, Clock, form_token_of, signed_in

from api.app import create_app
from api.pages.login import own_path
from api.security import Operation, from_own_page, may
from api.signing_in import IDLE, LONGEST, ONCE, login_path
from cases.store.people import User
from cases.vocabulary import Role
from pipelines.house import House

H, X, L, J, D, A, R = Role
TABLE = {
    Operation.READ_CASES: {H, X, L, J, D, A},
    Operation.SEE_CUSTOMERS: {H, X, L, J, A},
    Operation.DECIDE: {H, X, L},
    Operation.ASSIGN_OTHERS: {L},
    Operation.DRAFT_RULES: {J},
    Operation.READ_RULES: {J, A},
    Operation.CHANGE_MODELS: {D},
    Operation.READ_MODELS: {J, D, A},
    Operation.SHUT_AUTO_CLOSE: {X, L, J, D, R},
    Operation.ADMINISTER: {R},
    Operation.READ_SETTINGS: {A, R},
}


@pytest.mark.parametrize("operation", TABLE)
def test_each_role_may_what_the_contract_says_and_only_in_its_own_line(operation: Operation) -> None:
    for role in Role:
        user = User("u", (role,), "", ("motor",))

        assert may(user, operation, "motor") == (role in TABLE[operation])
        assert not may(user, operation, "housing")


def attempt(client: TestClient, name: str, password: str) -> int:
    page = client.get("/login").text
    sent = {"csrf": form_token_of(page), "name": name, "password": password, "next": "/queue"}
    return client.post("/login", data=sent).status_code


def test_a_person_signs_in_with_name_and_password_and_out_again(house: House) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    assert client.get("/queue").headers["location"] == "/login?next=%2Fqueue"

    assert attempt(client, "noor", PASSWORD) == 303

    page = client.get("/queue")
    assert page.status_code == 200
    old = dict(client.cookies)
    assert client.post("/logout", data={"csrf": form_token_of(page.text)}).status_code == 303
    client.cookies.update(old)
    assert client.get("/queue").status_code == 303


def test_an_unknown_name_reads_the_same_as_a_wrong_password(house: House) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    pages = []
    for name in ("olga", "nobody"):
        form = client.get("/login").text
        pages.append(client.post("/login", data={"csrf": form_token_of(form), "name": name, "password": "wrong"}))

    assert [page.status_code for page in pages] == [401, 401]
    assert pages[0].text.replace("olga", "nobody") == pages[1].text


def test_the_sixth_try_within_a_minute_waits_even_with_the_right_password(house: House, clock: Clock) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    moment = clock()
    frozen = TestClient(create_app(_at(house, moment)), follow_redirects=False)

    answers = [attempt(frozen, "root", "wrong") for _ in range(5)] + [attempt(frozen, "root", PASSWORD)]

    assert answers == [401] * 5 + [429]
    assert attempt(client, "anouk", PASSWORD) == 303


def _at(house: House, moment: datetime) -> House:
    return dataclasses.replace(house, now=lambda: moment)


def test_a_login_link_works_once_and_for_half_an_hour(house: House, clock: Clock) -> None:
    first, late = login_path(house, "anouk"), login_path(house, "anouk")
    client = TestClient(create_app(house), follow_redirects=False)

    assert client.get(first).status_code == 303
    assert client.get("/queue").status_code == 200
    other = TestClient(create_app(house), follow_redirects=False)
    assert other.get(first).status_code == 401
    clock.ahead = ONCE
    try:
        assert other.get(late).status_code == 401
    finally:
        clock.ahead -= ONCE


@pytest.mark.parametrize("pause", [IDLE, LONGEST])
def test_a_session_ends_unused_or_at_the_end_of_the_day(house: House, clock: Clock, pause: timedelta) -> None:
    client = signed_in(house, "anouk")
    assert client.get("/queue").status_code == 200

    clock.ahead += pause
    try:
        assert client.get("/queue").status_code == 303
    finally:
        clock.ahead -= pause


def test_a_busy_session_lives_on_until_its_longest(house: House, clock: Clock) -> None:
    client = signed_in(house, "anouk")
    before = clock.ahead
    try:
        while clock.ahead - before < LONGEST - IDLE:
            clock.ahead += IDLE * 0.9
            assert client.get("/queue").status_code == 200
        clock.ahead = before + LONGEST
        assert client.get("/queue").status_code == 303
    finally:
        clock.ahead = before


def test_the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(house: House) -> None:
    client = TestClient(create_app(house), follow_redirects=False)

    cookie = client.get(login_path(house, "anouk")).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_form_without_its_token_or_from_another_site_changes_nothing(
    expert: TestClient, opened: dict[str, str]
) -> None:
    note = f"/cases/{opened['reference']}/notes"
    token = form_token_of(expert.get("/queue").text)

    assert expert.post(note, data={"text": "x"}).status_code == 403
    assert expert.post(note, data={"text": "x", "csrf": "0" * 64}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert expert.post(note, data={"text": "x", "csrf": token}, headers=foreign).status_code == 403
    assert expert.post(note, data={"text": "x", "csrf": token}).status_code == 303


def test_a_call_from_another_site_is_refused_even_with_the_cookie(expert: TestClient, opened: dict[str, str]) -> None:
    url = f"/api/cases/{opened['reference']}/notes"

    assert expert.post(url, json={"text": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert expert.post(url, json={"text": "x"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "null"}, {"origin": "https://a.nl"}, {"origin": "http://own", "host": "own"}]
)
def test_programs_and_our_own_pages_may_write(headers: dict[str, str]) -> None:
    assert from_own_page(headers, public_url="https://a.nl/")


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil", "https://evil.example", "", "/a\nb"])
def test_signing_in_never_leads_to_another_site(wanted: str) -> None:
    assert own_path(wanted) == "/queue"
