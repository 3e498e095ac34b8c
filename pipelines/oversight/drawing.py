"""Which cases a person decides without advice, and which with advice that is wrong on purpose.

Drawn by HMAC from the case's id, as audits are: nobody can guess it, and it can be worked out again for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cases import events as e
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.store.queue import CaseLine
from cases.vocabulary import ADVISED, Status, Why
from models.certify import uniform
from pipelines.house import House
from pipelines.journeys import Journeys

#: What the certificates' own blind checks are drawn from is left to them: their verdicts must stay a fair sample.
_LEFT_OUT = frozenset({Why.BELOW_THRESHOLD, Why.DANGER, Why.REOPENED, Why.PERSON_INVOLVED})


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as people who may decide it see it. planted: the wrong option that they are advised, "" for none."""

    case: Case
    blind: bool = False
    planted: str = ""

    @property
    def differs(self) -> bool:
        return self.blind or bool(self.planted)

    def entries(self, entries: Sequence[Entry]) -> list[Entry]:
        """The events with the step as it is seen. Of planted advice there are no reasons: none would fit it."""
        step = self.case.step
        if not self.differs or step is None:
            return list(entries)
        return [
            replace(entry, event=step) if entry.seq == self.case.step_seq and isinstance(entry.event, e.StepDecided)
            else entry
            for entry in entries
        ]  # fmt: skip


def seen(house: House, case: Case) -> Seen:
    """The case as the draw has it; as it is, once a person has decided it or agreed with planted advice."""
    folder = house.journeys.folders.get(case.journey or "")
    if folder is None or case.step is None or not may_be_drawn(case):
        return Seen(case)
    shares = folder.journey.oversight
    drawn = uniform(house.keys.reserve, "oversight", case.id)
    if drawn < shares.blind_share:
        return without_advice_of(case)
    if drawn < shares.blind_share + shares.planted_share and (wrong := _wrong(house, case, folder)):
        return Seen(replace(case, step=replace(case.step, option=wrong, read=None)), planted=wrong)
    return Seen(case)


def without_advice_of(case: Case) -> Seen:
    """As one that is decided blind: read so, its step is one of the machine's in shadow."""
    return Seen(case if case.step is None else replace(case, step=replace(case.step, shadow=True)), blind=True)


def line_is_blind(house: House, line: CaseLine) -> bool:
    """Whether a list must not tell what the machine makes of this case; a list knows less, so it hides rather more."""
    if line.status != Status.WITH_EXPERT or line.step not in ADVISED:
        return False
    return is_drawn_blind(house.journeys, house.keys.reserve, line)


class InJourney(Protocol):
    """A case, or its row in a list."""

    @property
    def id(self) -> str: ...

    @property
    def journey(self) -> str | None: ...


def is_drawn_blind(journeys: Journeys, key: bytes, one: InJourney) -> bool:
    """Whether a person decides it without advice, should it come to lie with one. key: of the reserve."""
    folder = journeys.folders.get(one.journey or "")
    share = folder.journey.oversight.blind_share if folder else 0
    return bool(share) and uniform(key, "oversight", one.id) < share


def may_be_drawn(case: Case) -> bool:
    """Whether it lies with a person, with advice, for the first time, and nothing in it presses."""
    step = case.step
    return (
        step is not None
        and step.step in ADVISED
        and bool(step.option)
        and not step.shadow
        and not _LEFT_OUT & set(step.because)
        and not (case.human_ever or case.reopened or case.tested or case.dangers)
        and case.status is Status.WITH_EXPERT
    )


def _wrong(house: House, case: Case, folder: JourneyFolder) -> str:
    """One of the options that this case offers and that was not advised; "" when there is none."""
    advised = case.step.option if case.step else ""
    offered = sorted(
        key
        for key, one in folder.journey.options.items()
        if key != advised and (not one.topics or case.topic in one.topics)
    )
    if not offered:
        return ""
    return offered[int(uniform(house.keys.reserve, "planted", case.id) * len(offered))]
