"""The current state of one case, folded from its events; which event may follow which, and who may do what.

Asymmetric authority: the machine may grant, ask, route and wait. What refuses, grants less or ends a case without
what was asked needs a decision of a person that stands after the customer's last word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from cases import events as e
from cases.errors import NotAllowed
from cases.facts import Fact
from cases.vocabulary import Actor, Effect, Status, Step, Why

STATUS_AFTER_STEP: dict[Step, Status] = {
    Step.AUTO_CLOSE: Status.DECIDED,
    Step.REQUEST_INFO: Status.WAITING_CUSTOMER,
    Step.ROUTE: Status.WITH_EXPERT,
    Step.APPOINT: Status.WAITING_THIRD_PARTY,
    Step.EXPERT: Status.WITH_EXPERT,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its place in the stream."""

    seq: int
    at: datetime
    actor: Actor
    event: e.Event


@dataclass(frozen=True, slots=True)
class Request:
    """An open or answered request to the customer."""

    item: e.RequestItem
    asked_at: datetime
    due: str  # ISO date
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case stands. `version` is the seq of its last event; tuples are in order of arrival."""

    id: str
    version: int = 0
    status: Status = Status.RECEIVED
    reference: str = ""
    journey: str | None = None
    channel: str = ""
    sender: str = ""
    sender_name: str = ""
    language: str | None = None
    link_id: str | None = None
    may_belong_to: str | None = None
    opened_at: datetime | None = None
    messages: tuple[e.MessageAdded, ...] = ()
    understood: e.Understood | None = None
    stated: tuple[Fact, ...] = ()
    enriched: e.Enriched | None = None
    step: e.StepDecided | None = None
    step_seq: int = 0
    requests: tuple[Request, ...] = ()
    human: e.HumanDecided | None = None  # stands until the customer writes again
    human_ever: bool = False
    handover: e.HandoverAsked | None = None
    letters: tuple[e.LetterWritten, ...] = ()
    outcome: str | None = None
    closed_at: datetime | None = None
    reopened: bool = False  # once reopened, never closed by the machine again
    parked: tuple[e.WorkParked, ...] = ()
    package: e.FilePackaged | None = None
    update_by: datetime | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    last_message_at: datetime | None = None
    imported: e.CaseImported | None = None
    erased: bool = False

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (self.understood.facts if self.understood else ()) + self.stated

    @property
    def files(self) -> tuple[e.FileSeen, ...]:
        return tuple(file for message in self.messages for file in message.files)

    @property
    def dangers(self) -> tuple[e.DangerSign, ...]:
        return self.understood.dangers if self.understood else ()

    @property
    def line_of_business(self) -> str:
        read = self.understood or self.imported
        return read.line_of_business if read else "general"

    @property
    def topic(self) -> str | None:
        if self.human is not None and self.human.corrected_topic:
            return self.human.corrected_topic
        if self.understood is not None:
            return self.understood.topic
        return self.imported.topic if self.imported else None

    @property
    def open_requests(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if not request.answered)

    @property
    def last_option(self) -> str:
        """The option that a person or, failing that, the machine carried out last; "" when none."""
        if self.human is not None:
            return self.human.choice
        return self.step.option if self.step is not None and not self.step.shadow else ""


def fold(case_id: str, entries: Iterable[Entry]) -> Case:
    case = Case(case_id)
    for entry in entries:
        case = apply(case, entry)
    return case


def apply(case: Case, entry: Entry) -> Case:  # noqa: C901, PLR0911, PLR0912  # one branch an event, nothing else
    """The case after one more event. Total over all events, also erased and unknown ones."""
    event, at = entry.event, entry.at
    case = replace(case, version=entry.seq)
    match event:
        case e.CaseOpened():
            return replace(
                case,
                reference=event.reference,
                journey=event.journey,
                channel=event.channel,
                sender=event.sender,
                sender_name=event.sender_name,
                language=event.language,
                link_id=event.link_id,
                may_belong_to=event.may_belong_to,
                opened_at=at,
            )
        case e.MessageAdded():
            return _with_message(case, event)
        case e.Understood():
            return replace(case, understood=event, journey=event.journey, language=event.language)
        case e.Enriched():
            return replace(case, enriched=event)
        case e.StepDecided():
            status = STATUS_AFTER_STEP[Step.EXPERT if event.shadow else event.step]
            return replace(case, step=event, step_seq=entry.seq, status=status, update_by=event.update_by)
        case e.RequestMade(items=items, due=due):
            asked = tuple(Request(item, at, due.isoformat()) for item in items)
            return replace(case, requests=case.requests + asked, status=Status.WAITING_CUSTOMER)
        case e.RequestAnswered(keys=keys):
            answered = tuple(
                replace(request, answered=True) if request.item.key in keys else request for request in case.requests
            )
            return replace(case, requests=answered)
        case e.TaskPlanned():
            return replace(case, status=Status.WAITING_THIRD_PARTY)
        case e.HandoverAsked():
            return replace(case, handover=event, status=Status.HANDING_OVER)
        case e.HandedOver():
            # When a person took the case up meanwhile, the acceptance changes nothing about that.
            return replace(case, handover=None, status=_unless_taken_up(case.status, Status.DECIDED))
        case e.HandoverRefused():
            return replace(case, handover=None, status=Status.WITH_EXPERT)
        case e.LetterWritten():
            return replace(case, letters=(*case.letters, event))
        case e.HumanDecided(choice="escalate"):
            return replace(case, human_ever=True, status=Status.WITH_EXPERT, assignee=None, snoozed_until=None)
        case e.HumanDecided():
            return replace(case, human=event, human_ever=True, status=Status.DECIDED, snoozed_until=None)
        case e.CaseClosed(outcome=outcome):
            return replace(case, status=Status.CLOSED, outcome=outcome, closed_at=at, update_by=None)
        case e.CaseReopened():
            return replace(case, status=Status.REOPENED, reopened=True, closed_at=None, human=None)
        case e.FilePackaged():
            return replace(case, package=event)
        case e.WorkParked():
            return replace(case, parked=(*case.parked, event), status=_to_a_person(case.status))
        case e.FactStated(fact=fact):
            return replace(case, stated=(*case.stated, fact))
        case e.CaseAssigned(to=to):
            return replace(case, assignee=to)
        case e.CaseSnoozed(until=until):
            return replace(case, snoozed_until=until)
        case e.CaseImported():
            return _imported(case, event)
        case e.CaseErased():
            return Case(case.id, version=case.version, status=Status.CLOSED, erased=True)
        case e.LetterSent() | e.LetterWithheld() | e.NoteAdded() | e.Erased() | e.Unknown():
            return case
        case (
            e.MessageReceived() | e.MessageRead() | e.JourneyLoaded() | e.ModelTrained() | e.CertificationTried()
            | e.TopicShut() | e.AccessNoted() | e.CheckpointMade()
        ):  # fmt: skip
            raise NotAllowed(event.kind, "it does not happen to a case")
        case _:
            assert_never(event)


def _with_message(case: Case, event: e.MessageAdded) -> Case:
    """A customer's word: an earlier decision of a person no longer covers what follows."""
    return replace(
        case,
        messages=(*case.messages, event),
        human=None if case.status is not Status.CLOSED else case.human,
        status=Status.READING if case.status in _READ_AGAIN else case.status,
        last_message_at=event.received_at,
        snoozed_until=None,
    )


