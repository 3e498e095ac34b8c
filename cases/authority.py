"""Which event may follow which in a case, and who may do what.

Asymmetric authority: the machine may grant, ask, route and wait. What refuses, grants less or ends a case without
what was asked needs a decision of a person that stands after the customer's last word.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import assert_never

from cases import events as e
from cases.assisting import unsourced
from cases.case import RECEIPT, Case, Held
from cases.errors import NotAllowed
from cases.ties import Tie
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Effect, RequestKind, Role, Status, Step, Why


def check(case: Case, event: e.Event, actor: Actor) -> None:  # noqa: C901, PLR0912, PLR0915  # one guard an event
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
        case _ if case.ties.into is not None and not isinstance(event, _WHILE_MERGED):
            raise NotAllowed(
                event.kind, f"it goes on in {case.ties.into.reference}: work there, or take the merge back"
            )
        case _ if actor.type == "customer" and not isinstance(event, _BY_CUSTOMERS):
            raise NotAllowed(event.kind, "customers write, answer, name who acts for them and ask for a second look")
        case _ if case.status is Status.CLOSED and isinstance(event, _WHILE_OPEN):
            raise NotAllowed(event.kind, "the case is closed; reopen it first")
        case _ if case.chat.holder is not None and actor == MACHINE and _speaks(event):
            raise NotAllowed(f"{event.kind} by the machine", f"{case.chat.holder} answers in the chat")
        case e.ChatTaken() | e.ChatEnded():
            _check_chat(case, event, actor)
        case e.StepDecided():
            _check_step(case, event, actor)
        case e.LetterWritten():
            _check_letter(case, event, actor)
        case e.NoticesChosen():
            if actor.type != "customer":
                raise NotAllowed(event.kind, "the customer chooses how to hear from us, on their page")
        case e.CallAsked(by=by):
            if actor != (Actor("person", by) if by else CUSTOMER):
                raise NotAllowed(event.kind, "the customer asks for it, or a person promises it in their own name")
        case e.PromisePassed() | e.CallMissed() | e.LetterDelayed() | e.LettersJoined() | e.LetterLeftToPerson():
            if actor != MACHINE:
                raise NotAllowed(event.kind, "the clock says so; a person writes or decides")
        case e.RequestMade():
            if actor.type != "person":
                _needs_machine_step(case, "asking the customer", Step.REQUEST_INFO)
        case e.HandoverAsked(option=option):
            _needs_decision(case, option, "an order", Step.AUTO_CLOSE)
        case e.TaskPlanned(option=option):
            _needs_decision(case, option, "planning", Step.AUTO_CLOSE, Step.APPOINT)
        case e.HandedOver(id=order) | e.HandoverRefused(id=order):
            if case.handover is None or case.handover.id != order:
                raise NotAllowed(event.kind, f"no order {order!r} is on its way")
        case e.HumanDecided(by=by) | e.AdviceTested(by=by):
            _check_decider(case, event, by, actor)
        case e.DecisionHeld(decision=decision):
            _check_decider(case, event, decision.by, actor)
        case e.LetterHeld() | e.Released() | e.TakenBack():
            _check_held(case, event, actor)
        case e.ApprovalAsked() | e.LetterApproved():
            _check_approval(case, event, actor)
        case e.CaseClosed(outcome=outcome):
            _needs_decision(case, outcome, "closing", Step.AUTO_CLOSE)
        case e.StatementSigned():
            _check_signed(case, event, actor)
        case e.RepresentativeNamed() | e.RepresentativeWithdrawn():
            _check_representing(case, event, actor)
        case e.SurveyAsked():
            if actor != MACHINE or case.status is not Status.CLOSED or case.survey_asked:
                raise NotAllowed(event.kind, "the clock asks, once, and after the case was closed")
        case e.SurveyAnswered() | e.SurveyDeclined():
            if actor.type != "customer" or not case.survey_asked or case.survey is not None or case.survey_declined:
                raise NotAllowed(event.kind, "the customer answers, once, what was asked")
        case e.DecisionExplained(option=option, by=by):
            if option != case.last_option or (by == "person") != (case.human is not None):
                raise NotAllowed(event.kind, "nobody decided that")
        case e.AssistantSaid(lines=lines):
            if actor != MACHINE or unsourced(lines):
                raise NotAllowed(event.kind, "the machine says it, and each statement names its evidence")
        case e.AssistantJudged(by=by, said_id=said_id):
            if actor != Actor("person", by) or said_id not in {one.said_id for one in case.assisted.said}:
                raise NotAllowed(event.kind, "a person judges what was said to them, in their own name")
        case e.CaseReopened():
            if case.status is not Status.CLOSED:
                raise NotAllowed(event.kind, "the case is not closed")
        case (
            e.CaseMerged() | e.MergedIn() | e.MergedHeard() | e.MergeTakenBack() | e.CaseLinked() | e.LinkRemoved()
            | e.CaseSplit() | e.SplitOff() | e.SplitTakenBack()
        ):  # fmt: skip
            _check_tie(case, event, actor)
        case _:
            return


def _speaks(event: e.Event) -> bool:
    """Whether the customer hears the machine by this, now or by what follows."""
    if isinstance(event, e.LetterWritten):
        return event.approved_by is None
    return isinstance(event, e.StepDecided | e.RequestMade | e.PromisePassed | e.CallMissed)


def _check_chat(case: Case, event: e.ChatTaken | e.ChatEnded, actor: Actor) -> None:
    if isinstance(event, e.ChatTaken):
        if actor != Actor("person", event.by):
            raise NotAllowed("taking the chat", "a person does that, and in their own name")
        if case.chat.holder is not None:
            raise NotAllowed("taking the chat", f"{case.chat.holder} answers in it; write a note to them instead")
        if case.chat.moved_at is None:
            raise NotAllowed("taking the chat", "the customer has written nothing there; write them a letter")
        if case.status is Status.HANDING_OVER:
            raise NotAllowed("taking the chat", "an order is on its way; wait for its acceptance")
        return
    if not case.chat.goes_on:
        raise NotAllowed("ending the chat", "it has ended, or never began")
    if actor != (Actor("person", event.by) if event.by else MACHINE):
        raise NotAllowed("ending the chat", "a person does that in their own name")


def may_change_rules(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may draft, publish and roll back the tables of a journey."""
    return Role.JOURNEY_OWNER in roles


