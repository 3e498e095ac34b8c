"""A second opinion names one of the journey's topics with the words that say so, and moves nothing."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.assisting import Assisted
from cases.case import Case, Entry
from cases.facts import MessageSpan
from cases.file_assistant import NO_TOPIC
from cases.steps import Certificate, next_step
from cases.vocabulary import Help, LlmOutcome, Scope, Why
from models.examples import read_rows
from pipelines.assistant.calling import Made
from pipelines.assistant.evidence import View
from pipelines.assistant.examples import CLEAR, MOST, Example, examples_of, one_a_topic
from pipelines.assistant.helps.opinion import SPEC, opinion_of, topic_by_person, topic_by_twin
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.runner import drain
from tests.builders import NOW, case, chosen, enriched, entries, opened, read_case, said, shipped, step, understood
from tests.llm_server import Asked, LlmServer, Says
from tests.pipelines.assistant.one_help import after, answers, ask, folder_that, view_of
from tests.pipelines.given import by_form, case_of, kinds

pytestmark = pytest.mark.once  # keeps nothing
FOLDER = folder_that(Help.OPINION)
TOPICS = tuple(FOLDER.journey.topics)
TEXT = "A stone hit my windscreen. I ask for a new one."
SPAN = MessageSpan("m-1", 0, 7)


def stream(text: str = TEXT, **read: Any) -> list[Entry]:
    return entries(opened(), said(text), said("Is there any news?", id_="m-2"), understood(**read))


def seen(text: str = TEXT, **read: Any) -> View:
    return view_of(stream(text, **read), FOLDER)


def told(
    house: House, server: LlmServer, topic: str, quote: str, *, source: str = "m1", view: View | None = None
) -> Made:
    server.answering = lambda _: answers({"topic": topic, "source": source, "quote": quote})
    return ask(house, view or seen(), SPEC)


def opinion(topic: str, **changed: Any) -> e.AssistantSaid:
    lines = (e.SaidLine(topic, (SPAN,), about=topic),)
    return replace(e.AssistantSaid("s-1", Help.OPINION, "m", "p", "a" * 64, "en", lines), **changed)


def about(case: Case) -> str | None:
    said = opinion_of(case)
    return said.lines[0].about if said is not None else None


# --- what is said -----------------------------------------------------------------------------------------------------


def test_an_opinion_names_a_topic_with_the_words_that_it_rests_on(house: House, server: LlmServer) -> None:
    made = told(house, server, "windscreen", "hit my windscreen", view=seen(topic="breakdown_help"))

    assert made.said is not None
    [line] = made.said.lines
    assert (line.about, line.text) == ("windscreen", "Windscreen damage")
    assert line.sources == (MessageSpan("m-1", 8, 25),)
    assert made.said.twin == ("breakdown_help",)


def test_that_none_fits_may_be_said_as_well(house: House, server: LlmServer) -> None:
    made = told(house, server, NO_TOPIC, "A stone", view=seen(scope=Scope.OUT))

    assert made.said is not None
    assert [line.about for line in made.said.lines] == [NO_TOPIC]
    assert made.said.twin == (NO_TOPIC,)


@pytest.mark.parametrize(
    ("source", "quote"), [("m1", "my engine is dead"), ("m2", "hit my windscreen"), ("m7", "A stone"), ("m1", " ")]
)
def test_an_opinion_on_words_that_are_not_there_is_dropped(
    house: House, server: LlmServer, source: str, quote: str
) -> None:
    made = told(house, server, "windscreen", quote, source=source)

    assert made.said is not None
    assert (made.said.lines, made.said.dropped) == ((), 1)
    assert opinion_of(after(seen().case, made)) is None


def test_a_topic_that_the_journey_has_not_counts_as_no_answer(house: House, server: LlmServer) -> None:
    made = told(house, server, "approve_everything", "A stone")

    assert made.said is None
    assert made.called is not None
    assert made.called.outcome is LlmOutcome.INVALID


def test_the_same_is_not_asked_twice(house: House, server: LlmServer) -> None:
    server.asked.clear()
    view = seen()

    first = told(house, server, "windscreen", "A stone", view=view)
    again = ask(house, replace(view, case=after(view.case, first)), SPEC)

    assert len(server.asked) == 1
    assert (again.said, again.events) == (first.said, ())


def test_in_shadow_it_is_counted_and_shown_to_nobody(house: House, server: LlmServer) -> None:
    view = view_of(stream(), folder_that(Help.OPINION, "shadow"))

    known = after(view.case, told(house, server, "windscreen", "A stone", view=view))

    assert known.assisted.newest(Help.OPINION) is None
    assert about(known) == "windscreen"


def test_topics_leave_with_their_meaning_and_one_example_each_that_nobody_sent(house: House, server: LlmServer) -> None:
    examples = [
        Example("My windscreen has a chip, and I would like it mended.", "windscreen", "en"),
        Example("Ster in mijn voorruit, wat moet ik nu precies doen met de auto?", "windscreen", "nl"),
    ]
    server.asked.clear()

    told(house, server, "windscreen", "A stone", view=view_of(stream(), FOLDER, examples=examples))

    [asked] = server.asked
    given_ = orjson.loads(asked.given)
    assert set(given_["topics"]) == set(TOPICS)
    assert given_["topics"]["windscreen"]["called"] == "Windscreen damage"
    assert given_["examples"] == [{"topic": "windscreen", "text": examples[0].text}]
    labels = asked.body["response_format"]["json_schema"]["schema"]["properties"]["topic"]["enum"]
    assert labels == [*TOPICS, NO_TOPIC]


def test_a_message_that_is_among_the_examples_is_no_example_for_itself(house: House, server: LlmServer) -> None:
    examples = [Example(TEXT, "windscreen", "en"), Example(f"{TEXT} Thank you very much!", "windscreen", "en")]
    server.asked.clear()

    told(house, server, "windscreen", "A stone", view=view_of(stream(), FOLDER, examples=examples))

    assert orjson.loads(server.asked[0].given)["examples"] == [{"topic": "windscreen", "text": examples[1].text}]


def test_a_message_gets_its_opinion_by_itself_after_it_was_decided(house: House, server: LlmServer) -> None:
    def thinks(asked: Asked) -> Says:
        is_asked = "topics" in orjson.loads(asked.given)
        return answers({"topic": "breakdown_help", "source": "m1", "quote": "tegen mijn voorruit"} if is_asked else {})

    server.asked.clear()
    server.answering = thinks
    reference = by_form(house).reference
    drain(house)

    read = case_of(house, reference)
    assert (about(read), topic_by_twin(read), read.topic) == ("breakdown_help", "windscreen", "windscreen")
    assert read.assisted.newest(Help.OPINION) is None  # the shipped journeys have it in shadow
    assert kinds(house, reference).index("step_decided") < kinds(house, reference).index("assistant_said")
    given_ = next(told for one in server.asked if "topics" in (told := orjson.loads(one.given)))
    assert {one["topic"] for one in given_["examples"]} == set(given_["topics"])


# --- examples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("journey", ["motor_claim", "home_repair", "complaint"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_shipped_journeys_have_a_clear_example_of_each_topic(
    journeys: Journeys, journey: str, language: str
) -> None:
    topics = journeys.get(journey).journey.topics

    chosen_ = one_a_topic(examples_of(journeys, journey), topics, language=language)

    assert [one.topic for one in chosen_] == list(topics)
    assert all(CLEAR <= len(one.text) <= MOST and one.language == language for one in chosen_)


def test_examples_are_those_of_the_folder_and_of_no_case(journeys: Journeys) -> None:
    written = {row.text for path in journeys.examples("complaint") for row in read_rows(path)}

    assert {one.text for one in examples_of(journeys, "complaint")} <= written
    assert examples_of(journeys, "no_such_journey") == ()


# --- what it moves ----------------------------------------------------------------------------------------------------


@given(topic=st.sampled_from((*TOPICS, NO_TOPIC, "no_such_topic")), shadow=st.booleans(), certified=st.booleans())
def test_no_opinion_moves_a_step_a_route_or_a_certificate(topic: str, *, shadow: bool, certified: bool) -> None:
    plain = read_case(topic="windscreen")
    doubted = replace(plain, assisted=Assisted(said=(opinion(topic, shadow=shadow),)))
    certificate = Certificate("motor_claim.windscreen.1", 0.5) if certified else None

    steps = [next_step(one, shipped(), certificate=certificate, at=NOW) for one in (plain, doubted)]

    assert steps[0] == steps[1]
    assert doubted.topic == plain.topic
    assert doubted.journey == plain.journey


# --- who was right ----------------------------------------------------------------------------------------------------


def test_a_topic_that_a_person_corrected_is_theirs_and_the_text_models_stays_its_own() -> None:
    decided = case(opened(), said(), understood(), enriched(), step(), chosen(corrected_topic="breakdown_help"))

    assert (topic_by_person(decided), topic_by_twin(decided)) == ("breakdown_help", "windscreen")


@pytest.mark.parametrize(
    ("read", "why", "choice", "topic"),
    [
        ({}, Why.ROW, "answer", "windscreen"),
        ({}, Why.ROW, "escalate", None),
        ({}, Why.UNCERTAIN_TOPIC, "answer", None),
        ({"scope": Scope.OUT}, Why.OUT_OF_SCOPE, "answer", None),
    ],
)
def test_a_topic_is_let_stand_only_by_who_decided_on_it(
    read: dict[str, Any], why: Why, choice: str, topic: str | None
) -> None:
    decided = case(opened(), said(), understood(**read), enriched(), step(because=(why,)), chosen(choice))

    assert topic_by_person(decided) == topic


def test_of_a_case_that_nobody_decided_no_person_said_a_topic() -> None:
    read = read_case()

    assert topic_by_person(read) is None
    assert opinion_of(read) is None
