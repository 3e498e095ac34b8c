"""How much time is left, as the queue says it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from api.pages.times import due_pill
from cases.journey_spec import Calendar

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=AMSTERDAM)  # two hours before the office closes


def say(key: str, /, **parts: object) -> str:
    return " ".join([key, *map(str, parts.values())])


@pytest.mark.parametrize(
    ("due", "text", "kind"),
    [
        (datetime(2026, 11, 20, 16, 20, tzinfo=AMSTERDAM), "desk.minutes 20", "soon"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=AMSTERDAM), "desk.hours 3", "soon"),  # the weekend does not count
        (datetime(2026, 11, 23, 17, 0, tzinfo=AMSTERDAM), "desk.working_day", ""),
        (datetime(2026, 11, 27, 18, 0, tzinfo=AMSTERDAM), "desk.working_days 5", ""),
        (datetime(2026, 11, 20, 13, 0, tzinfo=AMSTERDAM), "desk.late desk.hours 3", "late"),
        (datetime(2026, 11, 18, 13, 0, tzinfo=AMSTERDAM), "desk.late desk.days 2", "late"),  # as the customer counts
    ],
)
def test_what_is_left_is_counted_in_opening_hours_and_what_is_late_in_all(due: datetime, text: str, kind: str) -> None:
    pill = due_pill(due, now=FRIDAY, calendar=Calendar(), language="en", say=say)

    assert pill is not None
    assert (pill.text, pill.kind) == (text, kind)
    assert "Nov, " in pill.title


def test_without_a_promise_nothing_is_said() -> None:
    assert due_pill(None, now=FRIDAY, calendar=Calendar(), language="en", say=say) is None
