from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from builders import (
    ANNA,
    CASE_ID,
    JOURNEYS,
    NOW,
    TEXT,
    case,
    chosen,
    enriched,
    entries,
    fact,
    opened,
    photo,
    said,
    shipped,
    sign,
    step,
    understood,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, apply, fold
from cases.errors import NotAllowed
from cases.journey import Tracking, tracking
from cases.letters import TRACKING_LINK
from cases.milestone_sentence import milestone_of, status_words
from cases.vocabulary import (
    CUSTOMER,
    MACHINE,
    SYSTEM,
    Effect,
    FileStatus,
    MilestoneState,
    RequestKind,
    Scope,
    Status,
    Step,
    Why,
)  # fmt: skip

LETTER = e.LetterWritten("l-1", "received", Effect.INFORM, "en", "jo@example.org", "Got it", f"See {TRACKING_LINK}")
ITEM = e.RequestItem("damage_photos", RequestKind.PHOTO)
ASKED = e.RequestMade((ITEM,), date(2026, 12, 1))


def view(*events: Any, language: str | None = "en", folder: str = "motor_claim") -> Tracking:
    stream = entries(*events)
    return tracking(shipped(folder), fold(CASE_ID, stream), stream, language=language)


def words_of(part: Any) -> list[str]:
    """Every text in a view, however deep."""
    if is_dataclass(part):
        return [word for field in fields(part) for word in words_of(getattr(part, field.name))]
    if isinstance(part, tuple):
        return [word for one in part for word in words_of(one)]
    return [str(part)] if isinstance(part, str) else []


@pytest.mark.parametrize("name", JOURNEYS)
@pytest.mark.parametrize("status", Status)
def test_every_status_has_one_milestone_and_words_in_every_language(name: str, status: Status) -> None:
    folder = shipped(name)
    places = [key for key, milestone in folder.journey.milestones.items() if status in milestone.statuses]

    assert places == [milestone_of(folder, status)]
    words = status_words(folder, Case("c", status=status))
    for language in folder.journey.languages:
        assert words.heading[language].strip()
        assert words.next[language].strip()


@pytest.mark.parametrize("name", JOURNEYS)
def test_an_option_that_was_carried_out_is_told_in_its_own_words(name: str) -> None:
    folder = shipped(name)
    told = [
        (status, option, words)
        for milestone in folder.journey.milestones.values()
        for option, words in milestone.outcomes.items()
        for status in milestone.statuses
        if status in (Status.DECIDED, Status.HANDING_OVER, Status.CLOSED)
    ]

    assert told
    for status, option, words in told:
        decided = Case("c", status=status, human=chosen(option), outcome=option)
        assert status_words(folder, decided) == words


def test_advice_that_nobody_carried_out_is_not_told() -> None:
    below = step(Step.EXPERT, because=(Why.BELOW_THRESHOLD,), option="repair_glass")
    decided = replace(case(opened(), said(), below), status=Status.DECIDED)

    assert status_words(shipped(), decided) == shipped().journey.milestones["decision"].statuses[Status.DECIDED]


def test_a_view_shows_no_internal_value() -> None:
    folder = shipped()
    read = understood(facts=(fact("iban", "NL91ABNA0417164300"),), dangers=(sign(),), weights=())
    shown = view(opened(), said(files=[photo()]), read, enriched(), step(department="special_claims"), LETTER)
    words = words_of(replace(shown, messages=(), milestones=()))

    internal = {
        *folder.journey.topics, *(why.value for why in Why), *(row.id for row in folder.root.rows), *Status,
        "text/motor_claim", "v1", CASE_ID, "0.93", "smell gas", "NL91ABNA0417164300", "special_claims",
        read.journey_digest,
    }  # fmt: skip
    assert not {kind for kind in Step if kind in words}
    assert not internal & set(words)
    assert not [word for word in words if "R-1" in word or CASE_ID in word or "0.93" in word]


def test_only_milestone_and_file_states_of_the_vocabulary_are_in_a_view() -> None:
    enums: set[type] = set()

    def walk(hint: Any) -> None:
        for field in fields(hint):
            for kind in (Status, Step, Why, Scope, MilestoneState, FileStatus):
                if kind.__name__ in str(field.type):
                    enums.add(kind)

    for shown in (Tracking, type(view(opened()).milestones[0])):
        walk(shown)

    assert enums == {MilestoneState}


@pytest.mark.parametrize(
    ("because", "title"),
    [
        ((Why.ROW,), "Windscreen damage"),
        ((Why.OUT_OF_SCOPE,), "Damage to your car"),
        ((Why.UNCERTAIN_TOPIC,), "Damage to your car"),
    ],
)
def test_a_guessed_topic_is_not_told(because: tuple[Why, ...], title: str) -> None:
    assert view(opened(), said(), understood(), step(because=because)).case_title == title


def test_a_topic_is_told_only_after_a_step() -> None:
    assert view(opened(), said(), understood()).case_title == "Damage to your car"


@pytest.mark.parametrize(("asked", "spoken"), [("nl", "nl"), ("en", "en"), ("xx", "en"), (None, "en")])
def test_a_view_speaks_the_language_asked_for_then_the_cases_then_the_journeys(asked: str | None, spoken: str) -> None:
    assert view(opened(), language=asked).language == spoken
    assert view(opened(language=None), language=None).language == "nl"


def test_what_we_ask_is_shown_while_we_wait_for_it() -> None:
    own = e.RequestItem("reply", RequestKind.FACT, text="Which garage?")
    choice = e.RequestItem("can_drive", RequestKind.CHOICE, "can_drive")
    asked = e.RequestMade((ITEM, own, choice), date(2026, 12, 1))

    waiting = view(opened(), said(), asked).requests

    assert [request.title for request in waiting][:2] == ["Photos of the damage", "Which garage?"]
    assert {request.due_text for request in waiting} == {"Tuesday 1 December"}
    assert waiting[2].choices == (
        ("drives", "Yes, it still drives"),
        ("stands_still", "No, it has to stay where it is"),
    )
    assert view(opened(), said(), asked, said(id_="m-2")).requests == ()


def test_messages_and_letters_stand_in_order_with_receipts_and_without_link() -> None:
    broken = photo(id="m-1.f2", status=FileStatus.UNUSABLE, reason="blurred")

    shown = view(opened(), said(files=[photo(), broken]), LETTER, e.LetterSent("l-1", "<1@x>", "smtp")).messages

    assert [message.who for message in shown] == ["you", "us"]
    assert [file.reason for file in shown[0].files] == ["", "This photo is blurred."]
    assert TRACKING_LINK not in shown[1].text


def test_a_letter_is_shown_once_it_left_or_when_it_could_not_leave() -> None:
    assert view(opened(), LETTER).messages == ()
    assert len(view(opened(), LETTER, e.LetterWithheld("l-1", "no mail address is known")).messages) == 1


def test_what_a_customer_signed_stands_among_their_messages_word_for_word() -> None:
    signed = e.StatementSigned("truth", "I told the truth.", "d" * 64, "en", "Jo Smit")

    (shown,) = view(opened(), signed).messages

    assert (shown.who, shown.name) == ("you", "Jo Smit")
    assert "I told the truth." in shown.text


def test_the_promised_date_is_shown_until_there_is_a_decision() -> None:
    assert view(opened(), said(), step()).by_text == "Monday 23 November"
    assert view(opened(), said(), step(), chosen("answer", update_by=NOW)).by is None
    assert view(opened(), said()).by_text == ""


CLOSED = (opened(), said(), understood(), step(Step.AUTO_CLOSE), e.CaseClosed("tell_status"))


def test_a_second_look_is_offered_while_a_case_is_closed() -> None:
    assert view(*CLOSED).second_look_possible
    assert not view(*CLOSED, e.CaseReopened("", "second_look")).second_look_possible
    assert not view(*CLOSED, e.CaseErased("anna", "asked for")).second_look_possible


@pytest.mark.parametrize(
    ("events", "begins"),
    [
        ((opened(), said()), "A computer read your message first: it"),
        (CLOSED, "A computer read your message and settled"),
        ((opened(), said(), chosen()), "A computer read your message first and"),
    ],
)
def test_a_view_tells_what_a_computer_did(events: tuple[Any, ...], begins: str) -> None:
    assert view(*events).automatic_checks.startswith(begins)


def test_a_case_that_went_back_reaches_later_milestones_anew() -> None:
    decided_then_asked = (opened(), said(), step(), chosen(), said(id_="m-2"), step(), chosen())

    shown = {milestone.key: milestone for milestone in view(*decided_then_asked).milestones}

    assert shown["decision"].at == entries(*decided_then_asked)[-1].at
    assert shown["done"].state is MilestoneState.EXPECTED


def test_a_milestone_that_was_passed_by_is_skipped() -> None:
    states = [milestone.state for milestone in view(opened(), chosen()).milestones]

    assert states == [
        MilestoneState.DONE, MilestoneState.SKIPPED, MilestoneState.SKIPPED, MilestoneState.NOW,
        MilestoneState.EXPECTED,
    ]  # fmt: skip


def test_the_audit_of_a_closed_case_changes_nothing_for_its_customer() -> None:
    closed = (opened(), said(), understood(), step(Step.AUTO_CLOSE, audit=True), e.CaseClosed("tell_status"))
    stream = entries(*closed)
    verdict = chosen("refuse")

    check(fold(CASE_ID, stream), verdict, ANNA)

    before, after = view(*closed), view(*closed, (verdict, ANNA))
    assert (after.status_sentence, after.milestones, after.closed) == (
        before.status_sentence, before.milestones, True,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="reopen it first"):
        check(case(*closed, verdict), verdict, ANNA)


EVENTS = (
    said(id_="m-2"), understood(), understood(dangers=(sign(),)), enriched(), step(), step(Step.ROUTE),
    step(Step.APPOINT, option="send_assessor"), step(Step.AUTO_CLOSE), step(Step.REQUEST_INFO), ASKED, LETTER,
    e.LetterSent("l-1", "<1@x>", "smtp"), e.RequestAnswered(("damage_photos",), "m-2"),
    e.TaskPlanned("send_assessor", "", date(2026, 12, 1)), e.HandoverAsked("o-1", "tell_status", "order"),
    e.HandedOver("o-1", "r"), e.HandoverRefused("o-1", "no"), chosen("refuse"), chosen("need_more"),
    chosen("escalate"), e.CaseClosed("tell_status"), e.CaseClosed("refuse"), e.CaseReopened("m-2"),
    e.WorkParked("understand", "OSError"), e.FactStated(fact("amount", "3.00"), "anna"), e.CaseErased("anna", "asked"),
)  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(
    tried=st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from([MACHINE, CUSTOMER, ANNA, SYSTEM])), max_size=25)
)
def test_any_life_of_a_case_can_be_followed(tried: list[Any]) -> None:
    stream = entries(opened(), said())
    now = fold(CASE_ID, stream)
    for event, actor in tried:
        try:
            check(now, event, actor)
        except NotAllowed:
            continue
        stream.append(Entry(now.version + 1, NOW, actor, event))
        now = apply(now, stream[-1])

    shown = tracking(shipped(), now, stream)

    states = [milestone.state for milestone in shown.milestones]
    order = {MilestoneState.DONE: 0, MilestoneState.SKIPPED: 0, MilestoneState.NOW: 1, MilestoneState.EXPECTED: 2}
    assert 1 <= shown.step_no <= shown.step_count == len(states)
    assert states.count(MilestoneState.NOW) == (0 if shown.closed else 1)
    assert [order[state] for state in states] == sorted(order[state] for state in states)
    assert shown.status_sentence
    assert shown.next
    assert TEXT not in shown.status_sentence


def test_the_vocabulary_of_a_view_is_text() -> None:
    assert all(
        isinstance(word, str) and not (isinstance(word, StrEnum) and word in Step) for word in words_of(view(opened()))
    )
