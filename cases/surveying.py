"""When a customer is asked how it went, and what the answers come to. Once a case, and never after bad news. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from cases import events as e
from cases.case import Case
from cases.consequences import Occasion, write_letter
from cases.journey_folder import JourneyFolder
from cases.keeping import is_quiet
from cases.vocabulary import Effect, Status

SURVEY: Final = "survey"
#: So long after its day a question is still asked, where nobody could ask it on the day.
ASKED_STILL: Final = timedelta(days=7)
#: Of fewer answers no mean is told: single people would show through it.
FEWEST: Final = 5
LOWEST, HIGHEST = 1, 5
_LEAST_SPREAD = 0.5  # half a step: people round to whole steps, so that equal answers are no certainty
_Z = 1.959964  # of 95 % of a normal distribution


def may_be_asked(case: Case, folder: JourneyFolder) -> bool:
    """Whether nothing in the case speaks against it: danger, bereavement, a no, a second look, another word since."""
    option = folder.journey.options.get(case.outcome or "")
    letter = folder.journey.letters.get(option.letter) if option is not None else None
    return (
        folder.journey.survey is not None
        and case.status is Status.CLOSED
        and case.closed_at is not None
        and letter is not None
        and letter.effect is not Effect.ADVERSE
        and not (case.reopened or case.looks_again or case.awaits_audit or case.survey_declined)
        and not (case.dangers or case.ties.danger or case.ties.into or case.imported or case.erased)
        and not (case.unreached or case.sender.casefold() in case.dead_addresses)
    )


def due_question(case: Case, folder: JourneyFolder, *, at: datetime) -> list[e.Written]:
    """The one letter that asks, when its day has come; mostly nothing."""
    survey = folder.journey.survey
    if survey is None or not may_be_asked(case, folder) or case.survey_asked or is_quiet(at, folder.journey):
        return []
    day = (case.closed_at or at) + timedelta(days=survey.after_days)
    if not day <= at < day + ASKED_STILL or SURVEY not in folder.journey.letters:
        return []
    letter = write_letter(case, folder, SURVEY, Occasion(at))
    return [e.SurveyAsked(letter.letter_id), letter]


def is_open(case: Case, folder: JourneyFolder) -> bool:
    """Whether the page asks: once the letter has, until it is answered or not wanted."""
    return case.survey_asked and case.survey is None and may_be_asked(case, folder)


@dataclass(frozen=True, slots=True)
class Mean:
    """Of n answers, with the 95 % interval of Student's t; value, low and high are None under FEWEST."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def mean_of(scores: Sequence[int]) -> Mean:
    """Scores 1..5; the interval is held within that range."""
    n = len(scores)
    if n < FEWEST:
        return Mean(n)
    value = fmean(scores)
    half = _student(n - 1) * max(stdev(scores), _LEAST_SPREAD) / sqrt(n)
    return Mean(n, value, max(value - half, LOWEST), min(value + half, HIGHEST))


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, to 0.3 % from four degrees of freedom on.

    Source: the expansion of Fisher and Cornish (1960), Abramowitz and Stegun 26.7.5.
    """
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
