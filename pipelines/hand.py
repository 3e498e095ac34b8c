"""What people do to a case by hand: decide, answer, note, assign, snooze, correct. Each writes once or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cases import consequences
from cases import events as e
from cases.answering import asks_for, check_worth_asking
from cases.approving import role_asked
from cases.case import ESCALATE, NEED_MORE, Case, Entry
from cases.errors import NotAllowed, StaleVersion
from cases.explaining import TOLD_ROLES
from cases.facts import Fact, Person
from cases.granting import AboveAuthority, grants, stake_of, who_may_grant
from cases.journey_folder import JourneyFolder
from cases.people import User, decides
from cases.promises import after_choice, after_step
from cases.reasons import codes, verdict_of
from cases.stating import read_typed
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import Actor, Effect, Status, Step
from pipelines import paying
from pipelines.assigning import deciders_looked_at_again
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.noting import called_in
from pipelines.observing import observe_verdict
from pipelines.oversight.drawing import seen
from pipelines.oversight.noting import AdviceWasPlanted, fell_for_it, overseen
from pipelines.reading_room import folder_of_customer

Wakes = Literal["date", "reply", "document"]
BUILT_IN = frozenset({NEED_MORE, ESCALATE})
#: They stand beside what a decision rests on: a case to which nothing else was added may be decided as it was read.
BESIDE = (
    e.NoteAdded, e.CaseAssigned, e.FilePackaged, e.RepresentativeNamed, e.RepresentativeWithdrawn, e.CopyAsked,
    e.RepresentativeMailed, e.LinkRenewed, e.LlmCalled, e.AssistantSaid, e.AssistantJudged,
)  # fmt: skip


class CorrectedMeanwhile(NotAllowed):
    def __init__(self, name: str, by: str, value: str) -> None:
        super().__init__(f"correcting {name}", f"{by} wrote {value!r} meanwhile; look, and save again")


class UnknownChoice(NotAllowed):
    def __init__(self, choice: str, known: Sequence[str]) -> None:
        super().__init__(f"choice {choice!r}", f"choose one of: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person chose. version: the seq of the case they saw; requests: keys of what need_more asks for.

    although: why it is granted although it may have been paid before, or asked although the file holds the answer; it
    is kept with the reason.
    """

    choice: str
    reason: str
    version: int
    message: str = ""
    corrected_topic: str | None = None
    requests: tuple[str, ...] = ()
    reason_code: str = ""
    although: str = ""


def decide_by_hand(
    house: House, reference: str, decision: Decision, *, person: str, leaves_at: datetime | None = None
) -> int:
    """Write a person's decision with its consequences; returns the case's new version.

    leaves_at: until then it is held, can be taken back (pipelines.leaving), and brings nothing about; None: at once.
    In a closed case that was drawn for a check it is a verdict on the machine, and brings nothing about by itself.
    Raises NotFound, StaleVersion when the case changed since it was read, NotAllowed when the choice does not fit,
    AboveAuthority when it grants more than the person may, PaidBefore when as much was granted before and `although`
    does not say why it is granted again, AdviceWasPlanted when they agree with advice that is wrong
    on purpose: that they did is kept, and nothing else is done. HeldAlready for a question whose answer the file holds,
    likewise without `although`.
    """

    def write(store: Store) -> int | None:
        case = _open(store, reference, version=decision.version)
        folder, shown = folder_of(house, case), seen(house, case)
        _fits(shown.case, folder, decision)
        if decision.choice == NEED_MORE:
            check_worth_asking(case, folder.journey, decision.requests, although=decision.although)
        at, actor = house.now(), Actor("person", person)
        noted = overseen(store, shown, case, decision.choice, by=person, at=at)
        tested = fell_for_it(shown, case, decision.choice, by=person, version=decision.version, at=at)
        if tested is not None:
            store.append_many([tested, *noted])
            return None
        if case.awaits_audit:
            events = _audited(case, decision, person)
        else:
            _looks_with_fresh_eyes(store, case, person)
            check_authority(store, case, folder, decision.choice, person, now=at)
            if not decision.although.strip():
                paying.check_paid_once(store, house, case, folder, decision.choice, person=person, at=at)
            role = _role_of(store.people.user(person))
            events = _decided(case, folder, decision, person, at=at, leaves_at=leaves_at, blind=shown.blind, role=role)
        own = Append(case.id, [(event, actor) for event in events], at, expected=case.version)
        held = isinstance(events[0], e.DecisionHeld)
        observed = [] if held else observe_verdict(store, case, decision.choice, folder, at=at)
        written = store.append_many([own, *observed, *noted])
        return next(one for one in written if one.stream == case.id).entries[-1].seq

    seq = write_in_turn(house.database, write)
    house.ring()
    if seq is None:
        raise AdviceWasPlanted
    return seq


