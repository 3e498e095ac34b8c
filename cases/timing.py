"""When a case turned to what: all that its clocks are set by. Folded with the case; pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from cases import events as e
from cases.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Turn:
    """The case got this status."""

    at: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Timing:
    """answered_at: when our first word could be read. promised_at: when the customer was told the date that stands."""

    turns: tuple[Turn, ...] = ()
    answered_at: datetime | None = None
    promised_at: datetime | None = None


NOT_YET = Timing()


def timed(timing: Timing, event: e.Event, at: datetime, *, turned: Status | None) -> Timing:
    """The timing after one more event; the same one when it changes nothing. turned: the new status, when it is one."""
    if turned is not None:
        timing = replace(timing, turns=(*timing.turns, Turn(at, turned)))
    match event:
        case e.LetterSent() | e.LetterWithheld() if timing.answered_at is None:  # one withheld is read on the page
            return replace(timing, answered_at=at)
        case e.StepDecided():
            return replace(timing, promised_at=at)
        case e.HumanDecided(update_by=promise) | e.MergedIn(update_by=promise) | e.PromisePassed(update_by=promise) if (
            promise is not None
        ):
            return replace(timing, promised_at=at)
        case _:
            return timing