_BY_CUSTOMERS = (
    e.MessageAdded, e.RequestAnswered, e.CaseReopened, e.RepresentativeNamed, e.RepresentativeWithdrawn,
    e.StatementSigned,
    e.NoticesChosen, e.SurveyAnswered, e.SurveyDeclined, e.CallAsked,
)  # fmt: skip
MOST_REPRESENTATIVES = 5
_WHILE_OPEN = (e.StepDecided, e.RequestMade, e.HandoverAsked, e.TaskPlanned, e.CaseClosed, e.PromisePassed, e.CallAsked,
               e.CallMissed)  # fmt: skip
#: Of a case that goes on in another one: what its customer says is read, and what had left before arrives.
_WHILE_MERGED = (
    e.MessageAdded, e.RequestAnswered, e.Understood, e.Enriched, e.WorkParked, e.LetterSent, e.LetterWithheld,
    e.LetterBounced, e.LetterDelayed, e.LettersJoined, e.LetterLeftToPerson, e.ChatEnded,
    e.NoticesChosen, e.LlmCalled, e.AssistantSaid,
    e.MergeTakenBack, e.CaseErased, e.CaseLinked, e.LinkRemoved, e.RepresentativeWithdrawn, e.RepresentativeMailed,
    e.LinkRenewed,
)  # fmt: skip


def _check_decider(case: Case, event: e.HumanDecided | e.DecisionHeld | e.AdviceTested, by: str, actor: Actor) -> None:
    if actor.type != "person" or actor.name != by:
        raise NotAllowed(event.kind, "only a person decides by hand, and in their own name")
    if case.status is Status.CLOSED and not case.awaits_audit:
        raise NotAllowed(event.kind, "the case is closed; reopen it first")
    if case.held_decision is not None:
        raise NotAllowed(event.kind, "a decision waits to leave; take it back first")


def _check_held(case: Case, event: e.LetterHeld | e.Released | e.TakenBack, actor: Actor) -> None:
    if isinstance(event, e.LetterHeld):
        if actor != Actor("person", str(event.letter.approved_by)):
            raise NotAllowed(event.kind, "a person holds a letter in their own name")
        if event.letter.effect in (Effect.ADVERSE, Effect.GRANT):
            raise NotAllowed(event.kind, "what grants or refuses goes with a decision")
        if event.items and case.status is Status.CLOSED:
            raise NotAllowed("asking the customer", "the case is closed; reopen it first")
        return
    if event.held not in {one.seq for one in case.held}:
        raise NotAllowed(event.kind, "nothing is held there: it has left, or was taken back before")
    if isinstance(event, e.TakenBack) and event.by and actor != Actor("person", event.by):
        raise NotAllowed(event.kind, "a person takes back in their own name")
    held = next((one for one in case.held if one.seq == event.held), None)
    if isinstance(event, e.Released) and held is not None and held.waits_for_approval:
        raise NotAllowed("leaving", f"it waits for the approval of a colleague ({held.role})")
    if isinstance(event, e.TakenBack) and held is not None and event.why == "sent_back":
        _check_reader(held, event.by, "sending back")


