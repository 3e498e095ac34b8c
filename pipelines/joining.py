"""Merging, splitting and linking cases by hand, and taking each of them back.

A merge moves nothing: both cases keep their own log, words and files; what comes in for the merged one is still written
there, and told to the one that it goes on in. A split copies the chosen messages, with their files, to a new case.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from cases import answering
from cases import events as e
from cases.authority import check
from cases.case import Case
from cases.errors import NotAllowed, NotFound
from cases.store.links import Link
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import CUSTOMER, Actor, FileKind
from pipelines.hand import case_of, folder_of
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.joined import leave_links, take_back
from pipelines.links import new_link_id

Relation = Literal["parent", "child", "duplicate", "related"]
OPPOSITE: dict[str, Relation] = {
    "parent": "child", "child": "parent", "duplicate": "duplicate", "related": "related",
}  # fmt: skip


class OtherCustomer(NotAllowed):
    """Merging them needs a second confirmation."""

    def __init__(self) -> None:
        super().__init__("merging cases of different customers", "confirm that you mean it, and say why")


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge would do. doubled: photos that both cases hold. sooner: the promise that is carried over."""

    case: Case
    main: Case
    other_customer: bool
    doubled: int
    sooner: datetime | None


# --- merging ------------------------------------------------------------------------------------------------------


def merging(house: House, reference: str, into: str, *, person: str) -> Merging:
    """What merging the first case into the second would do; raises as merge does, and writes nothing."""
    with house.database.reading() as store:
        return _merging(store, reference, into, person=person, house=house)


def merge(house: House, reference: str, into: str, *, person: str, reason: str = "", confirmed: bool = False) -> int:
    """The first case goes on in the second; returns the second one's new version. Nobody is written to.

    Its links end: who proves to be its customer gets one of the second case, if that is theirs as well.

    Raises NotFound, NotAllowed when something is being decided in either, and OtherCustomer unless that is confirmed
    and a reason given.
    """

    def write(store: Store) -> int:
        what = _merging(store, reference, into, person=person, house=house)
        if what.other_customer and not (confirmed and reason.strip()):
            raise OtherCustomer
        return _merge(store, what, person=person, reason=reason.strip(), at=house.now())

    version = write_in_turn(house.database, write)
    house.ring()
    return version


def confirm_belongs(house: House, reference: str, *, person: str) -> str:
    """A letter whose writer nobody knows goes on in the case that it names, on this person's word that it is theirs.

    What was asked there for files or words is answered by it. Returns the reference of that case. Raises as merge does,
    and NotAllowed for a case that names no other, or whose customer is known.
    """

    def write(store: Store) -> str:
        case = case_of(store, reference)
        if case.may_belong_to is None or case.sender or case.ties.into is not None:
            raise NotAllowed("putting it where it belongs", "merge the two cases instead, if they are one")
        what = replace(_merging(store, reference, case.may_belong_to, person=person, house=house), other_customer=False)
        _merge(store, what, person=person, reason="", at=house.now(), also=_answered(what, house))
        return what.main.reference

    into = write_in_turn(house.database, write)
    house.ring()
    return into


def _answered(what: Merging, house: House) -> list[e.Written]:
    """A fact is answered once it is read, so a question for one stays open for a person to see."""
    readable = answering.readable_facts(folder_of(house, what.main).journey.facts)
    found = [one for message in what.case.messages for one in answering.answers(what.main, message, readable=readable)]
    keys = dict.fromkeys(key for one in found if isinstance(one, e.RequestAnswered) for key in one.keys)
    return [e.RequestAnswered(tuple(keys), what.case.messages[-1].message_id)] if keys else []


def _merging(store: Store, reference: str, into: str, *, person: str, house: House) -> Merging:
    case, main = case_of(store, reference), case_of(store, into)
    if case.id == main.id:
        raise NotAllowed("merging a case into itself", "name another case")
    if case.line_of_business != main.line_of_business:
        raise NotAllowed("merging across lines of business", "each stays with those who may see it")
    folder_of(house, case)
    folder_of(house, main)
    other = not case.sender or case.sender.casefold() != main.sender.casefold()
    what = Merging(case, main, other, len(_photos(case) & _photos(main)), _sooner(case, main))
    merged, joined = _merge_events(what, person, "")
    check(case, merged, Actor("person", person))
    check(main, joined, Actor("person", person))
    return what


