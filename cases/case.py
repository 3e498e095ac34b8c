"""The current state of one case, folded from its events. Which event may follow which: cases.authority.

Longer than other files on purpose: the state and the one match over all events that changes it are read together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from cases import events as e
from cases.assisting import UNASSISTED, Assisted, assisted
from cases.chatting import NO_CHAT, Chat, chatted
from cases.errors import NotAllowed
from cases.facts import Fact
from cases.ties import UNTIED, Tie, Ties, tied
from cases.timing import NOT_YET, Timing, timed
from cases.vocabulary import Actor, Effect, FileStatus, Role, Status, Step, Why

AWAKE: dict[str, Any] = {"snoozed_until": None, "wakes": "", "woke": ""}
NEED_MORE, ESCALATE = "need_more", "escalate"  # what a person may choose besides the journey's options
NO_WISHES = e.NoticesChosen()
RECEIPT = "received"  # the letter of every journey that says that a message arrived

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
class Held:
    """What a person decided or wrote and can still take back. seq: of the event that holds it.

    role: of the colleague for whom it waits since asked_at; None while nobody was asked. sent_back_by: who did not let
    it leave, sent_back_because: and why.
    """

    seq: int
    event: e.DecisionHeld | e.LetterHeld
    role: Role | None = None
    asked_at: datetime | None = None
    approved_by: str = ""
    sent_back_by: str = ""
    sent_back_because: str = ""

    @property
    def writer(self) -> str:
        """The person who decided or wrote it."""
        return self.event.decision.by if isinstance(self.event, e.DecisionHeld) else str(self.event.letter.approved_by)

    @property
    def waits_for_approval(self) -> bool:
        return self.role is not None and not self.approved_by


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
    said_seq: int = 0  # seq of the customer's last word
    understood: e.Understood | None = None
    dangers: tuple[e.DangerSign, ...] = ()  # all that was ever read: a later reading takes none of them away
    stated: tuple[Fact, ...] = ()
    enriched: e.Enriched | None = None
    step: e.StepDecided | None = None
    step_seq: int = 0
    requests: tuple[Request, ...] = ()
    last_answer: str = ""  # id of the message that answered a request last; blank when a person noted it
    human: e.HumanDecided | None = None  # an option chosen by a person; stands until the customer writes again
    human_ever: bool = False
    corrected_topic: str | None = None  # by a person
    survey_asked: bool = False
    survey: e.SurveyAnswered | None = None
    survey_declined: bool = False
    explained: e.DecisionExplained | None = None  # what the customer was told of the last decision
    handover: e.HandoverAsked | None = None
    letters: tuple[e.LetterWritten, ...] = ()
    bounces: tuple[e.LetterBounced, ...] = ()
    dead_addresses: tuple[str, ...] = ()  # in small letters; one that a customer writes from again works again
    delayed: tuple[e.LetterDelayed, ...] = ()  # letters that wait to leave, in the order in which they began to
    joined: tuple[e.LettersJoined, ...] = ()
    notices: e.NoticesChosen = NO_WISHES  # how the customer wants to hear from us
    unreached: tuple[e.LetterWritten, ...] = ()  # came back for good: a person has to reach the customer otherwise
    held: tuple[Held, ...] = ()  # leaves the house at its time
    kept_back: tuple[Held, ...] = ()  # did not leave, because the case changed: a person looks at it again
    outcome: str | None = None
    closed_at: datetime | None = None
    reopened: bool = False  # once reopened, never closed by the machine again
    looks_again: bool = False  # the customer asked for a second look, and was not told yet what it found
    parked: tuple[e.WorkParked, ...] = ()
    package: e.FilePackaged | None = None
    update_by: datetime | None = None
    put_off: int = 0  # how often in a row the customer was only told a later date
    to_call: str = ""  # why a person has to call (PromisePassed.why), until one writes, decides or notes that they did
    call: e.CallAsked | None = None  # promised, until it is noted or the case is closed
    calls_missed: int = 0  # in a row
    assignee: str | None = None
    snoozed_until: datetime | None = None
    wakes: str = ""  # what ends the snooze before that: "reply" or "document"; "date": any word of the customer
    woke: str = ""  # what ended it: "reply", "document" or "danger", until a person acts; its date is snoozed_until
    last_message_at: datetime | None = None
    tested: bool = False  # a person agreed with advice that was planted: from then on all see the machine's own
    representatives: tuple[e.RepresentativeNamed, ...] = ()  # until withdrawn, also those whose time is over
    signed: tuple[e.StatementSigned, ...] = ()
    imported: e.CaseImported | None = None
    erased: bool = False
    timing: Timing = NOT_YET
    ties: Ties = UNTIED
    chat: Chat = NO_CHAT
    assisted: Assisted = UNASSISTED
    by_itself: Status | None = None  # where it would stand, while it goes on in another case
    heard: tuple[e.MessageAdded, ...] = ()  # all that was ever said; () while nothing was split off

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (self.understood.facts if self.understood else ()) + self.stated

    @property
    def promised_by(self) -> datetime | None:
        """By when the customer hears from us next, by letter or by phone."""
        called = self.call.promised if self.call else None
        return min(filter(None, (self.update_by, called)), default=None)

    @property
    def files(self) -> tuple[e.FileSeen, ...]:
        return tuple(file for message in self.messages for file in message.files)

    @property
    def all_read(self) -> bool:
        """Whether the newest reading took in the customer's last word."""
        return self.understood is not None and self.understood.message_id == (
            self.messages[-1].message_id if self.messages else ""
        )

    @property
    def line_of_business(self) -> str:
        read = self.understood or self.imported
        return read.line_of_business if read else "general"

    @property
    def topic(self) -> str | None:
        if self.corrected_topic:
            return self.corrected_topic
        if self.understood is not None:
            return self.understood.topic
        return self.imported.topic if self.imported else None

    @property
    def told_topic(self) -> str | None:
        """The topic as customers may read it: none before a step, and none that was only guessed."""
        guessed = self.step is None or bool({Why.OUT_OF_SCOPE, Why.UNCERTAIN_TOPIC} & set(self.step.because))
        return self.corrected_topic if guessed else self.topic

    @property
    def open_requests(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if not request.answered)

    def leaving_with(self, letter_id: str) -> tuple[e.LetterWritten, ...]:
        """The letters that leave as one with this letter, the one that carries them first; () for an unknown one."""
        joined = next((one.letters for one in self.joined if letter_id in one.letters), (letter_id,))
        known = {letter.letter_id: letter for letter in self.letters}
        return tuple(known[one] for one in joined if one in known)

    @property
    def held_decision(self) -> e.DecisionHeld | None:
        return next((one.event for one in self.held if isinstance(one.event, e.DecisionHeld)), None)

    @property
    def awaits_audit(self) -> bool:
        """Whether the machine closed it, the draw chose it, and nobody has judged it yet."""
        drawn = self.step is not None and self.step.audit
        return drawn and self.status is Status.CLOSED and self.human is None and self.ties.into is None

    @property
    def last_option(self) -> str:
        """The option that closed the case or, in an open one, that a person or the machine carried out; else ""."""
        if self.status is Status.CLOSED:
            return self.outcome or ""
        if self.human is not None:
            return self.human.choice
        step = self.step
        return step.option if step is not None and not step.shadow and step.step in _CARRIED_OUT else ""


