"""Who acts for a customer, as far as events tell: named, over, withdrawn, and never by the machine's own will."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from builders import ANNA, CASE_ID, NOW, opened, photo, said
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.answering import answers
from cases.authority import MOST_REPRESENTATIVES, check
from cases.case import Case, Entry, apply, fold
from cases.errors import NotAllowed
from cases.journey_spec import RequestSpec
from cases.parties import Part, parties
from cases.representing import acting, copies, living, moved, over
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Access, Actor, ActsAs, RequestKind

DAY = timedelta(days=1)
EVA = e.RepresentativeNamed(
    "rep-1", "link-2", "Eva Smit", "eva@example.org", ActsAs.LAWYER, Access.ANSWER, NOW + 3 * DAY, copies=True
)
BEN = replace(EVA, representative="rep-2", link_id="link-3", name="Ben", address="ben@example.org", copies=False)
GONE = e.RepresentativeWithdrawn("rep-1")


def after(*events: e.Event) -> Case:
    entries = [Entry(n, NOW, CUSTOMER, event) for n, event in enumerate((opened(), said(), *events), start=1)]
    return fold(CASE_ID, entries)


def test_who_is_named_acts_by_their_own_link_until_it_is_over() -> None:
    case = after(EVA)

    assert acting(case, "link-2", NOW) == EVA
    assert acting(case, "link-1", NOW) is None
    assert acting(case, "link-2", EVA.until - timedelta(microseconds=1)) == EVA
    assert acting(case, "link-2", EVA.until) is None
    assert living(case, EVA.until) == ()


def test_what_is_over_leaves_its_place_and_what_moves_on_takes_nobody_along() -> None:
    case = after(EVA, replace(BEN, until=NOW + 9 * DAY))

    assert over(case, EVA.until) == [e.RepresentativeWithdrawn("rep-1", "over")]
    assert [one.representative for one in moved(case, "anna")] == ["rep-1", "rep-2"]
    assert after(EVA, GONE).representatives == ()


def test_copies_go_to_those_who_get_them() -> None:
    case = after(EVA, BEN)

    assert copies(case, ["case-1.2", "case-1.3"], NOW) == [
        e.CopyAsked("rep-1", "case-1.2"),
        e.CopyAsked("rep-1", "case-1.3"),
    ]
    assert copies(case, ["case-1.2"], EVA.until) == []
    assert after(EVA, e.CopyAsked("rep-1", "l"), e.RepresentativeMailed("rep-1")).representatives == (EVA,)


def test_a_renewed_link_is_the_one_that_letters_hold() -> None:
    assert after(e.LinkRenewed("link-9")).link_id == "link-9"


def test_colleagues_see_them_as_who_they_are_and_by_what_they_write() -> None:
    written = replace(said(id_="m-2"), sender="EVA@example.org", sender_name="Eva Smit")

    found = parties(after(EVA, written))

    assert [(one.part, one.name, one.channel) for one in found] == [
        (Part.CLAIMANT, "Jo Smit", "email"),
        (Part.REPRESENTATIVE, "Eva Smit", "email"),
    ]


@pytest.mark.parametrize(
    ("event", "actor", "why"),
    [
        (EVA, MACHINE, "the customer does that"),
        (EVA, SYSTEM, "the customer does that"),
        (EVA, ANNA, "in their own name"),
        (replace(EVA, by="ben"), ANNA, "in their own name"),
        (replace(EVA, address="JO@example.org"), CUSTOMER, "withdraw that first"),
        (replace(EVA, address="Ben@Example.org"), CUSTOMER, "withdraw that first"),
        (GONE, CUSTOMER, "nobody of that name"),
        (replace(GONE, representative="rep-2"), MACHINE, "the customer asks for that"),
        (replace(GONE, representative="rep-2"), ANNA, "in their own name"),
    ],
)
def test_what_nobody_may_do_about_representatives(event: e.Event, actor: Actor, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        check(after(BEN), event, actor)


def test_customers_and_people_in_their_own_name_name_and_withdraw() -> None:
    case = after(BEN)

    for actor, by in ((CUSTOMER, ""), (ANNA, "anna")):
        check(case, replace(EVA, by=by), actor)
        check(case, e.RepresentativeWithdrawn("rep-2", by=by), actor)
    check(case, e.RepresentativeWithdrawn("rep-2", "over"), SYSTEM)


def test_no_more_have_access_than_a_customer_can_oversee() -> None:
    many = [
        replace(EVA, representative=f"rep-{n}", link_id=f"l-{n}", address=f"{n}@example.org")
        for n in range(MOST_REPRESENTATIVES)
    ]

    with pytest.raises(NotAllowed, match="withdraw one first"):
        check(after(*many), BEN, CUSTOMER)


MOVES = st.lists(st.tuples(st.sampled_from(["name", "withdraw", "wait", "move"]), st.integers(0, 4)), max_size=25)


@given(MOVES)
def test_whatever_happens_only_a_link_that_was_given_and_not_ended_opens_anything(moves: list[tuple[str, int]]) -> None:
    case, at, open_links = after(), NOW, dict[str, datetime]()
    for step, (move, which) in enumerate(moves):
        written: list[e.Event] = []
        id_ = f"rep-{which}"
        match move:
            case "wait":
                at += which * DAY
            case "move":
                written = list(moved(case, "anna"))
                open_links.clear()
            case "withdraw":
                written = [e.RepresentativeWithdrawn(id_)] if f"link-{id_}" in open_links else []
                open_links.pop(f"link-{id_}", None)
            case _:
                written = [*over(case, at)]
                if id_ not in {one.representative for one in living(case, at)}:
                    written.append(replace(EVA, representative=id_, link_id=f"link-{id_}", until=at + 2 * DAY))
                    open_links[f"link-{id_}"] = at + 2 * DAY
        for event in written:
            case = apply(case, Entry(step + 10, at, CUSTOMER, event))

        for which_link in range(5):
            link = f"link-rep-{which_link}"
            opens = link in open_links and open_links[link] > at
            assert (acting(case, link, at) is not None) == opens


SIGNING = e.RequestItem("truth", RequestKind.SIGNATURE)
PHOTO = e.RequestItem("photo", RequestKind.PHOTO)
WORDS = "I told the truth."
SIGNED = e.StatementSigned("truth", WORDS, sha256(WORDS.encode()).hexdigest(), "en", "Jo Smit")


def test_a_statement_is_signed_by_the_customer_as_it_stands_and_while_it_is_asked_for() -> None:
    case = after(e.RequestMade((SIGNING, PHOTO), NOW.date()))

    check(case, SIGNED, CUSTOMER)
    assert after(SIGNED).signed == (SIGNED,)
    for event, actor, why in (
        (SIGNED, ANNA, "only the customer signs"),
        (replace(SIGNED, request="photo"), CUSTOMER, "nobody waits"),
        (replace(SIGNED, statement=f"{WORDS} Mostly."), CUSTOMER, "another statement"),
    ):
        with pytest.raises(NotAllowed, match=why):
            check(case, event, actor)


@pytest.mark.parametrize(
    ("sent_for", "answered"),
    [("", ("photo",)), ("photo", ("photo",)), ("truth", ("truth",)), ("gone", ("photo",))],
)
def test_a_file_answers_what_it_was_sent_for_and_a_signature_only_so(sent_for: str, answered: tuple[str, ...]) -> None:
    case = after(e.RequestMade((SIGNING, PHOTO), NOW.date()))

    message = replace(said("", id_="m-2", files=[photo()]), request=sent_for)

    assert answers(case, message) == [e.RequestAnswered(answered, "m-2")]


def test_a_request_for_a_signature_has_a_statement_and_no_other_has_one() -> None:
    words = {"en": "Sign this"}

    RequestSpec(kind=RequestKind.SIGNATURE, title=words, text=words, statement=words)
    for kind, statement in ((RequestKind.SIGNATURE, None), (RequestKind.PHOTO, words)):
        with pytest.raises(ValueError, match="has a statement"):
            RequestSpec(kind=kind, title=words, text=words, statement=statement)
