from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from assisted_cases import CONTRADICTED, EVERYTHING, HIGH, LOW, MESSAGE, TWICE, judged, line, read_along, stream, told
from builders import (
    CASE_ID,
    NOW,
    chosen,
    enriched,
    entries,
    opened,
    photo,
    said,
    shipped,
    step,
    understood,
)  # fmt: skip
from dossiers import ITEM, LIVES, OWN, VALIDATOR, decided, file, read, texts
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.case import Entry, fold
from cases.facts import EventAt, Fact, MessageSpan, ModelScore, PhotoRegion, Source
from cases.file_assistant import BY_MODEL, BY_PRODUCT, NO_TOPIC, TOLD, assistant, template_summary
from cases.journey_spec import Assistance
from cases.statements import Basis
from cases.vocabulary import Effect, Help, LlmOutcome, Scope


def part(*later: Any, **more: Any) -> dict[str, Any]:
    """The assistant's part of a file that holds to its schema."""
    found: dict[str, Any] = file(stream(*later, **more), folder=read_along())["assistant"]
    return found


def basis(entries_: list[Entry], language: str = "en") -> Basis:
    folder = read_along()
    return Basis(folder, fold(CASE_ID, entries_), entries_, language)


# --- what stands in the file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("life", LIVES)
def test_a_file_of_a_case_that_no_language_model_read_has_no_such_part(life: str) -> None:
    assert "assistant" not in file(LIVES[life], folder=read_along())


def test_every_statement_names_its_evidence_and_who_says_it() -> None:
    found = part(*EVERYTHING)

    statements = [one for name in ("summary", "facts", "photos", "translations") for one in found[name]]
    statements.append(found["opinion"])
    assert len(statements) == 9
    assert all(one["sources"] for one in statements)
    assert [one["by"] for one in statements].count(BY_PRODUCT) == 1  # the contradiction
    assert texts(found["summary"])[:2] == ["A stone broke the glass.", "It cost 125.00 euro."]
    assert found["facts"] == [
        {"name": "loss_date", "label": found["facts"][0]["label"], "value": "2026-11-12", "shown": "12 November 2026",
         "sources": [{"type": "message", "message_id": "m-1", "start": 8, "end": 14}],
         "by": BY_MODEL, "said_id": "facts", "line": 0}
    ]  # fmt: skip
    assert [(one["file_id"], one["tells"]) for one in found["photos"]] == [
        ("m-1.f1", "shows"), ("m-1.f1", "writing"), ("m-1.f1", "label"),
    ]  # fmt: skip
    assert found["translations"][0]["message_id"] == "m-1"
    assert (found["opinion"]["topic"], found["opinion"]["title"]) == ("theft", basis(stream()).topic_title("theft"))


def test_a_second_opinion_may_be_that_no_topic_fits() -> None:
    found = part(told(Help.OPINION, line("", about=NO_TOPIC)))["opinion"]

    assert (found["topic"], found["title"]) == ("none_of_these", "None of the topics")


def test_it_names_the_model_the_prompt_and_the_moment_of_each_part() -> None:
    events = EVERYTHING[:2]

    machine = part(*events)["machine"]

    assert machine == {
        "summary": {"model": "small", "prompt": "summary.1/rules.1", "at": (NOW + timedelta(minutes=5)).isoformat()},
        "facts": {"model": "small", "prompt": "facts.1/rules.1", "at": (NOW + timedelta(minutes=6)).isoformat()},
    }


def test_what_was_said_later_to_the_same_question_stands_in_its_place() -> None:
    found = part(told(Help.SUMMARY, line("Before.")), told(Help.SUMMARY, line("Afterwards."), said_id="s-2"))

    assert texts(found["summary"])[0] == "Afterwards."
    assert "Before." not in texts(found["summary"])


def test_where_no_summary_was_said_none_is_made_up() -> None:
    assert part(EVERYTHING[1])["summary"] == []


def test_in_shadow_nothing_is_shown() -> None:
    measured = tuple(replace(one, shadow=True) for one in EVERYTHING)

    assert "assistant" not in file(stream(*measured), folder=read_along())


def test_who_must_decide_without_advice_is_told_nothing_until_they_have_decided() -> None:
    blind = file(stream(*EVERYTHING, shadow=True), folder=read_along())
    after = file(stream(*EVERYTHING, chosen("refuse"), shadow=True), folder=read_along())

    assert blind["recommendation"]["blind"]
    assert "assistant" not in blind
    assert texts(after["assistant"]["summary"])[0] == "A stone broke the glass."