def _decided(
    case: Case,
    folder: JourneyFolder,
    decision: Decision,
    person: str,
    *,
    at: datetime,
    leaves_at: datetime | None,
    blind: bool,
    role: str,
) -> list[e.Written]:
    decided = e.HumanDecided(
        choice=decision.choice,
        by=person,
        reason="; ".join(part for part in (decision.reason, decision.although.strip()) if part),
        message=decision.message,
        corrected_topic=decision.corrected_topic,
        blind=blind or (case.step is not None and case.step.shadow and not case.human_ever),
        decided_on=decision.version,
        update_by=after_choice(decision.choice, folder.journey, at=leaves_at or at),
        reason_code=decision.reason_code,
        role=role,
    )
    held = consequences.held_back(case, decided, decision.requests, folder, leaves_at=leaves_at or at)
    if leaves_at is None and role_asked(held, folder.journey) is None:
        return consequences.carried_out(case, decided, decision.requests, folder, at=at)
    return [held]


def _role_of(user: User | None) -> str:
    """In which its customer is told that they decided; "" for who has no account."""
    return next((role for role in TOLD_ROLES if user is not None and role in user.roles), "")


def _audited(case: Case, decision: Decision, person: str) -> list[e.Written]:
    """A blind judgement of a case that the machine closed. Its customer hears nothing of it, unless it is another
    outcome: then the case is opened again for a person, who mends what was given too little and takes nothing back.
    """
    events: list[e.Written] = [
        e.HumanDecided(
            choice=decision.choice,
            by=person,
            reason=decision.reason,
            corrected_topic=decision.corrected_topic,
            blind=True,
            decided_on=decision.version,
            reason_code=decision.reason_code,
        )
    ]
    if case.step is not None and decision.choice not in (ESCALATE, case.step.option):
        events.append(e.CaseReopened("", "audit"))
    return events


def add_note(house: House, reference: str, text: str, *, person: str) -> int:
    """Only colleagues read it. Who is called with an @ finds the case on their list until they open it.

    Raises UnknownColleague for a name that nobody has who sees the case.
    """

    def write(store: Store) -> int:
        case, at = case_of(store, reference), house.now()
        called = called_in(text, [user for user in store.people.users() if user.sees(case.line_of_business)])
        written = [(e.NoteAdded(text, person), Actor("person", person))]
        [entry] = store.append(case.id, written, at=at, expected=case.version)
        store.mentions.add(case.id, called - {person}, by=person, at=at)
        return entry.seq

    seq = write_in_turn(house.database, write)
    house.ring()
    return seq


def assign(house: House, reference: str, to: str | None, *, person: str) -> int:
    """to: a colleague who may decide this case; None gives it back. NotAllowed for others: there it would be lost."""

    def write(store: Store) -> int:
        case = case_of(store, reference)
        colleague = store.people.user(to) if to is not None else None
        if to is not None and (colleague is None or not decides(colleague, case.line_of_business)):
            raise NotAllowed(f"assigning to {to!r}", "nobody of that name handles such cases; choose a colleague")
        assigned = e.CaseAssigned(to, person), Actor("person", person)
        return store.append(case.id, [assigned], at=house.now(), expected=case.version)[-1].seq

    seq = write_in_turn(house.database, write)
    house.ring()
    return seq


