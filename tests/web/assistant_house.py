"""What tests of the assistant's pages share: a loopback language model, the house that asks it, and a case."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page
from queue_house import filled_house, overseen
from web_house import report

from api.app import create_app
from api.signing_in import login_path
from cases.journey_spec import Oversight
from models.certify import uniform
from pipelines.assistant.provider import Provider
from pipelines.house import House
from pipelines.llm import open_llm
from pipelines.runner import drain
from tests.llm_server import Asked, LlmServer, Says, llm_server
from tests.servers import free_port
from tools.browsing import served

QUOTE = "barst in van 20 cm"
#: Half of the cases are decided without advice, and a tenth with advice that is wrong on purpose.
DRAWS = {"blind": (0.0, 0.5), "planted": (0.5, 0.6), "shown": (0.6, 1.0)}


def source_with(asked: Asked, quote: str) -> str:
    """The id under which a text that holds this was sent."""
    return next(str(one["id"]) for one in json.loads(asked.given)["sources"] if quote in one["text"])


def lines(*told: tuple[str, str, str]) -> str:
    """An answer in sentences: text, id of the source, quote."""
    return json.dumps(
        {"lines": [{"text": text, "cites": [{"source": id_, "quote": quote}]} for text, id_, quote in told]}
    )


def answer(asked: Asked) -> Says:
    """A model that does as it is told, to each kind of question."""
    names = set(asked.body["response_format"]["json_schema"]["schema"]["properties"])
    if "facts" in names:
        fact = {"name": "can_drive", "value": "mijn voorruit", "source": "m1", "quote": "tegen mijn voorruit"}
        return Says(json.dumps({"facts": [fact]}))
    id_ = source_with(asked, QUOTE)
    held = (f"Er zit een {QUOTE} in de ruit.", id_, QUOTE)
    invented = ("Alles is al betaald.", id_, "u krijgt alles vergoed")
    return Says(lines(held, invented))


@contextmanager
def asking(house: House, answering: Callable[[Asked], Any] = answer) -> Iterator[tuple[House, LlmServer]]:
    """The house with a language model behind HTTP."""
    with llm_server(answering) as server:
        chosen = house.settings.model_copy(update={**server.settings, "llm_seconds": 5.0})
        model = open_llm(chosen)
        assert model is not None
        yield replace(house, settings=chosen, assistant=Provider(chosen, model, house.database)), server


@pytest.fixture
def overseen_house(tmp_path: Path) -> Iterator[House]:
    """Whose cases are drawn as DRAWS has it."""
    spec = Oversight(blind_share=Decimal("0.5"), planted_share=Decimal("0.1"), override_rate=Decimal("0.3"))
    with filled_house(tmp_path) as built:
        yield replace(built, journeys=overseen(built.journeys, spec))


def drawn_as(house: House, how: str) -> int:
    """The number of a case that the draw has so."""
    low, high = DRAWS[how]
    draws = (uniform(house.keys.reserve, "oversight", f"case-{number:06d}") for number in range(1, 10_000))
    return next(number for number, draw in enumerate(draws, 1) if low <= draw < high)


@pytest.fixture(scope="module")
def with_model(house: House) -> Iterator[tuple[House, str]]:
    """The house with a language model, and where it is served."""
    with asking(house) as (asked, _), served(create_app(asked), free_port()) as url:
        yield asked, url


@pytest.fixture
def reference(house: House, stranger: TestClient) -> str:
    opened = report(stranger)["reference"]
    drain(house)
    return opened


def open_case(page: Page, house: House, url: str, reference: str) -> None:
    page.goto(url + login_path(house, "anouk"))
    page.goto(f"{url}/cases/{reference}")
