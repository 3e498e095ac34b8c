"""Who decides without the machine's advice, or with advice that is wrong on purpose, hears nothing of its assistant."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from assistant_house import asking
from fastapi.testclient import TestClient
from queue_house import DIGEST, add_case, filled_house, signed_in
from web_house import form_token_of

from cases.events import AssistantSaid, SaidLine, StepDecided
from cases.facts import MessageSpan
from cases.journey_spec import Oversight
from cases.vocabulary import MACHINE, Help, Step, Why
from models.certify import uniform
from pipelines.house import House
from tests.llm_server import Says

SECRET = "The machine would repair the glass."
DRAWS = {"blind": (0.0, 0.5), "planted": (0.5, 0.6), "shown": (0.6, 1.0)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with filled_house(tmp_path) as built:
        folder = built.journeys.get("motor_claim")
        spec = Oversight(blind_share=Decimal("0.5"), planted_share=Decimal("0.1"), override_rate=Decimal("0.3"))
        watched = replace(folder, journey=folder.journey.model_copy(update={"oversight": spec}))
        yield replace(
            built, journeys=replace(built.journeys, folders={**built.journeys.folders, "motor_claim": watched})
        )


def drawn_as(house: House, how: str) -> int:
    """The number of a case that the draw has so."""
    low, high = DRAWS[how]
    draws = (uniform(house.keys.reserve, "oversight", f"case-{number:06d}") for number in range(1, 10_000))
    return next(number for number, draw in enumerate(draws, 1) if low <= draw < high)


def said(number: int, task: Help, question: str = "") -> AssistantSaid:
    line = SaidLine(SECRET, (MessageSpan(f"message-{number}", 0, 3),))
    return AssistantSaid(f"said-{task}", task, "tester", "x.1", "", "en", (line,), question=question)


def opened(house: House, how: str) -> str:
    number = drawn_as(house, how)
    step = StepDecided(Step.EXPERT, (Why.ROW,), "motor_claim", DIGEST, "windscreen", "repair_glass")
    words = said(number, Help.SUMMARY), said(number, Help.QUESTION, "What would you do?")
    return add_case(house, number, (step, MACHINE), *((one, MACHINE) for one in words))


def post(client: TestClient, path: str, **fields: str) -> int:
    token = form_token_of(client.get("/journeys").text)
    return client.post(path, data={**fields, "csrf": token}).status_code


def test_it_is_told_only_where_advice_is(house: House) -> None:
    told, answered, taken = {}, {}, {}
    with asking(house, lambda _: Says('{"lines": []}')) as (asked, server):
        client = signed_in(asked, "anouk")
        for how in DRAWS:
            reference = opened(asked, how)
            told[how] = client.get(f"/cases/{reference}").text.count(SECRET)
            fields = {"said": "said-question", "do": "discard"}
            taken[how] = post(client, f"/cases/{reference}/assistant/judge", **fields)
            before = len(server.asked)
            status = post(client, f"/cases/{reference}/assistant/question", question="What is known?")
            answered[how] = (status, len(server.asked) - before)

    assert told["blind"] == told["planted"] == 0
    assert told["shown"] > 0
    assert taken == {"blind": 409, "planted": 409, "shown": 303}
    assert answered == {"blind": (409, 0), "planted": (409, 0), "shown": (303, 1)}


def test_the_search_without_a_model_finds_only_the_customers_own_words(house: House) -> None:
    reference = opened(house, "blind")
    client = signed_in(house, "anouk")
    client.post(
        f"/cases/{reference}/notes",
        data={"text": "Olifant: de machine betaalt", "csrf": form_token_of(client.get("/journeys").text)},
    )

    assert "Olifant" not in client.get(f"/cases/{reference}/assistant?q=machine").text
