"""Somebody is left who can give rights, also when two take the role from each other at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cases.errors import CaseError
from cases.vocabulary import Actor, Role
from pipelines import staff
from pipelines.house import House
from pipelines.staff import Change
from pipelines.wiring import opened
from tests.homes import settings

ADMINISTRATOR, AUDITOR = Change(roles=(Role.ADMINISTRATOR,)), Change(roles=(Role.AUDITOR,))
TIMES = 5


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(settings(tmp_path_factory.mktemp("administered"))) as built:
        for name in ("root", "second"):
            staff.add_person(built, name, "hash", ADMINISTRATOR, by="test")
        yield built


def administrators(house: House) -> list[str]:
    with house.database.reading() as store:
        users = store.people.users()
    return [one.name for one in users if Role.ADMINISTRATOR in one.roles and one.disabled_at is None]


def test_of_two_who_take_the_role_from_each_other_at_once_one_keeps_it(house: House) -> None:
    for _ in range(TIMES):
        start = Barrier(2)

        def take(from_: str, by: str, *, start: Barrier = start) -> bool:
            start.wait()
            try:
                staff.change_person(house, from_, AUDITOR, by=by, actor=Actor("person", by))
            except CaseError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            taken = list(pool.map(take, ("root", "second"), ("second", "root")))

        assert sorted(taken) == [False, True]
        assert len(administrators(house)) == 1
        for name in ("root", "second"):
            staff.change_person(house, name, ADMINISTRATOR, by="test")


def test_of_two_who_bar_each_other_at_once_one_stays(house: House) -> None:
    start = Barrier(2)

    def bar(name: str, by: str) -> None:
        start.wait()
        staff.bar(house, name, by=by, actor=Actor("person", by))

    with ThreadPoolExecutor(2) as pool:
        refused = [
            future.exception() for future in [pool.submit(bar, "root", "second"), pool.submit(bar, "second", "root")]
        ]

    assert [type(one) for one in refused if one is not None] == [staff.LastAdministrator]
    assert len(administrators(house)) == 1
    for name in ("root", "second"):
        staff.let_in(house, name, by="test")


def test_a_refusal_leaves_no_event(house: House) -> None:
    staff.change_person(house, "second", AUDITOR, by="test")
    with house.database.reading() as store:
        before = store.heads(["access"])

    with pytest.raises(staff.LastAdministrator):
        staff.change_person(house, "root", AUDITOR, by="test")

    with house.database.reading() as store:
        assert store.heads(["access"]) == before
    staff.change_person(house, "second", ADMINISTRATOR, by="test")


def test_what_the_organisations_provider_takes_is_taken_also_from_the_last(house: House) -> None:
    for name in ("root", "second"):
        staff.follow_provider(house, name, AUDITOR, by="provider")

    assert administrators(house) == []