_CARRIED_OUT = frozenset({Step.AUTO_CLOSE, Step.APPOINT})  # with other steps an option is advice


def fold(case_id: str, entries: Iterable[Entry]) -> Case:
    case = Case(case_id)
    for entry in entries:
        case = apply(case, entry)
    return case


def apply(case: Case, entry: Entry) -> Case:
    """The case after one more event. Total over all events, also erased and unknown ones."""
    after = _after(case, entry)
    if after.erased:
        return after
    now, before = after.by_itself or after.status, case.by_itself or case.status  # a merge stops no clock for good
    turned = now if now is not before else None
    timing = timed(after.timing, entry.event, entry.at, turned=turned)
    chat = chatted(after.chat, entry.event, entry.at)
    unchanged = timing is after.timing and chat is after.chat
    return after if unchanged else replace(after, timing=timing, chat=chat)


def _after(case: Case, entry: Entry) -> Case:  # noqa: C901, PLR0911, PLR0912, PLR0915  # one branch an event, nothing else
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
            dangers = tuple(dict.fromkeys(case.dangers + event.dangers))
            woken = {**AWAKE, "woke": "danger"} if event.dangers and case.snoozed_until is not None else {}
            language = case.notices.language or event.language
            return replace(case, understood=event, dangers=dangers, journey=event.journey, language=language, **woken)
        case e.Enriched():
            return replace(case, enriched=event)
        case e.StepDecided():
            status = STATUS_AFTER_STEP[Step.EXPERT if event.shadow else event.step]
            return replace(case, step=event, step_seq=entry.seq, status=status, update_by=event.update_by, put_off=0)
        case e.RequestMade(items=items, due=due):
            asked = tuple(Request(item, at, due.isoformat()) for item in items)
            return replace(case, requests=case.requests + asked, status=Status.WAITING_CUSTOMER)
        case e.RequestAnswered():
            return _with_answer(case, event)
        case e.TaskPlanned():
            return replace(case, status=Status.WAITING_THIRD_PARTY)
        case e.HandoverAsked():
            return replace(case, handover=event, status=Status.HANDING_OVER)
        case e.HandedOver():
            # When a person took the case up meanwhile, the acceptance changes nothing about that.
            return replace(case, handover=None, status=_unless_taken_up(case.status, Status.DECIDED))
        case e.HandoverRefused():
            return replace(case, handover=None, status=_to_a_person(case.status))
        case e.LetterWritten():
            to_call = "" if event.approved_by else case.to_call
            return replace(case, letters=(*case.letters, event), to_call=to_call)
        case e.PromisePassed():
            return _promised_anew(case, event)
        case e.HumanDecided():
            return _by_hand(case, event)
        case e.LetterBounced():
            return _with_bounce(case, event)
        case e.NoticesChosen():
            return replace(case, notices=event, language=event.language or case.language)
        case e.LetterSent() | e.LetterWithheld() | e.LetterDelayed() | e.LettersJoined() | e.LetterLeftToPerson():
            return _on_its_way(case, event)
        case e.NoteAdded():
            return _noted(case, event)
        case e.CallAsked():
            return replace(case, call=event, calls_missed=0)
        case e.CallMissed():
            return _call_missed(case, event)
        case e.DecisionHeld() | e.LetterHeld():
            return replace(case, held=(*case.held, Held(entry.seq, event)), kept_back=(), **AWAKE)
        case e.Released(held=seq):
            return replace(case, held=tuple(one for one in case.held if one.seq != seq))
        case e.TakenBack() | e.ApprovalAsked() | e.LetterApproved():
            return _looked_over(case, event, at)
        case e.AdviceTested():
            return replace(case, tested=True)
        case e.CaseClosed(outcome=outcome):
            return replace(
                case, status=Status.CLOSED, outcome=outcome, closed_at=at, update_by=None, to_call="", put_off=0,
                looks_again=False, call=None,
            )  # fmt: skip
        case e.CaseReopened(because=because, update_by=update_by):
            again = because == "second_look"
            case = replace(case, status=Status.REOPENED, reopened=True, closed_at=None, human=None)
            return replace(case, looks_again=case.looks_again or again, update_by=update_by or case.update_by)
        case e.FilePackaged():
            return replace(case, package=event)
        case e.WorkParked():
            return replace(case, parked=(*case.parked, event), status=_to_a_person(case.status))
        case e.FactStated(fact=fact):
            return replace(case, stated=(*case.stated, fact))
        case e.CaseAssigned(to=to):
            return replace(case, assignee=to)
        case e.CaseSnoozed(until=until, wakes=wakes):
            return replace(case, snoozed_until=until, wakes=wakes, woke="")
        case e.ChatTaken():
            return replace(case, **AWAKE)
        case e.CaseImported():
            return _imported(case, event)
        case e.CaseErased():
            return Case(case.id, version=case.version, status=Status.CLOSED, erased=True)
        case (
            e.CaseMerged() | e.MergedIn() | e.MergedHeard() | e.MergeTakenBack() | e.CaseLinked() | e.LinkRemoved()
            | e.CaseSplit() | e.SplitOff() | e.SplitTakenBack()
        ):  # fmt: skip
            return _regrouped(case, event, at)
        case e.RepresentativeNamed():
            return replace(case, representatives=(*case.representatives, event))
        case e.RepresentativeWithdrawn(representative=id_):
            left = tuple(one for one in case.representatives if one.representative != id_)
            return replace(case, representatives=left)
        case e.StatementSigned():
            return replace(case, signed=(*case.signed, event))
        case e.LinkRenewed(link_id=link_id):
            return replace(case, link_id=link_id)
        case e.DecisionExplained():
            return replace(case, explained=event)
        case e.SurveyAsked():
            return replace(case, survey_asked=True)
        case e.SurveyAnswered():
            return replace(case, survey=event)
        case e.SurveyDeclined():
            return replace(case, survey_declined=True)
        case e.LlmCalled() | e.AssistantSaid() | e.AssistantJudged():
            return replace(case, assisted=assisted(case.assisted, event))
        case e.CopyAsked() | e.RepresentativeMailed() | e.ChatEnded() | e.Erased() | e.Unknown():
            return case
        case (
            e.MessageReceived() | e.MessageRead() | e.JourneyLoaded() | e.ModelTrained() | e.ModelCompared()
            | e.ModelPromoted() | e.CertificationTried() | e.TopicShut() | e.TopicReopened() | e.AuditDrawn()
            | e.AuditObserved() | e.AuditShareRaised() | e.ShadowRead() | e.DriftSeen() | e.DriftPassed()
            | e.TableDrafted() | e.DraftDropped() | e.TablePublished() | e.TableShadowed() | e.ShadowAnswered()
            | e.ShadowEnded() | e.ReplayReported() | e.AccessNoted() | e.CheckpointMade() | e.DecisionOverseen()
            | e.SurveyCounted()
            | e.TextsStopped() | e.TextsWanted()
            | e.DatesLearned() | e.ServiceMeasured()
        ):  # fmt: skip
            raise NotAllowed(event.kind, "it does not happen to a case")
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)