def _check_approval(case: Case, event: e.ApprovalAsked | e.LetterApproved, actor: Actor) -> None:
    held = next((one for one in case.held if one.seq == event.held), None)
    if held is None:
        raise NotAllowed(event.kind, "nothing is held there: it has left, or was taken back before")
    if isinstance(event, e.ApprovalAsked):
        if actor != MACHINE or held.role is not None:
            raise NotAllowed(event.kind, "it is asked once, when what was held would leave")
        return
    if actor != Actor("person", event.by):
        raise NotAllowed("approving", "a person approves in their own name")
    _check_reader(held, event.by, "approving")


def _check_reader(held: Held, by: str, doing: str) -> None:
    """Somebody else reads it, once, when it was asked."""
    if not held.waits_for_approval:
        raise NotAllowed(doing, "nobody was asked to approve it, or it was approved before")
    if by == held.writer:
        raise NotAllowed(doing, "you wrote it yourself; a colleague looks at it")


_DOING = {
    "case_merged": "merging the case", "merged_in": "merging into the case", "merged_heard": "telling a case",
    "merge_taken_back": "taking back a merge", "case_linked": "linking", "link_removed": "removing a link",
    "case_split": "splitting the case", "split_off": "splitting off a case", "split_taken_back": "taking back a split",
}  # fmt: skip


def _check_tie(case: Case, event: Tie, actor: Actor) -> None:  # noqa: C901, PLR0912  # one guard an event
    """People put cases together and take them apart, in their own name and while nothing is being decided there."""
    ties = case.ties
    if not isinstance(event, e.MergedHeard) and actor != Actor("person", event.by):
        raise NotAllowed(_DOING[event.kind], "a person does that, and in their own name")
    match event:
        case e.CaseMerged():
            _at_rest(case, event)
            if ties.joined:
                raise NotAllowed(_DOING[event.kind], f"{ties.joined[0].reference} goes on in it; take that back first")
        case e.MergedIn():
            _at_rest(case, event)
        case e.CaseSplit(messages=messages):
            _at_rest(case, event)
            if not {one.message_id for one in case.messages} - set(messages):
                raise NotAllowed(_DOING[event.kind], "nothing would be left of it; leave at least one message")
        case e.MergedHeard(case=other):
            if other not in {one.case for one in ties.joined}:
                raise NotAllowed(_DOING[event.kind], "that case does not go on in this one")
        case e.MergeTakenBack(case=other):
            if ties.returned or other not in {*(one.case for one in ties.joined), ties.into and ties.into.into}:
                raise NotAllowed(
                    _DOING[event.kind], "there is no merge with that case; what was split off is split anew"
                )
        case e.SplitOff():
            if case.version != 1:
                raise NotAllowed(_DOING[event.kind], "only a new case is split off another one")
        case e.SplitTakenBack(case=other):
            _at_rest(case, event)
            if other not in {one.case for one in ties.splits}:
                raise NotAllowed(_DOING[event.kind], "no such case was split off this one")
        case e.CaseLinked(case=other, relation=relation):
            if (other, relation) in {(one.case, one.relation) for one in ties.linked}:
                raise NotAllowed(_DOING[event.kind], "the two are linked so already")
            if relation == "parent" and ties.parent is not None:
                raise NotAllowed(_DOING[event.kind], f"{ties.parent.reference} is its parent; remove that link first")
        case e.LinkRemoved(case=other, relation=relation):
            if (other, relation) not in {(one.case, one.relation) for one in ties.linked}:
                raise NotAllowed(_DOING[event.kind], "there is no such link")
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event)


def _at_rest(case: Case, event: Tie) -> None:
    if case.held:
        raise NotAllowed(
            _DOING[event.kind], f"something waits to leave {case.reference}; let it leave, or take it back first"
        )
    if case.status in (Status.CLOSED, Status.DECIDED, Status.HANDING_OVER):
        raise NotAllowed(
            _DOING[event.kind], f"{case.reference} has been decided; link the two instead, or reopen it first"
        )


def _check_signed(case: Case, event: e.StatementSigned, actor: Actor) -> None:
    if actor.type != "customer":
        raise NotAllowed("signing", "only the customer signs; note in the case what came on paper")
    asked = {one.item.key for one in case.open_requests if one.item.kind is RequestKind.SIGNATURE}
    if event.request not in asked:
        raise NotAllowed("signing", "nobody waits for that signature (any more)")
    if event.digest != sha256(event.statement.encode()).hexdigest():
        raise NotAllowed("signing", "the digest is that of another statement")