def _merge_events(what: Merging, person: str, reason: str) -> tuple[e.CaseMerged, e.MergedIn]:
    """The reason stays with the case that it is about, to be erased with it."""
    case, main = what.case, what.main
    danger = bool(case.dangers) or case.ties.danger
    before = main.update_by if what.sooner else None
    joined = e.MergedIn(case.id, case.reference, person, what.other_customer, danger, what.sooner, before)
    return e.CaseMerged(main.id, main.reference, person, reason), joined


def _merge(
    store: Store, what: Merging, *, person: str, reason: str, at: datetime, also: Sequence[e.Written] = ()
) -> int:
    merged, joined = _merge_events(what, person, reason)
    actor = Actor("person", person)
    left = leave_links(store, what.case, person=person, at=at)
    written = store.append_many(
        [
            Append(what.case.id, [*((one, actor) for one in left), (merged, actor)], at, expected=what.case.version),
            Append(what.main.id, [(one, actor) for one in (joined, *also)], at, expected=what.main.version),
        ]
    )
    return written[-1].entries[-1].seq


def _photos(case: Case) -> set[str]:
    return {file.sha256 for file in case.files if file.kind is FileKind.PHOTO}


def _sooner(case: Case, main: Case) -> datetime | None:
    """What the customer of the merged case was promised, where nothing as soon was promised in the other."""
    promise = case.update_by
    return promise if promise is not None and (main.update_by is None or promise < main.update_by) else None


def unmerge(house: House, reference: str, other: str, *, person: str) -> int:
    """Two merged cases, named in either order, go on by themselves again; returns the first one's new version."""

    def write(store: Store) -> int:
        case, apart = case_of(store, reference), case_of(store, other)
        return take_back(store, case, apart, person=person, at=house.now())

    version = write_in_turn(house.database, write)
    house.ring()
    return version


# --- splitting ----------------------------------------------------------------------------------------------------


def split(
    house: House, reference: str, messages: Sequence[str], files: Sequence[str] = (), *, person: str,
    told: bool = True, reason: str = "",
) -> str:  # fmt: skip
    """These messages, and single files of others, go on in a new case; returns its reference.

    told: its customer gets the journey's acknowledgement. Raises NotFound for what is not there, and NotAllowed.
    """
    new_id, at, actor = f"case-{uuid.uuid4().hex}", house.now(), Actor("person", person)
    with house.database.reading() as store:
        case = case_of(store, reference)
    copies = splitting(case, messages, files, person=person)
    gone = e.CaseSplit(new_id, "", tuple(messages), tuple(files), person, reason)
    key = house.blobs.put_new(new_id, _blobs(house, case, copies))

    def write(store: Store) -> str:
        now = case_of(store, reference)
        folder_of(house, now)
        opened = e.CaseOpened(
            reference=store.open_reference(at.year),
            message_id=copies[0].message_id,
            channel=now.channel,
            sender=now.sender,
            sender_name=now.sender_name,
            journey=now.journey,
            language=now.language,
            link_id=new_link_id(),
        )
        expires = at + timedelta(days=house.settings.link_days)
        off = e.SplitOff(now.id, now.reference, tuple(one.message_id for one in copies), person, told)
        store.data_keys.add(new_id, key, at)
        store.links.add(Link(str(opened.link_id), new_id, party="customer", scope="case", expires_at=expires))
        left = [(replace(gone, reference=opened.reference), actor)]
        new: list[tuple[e.Written, Actor]] = [(opened, actor), (off, actor), *((one, CUSTOMER) for one in copies)]
        store.append_many([Append(new_id, new, at, expected=0), Append(now.id, left, at, now.version)])
        return opened.reference

    new_reference = write_in_turn(house.database, write)
    house.ring()
    return new_reference