def _looked_over(case: Case, event: e.TakenBack | e.ApprovalAsked | e.LetterApproved, at: datetime) -> Case:
    """What was held waits for a colleague, was approved, or does not leave."""
    one = next((one for one in case.held if one.seq == event.held), None)
    if one is None:
        return case
    match event:
        case e.ApprovalAsked(role=role):
            after = replace(one, role=role, asked_at=at)
        case e.LetterApproved(by=by):
            after = replace(one, approved_by=by)
        case e.TakenBack(by=by, why=why, reason=reason):
            held = tuple(other for other in case.held if other is not one)
            back = replace(one, sent_back_by=by, sent_back_because=reason) if why == "sent_back" else one
            return replace(case, held=held, kept_back=case.kept_back if why == "person" else (*case.kept_back, back))
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)
    return replace(case, held=tuple(after if other is one else other for other in case.held))


def _on_its_way(
    case: Case, event: e.LetterSent | e.LetterWithheld | e.LetterDelayed | e.LettersJoined | e.LetterLeftToPerson
) -> Case:
    """What becomes of a letter after it was written."""
    letters = event.letters if isinstance(event, e.LettersJoined) else (event.letter_id,)
    case = replace(case, delayed=tuple(one for one in case.delayed if one.letter_id not in letters))
    match event:
        case e.LetterSent():
            return replace(case, unreached=())
        case e.LetterDelayed():
            return replace(case, delayed=(*case.delayed, event))
        case e.LettersJoined():
            return replace(case, joined=(*case.joined, event))
        case e.LetterLeftToPerson(why=why):
            return replace(case, to_call=why)
        case e.LetterWithheld():
            return case
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)


