"""What a customer is told of a decision: only what the journey words, in every language, in plain words, frozen."""

import re
from dataclasses import replace
from typing import Any

import pytest
from builders import (
    ANNA,
    JOURNEYS,
    NOW,
    case,
    chosen,
    enriched,
    entries,
    fact,
    opened,
    photo,
    read_case,
    said,
    shipped,
    understood,
)
from builders import step as a_step

from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, apply
from cases.consequences import Occasion, carried_out, of_step, write_letter
from cases.errors import NotAllowed
from cases.explaining import in_letter, of_machine, of_person, parts_in
from cases.facts import EventAt, MessageSpan, ModelScore, Person, PhotoRegion, RegisterEntry
from cases.journey import tracking
from cases.journey_folder import JourneyFolder
from cases.rules import read_table
from cases.vocabulary import MACHINE, Step
from pipelines.journeys import load_words
from pipelines.plain_words import hard_parts

ROW = "R-140"
POLICY = RegisterEntry("policy", "POL-123456", "glass_cover")
READS = (
    e.InputRead("topic", present=True, value="windscreen", sources=(ModelScore("text/motor_claim", "v1", 0.93),)),
    e.InputRead("known", present=True, value="true", sources=(POLICY,)),
    e.InputRead("active", present=True, value="true", sources=(POLICY,)),
    e.InputRead("paid", present=True, value="true", sources=(POLICY,)),
    e.InputRead("glass", present=True, value="true", sources=(POLICY,)),
    e.InputRead("photos", present=True, value="1", sources=(PhotoRegion("m-1.f1"),)),
    e.InputRead("asked", present=True, value="0"),
    e.InputRead("contradictions", present=True, value="0"),
    e.InputRead("amount", present=True, value="210.00", sources=(MessageSpan("m-1", 0, 4),)),
)


def read(*reads: e.InputRead, row: str = ROW, table: str = "next_step", **changed: Any) -> e.TableRead:
    return e.TableRead(table, "d" * 64, "fired", reads or READS, (row,), (), **changed)


def closing(known: e.TableRead | None = None, **changed: Any) -> e.StepDecided:
    return a_step(Step.AUTO_CLOSE, option="repair_glass", read=known or read(), **changed)


def customer(decided: e.StepDecided | None = None, **seen: Any) -> Case:
    known = read_case(files=[photo()], **seen)
    return apply(known, Entry(known.version + 1, NOW, MACHINE, decided)) if decided else known


def told(explained: e.DecisionExplained, language: str = "en") -> dict[str, str]:
    return {part.about: part.text for part in parts_in(explained, language)}


def by_machine(known: e.TableRead | None = None, folder: JourneyFolder | None = None) -> dict[str, str]:
    decided = closing(known)
    return told(of_machine(customer(decided), decided, folder or shipped()))


def test_a_decision_of_the_machine_tells_what_was_done_why_with_what_and_how_to_object() -> None:
    said_of_it = by_machine()

    assert list(said_of_it) == ["did", "why", "used", "otherwise", "who", "object"]
    assert "looked up your details in our records" in said_of_it["did"]
    assert said_of_it["why"] == "Your insurance covers glass and is in order. The repair costs 750 euros at most."
    assert "- Amount you named: €210.00 (from your message of Monday 23 November)" in said_of_it["used"]
    assert "- Glass covered: yes (from our records)" in said_of_it["used"]
    assert "- Photos we can use: 1 (from your photos)" in said_of_it["used"]
    assert "- Subject: " in said_of_it["used"]
    assert "(as a computer read it)" in said_of_it["used"]
    assert "People tested before how often" in said_of_it["who"]
    assert "second look" in said_of_it["object"]
    assert "Kifid" in said_of_it["object"]


def test_what_would_have_changed_it_was_tried_out_on_the_table() -> None:
    otherwise = by_machine()["otherwise"]

    assert "more than 750 euros" in otherwise
    assert "Without cover for glass" in otherwise
    assert "Breakdown" not in otherwise


def test_only_inputs_that_the_row_asked_for_and_that_the_journey_names_are_told() -> None:
    used = by_machine()["used"]

    assert "Breakdown" not in used  # no row of it asked
    assert "Claim" not in used
    assert (
        len(used.splitlines()) == 6
    )  # not that the premium is paid, or how often was asked: the journey names neither


def test_a_fact_without_a_value_is_not_told_and_where_a_person_noted_one_it_says_so() -> None:
    noted = e.InputRead("amount", present=True, value="20.00", sources=(EventAt(3),))
    corrected = replace(noted, sources=(Person("anna"),))
    unknown = e.InputRead("glass", present=False, value=None)
    lost = replace(noted, sources=(MessageSpan("m-9", 0, 1),))

    assert "€20.00 (noted by a member of staff)" in by_machine(read(noted))["used"]
    assert "€20.00 (noted by a member of staff)" in by_machine(read(corrected))["used"]
    assert "Glass" not in by_machine(read(noted, unknown))["used"]
    decided = closing(read(lost))
    nowhere = replace(customer(decided), opened_at=None)
    assert "(as a computer read it)" in told(of_machine(nowhere, decided, shipped()))["used"]