def snooze(house: House, reference: str, until: datetime, *, person: str, wakes: Wakes = "date") -> int:
    """wakes: what ends it before that time. NotAllowed for a time that has passed."""
    if until <= house.now():
        raise NotAllowed(f"snoozing until {until:%Y-%m-%d %H:%M}", "that has passed; choose a later day")
    return _write(house, reference, e.CaseSnoozed(until, person, wakes), person=person)


def state_fact(house: House, reference: str, name: str, value: str, *, person: str, version: int | None = None) -> int:
    """Enter or correct a fact; it then stands before what was read, and answers what asked for it.

    version: of the case as it was shown, if it was. Raises NotAllowed for a fact of no such name, CorrectedMeanwhile
    when a colleague did since, NotOfItsType for a value that is none of its type.
    """
    fact = Fact(name, value, 1.0, (Person(person),))
    return write_from(
        house, reference, lambda store, case: stated(house, store, case, fact, person=person, version=version),
        person=person,
    )  # fmt: skip


def stated(
    house: House, store: Store, case: Case, fact: Fact, *, person: str, version: int | None = None
) -> list[e.Written]:
    """What follows from a person's word on a fact, as it was typed. version, errors: as in state_fact."""
    facts = folder_of(house, case).journey.facts
    if fact.name not in facts:
        raise NotAllowed(f"fact {fact.name!r}", f"the journey knows: {', '.join(facts)}")
    if version is not None and version < case.version:
        _not_corrected(store.history(case.id), fact.name, since=version, by=person)
    read = replace(fact, value=read_typed(fact.name, facts[fact.name], fact.value))
    answered = asks_for(case, fact.name)
    return [e.FactStated(read, person), *([e.RequestAnswered(answered, "")] if answered else [])]


def _not_corrected(entries: Sequence[Entry], name: str, *, since: int, by: str) -> None:
    """Of two who correct one fact at once, the second has not seen what the first wrote."""
    for entry in reversed(entries):
        match entry.event:
            case e.FactStated(fact=fact, by=other) if entry.seq > since and fact.name == name and other != by:
                raise CorrectedMeanwhile(name, other, fact.value)
            case _:
                continue


def reopen(house: House, case_id: str, *, because: str, at: datetime) -> bool:
    """A closed case to a person again. False when it is not closed. A second look has a promise like a first one."""

    def write(store: Store) -> bool:
        case = store.case(case_id)
        case = store.case(case.ties.into.into) if case.ties.into is not None else case
        if case.status is not Status.CLOSED or case.erased:
            return False
        event = e.CaseReopened("", "person")
        if because == "second_look":
            journey = folder_of_customer(house, case).journey
            by = after_step(Step.EXPERT, journey, at=at, urgent=bool(case.dangers))
            event = e.CaseReopened("", "second_look", by)
        store.append(case.id, [(event, Actor("customer"))], at=at, expected=case.version)
        return True

    reopened = write_in_turn(house.database, write)
    if reopened:
        house.ring()
    return reopened


def _write(house: House, reference: str, event: e.Written, *, person: str) -> int:
    return write_from(house, reference, lambda _, __: [event], person=person)


def write_from(
    house: House, reference: str, events_of: Callable[[Store, Case], Sequence[e.Written]], *, person: str
) -> int:
    """Write what follows from the case as it stands, whoever else writes: two letters never share an id."""

    def write(store: Store) -> int:
        case = case_of(store, reference)
        written = [(event, Actor("person", person)) for event in events_of(store, case)]
        return store.append(case.id, written, at=house.now(), expected=case.version)[-1].seq

    seq = write_in_turn(house.database, write)
    house.ring()
    return seq


def folder_of(house: House, case: Case) -> JourneyFolder:
    if case.journey not in house.journeys.folders:
        raise NotAllowed("this", "the case has no journey yet: its message could not be read, or is still being read")
    return house.journeys.get(str(case.journey))


