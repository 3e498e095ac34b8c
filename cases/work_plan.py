"""What was done in a case, what comes next, who does it and by when: read from its events and its journey. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto
from typing import assert_never

from cases import events as e
from cases.case import Case, Entry
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Status


class Task(StrEnum):
    """Kinds of steps, in the order in which a case meets them."""

    RECEIVE = auto()
    READ = auto()
    ANSWER_REQUEST = auto()  # the customer, what was asked
    VISIT = auto()  # a third party, what was planned
    DECIDE = auto()
    SEND = auto()  # what was decided or written leaves
    REACH = auto()  # a customer whose letter came back
    CALL = auto()  # a customer who should have heard from us
    CALL_BACK = auto()  # a customer who was promised it
    HAND_OVER = auto()  # the organisation's own system takes the order
    CLOSE = auto()


class State(StrEnum):
    DONE = auto()
    NEXT = auto()
    BLOCKED = auto()  # waits for somebody who is not us


@dataclass(frozen=True, slots=True)
class Planned:
    """what: key of the request, option or letter that it is about. at: when it was done; due: by when it should be.

    who: a kind of party, or the name of a person.
    """

    task: Task
    state: State
    who: str
    at: datetime | None = None
    due: datetime | date | None = None
    what: str = ""


def work_plan(case: Case, entries: Sequence[Entry]) -> tuple[Planned, ...]:
    """What was done in order, then what is waited for, then what we do next."""
    if case.erased:
        return ()
    return (*_done(entries), *_reaching(case), *_ahead(case))


def _done(entries: Sequence[Entry]) -> Iterator[Planned]:
    for entry in entries:
        match entry.event:
            case e.CaseOpened():
                yield Planned(Task.RECEIVE, State.DONE, "customer", entry.at)
            case e.Understood():
                yield Planned(Task.READ, State.DONE, "machine", entry.at)
            case e.RequestAnswered(keys=keys):
                for key in keys:
                    yield Planned(Task.ANSWER_REQUEST, State.DONE, "customer", entry.at, what=key)
            case e.HumanDecided(choice=choice, by=by):
                yield Planned(Task.DECIDE, State.DONE, by, entry.at, what=choice)
            case e.HandedOver():
                yield Planned(Task.HAND_OVER, State.DONE, "machine", entry.at)
            case e.CaseClosed(outcome=outcome):
                yield Planned(Task.CLOSE, State.DONE, _who(entry.actor), entry.at, what=outcome)
            case _:
                continue


def _reaching(case: Case) -> Iterator[Planned]:
    for letter in case.unreached:
        yield Planned(Task.REACH, State.NEXT, case.assignee or "us", due=case.update_by, what=letter.letter)
    if case.call:
        yield Planned(Task.CALL_BACK, State.NEXT, case.assignee or "us", due=case.call.promised)
    if case.to_call:
        who = "lead" if case.to_call == "too_often" else case.assignee or "us"
        yield Planned(Task.CALL, State.NEXT, who, due=case.update_by)


def _ahead(case: Case) -> Iterator[Planned]:
    for request in case.open_requests if case.status is Status.WAITING_CUSTOMER else ():
        due = date.fromisoformat(request.due)
        yield Planned(Task.ANSWER_REQUEST, State.BLOCKED, "customer", due=due, what=request.item.key)
    if case.status is Status.WAITING_THIRD_PARTY:
        yield Planned(Task.VISIT, State.BLOCKED, "third_party", due=case.update_by, what=case.last_option)
    if case.status is Status.HANDING_OVER:
        yield Planned(Task.HAND_OVER, State.BLOCKED, "third_party", due=case.update_by, what=case.last_option)
    for held in case.held:
        match held.event:
            case e.DecisionHeld(decision=decision, leaves_at=at):
                yield Planned(Task.SEND, State.NEXT, decision.by, due=at, what=decision.choice)
            case e.LetterHeld(letter=letter, leaves_at=at):
                yield Planned(Task.SEND, State.NEXT, str(letter.approved_by), due=at, what=letter.letter)
            case _:  # pragma: no cover  # the type check proves it
                assert_never(held.event)
    if case.status in (Status.RECEIVED, Status.READING):
        yield Planned(Task.READ, State.NEXT, "machine")
    if case.status in (Status.WITH_EXPERT, Status.REOPENED) and case.held_decision is None:
        yield Planned(Task.DECIDE, State.NEXT, case.assignee or "us", due=case.update_by)
    if case.status in _ENDS_LATER:
        yield Planned(Task.DECIDE, State.BLOCKED, case.assignee or "us", due=case.update_by)


_ENDS_LATER = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY})


def _who(actor: Actor) -> str:
    if actor == CUSTOMER:
        return "customer"
    return "machine" if actor == MACHINE else actor.name or "us"
