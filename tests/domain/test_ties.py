"""Merged, split and linked cases, as the events of each tell: who may tie them, and what that changes."""

from datetime import date, timedelta

import pytest
from builders import ANNA, NOW, case, chosen, fact, opened, photo, said, shipped, sign, step, understood

from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, apply
from cases.clocks import clocks_of
from cases.consequences import of_step
from cases.decision_file import build_of
from cases.errors import NotAllowed
from cases.journey import tracking
from cases.steps import would_close
from cases.ties import UNTIED
from cases.vocabulary import CUSTOMER, MACHINE, Actor, RequestKind, Status, Step

READ = (opened(), said(), understood(facts=(fact("licence_plate", "AB123C"),)), e.Enriched(), step(Step.EXPERT))
MERGED = e.CaseMerged("case-2", "C-2026-000002", "anna")
JOINED = e.MergedIn("case-3", "C-2026-000003", "anna")
BOB = Actor("person", "bob")


def after(known: Case, *events: e.Event) -> Case:
    for event in events:
        known = apply(known, Entry(known.version + 1, NOW, ANNA, event))
    return known


# --- merged -----------------------------------------------------------------------------------------------------------


def test_a_merged_case_stands_still_and_stands_again_where_it_stood() -> None:
    known = case(*READ)

    merged = after(known, MERGED)
    apart = after(merged, e.MergeTakenBack("case-2", "anna"))

    assert (merged.status, merged.by_itself, merged.awaits_audit) == (Status.CLOSED, Status.WITH_EXPERT, False)
    assert clocks_of(merged, shipped().journey) == ()
    assert clocks_of(apart, shipped().journey) == clocks_of(known, shipped().journey)
    assert (apart.status, apart.by_itself, apart.ties, apart.timing) == (known.status, None, UNTIED, known.timing)


def test_what_nobody_had_read_when_it_was_merged_lies_with_a_person_afterwards() -> None:
    unread = after(case(opened(), said()), MERGED, e.MergeTakenBack("case-2", "anna"))
    written = after(case(*READ, e.RequestMade((), date(2026, 12, 1))), MERGED, said(id_="m-2"))

    assert unread.status is Status.WITH_EXPERT
    assert written.status is Status.CLOSED
    assert after(written, e.MergeTakenBack("case-2", "anna")).status is Status.WITH_EXPERT


@pytest.mark.parametrize("event", [chosen(), e.FactStated(fact("a", "b"), "anna"), e.CaseReopened("m-1"), MERGED])
def test_in_a_merged_case_nobody_acts(event: e.Event) -> None:
    with pytest.raises(NotAllowed, match="it goes on in C-2026-000002"):
        check(after(case(*READ), MERGED), event, ANNA)


@pytest.mark.parametrize(
    ("event", "actor"),
    [(said(id_="m-2"), CUSTOMER), (understood(), MACHINE), (e.LetterSent("l", "m", "smtp"), MACHINE)],
)
def test_what_its_customer_says_and_what_had_left_still_arrives_there(event: e.Event, actor: Actor) -> None:
    check(after(case(*READ), MERGED), event, actor)


def test_the_other_case_is_told_by_the_machine() -> None:
    joined = after(case(*READ), JOINED)

    check(joined, e.MergedHeard("case-3", "m-9"), MACHINE)

    assert after(joined, e.MergedHeard("case-3", "m-9")).said_seq == joined.version + 1


def test_a_word_in_a_merged_case_counts_as_one_in_the_other() -> None:
    held = after(
        case(*READ), JOINED, e.CaseSnoozed(NOW + timedelta(days=2), "anna"), e.DecisionHeld(chosen("refuse"), NOW)
    )
    asleep = after(case(*READ), JOINED, e.CaseSnoozed(NOW + timedelta(days=2), "anna"))

    heard = after(held, e.MergedHeard("case-3", "m-9"))
    urgent = after(asleep, e.MergedHeard("case-9", "m-9", danger=True), e.MergedHeard("case-3", "m-9", danger=True))

    assert (heard.held, len(heard.kept_back), heard.human, heard.status) == ((), 1, None, Status.WITH_EXPERT)
    assert (urgent.ties.danger, urgent.woke, urgent.snoozed_until) == (True, "danger", None)
    closed = after(case(*READ), JOINED, chosen(), e.CaseClosed("answer"), e.MergedHeard("case-3", "m-9"))
    assert closed.status is Status.CLOSED


