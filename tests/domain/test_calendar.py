from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import JOURNEYS, shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cases import promises
from cases.calendar import after_days, after_hours, is_working_day, next_working_day, open_time, working_day
from cases.journey_spec import Calendar
from cases.vocabulary import Step

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(holidays=("2026-12-25",))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
QUARTERS = MOMENTS.map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
PERIODS = st.sampled_from([(), ("08:00-12:30", "13:00-17:00"), ("09:00-12:00",), ("01:30-02:45", "22:00-23:45")])
CALENDARS = st.builds(
    Calendar,
    time_zone=st.sampled_from(["Europe/Amsterdam", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]),
    opens=st.sampled_from(["00:00", "02:30", "08:00"]),
    closes=st.sampled_from(["09:15", "18:00", "23:45"]),
    weekdays=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple),
    holidays=st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1)).map(str), max_size=5).map(tuple),
    hours=st.dictionaries(st.integers(1, 7), PERIODS, max_size=7).filter(lambda days: not days or any(days.values())),
    special_days=st.dictionaries(st.dates(date(2026, 1, 1), date(2028, 1, 1)).map(str), PERIODS, max_size=5),
)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=AMSTERDAM)  # type: ignore[arg-type, misc]


def counted(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Opening time between two moments, quarter by quarter in the plainest way."""
    zone, quarter = ZoneInfo(calendar.time_zone), timedelta(minutes=15)
    quarters = int((end - start) / quarter)
    return quarter * sum(is_open((start + n * quarter).astimezone(zone), calendar) for n in range(quarters))


def is_open(moment: datetime, calendar: Calendar) -> bool:
    """In an hour that the clocks go through twice, what opens or closes does so the first time."""
    day, now = moment.date().isoformat(), (moment.replace(minute=59) if moment.fold else moment).time()
    if day in calendar.special_days:
        periods = calendar.special_days[day]
    elif day in calendar.holidays:
        return False
    elif calendar.hours:
        periods = calendar.hours.get(moment.isoweekday(), ())
    else:
        return moment.isoweekday() in calendar.weekdays and clock(calendar.opens) <= now < clock(calendar.closes)
    return any(clock(period[:5]) <= now < clock(period[6:]) for period in periods)


def clock(text: str) -> time:
    return time.fromisoformat(text)


@settings(deadline=None, max_examples=60)
@given(start=QUARTERS, hours=st.integers(1, 20), calendar=CALENDARS)
def test_exactly_the_hours_asked_for_pass_while_the_office_is_open(
    start: datetime, hours: int, calendar: Calendar
) -> None:
    end = after_hours(start, hours, calendar)

    assert is_working_day(end.astimezone(ZoneInfo(calendar.time_zone)).date(), calendar)
    assert counted(start, end, calendar) == timedelta(hours=hours) == open_time(start, end, calendar)
    assert is_open((end - timedelta(minutes=15)).astimezone(ZoneInfo(calendar.time_zone)), calendar)


@settings(deadline=None, max_examples=60)
@given(start=QUARTERS, length=st.integers(-50, 2_000), calendar=CALENDARS)
def test_the_time_that_is_left_is_the_time_that_it_is_open(start: datetime, length: int, calendar: Calendar) -> None:
    end = start + timedelta(minutes=15 * length)

    assert open_time(start, end, calendar) == counted(start, end, calendar)


def test_in_an_hour_that_is_gone_through_twice_doors_open_and_close_the_first_time() -> None:
    night = Calendar(hours={7: ("01:30-02:45",)})
    early = Calendar(hours={7: ("02:30-09:15",)})
    start, end = (local(2026, 10, day).astimezone(UTC) for day in (25, 26))

    assert open_time(start, end, night) == timedelta(hours=1, minutes=15) == counted(start, end, night)
    assert open_time(start, end, early) == timedelta(hours=7, minutes=45) == counted(start, end, early)


@given(calendar=CALENDARS)
def test_a_calendar_is_the_same_after_it_was_stored(calendar: Calendar) -> None:
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar


def test_days_of_the_week_are_named_or_numbered() -> None:
    named = Calendar.model_validate({"hours": {"mon": ["08:00-12:30"], "sun": []}, "weekdays": ["tue", 3]})

    assert named == Calendar(hours={1: ("08:00-12:30",), 7: ()}, weekdays=(2, 3))
    assert Calendar.model_validate_json(named.model_dump_json()) == named


def test_the_next_working_day_skips_what_is_closed() -> None:
    office = Calendar(holidays=("2026-12-25",))

    assert next_working_day(date(2026, 12, 22), office) == date(2026, 12, 23)
    assert next_working_day(date(2026, 12, 24), office) == date(2026, 12, 28)


def test_of_who_is_closed_for_a_year_the_next_day_is_taken() -> None:
    mondays = tuple((date(2026, 12, 28) + timedelta(weeks=n)).isoformat() for n in range(54))
    closed = Calendar(weekdays=(1,), holidays=mondays)

    assert next_working_day(date(2026, 12, 24), closed) == date(2026, 12, 25)


def test_a_holiday_may_be_half_a_day() -> None:
    office = Calendar(holidays=("2026-12-25",), special_days={"2026-12-24": ("08:00-12:00",)})

    assert after_hours(local(2026, 12, 24, 9, 0), 4, office) == local(2026, 12, 28, 9, 0)


def test_nobody_counts_the_hours_of_more_than_a_year() -> None:
    start = local(2026, 1, 1)

    assert open_time(start, start + timedelta(days=3000), OFFICE) == open_time(
        start, start + timedelta(days=366), OFFICE
    )


def test_a_lunch_break_and_a_short_day_do_not_count() -> None:
    shop = Calendar(hours={1: ("08:00-12:30", "13:00-17:00"), 2: ("09:00-12:00",)}, special_days={"2026-11-30": ()})

    assert after_hours(local(2026, 11, 23, 12, 0), 1, shop) == local(2026, 11, 23, 13, 30)
    assert after_hours(local(2026, 11, 24, 11, 0), 2, shop) == local(2026, 12, 1, 10, 0)  # the next Monday is closed
    assert after_days(local(2026, 11, 23, 9, 0), 1, shop) == local(2026, 11, 24, 12, 0)
    assert working_day(shop) == timedelta(hours=8, minutes=30)


@settings(deadline=None, max_examples=80)
@given(start=MOMENTS, later=st.integers(0, 10**6), days=st.integers(1, 60), calendar=CALENDARS)
def test_who_writes_later_is_never_promised_an_earlier_date(
    start: datetime, later: int, days: int, calendar: Calendar
) -> None:
    after = start + timedelta(seconds=later)

    assert after_days(start, days, calendar) <= after_days(after, days, calendar)
    assert after_hours(start, days, calendar) <= after_hours(after, days, calendar)
    assert after_days(start, days, calendar) < after_days(start, days + 1, calendar)
    assert after_days(start, days, calendar) > start


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (local(2026, 11, 23, 8, 0), 10, local(2026, 11, 23, 18, 0)),  # a whole day, from opening to closing
        (local(2026, 11, 23, 8, 1), 10, local(2026, 11, 24, 8, 1)),
        (local(2026, 11, 23, 18, 0), 1, local(2026, 11, 24, 9, 0)),
        (local(2026, 11, 27, 17, 0), 2, local(2026, 11, 30, 9, 0)),  # over a weekend
        (local(2026, 12, 24, 17, 0), 2, local(2026, 12, 28, 9, 0)),  # over Christmas, a Friday
        (local(2026, 3, 27, 17, 0), 2, local(2026, 3, 30, 9, 0)),  # over the change to summer time
    ],
)
def test_hours_are_counted_from_opening_to_closing(start: datetime, hours: int, end: datetime) -> None:
    assert after_hours(start, hours, OFFICE) == end


def test_an_hour_that_the_clocks_skip_is_not_counted() -> None:
    nights = Calendar(opens="01:00", closes="04:00", weekdays=(7,))

    assert after_hours(local(2026, 3, 29, 0, 0), 2, nights) == local(2026, 3, 29, 4, 0)


def test_a_period_of_which_the_clocks_leave_nothing_does_not_count() -> None:
    short = Calendar(opens="02:30", closes="03:10", weekdays=(7,))

    assert after_hours(local(2026, 3, 28, 12, 0), 1, short) == local(2026, 4, 12, 2, 50)


def test_days_end_at_closing_time_and_skip_what_is_closed() -> None:
    assert after_days(local(2026, 12, 24, 9, 0), 1, OFFICE) == local(2026, 12, 28, 18, 0)


def test_a_calendar_of_holidays_only_is_refused_when_counted() -> None:
    mondays = tuple(str(date(2026, 1, 5) + timedelta(weeks=n)) for n in range(220))
    closed = Calendar(weekdays=(1,), holidays=mondays)

    with pytest.raises(ValueError, match="check weekdays and holidays"):
        after_hours(local(2026, 1, 1), 1, closed)
    with pytest.raises(ValueError, match="check weekdays and holidays"):
        after_days(local(2026, 1, 1), 1, closed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "18:00", "closes": "08:00"}, {"opens": "09:00", "closes": "09:00"}, {"closes": "24:00"},
        {"time_zone": "Europe/Amsterdm"}, {"weekdays": ()}, {"weekdays": (0,)}, {"holidays": ("2026-13-01",)},
        {"special_days": {"2026-02-30": ()}}, {"hours": {1: ()}}, {"hours": {8: ("08:00-12:00",)}},
        {"hours": {"day": ()}}, {"hours": ()}, {"hours": {"mon": ("08:00-12:00",), 1: ("08:00-09:00",)}},
        {"hours": {1: ("12:00-08:00",)}}, {"hours": {1: ("08:00-12:00", "11:00-17:00")}}, {"hours": {1: ("8-12",)}},
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_counted_with_is_refused_when_read(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(wrong)


@pytest.mark.parametrize("name", JOURNEYS)
@settings(deadline=None, max_examples=30)
@given(at=MOMENTS)
def test_every_promise_of_every_journey_lies_in_the_future(name: str, at: datetime) -> None:
    journey = shipped(name).journey

    for urgent in (False, True):
        assert all(promises.after_step(step, journey, at=at, urgent=urgent) > at for step in Step)
    choices = (*journey.options, "need_more", "escalate")
    assert all(promises.after_choice(choice, journey, at=at) > at for choice in choices)


def test_danger_is_answered_before_an_ordinary_case() -> None:
    journey, at = shipped().journey, local(2026, 11, 23, 9, 0)

    urgent = promises.after_step(Step.EXPERT, journey, at=at, urgent=True)

    assert urgent == local(2026, 11, 23, 17, 0)
    assert promises.after_step(Step.EXPERT, journey, at=at, urgent=False) == local(2026, 12, 7, 18, 0)
    assert promises.after_choice("send_assessor", journey, at=at) == local(2026, 11, 26, 18, 0)
