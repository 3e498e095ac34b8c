"""Who may change rules, by name: a journey owner who sees the journey's line of business. And which tables exist."""

from collections.abc import Sequence

from cases.authority import may_change_rules
from cases.errors import CaseError, NotAllowed
from cases.journey_folder import JourneyFolder
from cases.rules.problems import instead_of
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.house import House


class NoSuchTable(CaseError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no table {name!r}; {instead_of(name, known)}")
        self.name = name


def folder_with(house: House, journey: str, table: str) -> JourneyFolder:
    """The journey that has this table; raises NoSuchTable."""
    folder = house.journeys.folders.get(journey)
    if folder is None or table not in folder.tables:
        known = [f"{one.name}/{name}" for one in house.journeys.folders.values() for name in one.tables]
        raise NoSuchTable(f"{journey}/{table}", known)
    return folder


def owner(store: Store, folder: JourneyFolder, by: str) -> Actor:
    """Who changes the rules of this journey; raises NotAllowed with the mend."""
    user = store.people.user(by)
    what = f"changing the rules of {folder.name}"
    if user is None or user.disabled_at is not None:
        raise NotAllowed(what, f"{by!r} is no user; name one of: casewright users list")
    if not may_change_rules(user.roles):
        raise NotAllowed(what, f"{by!r} is no journey owner; casewright users add NAME --role journey_owner")
    if not user.sees(folder.journey.line_of_business):
        raise NotAllowed(what, f"{by!r} does not see the line of business {folder.journey.line_of_business!r}")
    return Actor("person", by)
