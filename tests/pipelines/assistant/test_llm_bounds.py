"""Endpoints that talk garbage, or for too long."""

import json
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmock.pytest_plugin import LLMock

from cases.vocabulary import LlmOutcome
from tests.llm_server import LlmServer, Sends
from tests.pipelines.assistant.llm_questions import (
    GARBAGE,
    QUESTION,
    SHORT,
    SSE,
    TEXT,
    WHOLE,
    both_ways,
    model,
    refused,
)

pytestmark = pytest.mark.once  # keeps nothing


def test_the_same_uncompressed_would_be_an_answer(endpoint: LlmServer) -> None:
    endpoint.answering = lambda _: Sends(WHOLE)

    assert model(endpoint.url, streams=False).ask(QUESTION).text == TEXT


@pytest.mark.parametrize(("said", "outcome"), [(b"", LlmOutcome.AWAY), (b"{", LlmOutcome.CUT)])
def test_an_error_in_a_stream_is_a_failure_of_the_endpoint(
    endpoint: LlmServer, said: bytes, outcome: LlmOutcome
) -> None:
    word = b'data: {"choices": [{"index": 0, "delta": {"content": "' + said + b'"}}]}\n\n'
    endpoint.answering = lambda _: Sends(word + b'data: {"error": {"message": "overloaded"}}\n\n', headers=SSE)

    assert refused(model(endpoint.url, tries=1)).outcome is outcome


@pytest.mark.parametrize("name", GARBAGE)
@both_ways
def test_garbage_is_no_answer(endpoint: LlmServer, *, streams: bool, name: str) -> None:
    endpoint.answering = lambda _: GARBAGE[name]

    failed = refused(model(endpoint.url, tries=1, streams=streams))

    assert failed.outcome in {LlmOutcome.INVALID, LlmOutcome.AWAY, LlmOutcome.CUT}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([
                "choices", "delta", "message", "content", "finish_reason", "usage", "refusal", "role", "error", "index",
                "tool_calls", "prompt_tokens",
            ]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # as the module does, but for pytest
@settings(max_examples=40)
@given(told=JSON | st.binary(max_size=40), streams=st.booleans())
def test_whatever_is_sent_ends_as_an_answer_or_none(server: LlmServer, told: Any, *, streams: bool) -> None:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    server.answering = lambda _: Sends(b"data: " + body + b"\n\n", headers=SSE) if streams else Sends(body)

    failed = refused(model(server.url, tries=1, streams=streams))

    assert failed.outcome in {LlmOutcome.INVALID, LlmOutcome.AWAY, LlmOutcome.CUT, LlmOutcome.REFUSED}


# --- time -----------------------------------------------------------------------------------------------------------


@both_ways
def test_an_endpoint_that_is_slower_than_the_deadline_is_late(llmock: LLMock, *, streams: bool) -> None:
    llmock.delay(SHORT * 2)

    failed = refused(model(llmock.base_url(), seconds=SHORT, streams=streams))

    assert (failed.outcome, failed.tries) == (LlmOutcome.LATE, 1)


def test_a_stream_that_stalls_is_late(llmock: LLMock) -> None:
    llmock.reply(TEXT).stall(after_chunks=2, seconds=SHORT * 2)

    failed = refused(model(llmock.base_url(), seconds=SHORT))

    assert (failed.outcome, failed.tries) == (LlmOutcome.LATE, 1)


WORDS = b"".join(
    b'data: {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": null}]}\n\n' for _ in range(9)
)
DRIPPING = {
    "a body": Sends(b" " * 2000, pause=0.01),
    "headers": Sends(TEXT.encode(), headers={"X-Long": "x" * 2000}, pause=0.01, slowly=True),
    "signs of life": Sends(b":\n\n" * 900, headers=SSE, pause=0.01),
    "words": Sends(WORDS * 9, headers=SSE, pause=0.001),
}


@pytest.mark.parametrize("name", DRIPPING)
@both_ways
def test_an_endpoint_that_sends_a_byte_at_a_time_is_ended(endpoint: LlmServer, *, streams: bool, name: str) -> None:
    endpoint.answering = lambda _: DRIPPING[name]

    failed = refused(model(endpoint.url, seconds=SHORT, streams=streams))

    assert (failed.outcome, failed.tries) == (LlmOutcome.LATE, 1)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_endpoint_that_takes_the_call_and_says_nothing_is_late(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failed = refused(model(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/v1", seconds=SHORT))

    assert (failed.outcome, failed.tries) == (LlmOutcome.LATE, 1)


def test_tries_share_one_deadline(endpoint: LlmServer) -> None:
    answers = iter([Sends(b"{}", 500), Sends(b" " * 2000, pause=0.01)])
    endpoint.answering = lambda _: next(answers)

    failed = refused(model(endpoint.url, seconds=1.2))

    assert (failed.outcome, failed.tries) == (LlmOutcome.LATE, 2)
