"""What a colleague reads before it leaves: asked once, by the role that the journey names, never by who wrote it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import ANNA, NOW, chosen, enriched, opened, said, shipped, step, understood

from cases import events as e
from cases.approving import may_approve, role_asked, role_of, words_of
from cases.authority import check
from cases.case import Case, Entry, apply, fold
from cases.consequences import held_back
from cases.errors import NotAllowed
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Letter, Touchpoint
from cases.keeping import due_word
from cases.people import User
from cases.vocabulary import MACHINE, Actor, Effect, Role

BOB = Actor("person", "bob")
READ = (opened(), said(), understood(), enriched(), step())
TITLE = {"nl": "x", "en": "x"}


def folder(**approval: Role) -> JourneyFolder:
    """The shipped journey, with these letters to be approved."""
    journey = shipped().journey
    letters = {
        key: spec.model_copy(update={"approval": approval[key]}) if key in approval else spec
        for key, spec in journey.letters.items()
    }
    return replace(shipped(), journey=journey.model_copy(update={"letters": letters}))


def held_in(choice: str = "refuse", spec: JourneyFolder | None = None) -> Case:
    case = fold("case-1", [Entry(n, NOW, MACHINE, one) for n, one in enumerate(READ, 1)])
    decided = chosen(choice, message="It is not covered.")
    return grown(case, (held_back(case, decided, (), spec or folder(), leaves_at=NOW), ANNA))


def grown(case: Case, *events: tuple[e.Event, Actor]) -> Case:
    for event, actor in events:
        check(case, event, actor)
        case = apply(case, Entry(case.version + 1, NOW, actor, event))
    return case


def asked(case: Case) -> Case:
    return grown(case, (e.ApprovalAsked(case.held[0].seq, Role.LEAD), MACHINE))


def test_a_letter_says_who_approves_it_and_else_its_touchpoint_does() -> None:
    heavy = Touchpoint(title=TITLE, department="claims", approval="team_lead")
    letters = {
        "own": Letter(effect=Effect.INFORM, subject=TITLE, approval=Role.EXPERT, touchpoint="heavy"),
        "its": Letter(effect=Effect.INFORM, subject=TITLE, touchpoint="heavy"),
        "free": Letter(effect=Effect.INFORM, subject=TITLE),
    }
    journey = shipped().journey.model_copy(update={"letters": letters, "touchpoints": {"heavy": heavy}})

    assert [role_of(key, journey) for key in (*letters, "gone")] == [Role.EXPERT, Role.LEAD, None, None]


@pytest.mark.parametrize(
    ("choice", "role"), [("refuse", Role.LEAD), ("need_more", Role.EXPERT), ("escalate", None), ("answer", None)]
)
def test_what_a_decision_sends_says_who_approves_it(choice: str, role: Role | None) -> None:
    journey = folder(refuse=Role.LEAD, ask=Role.EXPERT).journey

    assert role_asked(e.DecisionHeld(chosen(choice), NOW), journey) == role


def test_a_letter_that_is_held_says_who_approves_it() -> None:
    letter = e.LetterWritten("l-1", "free", Effect.INFORM, "en", "jo@example.org", "", "", "anna", free_text=True)

    assert role_asked(e.LetterHeld(letter, NOW), folder(free=Role.LEAD).journey) is Role.LEAD


def test_what_waits_for_approval_does_not_leave_before_and_leaves_after() -> None:
    waits = asked(held_in())
    seq = waits.held[0].seq

    with pytest.raises(NotAllowed, match="approval"):
        check(waits, e.Released(seq), MACHINE)

    assert grown(waits, (e.LetterApproved(seq, "bob"), BOB), (e.Released(seq), MACHINE)).held == ()


def test_who_wrote_it_neither_approves_it_nor_sends_it_back_but_may_take_it_back() -> None:
    waits = asked(held_in())
    seq = waits.held[0].seq

    for event in (e.LetterApproved(seq, "anna"), e.TakenBack(seq, "anna", "sent_back", "no")):
        with pytest.raises(NotAllowed, match="yourself"):
            check(waits, event, ANNA)
    assert grown(waits, (e.TakenBack(seq, "anna"), ANNA)).kept_back == ()


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        (e.LetterApproved(99, "bob"), BOB),
        (e.LetterApproved(6, "bob"), ANNA),
        (e.LetterApproved(6, "bob"), MACHINE),
        (e.ApprovalAsked(6, Role.LEAD), BOB),
        (e.ApprovalAsked(6, Role.LEAD), MACHINE),
        (e.ApprovalAsked(99, Role.LEAD), MACHINE),
    ],
)
def test_nobody_approves_in_anothers_name_or_asks_twice(event: e.Event, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        check(asked(held_in()), event, actor)


def test_nothing_is_approved_that_nobody_was_asked_about() -> None:
    case = held_in()

    with pytest.raises(NotAllowed, match="nobody was asked"):
        check(case, e.LetterApproved(case.held[0].seq, "bob"), BOB)


def test_what_is_sent_back_lies_before_its_writer_with_the_reason() -> None:
    waits = asked(held_in())

    case = grown(waits, (e.TakenBack(waits.held[0].seq, "bob", "sent_back", "too short"), BOB))

    [back] = case.kept_back
    assert (case.held, back.sent_back_by, back.sent_back_because) == ((), "bob", "too short")
    assert (back.writer, back.waits_for_approval) == ("anna", True)


def test_an_approval_of_what_has_left_changes_nothing() -> None:
    case = held_in()

    assert apply(case, Entry(99, NOW, BOB, e.LetterApproved(98, "bob"))).held == case.held


def test_a_colleague_of_that_role_and_line_may_approve_and_nobody_else() -> None:
    waits = asked(held_in())
    lead = User("bob", (Role.LEAD,), "", ("general",))

    assert may_approve(lead, waits.held[0], "general")
    assert not may_approve(lead, waits.held[0], "motor")
    assert not may_approve(replace(lead, roles=(Role.HANDLER,)), waits.held[0], "general")
    assert not may_approve(replace(lead, name="anna"), waits.held[0], "general")
    assert not may_approve(replace(lead, disabled_at=NOW), waits.held[0], "general")
    assert not may_approve(lead, held_in().held[0], "general")


def test_the_colleague_reads_the_letter_as_it_would_leave_also_when_an_order_goes_first() -> None:
    refusal, grant = held_in(), held_in(ordered())

    assert [one.letter for one in words_of(refusal, refusal.held[0], folder())] == ["refuse"]
    assert [one.letter for one in words_of(grant, grant.held[0], folder())] == [
        shipped().journey.options[ordered()].letter
    ]


def ordered() -> str:
    """An option that an order goes with."""
    return next(key for key, option in shipped().journey.options.items() if option.handover)


def test_there_is_nothing_to_read_once_the_words_would_be_others_or_of_what_sends_nothing() -> None:
    refusal, passed_on = held_in(), held_in("escalate")
    changed = replace(refusal, sender="other@example.org")

    assert words_of(changed, refusal.held[0], folder()) == []
    assert words_of(passed_on, passed_on.held[0], folder()) == []


def test_while_a_colleague_reads_a_promise_that_passes_is_not_kept_silent() -> None:
    held = asked(held_in())
    late = NOW + timedelta(days=30)
    promised = replace(held, update_by=NOW)

    assert due_word(promised, [], shipped(), at=late.replace(hour=10)) != []
