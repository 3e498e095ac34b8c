"""Every address that a customer's link opens, read from the application: a new one is held to this without a line."""

import dataclasses
from io import StringIO

from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_house import routes, token_in

from api.app import create_app
from api.guessing import COOKIE, is_customers
from pipelines.house import House

MOST = 3  # wrong links a minute
OWN = {"sec-fetch-site": "same-origin"}
FORM = {"text": "Nog een vraag.", "chat": "Hallo?", "do": "name"}
ENDLESS = "/live"  # with a genuine link it never ends


def strict(house: House) -> FastAPI:
    """The same house, for who may try no more than a few links."""
    return create_app(
        dataclasses.replace(house, settings=house.settings.model_copy(update={"anonymous_per_minute": MOST}))
    )


def addresses(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path, as the routes have them."""
    return sorted(
        (method, one.path)
        for one in routes(app.routes)
        if is_customers(getattr(one, "path", ""))
        for method in one.methods or ()
    )


def ask(client: TestClient, method: str, path: str, token: str) -> tuple[int, str, dict[str, str]]:
    """Status, page and headers; the token stands in the address, or in the cookie where the address has none."""
    client.cookies.clear()
    if "{token}" not in path:
        client.cookies.set(COOKIE, token)
    address = path.format(token=token, kind="messages", form="reply")
    answer = client.request(method, address, data=FORM if method == "POST" else None, headers=OWN)
    return answer.status_code, answer.text, dict(answer.headers)


def forged(token: str, n: int) -> str:
    """Of the same link, with a seal that is not ours."""
    return f"{token[:30]}{n:04}{token[34:]}"


def test_every_address_holds_off_who_guesses_links(house: House, opened: dict[str, str]) -> None:
    app = strict(house)
    found = addresses(app)

    let_try = {}
    for n, (method, path) in enumerate(found):
        client = TestClient(app, client=(f"192.0.2.{n}", 50_000), follow_redirects=False)
        tried = [ask(client, method, path, f"{n:02}{'x' * 20}.of-{step}")[0] for step in range(MOST + 1)]
        let_try[f"{method} {path}"] = (tried[MOST], 429 in tried[:MOST])

    assert len(found) > 25  # the search is not over nothing
    assert {one: seen for one, seen in let_try.items() if seen != (429, False)} == {}


def test_a_link_that_is_tried_from_many_addresses_is_held_off_too(house: House, opened: dict[str, str]) -> None:
    app = strict(house)

    tried = [
        ask(TestClient(app, client=(f"192.0.2.{n}", 50_000)), "GET", "/t/{token}", forged(token_in(opened), n))[0]
        for n in range(MOST + 1)
    ]

    assert tried == [404] * MOST + [429]


def test_a_pasted_link_counts_and_the_page_says_when_to_come_back(house: House) -> None:
    client = TestClient(strict(house), client=("192.0.2.1", 50_000))

    answers = [client.post("/t", data={"link": f"https://here/t/wrong-{n}"}, headers=OWN) for n in range(MOST + 1)]

    assert [one.status_code for one in answers] == [404] * MOST + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61


def test_a_genuine_link_opens_where_somebody_else_guessed(house: House, opened: dict[str, str]) -> None:
    client = TestClient(strict(house), client=("192.0.2.1", 50_000), follow_redirects=False)
    token = token_in(opened)
    for n in range(MOST + 1):
        last, _, _ = ask(client, "GET", "/t/{token}", forged(token, n))

    status, _, _ = ask(client, "GET", "/t/{token}", token)

    assert (last, status) == (429, 303)


def test_no_address_tells_the_link_to_logs_to_other_sites_or_on_a_page_that_refuses(
    house: House, opened: dict[str, str], lines: StringIO
) -> None:
    app, genuine = create_app(house), token_in(opened)
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    wrong = forged(genuine, 1)

    told = []
    for method, path in addresses(app):
        asked = [wrong] if path.endswith(ENDLESS) else [wrong, genuine]
        for token in asked:
            status, page, headers = ask(client, method, path, token)
            if headers.get("referrer-policy") != "no-referrer" or "noindex" not in headers.get("x-robots-tag", ""):
                told.append(f"{method} {path} may be told to other sites ({status})")
            if token == wrong and wrong in page:
                told.append(f"{method} {path} shows a link that it refuses ({status})")

    assert told == []
    assert "http" in lines.getvalue()  # it was logged at all
    assert genuine not in lines.getvalue()
    assert wrong not in lines.getvalue()
