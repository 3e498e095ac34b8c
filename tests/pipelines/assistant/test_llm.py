"""The endpoint is real: llmock's, or ours where the answer has to be made up."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from llmock.pytest_plugin import LLMock

from cases.vocabulary import LlmOutcome
from pipelines.ports import Answer, Question
from tests.llm_server import LlmServer, Says, Sends, llm_server
from tests.pipelines.assistant.llm_questions import QUESTION, SECRET, SHAPE, TEXT, TRIES, both_ways, model, refused

pytestmark = pytest.mark.once  # keeps nothing
# --- an answer ------------------------------------------------------------------------------------------------------


@both_ways
def test_an_answer_comes_whole_with_its_tokens(endpoint: LlmServer, *, streams: bool) -> None:
    answer = model(endpoint.url, streams=streams).ask(QUESTION)

    assert answer == Answer(TEXT, tokens_in=11, tokens_out=7, tries=1)


@both_ways
def test_what_is_asked_is_all_that_is_sent(endpoint: LlmServer, *, streams: bool) -> None:
    model(endpoint.url, streams=streams).ask(QUESTION)

    (asked,) = endpoint.asked
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SHAPE}}
    usage = {"stream_options": {"include_usage": True}} if streams else {}
    assert asked.body == {
        "model": "small-1",
        "messages": [
            {"role": "system", "content": "Name the topic."},
            {"role": "user", "content": '{"message": "my window"}'},
        ],
        "response_format": form,
        "temperature": 0,
        "max_completion_tokens": 200,
        "stream": streams,
        **usage,
    }
    assert asked.headers["idempotency-key"] == "key-of-this-question"
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert set(asked.headers) == {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "authorization",
        "idempotency-key",
    }  # fmt: skip


@both_ways
def test_pictures_are_sent_within_the_question(endpoint: LlmServer, *, streams: bool) -> None:
    pictures = (b"\xff\xd8 the first", b"\xff\xd8 the second")
    question = Question("small-1", "Look.", "{}", SHAPE, 200, "k", pictures)

    model(endpoint.url, streams=streams).ask(question)

    assert endpoint.asked[0].pictures == list(pictures)
    assert endpoint.asked[0].given == "{}"


def test_a_streamed_answer_is_heard_as_it_grows(endpoint: LlmServer) -> None:
    heard: list[str] = []

    answer = model(endpoint.url).ask(QUESTION, heard=heard.append)

    assert len(heard) == len(TEXT.split(" "))
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert heard[-1] == answer.text


def test_an_answer_that_is_not_streamed_is_heard_once(endpoint: LlmServer) -> None:
    heard: list[str] = []

    model(endpoint.url, streams=False).ask(QUESTION, heard=heard.append)

    assert heard == [TEXT]


@both_ways
def test_an_endpoint_that_does_not_count_tokens_has_none(endpoint: LlmServer, *, streams: bool) -> None:
    endpoint.answering = lambda _: Says(TEXT, used=None)

    answer = model(endpoint.url, streams=streams).ask(QUESTION)

    assert (answer.tokens_in, answer.tokens_out) == (0, 0)


def test_questions_at_once_get_their_own_answers(endpoint: LlmServer) -> None:
    endpoint.answering = lambda asked: Says(asked.given)
    one = model(endpoint.url)
    given = [json.dumps({"n": n}) for n in range(12)]

    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda text: one.ask(Question("m", "Echo.", text, SHAPE, 9, text)).text, given)

    assert list(answers) == given


def test_an_error_of_who_listens_is_theirs(endpoint: LlmServer) -> None:
    def listen(_: str) -> None:
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError, match="a mistake of ours"):
        model(endpoint.url).ask(QUESTION, heard=listen)


@both_ways
def test_half_a_sign_in_an_answer_becomes_a_question_mark(endpoint: LlmServer, *, streams: bool) -> None:
    endpoint.answering = lambda _: Says('{"topic": "\ud800"}')

    assert model(endpoint.url, streams=streams).ask(QUESTION).text == '{"topic": "?"}'


# --- what may go better next time -----------------------------------------------------------------------------------


@both_ways
def test_a_busy_endpoint_is_asked_again_after_what_it_asks(llmock: LLMock, *, streams: bool) -> None:
    llmock.reply(TEXT).rate_limit(times=2, retry_after=0.1)

    answer = model(llmock.base_url(), streams=streams).ask(QUESTION)

    assert (answer.text, answer.tries) == (TEXT, TRIES)
    llmock.assert_resilient(strict=True)


@both_ways
def test_one_that_asks_for_more_time_than_there_is_is_left_alone(llmock: LLMock, *, streams: bool) -> None:
    llmock.rate_limit(times=None, retry_after=60)

    failed = refused(model(llmock.base_url(), streams=streams))

    assert (failed.outcome, failed.tries, failed.seconds) == (LlmOutcome.BUSY, 1, 60)
    assert len(llmock.requests) == 1


def test_the_time_to_rest_may_be_a_date(endpoint: LlmServer) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    endpoint.answering = lambda _: Sends(b"{}", 429, {"Retry-After": until})

    failed = refused(model(endpoint.url))

    assert failed.outcome is LlmOutcome.BUSY
    assert 3000 < failed.seconds <= 3600


@pytest.mark.parametrize(("written", "seconds"), [("1e300", 86_400), ("inf", 86_400), ("86400", 86_400), ("11", 11)])
def test_nobody_is_left_alone_for_longer_than_a_day(endpoint: LlmServer, written: str, seconds: float) -> None:
    endpoint.answering = lambda _: Sends(b"{}", 429, {"Retry-After": written})

    assert refused(model(endpoint.url)).seconds == seconds


@pytest.mark.parametrize("written", ["soon", "nan", "-5", "Mon, 99 Foo 2026", ""])
def test_a_time_to_rest_that_says_nothing_is_none(endpoint: LlmServer, written: str) -> None:
    endpoint.answering = lambda _: Sends(b"{}", 429, {"Retry-After": written})

    failed = refused(model(endpoint.url, tries=1))

    assert (failed.outcome, failed.seconds) == (LlmOutcome.BUSY, 0)


@pytest.mark.parametrize("status", [408, 409, 500, 503, 529])
@both_ways
def test_an_endpoint_that_stumbles_is_asked_again(llmock: LLMock, *, streams: bool, status: int) -> None:
    llmock.reply(TEXT).fail(status, retry_after=0.05)

    answer = model(llmock.base_url(), streams=streams).ask(QUESTION)

    assert (answer.text, answer.tries) == (TEXT, 2)
    llmock.assert_resilient(strict=True)


def test_an_endpoint_that_is_down_is_given_up_after_the_tries(llmock: LLMock) -> None:
    llmock.outage(status=500)

    failed = refused(model(llmock.base_url()))

    assert (failed.outcome, failed.tries) == (LlmOutcome.AWAY, TRIES)
    assert len(llmock.requests) == TRIES
    llmock.assert_resilient(strict=True)


@both_ways
def test_nobody_there_is_away(*, streams: bool) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        failed = refused(model(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", tries=2, streams=streams))

    assert (failed.outcome, failed.tries) == (LlmOutcome.AWAY, 2)


def test_a_broken_connection_is_made_again_and_heard_from_the_start(llmock: LLMock) -> None:
    heard: list[str] = []
    llmock.reply(TEXT, times=2).disconnect(after_chunks=3)

    answer = model(llmock.base_url()).ask(QUESTION, heard=heard.append)

    assert (answer.text, answer.tries) == (TEXT, 2)
    start = heard.index("")
    assert 0 < start < len(heard) - 1
    assert TEXT.startswith(heard[start - 1])
    assert heard[-1] == TEXT
    llmock.assert_resilient(strict=True)


def test_a_stream_without_its_end_is_no_answer(llmock: LLMock) -> None:
    llmock.reply(TEXT, times=2).truncate(after_chunks=3)

    answer = model(llmock.base_url()).ask(QUESTION)

    assert (answer.text, answer.tries) == (TEXT, 2)
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("chunks", [0, 1, 4])
def test_a_stream_that_always_breaks_off_is_cut(llmock: LLMock, chunks: int) -> None:
    llmock.reply(TEXT, times=None).truncate(after_chunks=chunks, times=None)

    failed = refused(model(llmock.base_url(), tries=1))

    assert failed.outcome is (LlmOutcome.CUT if chunks else LlmOutcome.INVALID)


def test_a_corrupt_stream_is_asked_for_again(llmock: LLMock) -> None:
    llmock.reply(TEXT, times=2).corrupt(after_chunks=3)

    answer = model(llmock.base_url()).ask(QUESTION)

    assert (answer.text, answer.tries) == (TEXT, 2)
    llmock.assert_resilient()


def test_a_stream_that_is_always_corrupt_is_invalid(llmock: LLMock) -> None:
    llmock.corrupt(after_chunks=2, times=None)

    failed = refused(model(llmock.base_url(), tries=2))

    assert (failed.outcome, failed.tries) == (LlmOutcome.INVALID, 2)


def test_tokens_of_all_tries_are_counted(endpoint: LlmServer) -> None:
    endpoint.answering = lambda _: Says(TEXT, finish=None if len(endpoint.asked) < 2 else "stop")

    answer = model(endpoint.url).ask(QUESTION)

    assert answer == Answer(TEXT, tokens_in=22, tokens_out=14, tries=2)


# --- what will not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
@both_ways
def test_what_is_declined_is_not_asked_again(llmock: LLMock, *, streams: bool, status: int) -> None:
    llmock.fail(status, times=None)

    failed = refused(model(llmock.base_url(), streams=streams))

    assert (failed.outcome, failed.tries) == (LlmOutcome.DECLINED, 1)
    llmock.assert_resilient()


def test_a_question_that_is_too_long_for_the_model_is_declined(llmock: LLMock) -> None:
    llmock.context_overflow()

    assert refused(model(llmock.base_url())).outcome is LlmOutcome.DECLINED
    assert len(llmock.requests) == 1


UNUSABLE = {
    "refusal": (Says(None, refusal="I cannot help with that."), LlmOutcome.REFUSED),
    "refusal beside text": (Says(TEXT, refusal="I cannot help with that."), LlmOutcome.REFUSED),
    "filtered": (Says('{"topic"', finish="content_filter"), LlmOutcome.REFUSED),
    "no more tokens": (Says('{"topic"', finish="length"), LlmOutcome.CUT),
    "no more tokens, though whole": (Says(TEXT, finish="length"), LlmOutcome.CUT),
    "empty": (Says(""), LlmOutcome.INVALID),
    "nothing": (Says(None), LlmOutcome.INVALID),
    "prose": (Says("The topic is glass."), LlmOutcome.INVALID),
    "fenced": (Says(f"```json\n{TEXT}\n```"), LlmOutcome.INVALID),
    "a list": (Says(f"[{TEXT}]"), LlmOutcome.INVALID),
    "not a number": (Says('{"topic": NaN}'), LlmOutcome.INVALID),
    "half a sign": (Says('{"topic": "\\ud800"}'), LlmOutcome.INVALID),
    "a tool, though it has none": (Says(TEXT, finish="tool_calls"), LlmOutcome.INVALID),
    "longer than may be": (Says(json.dumps({"topic": " x123456789012345678" * 3_300})), LlmOutcome.CUT),
}


@pytest.mark.parametrize("name", UNUSABLE)
@both_ways
def test_an_answer_of_no_use_is_told_by_its_kind_and_not_asked_for_again(
    endpoint: LlmServer, *, streams: bool, name: str
) -> None:
    says, outcome = UNUSABLE[name]
    endpoint.answering = lambda _: says

    failed = refused(model(endpoint.url, streams=streams))

    assert (failed.outcome, failed.tries) == (outcome, 1)
    assert len(endpoint.asked) == 1


@both_ways
def test_tokens_of_an_answer_that_was_cut_by_their_limit_are_counted(endpoint: LlmServer, *, streams: bool) -> None:
    endpoint.answering = lambda _: Says('{"topic"', finish="length", used=(900, 200))

    failed = refused(model(endpoint.url, streams=streams))

    assert (failed.tokens_in, failed.tokens_out) == (900, 200)


def test_an_answer_just_as_long_as_may_be_is_one(endpoint: LlmServer) -> None:
    text = json.dumps({"topic": "é" * 20}, ensure_ascii=False)
    text += " " * (64 * 1024 - len(text.encode()))
    endpoint.answering = lambda _: Says(text)

    assert model(endpoint.url, streams=False).ask(QUESTION).text == text

    endpoint.answering = lambda _: Says(text + " ")
    assert refused(model(endpoint.url, streams=False)).outcome is LlmOutcome.CUT


def test_an_answer_without_end_is_cut(endpoint: LlmServer) -> None:
    endpoint.answering = lambda _: Sends(b" " * (33 * 1024 * 1024))

    assert refused(model(endpoint.url, streams=False)).outcome is LlmOutcome.CUT


def test_a_redirect_is_not_followed(endpoint: LlmServer) -> None:
    with llm_server(lambda _: Says(TEXT)) as elsewhere:
        endpoint.answering = lambda asked: Sends(b"", 307, {"Location": f"{elsewhere.url}/chat/completions"})
        failed = refused(model(endpoint.url))

    assert (failed.outcome, failed.tries) == (LlmOutcome.DECLINED, 1)
    assert elsewhere.asked == []
