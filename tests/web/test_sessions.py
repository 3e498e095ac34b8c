"""Sessions end with a later one in the same browser, and when rights, account or password change."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from web_house import PASSWORD, PASSWORD_HASH, Clock, form_token_of, signed_in

from api.app import create_app
from api.signing_in import login_path
from cases.events import AccessNoted
from cases.vocabulary import Role
from pipelines import staff
from pipelines.house import House
from pipelines.staff import Change


@pytest.fixture
def person(house: House, request: pytest.FixtureRequest) -> str:
    """The name of a handler of this test alone."""
    name = f"person of {request.node.name}"
    staff.add_person(house, name, PASSWORD_HASH, Change(roles=(Role.HANDLER,), lines=("motor",)), by="test")
    return name


def by_password(client: TestClient, name: str) -> None:
    sent = {"csrf": form_token_of(client.get("/login").text), "name": name, "password": PASSWORD, "next": "/queue"}
    assert client.post("/login", data=sent).status_code == 303


def by_link(house: House, client: TestClient, name: str) -> None:
    assert client.get(login_path(house, name)).status_code == 303


def test_signing_in_again_gives_another_session_and_ends_the_one_before(house: House, person: str) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    by_link(house, client, person)
    first = client.cookies["session"]
    by_password(client, person)
    second = client.cookies["session"]
    by_link(house, client, person)

    answers = []
    for cookie in (first, second, client.cookies["session"]):
        other = TestClient(create_app(house), follow_redirects=False, cookies={"session": cookie})
        answers.append(other.get("/queue").status_code)

    assert answers == [303, 303, 200]


def test_signing_in_elsewhere_leaves_the_session_here(house: House, person: str) -> None:
    here, elsewhere = signed_in(house, person), signed_in(house, person)

    assert (here.get("/queue").status_code, elsewhere.get("/queue").status_code) == (200, 200)


def changed_roles(house: House, name: str) -> None:
    staff.change_person(house, name, Change(roles=(Role.HANDLER, Role.LEAD)), by="test")


def disabled(house: House, name: str) -> None:
    with house.database.writing() as store:
        store.people.disable(name, at=house.now())


def new_password(house: House, name: str) -> None:
    with house.database.writing() as store:
        store.people.set_password(name, PASSWORD_HASH)


@pytest.mark.parametrize("change", [changed_roles, disabled, new_password])
def test_all_sessions_end_when_rights_account_or_password_change(
    house: House, person: str, change: Callable[[House, str], None]
) -> None:
    clients = [signed_in(house, person) for _ in range(2)]

    change(house, person)

    assert [client.get("/queue").status_code for client in clients] == [303, 303]


def test_a_disabled_person_comes_in_neither_by_password_nor_by_an_older_link(house: House, person: str) -> None:
    client, link = TestClient(create_app(house), follow_redirects=False), login_path(house, person)
    disabled(house, person)

    form = {"csrf": form_token_of(client.get("/login").text), "name": person, "password": PASSWORD}
    refused = client.post("/login", data=form)
    client.get(link)

    assert refused.status_code == 401
    assert client.get("/queue").status_code == 303


def test_coming_in_going_out_and_being_refused_are_events(house: House, person: str) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    client.post("/login", data={"csrf": form_token_of(client.get("/login").text), "name": person, "password": "no"})
    by_password(client, person)
    client.post("/logout", data={"csrf": form_token_of(client.get("/queue").text)})

    with house.database.reading() as store:
        noted = [entry.event for entry in store.history("access")][-3:]
    assert [event.what for event in noted if isinstance(event, AccessNoted)] == [
        "sign_in_failed",
        "signed_in",
        "signed_out",
    ]
    assert isinstance(noted[0], AccessNoted)
    assert person not in noted[0].who  # what was typed there may be a password


def test_a_cookie_of_another_house_or_made_by_hand_opens_nothing(house: House, person: str, clock: Clock) -> None:
    genuine = signed_in(house, person).cookies["session"]
    secret, used, seal = genuine.split(".")
    later = int(clock().timestamp()) + 9
    forged = (f"{secret}.{used}.{'0' * 64}", f"{secret}.{later}.{seal}", f"{secret}..{seal}", "é", "..")

    for cookie in forged:
        client = TestClient(create_app(house), follow_redirects=False)
        answer = client.get("/queue", headers=[(b"cookie", f"session={cookie}".encode())])
        assert answer.status_code == 303
