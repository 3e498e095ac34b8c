"""One question to a language model by LangChain, patiently, and what may be made of what comes back.

Loaded at the first question only: LangChain takes two seconds to load. What is loose in its types stays here.
"""

import base64
import random
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpcore2
import httpx2
import openai
import orjson
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from langsmith import tracing_context
from pydantic import SecretStr

from cases.vocabulary import LlmOutcome
from pipelines.llm_wire import Deadline, TooMuch, open_client
from pipelines.ports import Answer, NoAnswer, Question

Heard = Callable[[str], object]
MOST_BYTES = 64 * 1024  # of the text of an answer
_PAUSE = 0.2  # seconds before the second try; twice as long before each other
_LONGEST_REST = 24 * 3600.0  # seconds
_TRY_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
_NO_KEY = SecretStr("none")  # is not sent; without one, that of the environment would be
# Of an answer of another form, which LangChain writes out again before it is refused: they quote it, on stderr.
warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """seconds: for all tries of one answer together. streams: whether it can send an answer as it grows."""

    url: str
    key: SecretStr | None
    seconds: float
    tries: int
    streams: bool


def ask(question: Question, endpoint: Endpoint, heard: Heard | None) -> Answer:
    """Raises NoAnswer."""
    deadline = Deadline(endpoint.seconds)
    with (
        tracing_context(enabled=False),
        open_client(endpoint.url, deadline, has_key=endpoint.key is not None) as client,
    ):
        return _patiently(_chat(endpoint, question, client), question, deadline, endpoint.tries, heard)


def _patiently(model: ChatOpenAI, question: Question, deadline: Deadline, most: int, heard: Heard | None) -> Answer:
    tokens_in = tokens_out = tries = 0
    while True:
        tries += 1
        said = _listen(model, question, deadline, heard)
        tokens_in, tokens_out = tokens_in + said.tokens_in, tokens_out + said.tokens_out
        failure = said.failure
        if failure is None:
            return Answer(said.text, tokens_in, tokens_out, tries)
        pause = failure.seconds or _PAUSE * 2 ** (tries - 1) * random.uniform(1, 1.5)  # noqa: S311  # no secret
        if not failure.again or tries == most or pause >= deadline.left:
            raise NoAnswer(
                failure.outcome, tokens_in=tokens_in, tokens_out=tokens_out, tries=tries, seconds=failure.seconds
            )
        if heard and said.text:
            heard("")
        time.sleep(pause)


# --- one try --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Failure:
    """again: whether another try may go better. seconds: after so many, as it asked; 0: it did not."""

    outcome: LlmOutcome
    again: bool = False
    seconds: float = 0


@dataclass(slots=True)
class _Said:
    """In one try, so far."""

    text: str = ""
    size: int = 0  # bytes of text
    finish: str = ""
    refused: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    failure: _Failure | None = None

    def take(self, chunk: BaseMessage) -> bool:
        """Whether there is more text."""
        piece = str(chunk.text).encode("utf-8", "replace")  # JSON can spell halves of signs, which are no text
        self.text, self.size = self.text + piece.decode(), self.size + len(piece)
        self.finish = str(chunk.response_metadata.get("finish_reason") or self.finish)
        self.refused = self.refused or bool(chunk.additional_kwargs.get("refusal"))
        if used := getattr(chunk, "usage_metadata", None):  # the last one counts the whole answer
            self.tokens_in, self.tokens_out = max(0, used["input_tokens"]), max(0, used["output_tokens"])
        return bool(piece)

    def judged(self) -> _Failure | None:
        """None: an answer."""
        if self.refused or self.finish == "content_filter":
            return _Failure(LlmOutcome.REFUSED)
        match self.finish:
            case "":
                return _Failure(LlmOutcome.CUT, again=True)
            case "length":
                return _Failure(LlmOutcome.CUT)
            case "stop" if _is_object(self.text):
                return None
            case _:
                return _Failure(LlmOutcome.INVALID)


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _listen(model: ChatOpenAI, question: Question, deadline: Deadline, heard: Heard | None) -> _Said:
    said = _Said()
    with closing(_chunks(model, question, deadline, said)) as chunks:
        for chunk in chunks:
            more = said.take(chunk)
            if said.size > MOST_BYTES:
                said.failure = _Failure(LlmOutcome.CUT)
                return said
            if deadline.left <= 0:
                said.failure = _Failure(LlmOutcome.LATE)
                return said
            if more and heard:
                heard(said.text)
    said.failure = said.failure or said.judged()
    return said


