"""What is held back, what a snooze waits for, and letters that people compose: as a case's events tell."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import ANNA, NOW, case, chosen, fact, opened, photo, said, shipped, sign, step, understood

from cases import events as e
from cases.case import Case, Entry, apply
from cases.composing import (
    Draft,
    LetterLacks,
    block_text,
    compose,
    draft_again,
    free_letter,
    language_of,
    named_facts,
    sendable,
)
from cases.consequences import held_back, of_letter, released
from cases.errors import NotAllowed
from cases.facts import Fact, Person
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Block
from cases.letters import facts_needed
from cases.vocabulary import Effect, RequestKind, Step

READ = (opened(), said(), understood(facts=(fact("licence_plate", "AB123C"),)), e.Enriched(), step(Step.EXPERT))
LATER = NOW + timedelta(hours=1)


def after(known: Case, *events: e.Event) -> Case:
    for event in events:
        known = apply(known, Entry(known.version + 1, NOW, ANNA, event))
    return known


# --- held ------------------------------------------------------------------------------------------------------------


def test_what_is_held_changes_nothing_but_that_it_waits() -> None:
    known = case(*READ)

    held = after(known, e.DecisionHeld(chosen("refuse", message="No."), LATER))

    assert (held.status, held.human, held.human_ever) == (known.status, None, False)
    assert held.held_decision == e.DecisionHeld(chosen("refuse", message="No."), LATER)
    assert after(held, e.TakenBack(held.version, "anna")).held == ()
    assert after(held, e.TakenBack(held.version, "", "changed")).kept_back == held.held


def test_a_customers_word_keeps_back_what_was_held_until_somebody_decides_anew() -> None:
    held = after(case(*READ), e.DecisionHeld(chosen("refuse"), LATER))

    kept = after(held, said(id_="m-2"))

    assert (kept.held, kept.kept_back) == ((), held.held)
    assert after(kept, chosen("refuse")).kept_back == ()


def test_a_decision_leaves_in_the_words_it_was_held_in_or_not_at_all() -> None:
    known, decided = case(*READ), chosen("refuse", message="The glass is not covered.", update_by=LATER)
    held = after(known, held_back(known, decided, (), shipped(), leaves_at=LATER))

    [one] = held.held
    events = released(held, one, shipped())

    assert events is not None
    assert [event.kind for event in events] == [
        "released", "human_decided", "decision_explained", "letter_written", "case_closed",
    ]  # fmt: skip
    assert released(replace(held, sender_name="Somebody Else"), one, shipped()) is None


def test_an_order_leaves_with_the_facts_it_was_held_with_or_not_at_all() -> None:
    known = case(*READ)
    held = after(known, held_back(known, chosen("repair_glass"), (), shipped(), leaves_at=LATER))

    [one] = held.held
    events = released(held, one, shipped())

    assert events is not None
    assert events[-1].kind == "handover_asked"
    changed = after(held, e.FactStated(Fact("licence_plate", "XX999X", 1.0, (Person("bob"),)), "bob"))
    assert released(changed, one, shipped()) is None


def test_passing_on_is_held_without_anything_to_read() -> None:
    assert held_back(case(*READ), chosen("escalate"), (), shipped(), leaves_at=LATER).digest == ""


# --- snoozed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wakes", "word", "woke"),
    [
        ("date", said(id_="m-2"), "reply"),
        ("reply", said(id_="m-2", files=[photo()]), "reply"),
        ("document", said(id_="m-2", files=[photo()]), "document"),
        ("document", said(id_="m-2"), ""),
    ],
)
def test_a_case_wakes_for_what_was_waited_for(wakes: str, word: e.MessageAdded, woke: str) -> None:
    asleep = after(case(*READ), e.CaseSnoozed(LATER, "anna", wakes))  # type: ignore[arg-type]

    awake = after(asleep, word)

    assert (awake.woke, awake.snoozed_until is None) == (woke, bool(woke))
    assert after(awake, chosen("refuse")).woke == ""


def test_danger_wakes_every_case() -> None:
    asleep = after(case(*READ), e.CaseSnoozed(LATER, "anna", "document"), said(id_="m-2"))

    awake = after(asleep, understood(message_id="m-2", dangers=(sign(),)))

    assert (awake.woke, awake.snoozed_until) == ("danger", None)
    assert after(case(*READ), understood(dangers=(sign(),))).woke == ""


# --- composed --------------------------------------------------------------------------------------------------------


def composed(draft: Draft, known: Case | None = None, folder: JourneyFolder | None = None) -> e.LetterHeld:
    return compose(known or case(*READ), folder or shipped(), draft, by="anna", leaves_at=LATER)


def test_free_words_go_in_the_letter_of_free_words() -> None:
    held = composed(Draft("Your garage may begin."))

    assert (held.letter.letter, held.letter.approved_by, held.items, held.due) == ("free", "anna", (), None)
    assert "Your garage may begin." in held.letter.body
    assert of_letter(case(*READ), held)[-1] == replace(held.letter, letter_id="case-1.1")


def test_asking_makes_the_letter_that_asks_with_the_persons_own_question() -> None:
    held = composed(Draft("Which garage is it?", requests=("damage_photos",)))

    assert (held.letter.letter, held.letter.effect, held.due) == ("ask", Effect.ASK, date(2026, 12, 3))
    assert [item.key for item in held.items] == ["damage_photos", "reply"]
    assert "Which garage is it?" in held.letter.body
    assert [event.kind for event in of_letter(case(*READ), held)] == ["request_made", "letter_written"]
    assert composed(Draft(requests=("damage_photos",))).items == (e.RequestItem("damage_photos", RequestKind.PHOTO),)


@pytest.mark.parametrize(
    ("draft", "mend"),
    [
        (Draft("x", letter="refuse"), "choose one of: received"),
        (Draft("x", letter="received"), "no place for them"),
        (Draft(requests=("moon",)), "choose from: "),
        (Draft(), "fill in first: text"),
        (Draft("It is about [Licence plate?] and [Amount?]."), "fill in first: Licence plate, Amount"),
    ],
)
def test_a_letter_that_is_not_whole_is_refused_with_what_to_do(draft: Draft, mend: str) -> None:
    with pytest.raises(NotAllowed, match=mend):
        composed(draft)


def test_a_fact_that_a_letter_cannot_do_without_is_asked_for_by_name() -> None:
    folder = with_letter("received", "Your car {{ facts.licence_plate }} is worth {{ facts.amount }}.")

    with pytest.raises(LetterLacks) as lacking:
        composed(Draft(letter="received"), folder=folder)

    assert lacking.value.lacking == (shipped().journey.facts["amount"].label["en"],)
    known = after(case(*READ), e.FactStated(Fact("amount", "80.00", 1.0, (Person("bob"),)), "bob"))
    assert composed(Draft(letter="received"), known, folder).facts == (("amount", "80.00"), ("licence_plate", "AB123C"))


@pytest.mark.parametrize(
    ("template", "needed"),
    [
        ("{{ facts.a }}", {"a"}),
        ("{% if facts.a %}{{ facts.a }} {{ facts.b }}{% else %}{{ facts.a }}{% endif %}", {"a", "b"}),
        ("{% if facts.a and facts.b %}{{ facts.a }}{{ facts.b }}{% elif name %}{{ facts.c }}{% endif %}", {"c"}),
        ('{{ facts.a | default("it") }} {{ facts.b | upper }}', {"b"}),
        ("{{ name }}", set()),
    ],
)
def test_a_letter_needs_the_facts_that_it_does_not_ask_for_first(template: str, needed: set[str]) -> None:
    assert facts_needed(template) == needed


def test_a_held_letter_stays_back_when_a_fact_that_it_names_has_changed() -> None:
    folder = with_letter("received", "Your car {{ facts.licence_plate }} is here.")
    known = case(*READ)
    held = after(known, composed(Draft(letter="received"), known, folder))

    [one] = held.held
    assert [event.kind for event in released(held, one, folder) or ()] == ["released", "letter_written"]
    changed = after(held, e.FactStated(Fact("licence_plate", "XX999X", 1.0, (Person("bob"),)), "bob"))
    assert released(changed, one, folder) is None


def test_a_block_comes_in_the_customers_language_with_gaps_for_what_is_unknown() -> None:
    text = {"en": "About {{ facts.licence_plate }}: {{ facts.amount }}.", "nl": "Over {{ facts.licence_plate }}."}
    block = Block(title={"en": "About"}, text=text)
    folder = replace(shipped(), journey=shipped().journey.model_copy(update={"blocks": {"about": block}}))
    label = shipped().journey.facts["amount"].label["en"]

    assert block_text(case(*READ), folder, "about", at=NOW) == f"About AB123C: [{label}?]."
    dutch = case(opened(language="nl"), said(), understood(language="nl"))
    assert block_text(dutch, folder, "about", at=NOW).startswith("Over [")


def test_a_journey_without_a_letter_of_free_words_says_what_to_add() -> None:
    letters = {key: spec for key, spec in shipped().journey.letters.items() if key != "free"}
    folder = replace(shipped(), journey=shipped().journey.model_copy(update={"letters": letters}))

    assert free_letter(folder) is None
    with pytest.raises(NotAllowed, match="free_text: true"):
        composed(Draft("x"), folder=folder)


def test_only_letters_that_inform_are_sent_without_a_decision() -> None:
    assert {spec.effect for spec in sendable(shipped()).values()} == {Effect.INFORM}


def test_a_case_in_a_language_that_the_journey_does_not_speak_reads_its_first() -> None:
    strange = case(opened(language="fr"), said())

    assert language_of(strange, shipped()) == shipped().journey.languages[0]
    assert named_facts(strange, shipped(), composed(Draft("x")).letter) == ()


def with_letter(key: str, template: str) -> JourneyFolder:
    letters = {language: {**texts, key: template} for language, texts in shipped().letters.items()}
    return replace(shipped(), letters=letters)


@pytest.mark.parametrize("requests", [(), (next(iter(shipped().journey.requests)),)])
@pytest.mark.parametrize("message", ["Could you send it again?", "Two\n\nparagraphs."])
def test_what_was_typed_for_a_letter_can_be_typed_again(requests: tuple[str, ...], message: str) -> None:
    letter = "" if requests else str(free_letter(shipped()))
    draft = Draft(message, letter, requests)

    held = compose(case(*READ), shipped(), draft, by="anna", leaves_at=LATER)

    assert draft_again(held) == draft