#: In these statuses the machine may act on a new message; in all others a person is told.
_READ_AGAIN = frozenset({Status.RECEIVED, Status.READING, Status.WAITING_CUSTOMER})


def _unless_taken_up(status: Status, then: Status) -> Status:
    return then if status is Status.HANDING_OVER else status


def _to_a_person(status: Status) -> Status:
    return status if status is Status.CLOSED else Status.WITH_EXPERT


def _imported(case: Case, event: e.CaseImported) -> Case:
    return replace(
        case,
        imported=event,
        reference=event.reference,
        journey=event.journey,
        language=event.language,
        channel="import",
        sender=event.customer,
        outcome=event.outcome,
        status=Status.CLOSED,
        opened_at=event.received_at,
        closed_at=event.decided_at,
    )


# --- who may do what --------------------------------------------------------------------------------------------------


def check(case: Case, event: e.Event, actor: Actor) -> None:  # noqa: C901  # one guard an event
    """Raise NotAllowed unless this event may follow in this case by this actor.

    The two walls that hold everything else up: an adverse or person-worded letter, and a closing, each need either
    a person's decision after the customer's last word or, for a closing, a machine step that grants or answers.
    """
    if case.erased:
        raise NotAllowed(event.kind, "the case was erased")
    match event:
        case e.CaseOpened() | e.CaseImported():
            if case.version:
                raise NotAllowed(event.kind, "the case exists already")
            return
        case _ if not case.version:
            raise NotAllowed(event.kind, "the case was not opened")
        case e.StepDecided():
            _check_step(case, event, actor)
        case e.LetterWritten(effect=Effect.ADVERSE):
            _needs_person(case, "an adverse letter")
        case e.LetterWritten(approved_by=None):
            _check_machine_letter(case, event)
        case e.RequestMade():
            if actor.type == "machine":
                _needs_machine_step(case, Step.REQUEST_INFO, "asking the customer")
        case e.HandoverAsked(option=option) | e.TaskPlanned(option=option):
            if case.human is None and (case.step is None or case.step.shadow or case.step.option != option):
                raise NotAllowed(event.kind, f"nobody decided {option!r}")
        case e.HumanDecided():
            if actor.type != "person":
                raise NotAllowed(event.kind, "only a person decides by hand")
        case e.CaseClosed():
            if case.status is Status.CLOSED:
                raise NotAllowed(event.kind, "the case is closed already")
            if case.human is None:
                _needs_machine_step(case, Step.AUTO_CLOSE, "closing")
        case e.CaseReopened():
            if case.status is not Status.CLOSED:
                raise NotAllowed(event.kind, "the case is not closed")
        case _:
            return


