"""From a case to its row in the lists: pure, so that a row can be rebuilt from events and compared."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from cases.case import Case
from cases.clocks import Clock, Pause, Which
from cases.facts import best
from cases.store.columns import storable
from cases.store.rows import WaitingOn
from cases.vocabulary import FileKind, Status

#: Sorts after every promised date; a column without NULL can be compared as part of a keyset.
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
#: Larger amounts are a reading error and would not fit the column.
_MOST_MONEY = Decimal(10) ** 12

WAITING_ON: dict[Status, WaitingOn] = {
    Status.RECEIVED: WaitingOn.US,
    Status.READING: WaitingOn.US,
    Status.WAITING_CUSTOMER: WaitingOn.CUSTOMER,
    Status.WAITING_THIRD_PARTY: WaitingOn.THIRD_PARTY,
    Status.WITH_EXPERT: WaitingOn.US,
    Status.DECIDED: WaitingOn.US,
    Status.HANDING_OVER: WaitingOn.US,
    Status.CLOSED: WaitingOn.NOBODY,
    Status.REOPENED: WaitingOn.US,
}

#: The clock of a case that presses, if any. Given to the store: calendars are in journeys, which events only name.
Pressing = Callable[[Case], Clock | None]
#: Whether a case is drawn for a person's judgement without advice. Given to the store: journeys say how many are.
Drawn = Callable[[Case], bool]
#: What the events alone do not give, since clocks are counted by the journey as it is when something happens.
CLOCK: dict[str, None] = dict.fromkeys(
    ("clock", "clock_due", "clock_left", "clock_pause", "clock_warned", "clock_seen")
)
#: All of that.
BESIDE_EVENTS = frozenset({*CLOCK, "drawn"})

#: Columns that hold somebody's words, name or money, and what erasure leaves of them.
PERSONAL: dict[str, Any] = {
    "sender": "",
    "sender_name": "",
    "subject": "",
    "language": None,
    "amount": None,
    "update_by": None,
    "snoozed_until": None,
    "woke": None,
    "last_message_at": None,
    "audit_since": None,
    "photos": 0,
}


def columns_of(case: Case, updated_at: datetime, clock: Clock | None = None, *, drawn: bool = False) -> dict[str, Any]:
    """All columns of the case's row. updated_at: time of its last event. clock: the one that presses."""
    closed = case.status is Status.CLOSED
    danger, ties = bool(case.dangers) or case.ties.danger, case.ties
    step, understood = case.step, case.understood
    columns = {
        "id": case.id,
        "reference": case.reference,
        "version": case.version,
        "journey": case.journey,
        "line_of_business": case.line_of_business,
        "status": str(case.status),
        "waiting_on": str(WAITING_ON[case.status]),
        "topic": case.topic,
        "step": str(step.step) if step else None,
        "because": " ".join(step.because) if step else "",
        # In memory a probability may have more places than its stored form.
        "confidence": round(understood.confidence, 6) if understood else None,
        "shadow": bool(step and step.shadow),
        "sender": case.sender,
        "sender_name": case.sender_name,
        "subject": case.messages[0].subject if case.messages else "",
        "language": case.language,
        "channel": case.channel,
        "opened_at": case.opened_at,
        "updated_at": updated_at,
        "update_by": case.promised_by,
        "closed_at": (case.closed_at or updated_at) if closed else None,
        "last_message_at": case.last_message_at,
        "outcome": case.outcome,
        "amount": _amount(case),
        "assignee": case.assignee,
        # Until a decision leaves, nobody has anything to do: no list of what is to be done shows the case.
        "snoozed_until": held.leaves_at if (held := case.held_decision) else case.snoozed_until,
        "woke": case.woke or None,
        "audit_since": case.closed_at if step and step.audit and case.human is None else None,
        "photos": sum(file.kind is FileKind.PHOTO for file in case.files),
        "danger": danger,
        "reopened": case.reopened,
        "parked": bool(case.parked),
        "imported": case.imported is not None,
        "erased": case.erased,
        "merged_into": ties.into.reference if ties.into else None,
        "parent": ties.parent.reference if ties.parent else None,
        "urgency": 0 if danger and not closed else 1,
        "pressing_at": (clock.due if clock else None) or case.promised_by or END_OF_TIME,
        **(_clock_columns(clock, case.version) if clock else CLOCK),
        "drawn": drawn,
    }
    return {name: storable(value) if isinstance(value, str) else value for name, value in columns.items()}


def _clock_columns(clock: Clock, version: int) -> dict[str, Any]:
    return {
        "clock": str(clock.which),
        "clock_due": clock.due,
        "clock_left": None if clock.held is None else int(clock.held.total_seconds()),
        "clock_pause": None if clock.pause is None else str(clock.pause),
        "clock_warned": clock.warned,
        "clock_seen": version,
    }


def stored_clock(column: Callable[[str], Any]) -> Clock | None:
    """The clock that a row holds, by its columns; None where it was counted for an older version of the case."""
    if column("clock") is None or column("clock_seen") != column("version"):
        return None
    left, pause = column("clock_left"), column("clock_pause")
    return Clock(
        Which(column("clock")),
        column("opened_at"),
        column("clock_due"),
        held=None if left is None else timedelta(seconds=left),
        pause=None if pause is None else Pause(pause),
        warned=bool(column("clock_warned")),
    )


def columns_of_erased(case: Case, erased_at: datetime) -> dict[str, Any]:
    """What changes in the row of a case that was erased; its closed labels stay for the statistics."""
    return {
        **PERSONAL,
        "id": case.id,
        "version": case.version,
        "status": str(Status.CLOSED),
        "waiting_on": str(WaitingOn.NOBODY),
        "updated_at": erased_at,
        "closed_at": erased_at,
        "erased": True,
        "urgency": 1,
        "pressing_at": END_OF_TIME,
        **CLOCK,
    }


def _amount(case: Case) -> Decimal | None:
    """The amount to show; None when no fact names one or when it is no number of two places."""
    named = [replace(fact, certainty=round(fact.certainty, 6)) for fact in case.facts if fact.name == "amount"]
    fact = best(named, "amount")
    text = fact.value if fact else (case.imported.amount if case.imported else None)
    if text is None:
        return None
    try:
        amount = Decimal(text)
        return amount.quantize(Decimal("0.01")) if abs(amount) < _MOST_MONEY else None
    except InvalidOperation:
        return None
