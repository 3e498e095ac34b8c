"""A line that breaks in the middle of a file, over a real connection."""

import random
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from api.app import create_app
from api.routes.uploads import PIECE
from pipelines import uploads
from pipelines.house import House
from tests.servers import free_port, wait_until
from tools.browsing import served

MB = 1024 * 1024
FILM = random.Random(7).randbytes(20 * MB)  # more than lines and servers hold in between
SIZE, SENT = len(FILM), 16 * MB


@pytest.fixture(scope="module")
def site(house: House) -> Iterator[httpx.Client]:
    with house.database.writing() as store:
        store.people.add_token("app-secret", "app", ("messages:write",), at=house.now())
    with served(create_app(house), free_port()) as url, httpx.Client(base_url=url) as client:
        client.headers["Authorization"] = "Bearer app-secret"
        yield client


def announced(site: httpx.Client) -> str:
    url: str = site.post("/api/uploads", headers={"Upload-Length": str(SIZE)}).json()["url"]
    return url


def cut_off(site: httpx.Client, url: str, data: bytes) -> None:
    """Promise the whole file, send so much of it, and be gone."""
    host = urlsplit(str(site.base_url))
    head = f"PUT {url} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: {SIZE}\r\n\r\n"
    with socket.create_connection((host.hostname or "", host.port or 0)) as line:
        line.sendall(head.encode() + data)


def offset(site: httpx.Client, url: str) -> int:
    return int(site.head(url).headers["upload-offset"])


def put_until_heard(site: httpx.Client, url: str, *, at: int = 0) -> httpx.Response:
    """The line that broke may still be at work on its last bytes: then one is told so, and sends it again."""
    while True:
        answer = site.put(url, content=FILM[at:], headers={"Upload-Offset": str(at)})
        if answer.status_code != 409:
            return answer


def test_what_came_before_the_line_broke_is_kept_and_the_rest_is_enough(house: House, site: httpx.Client) -> None:
    url = announced(site)

    cut_off(site, url, FILM[:SENT])
    wait_until(lambda: offset(site, url) > 0, "nothing was kept", seconds=20)
    there = offset(site, url)
    answer = put_until_heard(site, url, at=there)

    assert PIECE <= there <= SENT
    assert answer.json()["complete"]
    assert uploads.content(house, uploads.find(house, answer.json()["id"])) == FILM


def test_who_cannot_go_on_sends_it_whole_again(house: House, site: httpx.Client) -> None:
    url = announced(site)
    cut_off(site, url, FILM[:SENT])
    wait_until(lambda: offset(site, url) > 0, "nothing was kept", seconds=20)

    answer = put_until_heard(site, url)

    assert answer.status_code == 200
    assert uploads.content(house, uploads.find(house, answer.json()["id"])) == FILM
