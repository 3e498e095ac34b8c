"""A message through the whole pipeline with a real small language model over HTTP: does every part fit together.

Whether what it says is any good is not asked here: a model of 135 million parameters says little that holds.
"""

from collections.abc import Iterator

import pytest

from cases import events as e
from cases.assisting import UNASSISTED, unsourced
from cases.case import Case
from cases.facts import MessageSpan
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.on_demand import ask
from pipelines.house import House
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, until_quiet
from tests.small_model import NAME, small_model, weights

pytest.importorskip("xllamacpp", reason="a real small model is for `make llm-run`")

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(weights() is None, reason="a real small model is for `make llm-run`"),
]
SECONDS = 120
LETTER = (
    "Good morning. On 12 November 2026 a stone hit the windscreen of my car with number plate 79-KXF-6. "
    "There is a star in the glass of 3 cm, below the mirror. Where can I have it repaired?"
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with small_model() as url:
        yield url


def calls_of(house: House, reference: str | None) -> list[e.LlmCalled]:
    return [entry.event for entry in entries_of(house, reference) if isinstance(entry.event, e.LlmCalled)]


def stands(case: Case) -> tuple[object, ...]:
    """Where a case stands and what its customer was told, whoever read along."""
    step = (case.step.step, case.step.option, case.step.because) if case.step is not None else None
    facts = [(fact.name, fact.value, fact.certainty) for fact in case.facts]
    return case.status, step, [letter.letter for letter in case.letters], case.package is not None, facts


def test_a_message_goes_through_the_pipeline_with_a_small_model_and_is_decided_as_without(
    open_house: OpenHouse, endpoint: str, clock: Clock
) -> None:
    with open_house() as house:
        alone = by_form(house, LETTER)
        until_quiet(house, clock)
        expected = stands(case_of(house, alone.reference))
        assert case_of(house, alone.reference).assisted == UNASSISTED

    with open_house(llm_url=endpoint, llm_model=NAME, llm_region="house", llm_seconds=SECONDS, llm_tries=1) as house:
        read_along = by_form(house, LETTER)
        until_quiet(house, clock)
        case = case_of(house, read_along.reference)
        ask(house, case.reference, Help.QUESTION, person="hanna", question="What happened to the car?")

        case, calls = case_of(house, read_along.reference), calls_of(house, read_along.reference)
        print(
            *((call.task, call.outcome, call.tokens_in, call.tokens_out, call.milliseconds) for call in calls), sep="\n"
        )
        print(*((said.task, said.lines, said.dropped) for said in case.assisted.said), sep="\n")
        assert stands(case) == expected
        assert {call.task for call in calls} >= {Help.FACTS, Help.OPINION, Help.QUESTION}
        assert any(call.outcome is LlmOutcome.ANSWERED for call in calls)
        assert all(call.tokens_in > 0 for call in calls if call.outcome is LlmOutcome.ANSWERED)
        assert {call.model for call in calls} == {NAME}
        for said in case.assisted.said:
            assert not unsourced(said.lines)
            assert all(_is_there(source, case) for line in said.lines for source in line.sources)


def _is_there(source: object, case: Case) -> bool:
    if not isinstance(source, MessageSpan):
        return True
    texts = {one.message_id: one.text for one in case.messages}
    return source.message_id in texts and 0 <= source.start < source.end <= len(texts[source.message_id])