# --- the library ----------------------------------------------------------------------------------------------------


class _Chat(ChatOpenAI):
    """LangChain's, which reads all of a streamed answer except that it is a refusal."""

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type[Any], base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        read = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        if read and any(one["delta"].get("refusal") for one in chunk["choices"][:1]):
            read.message.additional_kwargs["refusal"] = True
        return read


def _chat(endpoint: Endpoint, question: Question, client: httpx2.Client) -> ChatOpenAI:
    return _Chat(
        base_url=endpoint.url,
        api_key=endpoint.key or _NO_KEY,
        model=question.model,
        temperature=0,
        max_retries=0,
        http_client=client,
        openai_proxy=None,
        stream_usage=True,
        disable_streaming=not endpoint.streams,
        use_responses_api=False,
        cache=False,
        verbose=False,
    )


def _chunks(
    model: ChatOpenAI, question: Question, deadline: Deadline, said: _Said
) -> Generator[BaseMessage, None, None]:
    """What breaks here was broken by the answer, so whatever the libraries make of it ends as a failure."""
    messages, asked = _messages(question), _asked(question)
    try:
        yield from model.stream(messages, **asked)
    except Exception as error:  # noqa: BLE001  # four libraries with errors of their own, and the built-in ones
        said.failure = _Failure(LlmOutcome.LATE) if deadline.left <= 0 else _failure_of(error, begun=bool(said.text))


def _messages(question: Question) -> list[BaseMessage]:
    if not question.pictures:
        return [SystemMessage(question.told), HumanMessage(question.given)]
    urls = [f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" for picture in question.pictures]
    seen: list[str | dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return [SystemMessage(question.told), HumanMessage([{"type": "text", "text": question.given}, *seen])]


def _asked(question: Question) -> dict[str, Any]:
    """The form goes as `extra_body`: LangChain hands a `response_format` to a helper of the client's, which raises an
    error without the tokens where an answer is cut by their limit.
    """
    form = {"name": "answer", "strict": True, "schema": dict(question.shape)}
    return {
        "max_tokens": question.most_tokens,
        "extra_body": {"response_format": {"type": "json_schema", "json_schema": form}},
        "extra_headers": {"Idempotency-Key": question.key},
    }


def _failure_of(error: Exception, *, begun: bool) -> _Failure:
    match error:
        case openai.APIStatusError(status_code=HTTPStatus.TOO_MANY_REQUESTS, response=response):
            return _Failure(LlmOutcome.BUSY, again=True, seconds=_rest_asked(response.headers))
        case openai.APIStatusError(status_code=status, response=response):
            if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return _Failure(LlmOutcome.AWAY, again=True, seconds=_rest_asked(response.headers))
            return _Failure(LlmOutcome.DECLINED)
        case TooMuch():
            return _Failure(LlmOutcome.CUT)
        case openai.APIError() | httpx2.HTTPError() | OSError():
            return _Failure(LlmOutcome.CUT if begun else LlmOutcome.AWAY, again=True)
        case httpcore2.TimeoutException() | httpcore2.NetworkError() | httpcore2.ProtocolError():
            return _Failure(LlmOutcome.CUT if begun else LlmOutcome.AWAY, again=True)
        case _:
            return _Failure(LlmOutcome.INVALID, again=True)


def _rest_asked(headers: Mapping[str, str]) -> float:
    """Seconds, by the headers of an answer; 0 when they do not say, or say nothing that can be read."""
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        else:
            seconds = _seconds(headers.get("retry-after", "0"))
    except (ValueError, OverflowError):
        return 0
    return min(seconds, _LONGEST_REST) if seconds > 0 else 0


def _seconds(written: str) -> float:
    """Of a Retry-After: so many, or a date (RFC 9110, 10.2.3). Raises ValueError."""
    try:
        return float(written)
    except ValueError:
        until = parsedate_to_datetime(written)
        return (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
