"""A whole house in a temporary folder with cases that came in over the web, and browsers that are signed in.

Each test module has a house of its own, so that no module finds what another left, in whatever order they run.
"""

import dataclasses
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from api.app import create_app
from api.signing_in import hash_password, login_path
from cases.vocabulary import Role
from configs.settings import Settings
from pipelines import proof
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import load_journeys
from pipelines.runner import drain
from pipelines.text_models import TextModels
from pipelines.watching.logs import configure_logs
from pipelines.wiring import build
from tests.homes import HOMES, settings

PASSWORD = "correct horse battery staple"
PASSWORD_HASH = hash_password(PASSWORD)
STORY = (
    "Goedemiddag, gisteren is er een steen tegen mijn voorruit gekomen op de A2. Er zit nu een barst in van 20 cm. "
    "Mijn kenteken is GX-482-B. <script>alert('x')</script> Kunt u mij helpen? Groet, Fatima"
)


class Clock:
    """House time that tests may move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def photo() -> bytes:
    picture = Image.new("RGB", (800, 600), (120, 150, 180))
    draw = ImageDraw.Draw(picture)
    for n in range(0, 800, 16):
        draw.line((n, 0, 800 - n, 600), fill=(n % 255, 90, 40), width=3)
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def report(client: TestClient, *, text: str = STORY, name: str = "Fatima El Amrani", **fields: str) -> dict[str, str]:
    """Send a message as a stranger by the web form, with one photo."""
    sent = {"channel": "webform", "journey": "motor_claim", "sender": "fatima@example.org", "name": name,
            "subject": "Ster in voorruit", "text": text, **fields}  # fmt: skip
    files = [("photos", ("ruit <b>1</b>.jpg", photo(), "image/jpeg"))]
    response = client.post("/api/messages", data=sent, files=files)
    assert response.status_code == 202, response.text
    answer: dict[str, str] = response.json()
    return answer


def token_in(opened: dict[str, str]) -> str:
    return opened["tracking_url"].rpartition("/")[2]


def token_by_code(house: House, reference: str) -> str:
    """Of a new link, as a customer gets it who lost theirs: by the code that is mailed to the address on file."""
    at = proof.ask_code(house, reference, client=f"of {reference}")
    assert at is not None
    proof.mail_code(house, reference, at)
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    mail = max((house.settings.home / "outbox" / case_id).glob(f"{case_id}.code-*.eml"))
    text = message_from_bytes(mail.read_bytes(), policy=policy.default).get_content()
    token = proof.use_code(house, reference, re.findall(r"\d{4} \d{4}", text)[0], client=f"of {reference}")
    assert token is not None
    return token


def routes(found: Iterable[Any]) -> Iterator[Any]:
    """Of the application and of every router that was included in it."""
    for route in found:
        inside = getattr(route, "original_router", None)
        yield from routes(inside.routes) if inside is not None else [route]


def form_token_of(page: str) -> str:
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared


@pytest.fixture(scope="session")
def texts(trained: Path) -> TextModels:
    return TextModels(trained, load_journeys(Settings()))


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, clock: Clock, trained: Path, texts: TextModels, decoder: Decoder
) -> Iterator[House]:
    home = tmp_path_factory.mktemp("web")
    chosen = settings(home, models=trained, public_url="http://testserver", anonymous_per_minute=100_000)
    plain = build(chosen)
    built = dataclasses.replace(plain, now=clock, texts=texts, decoder=decoder)
    people = (
        ("anouk", Role.EXPERT, "motor"),
        ("noor", Role.LEAD, "motor"),
        ("sam", Role.EXPERT, "housing"),
        ("ada", Role.DATA_SCIENTIST, "motor"),
        ("olga", Role.AUDITOR, "motor"),
        ("root", Role.ADMINISTRATOR, "motor"),
    )
    with built.database.writing() as store:
        for name, role, line in people:
            store.people.add_user(
                name, (role,), PASSWORD_HASH, at=clock(), lines=(line, "general") if line == "motor" else (line,)
            )
    yield built
    plain.decoder.close()
    plain.database.close()
    HOMES.databases.drop_under(home)


@pytest.fixture(scope="module")
def opened(house: House) -> dict[str, str]:
    """A case of motor that was read and lies with a person."""
    with TestClient(create_app(house)) as client:
        answer = report(client)
    drain(house)
    return answer


@pytest.fixture
def stranger(house: House) -> Iterator[TestClient]:
    with TestClient(create_app(house), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


def signed_in(house: House, name: str) -> TestClient:
    client = TestClient(create_app(house), follow_redirects=False)
    assert client.get(login_path(house, name)).status_code == 303
    return client


@pytest.fixture
def expert(house: House) -> TestClient:
    return signed_in(house, "anouk")


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """Everything that is logged, as a server logs it; as it was afterwards."""
    root, before, kept = logging.getLogger(), structlog.get_config(), StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logs("info", to=kept)
    yield kept
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level
    logging.getLogger("uvicorn.access").disabled = False
    structlog.configure(**before)
