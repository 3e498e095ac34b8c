"""Who decides without the machine's advice, or with advice that is wrong on purpose, hears nothing of its assistant."""

import pytest
from assistant_house import DRAWS, asking, drawn_as, overseen_house
from fastapi.testclient import TestClient
from queue_house import DIGEST, add_case, signed_in
from web_house import form_token_of

from cases.events import AssistantSaid, SaidLine, StepDecided
from cases.facts import MessageSpan
from cases.vocabulary import MACHINE, Help, Step, Why
from pipelines.house import House
from tests.llm_server import Says

__all__ = ["overseen_house"]
SECRET = "The machine would repair the glass."


@pytest.fixture
def house(overseen_house: House) -> House:
    return overseen_house


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
