"""Somebody acts for the customer: a link of their own, as far as the customer lets them and as long.

The customer names and withdraws them on their page; a person does it for who asks by phone or letter. What a
representative writes is theirs in the case. Letters and decisions go to the customer as before.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed, NotFound
from cases.representing import over
from cases.store.links import Link
from cases.store.store import Store
from cases.vocabulary import CUSTOMER, SYSTEM, Access, Actor, ActsAs
from pipelines.channels.email.composing import mailbox
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.links import new_link_id
from pipelines.reading_room import folder_of_customer

PARTY = "representative"  # of their links
LONGEST_NAME = 100  # characters
Field = Literal["name", "address", "until"]


class NotNamed(NotAllowed):
    """field: what is to be mended."""

    def __init__(self, field: Field, why: str) -> None:
        super().__init__(f"naming a representative by this {field}", why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Naming:
    """until: the last day; None for as long as links live. copies: of each letter to the customer."""

    name: str
    address: str
    acts_as: ActsAs
    access: Access
    until: date | None = None
    copies: bool = False


def name(house: House, case_id: str, naming: Naming, *, person: str = "") -> str:
    """Give somebody a link of their own, which they get by mail; returns the id of the representative.

    person: who notes it; "" when the customer does. Raises NotNamed for what can be mended, NotAllowed otherwise.
    """
    representative, link_id = f"rep-{uuid.uuid4().hex}", new_link_id()

    def write(store: Store) -> None:
        case, at = _case(store, case_id), house.now()
        event = e.RepresentativeNamed(
            representative=representative,
            link_id=link_id,
            name=_name(naming.name),
            address=_address(naming.address),
            acts_as=naming.acts_as,
            access=naming.access,
            until=_until(house, case, naming.until, at),
            copies=naming.copies,
            by=person,
        )
        events: list[tuple[e.Written, Actor]] = [(one, SYSTEM) for one in over(case, at)]
        store.append(case.id, [*events, (event, _actor(person))], at=at, expected=case.version)
        store.links.add(Link(link_id, case.id, party=PARTY, scope=event.access, expires_at=event.until))

    write_in_turn(house.database, write)
    house.ring()
    return representative


def withdraw(house: House, case_id: str, representative: str, *, person: str = "") -> None:
    """Their link opens nothing from now on. person: as above. Raises NotAllowed when nobody of that id has access."""

    def write(store: Store) -> None:
        case, at = _case(store, case_id), house.now()
        event = e.RepresentativeWithdrawn(representative, by=person)
        store.append(case.id, [(event, _actor(person))], at=at, expected=case.version)
        for one in case.representatives:
            if one.representative == representative:
                store.links.revoke(one.link_id, at=at)

    write_in_turn(house.database, write)
    house.ring()


def _case(store: Store, case_id: str) -> Case:
    case = store.cases([case_id]).get(case_id)
    if case is None or case.erased:
        raise NotFound("case", case_id)
    return case


def _actor(person: str) -> Actor:
    return Actor("person", person) if person else CUSTOMER


def _name(typed: str) -> str:
    told = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if not told or len(told) > LONGEST_NAME:
        raise NotNamed("name", f"write a name of at most {LONGEST_NAME} letters")
    return told


def _address(typed: str) -> str:
    found = mailbox(typed)
    if found is None:
        raise NotNamed("address", "write one mail address, such as eva@example.org")
    return found


def _until(house: House, case: Case, last: date | None, at: datetime) -> datetime:
    """The end of that day where the organisation is."""
    longest = at + timedelta(days=house.settings.link_days)
    if last is None:
        return longest
    zone = ZoneInfo(folder_of_customer(house, case).journey.calendar.time_zone)
    if not at.astimezone(zone).date() <= last <= longest.date():
        raise NotNamed("until", f"choose a day from today on, at most {house.settings.link_days} days ahead")
    return datetime.combine(last + timedelta(days=1), time(), zone)
