"""Where a case stands, in the customer's words: the one wording of it for every channel. Pure.

The page, mails, texts to a phone (`Standing.text`), printed letters, programs and the screen of who answers the phone
take it from `standing`; none of them words it anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.journey_spec import StatusWords
from cases.vocabulary import Status
from cases.wording import moment_day

#: Whose turn it is: the customer's, ours, or nobody's once it is finished.
Turn = Literal["you", "us", ""]
_AFTER_DECISION = frozenset({Status.DECIDED, Status.HANDING_OVER, Status.CLOSED})
_PROMISES_NOTHING = frozenset({Status.CLOSED, Status.DECIDED})


@dataclass(frozen=True, slots=True)
class Standing:
    """now and next: as the journey words the milestone. hear_by: the promise; "" when none is made. by: its moment."""

    now: str
    hear_by: str
    next: str
    turn: Turn
    by: datetime | None = None
    by_text: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What is told, in the order of its weight: who has little room leaves out from the end."""
        return tuple(filter(None, (self.now, self.hear_by, self.next)))

    @property
    def text(self) -> str:
        """The same as running text."""
        return " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in self.said)


def standing(folder: JourneyFolder, case: Case, language: str) -> Standing:
    """Total: every status of every case has its words, in each language of the journey and of its pages."""
    words = status_words(folder, case)
    by = None if case.to_call or case.status in _PROMISES_NOTHING else case.update_by
    by_text = moment_day(by, folder.journey, language) if by else ""
    return Standing(
        now=folder.worded(words.heading, language),
        hear_by=folder.say(language, "track.hear_by", by=by_text) if by else "",
        next=folder.say(language, "track.person_calls") if case.to_call else folder.worded(words.next, language),
        turn=_turn(case),
        by=by,
        by_text=by_text,
    )


def milestone_of(folder: JourneyFolder, status: Status) -> str:
    """The one milestone a status stands under; the journey check holds the mapping total."""
    return next(key for key, milestone in folder.journey.milestones.items() if status in milestone.statuses)


def status_words(folder: JourneyFolder, case: Case) -> StatusWords:
    """Where it stands and what happens next: by the option carried out, when the journey words that, else by status."""
    milestone = folder.journey.milestones[milestone_of(folder, case.status)]
    by_outcome = milestone.outcomes.get(case.last_option) if case.status in _AFTER_DECISION else None
    return by_outcome or milestone.statuses[case.status]


def _turn(case: Case) -> Turn:
    if case.status is Status.CLOSED:
        return ""
    return "you" if case.status is Status.WAITING_CUSTOMER and not case.to_call else "us"
