from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.people import EVERY_LINE, Hindrance, Needs, User, hindrance, in_turn, limit_of, may_grant, weight
from cases.vocabulary import Role

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LIMITS = {Role.HANDLER: 1500, Role.EXPERT: 10_000}


def person(name: str = "anouk", *roles: Role, **more: Any) -> User:
    return User(name, roles or (Role.EXPERT,), "", **{"lines": ("motor",), **more})


def needs(**more: Any) -> Needs:
    windscreen = {"line": "motor", "journey": "motor_claim", "topic": "windscreen", "language": "nl", "limits": LIMITS}
    return Needs(**{**windscreen, **more})


@pytest.mark.parametrize(
    ("lines", "seen"), [(("motor", "travel"), ("motor", "travel")), (("motor", EVERY_LINE), None), ((), ())]
)
def test_the_lines_to_ask_for_are_those_of_the_user_or_all(
    lines: tuple[str, ...], seen: tuple[str, ...] | None
) -> None:
    assert person(lines=lines).lines_seen == seen


@pytest.mark.parametrize(
    ("who", "what", "because"),
    [
        (person(), needs(), None),
        (person("ada", Role.DATA_SCIENTIST), needs(), Hindrance.ROLE),
        (person(lines=("housing",)), needs(), Hindrance.LINE),
        (person(lines=("*",)), needs(), None),
        (person(), needs(barred={"anouk"}), Hindrance.BARRED),
        (person(), needs(amount=Decimal(10_000)), None),
        (person(), needs(amount=Decimal("10000.01")), Hindrance.AUTHORITY),
        (person(own_limit=Decimal(200)), needs(amount=Decimal(201)), Hindrance.AUTHORITY),
        (person(away_until=NOW + timedelta(days=1)), needs(), Hindrance.AWAY),
        (person(away_until=NOW), needs(), None),
        (person(disabled_at=NOW), needs(), Hindrance.AWAY),
        (person(languages=("en",)), needs(), Hindrance.LANGUAGE),
        (person(languages=("en",)), needs(language=None), None),
        (person(skills=("theft",)), needs(), Hindrance.SKILL),
        (person(skills=("windscreen",)), needs(), None),
        (person(skills=("motor_claim",)), needs(), None),
        (person(skills=("theft",)), needs(journey=None, topic=None), None),
    ],
)
def test_each_thing_that_keeps_a_case_from_somebody_is_named(who: User, what: Needs, because: Hindrance | None) -> None:
    assert hindrance(who, what, now=NOW) == because


def test_an_own_limit_stands_before_that_of_the_role_and_the_largest_role_counts() -> None:
    assert limit_of(person(), None) is None
    assert limit_of(person(), {}) is None
    assert limit_of(person(), LIMITS) == 10_000
    assert limit_of(person("a", Role.HANDLER, Role.EXPERT), LIMITS) == 10_000
    assert limit_of(person("a", Role.LEAD), LIMITS) == 0
    assert limit_of(person(own_limit=Decimal(25)), LIMITS) == 25
    assert limit_of(person(own_limit=Decimal(25)), None) == 25


def test_an_amount_that_nobody_named_is_within_every_limit() -> None:
    assert may_grant(person("a", Role.LEAD), None, LIMITS)
    assert not may_grant(person("a", Role.LEAD), Decimal("0.01"), LIMITS)


def test_the_least_loaded_comes_first_then_who_knows_the_topic_then_the_name() -> None:
    people = [person("dirk"), person("carla"), person("bea", skills=("windscreen",)), person("anna"), person("eva")]
    loads = {"anna": Decimal(3), "dirk": Decimal("0.5")}

    order = [user.name for user in in_turn(people, needs(barred=["eva"]), loads, now=NOW)]

    assert order == ["bea", "carla", "dirk", "anna"]


def test_who_waits_on_the_line_weighs_more_than_who_is_waited_for() -> None:
    assert weight(waiting_on="us", channel="email", danger=False) == 1
    assert weight(waiting_on="us", channel="email", danger=True) == 2
    assert weight(waiting_on="us", channel="phone", danger=False) == 3
    assert weight(waiting_on="customer", channel="email", danger=False) == Decimal("0.25")


people = st.builds(
    person,
    st.sampled_from("abcdef"),
    st.sampled_from(Role),
    skills=st.sets(st.sampled_from(["windscreen", "theft"])).map(tuple),
    languages=st.sets(st.sampled_from(["nl", "en"])).map(tuple),
)


@given(
    st.lists(people, unique_by=lambda user: user.name), st.dictionaries(st.sampled_from("abcdef"), st.decimals(0, 9))
)
def test_nobody_is_in_turn_who_is_hindered_and_all_others_are(users: list[User], loads: dict[str, Decimal]) -> None:
    chosen = in_turn(users, needs(), loads, now=NOW)

    assert {user.name for user in chosen} == {user.name for user in users if hindrance(user, needs(), now=NOW) is None}
    assert [loads.get(user.name, 0) for user in chosen] == sorted(loads.get(user.name, 0) for user in chosen)
