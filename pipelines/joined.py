"""Cases that go on in another one: what they are shown as, what that one hears of them, and how they part again."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from cases import answering
from cases import events as e
from cases.authority import check
from cases.case import Case, Entry, fold
from cases.representing import moved
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Status
from pipelines.links import new_link_id


@dataclass(frozen=True, slots=True)
class Member:
    """A case that goes on in another one, with its events."""

    case: Case
    entries: list[Entry]
    other_customer: bool


def take_back(store: Store, case: Case, other: Case, *, person: str, at: datetime) -> int:
    """Two merged cases go on by themselves again; returns the first one's new version. Raises NotAllowed."""
    check(case, e.MergeTakenBack(other.id, person), Actor("person", person))
    written = store.append_many(
        [
            _apart(store, case, other, person=person, at=at),
            _apart(store, other, case, person=person, at=at),
        ]
    )
    return written[0].entries[-1].seq


def _apart(store: Store, case: Case, other: Case, *, person: str, at: datetime) -> Append:
    """The one that went on in the other has a link of its own again, which lives as long as the one before."""
    events: list[tuple[e.Written, Actor]] = [(e.MergeTakenBack(other.id, person), Actor("person", person))]
    before = store.links.get(case.link_id) if case.link_id else None
    if case.ties.into is not None and before is not None:
        link = replace(before, id=new_link_id(), revoked_at=None)
        store.links.add(link)
        events.append((e.LinkRenewed(link.id), SYSTEM))
    return Append(case.id, events, at, expected=case.version)


def leave_links(store: Store, case: Case, *, person: str, at: datetime) -> list[e.RepresentativeWithdrawn]:
    """Every link of a case ends that goes on elsewhere; what is to be written for those who acted for its customer."""
    store.links.revoke_all(case.id, at=at)
    return moved(case, person)


def of_same_customer(store: Store, case: Case) -> Case:
    """The case whose page a customer gets a link of: the one that theirs goes on in, when it is theirs as well."""
    into = case.ties.into
    if into is None or case.ties.returned:
        return case
    main = store.case(into.into)
    own = any(one.case == case.id and not one.other_customer for one in main.ties.joined)
    return main if own and not main.erased else case


def part(store: Store, case_id: str, *, by: str, at: datetime) -> None:
    """Take back every merge of a case that is about to be erased, so that the others go on by themselves."""
    case = store.cases([case_id]).get(case_id)
    if case is None or case.erased or case.ties.returned:
        return
    others = [one.case for one in case.ties.joined] + ([case.ties.into.into] if case.ties.into else [])
    for other in store.cases(others).values():
        if not (other.erased or other.ties.returned):
            take_back(store, store.case(case_id), other, person=by, at=at)


def members(store: Store, case: Case) -> list[Member]:
    """The cases that go on in this one, in the order in which they were merged; erased ones are left out."""
    others = {one.case: one.other_customer for one in case.ties.joined}
    if not others:
        return []
    histories = store.histories(others)
    found = [Member(fold(id_, histories[id_]), histories[id_], other) for id_, other in others.items()]
    return [one for one in found if not one.case.erased]


def mains_of(store: Store, cases: Collection[Case]) -> dict[str, Case]:
    """By id, the cases in which some of these go on."""
    ids = {case.ties.into.into for case in cases if case.ties.into is not None}
    return store.cases(ids) if ids else {}


def told(case: Case, main: Case, message: e.MessageAdded, *, at: datetime) -> Append:
    """What the case hears in which another one goes on, when that one's customer writes: never the words."""
    events: list[tuple[e.Written, Actor]] = [(e.MergedHeard(case.id, message.message_id), MACHINE)]
    own = next((one for one in main.ties.joined if one.case == case.id), None)
    if own is not None and not own.other_customer:
        events += [(answer, MACHINE) for answer in answering.answers(main, message)]
    if main.status is Status.CLOSED:
        events.append((e.CaseReopened(message.message_id), CUSTOMER))
    return Append(main.id, events, at, case=main)


def warned(case: Case, message_id: str, *, danger: bool, at: datetime) -> list[Append]:
    """Tell the case in which this one goes on that danger was read here, or that something could not be read."""
    into = case.ties.into
    return [Append(into.into, [(e.MergedHeard(case.id, message_id, danger), MACHINE)], at)] if into else []
