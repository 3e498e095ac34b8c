"""An endpoint of a language model for all tests of a file, each of which may make up its answers; and who asks it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.text_models import TextModels
from tests.llm_server import LlmServer, Says, llm_server
from tests.pipelines.assistant.llm_questions import TEXT
from tests.pipelines.given import Clock, OpenHouse, opened_house


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with llm_server(lambda _: Says(TEXT)) as one:
        yield one


@pytest.fixture
def endpoint(server: LlmServer) -> LlmServer:
    """As new for each test."""
    server.asked.clear()
    server.answering = lambda _: Says(TEXT)
    return server


@pytest.fixture(scope="module")
def open_asking(  # noqa: PLR0917  # pytest passes them by name
    tmp_path_factory: pytest.TempPathFactory, trained: Path, journeys: Journeys, texts: TextModels, decoder: Decoder,
    server: LlmServer,
) -> OpenHouse:  # fmt: skip
    """Opens a house for all tests of a file, with settings of its own; always the same home."""
    return partial(
        opened_house, tmp_path_factory.mktemp("house"), trained, clock=Clock(), journeys=journeys, texts=texts,
        decoder=decoder, llm_day_tokens=10**9, **server.settings,
    )  # fmt: skip


@pytest.fixture(scope="module")
def house(open_asking: OpenHouse) -> Iterator[House]:
    with open_asking() as built:
        yield built
