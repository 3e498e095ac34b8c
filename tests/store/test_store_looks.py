"""What is new to a person in a case: what its customer sent since that person opened it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from store_builders import HANDLER, NOW, decided, opened, said

from cases.events import CaseClosed, HumanDecided, MessageAdded
from cases.store.database import Database
from cases.store.narrowing import Filters
from cases.store.queue import Question
from cases.vocabulary import CUSTOMER, Role, View

LATER = NOW + timedelta(hours=3)
UNREAD = Filters(unread=True)


def add(database: Database, number: int, *more: Any) -> str:
    with database.writing() as store:
        store.append(f"case-{number}", [opened(f"C-{number}"), said(), decided(), *more], at=NOW)
    return f"case-{number}"


def look(database: Database, case_id: str, person: str, read_to: datetime) -> None:
    with database.writing() as store:
        store.looks.look(case_id, person, read_to=read_to)


def write_again(database: Database, case_id: str) -> None:
    message, _ = said()
    assert isinstance(message, MessageAdded)
    again = replace(message, message_id="message-2", received_at=LATER)
    with database.writing() as store:
        store.append(case_id, [(again, CUSTOMER)], at=LATER)


def unread(database: Database, person: str) -> list[str]:
    """By the marks of the rows, by the filter and by its count, which all say the same."""
    with database.reading() as store:
        every = [line.id for line in store.queue.page(View.ALL, who=person, now=NOW).items]
        narrowed = [line.id for line in store.queue.page(View.ALL, who=person, now=NOW, filters=UNREAD).items]
        assert store.queue.count(Question(View.ALL, person, NOW, filters=UNREAD)).value == len(narrowed)
        assert store.looks.unread(person, every) == set(narrowed)
    return sorted(narrowed)


def two_people(database: Database) -> None:
    with database.writing() as store:
        for name in ("hanna", "omar"):
            store.people.add_user(name, (Role.HANDLER,), "hash", at=NOW)


def test_a_case_is_new_to_each_person_until_they_open_it(database: Database) -> None:
    two_people(database)
    first, second = add(database, 1), add(database, 2)

    look(database, first, "hanna", NOW)

    assert unread(database, "hanna") == [second]
    assert unread(database, "omar") == [first, second]


def test_a_message_makes_it_new_again_and_an_older_page_changes_nothing(database: Database) -> None:
    two_people(database)
    case_id = add(database, 1)
    look(database, case_id, "hanna", NOW)

    write_again(database, case_id)
    assert unread(database, "hanna") == [case_id]
    look(database, case_id, "hanna", LATER)
    look(database, case_id, "hanna", NOW)  # a page that was read before, and told late

    assert unread(database, "hanna") == []


def test_what_is_closed_waits_for_no_reader(database: Database) -> None:
    add(database, 1, (HumanDecided("pay", "hanna", "covered"), HANDLER), (CaseClosed("pay"), HANDLER))

    assert unread(database, "hanna") == []


def test_counting_what_is_new_to_one_tells_another_nothing(database: Database) -> None:
    two_people(database)
    case_id = add(database, 1)
    look(database, case_id, "hanna", NOW)

    with database.reading() as store:
        asked = [Question(View.ALL, name, NOW, filters=UNREAD) for name in ("hanna", "omar")]
        counts = [store.queue.count(one).value for one in asked]

    assert counts == [0, 1]


def test_behind_the_wall_of_ones_own_lines_the_same_is_new(database: Database) -> None:
    two_people(database)
    first, second = add(database, 1), add(database, 2)
    look(database, first, "hanna", NOW)

    with database.reading(["general"]) as store:
        assert store.looks.unread("hanna", [first, second]) == {second}
    with database.reading(["motor"]) as store:
        page = store.queue.page(View.ALL, who="hanna", now=NOW, lines=["motor"], filters=UNREAD)

    assert page.items == []
