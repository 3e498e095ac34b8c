"""What people may and can do is changed only into what can be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cases.errors import CaseError
from cases.events import AccessNoted
from cases.people import User
from cases.vocabulary import Role
from pipelines import staff
from pipelines.house import House
from pipelines.staff import Change
from pipelines.wiring import opened
from tests.homes import settings

SOON = datetime.now(UTC) + timedelta(days=2)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(settings(tmp_path_factory.mktemp("staffed"))) as house:
        for name in ("root", "omar"):
            staff.add_person(house, name, "hash", Change(roles=(Role.HANDLER,)), by="root")
        yield house


def person(house: House, name: str = "root") -> User:
    with house.database.reading() as store:
        found = store.people.user(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        (Change(roles=()), "give one of: handler"),
        (Change(lines=("mars",)), "choose from: general"),
        (Change(skills=("flying",)), "choose from: "),
        (Change(languages=("xq",)), "two letters"),
        (Change(teams=("two words",)), "one word"),
        (Change(teams=("",)), "one word"),
        (Change(own_limit=Decimal(-1)), "from 0"),
        (Change(own_limit=Decimal("NaN")), "from 0"),
        (Change(own_limit=Decimal("Infinity")), "from 0"),
        (Change(own_limit=Decimal("0.001")), "two decimals"),
        (Change(own_limit=Decimal(10) ** 13), "from 0"),
    ],
)
def test_what_cannot_be_is_refused_with_its_mend_and_changes_nothing(staffed: House, change: Change, mend: str) -> None:
    before = person(staffed)

    with pytest.raises(CaseError, match=mend):
        staff.change_person(staffed, "root", change, by="root")

    assert person(staffed) == before


@pytest.mark.parametrize(
    ("until", "deputy", "mend"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), None, "is to come"),
        (SOON, "root", "a colleague"),
        (SOON, "nobody", "no user 'nobody'"),
    ],
)
def test_nobody_is_away_in_the_past_or_leaves_cases_to_a_stranger(
    staffed: House, until: datetime, deputy: str | None, mend: str
) -> None:
    with pytest.raises(CaseError, match=mend):
        staff.send_away(staffed, "root", until, deputy, by="root")

    assert person(staffed).away_until is None


def test_a_deputy_is_here(staffed: House) -> None:
    staff.send_away(staffed, "omar", SOON, None, by="root")

    with pytest.raises(CaseError, match="a colleague who is here"):
        staff.send_away(staffed, "root", SOON, "omar", by="root")
    staff.take_back(staffed, "omar", by="omar")
    staff.send_away(staffed, "root", SOON, "omar", by="root")

    assert person(staffed).deputy == "omar"
    staff.take_back(staffed, "root", by="root")


def test_every_change_is_an_event_that_says_who_made_it(staffed: House) -> None:
    staff.change_person(staffed, "omar", Change(own_limit=Decimal(300), skills=("windscreen",)), by="noor")

    with staffed.database.reading() as store:
        told = [entry.event for entry in store.history("access")][-2:]
    assert told == [
        AccessNoted("user_set skills=windscreen", "noor", "omar"),
        AccessNoted("user_set own_limit=300", "noor", "omar"),
    ]


def test_nobody_is_changed_who_is_not_there(staffed: House) -> None:
    with pytest.raises(CaseError, match="no user 'nobody'"):
        staff.change_person(staffed, "nobody", Change(), by="root")