def _with_answer(case: Case, event: e.RequestAnswered) -> Case:
    """What a person noted as answered has no reading to wait for: when it was the last of it, a person goes on."""
    answered = tuple(
        replace(request, answered=True) if request.item.key in event.keys else request for request in case.requests
    )
    case = replace(case, requests=answered, last_answer=event.message_id)
    waits_for_nothing = case.status is Status.WAITING_CUSTOMER and not case.open_requests
    return replace(case, status=Status.WITH_EXPERT) if waits_for_nothing else case


def _by_hand(case: Case, event: e.HumanDecided) -> Case:
    """A person's decision. One to ask or to pass the case on decides nothing yet, and withdraws what stood."""
    case = replace(
        case,
        human=None if event.choice in (NEED_MORE, ESCALATE) else event,
        human_ever=True,
        kept_back=(),
        corrected_topic=event.corrected_topic or case.corrected_topic,
        update_by=event.update_by or case.update_by,
        put_off=0,
        to_call="",
        **AWAKE,
    )
    if case.status is Status.CLOSED or event.choice == NEED_MORE:
        return case  # an audit's verdict changes nothing, and a question is told by the request that follows
    if event.choice == ESCALATE:
        return replace(case, status=Status.WITH_EXPERT, assignee=None)
    return replace(case, status=Status.DECIDED)


def _noted(case: Case, event: e.NoteAdded) -> Case:
    """A note tells that somebody was reached; what they told, that they were called."""
    if case.unreached or case.to_call:
        case = replace(case, unreached=(), to_call="")
    return replace(case, call=None, calls_missed=0) if event.caller and case.call is not None else case


def _call_missed(case: Case, event: e.CallMissed) -> Case:
    if case.call is None or event.again is None or event.opens is None:
        return replace(case, call=None, to_call="call_missed")
    again = replace(case.call, opens=event.opens, promised=event.again)
    return replace(case, call=again, calls_missed=case.calls_missed + 1)


