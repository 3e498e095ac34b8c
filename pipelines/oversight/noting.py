"""What is kept of how a person decided: beside the decision, in the same transaction."""

from datetime import datetime, timedelta
from typing import Literal

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.oversight.drawing import Seen, may_be_drawn

#: A file that was opened longer ago was not read all that time.
LONGEST_READ = timedelta(hours=1)


class AdviceWasPlanted(NotAllowed):
    """Somebody agreed with advice that was wrong on purpose. Nothing was done; the file now tells the machine's own."""

    def __init__(self) -> None:
        super().__init__(
            "agreeing with this advice",
            "it was wrong on purpose, to see whether it is read. Nothing was sent. The file now shows the machine's "
            "own advice: look at the case again and decide",
        )


def stream_of(journey: str) -> str:
    return f"oversight.{journey}"


def overseen(store: Store, seen: Seen, real: Case, choice: str, *, by: str, at: datetime) -> list[Append]:
    """What is noted of this decision; nothing where there was no advice that anybody could have seen or missed."""
    step = real.step
    if step is None or not may_be_drawn(real):
        return []
    how: Literal["shown", "blind", "planted"] = "planted" if seen.planted else "blind" if seen.blind else "shown"
    opened = store.insights.opened_at(by, real.reference, since=at - LONGEST_READ)
    event = e.DecisionOverseen(
        journey=step.journey,
        journey_digest=step.journey_digest,
        topic=step.topic,
        case=real.id,
        by=by,
        how=how,
        agrees=choice == (seen.planted or step.option),
        seconds=None if opened is None else max(0, int((at - opened).total_seconds())),
    )
    return [Append(stream_of(step.journey), [(event, Actor("person", by))], at)]


def fell_for_it(seen: Seen, real: Case, choice: str, *, by: str, version: int, at: datetime) -> Append | None:
    """The test that a person did not pass, to be kept instead of their decision; None when they decide otherwise."""
    if not seen.planted or choice != seen.planted or real.step is None:
        return None
    tested = e.AdviceTested(seen.planted, real.step.option, by, version)
    return Append(real.id, [(tested, Actor("person", by))], at, expected=real.version)
