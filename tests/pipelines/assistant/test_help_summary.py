"""A long case is summed up in sentences that point at what they rest on; a contradiction is never hidden by them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from cases import events as e
from cases.case import Entry
from cases.facts import EventAt, Fact, MessageSpan
from cases.file_assistant import BY_PRODUCT, template_summary
from cases.vocabulary import Effect, Help, LlmOutcome
from pipelines.assistant.calling import Made
from pipelines.assistant.evidence import MOST_CHARS, View
from pipelines.assistant.helps.summary import SPEC
from pipelines.assistant.on_demand import ask as ask_for
from pipelines.assistant.taking import judge
from pipelines.audit import verify_case
from pipelines.house import House
from pipelines.reading_room import decision_file
from tests.builders import NOW, entries, opened, said, understood
from tests.llm_server import Asked, LlmServer, Says, Sends
from tests.pipelines.assistant.one_help import after, answers, ask, folder_that, line, sources_of, view_of
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, until_quiet

FIRST = "A stone hit my windscreen. The garage asks 125.00 euro for it."
SECOND = "Sorry, the garage now says 250.00 euro. Call me: jo@example.org."
TWICE = (
    Fact("amount", "125.00", 0.9, (MessageSpan("m-1", 43, 49),)),
    Fact("amount", "250.00", 0.9, (MessageSpan("m-2", 27, 33),)),
)
FOLDER = folder_that(Help.SUMMARY)
STONE = ("m1", "A stone hit my windscreen.")


def stream(*texts: str, later: tuple[e.Event, ...] = (), facts: tuple[Fact, ...] = ()) -> list[Entry]:
    messages = [
        said(text, id_=f"m-{n}", at=NOW + timedelta(hours=n)) for n, text in enumerate(texts or (FIRST, SECOND), 1)
    ]
    return entries(opened(), *messages, understood(facts=facts), *later)


def seen(*texts: str, **more: Any) -> View:
    return view_of(stream(*texts, **more), FOLDER)


def summed_up(house: House, server: LlmServer, *lines: Mapping[str, Any], view: View | None = None) -> Made:
    server.answering = lambda _: answers({"lines": lines})
    server.asked.clear()
    return ask(house, view or seen(), SPEC)


def kept(made: Made) -> list[str]:
    assert made.said is not None
    return [one.text for one in made.said.lines]


# --- what of an answer is kept --------------------------------------------------------------------------------------


def test_a_sentence_stands_with_the_places_it_rests_on(house: House, server: LlmServer) -> None:
    letter = e.LetterWritten("l-1", "received", Effect.INFORM, "en", "", "Your claim", "We read your message.")
    view = seen(later=(letter, e.NoteAdded("The garage was called.", "anna")), facts=TWICE[:1])

    made = summed_up(
        house, server, line("A stone hit the windscreen.", STONE), line("We wrote a receipt.", ("e5", "")),
        line("A colleague called the garage.", ("e6", "The garage was called.")), line("It costs 125.00.", ("k1", "")),
        view=view,
    )  # fmt: skip

    assert made.said is not None
    assert [one.sources for one in made.said.lines] == [
        (MessageSpan("m-1", 0, 26),), (EventAt(5),), (EventAt(6),), (MessageSpan("m-1", 43, 49),),
    ]  # fmt: skip
    assert made.said.dropped == 0


@pytest.mark.parametrize(
    "invented",
    [
        line("The customer is angry."),
        line("A stone hit the windscreen.", ("m1", "A brick hit my windscreen.")),
        line("A stone hit the windscreen.", ("m2", "A stone hit my windscreen.")),
        line("A stone hit the windscreen.", ("m9", "A stone hit my windscreen.")),
        line("The repair costs 999 euro.", STONE),
        line("We promised it for 3 December.", ("m2", "")),
    ],
)
def test_a_sentence_without_evidence_is_dropped_and_counted(
    house: House, server: LlmServer, invented: Mapping[str, Any]
) -> None:
    made = summed_up(house, server, line("A stone hit the windscreen.", STONE), invented)

    assert kept(made) == ["A stone hit the windscreen."]
    assert made.said is not None
    assert made.said.dropped == 1


def test_personal_data_leaves_masked_and_comes_back(house: House, server: LlmServer) -> None:
    made = summed_up(house, server, line("They can be reached at [EMAIL_1].", ("m2", "Call me: [EMAIL_1].")))

    assert "jo@example.org" not in server.asked[0].given
    assert kept(made) == ["They can be reached at jo@example.org."]


def test_the_products_own_summary_is_kept_beside_it(house: House, server: LlmServer) -> None:
    view = seen(facts=TWICE)

    made = summed_up(house, server, view=view)

    assert made.said is not None
    assert made.said.twin == tuple(one["text"] for one in template_summary(view.basis))
    assert "is stated twice" in made.said.twin[-1]


# --- what is asked --------------------------------------------------------------------------------------------------


def test_it_names_the_facts_that_are_told_in_two_ways_and_nothing_that_a_customer_wrote(
    house: House, server: LlmServer
) -> None:
    summed_up(house, server, view=seen(facts=TWICE))

    given = orjson.loads(server.asked[0].given)
    assert {name: part for name, part in given.items() if name != "sources"} == {
        "language": "en", "stated_differently": ["Amount of the damage"],
    }  # fmt: skip
    assert set(sources_of(server.asked[0])) == {"e1", "k1", "m1", "m2"}


def test_of_too_much_the_newest_messages_and_what_is_known_leave(house: House, server: LlmServer) -> None:
    long = [f"Message {n} of the story. " + "It goes on and on. " * 300 for n in range(1, 9)]

    summed_up(house, server, view=seen(*long, facts=(replace(TWICE[0], sources=(MessageSpan("m-1", 0, 4),)),)))

    left = sources_of(server.asked[0])
    assert {"k1", "m8", "m7"} <= set(left)
    assert "m1" not in left
    assert sum(map(len, left.values())) <= MOST_CHARS + 2_000  # masks may be longer than what they hide


def test_only_a_long_case_is_summed_up_without_being_asked_for() -> None:
    long_case = FOLDER.journey.assistant.long_case if FOLDER.journey.assistant else 0
    texts = [f"Message {n}" for n in range(long_case)]

    assert list(SPEC.by_itself(seen(*texts))) == [""]
    assert list(SPEC.by_itself(seen(*texts[1:]))) == []


def test_the_same_state_of_a_case_is_not_summed_up_twice(house: House, server: LlmServer) -> None:
    view = seen("Only this once.")
    made = summed_up(house, server, line("It is once.", ("m1", "Only this once.")), view=view)

    again = summed_up(house, server, view=replace(view, case=after(view.case, made)))

    assert (again.called, again.said) == (None, made.said)
    assert server.asked == []


# --- in the file ----------------------------------------------------------------------------------------------------


LETTERS = (
    "Op 12 november vloog er een steentje tegen mijn voorruit. Mijn kenteken is 79-KXF-6. De garage vraagt € 125,00.",
    "Ik heb nog niets gehoord over de ruit.",
    "De garage vraagt nu € 250,00 voor de voorruit.",
    "Wanneer hoor ik iets over mijn voorruit?",
)


def summing_up(*lines: Mapping[str, Any]) -> Any:
    """A model that says this of a case, and of all else nothing that can be used."""

    def answering(asked: Asked) -> Says:
        return answers({"lines": lines}) if "stated_differently" in orjson.loads(asked.given) else Says("{}")

    return answering


def long_case(house: House, clock: Clock) -> str:
    """Its reference, once all was done."""
    reference = str(by_form(house, LETTERS[0]).reference)
    until_quiet(house, clock)
    case_id = case_of(house, reference).id
    for text in LETTERS[1:]:
        clock.forward(hours=2)
        by_form(house, text, case_id=case_id)
        until_quiet(house, clock)
    return reference


def test_a_long_case_has_its_summary_in_a_file_that_is_built_again_byte_for_byte(
    open_house: OpenHouse, server: LlmServer, clock: Clock
) -> None:
    server.answering = summing_up(
        line("Een steentje raakte de voorruit.", ("m1", "vloog er een steentje tegen mijn voorruit")),
        line("De zaak is eenvoudig."),
    )
    with open_house(**server.settings) as house:
        reference = long_case(house, clock)
        file = decision_file(house, reference)
        verified = verify_case(house, reference)

        assert file is not None
        summary = file["assistant"]["summary"]
        assert summary[0]["text"] == "Een steentje raakte de voorruit."
        assert "De zaak is eenvoudig." not in [one["text"] for one in summary]
        against = [one["text"] for one in file["headline"]["flags"] if one["key"] == "contradiction"]
        assert against
        assert [one["text"] for one in summary if one["by"] == BY_PRODUCT] == against
        assert verified.differences == ()
        assert verified.files > 1

        judge(house, reference, summary[0]["said_id"], "discarded", person="anna", line=summary[0]["line"])
        until_quiet(house, clock)
        after_it = decision_file(house, reference)

        assert after_it is not None
        assert "assistant" not in after_it
        assert verify_case(house, reference).differences == ()


def test_without_an_answer_the_file_is_as_without_a_language_model_and_says_so_when_asked(
    open_house: OpenHouse, server: LlmServer, clock: Clock
) -> None:
    server.answering = lambda _: Sends(b"", status=500)
    with open_house(**server.settings) as house:
        reference = long_case(house, clock)
        file = decision_file(house, reference)
        made = ask_for(house, reference, Help.SUMMARY, person="anna")

        assert file is not None
        assert "assistant" not in file
        assert made.said is None
        assert made.called is not None
        assert made.called.outcome in (LlmOutcome.AWAY, LlmOutcome.RESTING)
        missing = {one.task for one in case_of(house, reference).assisted.missing()}
        assert Help.SUMMARY in missing
        assert verify_case(house, reference).differences == ()
        assert any(isinstance(entry.event, e.FilePackaged) for entry in entries_of(house, reference))