def test_no_is_told_as_no_a_date_as_a_day_and_a_topic_that_is_gone_as_it_was_read() -> None:
    folder = shipped("complaint")
    late = (
        e.InputRead("topic", present=True, value="gone"),
        e.InputRead("delivered_on", present=True, value="2026-11-20", sources=()),
        e.InputRead("shipped", present=True, value="false", sources=()),
    )
    rows = e.TableRead("next_step", "d" * 64, "fired", late, ("R-110", "R-160"), ())
    decided = a_step(Step.APPOINT, option="ask_carrier", read=rows)

    used = told(of_machine(customer(decided), decided, folder))["used"]

    assert "20 November 2026" in used
    assert "Left our warehouse: no" in used
    assert "Subject: gone" in used


def test_a_row_without_a_reason_falls_back_on_the_topic_and_without_one_on_the_rules() -> None:
    decided = closing(read(row="R-999"))
    guessed = replace(customer(decided), understood=None)

    assert "Your message is about this: " in told(of_machine(customer(decided), decided, shipped()))["why"]
    assert "fixed rule" in told(of_machine(guessed, decided, shipped()))["why"]


def test_without_a_reading_of_the_table_nothing_of_it_is_told() -> None:
    bare = replace(closing(), read=None, certificate=None)

    said_of_it = told(of_machine(customer(bare), bare, shipped()))

    assert list(said_of_it) == ["did", "why", "who", "object"]
    assert "plan a visit" in said_of_it["who"]


def test_a_table_that_is_gone_by_now_tells_no_values_and_one_that_rests_on_others_no_changes() -> None:
    gone = e.TableAnswer("gone", "d" * 64, "fired", READS, (ROW,), ())

    said_of_it = by_machine(read(upstream=(gone,)))

    assert said_of_it["used"].count("Amount you named") == 1
    assert "otherwise" not in said_of_it


def test_a_change_in_a_table_that_the_deciding_one_rests_on_is_told() -> None:
    lower = read_table(
        {
            "table": "lower", "description": "d", "hit": "FIRST", "effective_from": "2026-01-01",
            "inputs": {"photos": {"type": "integer", "min": 0, "max": 9, "from": "photos.usable"}},
            "outputs": {"seen": {"type": "boolean"}},
            "rows": [{"id": "L-1", "description": "d", "when": {"photos": ">= 1"}, "then": {"seen": True}}],
            "else": {"id": "L-9", "description": "d", "then": {"seen": False}},
        }, file="lower", lines={},
    )  # fmt: skip
    root = read_table(
        {
            "table": "next_step", "description": "d", "hit": "FIRST", "effective_from": "2026-01-01",
            "inputs": {"glass": {"type": "boolean", "from": "register.policy.glass_cover"},
                       "seen": {"type": "boolean", "from": "table.lower.seen"}},
            "outputs": {"step": {"type": "text", "domain": ["auto_close", "expert"]}},
            "rows": [{"id": "R-1", "description": "d", "when": {"glass": False}, "then": {"step": "expert"}},
                     {"id": "R-2", "description": "d", "when": {"seen": True}, "then": {"step": "auto_close"}}],
            "else": {"id": "R-9", "description": "d", "then": {"step": "expert"}},
        }, file="next_step", lines={},
    )  # fmt: skip
    folder = shipped()
    words = folder.journey.explanation.model_copy(update={"changes": {"R-1": {"glass": {"en": "Without glass: no."}}}})
    chained = JourneyFolder(
        folder.journey.model_copy(update={"explanation": words}), {"lower": lower, "next_step": root}, {}, folder.words
    )
    below = e.TableAnswer("lower", "d" * 64, "fired", (READS[5],), ("L-1",), ())
    decided = closing(e.TableRead("next_step", "d" * 64, "fired", (READS[4],), ("R-2",), (), upstream=(below,)))

    assert told(of_machine(customer(decided), decided, chained))["otherwise"] == "Without glass: no."


@pytest.mark.parametrize(
    ("role", "who"), [("", "member of staff"), ("expert", "specialist"), ("lead", "team lead"), ("auditor", "member")]
)
def test_a_persons_decision_tells_in_which_role_and_how_to_object(role: str, who: str) -> None:
    decided = chosen("refuse", role=role, message=" The terms exclude it. ")

    explained = of_person(customer(), decided, shipped())

    assert (explained.by, explained.own_words) == ("person", "The terms exclude it.")
    assert who in told(explained)["who"].split(" read ")[0]
    assert "as the terms say" not in repr(explained)  # the reason for colleagues
    assert "did" not in told(of_person(case(opened(), said()), decided, shipped()))


