"""Reasons to choose from beside a decision: one list for agreeing, one for another choice, one for needing more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from api.pages.queue_view import Choice
from api.pages.templating import Pages
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Verdict
from cases.reasons import advice_of, codes, verdict_of

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Reasons:
    verdict: Verdict
    title: str
    choices: tuple[Choice, ...]


def reasons_of(pages: Pages, case: Case, folder: JourneyFolder | None) -> tuple[Reasons, ...]:
    """Of the verdicts that can be given here: agreeing needs an advice."""
    if folder is None:
        return ()
    possible = ("agree", "change", "need_more") if advice_of(case) else ("own", "need_more")
    return tuple(
        Reasons(
            verdict,
            pages.desk_say()(f"case.verdict.{verdict}"),
            tuple(Choice(code, _words(pages, folder, verdict, code)) for code in codes(folder.journey, verdict)),
        )
        for verdict in VERDICTS
        if verdict in possible
    )


def reason_in_words(pages: Pages, case: Case, folder: JourneyFolder, fields: Mapping[str, str]) -> str:
    """The chosen reason in words, and what was written beside it: what stays readable when lists change."""
    code, text = fields.get("reason_code", ""), fields.get("reason", "")
    verdict = verdict_of(case, fields.get("choice", ""))
    known = code in codes(folder.journey, verdict) and code != "other"
    return ": ".join(part for part in (_words(pages, folder, verdict, code) if known else "", text) if part)


def _words(pages: Pages, folder: JourneyFolder, verdict: Verdict, code: str) -> str:
    own = folder.journey.reasons.get(verdict, {}).get(code)
    return folder.worded(own, pages.desk_language) if own else pages.desk_say()(f"case.reason.{code}")
