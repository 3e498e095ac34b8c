"""The whole journey on one screen: what happened -> what is to be done about it.

A message is received (and stored) -> read -> its case understands it -> enriches it -> decides the next step.
Whatever is not closed is packaged for a person; whatever is decided reaches the customer as a letter, the
organisation as an order, and later cases as a neighbour.
"""

from datetime import datetime
from enum import StrEnum, auto
from typing import assert_never

from cases import events as e
from cases.vocabulary import Help


class Stage(StrEnum):
    """Kinds of work, in the order a message meets them; one file each in pipelines/stages."""

    BOUNCE = auto()  # a report that a letter did not arrive
    READ = auto()  # parse the raw message, look at its files, thread it to its case
    UNDERSTAND = auto()  # language, journey, topic, facts, danger
    ENRICH = auto()  # registers and similar past cases
    DECIDE = auto()  # guards, decision table, certificate -> next step and its consequences
    LEAVE = auto()  # what a person decided or wrote leaves the house, when it can no longer be taken back
    HAND_OVER = auto()  # a granted order reaches the organisation's own system
    SEND = auto()  # a letter leaves
    REPRESENT = auto()  # who acts for the customer gets their link, or a copy of a letter
    PACKAGE = auto()  # the decision file for a person
    ASSIST = auto()  # a language model reads along, where there is one: for the person, never for the decision
    REMEMBER = auto()  # a closed case becomes a neighbour for later ones


def stages_after(event: e.Event) -> tuple[Stage, ...]:  # noqa: C901, PLR0911, PLR0912  # one branch an event, nothing else
    match event:
        case e.MessageReceived(machine_mail=None):
            return (Stage.READ,)
        case e.MessageReceived(machine_mail="bounce", case_id=str()):
            return (Stage.BOUNCE,)
        case e.MessageAdded() | e.CaseSplit() | e.SplitTakenBack():
            return (Stage.UNDERSTAND,)
        case e.Understood():
            return (Stage.ENRICH,)
        case e.Enriched():
            return (Stage.DECIDE,)
        case e.StepDecided(step="auto_close", shadow=False):
            return ()
        case e.StepDecided():
            return (Stage.PACKAGE, Stage.ASSIST)
        case e.WorkParked() | e.HandoverRefused() | e.CaseReopened():
            return (Stage.PACKAGE,)
        case e.LetterWritten() | e.LetterDelayed() | e.LettersJoined() | e.LetterBounced(again_at=datetime()):
            return (Stage.SEND,)
        case e.RepresentativeNamed() | e.CopyAsked():
            return (Stage.REPRESENT,)
        case e.RequestAnswered(message_id=""):
            return (Stage.PACKAGE,)  # a person noted it; what a message answers is read and decided on
        case e.AssistantSaid(shadow=False, task=task) if task not in (Help.DRAFT, Help.QUESTION):
            return (Stage.PACKAGE,)
        case e.AssistantJudged():
            return (Stage.PACKAGE,)  # what was discarded leaves the file; what was kept names who kept it
        case e.FactStated() | e.MergeTakenBack() | e.LetterBounced() | e.PromisePassed(why="no_answer"):
            return (Stage.PACKAGE,)
        case e.DecisionHeld() | e.LetterHeld() | e.LetterApproved():
            return (Stage.LEAVE,)
        case e.ChatEnded():
            return (Stage.DECIDE,)  # what was said meanwhile, if nobody has decided on it
        case e.HandoverAsked():
            return (Stage.HAND_OVER,)
        case e.CaseClosed() | e.CaseImported():
            return (Stage.REMEMBER,)
        case (
            e.MessageReceived() | e.MessageRead() | e.CaseOpened() | e.RequestMade() | e.RequestAnswered()
            | e.TaskPlanned() | e.HandedOver() | e.LetterSent() | e.LetterWithheld() | e.LetterLeftToPerson()
            | e.NoticesChosen() | e.ApprovalAsked()
            | e.HumanDecided()
            | e.Released() | e.TakenBack() | e.CaseMerged() | e.MergedIn() | e.MergedHeard() | e.CaseLinked()
            | e.LinkRemoved() | e.SplitOff() | e.RepresentativeWithdrawn() | e.RepresentativeMailed() | e.LinkRenewed()
            | e.StatementSigned()
            | e.FilePackaged() | e.NoteAdded() | e.CaseAssigned() | e.CaseSnoozed() | e.ChatTaken() | e.CaseErased()
            | e.JourneyLoaded() | e.ModelTrained() | e.ModelCompared() | e.ModelPromoted() | e.CertificationTried()
            | e.TopicShut() | e.TopicReopened() | e.AuditDrawn() | e.AuditObserved() | e.AuditShareRaised()
            | e.ShadowRead() | e.DriftSeen() | e.DriftPassed() | e.TableDrafted() | e.DraftDropped()
            | e.TablePublished() | e.TableShadowed() | e.ShadowAnswered() | e.ShadowEnded() | e.ReplayReported()
            | e.AccessNoted() | e.CheckpointMade() | e.AdviceTested() | e.DecisionOverseen() | e.PromisePassed()
            | e.CallAsked() | e.CallMissed()
            | e.TextsStopped() | e.TextsWanted()
            | e.DatesLearned() | e.ServiceMeasured()
            | e.LlmCalled() | e.AssistantSaid()
            | e.DecisionExplained() | e.SurveyAsked() | e.SurveyAnswered() | e.SurveyDeclined() | e.SurveyCounted()
            | e.Erased() | e.Unknown()
        ):  # fmt: skip
            return ()
        case _:
            assert_never(event)
