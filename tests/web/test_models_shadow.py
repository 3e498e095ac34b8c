"""The version that waits, on the page of the models: how often it agrees on live cases, and where it does not."""

from zoneinfo import ZoneInfo

import pytest

from api.pages.models_shadow import MOST, shadow_shown
from api.pages.spoken import Spoken
from api.pages.templating import open_pages
from cases.journey_folder import JourneyFolder
from configs.settings import Settings
from pipelines.journeys import load_journeys
from pipelines.shadow import Agreement, Slice

JOURNEY = "home_repair"
FOUND = Agreement(
    JOURNEY, "0123456789abcdef", 40, 30,
    (Slice("topic", "leak", 10, 2), Slice("topic", "", 4, 2), Slice("language", "nl", 26, 26)),
    (("leak", "pests", 8), ("", "leak", 2)),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> JourneyFolder:
    return load_journeys(Settings()).get(JOURNEY)


def spoken(language: str = "en") -> Spoken:
    return Spoken(open_pages(language).desk_say(), language, ZoneInfo("Europe/Amsterdam"))


def test_agreement_is_told_with_topics_by_their_titles_and_those_that_differ_most_first(folder: JourneyFolder) -> None:
    shown = shadow_shown(FOUND, folder, spoken())

    assert shown is not None
    assert "0123456789abcdef" in shown.told
    assert "Of 40 live cases it read 75%" in shown.told
    leak = folder.worded(folder.journey.topics["leak"].title, "en")
    assert [(one.name, one.value, one.cases, one.same) for one in shown.slices] == [
        ("Topic", leak, "10", "20%"),
        ("Topic", "Out of scope", "4", "50%"),
        ("Language", "nl", "26", "100%"),
    ]
    assert (shown.differences[0].read, shown.differences[0].cases) == (leak, "8")


def test_only_so_many_slices_are_shown_and_a_topic_the_journey_lacks_stands_as_it_is(folder: JourneyFolder) -> None:
    many = Agreement(JOURNEY, "v", 99, 9, tuple(Slice("channel", str(n), 1, 0) for n in range(99)), (("gone", "", 1),))

    shown = shadow_shown(many, folder, spoken())

    assert shown is not None
    assert len(shown.slices) == MOST
    assert (shown.differences[0].read, shown.differences[0].shadow) == ("gone", "Out of scope")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_before_the_first_live_case_it_says_so_and_without_a_waiting_version_nothing(
    folder: JourneyFolder, language: str
) -> None:
    first = shadow_shown(Agreement(JOURNEY, "v1"), folder, spoken(language))

    assert first is not None
    assert "v1" in first.told
    assert (first.slices, first.differences) == ((), ())
    assert shadow_shown(Agreement(JOURNEY), folder, spoken(language)) is None