def splitting(case: Case, messages: Sequence[str], files: Sequence[str], *, person: str) -> list[e.MessageAdded]:
    """What a new case would begin with; of a message that stays, only the chosen files. Raises as split does."""
    check(case, e.CaseSplit("", "", tuple(messages), tuple(files), person), Actor("person", person))
    known = {one.message_id for one in case.messages} | {file.id for file in case.files}
    for name in (*messages, *files):
        if name not in known:
            raise NotFound("message or file of this case", name)
    copies = []
    for one in case.messages:
        some = tuple(file for file in one.files if file.id in files)
        if one.message_id in messages:
            copies.append(one)
        elif some:
            copies.append(replace(one, text="", quoted="", files=some))
    if not copies:
        raise NotAllowed("splitting off nothing", "choose at least one message or file")
    return copies


def _blobs(house: House, case: Case, copies: Sequence[e.MessageAdded]) -> list[bytes]:
    found = []
    for sha256 in dict.fromkeys(file.sha256 for one in copies for file in one.files):
        with suppress(NotFound):  # a file that could not be kept
            found.append(house.blobs.get(case.id, sha256))
    return found


def unsplit(house: House, reference: str, other: str, *, person: str) -> int:
    """What was split off goes back, and whatever the new case got meanwhile is shown with it: that one is merged in."""
    actor = Actor("person", person)

    def write(store: Store) -> int:
        case, off, at = case_of(store, reference), case_of(store, other), house.now()
        check(case, e.SplitTakenBack(off.id, person), actor)
        merged, joined = _merge_events(Merging(off, case, False, 0, _sooner(off, case)), person, "")
        back: list[tuple[e.Written, Actor]] = [(e.SplitTakenBack(off.id, person), actor), (joined, actor)]
        left = leave_links(store, off, person=person, at=at)
        written = store.append_many(
            [
                Append(off.id, [*((one, actor) for one in left), (merged, actor)], at, expected=off.version),
                Append(case.id, back, at, expected=case.version),
            ]
        )
        return written[-1].entries[-1].seq

    version = write_in_turn(house.database, write)
    house.ring()
    return version


# --- linking ------------------------------------------------------------------------------------------------------


def link(house: House, reference: str, other: str, relation: Relation, *, person: str) -> int:
    """relation: what the second case is to the first. Shown in both; returns the first one's new version."""

    def write(store: Store) -> int:
        case, beside = case_of(store, reference), case_of(store, other)
        if case.id == beside.id:
            raise NotAllowed("linking a case to itself", "name another case")
        if case.line_of_business != beside.line_of_business:
            raise NotAllowed("linking across lines of business", "who sees one of them must not learn of the other")
        one = e.CaseLinked(beside.id, beside.reference, relation, person)
        back = e.CaseLinked(case.id, case.reference, OPPOSITE[relation], person)
        return _both(store, case, beside, one, back, at=house.now())

    return write_in_turn(house.database, write)


def unlink(house: House, reference: str, other: str, relation: Relation, *, person: str) -> int:
    def write(store: Store) -> int:
        case, beside = case_of(store, reference), store.case(store.case_id(other))
        one = e.LinkRemoved(beside.id, relation, person)
        if beside.erased:
            return store.append(case.id, [(one, Actor("person", person))], at=house.now(), expected=case.version)[0].seq
        back = e.LinkRemoved(case.id, OPPOSITE[relation], person)
        return _both(store, case, beside, one, back, at=house.now())

    return write_in_turn(house.database, write)


def _both(
    store: Store, case: Case, other: Case, one: e.CaseLinked | e.LinkRemoved, back: e.CaseLinked | e.LinkRemoved, *,
    at: datetime,
) -> int:  # fmt: skip
    appends = [
        Append(case.id, [(one, Actor("person", one.by))], at, expected=case.version),
        Append(other.id, [(back, Actor("person", back.by))], at, expected=other.version),
    ]
    return store.append_many(appends)[0].entries[-1].seq