@pytest.mark.parametrize("folder", JOURNEYS)
@pytest.mark.parametrize("language", ["nl", "en", "fr", "de"])
def test_every_sentence_of_every_journey_is_there_and_plain(folder: str, language: str) -> None:
    journey = shipped(folder).journey
    words = {key: text for key, text in load_words((language,))[language].items() if key.startswith("explain.")}
    written = [
        *words.values(),
        *(wording[language] for wording in journey.explanation.reasons.values()),
        *(wording[language] for by_input in journey.explanation.changes.values() for wording in by_input.values()),
        journey.organisation.complaints[language],
    ]

    assert len(words) > 20
    assert [problem for text in written for problem in hard_parts(text, language)] == []


@pytest.mark.parametrize("language", ["nl", "en", "fr", "de"])
def test_no_word_of_the_inside_is_told(language: str) -> None:
    decided = closing()
    explained = of_machine(customer(decided), decided, shipped())
    text = " ".join(part.text for part in parts_in(explained, language))
    inside = {
        ROW, "next_step", "d" * 64, "repair_glass", "windscreen", "auto_close", "glass_cover", "POL-123456",
        "text/motor_claim", "motor_claim", "0.93", str(decided.certificate), *shipped().journey.topics,
    }  # fmt: skip

    assert [word for word in inside if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)] == []


def test_letter_and_page_say_the_same_and_the_page_keeps_it_when_the_journey_changes() -> None:
    decided = a_step(Step.AUTO_CLOSE, option="tell_status", read=read(row="R-700"), topic="claim_status")
    known = customer(decided, topic="claim_status")
    events = of_step(known, decided, shipped(), at=NOW)
    stream = entries(
        opened(), said(files=[photo()]), understood("claim_status"), enriched(), decided,
        *events,
    )  # fmt: skip
    closed = case(*(one.event for one in stream))
    mute = shipped().journey.explanation.model_copy(update={"reasons": {}})
    later = replace(shipped(), journey=shipped().journey.model_copy(update={"explanation": mute}))

    shown = tracking(later, closed, stream, language="en").explanation

    letter = next(one for one in events if isinstance(one, e.LetterWritten))
    assert [part.about for part in shown][:2] == ["did", "why"]
    assert "\n\n".join(part.text for part in shown) in letter.body
    assert "We are handling a claim of yours." in letter.body


def test_a_persons_own_words_stand_on_the_page_and_once_in_the_letter() -> None:
    known = case(opened(), said(), understood(), enriched(), a_step())
    decided = chosen("refuse", message="The terms exclude it.", role="expert")
    events = carried_out(known, decided, (), shipped(), at=NOW)
    stream = entries(opened(), said(), understood(), enriched(), a_step(), *((one, ANNA) for one in events))

    shown = tracking(shipped(), case(*((one.event, one.actor) for one in stream)), stream, language="en").explanation

    letter = next(one for one in events if isinstance(one, e.LetterWritten))
    assert (shown[0].about, shown[0].text) == ("own_words", "The terms exclude it.")
    assert letter.body.count("The terms exclude it.") == 1
    assert "A specialist of ours read everything you sent" in letter.body


def test_nothing_is_shown_while_the_case_is_open_or_for_another_outcome() -> None:
    explained = of_person(customer(), chosen("refuse"), shipped())
    still_open = case(
        opened(), said(), understood(), enriched(), a_step(), chosen("refuse"), explained, said(id_="m-2")
    )
    another = replace(still_open, status="closed", outcome="answer")

    assert tracking(shipped(), still_open, [], language="en").explanation == ()
    assert tracking(shipped(), another, entries(opened()), language="en").explanation == ()


def test_a_letter_that_carries_out_no_decision_explains_none() -> None:
    body = write_letter(customer(), shipped(), "free", Occasion(NOW, message="Hello.", handler="anna")).body

    assert "computer" not in body


def test_only_what_was_decided_is_explained() -> None:
    known = case(opened(), said(), understood(facts=(fact("amount", "210.00"),)), enriched(), a_step())
    explained = of_person(known, chosen("refuse"), shipped())

    with pytest.raises(NotAllowed):
        check(known, explained, ANNA)
    decided = apply(known, Entry(known.version + 1, NOW, ANNA, chosen("refuse")))
    check(decided, explained, ANNA)
    with pytest.raises(NotAllowed):
        check(decided, replace(explained, by="machine"), MACHINE)
    with pytest.raises(NotAllowed):
        check(decided, replace(explained, option="answer"), ANNA)


def test_a_language_it_was_not_written_in_reads_the_first_and_one_without_words_is_empty() -> None:
    explained = of_person(customer(), chosen("refuse"), shipped())

    assert parts_in(explained, "pl") == explained.texts[0].parts
    assert parts_in(replace(explained, texts=()), "en") == ()
    assert in_letter(replace(explained, texts=()), "en") == ""
