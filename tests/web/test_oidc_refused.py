"""What a provider, or somebody who would be one, says wrongly; and a provider that says nothing."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey
from oidc_house import GROUPS, browser, events, go, noted, opened, person, roles_as_json, sign_in, with_provider
from pydantic import ValidationError
from web_house import PASSWORD, Clock, form_token_of

from api.app import create_app
from api.oidc.door import REFUSALS_PER_MINUTE, ProviderUnset, open_door
from api.oidc.leaving import came_back, leave
from api.oidc.provider import REST_SECONDS, Client
from api.oidc.provider import Provider as Told
from configs.settings import OutsideGroup, Settings, out_of_range
from pipelines.admitting import NotAdmitted, account_name
from pipelines.house import House
from tests.oidc_provider import CLIENT, FIRST_KEY, SECOND_KEY, SECRET, Provider, new_key, oidc_provider, signed

KEY = bytes(32)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider() as running:
        running.person = person(f"mallory-{running.url[-5:]}", "claims-experts")
        yield running


@pytest.fixture
def here(house: House, provider: Provider) -> House:
    return opened(with_provider(house, provider))


@pytest.fixture
def client(here: House, request: pytest.FixtureRequest) -> TestClient:
    """At an address of this test alone, since refusals are counted by address."""
    digest = hashlib.sha256(request.node.name.encode()).digest()
    address = ".".join(map(str, (10, *digest[:3])))
    return browser(here, address)


def by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    mark = base64.urlsafe_b64encode(sign(b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, mark]).decode()


def hmac_by(key: bytes) -> Callable[[dict[str, Any]], str]:
    header = {"alg": "HS256", "kid": "first"}
    return lambda claims: by_hand(header, claims, lambda said: hmac.digest(key, said, "sha256"))


def cut(claims: dict[str, Any]) -> str:
    """Signed for other claims."""
    head, _, mark = signed(claims, FIRST_KEY).split(".")
    return f"{head}.{signed({**claims, 'sub': 'x'}, FIRST_KEY).split('.')[1]}.{mark}"


IMPOSTOR = RSAKey.import_key({**new_key("first").as_dict(private=True), "kid": "first"})
TOKENS: dict[str, Callable[[dict[str, Any]], str]] = {
    "another key of the same name": lambda claims: signed(claims, IMPOSTOR),
    "a key that is not shown": lambda claims: signed(claims, SECOND_KEY),
    "not signed": lambda claims: by_hand({"alg": "none"}, claims, lambda _: b""),
    "signed with our secret": hmac_by(SECRET.encode()),
    "signed with the public key": hmac_by(FIRST_KEY.as_pem(private=False)),
    "signed for other claims": cut,
    "a header that must be understood": lambda claims: by_hand(
        {"alg": "RS256", "kid": "first", "crit": ["exp"]}, claims, lambda _: b"x"
    ),
    "no token": lambda _: "no.token",
    "empty": lambda _: "..",
    "no ascii": lambda _: "é.é.é",
}
WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "over": {"exp": int(time.time()) - 120},
    "without end": {"exp": None},
    "an end in words": {"exp": "tomorrow"},
    "of the future": {"iat": int(time.time()) + 7200},
    "not yet": {"nbf": int(time.time()) + 7200},
    "of yesterday": {"iat": int(time.time()) - 86_400},
    "another audience": {"aud": "another client"},
    "no audience": {"aud": None},
    "several audiences and no azp": {"aud": [CLIENT, "another client"]},
    "for another party": {"azp": "another client"},
    "another issuer": {"iss": "https://evil.example"},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 7},
    "a very long subject": {"sub": "x" * 256},
    "of another access token": {"at_hash": "x"},
}


def assert_unproven(client: TestClient, house: House) -> None:
    refused = sign_in(client)

    assert refused.status_code == 401
    assert "could not be checked" in refused.text
    assert "session" not in client.cookies
    assert noted(house, 1)[0].what == "sign_in_refused unproven"


@pytest.mark.parametrize("what", TOKENS)
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    here: House, client: TestClient, provider: Provider, what: str
) -> None:
    provider.sign = TOKENS[what]

    assert_unproven(client, here)


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_key_that_is_too_short_proves_nothing(here: House, client: TestClient, provider: Provider) -> None:
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    provider.keys, provider.sign = [weak], lambda claims: signed(claims, weak)

    assert_unproven(client, here)


@pytest.mark.parametrize("what", WRONG)
def test_a_token_that_says_something_wrong_opens_nothing(
    here: House, client: TestClient, provider: Provider, what: str
) -> None:
    provider.wrong = WRONG[what]

    assert_unproven(client, here)


def test_userinfo_about_somebody_else_opens_nothing(here: House, client: TestClient, provider: Provider) -> None:
    provider.userinfo = {"sub": "somebody else", "groups": provider.person.pop("groups")}

    assert_unproven(client, here)


def test_the_answer_of_another_provider_opens_nothing(client: TestClient, provider: Provider) -> None:
    back = go(client).replace("iss=http", "iss=https")

    assert client.get(back).status_code == 401
    assert "/token" not in provider.asked


def test_an_answer_without_its_issuer_opens_nothing_where_one_was_promised(
    client: TestClient, provider: Provider
) -> None:
    provider.described = {"authorization_response_iss_parameter_supported": True}

    assert client.get(go(client).split("&iss=")[0]).status_code == 401


def test_nobody_comes_back_twice_with_the_same_answer(client: TestClient) -> None:
    back = go(client)
    cookie = client.cookies["leaving"]
    assert client.get(back).status_code == 200
    client.cookies.clear()

    again = client.get(back, headers={"Cookie": f"leaving={cookie}"})

    assert again.status_code == 400
    assert "session" not in client.cookies


def test_an_answer_opens_nothing_in_another_browser(here: House, client: TestClient, provider: Provider) -> None:
    theirs, other = go(client), browser(here)
    own = go(other)

    without, with_own_cookie = browser(here).get(theirs), other.get(theirs)

    assert (without.status_code, with_own_cookie.status_code) == (400, 400)
    assert "/token" not in provider.asked
    assert own != theirs


def test_an_answer_that_took_over_ten_minutes_is_too_late(client: TestClient, clock: Clock) -> None:
    back, before = go(client), clock.ahead
    clock.ahead += timedelta(minutes=10, seconds=1)
    try:
        assert client.get(back).status_code == 400
    finally:
        clock.ahead = before


def test_a_code_is_worth_nothing_in_another_browser_or_once_it_was_used(here: House, client: TestClient) -> None:
    def with_code_of(other: str, browser: TestClient) -> int:
        own, stolen = (httpx.QueryParams(httpx.URL(back).query) for back in (go(browser), other))
        return browser.get("/login/oidc/back", params=own.set("code", stolen["code"])).status_code

    unused = go(browser(here))
    used = go(client)
    client.get(used)

    assert with_code_of(unused, client) == 401  # its verifier is another
    assert with_code_of(used, client) == 401


def test_who_says_no_at_the_provider_is_told_so(client: TestClient, provider: Provider) -> None:
    state = httpx.QueryParams(httpx.URL(go(client)).query)["state"]

    refused = client.get("/login/oidc/back", params={"state": state, "error": "access_denied", "iss": provider.url})

    assert refused.status_code == 401
    assert "did not sign you in" in refused.text


def test_a_new_key_is_found_by_its_name(client: TestClient, provider: Provider) -> None:
    assert sign_in(client).status_code == 200
    provider.keys, provider.sign = [FIRST_KEY, SECOND_KEY], lambda claims: signed(claims, SECOND_KEY)

    assert sign_in(client).status_code == 200
    assert sign_in(client).status_code == 200
    assert provider.asked.count("/keys") == 2


def test_unknown_keys_do_not_make_us_ask_again_and_again(provider: Provider) -> None:
    seconds = [0.0]
    told = Told(Client(provider.url, CLIENT, SECRET, "http://testserver", "openid"), clock=lambda: seconds[0])
    told.addresses()

    for _ in range(5):
        assert told.key("unknown", "RS256") is None
    asked_at_once = provider.asked.count("/keys")
    seconds[0] += REST_SECONDS
    told.key("unknown", "RS256")

    assert (asked_at_once, provider.asked.count("/keys")) == (2, 3)


def assert_local_accounts_come_in(client: TestClient) -> None:
    away = client.get("/login/oidc")
    form = {"csrf": form_token_of(away.text), "name": "anouk", "password": PASSWORD, "next": "/queue"}
    assert away.status_code == 503
    assert "does not answer now" in away.text
    assert client.post("/login", data=form).status_code == 303


def test_while_the_provider_is_broken_local_accounts_come_in(client: TestClient, provider: Provider) -> None:
    provider.broken = True

    assert_local_accounts_come_in(client)
    client.get("/login/oidc")

    assert len(provider.asked) == 2  # once, once more, and then it is left alone for a while


def test_while_nobody_listens_there_local_accounts_come_in(house: House) -> None:
    with oidc_provider() as gone:
        pass

    assert_local_accounts_come_in(browser(opened(with_provider(house, gone))))


def test_while_the_provider_is_silent_local_accounts_come_in(here: House, provider: Provider) -> None:
    provider.silent = 1.0
    client = browser(here)
    client.app.state.door = open_door(here.settings, seconds=0.1)  # type: ignore[attr-defined]

    assert_local_accounts_come_in(client)


def test_a_provider_that_breaks_down_on_the_way_is_told_and_tried_again_later(
    client: TestClient, provider: Provider
) -> None:
    back = go(client)
    provider.broken = True
    broken = client.get(back)
    provider.broken = False

    assert broken.status_code == 503
    assert sign_in(client).status_code == 200


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    client: TestClient, provider: Provider, described: dict[str, Any]
) -> None:
    provider.described = described

    assert client.get("/login/oidc").status_code == 503


def test_refusals_of_one_address_are_limited_and_so_are_their_events(client: TestClient, here: House) -> None:
    before = events(here)

    answers = [client.get("/login/oidc/back").status_code for _ in range(REFUSALS_PER_MINUTE + 12)]

    assert answers[0] == 400
    assert answers[-1] == 429
    assert events(here) - before <= 2 * REFUSALS_PER_MINUTE  # a minute may have ended meanwhile


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"oidc_issuer": "http://login.example.org"}, "CASEWRIGHT_OIDC_ISSUER"),
        ({"oidc_client_id": None}, "CASEWRIGHT_OIDC_CLIENT_ID"),
        ({"oidc_roles": {}}, "CASEWRIGHT_OIDC_ROLES"),
        ({"oidc_roles": {"a": OutsideGroup(role="king", lines=("motor",))}}, "'king'"),
    ],
)
def test_settings_that_cannot_be_used_are_named_at_the_start(
    house: House, provider: Provider, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ProviderUnset, match=named):
        create_app(with_provider(house, provider, **change))


def test_groups_are_read_from_their_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_OIDC_ROLES", roles_as_json())

    assert Settings().oidc_roles == GROUPS


@pytest.mark.parametrize(
    "written", ["claims=expert", '{"a": "expert"}', '{"a": {"role": "expert", "lines": []}}', "[]"]
)
def test_groups_that_cannot_be_read_name_their_variable(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("CASEWRIGHT_OIDC_ROLES", written)

    with pytest.raises(ValidationError) as refused:
        Settings()

    assert all(name.startswith("CASEWRIGHT_OIDC_ROLES") for name in out_of_range(refused.value))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_cookie_but_our_own_brings_anybody_back(cookie: str, state: str) -> None:
    now = Clock()()
    left = leave("/queue", now)

    assert came_back(cookie, left.state(KEY), key=KEY, now=now) is None
    assert came_back(left.cookie(KEY), state, key=KEY, now=now) is None
    assert came_back(left.cookie(KEY), left.state(KEY), key=KEY, now=now) == left


@given(st.text(max_size=90))
def test_a_name_is_the_same_however_often_it_is_read(told: str) -> None:
    name = account_name(told)

    assert name is None or (account_name(name) == name and not set(name) & set(" :/<>\n"))


def test_what_stays_with_the_browser_tells_none_of_what_proves_it() -> None:
    left = leave("/queue", Clock()())

    derived = {left.state(KEY), left.nonce(KEY), left.verifier(KEY)}

    assert len(derived) == 3
    assert not any(one in left.cookie(KEY) for one in derived)


def test_a_provider_that_was_asked_before_goes_on_while_it_is_silent(provider: Provider) -> None:
    seconds = [0.0]
    told = Told(Client(provider.url, CLIENT, SECRET, "http://testserver", "openid"), clock=lambda: seconds[0])
    before = told.addresses()
    seconds[0] += 7200
    provider.broken = True

    assert told.addresses() == before
    with pytest.raises(NotAdmitted):
        told.key("first", "RS256")  # keys that may have been taken back are not believed