def _promised_anew(case: Case, event: e.PromisePassed) -> Case:
    """A later date, or a person who calls. Who was asked and did not answer is no longer waited for: a person looks."""
    if event.update_by is None:
        return replace(case, to_call=event.why)
    waits_in_vain = event.why == "no_answer" and case.status is Status.WAITING_CUSTOMER
    return replace(
        case,
        update_by=event.update_by,
        put_off=0 if event.why == "told" else case.put_off + 1,
        status=Status.WITH_EXPERT if waits_in_vain else case.status,
    )


def _with_message(case: Case, event: e.MessageAdded) -> Case:
    """A customer's word: an earlier decision of a person no longer covers what follows, and what was held is kept."""
    return replace(
        case,
        messages=(*case.messages, event),
        heard=(*case.heard, event) if case.heard else (),
        held=(),
        kept_back=case.kept_back + case.held,
        said_seq=case.version,
        human=None,
        status=_after_a_word(case.status),
        by_itself=case.by_itself and Status.WITH_EXPERT,
        last_message_at=event.received_at,
        dead_addresses=tuple(one for one in case.dead_addresses if one != event.sender.casefold()),
        unreached=(),
        **_woken_by(case, event),
    )


def _with_bounce(case: Case, event: e.LetterBounced) -> Case:
    """A letter that came back for good. Who was asked by it does not know, so nobody waits for the answer any more."""
    case = replace(case, bounces=(*case.bounces, event))
    letters = case.leaving_with(event.letter_id)
    if not letters or event.again_at is not None:
        return case
    waits_in_vain = case.status is Status.WAITING_CUSTOMER and any(one.effect is Effect.ASK for one in letters)
    dead = (event.address,) if event.address else tuple(one.to.casefold() for one in letters)
    return replace(
        case,
        dead_addresses=tuple(dict.fromkeys((*case.dead_addresses, *dead))),
        unreached=(*case.unreached, *letters),
        status=Status.WITH_EXPERT if waits_in_vain else case.status,
    )


def _regrouped(case: Case, event: Tie, at: datetime) -> Case:
    """What a merge, a split or a link changes. Another case's word counts as one of the customer's in this one."""
    before, case = case, replace(case, ties=tied(case.ties, event))
    match event:
        case e.CaseMerged():
            own = Status.WITH_EXPERT if before.status in (Status.RECEIVED, Status.READING) else before.status
            case = replace(case, status=Status.CLOSED, by_itself=own)
            return _resaid(case) if case.ties.returned else case
        case e.MergedIn(update_by=sooner):
            return replace(case, update_by=sooner or case.update_by)
        case e.MergedHeard():
            taken_up = case.status in (Status.CLOSED, Status.REOPENED)
            status = case.status if taken_up else Status.WITH_EXPERT
            woken = {**AWAKE, "woke": "danger" if event.danger else "reply"} if case.snoozed_until else {}
            kept_back = case.kept_back + case.held
            case = replace(case, held=(), kept_back=kept_back, human=None, status=status, **woken)
            return replace(case, said_seq=case.version, last_message_at=at)
        case e.MergeTakenBack(case=other):
            if before.by_itself is not None:
                return replace(case, status=before.by_itself, by_itself=None)
            apart = next(one for one in before.ties.joined if one.case == other)
            its_promise = apart.update_by is not None and apart.update_by == case.update_by
            return replace(case, update_by=apart.update_before) if its_promise else case
        case e.CaseSplit() | e.SplitTakenBack():
            return _resaid(case)
        case e.CaseLinked() | e.LinkRemoved() | e.SplitOff():
            return case
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)


def _resaid(case: Case) -> Case:
    heard = case.heard or case.messages
    return replace(case, heard=heard, messages=case.ties.kept(heard))


def _woken_by(case: Case, event: e.MessageAdded) -> dict[str, Any]:
    """What a word of the customer changes about a snooze; one that waits for a file goes on without one."""
    has_file = any(file.status is FileStatus.RECEIVED for file in event.files)
    if case.snoozed_until is None or (case.wakes == "document" and not has_file):
        return {}
    return {**AWAKE, "woke": "document" if has_file and case.wakes == "document" else "reply"}


def _after_a_word(status: Status) -> Status:
    """The machine may act on a message before a step or in answer to its request; later ones go to a person."""
    match status:
        case Status.RECEIVED | Status.READING | Status.WAITING_CUSTOMER:
            return Status.READING
        case Status.DECIDED | Status.HANDING_OVER:
            return Status.WITH_EXPERT  # what was decided, was decided without this word
        case Status.WAITING_THIRD_PARTY | Status.WITH_EXPERT | Status.CLOSED | Status.REOPENED:
            return status
        case _:  # pragma: no cover  # the type check proves it
            assert_never(status)


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
