"""An endpoint of a language model for all tests of a file; each may make up its answers."""

from collections.abc import Iterator

import pytest

from tests.llm_server import LlmServer, Says, llm_server
from tests.pipelines.assistant.llm_questions import TEXT


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[LlmServer]:
    with llm_server(lambda _: Says(TEXT)) as server:
        yield server


@pytest.fixture
def endpoint(shared_endpoint: LlmServer) -> LlmServer:
    shared_endpoint.asked.clear()
    shared_endpoint.answering = lambda _: Says(TEXT)
    return shared_endpoint
