from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.dates import find_dates

NOW = date(2026, 11, 22)  # a Sunday
NL = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2036, 12, 31))


def values(text: str, language: str = "nl") -> list[str]:
    return [found.value for found in find_dates(text, now=NOW, language=language)]


@given(DAYS)
def test_every_date_is_read_back_from_every_way_of_writing_it(day: date) -> None:
    written = [
        f"{day.day}-{day.month}-{day.year}", f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}",
        f"{day.day} {NL[day.month - 1]} {day.year}",
        f"{day.day} {NL[day.month - 1][:3].replace('maa', 'mrt')}. {day.year}",
        f"{day.day}th of {EN[day.month - 1]} {day.year}", f"{EN[day.month - 1]} {day.day}, {day.year}",
        f"{EN[day.month - 1][:3]} {day.day} {day.year}",
        f"maandag {day.day} {NL[day.month - 1]} {day.year} om 18.30 uur",
    ]  # fmt: skip

    for text in written:
        assert values(f"Het gebeurde op {text} bij ons.") == [day.isoformat()], text


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2036, 12, 31)))
def test_two_figures_of_a_year_are_enough(day: date) -> None:
    assert values(f"dd {day:%d-%m-%y}") == [day.isoformat()]


@given(st.integers(min_value=0, max_value=364))
def test_a_day_without_a_year_lies_in_the_past_unless_a_word_points_forward(days: int) -> None:
    past, future = NOW - timedelta(days=days), NOW + timedelta(days=days)

    assert values(f"op {past.day} {NL[past.month - 1]} ging het stuk") == [past.isoformat()]
    assert values(f"de volgende keer op {future.day} {NL[future.month - 1]}") == [future.isoformat()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vandaag", "2026-11-22"), ("vanochtend", "2026-11-22"), ("gisteren", "2026-11-21"),
        ("gisteravond", "2026-11-21"), ("eergisteren", "2026-11-20"), ("vorige week dinsdag", "2026-11-10"),
        ("afgelopen zaterdag", "2026-11-21"), ("2 dagen geleden", "2026-11-20"),
        ("een week geleden", "2026-11-15"), ("één week geleden", "2026-11-15"), ("last Friday", "2026-11-20"),
        ("yesterday", "2026-11-21"), ("the day before yesterday", "2026-11-20"), ("this morning", "2026-11-22"),
        ("two weeks ago", "2026-11-08"), ("Tuesday last week", "2026-11-10"), ("morgen", "2026-11-23"),
        ("next Friday", "2026-11-27"), ("dinsdag jl.", "2026-11-17"), ("vorige maand", "2026-10-22"),
    ],
)  # fmt: skip
def test_dates_told_from_today(text: str, value: str) -> None:
    assert values(text) == [value]


def test_a_time_of_day_belongs_to_the_span() -> None:
    spans = [
        find_dates(text, now=NOW, language="nl")[0].text
        for text in ("het was gisteren om half negen", "op 3 november rond 18.30 uur.", "yesterday at 6 pm ok")
    ]

    assert spans == ["gisteren om half negen", "3 november rond 18.30 uur", "yesterday at 6 pm"]


@pytest.mark.parametrize(
    "text",
    ["31 februari", "31-02-2026", "30/2/2026", "0 mei", "goede morgen", "elke dinsdag", "nummer 3-11", "06-12-34-56-78",
     "november 2026", "1.234,56", "99-99-9999"],
)  # fmt: skip
def test_what_is_no_date_is_not_found(text: str) -> None:
    assert values(text) == []


def test_figures_are_month_first_for_americans_only() -> None:
    assert values("03/11/26", "nl") == values("03/11/26", "en") == ["2026-11-03"]
    assert values("03/11/26", "en-US") == ["2026-03-11"]


def test_a_vague_date_is_hardly_sure() -> None:
    (vague,) = find_dates("vorige maand", now=NOW, language="nl")

    assert vague.certainty <= 0.3


@given(st.text(), st.dates())
def test_any_text_on_any_day_is_survived_and_spans_hold(text: str, now: date) -> None:
    for found in find_dates(text, now=now, language="nl"):
        assert text[found.start : found.end] == found.text


WORDS = st.sampled_from(
    [
        "3",
        "31",
        "29",
        "februari",
        "november",
        "2026",
        "gisteren",
        "999",
        "jaar",
        "weken",
        "geleden",
        "over",
        "in",
        "op",
        "-",
        "/",
        ".",
        "last",
        "next",
        "dinsdag",
        "morgen",
        "week",
    ]
)


@given(st.lists(WORDS, max_size=12).map(" ".join), st.dates())
def test_jumbled_date_words_are_survived_and_spans_hold(text: str, now: date) -> None:
    for found in find_dates(text, now=now, language="en"):
        assert text[found.start : found.end] == found.text
        assert date.fromisoformat(found.value).isoformat() == found.value
