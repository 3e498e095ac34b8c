"""The next case: the most urgent one that a person may and can do, and nobody gets the same one as somebody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from queue_house import BOTH, HOUR, add_case, filled_house

from cases import events as e
from cases.people import User
from cases.vocabulary import Actor, Role, Step
from pipelines import hand
from pipelines.assigning import take_next
from pipelines.house import House

HANDLERS, EACH = 4, 5


@pytest.fixture(params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with filled_house(tmp_path, backend=request.param) as built:
        yield built


@pytest.fixture
def one_house(tmp_path: Path) -> Iterator[House]:
    with filled_house(tmp_path) as built:
        yield built


def person(house: House, name: str) -> User:
    with house.database.reading() as store:
        user = store.people.user(name)
    assert user is not None
    return user


def next_of(house: House, name: str, *besides: str) -> str | None:
    line = take_next(house, person(house, name), besides=besides)
    return line.reference if line else None


def by(name: str, event: e.Written) -> tuple[e.Written, Actor]:
    return event, Actor("person", name)


def test_handlers_at_once_never_get_the_same_case(house: House) -> None:
    references = {add_case(house, number, due=number * HOUR) for number in range(1, HANDLERS * EACH + 1)}
    together = Barrier(HANDLERS)

    def work(number: int) -> list[str]:
        user = User(f"handler{number}", (Role.HANDLER,), "", lines=("motor",))
        together.wait()
        got: list[str] = []
        for _ in range(EACH):
            line = take_next(house, user, besides=got)
            assert line is not None
            got.append(line.reference)
        return got

    with ThreadPoolExecutor(HANDLERS) as pool:
        taken = [reference for got in pool.map(work, range(HANDLERS)) for reference in got]

    assert len(taken) == len(references)
    assert set(taken) == references


def test_the_most_urgent_case_comes_first_and_is_assigned(one_house: House) -> None:
    add_case(one_house, 1, due=2 * HOUR)
    soon = add_case(one_house, 2, due=HOUR)
    danger = add_case(one_house, 3, due=9 * HOUR, danger=True)

    assert next_of(one_house, "anouk") == danger
    assert next_of(one_house, "bram") == soon
    with one_house.database.reading() as store:
        assert [store.queue.of_references([one])[one].assignee for one in (danger, soon)] == ["anouk", "bram"]


def test_an_own_case_is_answered_again_until_it_is_passed_over(one_house: House) -> None:
    first, second = add_case(one_house, 1, due=HOUR), add_case(one_house, 2, due=2 * HOUR)

    assert next_of(one_house, "anouk") == first
    assert next_of(one_house, "anouk") == first
    assert next_of(one_house, "anouk", first) == second


def test_what_sleeps_waits_elsewhere_or_belongs_to_others_is_passed_over(one_house: House) -> None:
    now = one_house.now()
    add_case(one_house, 1, by("noor", e.CaseSnoozed(now + HOUR, "noor")))
    add_case(one_house, 2, step=Step.REQUEST_INFO)
    add_case(one_house, 3, by("noor", e.CaseAssigned("bram", "noor")))
    add_case(one_house, 4, line_of_business="housing")
    held = add_case(one_house, 5)
    with one_house.database.writing() as store:
        assert store.desk.hold(store.case_id(held), "bram", now=now)

    assert next_of(one_house, "anouk") is None
    assert next_of(one_house, "ada") is None  # a data scientist decides nothing


def test_what_i_gave_back_today_goes_to_others(one_house: House) -> None:
    reference = add_case(one_house, 1)
    assert next_of(one_house, "anouk") == reference
    hand.assign(one_house, reference, None, person="anouk")

    assert next_of(one_house, "anouk") is None
    assert next_of(one_house, "bram") == reference


def test_skill_language_and_limit_of_money_are_heeded(one_house: House) -> None:
    add_case(one_house, 1, topic="theft", due=HOUR)
    add_case(one_house, 2, language="en", due=2 * HOUR)
    add_case(one_house, 3, amount="5000", due=3 * HOUR)
    fits = add_case(one_house, 4, amount="99.50", due=timedelta(days=3))
    anouk = replace(person(one_house, "anouk"), skills=("windscreen",), languages=("nl",))
    with one_house.database.writing() as store:
        store.people.change(replace(anouk, own_limit=Decimal(100)))

    assert next_of(one_house, "anouk") == fits


def test_a_second_look_is_not_given_to_who_decided_first(one_house: House) -> None:
    decided = by("anouk", e.HumanDecided("pay", "anouk", "covered"))
    closed = by("anouk", e.CaseClosed("pay"))
    again = (e.CaseReopened("", "second_look"), Actor("customer"))
    reference = add_case(one_house, 1, decided, closed, again)

    assert next_of(one_house, "anouk") is None
    assert next_of(one_house, "bram") == reference
