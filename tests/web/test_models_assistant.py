"""What a language model was asked and what people made of it, on the page of the models."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from web_house import PASSWORD_HASH, signed_in

from api.pages import models_assistant
from api.pages.models_assistant import because, help_shown
from api.pages.spoken import Spoken
from api.pages.templating import open_pages
from cases import events as e
from cases.facts import MessageSpan
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Help, LlmOutcome, Role
from models.paired import Paired, share
from pipelines.assistant.acceptance import Accepted
from pipelines.assistant.advising import Advice, Why
from pipelines.assistant.tallying import Calls
from pipelines.counters import LLM_CALLS
from pipelines.house import House
from pipelines.wiring import build
from tests.homes import settings

JOURNEY = "motor_claim"
CALLS = Calls(
    120, {LlmOutcome.ANSWERED: 114, LlmOutcome.LATE: 6}, 90_000, 9_000, Decimal("1.236"), 900, 4_250, 110, 7,
    ("small-1",), ("opinion.1/rules.1",),
)  # fmt: skip
OPINION = Accepted(
    JOURNEY, Help.OPINION, "shadow", CALLS, 110, {}, (), {"shadow": Paired(60, 12, 2, 6)}, 0, 0,
    Advice("show", "better", share(72, 80), share(62, 80), 0.0129),
)  # fmt: skip
DRAFT = Accepted(
    JOURNEY, Help.DRAFT, "show", CALLS, 110, {"kept": 20, "edited": 19, "discarded": 61}, (0.1, 0.0), {}, 0, 0,
    Advice("off", "discarded", share(61, 100)),
)  # fmt: skip


def spoken(language: str = "en") -> Spoken:
    return Spoken(open_pages(language).desk_say(), language, ZoneInfo("Europe/Amsterdam"))


def test_a_row_tells_what_was_asked_and_what_to_do_with_the_reason() -> None:
    shown = help_shown(DRAFT, spoken())

    assert (shown.now.text, shown.calls, shown.failed) == ("Shown", "120", "5%")
    assert (shown.kept, shown.edited, shown.discarded, shown.right) == ("20%", "19%", "61%", "")
    assert (shown.cost, shown.time) == ("1.24", "4.2 s")
    assert (shown.todo.text, shown.because) == ("Switch off", "people discard 61% (51% to 71%)")


def test_in_shadow_it_stands_beside_the_products_own_reading() -> None:
    shown = help_shown(OPINION, spoken())

    assert (shown.now.text, shown.kept, shown.right) == ("In shadow", "", "72 beside 62, of 80")
    assert shown.because == "right in 90%, our own reading in 78% (p = 0.013)"
    assert because(replace(OPINION.advice, p=1e-9), spoken()).endswith("(p = < 0.001)")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("why", get_args(Why))
def test_every_reason_has_its_words(language: str, why: Why) -> None:
    told = because(Advice("stay", why, share(3, 40), share(4, 40), 0.04, 30), spoken(language))

    assert not told.startswith("models.")
    assert "{" not in told


def read_along(house: House) -> None:
    line = e.SaidLine("Dear Jo", (MessageSpan("m-1", 0, 4),))
    written: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened("C-2026-000001", "m-1", "webform", "jo@example.org", journey=JOURNEY), SYSTEM),
        (e.MessageAdded("m-1", "webform", "jo@example.org", "", "A stone hit it", house.now()), CUSTOMER),
        (e.LlmCalled(Help.DRAFT, LlmOutcome.ANSWERED, "small-1", "draft.1", "a" * 64, 1, 900, 90, "0.01"), MACHINE),
        (e.AssistantSaid("s-1", Help.DRAFT, "small-1", "draft.1", "a" * 64, "en", (line,)), MACHINE),
        (e.AssistantJudged("s-1", "discarded", "anna"), Actor("person", "anna")),
    ]
    with house.database.writing() as store:
        store.append("case-1", written, at=house.now())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    home = tmp_path_factory.mktemp("models-assistant")
    built = build(settings(home, models=trained, public_url="http://testserver", desk_language="en"))
    with built.database.writing() as store:
        store.people.add_user("dana", (Role.DATA_SCIENTIST,), PASSWORD_HASH, at=built.now(), lines=("motor",))
    read_along(built)
    yield built
    built.decoder.close()
    built.database.close()


def test_the_table_stands_there_once_something_was_asked(house: House) -> None:
    client = signed_in(house, "dana")
    before = client.get(f"/models?journey={JOURNEY}").text
    house.counters.add(LLM_CALLS, "draft", "answered")
    house.counters.write()
    after = client.get(f"/models?journey={JOURNEY}").text

    assert 'id="assistant"' not in before
    section = re.sub(r"\s+", " ", after[after.index('id="assistant"') :])
    assert '<th scope="row">Draft of a reply</th>' in section
    assert "not enough to say: people judged 1, 30 are needed" in section
    assert "came in during the last 30 days" in section


def test_cases_are_read_for_it_at_most_once_an_hour(house: House) -> None:
    later = replace(house, now=lambda: house.now() + models_assistant.KEPT_FOR)

    [first] = models_assistant.lately(house, JOURNEY)

    assert models_assistant.lately(house, JOURNEY) == (first,)
    assert models_assistant.lately(house, JOURNEY)[0] is first
    assert models_assistant.lately(later, JOURNEY)[0] is not first
