"""Moments are written as Babel writes them, in every language of the desk."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from hypothesis import given
from hypothesis import strategies as st

from api.pages.times import shown_moment

ZONES = st.sampled_from(["Europe/Amsterdam", "UTC", "America/St_Johns"]).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # drawn


@given(MOMENTS, ZONES, st.sampled_from(["en", "nl"]))
def test_a_moment_reads_as_babel_writes_it(at: datetime, zone: ZoneInfo, language: str) -> None:
    assert shown_moment(at, zone=zone, language=language) == format_datetime(
        at.astimezone(zone), "EEE d MMM, HH:mm", locale=language
    )
