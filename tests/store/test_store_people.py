"""What people can do and when they are away, as it is kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from store_builders import HANDLER, NOW, decided, opened, said, understood

from cases.errors import NotFound
from cases.events import CaseAssigned
from cases.people import User
from cases.store.database import Database
from cases.vocabulary import Role, Step, View

HANNA = User(
    "hanna",
    (Role.HANDLER, Role.LEAD),
    "hash",
    lines=("general", "travel"),
    teams=("north",),
    skills=("theft", "fire"),
    languages=("nl", "en"),
    own_limit=Decimal("2500.50"),
    away_until=NOW + timedelta(days=2),
    deputy="omar",
)


def add(database: Database, name: str = "hanna") -> None:
    with database.writing() as store:
        store.people.add_user(name, [Role.HANDLER], "hash", at=NOW)


def test_what_somebody_can_do_is_read_as_it_was_written(database: Database) -> None:
    add(database)
    with database.writing() as store:
        assert store.people.user("hanna") == User("hanna", (Role.HANDLER,), "hash")
        store.people.change(HANNA)

    with database.reading() as store:
        assert store.people.users() == [HANNA]


def test_what_a_stranger_can_do_is_not_written(database: Database) -> None:
    with database.writing() as store, pytest.raises(NotFound, match="hanna"):
        store.people.change(HANNA)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"away_until": None, "deputy": None}, True),
        ({"skills": ("water",), "teams": (), "languages": ()}, True),
        ({"roles": (Role.HANDLER,)}, False),
        ({"lines": ("general",)}, False),
        ({"own_limit": None}, False),
    ],
)
def test_sessions_end_when_rights_change_and_only_then(database: Database, change: dict[str, Any], stays: bool) -> None:  # noqa: FBT001
    add(database)
    with database.writing() as store:
        store.people.change(HANNA)
        store.people.add_session("secret", "hanna", at=NOW, expires_at=NOW + timedelta(hours=1))

        store.people.change(replace(HANNA, **change))

        assert (store.people.session("secret", now=NOW) is not None) == stays


def test_the_cases_of_somebody_away_are_shown_as_absent_until_they_are_back(database: Database) -> None:
    add(database)
    with database.writing() as store:
        store.people.change(HANNA)
        store.append("case-1", [opened(), said(), decided(), (CaseAssigned("hanna", "noor"), HANDLER)], at=NOW)

    with database.reading() as store:
        away = store.queue.page(View.ABSENT, who="omar", now=NOW)
        back = store.queue.page(View.ABSENT, who="omar", now=NOW + timedelta(days=2))

    assert [line.id for line in away.items] == ["case-1"]
    assert back.items == []


def test_open_cases_weigh_on_who_has_them(database: Database) -> None:
    for n, (step, to) in enumerate(
        [(Step.EXPERT, "hanna"), (Step.EXPERT, "hanna"), (Step.REQUEST_INFO, "hanna"), (Step.EXPERT, "omar")]
    ):
        case = [opened(f"C-{n}"), said(), understood(), decided(step), (CaseAssigned(to, "noor"), HANDLER)]
        with database.writing() as store:
            store.append(f"case-{n}", case, at=NOW)

    with database.reading() as store:
        assert store.people.loads() == {"hanna": Decimal("2.25"), "omar": Decimal(1)}
