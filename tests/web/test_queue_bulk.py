"""Many cases at once: told before, done one by one, each result told, and taken back for a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from queue_house import HOUR, add_case, clock, house, one_house
from web_house import Clock

from cases import events as e
from cases.errors import NotAllowed
from cases.people import User
from cases.store.queue import CaseLine
from cases.vocabulary import Actor
from pipelines import hand
from pipelines.bulk import MOST, UNDO, Act, Hand, Item, Order, Picked, Result, carry_out, rehearse, take_back
from pipelines.house import House

__all__ = ["clock", "house", "one_house"]

TO_BRAM, TO_ANOUK, RELEASE = Order(Act.ASSIGN, "bram"), Order(Act.ASSIGN, "anouk"), Order(Act.RELEASE)


def of(house: House, name: str) -> Hand:
    with house.database.reading() as store:
        user = store.people.user(name)
    assert user is not None
    return Hand(user, leads=name == "noor")


def line(house: House, reference: str) -> CaseLine:
    with house.database.reading() as store:
        return store.queue.of_references([reference])[reference]


def picked(*references: str) -> list[Picked]:
    return [Picked(reference) for reference in references]


def results(items: tuple[Item, ...]) -> list[Result]:
    return [item.result for item in items]


def test_what_is_told_before_is_what_happens_and_each_case_has_its_result(house: House) -> None:
    free = add_case(house, 1)
    brams = add_case(house, 2, (e.CaseAssigned("bram", "noor"), Actor("person", "noor")))
    closed = add_case(house, 3, *_closed())
    foreign = add_case(house, 4, line_of_business="housing")
    chosen = picked(free, brams, closed, foreign, "C-2026-999999", free)

    told = rehearse(house, of(house, "noor"), TO_BRAM, chosen)
    assert line(house, free).assignee is None
    done = carry_out(house, of(house, "noor"), TO_BRAM, chosen)

    expected = [Result.DONE, Result.UNCHANGED, Result.CLOSED, Result.MISSING, Result.MISSING]
    assert results(told) == results(done.items) == expected
    assert line(house, free).assignee == "bram"
    assert line(house, foreign).assignee is None
    with house.database.reading() as store:
        assert isinstance(store.history("case-000001")[-1].event, e.CaseAssigned)
        assert len(store.history("case-000002")) == 5


def _closed() -> list[tuple[e.Written, Actor]]:
    anouk = Actor("person", "anouk")
    return [(e.HumanDecided("pay", "anouk", "covered"), anouk), (e.CaseClosed("pay"), anouk)]


def test_handlers_take_cases_and_give_their_own_back_but_not_those_of_others(one_house: House) -> None:
    free, taken = add_case(one_house, 1), add_case(one_house, 2)
    hand.assign(one_house, taken, "bram", person="noor")
    anouk, both = of(one_house, "anouk"), picked(free, taken)
    tomorrow = Order(Act.SNOOZE, until=one_house.now() + timedelta(days=1))

    assert results(rehearse(one_house, anouk, TO_BRAM, both)) == [Result.NOT_YOURS, Result.UNCHANGED]
    assert rehearse(one_house, anouk, RELEASE, both)[1] == Item(taken, Result.NOT_YOURS, "bram")
    assert results(rehearse(one_house, anouk, tomorrow, both)) == [Result.DONE, Result.NOT_YOURS]
    assert results(carry_out(one_house, anouk, TO_ANOUK, both).items) == [Result.DONE, Result.DONE]
    assert results(carry_out(one_house, anouk, RELEASE, both).items) == [Result.DONE, Result.DONE]


def test_a_case_that_somebody_else_took_since_it_was_shown_is_left_to_them(one_house: House) -> None:
    reference, other = add_case(one_house, 1), add_case(one_house, 2)
    shown = [Picked(one, line(one_house, one).version) for one in (reference, other)]
    hand.assign(one_house, reference, "bram", person="bram")
    hand.add_note(one_house, other, "Called.", person="bram")  # changes nothing about whose it is

    done = carry_out(one_house, of(one_house, "anouk"), TO_ANOUK, shown)

    assert done.items == (Item(reference, Result.OVERTAKEN, "bram"), Item(other, Result.DONE))
    assert line(one_house, reference).assignee == "bram"


def test_an_act_is_taken_back_as_it_was_case_by_case(house: House) -> None:
    free, taken, moved = (add_case(house, number) for number in (1, 2, 3))
    hand.assign(house, taken, "anouk", person="anouk")
    noor = of(house, "noor")
    done = carry_out(house, noor, TO_BRAM, picked(free, taken, moved))
    hand.assign(house, moved, "anouk", person="anouk")

    back = take_back(house, noor, done.act)

    assert back == (Item(free, Result.DONE), Item(taken, Result.DONE), Item(moved, Result.OVERTAKEN, "anouk"))
    assert [line(house, one).assignee for one in (free, taken, moved)] == [None, "anouk", "anouk"]
    assert take_back(house, noor, done.act) == ()  # once


def test_cases_put_aside_come_back_when_that_is_undone(one_house: House) -> None:
    awake, asleep = add_case(one_house, 1), add_case(one_house, 2)
    before = one_house.now() + timedelta(days=9)
    hand.snooze(one_house, asleep, before, person="anouk")
    anouk = of(one_house, "anouk")
    done = carry_out(
        one_house, anouk, Order(Act.SNOOZE, until=one_house.now() + timedelta(days=1)), picked(awake, asleep)
    )

    assert results(take_back(one_house, anouk, done.act)) == [Result.DONE, Result.DONE]
    woken = line(one_house, awake).snoozed_until
    assert woken is not None
    assert woken <= one_house.now()
    assert line(one_house, asleep).snoozed_until == before


def test_a_case_that_waited_for_a_reply_waits_for_it_again_when_putting_it_aside_is_undone(one_house: House) -> None:
    reference, anouk = add_case(one_house, 1), of(one_house, "anouk")
    hand.snooze(one_house, reference, one_house.now() + timedelta(days=9), person="anouk", wakes="reply")
    done = carry_out(one_house, anouk, Order(Act.SNOOZE, until=one_house.now() + HOUR), picked(reference))

    assert results(take_back(one_house, anouk, done.act)) == [Result.DONE]
    with one_house.database.reading() as store:
        assert store.case(line(one_house, reference).id).wakes == "reply"


def test_a_case_that_a_decision_is_about_to_leave_is_not_put_aside(one_house: House) -> None:
    held = e.DecisionHeld(e.HumanDecided("refuse", "anouk", "not covered"), one_house.now() + HOUR)
    leaving, other = add_case(one_house, 1, (held, Actor("person", "anouk"))), add_case(one_house, 2)
    order = Order(Act.SNOOZE, until=one_house.now() + timedelta(days=1))

    told = rehearse(one_house, of(one_house, "anouk"), order, picked(leaving, other))
    done = carry_out(one_house, of(one_house, "anouk"), order, picked(leaving, other))

    assert results(told) == results(done.items) == [Result.LEAVING, Result.DONE]
    assert line(one_house, leaving).snoozed_until == held.leaves_at


def test_nobody_else_takes_an_act_back_and_nobody_after_a_minute(one_house: House, clock: Clock) -> None:
    reference = add_case(one_house, 1)
    noor = of(one_house, "noor")
    done = carry_out(one_house, noor, TO_BRAM, picked(reference))

    assert take_back(one_house, of(one_house, "anouk"), done.act) == ()
    clock.ahead = UNDO + timedelta(seconds=5)
    assert take_back(one_house, noor, done.act) == ()
    assert line(one_house, reference).assignee == "bram"


def test_two_who_assign_the_same_cases_at_once_leave_each_with_one_owner_and_every_case_told(house: House) -> None:
    references = [add_case(house, number, due=number * HOUR) for number in range(1, 31)]
    shown = [Picked(one, line(house, one).version) for one in references]
    together = Barrier(2)

    def take(name: str) -> tuple[Item, ...]:
        mine = of(house, name)
        together.wait()
        return carry_out(house, mine, Order(Act.ASSIGN, name), shown).items

    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(("anouk", "bram"), pool.map(take, ("anouk", "bram")), strict=True))

    for place, reference in enumerate(references):
        owner = line(house, reference).assignee
        for name, items in told.items():
            assert items[place].result is (Result.DONE if name == owner else Result.OVERTAKEN)


@pytest.mark.parametrize(
    "order",
    [
        Order(Act.ASSIGN, "nobody"),
        Order(Act.ASSIGN, "ada"),  # a data scientist handles no cases
        Order(Act.SNOOZE),
        Order(Act.SNOOZE, until=Clock()() - HOUR),
    ],
)
def test_an_order_that_fits_no_case_is_refused_whole(one_house: House, order: Order) -> None:
    reference = add_case(one_house, 1)

    with pytest.raises(NotAllowed):
        carry_out(one_house, of(one_house, "noor"), order, picked(reference))


def test_a_colleague_of_another_line_is_given_nothing(one_house: House) -> None:
    reference = add_case(one_house, 1)

    assert results(rehearse(one_house, of(one_house, "noor"), Order(Act.ASSIGN, "sam"), picked(reference))) == [
        Result.NOT_THEIRS
    ]


def test_more_than_a_thousand_are_refused_and_nothing_is_touched(one_house: House) -> None:
    reference = add_case(one_house, 1)
    many = picked(reference, *(f"C-2025-{number:06d}" for number in range(MOST)))

    with pytest.raises(NotAllowed, match="1000 is the most"):
        carry_out(one_house, Hand(User("x", (), ""), leads=True), TO_BRAM, many)
    assert line(one_house, reference).assignee is None