@pytest.mark.parametrize("task", [Help.DRAFT, Help.QUESTION])
def test_drafts_and_colleagues_questions_are_not_of_the_file(task: Help) -> None:
    assert task not in TOLD
    assert "assistant" not in file(stream(told(task, line("Dear Jo,"))), folder=read_along())


def test_what_a_person_discarded_is_left_out() -> None:
    one_line = part(EVERYTHING[0], judged("summary", "discarded", 1))
    all_of_it = file(stream(EVERYTHING[0], judged("summary", "discarded")), folder=read_along())

    assert "It cost 125.00 euro." not in texts(one_line["summary"])
    assert [one["line"] for one in one_line["summary"] if one["by"] == BY_MODEL] == [0]
    assert "assistant" not in all_of_it


def test_what_a_person_kept_says_who_kept_it() -> None:
    found = part(EVERYTHING[0], judged("summary", "kept", 0), judged("summary", "edited", 1))

    assert [one.get("judged") for one in found["summary"][:2]] == [
        {"verdict": "kept", "by": "anna"}, {"verdict": "edited", "by": "anna"},
    ]  # fmt: skip


def test_what_points_at_a_message_or_file_that_went_out_of_the_case_is_left_out() -> None:
    found = part(
        told(
            Help.SUMMARY, line("Still here.", LOW, EventAt(1)), line("Gone.", LOW, MessageSpan("m-9", 0, 4)),
            line("Gone too.", PhotoRegion("m-9.f1")),
        )
    )  # fmt: skip

    assert [one["text"] for one in found["summary"] if one["by"] == BY_MODEL] == ["Still here."]


def test_it_names_what_was_asked_and_not_answered_where_people_would_be_shown_it() -> None:
    failed = [e.LlmCalled(task, LlmOutcome.LATE, "small", "p", "a") for task in (Help.FACTS, Help.OPINION, Help.DRAFT)]
    again = e.LlmCalled(Help.OPINION, LlmOutcome.ANSWERED, "small", "p", "a")
    events = stream(EVERYTHING[0], *failed, again)
    off = Assistance(consent=True, regions=("eu",), helps={Help.FACTS: "shadow"})

    assert file(events, folder=read_along())["assistant"]["missing"] == [{"help": "facts", "why": "late"}]
    assert file(events, folder=read_along(off))["assistant"]["missing"] == []
    assert file(events, folder=read_along(None))["assistant"]["missing"] == []


def test_the_schema_refuses_a_statement_of_a_language_model_without_source() -> None:
    document = file(stream(*EVERYTHING), folder=read_along())

    document["assistant"]["summary"][0]["sources"] = []

    assert not VALIDATOR.is_valid(document)


# --- contradictions -------------------------------------------------------------------------------------------------


def test_a_contradiction_that_the_language_model_left_out_is_said_by_the_product() -> None:
    found = part(told(Help.SUMMARY, line("It cost 250.00 euro.", HIGH)))["summary"]

    assert found[-1]["by"] == BY_PRODUCT
    assert CONTRADICTED in found[-1]["text"]
    assert len(found[-1]["sources"]) == 2


@pytest.mark.parametrize(
    "text", ["It cost 125.00 or 250.00 euro.", "First €125.00, then €250.00.", "Either 125 or 250 euro."]
)
def test_one_that_it_did_state_is_not_said_again(text: str) -> None:
    found = part(told(Help.SUMMARY, line(text, LOW, HIGH)))["summary"]

    assert [one["by"] for one in found] == [BY_MODEL]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("It cost 125.00 or 250.00 euro.", (LOW,)),  # points at one side
        ("The amount is clear.", (LOW, HIGH)),  # states none
        ("It cost 1250 or 250 euro.", (LOW, HIGH)),  # another amount
        ("It cost 125.50 or 250.00 euro.", (LOW, HIGH)),
        ("It cost 125.00 or 250.00 euro.", (EventAt(1),)),
        ("It cost 125.00 or 250.00 euro.", (PhotoRegion("m-1.f1"),)),
    ],
)
def test_half_a_contradiction_does_not_hide_it(text: str, sources: tuple[Source, ...]) -> None:
    found = part(told(Help.SUMMARY, line(text, *sources)))["summary"]

    assert CONTRADICTED in found[-1]["text"]


