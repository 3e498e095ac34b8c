"""Promising a customer a call: they choose when, on their page, or a person promises it on the phone."""

from cases.calling_back import may_be_called, slots
from cases.errors import NotAllowed
from cases.events import CallAsked
from cases.store.store import Store
from cases.vocabulary import CUSTOMER, Actor
from pipelines.channels.sms.numbers import number_of
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.reading_room import folder_of_customer


class NotPromised(NotAllowed):
    """about: "number", "time" or "finished", for who words it to the customer."""

    def __init__(self, about: str, why: str) -> None:
        super().__init__("promising a call", why)
        self.about = about


def promise_call(house: House, case_id: str, slot: str, number: str, *, person: str = "") -> None:
    """slot: key of one that is offered now (cases.calling_back.slots). number: as typed. person: "" for the customer.

    Raises NotPromised for a time that is not offered any more, what is no telephone number, and a finished case.
    """
    read = number_of(number.strip(), country=house.settings.sms_country)
    if read is None:
        raise NotPromised("number", "number: write it as 06 12345678 or +31 6 12345678")

    def write(store: Store) -> None:
        case, at = store.case(case_id), house.now()
        if not may_be_called(case):
            raise NotPromised("finished", "the case is finished or goes on in another one; write to the customer")
        chosen = next(
            (one for one in slots(at, folder_of_customer(house, case).journey.calendar) if one.key == slot), None
        )
        if chosen is None:
            raise NotPromised("time", "time: is over or not offered; choose one of those that are shown")
        event = CallAsked(read, chosen.opens, chosen.closes, person)
        actor = Actor("person", person) if person else CUSTOMER
        store.append(case.id, [(event, actor)], at=at, expected=case.version)

    write_in_turn(house.database, write)
    house.ring()
