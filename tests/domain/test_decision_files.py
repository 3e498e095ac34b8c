import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from builders import (
    CASE_ID,
    JOURNEYS,
    NOW,
    TEXT,
    answer,
    chosen,
    entries,
    fact,
    opened,
    photo,
    said,
    shipped,
    step,
    understood,
)  # fmt: skip
from dossiers import ITEM, LIVES, NEAR, OWN, SCHEMA, VALIDATOR, decided, file, read, texts
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases import file_advice, statements
from cases.case import Entry, fold
from cases.decision_file import build
from cases.facts import EventAt, Fact, MessageSpan
from cases.file_advice import sentences, telling_sentence
from cases.file_assistant import TOLD
from cases.journey_folder import JourneyFolder, from_snapshot
from cases.statements import Basis, Unsourced, statement
from cases.steps import next_step
from cases.vocabulary import Why


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("life", LIVES)
def test_a_file_is_built_at_every_point_of_a_case_and_holds_to_its_schema(life: str, language: str) -> None:
    document = file(LIVES[life], language=language)

    assert document["history"]
    for words in all_texts(document):
        assert "{" not in words
        assert not words.startswith(
            ("why.", "flag.", "file.", "input.", "cell.", "event.", "step.", "stage.", "finding.")
        )


def all_texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [w for key, value in part.items() for w in ([value] if key == "text" else all_texts(value)) if w]
    return [word for one in part for word in all_texts(one)] if isinstance(part, list) else []


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_file_is_built_from_a_journeys_snapshot_to_the_same_bytes(name: str) -> None:
    folder = shipped(name)
    topic = next(iter(folder.journey.topics))
    events = [opened(journey=name), said(), understood(topic, journey=name), e.Enriched()]
    follows = next_step(fold(CASE_ID, entries(*events)), folder, certificate=None, at=NOW)
    stream = entries(*events, follows)

    again = from_snapshot(json.loads(json.dumps(folder.snapshot, sort_keys=True)))

    assert again.digest == folder.digest
    assert build(again, CASE_ID, stream, language="en") == build(folder, CASE_ID, stream, language="en")


#: Of chained tables only; of cases that a language model read only; and where a person judged what it said.
OPTIONAL = {"upstream", "assistant", "judged"}


def test_the_schema_is_complete_and_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def objects(part: Any) -> list[dict[str, Any]]:
        if isinstance(part, list):
            return [one for item in part for one in objects(item)]
        if not isinstance(part, dict):
            return []
        mine = [part] if part.get("type") == "object" else []
        return mine + [one for item in part.values() for one in objects(item)]

    for one in objects(SCHEMA):
        assert one["additionalProperties"] is False
        names = one["properties"].keys()
        assert sorted(one.get("required", ())) == sorted(names - (set(TOLD) if names == set(TOLD) else OPTIONAL))


def test_the_schema_refuses_a_statement_without_source_and_a_field_too_many() -> None:
    document = file(LIVES["no facts"])

    assert not VALIDATOR.is_valid({**document, "mood": "good"})
    document["headline"]["story"]["sources"] = []
    assert not VALIDATOR.is_valid(document)


def test_a_statement_without_source_does_not_build() -> None:
    with pytest.raises(Unsourced, match="names no source; give it one"):
        statement("It was sunny.")

    unsourced = entries(*read(facts=(Fact("amount", "2.00", 0.9, ()),)))
    with pytest.raises(Unsourced):
        build(shipped(), CASE_ID, unsourced, language="en")


class Forgetful(Basis):
    """Remembers no events of one kind of evidence."""

    def __init__(self, stream: list[Entry], forgets: str) -> None:
        super().__init__(shipped(), fold(CASE_ID, stream), stream, "en")
        self.forgets = forgets

    def happened(self, *kinds: type[Any]) -> tuple[EventAt, ...]:
        return () if any(kind.__name__ == self.forgets for kind in kinds) else super().happened(*kinds)


@pytest.mark.parametrize(
    ("part", "forgets", "life"),
    [
        (file_advice.headline, "StepDecided", "no facts"),
        (file_advice.missing, "StepDecided", "something missing"),
        (file_advice.headline, "CaseReopened", "reopened"),
        (file_advice.headline, "WorkParked", "parked"),
        (file_advice.headline, "CaseOpened", "may belong elsewhere"),
        (file_advice.headline, "HandoverRefused", "order refused"),
        (file_advice.headline, "LetterWithheld", "letter withheld"),
        (file_advice.recommendation, "StepDecided", "unusable files"),
    ],
)
def test_a_part_whose_evidence_is_gone_does_not_build(part: Any, forgets: str, life: str) -> None:
    basis = Forgetful(LIVES[life], forgets)

    with pytest.raises(Unsourced):
        part(basis)


def statements_in(part: Any) -> Any:
    if isinstance(part, dict):
        if {"text", "sources"} <= part.keys():
            yield part
        for value in part.values():
            yield from statements_in(value)
    if isinstance(part, list):
        for value in part:
            yield from statements_in(value)


