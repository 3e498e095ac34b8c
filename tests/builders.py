"""Small builders for the tests of the domain: events with sensible parts, cases folded from them, a shipped journey."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cases import events as e
from cases.case import Case, Entry, fold
from cases.facts import Fact, MessageSpan
from cases.journey_folder import JourneyFolder
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Danger, FileKind, FileStatus, Scope, Step, Why
from pipelines.journeys import SHIPPED, read_folder

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday, eleven o'clock in Amsterdam
ANNA = Actor("person", "anna")
CASE_ID = "case-1"
JOURNEYS = tuple(sorted(path.parent.name for path in SHIPPED.glob("*/journey.yaml")))
TEXT = "Dear Sir or Madam,\nMy name is Jo. A stone hit my windscreen on the A2 and there is a crack. Can you help?"
POLICY = (
    ("policy_number", "POL-123456"), ("plate", "AB-123-C"), ("car", "Fiat Panda"), ("active", "true"),
    ("since", "2020-01-01"), ("premium_paid", "true"), ("cover", "full"), ("glass_cover", "true"),
    ("roadside", "true"), ("own_risk", "75.00"), ("open_claim", "false"),
)  # fmt: skip


@cache
def shipped(name: str = "motor_claim") -> JourneyFolder:
    folder, problems = read_folder(SHIPPED / name)
    assert folder is not None
    assert not problems
    return folder


def opened(**changed: Any) -> e.CaseOpened:
    event = e.CaseOpened("C-2026-000001", "m-1", "email", "jo@example.org", "Jo Smit", "motor_claim", "en", "link-1")
    return replace(event, **changed)


def said(text: str = TEXT, *, id_: str = "m-1", at: datetime = NOW, files: Sequence[e.FileSeen] = ()) -> e.MessageAdded:
    return e.MessageAdded(id_, "email", "jo@example.org", "Windscreen", text, at, "Jo Smit", "", "en", tuple(files))


def photo(**changed: Any) -> e.FileSeen:
    findings = e.PhotoFindings(1600, 1200, 240.5, 120.0, blurred=False, dark=False)
    seen = e.FileSeen(
        "m-1.f1", "glass.jpg", "a" * 64, 50_000, "image/jpeg", FileKind.PHOTO, FileStatus.RECEIVED, findings=findings
    )
    return replace(seen, **changed)


def fact(name: str, value: str, certainty: float = 0.9, message: str = "m-1") -> Fact:
    return Fact(name, value, certainty, (MessageSpan(message, 0, 4),))


def sign(danger: Danger = Danger.GAS, message: str = "m-1") -> e.DangerSign:
    return e.DangerSign(danger, "smell gas", MessageSpan(message, 0, 9))


def understood(topic: str = "windscreen", **changed: Any) -> e.Understood:
    event = e.Understood(
        "m-1", "en", "motor_claim", shipped().digest, topic, 0.93, Scope.IN, 0.4, "text/motor_claim", "v1"
    )
    return replace(event, **changed)


def answer(**changed: Any) -> e.RegisterAnswer:
    return replace(e.RegisterAnswer("policy", "policy_number", "POL-123456", found=True, fields=POLICY), **changed)


def enriched(*answers: e.RegisterAnswer) -> e.Enriched:
    return e.Enriched(answers or (answer(),))


def step(kind: Step = Step.EXPERT, **changed: Any) -> e.StepDecided:
    event = e.StepDecided(kind, (Why.ROW,), "motor_claim", shipped().digest, "windscreen", update_by=NOW)
    if kind is Step.AUTO_CLOSE:
        event = replace(event, option="tell_status", certificate="motor_claim.windscreen.1")
    return replace(event, **changed)


def chosen(choice: str = "answer", **changed: Any) -> e.HumanDecided:
    return replace(e.HumanDecided(choice, ANNA.name, "as the terms say"), **changed)


def entries(*events: e.Event | tuple[e.Event, Actor]) -> list[Entry]:
    """The events as a stream, a minute apart; customers write messages, the machine does the rest."""
    stream = []
    for number, one in enumerate(events):
        event, actor = one if isinstance(one, tuple) else (one, _usual(one))
        stream.append(Entry(number + 1, NOW + timedelta(minutes=number), actor, event))
    return stream


def _usual(event: e.Event) -> Actor:
    match event:
        case e.MessageAdded() | e.CaseReopened():
            return CUSTOMER
        case e.HumanDecided():
            return ANNA
        case _:
            return MACHINE


def case(*events: e.Event | tuple[e.Event, Actor]) -> Case:
    return fold(CASE_ID, entries(*events))


def read_case(*answers: e.RegisterAnswer, files: Sequence[e.FileSeen] = (), text: str = TEXT, **read: Any) -> Case:
    """A case that was opened, read and enriched: ready for its next step."""
    return case(opened(), said(text, files=files), understood(**read), enriched(*answers))
