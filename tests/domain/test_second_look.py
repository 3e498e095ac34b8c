"""A second look has a date, and whoever ends it tells what they found."""

from datetime import timedelta

from builders import NOW, case, chosen, enriched, entries, opened, said, shipped, step, understood

from cases import consequences
from cases import events as e
from cases.case import Case, apply

BY = NOW + timedelta(days=5)
AGAIN = e.CaseReopened("", "second_look", BY)
DECIDED = (opened(), said(), understood(), enriched(), step(), chosen("tell_status"), e.CaseClosed("tell_status"))
OPENING = "You asked us to look again"


def letter_of(choice: str, message: str, *again: e.Event) -> e.LetterWritten:
    known = case(*DECIDED, *again)
    decided = chosen(choice, message=message, update_by=BY)
    return next(
        event
        for event in consequences.carried_out(known, decided, (), shipped(), at=NOW)
        if isinstance(event, e.LetterWritten)
    )


def after(*events: e.Event) -> Case:
    return case(*DECIDED, *events)


def test_it_promises_by_when_the_customer_hears() -> None:
    assert (after().update_by, after(AGAIN).update_by) == (None, BY)
    assert after(AGAIN, e.CaseReopened("m-2")).update_by == BY


def test_it_lasts_until_the_case_is_closed_again() -> None:
    assert after(AGAIN).looks_again
    assert after(AGAIN, e.CaseReopened("m-2")).looks_again
    assert not after(e.CaseReopened("m-2")).looks_again
    assert not after(AGAIN, chosen("tell_status"), e.CaseClosed("tell_status")).looks_again


def test_whichever_letter_ends_it_tells_what_was_found_under_the_salutation() -> None:
    found = letter_of("tell_status", "The date was wrong. ", AGAIN)
    first = letter_of("tell_status", "The date was wrong.", e.CaseReopened("m-2"))

    salutation, opening, told, *_ = found.body.split("\n\n")
    assert salutation.endswith(",")
    assert opening.startswith(OPENING)
    assert told == "The date was wrong."
    assert found.free_text
    assert OPENING not in first.body


def test_what_the_letter_holds_already_is_not_said_twice() -> None:
    body = letter_of("refuse", "The damage is older than the policy.", AGAIN).body

    assert body.count("The damage is older than the policy.") == 1
    assert OPENING in body


def test_a_question_on_the_way_is_no_result() -> None:
    assert OPENING not in letter_of("need_more", "Which date was it?", AGAIN).body


def test_an_older_second_look_without_a_date_reads_as_before() -> None:
    history = entries(*DECIDED, e.CaseReopened("", "second_look"))

    assert apply(case(*DECIDED), history[-1]).update_by is None
