"""What counts in the budget of a day: what was taken, and the most that it may have been where nobody said."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cases.vocabulary import LlmOutcome
from pipelines.assistant.provider import Provider, most_tokens_of
from pipelines.house import House
from pipelines.ports import Answer, NoAnswer, Question
from tests.pipelines.assistant.llm_questions import QUESTION

MOST = most_tokens_of(QUESTION)


@dataclass(frozen=True, slots=True)
class Fails:
    outcome: LlmOutcome
    tokens: int = 0

    def ask(self, question: Question, *, heard: Callable[[str], object] | None = None) -> Answer:
        raise NoAnswer(self.outcome, tokens_in=self.tokens, tries=1)


@pytest.mark.parametrize(
    ("model", "spent"),
    [
        (Fails(LlmOutcome.AWAY), 0), (Fails(LlmOutcome.BUSY), 0), (Fails(LlmOutcome.DECLINED), 0),
        (Fails(LlmOutcome.LATE), MOST), (Fails(LlmOutcome.CUT), MOST), (Fails(LlmOutcome.REFUSED), MOST),
        (Fails(LlmOutcome.LATE, tokens=5), 5), (Fails(LlmOutcome.INVALID, tokens=7), 7),
    ],
)  # fmt: skip
def test_a_call_that_gave_nothing_counts_unless_nothing_was_written(house: House, model: Fails, spent: int) -> None:
    provider, now = Provider(house.settings, model, house.database), house.now()
    before = provider.spent(now)

    asked = provider.ask(QUESTION, spent_on_case=0, now=now)

    assert (asked.outcome, provider.spent(now) - before) == (model.outcome, spent)