def case_of(store: Store, reference: str) -> Case:
    case = store.case(store.case_id(reference))
    if case.erased:
        raise NotAllowed("a change", "the case was erased")
    return case


def _open(store: Store, reference: str, *, version: int) -> Case:
    case = case_of(store, reference)
    if case.version != version and not _only_beside(store.history(case.id), since=version):
        raise StaleVersion(reference, version, case.version)
    if case.status is Status.CLOSED and not case.awaits_audit:
        raise NotAllowed("a decision", "the case is closed; reopen it before deciding")
    if case.status is Status.HANDING_OVER:
        raise NotAllowed("a decision", "an order is on its way; wait for its acceptance")
    if case.held_decision is not None:
        raise NotAllowed("a decision", "one waits to leave; take it back first")
    return case


def _only_beside(entries: Sequence[Entry], *, since: int) -> bool:
    added = [entry.event for entry in entries if entry.seq > since]
    return bool(added) and all(isinstance(event, BESIDE) for event in added)


def _looks_with_fresh_eyes(store: Store, case: Case, person: str) -> None:
    """A second look that the customer asked for is another person's."""
    if case.reopened and person in deciders_looked_at_again(store.history(case.id)):
        raise NotAllowed("deciding your own second look", "a colleague looks again; assign the case to one")


def check_authority(
    store: Store, case: Case, folder: JourneyFolder, choice: str, person: str, *, now: datetime
) -> None:
    """Above the limit a second person decides: the first one escalates. Who has no account has no role's limit.

    Raises AboveAuthority.
    """
    if not grants(folder.journey, choice):
        return
    user = store.people.user(person) or User(person, (), "")
    stake = stake_of(case, folder.journey, user)
    if stake.amount is not None and stake.limit is not None and stake.amount > stake.limit:
        others = who_may_grant(store.people.users(), case, folder.journey, stake.amount, now=now)
        raise AboveAuthority(stake.amount, stake.limit, others)


def _fits(case: Case, folder: JourneyFolder, decision: Decision) -> None:
    journey = folder.journey
    offered = [key for key, one in journey.options.items() if not one.topics or case.topic in one.topics]
    if decision.choice not in BUILT_IN and decision.choice not in journey.options:
        raise UnknownChoice(decision.choice, [*offered, *sorted(BUILT_IN)])
    if not decision.reason.strip():
        raise NotAllowed("a decision without reason", "give a reason")
    reasons = codes(journey, verdict_of(case, decision.choice))
    if decision.reason_code and decision.reason_code not in reasons:
        mend = f"for {decision.choice!r} choose one of: {', '.join(reasons)}"
        raise NotAllowed(f"reason_code {decision.reason_code!r}", mend)
    if decision.corrected_topic is not None and decision.corrected_topic not in journey.topics:
        raise NotAllowed(f"topic {decision.corrected_topic!r}", f"choose one of: {', '.join(journey.topics)}")
    unknown = [key for key in decision.requests if key not in journey.requests]
    if unknown:
        raise NotAllowed(f"request {unknown[0]!r}", f"choose from: {', '.join(journey.requests)}")
    if case.awaits_audit and decision.choice == NEED_MORE:
        raise NotAllowed(
            "asking the customer in a check", "the case has been closed; choose what its file supports, or escalate"
        )
    if decision.choice == "need_more" and not decision.requests and not decision.message.strip():
        raise NotAllowed("need_more without a question", "name requests or write a message")
    option = journey.options.get(decision.choice)
    letter = journey.letters[option.letter] if option and not case.awaits_audit else None
    if letter is not None and case.looks_again and not decision.message.strip():
        raise NotAllowed("ending a second look without words", "write the message: what you found, for the customer")
    if letter is not None and (letter.free_text or letter.effect is Effect.ADVERSE) and not decision.message.strip():
        raise NotAllowed(f"{decision.choice!r} without words", "write the message that the letter carries")
