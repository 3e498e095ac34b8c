"""What a stage gets and gives: a batch of items in, one outcome for each out, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case, Entry
from cases.events import Written
from cases.store.likeness import NewVector, PhotoHash
from cases.store.log import Append
from cases.store.work import Claim
from cases.vocabulary import MACHINE, Actor
from pipelines.flow import stages_after
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class Item:
    """One claimed piece of work: the event that asked for it, and its stream as it was read."""

    claim: Claim
    entry: Entry
    entries: Sequence[Entry]
    case: Case | None  # None for streams that are no case
    at: datetime
    trace: str | None = None  # under which its effects are written


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one item; written in one transaction with finishing its work."""

    appends: tuple[Append, ...] = ()
    photos: tuple[PhotoHash, ...] = ()
    vectors: tuple[NewVector, ...] = ()


Stage = Callable[[Sequence[Item], House], list[Outcome]]
NOTHING = Outcome()


def follows(item: Item, events: Sequence[Written], *, actor: Actor = MACHINE) -> Outcome:
    """Events for the item's own stream, provided that nothing else happened there meanwhile."""
    stream = item.claim.stream
    return Outcome((Append(stream, tuple((event, actor) for event in events), item.at, case=item.case),))


def asked_again(item: Item) -> bool:
    """Whether a later event of the stream asks for the same work, which then does this one's as well."""
    return any(item.claim.stage in stages_after(entry.event) for entry in item.entries if entry.seq > item.entry.seq)


def case_of(item: Item) -> Case:
    if item.case is None:
        raise TypeError(f"{item.claim.stage} works on cases, not on {item.claim.stream}")
    return item.case
