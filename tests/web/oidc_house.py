"""The house of these tests with a way in by an organisation's provider, and people who take it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr

from api.app import create_app
from api.oidc.door import open_door
from cases.events import AccessNoted
from configs.settings import OutsideGroup
from pipelines.house import House
from tests.oidc_provider import CLIENT, SECRET, Provider

GROUPS = {
    "claims-experts": OutsideGroup(role="expert", lines=("motor",), team="north"),
    "claims-leads": OutsideGroup(role="lead", lines=("motor", "general")),
    "nobodys-line": OutsideGroup(role="handler", lines=("shipping",)),
}


def with_provider(house: House, provider: Provider, **more: Any) -> House:
    told = {
        "oidc_issuer": provider.url,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_roles": GROUPS,
        **more,
    }
    return replace(house, settings=house.settings.model_copy(update=told))


APPS: dict[Path, FastAPI] = {}  # by home: to make one takes longer than a test
AT_PROVIDER = httpx.Client(verify=False)  # loopback, without TLS


def opened(house: House) -> House:
    """The house, its application with a door that has asked nothing of the provider yet."""
    app = APPS.get(house.settings.home) or create_app(house)
    app.state.house, app.state.door = house, open_door(house.settings)
    APPS[house.settings.home] = app
    return house


def browser(house: House, address: str = "testclient") -> TestClient:
    return TestClient(APPS[house.settings.home], follow_redirects=False, client=(address, 1))


def person(name: str, *groups: str, **more: Any) -> dict[str, Any]:
    return {"sub": f"subject of {name}", "preferred_username": name, "groups": list(groups), **more}


def go(client: TestClient, wanted: str = "/queue") -> str:
    """To the provider; the address that it sends them back to."""
    left = client.get("/login/oidc", params={"next": wanted})
    assert left.status_code == 303, left.text
    back: str = AT_PROVIDER.get(left.headers["location"]).headers["location"]
    return back


def sign_in(client: TestClient, wanted: str = "/queue") -> Response:
    return client.get(go(client, wanted))


@dataclass(frozen=True)
class Noted:
    what: str
    who: str
    subject: str


def noted(house: House, last: int) -> list[Noted]:
    with house.database.reading() as store:
        events = [entry.event for entry in store.history("access")]
    return [Noted(e.what, e.who, e.subject) for e in events[-last:] if isinstance(e, AccessNoted)]


def events(house: House) -> int:
    with house.database.reading() as store:
        return len(store.history("access"))


def roles_as_json() -> str:
    return json.dumps({name: group.model_dump(mode="json") for name, group in GROUPS.items()})
