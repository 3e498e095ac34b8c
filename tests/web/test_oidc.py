"""Coming in by the organisation's own provider: who does, with which rights, and what becomes of their session."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from oidc_house import Noted, browser, go, noted, opened, person, sign_in, with_provider
from web_house import PASSWORD, PASSWORD_HASH, form_token_of

from api.app import create_app
from cases.people import User
from cases.vocabulary import Role
from pipelines import staff
from pipelines.house import House
from tests.oidc_provider import CLIENT, Provider, oidc_provider


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, request: pytest.FixtureRequest) -> Provider:
    """With an expert of this test alone signed in there."""
    fresh = Provider(url=running.url)
    running.__dict__.update({name: value for name, value in fresh.__dict__.items() if name != "url"})
    running.person = person(f"person-{abs(hash(request.node.name))}", "claims-experts")
    return running


@pytest.fixture
def here(house: House, provider: Provider) -> House:
    return opened(with_provider(house, provider))


def account(house: House, provider: Provider) -> User | None:
    with house.database.reading() as store:
        return store.people.known_as(provider.url, provider.person["sub"])


def name_of(provider: Provider) -> str:
    name: str = provider.person["preferred_username"]
    return name


def test_a_member_of_a_known_group_comes_in_with_its_role_line_and_team(here: House, provider: Provider) -> None:
    provider.person["groups"].append("tennis")
    client = browser(here)

    arrived = sign_in(client)

    user = account(here, provider)
    assert arrived.status_code == 200
    assert client.get("/queue").status_code == 200
    assert user is not None
    assert (user.name, user.roles, user.lines, user.teams) == (
        name_of(provider), (Role.EXPERT,), ("motor",), ("north",),
    )  # fmt: skip
    assert noted(here, 1) == [Noted("signed_in by_provider", user.name, "")]
    assert Noted("user_added", "provider", user.name) in noted(here, 6)


def test_several_groups_give_all_that_each_of_them_gives(here: House, provider: Provider) -> None:
    provider.person["groups"] = ["claims-leads", "claims-experts"]

    sign_in(browser(here))

    user = account(here, provider)
    assert user is not None
    assert set(user.roles) == {Role.EXPERT, Role.LEAD}
    assert set(user.lines) == {"motor", "general"}


def test_groups_that_only_userinfo_tells_count_too(here: House, provider: Provider) -> None:
    groups = provider.person.pop("groups")
    provider.userinfo = {"sub": provider.person["sub"], "groups": groups}
    client = browser(here)

    sign_in(client)

    assert client.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("/cases/C-1?tab=a&b=%C3%A9", "/cases/C-1?tab=a&amp;b=%C3%A9"),
        ("//evil.example", "/queue"),
        ("https://evil.example/", "/queue"),
        ("/\\evil.example", "/queue"),
        ("javascript:alert(1)", "/queue"),
        ("/\tevil", "/queue"),
    ],
)
def test_afterwards_they_are_led_to_a_page_of_ours_only(
    here: House, provider: Provider, wanted: str, shown: str
) -> None:
    arrived = sign_in(browser(here), wanted)

    assert provider.asked.count("/token") == 1
    assert f'content="0;url={shown}"' in arrived.text
    assert "evil" not in arrived.text


def test_the_session_is_a_new_one_in_a_strict_cookie(here: House, provider: Provider) -> None:
    client = browser(here)
    sign_in(client)
    first = client.cookies["session"]

    arrived = sign_in(client)

    cookies = arrived.headers.get_list("set-cookie")
    [session] = [one for one in cookies if one.startswith("session=")]
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert client.cookies["session"] != first
    earlier = browser(here)
    earlier.cookies["session"] = first
    assert earlier.get("/queue").status_code == 303
    assert name_of(provider) not in "".join(cookies)


def test_who_is_in_no_known_group_gets_no_account(here: House, provider: Provider) -> None:
    provider.person["groups"] = ["tennis"]
    client = browser(here)

    refused = sign_in(client)

    assert refused.status_code == 401
    assert "none of your groups" in refused.text
    assert account(here, provider) is None
    assert client.get("/queue").status_code == 303
    assert noted(here, 1) == [Noted("sign_in_refused no_group", "provider", name_of(provider))]


def test_who_is_in_no_known_group_any_more_stays_out_and_their_sessions_end(here: House, provider: Provider) -> None:
    elsewhere = browser(here)
    sign_in(elsewhere)
    provider.person["groups"] = []

    refused = sign_in(browser(here))

    assert refused.status_code == 401
    assert elsewhere.get("/queue").status_code == 303


def test_a_group_with_a_line_that_nobody_knows_lets_nobody_in(here: House, provider: Provider) -> None:
    provider.person["groups"] = ["nobodys-line"]

    refused = sign_in(browser(here))

    assert refused.status_code == 401
    assert account(here, provider) is None
    assert noted(here, 1)[0].what == "sign_in_refused rules_unfit"


@pytest.mark.parametrize("wanted", ["anouk", "Anouk", "ＡＮＯＵＫ"])
def test_the_name_of_an_account_that_was_made_here_opens_nothing(here: House, provider: Provider, wanted: str) -> None:
    provider.person["preferred_username"] = wanted
    client = browser(here)

    refused = sign_in(client)

    assert refused.status_code == 401
    assert account(here, provider) is None
    assert client.get("/queue").status_code == 303
    assert noted(here, 1) == [Noted("sign_in_refused name_taken", "provider", "anouk")]


def test_another_subject_with_the_same_name_does_not_get_the_account(here: House, provider: Provider) -> None:
    sign_in(browser(here))
    provider.person["sub"] = "somebody who took that name later"

    assert sign_in(browser(here)).status_code == 401


@pytest.mark.parametrize("name", ["", "a b", "token:mailgate", "<b>", "x" * 81, "../up", None, 7])
def test_a_name_that_no_account_can_have_is_refused(here: House, provider: Provider, name: object) -> None:
    provider.person["preferred_username"] = name

    assert sign_in(browser(here)).status_code == 401
    assert noted(here, 1)[0].what == "sign_in_refused name_unfit"


def test_whoever_is_called_otherwise_later_keeps_their_account(here: House, provider: Provider) -> None:
    sign_in(browser(here))
    before = account(here, provider)
    provider.person["preferred_username"] = "married"

    assert sign_in(browser(here)).status_code == 200
    assert account(here, provider) == before


def test_rights_are_those_of_the_groups_at_each_sign_in(here: House, provider: Provider) -> None:
    elsewhere = browser(here)
    sign_in(elsewhere)
    provider.person["groups"] = ["claims-leads"]
    client = browser(here)

    sign_in(client)

    user = account(here, provider)
    assert user is not None
    assert (user.roles, user.lines, user.teams) == ((Role.LEAD,), ("motor", "general"), ())
    assert client.get("/queue").status_code == 200
    assert elsewhere.get("/queue").status_code == 303  # of who had other rights
    assert Noted("user_set roles=lead", "provider", user.name) in noted(here, 4)


def test_the_same_rights_leave_other_sessions_alone(here: House, provider: Provider) -> None:
    elsewhere = browser(here)
    sign_in(elsewhere)

    sign_in(browser(here))

    assert elsewhere.get("/queue").status_code == 200


def test_a_disabled_account_stays_out(here: House, provider: Provider) -> None:
    sign_in(browser(here))
    with here.database.writing() as store:
        store.people.disable(name_of(provider), at=here.now())
    client = browser(here)

    refused = sign_in(client)

    assert refused.status_code == 401
    assert client.get("/queue").status_code == 303
    assert noted(here, 1) == [Noted("sign_in_refused disabled", "provider", name_of(provider))]


def test_nobody_knows_a_password_of_such_an_account(here: House, provider: Provider) -> None:
    sign_in(browser(here))
    client = browser(here)

    for password in ("", "!", PASSWORD):
        form = {"csrf": form_token_of(client.get("/login").text), "name": name_of(provider), "password": password}
        assert client.post("/login", data=form).status_code == 401


def test_leaving_here_leads_to_the_provider_to_leave_there_too(here: House, provider: Provider) -> None:
    client = browser(here)
    sign_in(client)

    left = client.post("/logout", data={"csrf": form_token_of(client.get("/queue").text)})

    assert f'content="0;url={provider.url}/leave?client_id={CLIENT.replace(" ", "+")}&amp;' in left.text
    assert "id_token_hint=ey" in left.text
    assert client.get("/queue").status_code == 303
    assert "outside" not in client.cookies


@pytest.mark.parametrize("described", [{"end_session_endpoint": None}, {"end_session_endpoint": "ftp://evil"}])
def test_leaving_stays_here_where_the_provider_offers_no_such_page(
    here: House, provider: Provider, described: dict[str, object]
) -> None:
    provider.described = described
    client = browser(here)
    sign_in(client)

    left = client.post("/logout", data={"csrf": form_token_of(client.get("/queue").text)})

    assert (left.status_code, left.headers["location"]) == (303, "/login")


def test_who_came_in_by_password_leaves_only_here(here: House, provider: Provider) -> None:
    name = f"local-{name_of(provider)}"
    staff.add_person(here, name, PASSWORD_HASH, staff.Change(roles=(Role.HANDLER,), lines=("motor",)), by="test")
    client = browser(here)
    sign_in(client)
    form = {"csrf": form_token_of(client.get("/login").text), "name": name, "password": PASSWORD, "next": "/queue"}
    client.post("/login", data=form)

    left = client.post("/logout", data={"csrf": form_token_of(client.get("/queue").text)})

    assert (left.status_code, left.headers["location"]) == (303, "/login")


def test_without_a_provider_there_is_neither_button_nor_way(house: House) -> None:
    client = TestClient(create_app(house), follow_redirects=False)

    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/back").status_code == 404


def test_the_button_takes_along_where_they_wanted_to_go(here: House) -> None:
    page = browser(here).get("/login", params={"next": "/cases/C-1?a=b&c"}).text

    assert 'href="/login/oidc?next=/cases/C-1%3Fa%3Db%26c"' in page


def test_a_stranger_who_only_goes_there_leaves_nothing_here(here: House) -> None:
    before = noted(here, 1)

    go(browser(here))

    assert noted(here, 1) == before
