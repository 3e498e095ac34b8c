import pytest

from cases.authority import may_change_rules
from cases.vocabulary import Role


@pytest.mark.parametrize("role", Role)
def test_only_owners_of_journeys_change_rules(role: Role) -> None:
    assert may_change_rules([role]) == (role == Role.JOURNEY_OWNER)


def test_an_owner_who_is_also_something_else_still_does() -> None:
    assert may_change_rules([Role.HANDLER, Role.JOURNEY_OWNER])
    assert not may_change_rules([])
