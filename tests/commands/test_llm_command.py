"""casewright llm evaluate and report, as a shell would ask them, with a real endpoint on loopback."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import lines, run

from api.commands import llm
from cases import events as e
from cases.facts import MessageSpan
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Help, LlmOutcome
from pipelines.wiring import opened
from tests.homes import settings
from tests.llm_server import Asked, LlmServer, Says, llm_server

JOURNEY = "motor_claim"
MESSAGES = (
    ("My windscreen has a crack, plate H-214-KS", "windscreen"),
    ("Somebody stole my car last night, plate AB-123-C", "theft"),
    ("What will the weather be in Rome?", "oos"),
)


def windscreen(asked: Asked) -> Says:
    source = json.loads(asked.given)["sources"][0]
    said = {"topic": "windscreen", "source": source["id"], "quote": " ".join(source["text"].split()[:3])}
    return Says(json.dumps(said), used=(1000, 100))


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with llm_server(windscreen) as one:
        yield one


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Path:
    """One case was read along with, and a person kept the draft."""
    place = tmp_path_factory.mktemp("llm") / "home"
    shutil.copytree(trained, place / "models")
    with opened(settings(place)) as house, house.database.writing() as store:
        span = (MessageSpan("m-1", 0, 4),)
        told: list[tuple[e.Written, Actor]] = [
            (e.CaseOpened("C-2026-000001", "m-1", "webform", "jo@example.org", journey=JOURNEY), SYSTEM),
            (e.MessageAdded("m-1", "webform", "jo@example.org", "", "A stone hit it", house.now()), CUSTOMER),
            (e.LlmCalled(Help.DRAFT, LlmOutcome.ANSWERED, "small", "draft.1", "a" * 64, 1, 900, 90, "0.01"), MACHINE),
            (
                e.AssistantSaid("s-1", Help.DRAFT, "small", "draft.1", "a" * 64, "en", (e.SaidLine("Hi", span),)),
                MACHINE,
            ),
            (e.AssistantJudged("s-1", "edited", "anna", distance=5, length=50), Actor("person", "anna")),
        ]
        store.append("case-1", told, at=house.now())
    return place


@pytest.fixture
def asking(server: LlmServer, monkeypatch: pytest.MonkeyPatch) -> LlmServer:
    told = {"URL": server.url, "MODEL": "small", "REGION": "eu", "TRIES": "1", "AT_ONCE": "1", "PRICE_IN": "0.4"}
    for name, value in told.items():
        monkeypatch.setenv(f"CASEWRIGHT_LLM_{name}", value)
    server.answering = windscreen
    server.asked.clear()
    return server


@pytest.fixture
def data(tmp_path: Path) -> Path:
    place = tmp_path / "messages.jsonl"
    place.write_text("\n".join(json.dumps({"text": text, "topic": topic}) for text, topic in MESSAGES))
    return place


def tried(home: Path, data: Path, *more: object) -> Result:
    return run(llm.app, "evaluate", "--data", data, "--journey", JOURNEY, *more, home=home)


def test_labelled_messages_are_tried_and_the_report_is_written(
    home: Path, asking: LlmServer, data: Path, tmp_path: Path
) -> None:
    to = tmp_path / "report.json"

    told = tried(home, data, "--out", to)

    report: dict[str, Any] = json.loads(to.read_text())
    assert told.exit_code == 0, told.output
    assert "model small, prompt opinion.1/rules.1" in told.stdout
    assert "33.3% (0.8%-90.6%)" in told.stdout
    assert "keep some that nobody looked at" in told.stdout
    assert (report["journey"], report["messages"], report["whole"]) == (JOURNEY, 3, True)
    assert report["tasks"]["opinion"]["cost_eur_1000_cases"] == "0.40"
    assert len(asking.asked) == 3


def test_only_the_first_messages_and_another_kind_of_help_can_be_asked_for(
    home: Path, asking: LlmServer, data: Path
) -> None:
    [found] = lines(tried(home, data, "--limit", 1, "--task", "facts", "--json"))

    assert found["messages"] == 1
    assert found["tasks"]["facts"]["outcomes"] == {"invalid": 1}
    assert len(asking.asked) == 1


def test_an_interruption_tells_what_was_done_so_far(home: Path, asking: LlmServer, data: Path) -> None:
    def interrupted(asked: Asked) -> Says:
        if len(asking.asked) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return windscreen(asked)

    asking.answering = interrupted
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        told = tried(home, data)
    finally:
        signal.signal(signal.SIGINT, before)

    assert told.exit_code == 0, told.output
    assert "Stopped; what was done so far follows." in told.stderr
    assert "Stopped early, after 1 message." in told.stdout


def test_the_budget_of_the_day_holds(
    home: Path, asking: LlmServer, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWRIGHT_LLM_DAY_TOKENS", "1")

    told = tried(home, data)

    assert told.exit_code == 0, told.output
    assert "over_budget 1" in told.stdout
    assert "Stopped early, after 0 messages. The budget of the day is used up" in told.stdout
    assert asking.asked == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--journey", "moter_claim"), "there is no journey 'moter_claim'; did you mean \"motor_claim\"?"),
        ((), "name the journey with --journey: complaint, home_repair, motor_claim"),
    ],
)
def test_what_is_missing_is_named(home: Path, asking: LlmServer, data: Path, args: tuple[str, ...], told: str) -> None:
    ran = run(llm.app, "evaluate", "--data", data, *args, home=home)

    assert (ran.exit_code, asking.asked) == (2, [])
    assert told in ran.stderr


def test_messages_without_labels_are_tried_only_for_what_is_named(
    home: Path, asking: LlmServer, tmp_path: Path
) -> None:
    place = tmp_path / "plain.jsonl"
    place.write_text('{"text": "My car was stolen"}')

    assert "no message has a label; add a column topic or fact.NAME" in tried(home, place).stderr
    assert tried(home, place, "--task", "opinion").exit_code == 0
    assert len(asking.asked) == 1


def test_without_an_endpoint_it_says_what_to_set(home: Path, data: Path) -> None:
    ran = tried(home, data)

    assert ran.exit_code == 2
    assert "no endpoint is set; set CASEWRIGHT_LLM_URL and CASEWRIGHT_LLM_MODEL" in ran.stderr


def test_the_report_tells_what_people_made_of_it_and_what_to_do(home: Path) -> None:
    told = run(llm.app, "report", home=home).stdout
    [found] = lines(run(llm.app, "report", "--journey", JOURNEY, "--json", home=home))

    assert "Leave it as it is: not enough to say: people judged 1, 30 are needed" in told
    assert "10%" in told
    assert (found["task"], found["judged"]["edited"]["k"], found["distance_median"]) == ("draft", 1, 0.1)
    assert (found["advice"], found["because"], found["cost_eur"]) == ("stay", "few_judged", "0.01")


def test_where_nothing_was_asked_the_report_says_so(home: Path) -> None:
    told = run(llm.app, "report", "--journey", "complaint", "--days", 1, home=home)

    assert told.stdout == "No language model was asked on cases of the last 1 day.\n"
    assert run(llm.app, "report", "--journey", "nobody", home=home).exit_code == 2
