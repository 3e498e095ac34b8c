"""The chat of a case: who waits, who holds it, and that the machine keeps still while a person does."""

from dataclasses import replace
from datetime import date

import hypothesis.strategies as st
import pytest
from builders import ANNA, NOW, case, chosen, entries, opened, said, shipped, step, understood
from hypothesis import given

from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, apply, fold
from cases.chatting import BY_THE_CLOCK, answer, answer_words, decision_waits, overtaken, waits_for_end
from cases.errors import NotAllowed
from cases.journey import tracking
from cases.keeping import KEPT, due_word
from cases.steps import next_step
from cases.vocabulary import MACHINE, Actor, Effect, RequestKind, Step, Why

BOB = Actor("person", "bob")
ASKED = e.RequestMade((e.RequestItem("damage_photos", RequestKind.PHOTO),), date(2026, 12, 1))


def chat(text: str = "Is anybody there?", *, id_: str = "m-2") -> e.MessageAdded:
    return e.MessageAdded(id_, "chat", "jo@example.org", "", text, NOW, "Jo Smit", "", "en")


READ = (opened(), said(), understood(), e.Enriched(), step(Step.EXPERT))
SPOKEN = (*READ, chat(), understood(message_id="m-2"), e.Enriched())
HELD = (*READ, chat(), (e.ChatTaken("anna"), ANNA), understood(message_id="m-2"), e.Enriched())
ENDED = (*HELD, (e.ChatEnded("anna"), ANNA))


def letter(effect: Effect = Effect.INFORM, name: str = "received", by: str | None = None) -> e.LetterWritten:
    return e.LetterWritten("case-1.1", name, effect, "en", "jo@example.org", "", "", by)


def answered(known: Case, text: str = "Yes, I am.") -> e.LetterWritten:
    return answer(known, text, by="anna", letter_id="case-1.1", language="en", subject="Chat", below="Go on there:")


# --- who waits ----------------------------------------------------------------------------------------------------


def test_a_customer_waits_from_the_first_word_until_a_person_takes_the_chat() -> None:
    assert not case(*READ).chat.goes_on

    waiting = case(*READ, chat(), chat(id_="m-3"))

    assert waiting.chat.waits
    assert waiting.chat.since == entries(*READ, chat())[-1].at
    taken = case(*HELD)
    assert (taken.chat.waits, taken.chat.holder, taken.chat.taken) == (False, "anna", True)


def test_words_to_the_one_who_holds_it_begin_no_new_wait() -> None:
    assert case(*HELD, chat(id_="m-3")).chat.since is None
    assert case(*ENDED, chat(id_="m-3")).chat.waits


def test_a_persons_word_elsewhere_ends_the_wait_and_the_machines_does_not() -> None:
    assert not case(*SPOKEN, (letter(by="anna"), ANNA)).chat.waits
    assert not case(*SPOKEN, chosen()).chat.waits
    assert case(*SPOKEN, letter()).chat.waits
    assert case(*HELD, (letter(by="anna"), ANNA)).chat.holder == "anna"


def test_a_message_by_another_way_is_no_chat() -> None:
    assert case(*READ, said(id_="m-2")).chat == case(*READ).chat


# --- who may ------------------------------------------------------------------------------------------------------


def refused(known: Case, event: e.Event, actor: Actor) -> str:
    with pytest.raises(NotAllowed) as told:
        check(known, event, actor)
    return str(told.value)


def test_a_chat_is_taken_by_one_person_in_their_own_name() -> None:
    check(case(*SPOKEN), e.ChatTaken("anna"), ANNA)

    assert "own name" in refused(case(*SPOKEN), e.ChatTaken("anna"), BOB)
    assert "own name" in refused(case(*SPOKEN), e.ChatTaken("anna"), MACHINE)
    assert "anna answers in it" in refused(case(*HELD), e.ChatTaken("bob"), BOB)
    assert "written nothing there" in refused(case(*READ), e.ChatTaken("anna"), ANNA)
    ordered = case(*SPOKEN, chosen(), e.HandoverAsked("order-1", "answer", "repair"))
    assert "acceptance" in refused(ordered, e.ChatTaken("anna"), ANNA)


def test_a_chat_is_ended_by_a_person_or_by_silence_and_once() -> None:
    check(case(*HELD), e.ChatEnded("bob"), BOB)
    check(case(*HELD), e.ChatEnded("", "silence"), MACHINE)

    assert "own name" in refused(case(*HELD), e.ChatEnded("bob"), ANNA)
    assert "own name" in refused(case(*HELD), e.ChatEnded("", "silence"), ANNA)
    assert "it has ended" in refused(case(*ENDED), e.ChatEnded("anna"), ANNA)


