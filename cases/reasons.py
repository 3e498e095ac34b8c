"""Why a person decided so, as a code that statistics and retraining can count: one list a verdict. Pure."""

from collections.abc import Mapping
from typing import Final

from cases.case import ESCALATE, NEED_MORE, Case
from cases.journey_spec import Journey, Verdict

#: Of journeys that name none; their words stand in configs/words as case.reason.CODE.
USUAL: Final[Mapping[Verdict, tuple[str, ...]]] = {
    "agree": ("as_advised", "terms", "evidence", "other"),
    "change": ("terms", "evidence", "facts_wrong", "goodwill", "other"),
    "need_more": ("more_needed", "contradictory", "above_me", "other"),
    "own": ("terms", "evidence", "goodwill", "other"),
}


def verdict_of(case: Case, choice: str) -> Verdict:
    """What a choice says of the machine's advice; "own" where the person had not seen any."""
    if choice in (NEED_MORE, ESCALATE):
        return "need_more"
    advised = advice_of(case)
    if not advised:
        return "own"
    return "agree" if choice == advised else "change"


def advice_of(case: Case) -> str:
    """The option that a person is advised to choose; "" where there is none, or it is kept from them."""
    if case.step is None or case.awaits_audit or (case.step.shadow and not case.human_ever):
        return ""
    return case.step.option


def codes(journey: Journey, verdict: Verdict) -> tuple[str, ...]:
    """The reasons to choose from, in the journey's order."""
    return tuple(journey.reasons[verdict]) if verdict in journey.reasons else USUAL[verdict]
