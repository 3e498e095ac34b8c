"""What a person decides or writes leaves the house a little later, or at a time they choose: until then it is undone.

Whether it has left is said by one event, `released`, or `taken_back`: both are written on top of the version of the
case that was read, so that of an undo and a leaving at the same moment exactly one is written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import events as e
from cases.calendar import open_time
from cases.errors import NotAllowed
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.in_turn import write_in_turn

FARTHEST, MOMENT = timedelta(days=90), timedelta(seconds=1)


class HasLeft(NotAllowed):
    """Too late to take it back."""

    def __init__(self) -> None:
        super().__init__("taking it back", "it has left the house; write to the customer, or reopen the case")


@dataclass(frozen=True, slots=True)
class Leaving:
    """When something leaves, and whether the organisation is open then."""

    at: datetime
    open_then: bool


def leaving(house: House, journey: str | None, *, send_at: datetime | None = None) -> Leaving | None:
    """When what is decided now leaves; None: at once, where the journey gives no time to undo.

    send_at: as asked for; never before the time to undo is over. NotAllowed for more than 90 days ahead.
    """
    now = house.now()
    if journey not in house.journeys.folders:
        return None
    spec = house.journeys.get(str(journey)).journey
    soonest = now + timedelta(seconds=spec.undo_seconds)
    if send_at is not None and send_at > now + FARTHEST:
        raise NotAllowed(f"sending at {send_at:%Y-%m-%d}", f"choose a time within {FARTHEST.days} days from now")
    at = max(soonest, send_at) if send_at is not None else soonest
    return None if at == now else Leaving(at, bool(open_time(at, at + MOMENT, spec.calendar)))


def take_back(house: House, reference: str, *, person: str, held: int | None = None) -> int:
    """What waits to leave does not; the case is as before. Returns its new version; the same for a repeat.

    held: seq of what is taken back; None: what was held last. Raises NotFound, NotAllowed, and HasLeft.
    """

    def write(store: Store) -> int:
        case = store.case(store.case_id(reference))
        seq = held if held is not None else case.held[-1].seq if case.held else None
        if seq not in {one.seq for one in case.held}:
            return _said_before(store, case.id, seq)
        event = e.TakenBack(int(seq), person)
        written = [(event, Actor("person", person))]
        return store.append(case.id, written, at=house.now(), expected=case.version)[-1].seq

    return write_in_turn(house.database, write)


def _said_before(store: Store, case_id: str, seq: int | None) -> int:
    """The version after it was taken back by a person; HasLeft when it left, NotAllowed when nothing was held."""
    for entry in reversed(store.history(case_id)):
        match entry.event:
            case e.TakenBack(held=held, why="person") if seq in (held, None):
                return entry.seq
            case e.Released(held=held) if seq in (held, None):
                raise HasLeft
            case _:
                continue
    raise NotAllowed("taking it back", "nothing waits to leave in this case")
