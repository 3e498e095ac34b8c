"""Calls of a language model, added up: how they ended, and what they took in tokens, euros and time."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cases import events as e
from cases.vocabulary import LlmOutcome
from models.paired import Paired, Share, share

#: These were not made: they say nothing of the model.
HELD_BACK = frozenset({LlmOutcome.OVER_BUDGET, LlmOutcome.RESTING})


@dataclass(frozen=True, slots=True)
class Calls:
    """outcomes: how many ended so. cost: in euros, at the prices of when they were made. p50, p95: milliseconds within
    which that share of the calls that were made was over; None without any. lines: statements that were kept; dropped:
    those that pointed at nothing. models, prompts: that were used, as the log names them.
    """

    n: int
    outcomes: Mapping[LlmOutcome, int]
    tokens_in: int
    tokens_out: int
    cost: Decimal
    p50: int | None
    p95: int | None
    lines: int
    dropped: int
    models: tuple[str, ...]
    prompts: tuple[str, ...]

    @property
    def made(self) -> int:
        return self.n - sum(count for outcome, count in self.outcomes.items() if outcome in HELD_BACK)

    @property
    def failed(self) -> Share:
        """Of the calls that were made those that gave nothing that could be used."""
        return share(self.made - self.outcomes.get(LlmOutcome.ANSWERED, 0), self.made)

    def as_json(self) -> dict[str, Any]:
        return {
            "calls": self.n,
            "outcomes": {str(outcome): count for outcome, count in self.outcomes.items()},
            "failed": share_json(self.failed),
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost_eur": str(self.cost),
            "p50_ms": self.p50,
            "p95_ms": self.p95,
            "statements": self.lines,
            "dropped": self.dropped,
            "models": self.models,
            "prompts": self.prompts,
        }


@dataclass(slots=True)
class Tally:
    """Calls as they come; keeps no word of what was said."""

    called: list[e.LlmCalled] = field(default_factory=list)
    lines: int = 0
    dropped: int = 0

    def add(self, event: e.LlmCalled | e.AssistantSaid) -> None:
        match event:
            case e.LlmCalled():
                self.called.append(event)
            case e.AssistantSaid(lines=lines, dropped=dropped):
                self.lines += len(lines)
                self.dropped += dropped

    @property
    def calls(self) -> Calls:
        took = sorted(one.milliseconds for one in self.called if one.outcome not in HELD_BACK)
        return Calls(
            n=len(self.called),
            outcomes=dict(Counter(one.outcome for one in self.called).most_common()),
            tokens_in=sum(one.tokens_in for one in self.called),
            tokens_out=sum(one.tokens_out for one in self.called),
            cost=sum((Decimal(one.cost) for one in self.called), Decimal(0)),
            p50=_within(took, 0.5),
            p95=_within(took, 0.95),
            lines=self.lines,
            dropped=self.dropped,
            models=tuple(sorted({one.model for one in self.called})),
            prompts=tuple(sorted({one.prompt for one in self.called})),
        )


def _within(took: Sequence[int], part: float) -> int | None:
    """took: in order."""
    return took[math.ceil(len(took) * part) - 1] if took else None


def share_json(found: Share) -> dict[str, Any]:
    return {"k": found.k, "n": found.n, "share": found.value, "low": found.low, "high": found.high}


def paired_json(found: Paired) -> dict[str, Any]:
    return {
        "n": found.n,
        "model": share_json(found.one),
        "twin": share_json(found.other),
        "both_right": found.both,
        "only_model_right": found.only_one,
        "only_twin_right": found.only_other,
        "neither_right": found.neither,
        "mcnemar_p": found.p,
    }