def test_a_sooner_promise_is_taken_over_and_given_back_unless_another_was_made_since() -> None:
    known = case(*READ)
    soon = NOW + timedelta(hours=1)
    joined = after(known, e.MergedIn("case-3", "C-3", "anna", update_by=soon, update_before=known.update_by))
    promised = after(joined, chosen("need_more", update_by=NOW + timedelta(days=9)))
    back = e.MergeTakenBack("case-3", "anna")

    assert (joined.update_by, joined.timing.promised_at) == (soon, NOW)
    assert after(joined, back).update_by == known.update_by
    assert after(promised, back).update_by == promised.update_by


# --- the machine stays out ------------------------------------------------------------------------------------------


def test_the_machine_neither_closes_nor_asks_in_what_people_put_together() -> None:
    joined = after(case(opened(), said(), understood(), e.Enriched()), JOINED)
    stale = after(case(*READ[:-1], step(Step.REQUEST_INFO)), JOINED)

    for kind in (Step.AUTO_CLOSE, Step.REQUEST_INFO):
        with pytest.raises(NotAllowed, match="put it together"):
            check(joined, step(kind), MACHINE)
    with pytest.raises(NotAllowed, match="put it together"):
        check(stale, e.RequestMade((e.RequestItem("damage_photos", RequestKind.PHOTO),), date(2026, 12, 1)), MACHINE)
    assert would_close(joined, shipped()) is None
    check(joined, step(Step.EXPERT), MACHINE)


# --- who may ----------------------------------------------------------------------------------------------------------

SPLIT = e.CaseSplit("case-4", "C-2026-000004", ("m-2",), (), "anna")
LINKED = e.CaseLinked("case-5", "C-2026-000005", "parent", "anna")
TWO = (*READ, said(id_="m-2"))
REFUSED: list[tuple[tuple[e.Event, ...], e.Event, str]] = [
    ((*READ, JOINED), MERGED, "C-2026-000003 goes on in it"),
    ((*READ, chosen()), MERGED, "has been decided"),
    ((*READ, e.DecisionHeld(chosen(), NOW)), JOINED, "take it back first"),
    ((*READ, chosen(), e.CaseClosed("answer")), JOINED, "has been decided"),
    (READ, e.CaseSplit("case-4", "C-4", ("m-1",), (), "anna"), "leave at least one"),
    (READ, e.MergedHeard("case-3", "m-9"), "does not go on in this one"),
    (READ, e.MergeTakenBack("case-3", "anna"), "no merge with that case"),
    (READ, e.SplitOff("case-2", "C-2", ("m-1",), "anna"), "only a new case"),
    (READ, e.SplitTakenBack("case-4", "anna"), "no such case was split off"),
    ((*READ, LINKED), LINKED, "linked so already"),
    ((*READ, LINKED), e.CaseLinked("case-6", "C-6", "parent", "anna"), "is its parent"),
    (READ, e.LinkRemoved("case-5", "parent", "anna"), "no such link"),
]