@given(st.lists(st.sampled_from(("said", "taken", "answered", "ended", "note")), max_size=12))
def test_while_a_person_holds_the_chat_nothing_of_the_machine_reaches_the_customer(acts: list[str]) -> None:
    known = fold("case-1", entries(*READ))
    for act in acts:
        could: dict[str, e.Event] = {
            "said": chat(id_=f"m-{known.version + 1}"), "taken": e.ChatTaken("anna"), "answered": answered(known),
            "ended": e.ChatEnded("anna"), "note": e.NoteAdded("x", "anna"),
        }  # fmt: skip
        event = could[act]
        try:
            check(known, event, Actor("customer") if act == "said" else ANNA)
        except NotAllowed:
            continue
        known = apply(known, Entry(known.version + 1, NOW, ANNA, event))

    words = (letter(), step(Step.EXPERT), step(Step.REQUEST_INFO), ASKED, e.PromisePassed(NOW, "danger"))
    if known.chat.holder:
        assert all("answers in the chat" in refused(known, word, MACHINE) for word in words)
        assert due_word(replace(known, update_by=NOW), (), shipped(), at=NOW) == []
    else:
        check(known, letter(), MACHINE)
        check(known, step(Step.EXPERT), MACHINE)


def test_once_a_person_has_answered_in_the_chat_the_case_is_a_persons() -> None:
    asking = (*READ[:-1], step(Step.REQUEST_INFO), ASKED)
    known = case(*asking, chat(), (e.ChatTaken("anna"), ANNA), (e.ChatEnded("anna"), ANNA),
                 understood(message_id="m-2"), e.Enriched())  # fmt: skip

    assert next_step(known, shipped(), certificate=None, at=NOW).because[0] is Why.PERSON_INVOLVED
    assert "answered in its chat" in refused(known, step(Step.REQUEST_INFO), MACHINE)
    assert "answered in its chat" in refused(
        apply(known, Entry(known.version + 1, NOW, MACHINE, step(Step.REQUEST_INFO))), ASKED, MACHINE
    )


# --- what waits for its end ---------------------------------------------------------------------------------------


def test_what_was_read_while_the_chat_was_held_is_decided_when_it_has_ended() -> None:
    assert decision_waits(case(*ENDED), entries(*ENDED))

    assert not decision_waits(case(*READ), entries(*READ))
    assert not decision_waits(case(opened()), entries(opened()))
    decided = (*HELD, chosen(), (e.ChatEnded("anna"), ANNA))
    assert not decision_waits(case(*decided), entries(*decided))
    unread = (*HELD, chat(id_="m-3"), (e.ChatEnded("anna"), ANNA))
    assert not decision_waits(case(*unread), entries(*unread))


def test_only_the_machines_letters_wait_and_only_while_somebody_holds_it() -> None:
    assert waits_for_end(case(*HELD), letter())
    assert not waits_for_end(case(*HELD), letter(by="anna"))
    assert not waits_for_end(case(*ENDED), letter())


def test_a_letter_that_the_chat_overtook_leaves_no_more() -> None:
    ended, asked = case(*ENDED), case(*READ, ASKED, *ENDED[len(READ) :])

    assert not overtaken(ended, letter())
    assert overtaken(ended, letter(name="reminder"))
    assert overtaken(ended, letter(Effect.ASK))
    assert not overtaken(asked, letter(Effect.ASK))
    assert not overtaken(ended, letter(Effect.GRANT))
    assert overtaken(case(*ENDED, chosen()), letter(Effect.GRANT))
    assert BY_THE_CLOCK == KEPT


# --- what it reads like -------------------------------------------------------------------------------------------


@given(st.text(min_size=1).filter(str.strip))
def test_of_an_answer_the_page_shows_what_was_typed_and_the_mail_how_to_go_on(text: str) -> None:
    written = answered(case(*HELD), text)

    assert answer_words(written) == text.replace("\n\n-- \n", "\n\n--\n").strip()
    assert written.body.endswith("\n\n-- \nGo on there:\n[tracking-link]")
    assert (written.approved_by, written.free_text, written.effect) == ("anna", True, Effect.INFORM)


def test_the_customer_reads_the_answer_before_it_was_sent_anywhere_and_no_letter_that_was_overtaken() -> None:
    late = replace(letter(Effect.ASK), letter_id="case-1.2", subject="We need a photo", body="Please send it")
    events = (*HELD, (answered(case(*HELD)), ANNA), late, e.LetterWithheld("case-1.2", "a person answered in the chat"))

    view = tracking(shipped(), case(*events), entries(*events))

    assert [(one.who, one.text, one.chat) for one in view.messages[1:]] == [
        ("you", "Is anybody there?", True),
        ("us", "Yes, I am.", True),
    ]
    assert "anna" not in view.messages[-1].name
    assert view.chat == "held"
    assert tracking(shipped(), case(*SPOKEN), entries(*SPOKEN)).chat == "waits"
    assert tracking(shipped(), case(*ENDED), entries(*ENDED)).chat == ""
