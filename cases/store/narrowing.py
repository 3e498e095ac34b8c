"""What narrows a view of the queue further: filters that its address holds."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto

from sqlalchemy import ColumnElement, and_, not_, or_

from cases.store.looks import unread_by
from cases.store.rows import CaseRow, WaitingOn
from cases.vocabulary import ADVISED, Status

#: From these certainties of the topic on a case is in the high and the middle band; below it is low.
SURE, MIDDLING = 0.8, 0.6
#: Stands for the cases that are assigned to nobody; no person can have this name.
NOBODY = "-"


class Band(StrEnum):
    """How certain the machine is of the topic."""

    HIGH = auto()
    MIDDLE = auto()
    LOW = auto()


@dataclass(frozen=True, slots=True)
class Filters:
    """What is "" or None narrows nothing. Amounts in euros, both ends included; cases without one are then left out.

    band: cases that a person must judge without advice are in no band, so that a filter does not tell it either.
    """

    topic: str = ""
    waiting: WaitingOn | None = None
    assignee: str = ""
    language: str = ""
    band: Band | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    channel: str = ""
    unread: bool = False

    def conditions(self, who: str) -> list[ColumnElement[bool]]:
        """who: the user who asks."""
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (CaseRow.topic, self.topic),
                (CaseRow.waiting_on, self.waiting),
                (CaseRow.language, self.language),
                (CaseRow.channel, self.channel),
            )
            if value
        ]
        if self.assignee:
            nobody = self.assignee == NOBODY
            found.append(CaseRow.assignee.is_(None) if nobody else CaseRow.assignee == self.assignee)
        if self.band is not None:
            found += [not_(_judged_blind()), _in_band(self.band)]
        if self.unread:
            found.append(unread_by(who))
        if self.amount_from is not None:
            found.append(CaseRow.amount >= self.amount_from)
        if self.amount_to is not None:
            found.append(CaseRow.amount <= self.amount_to)
        return found


UNFILTERED = Filters()


def _judged_blind() -> ColumnElement[bool]:
    """A row of which it is not known whether it is drawn counts as drawn."""
    drawn = and_(CaseRow.drawn.is_not(False), CaseRow.status == Status.WITH_EXPERT, CaseRow.step.in_(ADVISED))
    return or_(and_(CaseRow.shadow, CaseRow.status != Status.CLOSED), CaseRow.audit_since.is_not(None), drawn)


def _in_band(band: Band) -> ColumnElement[bool]:
    match band:
        case Band.HIGH:
            return CaseRow.confidence >= SURE
        case Band.MIDDLE:
            return and_(CaseRow.confidence >= MIDDLING, CaseRow.confidence < SURE)
        case Band.LOW:
            return CaseRow.confidence < MIDDLING