@pytest.mark.parametrize(("events", "event", "why"), REFUSED)
def test_what_cannot_be_tied_says_why(events: tuple[e.Event, ...], event: e.Event, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        check(case(*events), event, ANNA)


ALLOWED: list[tuple[tuple[e.Event, ...], e.Event]] = [
    (READ, MERGED), (READ, JOINED), ((*READ, JOINED), e.MergeTakenBack("case-3", "anna")), (TWO, SPLIT),
    ((*TWO, SPLIT), e.SplitTakenBack("case-4", "anna")), (READ, LINKED),
    ((*READ, LINKED), e.LinkRemoved("case-5", "parent", "anna")), ((opened(),), e.SplitOff("c", "C", (), "anna")),
]  # fmt: skip


@pytest.mark.parametrize(("events", "event"), ALLOWED)
def test_people_tie_cases_in_their_own_name_and_nobody_else_does(events: tuple[e.Event, ...], event: e.Event) -> None:
    check(case(*events), event, ANNA)

    for other in (BOB, MACHINE, CUSTOMER):
        with pytest.raises(NotAllowed):
            check(case(*events), event, other)


# --- split ------------------------------------------------------------------------------------------------------------


def test_what_was_split_off_is_nowhere_in_the_case_until_it_comes_back() -> None:
    second = said("A second thing", id_="m-2", files=(photo(id="m-2.f1"), photo(id="m-2.f2")))
    whole = case(*READ, second)

    parted = after(whole, e.CaseSplit("case-4", "C-4", ("m-2",), (), "anna"))
    later = after(parted, said("A third", id_="m-3"))

    assert [message.message_id for message in later.messages] == ["m-1", "m-3"]
    assert parted.files == ()
    assert (parted.ties.regrouped, parted.ties.kin) == (True, ("case-4",))
    back = after(later, e.SplitTakenBack("case-4", "anna"))
    assert [message.message_id for message in back.messages] == ["m-1", "m-2", "m-3"]
    assert back.ties.kin == ("case-4",)


def test_a_single_file_goes_and_its_message_stays_for_experts_and_customers() -> None:
    events = (*READ, said("Look", id_="m-2", files=(photo(id="m-2.f1"), photo(id="m-2.f2", name="other.jpg"))))
    parted = after(case(*events), e.CaseSplit("case-4", "C-4", ("m-1",), ("m-2.f1",), "anna"))
    happened = [Entry(n, NOW, ANNA, event) for n, event in enumerate(events, 1)]

    file = build_of(shipped(), parted, happened, language="en")
    shown = tracking(shipped(), parted, happened).messages

    assert [known.id for known in parted.files] == ["m-2.f2"]
    assert b"m-2.f2" in file
    assert b'"files":["m-2.f1' not in file
    assert [(message.text, [known.name for known in message.files]) for message in shown] == [("Look", ["other.jpg"])]


@pytest.mark.parametrize("told", [True, False])
def test_the_customer_hears_of_the_new_case_only_when_that_was_chosen(*, told: bool) -> None:
    new = case(
        opened(), e.SplitOff("case-1", "C-1", ("m-1",), "anna", told), said(), understood(), e.Enriched(), step()
    )

    letters = of_step(new, step(), shipped(), at=NOW)

    assert bool(letters) is told


def test_a_case_whose_split_was_taken_back_keeps_only_what_it_got_since_and_stays_there() -> None:
    new = case(opened(), e.SplitOff("case-9", "C-9", ("m-1",), "anna"), said(), said("New", id_="m-5"), understood())

    returned = after(new, e.CaseMerged("case-9", "C-9", "anna"))

    assert [message.message_id for message in returned.messages] == ["m-5"]
    with pytest.raises(NotAllowed, match="split anew"):
        check(returned, e.MergeTakenBack("case-9", "anna"), ANNA)


# --- linked -----------------------------------------------------------------------------------------------------------


def test_a_link_changes_nothing_else_and_goes_without_a_trace_in_the_state() -> None:
    known = case(*READ)

    linked = after(
        known, LINKED, e.CaseLinked("case-6", "C-6", "related", "anna"), e.CaseLinked("c", "C", "child", "a")
    )
    left = after(linked, e.LinkRemoved("case-5", "parent", "anna"))

    assert linked.ties.parent == LINKED
    assert (linked.status, linked.ties.regrouped) == (known.status, False)
    assert ([one.case for one in left.ties.linked], left.ties.parent) == (["case-6", "c"], None)


def test_a_dangerous_case_stays_so_when_merged() -> None:
    assert after(case(*READ, understood(dangers=(sign(),))), MERGED).dangers
