"""What the tests of the rulebook share: people who may change rules, and the shipped motor journey's root table."""

from typing import Any

from cases.vocabulary import Role
from pipelines.house import House

JOURNEY, TABLE = "motor_claim", "next_step"
ADA, BEN = "ada", "ben"  # two journey owners
HANNA = "hanna"  # a handler


def add_people(house: House) -> None:
    with house.database.writing() as store:
        for name, role in ((ADA, Role.JOURNEY_OWNER), (BEN, Role.JOURNEY_OWNER), (HANNA, Role.HANDLER)):
            store.people.add_user(name, [role], "", at=house.now(), lines=("*",))


def document_of(house: House) -> dict[str, Any]:
    """The root table in force, as plain data to change."""
    return house.journeys.get(JOURNEY).root.as_dict()


def digest_of(house: House) -> str:
    return house.journeys.get(JOURNEY).root_digest