def test_every_source_of_a_file_lies_in_the_case() -> None:
    stream = LIVES["facts, photo, neighbours"]
    document = file(stream)

    for one in statements_in(document):
        for source in one["sources"]:
            if source["type"] == "event":
                assert 1 <= source["seq"] <= len(stream)
            if source["type"] == "message":
                assert 0 <= source["start"] <= source["end"] <= len(TEXT)
            if source["type"] == "photo":
                assert source["file_id"] in {found["id"] for found in document["files"]}


# --- what a handler reads -------------------------------------------------------------------------------------------


def test_the_story_is_the_sentence_that_weighed_most_for_the_topic() -> None:
    start = TEXT.index("stone")
    heavy = (e.Weight(MessageSpan("m-1", start, start + 5), 0.8), e.Weight(MessageSpan("m-1", 0, 4), -0.9))

    story = file(decided(*read(weights=heavy)))["headline"]["story"]

    assert story["text"] == "A stone hit my windscreen on the A2 and there is a crack."
    assert TEXT[story["sources"][0]["start"] : story["sources"][0]["end"]] == story["text"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear Sir or Madam,\nMy car was hit at 8.30 today. Bye.", "My car was hit at 8.30 today."),
        ("Hello,\n\nYesterday my windscreen\nwas hit by a stone", "Yesterday my windscreen was hit by a stone"),
        ("Help! Now!", "Help!"),
        ("  \n ", "Windscreen"),
        ("", "Windscreen"),
        ("x" * 300, "x" * 240 + " …"),
        ("word " * 80, ("word " * 48).strip() + " …"),
    ],
)
def test_a_story_without_weights_is_the_first_sentence_that_says_something(text: str, told: str) -> None:
    assert file(entries(opened(), said(text)))["headline"]["story"]["text"] == told


def test_a_case_without_message_and_subject_says_so() -> None:
    empty = e.MessageAdded("m-1", "web", "jo@example.org", "", "", NOW)

    assert file(entries(opened(), empty))["headline"]["story"]["text"] == "The customer sent no words."
    assert file(entries(opened()))["headline"]["story"]["text"] == "The customer sent no words."


@given(st.text(st.sampled_from("ab .,!?\n"), max_size=60))
def test_sentences_lie_in_the_text_in_order_and_lose_no_word_of_a_story(text: str) -> None:
    spans = list(sentences(text))

    assert all(0 <= start < end <= len(text) and text[start:end].strip() == text[start:end] for start, end in spans)
    assert spans == sorted(spans)
    assert telling_sentence(said(text), ()) in [*spans, (0, 0)]


def test_a_counterfactual_is_a_sentence_with_a_label_and_what_was_read() -> None:
    dear = file(decided(*read(files=[photo()], facts=(fact("amount", "900.00"),))))["recommendation"]
    bare = file(decided(*read()), language="nl")["recommendation"]
    uncovered = tuple((name, "false" if name == "glass_cover" else value) for name, value in answer().fields)
    covered = file(decided(*read(files=[photo()], answers=[answer(fields=uncovered)])))["recommendation"]

    (change,) = texts(dear["would_change"])
    assert change == (
        "Row R-140 would fit if “Amount of the damage” were: at most €750.00 (now: €900.00). "
        "As R-130, with a repair that costs 750 euros at most. The glass is repaired."
    )
    assert texts(bare["would_change"])[0].startswith(
        "Regel R-130 zou passen als “Bruikbare foto's” dit was: minstens 1 (nu: 0)."
    )
    assert "if “Glass is covered” were: yes (now: no)" in texts(covered["would_change"])[0]


def test_only_what_could_make_a_row_fit_is_missing() -> None:
    unknown = decided(*read("theft", answers=[answer(found=False, fields=())]))

    assert texts(file(LIVES["something missing"])["missing"]) == ["Not known: Amount of the damage"]
    assert texts(file(unknown)["missing"]) == ["Policy register: no entry was found for this customer"]
    assert file(decided(*read("policy_question")))["missing"] == []


def test_rows_that_did_not_fire_say_what_stood_against_them_in_words() -> None:
    others = {row["row"]: row for row in file(decided(*read("theft")))["recommendation"]["others"]}

    assert (others["R-010"]["input"], others["R-010"]["cell"], others["R-010"]["value"]) == (
        "Topic", "Your insurance", "Theft or break-in",
    )  # fmt: skip
    assert (others["R-030"]["input"], others["R-030"]["cell"], others["R-030"]["value"]) == (
        "Policy register: customer found", "no", "yes",
    )  # fmt: skip


def test_a_blind_case_is_asked_openly_and_an_advised_one_by_its_option() -> None:
    blind, advised = file(LIVES["blind"]), file(LIVES["below the threshold"])

    assert (blind["recommendation"]["blind"], blind["headline"]["question"]["text"]) == (
        True, "Windscreen damage: what do we decide?",
    )  # fmt: skip
    assert advised["headline"]["question"]["text"] == "Should we do this: Have the glass repaired?"
    assert [one["key"] for one in advised["options"] if one["recommended"]] == ["repair_glass"]