def _check_step(case: Case, event: e.StepDecided, actor: Actor) -> None:
    if actor.type != "machine":
        raise NotAllowed(event.kind, "a person decides with human_decided")
    if case.status is Status.CLOSED:
        raise NotAllowed(event.kind, "the case is closed")
    if event.step is Step.EXPERT or event.shadow:
        return
    for stands_against, why in (
        (bool(case.dangers), "there is danger in it: a person looks first"),
        (case.reopened, "it was reopened: a person looks"),
        (case.human_ever, "a person has taken it up"),
    ):
        if stands_against and event.step is not Step.ROUTE:
            raise NotAllowed(f"{event.step} by the machine", why)
    if event.step in (Step.AUTO_CLOSE, Step.REQUEST_INFO) and case.parked:
        raise NotAllowed(f"{event.step} by the machine", "some of its work could not be processed")
    if event.step is Step.AUTO_CLOSE and event.certificate is None:
        raise NotAllowed("closing by the machine", "its topic has no certificate")


def _check_machine_letter(case: Case, event: e.LetterWritten) -> None:
    """A machine letter may inform at any time; it asks or grants only after the step that says so."""
    if event.effect is Effect.ASK:
        _needs_machine_step(case, Step.REQUEST_INFO, "asking by letter")
    if event.effect is Effect.GRANT and case.human is None:
        _needs_machine_step(case, Step.AUTO_CLOSE, "granting by letter")


def _needs_person(case: Case, what: str) -> None:
    if case.human is None:
        raise NotAllowed(what, "no person has decided since the customer's last word")


def _needs_machine_step(case: Case, step: Step, what: str) -> None:
    decided = case.step
    if decided is None or decided.shadow or decided.step is not step or case.human is not None:
        raise NotAllowed(what, f"the machine has not decided {step}")
    if case.dangers or case.reopened or case.parked:
        raise NotAllowed(what, "a person looks at this case first")
    if step is Step.AUTO_CLOSE and Why.ROW not in decided.because:
        raise NotAllowed(what, "no row of the rules says so")
