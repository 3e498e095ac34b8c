"""The day whose tables decide a case."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from builders import case, fact, opened, said, shipped, understood

from cases import events as e
from cases.as_of import deciding_day
from cases.journey_spec import Journey

JOURNEY = shipped().journey
BY_LOSS: Journey = JOURNEY.model_copy(update={"as_of": "loss_date"})
RECEIVED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def told(loss: str | None, at: datetime = RECEIVED) -> list[e.Event]:
    return [opened(), said(at=at), understood(facts=(fact("loss_date", loss),) if loss else ())]


def test_a_case_is_decided_by_the_tables_of_the_day_on_which_it_came_in() -> None:
    found = case(*told("2026-03-01"))

    assert deciding_day(found, JOURNEY) == date(2026, 11, 23)


def test_days_begin_at_midnight_in_utc() -> None:
    late = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert deciding_day(case(opened(), said(at=late)), JOURNEY) == date(2026, 11, 23)


def test_a_later_message_does_not_move_the_day() -> None:
    later = RECEIVED + timedelta(days=30)

    assert deciding_day(case(opened(), said(), said(id_="m-2", at=later)), JOURNEY) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("loss", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-11-23", date(2026, 11, 23)),
        ("2026-11-24", date(2026, 11, 23)),  # nothing happens after it was told
        (None, date(2026, 11, 23)),
        ("last week", date(2026, 11, 23)),
    ],
)
def test_a_journey_may_decide_as_of_the_day_on_which_it_happened(loss: str | None, day: date) -> None:
    found = case(*told(loss))

    assert deciding_day(found, BY_LOSS) == day


def test_a_case_in_which_nobody_has_written_has_no_day() -> None:
    assert deciding_day(case(opened()), JOURNEY) is None
