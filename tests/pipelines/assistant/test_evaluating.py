"""A language model is tried on labelled messages over HTTP, beside the product's own reading of the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.evaluating import MayNotBeAsked, TaskReport, Tried, evaluate, report
from pipelines.assistant.labelled import LabelledMessage
from pipelines.house import House
from tests.llm_server import Asked, LlmServer, Says, Sends
from tests.pipelines.given import WINDSCREEN, OpenHouse

pytestmark = pytest.mark.once  # no different on another database
JOURNEY = "motor_claim"
GLASS = "A stone hit my windscreen on Monday, the plate is H-214-KS. Can you help?"
THEFT = "My car was stolen last night from the street in front of my house."
USED = (1000, 200)


@pytest.fixture(scope="module")
def house(open_asking: OpenHouse) -> Iterator[House]:
    with open_asking(llm_price_in="2", llm_price_out="5", llm_at_once=1) as built:
        yield built


def sources(asked: Asked) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(asked.given)["sources"]
    return found


def names(topic: str) -> Any:
    """An endpoint that says this topic of everything, with a quote that stands there."""

    def answering(asked: Asked) -> Says:
        source = sources(asked)[0]
        quote = " ".join(source["text"].split()[:3])
        return Says(orjson.dumps({"topic": topic, "source": source["id"], "quote": quote}).decode(), used=USED)

    return answering


def finds(**values: str) -> Any:
    """An endpoint that finds these values, each quoted from the whole message."""

    def answering(asked: Asked) -> Says:
        source = sources(asked)[0]
        facts = [
            {"name": name, "value": value, "source": source["id"], "quote": source["text"]}
            for name, value in values.items()
        ]
        return Says(orjson.dumps({"facts": facts}).decode(), used=USED)

    return answering


def labelled(text: str, topic: str | None = None, **facts: str) -> LabelledMessage:
    return LabelledMessage(text, topic, facts, "en")


def tried(house: House, messages: Sequence[LabelledMessage], *tasks: Help) -> list[Tried]:
    return list(evaluate(house, JOURNEY, messages, tasks))


def told(house: House, messages: Sequence[LabelledMessage], task: Help) -> TaskReport:
    return report(house, JOURNEY, tried(house, messages, task), messages, ()).tasks[0]


def test_both_are_held_against_the_label_of_the_same_messages(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = names("windscreen")
    messages = [labelled(GLASS, "windscreen"), labelled(THEFT, "theft"), labelled(GLASS, "theft")]

    found = told(house, messages, Help.OPINION)

    compared = found.compared["opinion"]
    twin = [one.right["opinion"][1] for one in tried(house, messages, Help.OPINION)]
    assert (compared.n, compared.one.k) == (3, 1)
    assert twin[0] is True
    assert compared.other.k == sum(twin)


def test_no_topic_is_an_answer_as_well(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = names("none_of_these")

    found = told(house, [labelled("What is the weather like in Utrecht tomorrow?", "oos")], Help.OPINION)

    assert found.compared["opinion"].one.k == 1


def test_a_value_is_right_however_it_was_written_and_a_value_too_many_is_wrong(
    house: House, endpoint: LlmServer
) -> None:
    endpoint.answering = finds(licence_plate="H-214-KS")

    found = told(house, [labelled(GLASS, licence_plate="H214KS"), labelled(GLASS, licence_plate="")], Help.FACTS)

    assert (found.compared["facts"].one.k, found.compared["facts.licence_plate"].n) == (1, 2)
    assert found.compared["facts"] == found.compared["facts.licence_plate"]


def test_what_a_message_does_not_state_is_right_only_when_nothing_is_said(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = finds()
    silent = told(house, [labelled(GLASS, policy_number="", licence_plate="H-214-KS")], Help.FACTS)

    assert silent.compared["facts.policy_number"].one.k == 1
    assert silent.compared["facts.licence_plate"].one.k == 0
    assert silent.compared["facts"].one.k == 0


def test_a_failed_answer_counts_against_the_language_model_and_says_how_it_failed(
    house: House, endpoint: LlmServer
) -> None:
    endpoint.answering = lambda _: Says("no JSON at all")

    found = told(house, [labelled(GLASS, "windscreen")] * 2, Help.OPINION)

    assert found.compared["opinion"].one.k == 0
    assert found.compared["opinion"].n == 2
    assert found.calls.outcomes == {LlmOutcome.INVALID: 2}
    assert found.calls.failed.k == 2


def test_an_invented_quote_is_dropped_and_counted(house: House, endpoint: LlmServer) -> None:
    invented = {"topic": "windscreen", "source": "m1", "quote": "a sentence that nobody wrote"}
    endpoint.answering = lambda _: Says(orjson.dumps(invented).decode())

    found = told(house, [labelled(GLASS, "windscreen")], Help.OPINION)

    assert (found.calls.lines, found.calls.dropped, found.compared["opinion"].one.k) == (0, 1, 0)


def test_tokens_and_euros_are_told_for_a_thousand_cases(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = names("windscreen")

    found = told(house, [labelled(GLASS, "windscreen")] * 4, Help.OPINION).as_json()

    assert (found["tokens_in_a_message"], found["tokens_out_a_message"]) == (1000, 200)
    assert found["cost_eur_1000_cases"] == "3.00"  # 1 million tokens at 2 euros, 0.2 at 5
    assert found["p50_ms"] <= found["p95_ms"]


def test_nothing_of_it_is_stored_and_personal_data_stay_inside(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = names("windscreen")
    with house.database.reading() as store:
        before = store.case_ids()

    tried(house, [labelled(f"{GLASS} Call me on +31 6 1234 5678, jo.smit@example.org.", "windscreen")], Help.OPINION)

    with house.database.reading() as store:
        assert store.case_ids() == before
    assert all("jo.smit@example.org" not in one.given and "1234 5678" not in one.given for one in endpoint.asked)


def test_it_ends_when_the_endpoint_is_away_and_tells_what_was_done(open_house: OpenHouse, endpoint: LlmServer) -> None:
    endpoint.answering = lambda _: Sends(b"busy", status=429, headers={"Retry-After": "50"})
    messages = [labelled(GLASS, "windscreen")] * 30

    with open_house(**endpoint.settings, llm_at_once=1) as tired:
        done = tried(tired, messages, Help.OPINION)
        found = report(tired, JOURNEY, done, messages, ())

    assert len(done) < len(messages)
    assert done[-1].held_back
    assert not found.whole
    assert found.tasks[0].compared["opinion"].n == len(done) - 1  # what was held back says nothing of the model


def test_each_help_is_tried_on_each_message_and_what_has_nothing_to_ask_is_told(
    house: House, endpoint: LlmServer
) -> None:
    endpoint.answering = finds()
    messages = [labelled(GLASS), labelled(THEFT)]

    found = report(house, JOURNEY, tried(house, messages, Help.FACTS, Help.PHOTOS), messages, ())

    assert [(one.task, one.asked, one.nothing_to_ask) for one in found.tasks] == [
        (Help.FACTS, 2, 0),
        (Help.PHOTOS, 0, 2),
    ]
    assert found.whole
    assert found.tasks[0].compared == {}


def test_a_question_is_put_only_to_the_help_that_answers_one(house: House, endpoint: LlmServer) -> None:
    asking = LabelledMessage(WINDSCREEN, None, {}, "nl", question="Where is the chip?")
    messages = [asking, replace(asking, question="")]

    found = report(house, JOURNEY, tried(house, messages, Help.TRANSLATION, Help.QUESTION), messages, ())

    assert [(one.task, one.asked) for one in found.tasks] == [(Help.TRANSLATION, 2), (Help.QUESTION, 1)]
    assert [asking.question in asked.given for asked in endpoint.asked] == [False, True, False]


def test_messages_that_the_journey_brings_as_examples_are_counted(house: House, endpoint: LlmServer) -> None:
    endpoint.answering = names("windscreen")
    messages = [labelled("Chip in windscreen, please fix!", "windscreen"), labelled(GLASS, "windscreen")]

    assert report(house, JOURNEY, tried(house, messages, Help.OPINION), messages, ()).known == 1


def test_a_journey_whose_customers_were_told_nothing_is_not_tried(open_house: OpenHouse, endpoint: LlmServer) -> None:
    with (
        open_house(llm_url=endpoint.url, llm_model="tester", llm_region="moon") as elsewhere,
        pytest.raises(MayNotBeAsked, match="works in 'moon', which journey motor_claim does not name"),
    ):
        tried(elsewhere, [labelled(GLASS)], Help.FACTS)
    with open_house() as without, pytest.raises(MayNotBeAsked, match="set CASEWRIGHT_LLM_URL"):
        tried(without, [labelled(GLASS)], Help.FACTS)

    assert endpoint.asked == []
