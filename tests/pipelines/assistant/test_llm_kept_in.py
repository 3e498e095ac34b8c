"""What must stay in the house when a language model is asked, and settings that nothing can be asked with."""

import logging
import os
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from llmock.pytest_plugin import LLMock

from cases.vocabulary import LlmOutcome
from configs.settings import Settings
from pipelines.llm import open_llm
from pipelines.ports import NoAnswer
from pipelines.usable import SettingsRefused
from tests.llm_server import LlmServer, Says, Sends, llm_server
from tests.pipelines.assistant.llm_questions import GARBAGE, QUESTION, SECRET, SSE, TEXT, both_ways, model, refused

pytestmark = pytest.mark.once  # keeps nothing
# --- what stays here ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", [Says(TEXT), Says(None), *GARBAGE.values(), Sends(b"{}", 401), Sends(b"{}", 500)])
@both_ways
def test_neither_the_key_nor_what_was_asked_is_in_errors_or_logs(
    endpoint: LlmServer, caplog: pytest.LogCaptureFixture, *, streams: bool, says: Says | Sends
) -> None:
    endpoint.answering = lambda _: says
    one = model(endpoint.url, tries=1, streams=streams)

    with caplog.at_level(logging.DEBUG):
        try:
            one.ask(QUESTION)
            told = ""
        except NoAnswer as error:
            told = "".join(traceback.format_exception(error))

    for text in (told, caplog.text, repr(one), str(vars(one))):
        assert SECRET not in text
        assert "my window" not in text
        assert "broken glass" not in text


def test_the_environment_names_no_other_endpoint_key_or_way(
    endpoint: LlmServer, llmock: LLMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_API_BASE", "OPENAI_PROXY"):
        monkeypatch.setenv(name, llmock.base_url())
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of somebody else")
    monkeypatch.setenv("LANGSMITH_GATEWAY", llmock.url)

    model(endpoint.url, key=None).ask(QUESTION)

    assert llmock.requests == []
    assert "authorization" not in endpoint.asked[0].headers
    assert "of somebody else" not in str(endpoint.asked[0])


def own_certificate(folder: Path) -> Path:
    """Of 127.0.0.1, by nobody else. PEM with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "endpoint.pem"
    file.write_bytes(plain + made.public_bytes(Encoding.PEM))
    return file


def test_a_key_is_told_only_to_an_endpoint_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = own_certificate(tmp_path)
    with llm_server(lambda _: Says(TEXT), certificate=certificate) as secure:
        failed = refused(model(secure.url, tries=1))
        asked_before = len(secure.asked)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        answer = model(secure.url).ask(QUESTION)

    assert (failed.outcome, asked_before) == (LlmOutcome.AWAY, 0)
    assert answer.text == TEXT


TRACED = """
import sys
from langchain_core.tracers.langchain import wait_for_all_tracers
from configs.settings import Settings
from pipelines.llm import open_llm
from pipelines.ports import NoAnswer, Question
for streams in (True, False):
    model = open_llm(Settings(llm_url=sys.argv[1], llm_model="m", llm_streams=streams, llm_tries=1))
    try:
        model.ask(Question("m", "Name the topic.", "{}", {"type": "object"}, 9, "k"))
    except NoAnswer:
        pass
wait_for_all_tracers()
"""


@pytest.mark.parametrize(
    "says",
    [Says(TEXT), Sends(b'data: {"choices": [{"index": 0, "delta": {"content": ["broken glass"]}}]}\n\n', headers=SSE)],
    ids=["an answer", "another form"],
)
def test_no_outsider_gets_a_trace_of_a_question_and_nothing_of_it_is_printed(
    endpoint: LlmServer, says: Says | Sends
) -> None:
    theirs = {
        "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "lsv2_x",
        "LANGSMITH_ENDPOINT": endpoint.url,
    }  # fmt: skip
    endpoint.answering = lambda _: says

    ran = subprocess.run(
        [sys.executable, "-c", TRACED, endpoint.url],
        env={**os.environ, **theirs}, capture_output=True, check=True, timeout=120,
    )  # fmt: skip

    assert [asked.path for asked in endpoint.asked] == ["/v1/chat/completions"] * 2
    assert (ran.stdout, ran.stderr) == (b"", b"")


# --- settings -------------------------------------------------------------------------------------------------------


def test_without_an_endpoint_there_is_no_language_model() -> None:
    assert open_llm(Settings(llm_url=None)) is None


@pytest.mark.parametrize(
    "url",
    [
        "host/v1",
        "ftp://host/v1",
        "https://",
        "https://host:port/v1",
        "https://me:secret@host/v1",
        "https://host/v1?a=b",
    ],
)
def test_an_address_that_is_none_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(SettingsRefused, match=r"CASEWRIGHT_LLM_URL: .*; write https://host/v1") as caught:
        open_llm(Settings(llm_url=url, llm_model="m"))

    assert "secret" not in str(caught.value)


def test_an_endpoint_without_a_model_is_refused_with_the_mend() -> None:
    with pytest.raises(SettingsRefused, match=r"CASEWRIGHT_LLM_MODEL: .*; write the name"):
        open_llm(Settings(llm_url="https://host/v1", llm_model=" "))


WITHOUT = """
import sys
sys.modules["langchain_openai"] = None
from configs.settings import Settings
from pipelines.llm import open_llm
try:
    open_llm(Settings(llm_url="https://host/v1", llm_model="m"))
except Exception as error:
    print(error)
print("loaded:", sorted({"langchain", "langchain_core", "openai", "httpx2"} & set(sys.modules)))
"""


def test_what_is_not_installed_is_said_with_the_mend_and_nothing_of_it_is_loaded() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=120)

    assert "CASEWRIGHT_LLM_URL: what asks a language model is not installed; pip install casewright[llm]" in ran.stdout
    assert ran.stdout.endswith("loaded: []\n")