def test_what_a_photo_contradicts_is_always_said() -> None:
    seen = e.PhotoSeen("m-1.f1", "theft", 0.97, abstains=False, scope=Scope.IN, model="photos", model_version="v1")
    events = entries(
        opened(), said(MESSAGE, files=[photo()]), understood(photos=(seen,)), enriched(), step(),
        told(Help.SUMMARY, line("The photo shows theft, the text tells of glass.", PhotoRegion("m-1.f1"))),
    )  # fmt: skip

    found = file(events, folder=read_along())["assistant"]["summary"]

    assert [one["by"] for one in found] == [BY_MODEL, BY_PRODUCT]
    assert found[-1]["sources"][0]["type"] == "photo"


def test_evidence_of_the_same_kind_meets_where_it_is_the_same_place() -> None:
    shown = ModelScore("ocr", "v1", 0.9)
    facts = (
        Fact("amount", "125.00", 0.9, (PhotoRegion("m-1.f1"),)), Fact("amount", "250.00", 0.9, (shown,)),
    )  # fmt: skip
    region = PhotoRegion("m-1.f1", (0, 0, 9, 9))
    both, neither = (told(Help.SUMMARY, line(text, region, shown)) for text in ("It cost 125 or 250.", "Unclear."))

    assert [one["by"] for one in part(both, facts=facts)["summary"]] == [BY_MODEL]
    assert [one["by"] for one in part(neither, facts=facts)["summary"]] == [BY_MODEL, BY_PRODUCT]


WORDS = st.sampled_from(["125.00", "250.00", "125", "250", "€125.00", "€250.00", "it cost", "or", "1250", "glass", "."])
SENTENCES = st.builds(
    lambda words, sources: e.SaidLine(" ".join(words), tuple(sources)),
    st.lists(WORDS, min_size=1, max_size=6),
    st.lists(st.sampled_from([LOW, HIGH, EventAt(2), MessageSpan("m-1", 0, 60)]), min_size=1, max_size=3, unique=True),
)


@given(lines=st.lists(SENTENCES, min_size=1, max_size=5))
def test_no_summary_hides_a_contradiction_whatever_the_language_model_says(lines: list[e.SaidLine]) -> None:
    found = assistant(basis(stream(told(Help.SUMMARY, *lines))))

    assert found is not None
    by_product = any(CONTRADICTED in one["text"] for one in found["summary"] if one["by"] == BY_PRODUCT)
    by_model = any("125" in one.text and "250" in one.text for one in lines)
    assert by_product or by_model


# --- the summary without a language model ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("life", LIVES)
def test_every_case_has_a_summary_of_its_own_with_evidence(life: str, language: str) -> None:
    found = template_summary(basis(LIVES[life], language))

    assert found
    assert all(one["text"] and one["sources"] and one["by"] == BY_PRODUCT for one in found)
    assert not any("{" in one["text"] or one["text"].startswith("summary.") for one in found)
    assert template_summary(basis(LIVES[life], language)) == found


def test_it_tells_what_was_said_known_written_asked_and_contradicted() -> None:
    events = stream(
        e.LetterWritten("l-1", "received", Effect.INFORM, "en", "", "Your claim", "We read it."),
        e.RequestMade((ITEM, OWN), NOW.date()),
        e.RequestAnswered(("damage_photos",), "m-2"),
        said("Here it is.", id_="m-2", at=NOW + timedelta(days=2)),
        facts=(*TWICE, Fact("loss_date", "2026-11-12", 0.9, (MessageSpan("m-1", 56, 67),))),
    )

    assert texts(template_summary(basis(events))) == [
        "The customer wrote: “It cost 125.00 euro.”",
        "It is about: Windscreen damage.",
        "The customer sent 2 messages, from 23 November 2026 to 25 November 2026.",
        "Known: Day of the damage: 12 November 2026.",
        "We last wrote on 23 November 2026: Your claim.",
        "Asked on 23 November 2026, not answered yet: Which garage?",
        f"Amount of the damage {CONTRADICTED}",
    ]


def test_it_tells_nothing_of_the_advice_nor_of_letters_where_that_must_not_be_known() -> None:
    letter = e.LetterWritten("l-1", "received", Effect.INFORM, "en", "", "Granted", "")
    advised = decided(*read(files=[photo()]))

    open_, blind = (template_summary(basis(stream(letter, shadow=shadow))) for shadow in (False, True))

    assert any("Granted" in text for text in texts(open_))
    assert not any("Granted" in text for text in texts(blind))
    options = [shipped().worded(option.title, "en") for option in shipped().journey.options.values()]
    assert not any(title in text for text in texts(template_summary(basis(advised))) for title in options)


def test_a_case_of_which_nothing_is_known_says_that_there_were_no_words() -> None:
    assert texts(template_summary(basis(entries(opened())))) == ["The customer sent no words."]