def test_options_are_those_of_the_topic_with_the_letter_each_would_send() -> None:
    options = {one["key"]: one for one in file(LIVES["no facts"])["options"]}

    assert "send_roadside_help" not in options
    assert "[your words come here]" in options["refuse"]["letter"]["body"]
    assert (options["refuse"]["effect"], options["refuse"]["free_text"]) == ("adverse", True)
    assert "by Thursday 26 November" in options["send_assessor"]["letter"]["body"]


def test_a_request_cites_the_event_that_made_it() -> None:
    stream = entries(*read(), e.RequestMade((ITEM,), NOW.date()), e.RequestMade((OWN,), NOW.date()))

    first, second = file(stream)["requests"]

    assert (first["title"], first["sources"]) == ("Photos of the damage", [{"type": "event", "seq": 5}])
    assert (second["title"], second["sources"]) == ("Which garage?", [{"type": "event", "seq": 6}])


def test_similar_cases_say_why_and_how_they_ended() -> None:
    near, opposite = file(LIVES["facts, photo, neighbours"])["similar"]

    assert near["why"] == ["written alike", "same topic", "same Amount of the damage"]
    assert (near["outcome_title"], near["amount_shown"], opposite["opposite"]) == (
        "Have the glass repaired",
        "€210.00",
        True,
    )
    stranger = e.Neighbour("case-8", "C-8", 0.5, "gone", "old_option", None, NOW, "")
    unknown = file(entries(*read(), e.Enriched((), (stranger,))))["similar"][0]
    assert (unknown["topic"], unknown["outcome_title"], unknown["amount_shown"]) == ("Topic unknown", "old_option", "")


def test_registers_show_labels_and_say_what_is_unknown() -> None:
    fields = (("car", None), ("active", "true"), ("glass_cover", "false"), ("own_risk", "75.00"))

    shown = file(decided(*read(answers=[answer(fields=fields)])))["registers"][0]

    assert [(one["label"], one["shown"]) for one in shown["fields"]] == [
        ("Car", "not known"), ("Policy is running", "yes"), ("Glass is covered", "no"), ("Own risk", "€75.00"),
    ]  # fmt: skip
    old = file(LIVES["a register that the journey no longer names"])["registers"][0]
    assert (old["label"], old["fields"][0]["label"]) == ("old", "policy_number")


def test_an_input_that_a_register_does_not_label_is_named_as_it_is() -> None:
    folder = shipped()
    spec = folder.journey.registers["policy"].model_copy(update={"labels": {}})
    journey = folder.journey.model_copy(update={"registers": {"policy": spec}})
    bare = JourneyFolder(journey, folder.tables, folder.letters, folder.words)

    others = file(decided(*read()), folder=bare)["recommendation"]["others"]

    assert "glass_cover" in {row["input"] for row in others}


def test_a_stale_answer_is_not_flagged_once_the_order_was_taken() -> None:
    again = entries(
        *read(), step(), chosen("pay_claim"), e.HandoverAsked("o", "pay_claim", "p"), e.HandoverRefused("o", "no"),
        chosen("pay_claim"), e.HandoverAsked("p", "pay_claim", "p"), e.HandedOver("p", "r"),
    )  # fmt: skip

    assert file(again)["headline"]["flags"] == []


def test_the_newest_event_stands_for_what_has_none_of_its_own() -> None:
    stream = entries(opened(), said())
    basis = Basis(shipped(), fold(CASE_ID, stream), stream, "en")

    assert basis.happened(e.StepDecided) == (EventAt(2),)
    assert basis.at == NOW + timedelta(minutes=1)
    assert statements.cited([EventAt(1)], "x") == [{"type": "event", "seq": 1}]


def test_why_of_a_row_cites_the_row_and_of_a_score_the_model() -> None:
    fired = file(LIVES["no facts"])["recommendation"]["because"][0]["sources"]
    below = file(LIVES["below the threshold"])["recommendation"]["because"][0]["sources"]

    assert [source["type"] for source in fired] == ["rule", "event"]
    assert [source["type"] for source in below] == ["model", "event"]
    assert file(LIVES["danger"])["recommendation"]["because"][0]["sources"][0]["type"] == "message"
    assert (
        file(entries(*read(), step(because=(Why.ROW,))))["recommendation"]["because"][0]["sources"][0]["type"]
        == "event"
    )


def test_the_amounts_of_similar_cases_are_told_as_a_range_without_the_opposite_one() -> None:
    near = [
        replace(NEAR, case_id=f"case-{n}", amount=amount) for n, amount in enumerate(["90.50", None, "much", "1200"])
    ]
    amounts = file(entries(*read(), e.Enriched((), tuple(near), replace(NEAR, amount="9999.00"))))["similar_amounts"]

    assert (amounts["low"], amounts["high"], amounts["n"]) == ("90.50", "1200", 2)
    assert amounts["text"] == "Amounts of 2 of these: €90.50 to €1,200.00"
    assert [source["case_id"] for source in amounts["sources"]] == ["case-0", "case-3"]
    assert file(entries(*read(), e.Enriched((), (near[1],))))["similar_amounts"] is None
    assert file(entries(opened()))["similar_amounts"] is None
