"""Whether money that is about to be granted may have been paid before: looked up among the customer's other cases."""

from datetime import datetime

from cases.case import Case, fold
from cases.granting import grants
from cases.journey_folder import JourneyFolder
from cases.paying import Elsewhere, PaidBefore, doubles, elsewhere, given_in, identities
from cases.people import User
from cases.store.store import Store
from pipelines.house import House

LOOKED_AT = 50  # of the newest cases that hold the customer's address, and of those that hold each number of a thing


def cases_of_the_same(
    store: Store, house: House, case: Case, folder: JourneyFolder, *, topic: str | None = None
) -> tuple[Elsewhere, ...]:
    """Other cases of the customer or about the same policy or object. topic: of its journey, with this topic."""
    within = (folder.name, topic) if topic is not None else None
    words = identities(case, folder.journey).values()
    ids = store.queue.holding_any(words, besides=case.id, within=within, limit=LOOKED_AT)
    found = []
    for id_, entries in store.histories(ids).items():
        other = fold(id_, entries)
        theirs = house.journeys.folders.get(other.journey or "")
        one = elsewhere(case, folder.journey, other, entries, theirs.journey) if theirs is not None else None
        found += [one] if one is not None else []
    return tuple(found)


def looks_paid(
    store: Store, house: House, case: Case, folder: JourneyFolder, choice: str, *, at: datetime
) -> tuple[Elsewhere, ...]:
    """Other cases in which as much was granted lately, or is asked, where this choice grants money."""
    if not grants(folder.journey, choice) or case.topic is None:
        return ()
    others = cases_of_the_same(store, house, case, folder, topic=case.topic)
    return doubles(case, folder.journey, others, at=at)


def check_paid_once(
    store: Store, house: House, case: Case, folder: JourneyFolder, choice: str, *, person: str, at: datetime
) -> None:
    """Raises PaidBefore when this case was granted before, or as much in another one."""
    if not grants(folder.journey, choice):
        return
    own = given_in(case, store.history(case.id), folder.journey)
    others = looks_paid(store, house, case, folder, choice, at=at)
    if own or others:
        user = store.people.user(person) or User(person, (), "", lines=())
        seen = [one.case.reference for one in others if user.sees(one.case.line_of_business)]
        raise PaidBefore(own=bool(own), references=seen, hidden=len(others) - len(seen))


def check_not_paid_since(
    store: Store, house: House, case: Case, folder: JourneyFolder, choice: str, *, since: datetime, at: datetime
) -> None:
    """Raises PaidBefore when as much was granted in another case after this was decided: its person did not know."""
    others = looks_paid(store, house, case, folder, choice, at=at)
    new = [one.case.reference for one in others if any(given.at > since for given in one.given)]
    if new:
        raise PaidBefore(own=False, references=new, hidden=0)
