"""What the tests of the way to a language model share: a question, who asks it, and what endpoints may send."""

import gzip
import json
from collections.abc import Callable

import pytest

from configs.settings import Settings
from pipelines.llm import open_llm
from pipelines.ports import LanguageModel, NoAnswer, Question
from tests.llm_server import Sends

TEXT = '{"topic": "broken glass in the hall", "sure": true}'
SHAPE = {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]}
QUESTION = Question("small-1", "Name the topic.", '{"message": "my window"}', SHAPE, 200, "key-of-this-question")
SECRET = "sk-this-must-stay-secret"
SHORT = 0.2  # seconds: of endpoints that are too slow
LONG = 10.0  # for the others, however busy the machine is
TRIES = 3
SSE = {"Content-Type": "text/event-stream"}
both_ways = pytest.mark.parametrize("streams", [True, False], ids=["streamed", "whole"])
WHOLE = json.dumps(
    {"choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}]}
).encode()
GARBAGE = {
    "a page": Sends(b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
    "binary": Sends(bytes(range(256)) * 20, headers={"Content-Type": "application/octet-stream"}),
    "binary as JSON": Sends(bytes(range(256)) * 20),
    "binary as a stream": Sends(b"data: " + bytes(range(128, 256)) + b"\n\n", headers=SSE),
    "no body": Sends(b""),
    "another JSON": Sends(b'{"answer": 42}'),
    "no choices": Sends(b'{"choices": null}'),
    "an empty choice": Sends(b'{"choices": [{}]}'),
    "numbers in a stream": Sends(b"data: 42\n\ndata: [DONE]\n\n", headers=SSE),
    "empty choices in a stream": Sends(b'data: {"choices": [{}]}\n\ndata: [DONE]\n\n', headers=SSE),
    "tokens that are words": Sends(b'{"choices": [], "usage": {"prompt_tokens": "many"}}'),
    "an error in a stream": Sends(b'data: {"error": {"message": "overloaded"}}\n\n', headers=SSE),
    "compressed, unasked": Sends(gzip.compress(WHOLE), headers={"Content-Encoding": "gzip"}),
    "nested without end": Sends(b"[" * 100_000),
}


def model(
    url: str, *, seconds: float = LONG, tries: int = TRIES, streams: bool = True, key: str | None = SECRET
) -> LanguageModel:
    made = open_llm(
        Settings(
            llm_url=url, llm_key=key, llm_model="small-1", llm_seconds=seconds, llm_tries=tries, llm_streams=streams
        )
    )
    assert made is not None
    return made


def refused(one: LanguageModel, *, heard: Callable[[str], object] | None = None) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        one.ask(QUESTION, heard=heard)
    return caught.value
