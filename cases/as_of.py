"""The day whose tables decide a case: of its receipt, or of what happened, as the journey says. Pure."""

from datetime import UTC, date

from cases.case import Case
from cases.facts import best
from cases.journey_spec import Journey

RECEIPT = "receipt"


def deciding_day(case: Case, journey: Journey) -> date | None:
    """A day in UTC, never after that of the receipt; None for a case in which nobody has written.

    A case that does not tell the day on which it happened is decided as of its receipt.
    """
    if not case.messages:
        return None
    received = case.messages[0].received_at.astimezone(UTC).date()
    happened = best(case.facts, journey.as_of) if journey.as_of != RECEIPT else None
    if happened is None:
        return received
    try:
        return min(date.fromisoformat(happened.value), received)
    except ValueError:
        return received
