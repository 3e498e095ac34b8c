from dataclasses import replace
from typing import get_args

import pytest
from builders import NOW, chosen, opened, said, step, understood
from hypothesis import given, settings
from hypothesis import strategies as st
from test_events_written import KINDS, of

from cases import events as e
from cases.store.work import ASIDE
from cases.vocabulary import Effect, Help, Step
from pipelines.flow import Stage, stages_after

RECEIVED = e.MessageReceived("m-1", "email", "token", "message/rfc822", "case-1", "a" * 64, 10, NOW, "case-1")
LETTER = e.LetterWritten("l", "received", Effect.INFORM, "en", "x@example.org", "s", "b")


FOLLOWS: list[tuple[e.Event, tuple[Stage, ...]]] = [
    (RECEIVED, (Stage.READ,)),
    (replace(RECEIVED, machine_mail="auto-submitted"), ()),
    (replace(RECEIVED, machine_mail="bounce"), (Stage.BOUNCE,)),
    (replace(RECEIVED, machine_mail="bounce", case_id=None), ()),
    (e.LetterBounced("l", "m", "4.2.2", NOW), (Stage.SEND,)),
    (e.LetterBounced("l", "m", "5.1.1"), (Stage.PACKAGE,)),
    (said(), (Stage.UNDERSTAND,)),
    (understood(), (Stage.ENRICH,)),
    (e.Enriched(), (Stage.DECIDE,)),
    (step(Step.AUTO_CLOSE), ()),
    (step(Step.AUTO_CLOSE, shadow=True), (Stage.PACKAGE, Stage.ASSIST)),
    (step(Step.REQUEST_INFO), (Stage.PACKAGE, Stage.ASSIST)),
    (step(Step.EXPERT), (Stage.PACKAGE, Stage.ASSIST)),
    (e.HandoverAsked("o", "pay", "payment"), (Stage.HAND_OVER,)),
    (LETTER, (Stage.SEND,)),
    (e.DecisionHeld(chosen(), NOW), (Stage.LEAVE,)),
    (e.LetterHeld(LETTER, NOW), (Stage.LEAVE,)),
    (e.Released(7), ()),
    (e.TakenBack(7, "anna"), ()),
    (e.CopyAsked("rep-1", "l"), (Stage.REPRESENT,)),
    (e.CaseClosed("answer"), (Stage.REMEMBER,)),
    (e.AssistantSaid("s", Help.SUMMARY, "small", "p", "a", "en", ()), (Stage.PACKAGE,)),
    (e.AssistantSaid("s", Help.SUMMARY, "small", "p", "a", "en", (), shadow=True), ()),
    (e.AssistantSaid("s", Help.DRAFT, "small", "p", "a", "en", ()), ()),
    (e.AssistantSaid("s", Help.QUESTION, "small", "p", "a", "en", ()), ()),
    (e.AssistantJudged("s", "discarded", "anna"), (Stage.PACKAGE,)),
    (opened(), ()),
]


@pytest.mark.parametrize(("event", "stages"), FOLLOWS)
def test_what_is_to_be_done_follows_from_what_happened(event: e.Event, stages: tuple[Stage, ...]) -> None:
    assert stages_after(event) == stages


@pytest.mark.parametrize("was", [kind.__annotations__["kind"] for kind in get_args(e.Written)])
def test_nothing_is_done_about_erased_and_unknown_events(was: object) -> None:
    assert stages_after(e.Erased(str(was))) == ()
    assert stages_after(e.Unknown(str(was), "{}")) == ()


@settings(max_examples=150, deadline=None)
@given(st.one_of(*(of(kind) for kind in KINDS)))
def test_every_event_is_mapped_to_stages(event: e.Written) -> None:
    assert all(isinstance(stage, Stage) for stage in stages_after(event))


def test_every_stage_is_reached_by_some_event() -> None:
    assert {stage for _, stages in FOLLOWS for stage in stages} == set(Stage)


def test_what_reads_along_is_done_aside() -> None:
    assert Stage.ASSIST == ASIDE