def _check_representing(case: Case, event: e.RepresentativeNamed | e.RepresentativeWithdrawn, actor: Actor) -> None:
    """The customer says who acts for them; a person notes it in their own name. A link ends by itself, never begins."""
    doing = "naming a representative" if isinstance(event, e.RepresentativeNamed) else "withdrawing a representative"
    if actor.type == "person" and actor.name != event.by:
        raise NotAllowed(doing, "a person does that in their own name")
    if isinstance(event, e.RepresentativeWithdrawn):
        if actor.type not in ("customer", "person") and event.why == "asked":
            raise NotAllowed(doing, "the customer asks for that, or a person for them")
        if event.representative not in {one.representative for one in case.representatives}:
            raise NotAllowed(doing, "nobody of that name has access; look at the case again")
        return
    if actor.type not in ("customer", "person"):
        raise NotAllowed(doing, "the customer does that, or a person for them")
    taken = {case.sender.casefold(), *(one.address.casefold() for one in case.representatives)}
    if event.address.casefold() in taken:
        raise NotAllowed(doing, f"{event.address!r} has a link of this case already; withdraw that first")
    if len(case.representatives) >= MOST_REPRESENTATIVES:
        raise NotAllowed(doing, f"{MOST_REPRESENTATIVES} have access already; withdraw one first")


def _check_step(case: Case, event: e.StepDecided, actor: Actor) -> None:
    if actor.type != "machine":
        raise NotAllowed(event.kind, "a person decides with human_decided")
    if event.shadow or event.step in (Step.EXPERT, Step.ROUTE):
        return  # these lead to a person
    what = f"{event.step} by the machine"
    for stands_against, why in (
        (bool(case.dangers), "there is danger in it: a person looks first"),
        (case.reopened, "it was reopened: a person looks"),
        (case.human_ever, "a person has taken it up"),
        (case.chat.taken, "a person has answered in its chat"),
        (case.held_decision is not None, "a person's decision waits to leave"),
        (bool(case.parked), "some of its work could not be processed"),
        (case.ties.regrouped, "a person put it together or took it apart"),
        (not case.all_read, "the customer's last word was not read yet"),
    ):
        if stands_against:
            raise NotAllowed(what, why)
    if event.step is Step.AUTO_CLOSE and event.certificate is None:
        raise NotAllowed(what, "its topic has no certificate")
    if event.step is Step.AUTO_CLOSE and Why.ROW not in event.because:
        raise NotAllowed(what, "no row of the rules says so")


def _check_letter(case: Case, event: e.LetterWritten, actor: Actor) -> None:
    """Nobody writes in another's name; a refusal stands on the decision of the person who signs it."""
    if event.approved_by is None:
        _check_machine_letter(case, event)
        return
    decided = case.human is not None and case.human.by == event.approved_by
    if not decided and (actor.type != "person" or actor.name != event.approved_by):
        raise NotAllowed(
            f"a letter by {event.approved_by}", "that person has not decided since the customer's last word"
        )
    if not decided and event.effect is Effect.ADVERSE:
        raise NotAllowed("an adverse letter", "who signs it has not decided since the customer's last word")


def _check_machine_letter(case: Case, event: e.LetterWritten) -> None:
    """A machine letter may inform at any time; it asks or grants only after the step that says so."""
    if event.free_text:
        raise NotAllowed("a letter in a person's words", "no person approved it")
    match event.effect:
        case Effect.ADVERSE:
            raise NotAllowed("an adverse letter", "no person approved it")
        case Effect.ASK:
            _needs_machine_step(case, "asking by letter", Step.REQUEST_INFO)
        case Effect.GRANT:
            _needs_machine_step(case, "granting by letter", Step.AUTO_CLOSE, Step.APPOINT)
        case Effect.INFORM:
            if event.letter != RECEIPT and (case.dangers or case.ties.danger):
                raise NotAllowed("a letter by the machine", "there is danger in it: a person speaks with the customer")
        case _:  # pragma: no cover  # the type check proves it
            assert_never(event.effect)


def _needs_decision(case: Case, option: str, what: str, *steps: Step) -> None:
    """A person chose this very option since the customer's last word, or the machine's step carries it out."""
    if case.human is None:
        _needs_machine_step(case, what, *steps)
    if option != case.last_option:
        raise NotAllowed(f"{what} for {option!r}", "nobody decided that")


def _needs_machine_step(case: Case, what: str, *steps: Step) -> None:
    decided = case.step
    if decided is None or decided.shadow or decided.step not in steps or case.human_ever:
        raise NotAllowed(what, f"the machine has not decided {' or '.join(steps)}")
    if case.said_seq > case.step_seq:
        raise NotAllowed(what, "the customer wrote after that step")
    if case.chat.taken:
        raise NotAllowed(what, "a person has answered in its chat")
    if case.ties.regrouped:
        raise NotAllowed(what, "a person put it together or took it apart")
    if case.dangers or case.reopened or case.parked:
        raise NotAllowed(what, "a person looks at this case first")
