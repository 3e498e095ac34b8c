"""A colleague's question about one case: answered from this case only, or found in its own words."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.case import Entry, fold
from cases.facts import EventAt, MessageSpan
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.calling import Made, answer
from pipelines.assistant.helps.question import LONGEST, MOST_FOUND, SPEC, look_up
from pipelines.house import House
from tests.builders import ANNA, CASE_ID, NOW, entries, opened, said, understood
from tests.llm_server import LlmServer, Says
from tests.pipelines.assistant.one_help import answers, folder_that, line, sources_of, view_of

pytestmark = pytest.mark.once  # keeps nothing
TEXT = "A stone hit my windscreen on Monday. The crack is 20 cm long. Please call Bas de Vries on 06 12345678."
NOTE = "Paid the glass repairer 150 euros."
FOLDER = folder_that(Help.QUESTION)


def stream(*texts: str) -> list[Entry]:
    messages = [said(text, id_=f"m-{n}") for n, text in enumerate(texts, 1)]
    return entries(opened(), *messages, understood(), (e.NoteAdded(NOTE, ANNA.name), ANNA))


def ask(house: House, question: str) -> Made | None:
    assert house.assistant is not None
    return answer(house.assistant, view_of(stream(TEXT), FOLDER), SPEC, now=NOW, question=question)


# --- asked of a model -----------------------------------------------------------------------------------------------


def test_an_answer_points_at_the_words_and_the_events_that_it_rests_on(house: House, server: LlmServer) -> None:
    entry = next(one for one in stream(TEXT) if isinstance(one.event, e.NoteAdded))
    server.answering = lambda _: answers(
        {"lines": [line("It is 20 cm.", ("m1", "crack is 20 cm")), line("150 was paid.", (f"e{entry.seq}", ""))]}
    )

    made = ask(house, "How long is the crack, and what was paid?")

    assert made is not None
    assert made.said is not None
    start = TEXT.index("crack is 20 cm")
    assert [one.sources for one in made.said.lines] == [
        (MessageSpan("m-1", start, start + len("crack is 20 cm")),), (EventAt(entry.seq),),
    ]  # fmt: skip


def test_what_is_invented_is_dropped_and_counted(house: House, server: LlmServer) -> None:
    server.answering = lambda _: answers(
        {
            "lines": [
                line("It is 21 cm.", ("m1", "crack is 20 cm")),
                line("All is paid.", ("m1", "we paid it all")),
                line("It hit another car.", ("m9", "A stone hit")),
            ]
        }
    )

    made = ask(house, "How long is it?")

    assert made is not None
    assert made.said is not None
    assert (made.said.lines, made.said.dropped) == ((), 3)


def test_the_question_and_the_case_leave_masked_and_cut_to_length(house: House, server: LlmServer) -> None:
    server.asked.clear()
    server.answering = lambda _: answers({"lines": []})

    made = ask(house, "Did 06 12345678 answer? " + "x" * 1000)

    [asked] = server.asked
    assert made is not None
    assert made.called is not None
    assert made.called.outcome is LlmOutcome.ANSWERED
    assert "12345678" not in asked.given.replace(" ", "")
    assert len(orjson.loads(asked.given)["question"]) <= LONGEST
    assert any(NOTE in text for text in sources_of(asked).values())


def test_a_blank_question_asks_nobody(house: House, server: LlmServer) -> None:
    server.asked.clear()

    assert ask(house, "   ") is None
    assert server.asked == []


@pytest.mark.parametrize(
    "garbage",
    [
        r'{"lines": [{"text": "half \ud800 a sign", "cites": []}, {"text": "more", "cites": []}]}',
        '{"lines": [123456789012345678901234567890, 2, 3]}',
        '{"lines": ' + "[ " * 5_000,
        '[{"text": "a list"}, 2]',
    ],
    ids=["half a sign", "a long number", "nested without end", "a list"],
)
def test_garbage_that_comes_in_word_by_word_is_no_answer_and_nothing_breaks(
    house: House, server: LlmServer, garbage: str
) -> None:
    server.answering = lambda _: Says(garbage)
    heard: list[object] = []

    assert house.assistant is not None
    view = view_of(stream(TEXT), FOLDER)
    made = answer(house.assistant, view, SPEC, now=NOW, question="How long?", heard=heard.append)

    assert made is not None
    assert made.called is not None
    assert (made.called.outcome, made.said) == (LlmOutcome.INVALID, None)
    assert [one for one in heard if one] == []


def test_nothing_unseen_of_a_model_is_shown(house: House, server: LlmServer) -> None:
    quoted = ("m1", "crack is 20 cm")
    server.answering = lambda _: answers({"lines": [
        line("It is \u202e20\u202c cm\x00.", quoted), line("\u200b\u2060", quoted),
    ]})  # fmt: skip

    made = ask(house, "How long is it, once more?")

    assert made is not None
    assert made.said is not None
    assert [one.text for one in made.said.lines] == ["It is 20 cm."]
    assert made.said.dropped == 1


# --- found without one ----------------------------------------------------------------------------------------------


def found(question: str, *texts: str) -> list[str]:
    rows = stream(*(texts or (TEXT,)))
    return [one.text for one in look_up(fold(CASE_ID, rows), rows, question)]


def test_sentences_that_hold_the_rarest_words_of_a_question_come_first() -> None:
    assert found("how long is the crack in the windscreen?")[0] == "The crack is 20 cm long."
    assert found("who was repaired?") == [NOTE]
    assert found("elephant") == []
    assert found("is it") == []


def test_words_are_found_in_other_forms_and_without_accents() -> None:
    assert found("reparatie", "De réparaties zijn klaar.") == ["De réparaties zijn klaar."]


def test_amounts_and_abbreviations_do_not_end_a_sentence() -> None:
    assert found("rekening", "De rekening is 1.250,50 euro. Groet.") == ["De rekening is 1.250,50 euro."]


@given(st.lists(st.text(max_size=80), min_size=1, max_size=6), st.text(max_size=60))
def test_whatever_is_found_stands_where_it_is_said_to_stand(texts: list[str], question: str) -> None:
    rows = stream(*texts)
    case = fold(CASE_ID, rows)
    bodies = {message.message_id: message.text for message in case.messages}

    results = look_up(case, rows, question)

    assert len(results) <= MOST_FOUND
    for one in results:
        if isinstance(one.source, MessageSpan):
            assert bodies[one.source.message_id][one.source.start : one.source.end] == one.text
        else:
            assert one.text in NOTE
