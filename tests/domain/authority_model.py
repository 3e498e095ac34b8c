"""Every path a case can take, walked breadth-first over its finite parts, and what must hold on each of them.

What must hold is told from a `Memory` of the events themselves, kept apart from the fields that the guards read.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from builders import ANNA, NOW, chosen, opened, said, sign, step, understood

from cases import events as e
from cases.case import Case, Entry, apply
from cases.errors import NotAllowed
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Effect, RequestKind, Status, Step, Why

BOB = Actor("person", "bob")
ACTORS = (MACHINE, CUSTOMER, SYSTEM, ANNA, BOB)
Check = Callable[[Case, e.Event, Actor], None]


class Broken(AssertionError):
    """Something was allowed that must never be."""


@dataclass(frozen=True)
class Memory:
    """What an onlooker remembers of a case."""

    decision: e.HumanDecided | None = None  # of a person for an option, since the customer's last word
    step: e.StepDecided | None = None  # of the machine, since the customer's last word
    person: bool = False
    danger: bool = False
    reopened: bool = False
    parked: bool = False
    unread: bool = True  # the customer's last word was not read
    order: bool = False  # on its way
    closed: bool = False
    erased: bool = False
    held: str = ""  # kind of what waits to leave since the customer's last word
    drawn: bool = False  # for a blind check, by the machine's newest step

    def after(self, event: e.Event, case: Case) -> "Memory":  # noqa: C901, PLR0911, PLR0912  # one kind of event a line
        match event:
            case e.MessageAdded():
                return replace(self, decision=None, step=None, unread=True, held="")
            case e.DecisionHeld() | e.LetterHeld():
                return replace(self, held=event.kind)
            case e.Released() | e.TakenBack():
                return replace(self, held="")
            case e.Understood():
                unread = event.message_id != last_message(case)
                return replace(self, danger=self.danger or bool(event.dangers), unread=unread)
            case e.StepDecided():
                return replace(self, step=event, drawn=event.audit)
            case e.HumanDecided():
                option = event.choice not in ("need_more", "escalate")
                return replace(self, decision=event if option else None, person=True)
            case e.WorkParked():
                return replace(self, parked=True)
            case e.HandoverAsked():
                return replace(self, order=True)
            case e.HandedOver() | e.HandoverRefused():
                return replace(self, order=False)
            case e.CaseClosed():
                return replace(self, closed=True)
            case e.CaseReopened():
                return replace(self, closed=False, reopened=True, decision=None)
            case e.CaseErased():
                return replace(self, erased=True)
            case _:
                return self

    def parts(self) -> tuple[Any, ...]:
        step = self.step and (self.step.step, self.step.shadow)
        flags = (
            self.person,
            self.danger,
            self.reopened,
            self.parked,
            self.unread,
            self.order,
            self.closed,
            self.erased,
            self.drawn,
            self.held,
        )
        return (self.decision and self.decision.choice, step, flags)

    def machine_may(self, option: str | None, *steps: Step) -> bool:
        """Whether the machine's own step, standing after the customer's last word, carries this out."""
        if self.step is None or self.step.shadow or self.step.step not in steps:
            return False
        if self.step.step is Step.AUTO_CLOSE and (self.step.certificate is None or Why.ROW not in self.step.because):
            return False
        untouched = not (self.danger or self.reopened or self.parked or self.person)
        return untouched and option in (None, self.step.option)

    def decided(self, option: str) -> bool:
        return self.decision is not None and self.decision.choice == option


def last_message(case: Case) -> str:
    return case.messages[-1].message_id if case.messages else ""


def alphabet(case: Case) -> Iterator[e.Event]:
    """Every kind of event that a case may meet, in each of its finite forms."""
    if case.held:
        yield from while_held(case)
        return
    last = last_message(case)
    number = case.version + 1
    yield opened()
    yield said(id_=f"m-{number}")
    yield understood(message_id=last)
    yield understood(message_id=last, dangers=(sign(message=last),))
    yield understood(message_id="m-0")
    for kind in Step:
        yield step(kind, option="grant", certificate=None)
    yield step(Step.AUTO_CLOSE, option="grant")
    yield step(Step.AUTO_CLOSE, option="grant", audit=True)
    yield step(Step.AUTO_CLOSE, option="grant", because=(Why.NOT_CERTIFIED,))
    yield step(Step.AUTO_CLOSE, option="grant", shadow=True, certificate=None)
    yield from letters()
    item = e.RequestItem("damage_photos", RequestKind.PHOTO)
    yield e.RequestMade((item,), date(2026, 12, 1))
    for option in ("grant", "refuse"):
        yield e.TaskPlanned(option, "", date(2026, 12, 1))
        yield e.HandoverAsked("order-1", option, "repair")
        yield chosen(option)
        yield e.CaseClosed(option)
    for order in ("order-1", "order-2"):
        yield e.HandedOver(order, "receipt")
        yield e.HandoverRefused(order, "no stock")
    if not (case.human_ever or case.reopened or case.parked or case.dangers):
        yield from holds(item)
    yield from leaves(0)
    yield chosen("need_more")
    yield chosen("escalate")
    yield e.CaseReopened(last)
    yield e.WorkParked("understand", "TimeoutError")
    yield e.CaseErased("anna", "asked for")


def holds(item: e.RequestItem) -> Iterator[e.Event]:
    """What a person may hold back, in a case that is simple otherwise."""
    yield e.DecisionHeld(chosen("refuse"), NOW)
    for effect in (Effect.INFORM, Effect.ADVERSE):
        letter = e.LetterWritten("l-1", "any", effect, "en", "jo@example.org", "", "", "anna")
        for items in ((), (item,)):
            yield e.LetterHeld(letter, NOW, items)


def leaves(seq: int) -> Iterator[e.Event]:
    """What is held leaves, or does not."""
    yield e.Released(seq)
    yield e.TakenBack(seq, "anna")
    yield e.TakenBack(seq, "")


def while_held(case: Case) -> Iterator[e.Event]:
    """What may befall a case of which something waits to leave; each of these leads on to all the others."""
    for seq in (0, *(held.seq for held in case.held)):
        yield from leaves(seq)
    yield said(id_=f"m-{case.version + 1}")
    yield step(Step.AUTO_CLOSE, option="grant")
    yield step(Step.REQUEST_INFO, option="grant")
    yield step(Step.EXPERT)
    yield chosen("grant")
    if case.held_decision is not None:
        yield e.DecisionHeld(chosen("grant"), NOW)
    yield e.CaseClosed("grant")
    yield from letters()
    yield e.CaseErased("anna", "asked for")


def letters() -> Iterator[e.LetterWritten]:
    for effect, free_text in (*((effect, False) for effect in Effect), (Effect.INFORM, True)):
        for by in (None, "anna"):
            yield e.LetterWritten("l-1", "any", effect, "en", "jo@example.org", "", "", by, free_text)


def finite_parts(case: Case) -> tuple[Any, ...]:
    """What guards and folding can tell apart in a case."""
    decided = case.step
    return (
        case.status, case.human and case.human.choice, case.human_ever, case.reopened,
        decided and (decided.step, decided.shadow, decided.audit), bool(case.dangers), bool(case.parked),
        bool(case.handover), case.erased, case.all_read, case.said_seq > case.step_seq, bool(case.messages),
        bool(case.version), tuple(one.event.kind for one in case.held),
    )  # fmt: skip


def walk(check: Check) -> int:
    """Take every allowed event by every actor from every state; returns how many states there are. Raises Broken."""
    start = (Case("case-1"), Memory())
    seen = {(finite_parts(start[0]), start[1].parts())}
    waiting = deque([start])
    while waiting:
        case, memory = waiting.popleft()
        for event in alphabet(case):
            taken = False
            for actor in ACTORS:
                try:
                    check(case, event, actor)
                except NotAllowed:
                    continue
                hold(case, memory, event, actor)
                taken = True
            if taken:
                after = apply(case, Entry(case.version + 1, NOW, MACHINE, event))
                then = memory.after(event, case)
                if memory.closed and not then.closed and not after.reopened:
                    raise Broken(f"{event.kind} opened a closed case")
                if then.closed and not then.erased and after.status is not Status.CLOSED:
                    raise Broken(f"{event.kind} opened a closed case")
                key = (finite_parts(after), then.parts())
                if key not in seen:
                    seen.add(key)
                    waiting.append((after, then))
    return len(seen)


def hold(case: Case, memory: Memory, event: e.Event, actor: Actor) -> None:  # noqa: C901, PLR0912, PLR0915  # one law a line
    """The laws, each for an event that a guard let through."""
    laws: list[tuple[bool, str]] = [(not memory.erased, "an erased case takes nothing")]
    if actor.type == "customer":
        allowed = e.CaseOpened | e.MessageAdded | e.RequestAnswered | e.CaseReopened
        laws.append((isinstance(event, allowed), "customers write and ask, no more"))
    match event:
        case e.LetterWritten(approved_by=by):
            signed = memory.decision is not None and memory.decision.by == by
            own = actor.type == "person" and actor.name == by
            laws.append((by is None or signed or own, "nobody writes in another's name"))
            laws.append((not event.free_text or by is not None, "words of a person carry a person's name"))
            if event.effect is Effect.ADVERSE:
                laws.append((by is not None and signed, "a refusal stands on a decision after the last word"))
            laws.append((by is not None or not memory.danger, "in danger a person writes"))
            if by is None and event.effect is Effect.ASK:
                laws.append((memory.machine_may(None, Step.REQUEST_INFO), "the machine asks only after its step"))
            if by is None and event.effect is Effect.GRANT:
                may = memory.machine_may(None, Step.AUTO_CLOSE, Step.APPOINT)
                laws.append((may, "the machine grants only after its step"))
        case e.RequestMade():
            own = actor.type == "person"
            laws.append((own or memory.machine_may(None, Step.REQUEST_INFO), "the machine asks only after its step"))
        case e.CaseClosed(outcome=option) | e.HandoverAsked(option=option):
            may = memory.decided(option) or memory.machine_may(option, Step.AUTO_CLOSE)
            laws.append((may, "an end or an order needs a decision for that very option"))
        case e.TaskPlanned(option=option):
            may = memory.decided(option) or memory.machine_may(option, Step.AUTO_CLOSE, Step.APPOINT)
            laws.append((may, "planning needs a decision for that very option"))
        case e.DecisionHeld(decision=decided):
            laws.append((actor == Actor("person", decided.by), "only a person decides, in their own name"))
            laws.append((memory.held != "decision_held", "one decision at a time waits to leave"))
            checks = memory.drawn and memory.decision is None
            laws.append((not memory.closed or checks, "a closed case is reopened first"))
        case e.LetterHeld(letter=letter):
            laws.append((actor == Actor("person", str(letter.approved_by)), "nobody writes in another's name"))
            laws.append((letter.effect in (Effect.INFORM, Effect.ASK), "a refusal goes with a decision"))
            laws.append((not (memory.closed and event.items), "a closed case is asked nothing"))
        case e.Released(held=seq):
            laws.append((bool(memory.held) and seq > 0, "what leaves was held since the customer's last word"))
        case e.TakenBack(held=seq, by=by):
            laws.append((bool(memory.held) and seq > 0, "what is taken back was held"))
            laws.append((not by or actor == Actor("person", by), "nobody takes back in another's name"))
        case e.HumanDecided(by=by):
            laws.append((memory.held != "decision_held", "what waits to leave is taken back first"))
            laws.append((actor == Actor("person", by), "only a person decides, in their own name"))
            checks = memory.drawn and memory.decision is None
            laws.append((not memory.closed or checks, "a closed case is reopened first, or drawn and judged once"))
        case e.HandedOver(id=order) | e.HandoverRefused(id=order):
            laws.append((memory.order and order == "order-1", "an answer follows an order"))
        case e.StepDecided(shadow=False):
            laws.append((actor == MACHINE, "steps are the machine's"))
            if event.step not in (Step.EXPERT, Step.ROUTE):
                laws.append((memory.held != "decision_held", "a person has decided already"))
                stands = memory.danger or memory.reopened or memory.parked or memory.person
                laws.append((not stands, "a person looks first"))
                laws.append((not memory.unread, "the last word is read before a step"))
            if event.step is Step.AUTO_CLOSE:
                laws.append((event.certificate is not None, "no closing without a certificate"))
                laws.append((Why.ROW in event.because, "no closing without a row that says so"))
        case e.CaseOpened():
            laws.append((case.version == 0, "a case is opened once"))
        case _:
            pass
    if case.version == 0:
        laws.append((isinstance(event, e.CaseOpened), "a case begins with its opening"))
    broken = [law for holds, law in laws if not holds]
    if broken:
        raise Broken(f"{event.kind} by {actor}: {broken[0]}\n{event}\n{memory}")
