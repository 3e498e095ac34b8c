"""An endpoint that is down, silent or talks garbage: every message is a case as soon as ever, and the log says why."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from cases import events as e
from cases.case import Case
from cases.vocabulary import LlmOutcome
from pipelines.house import House
from pipelines.runner import Runner
from pipelines.under_way import under_way
from tests.llm_server import Asked, LlmServer, Says, Sends
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, until_quiet
from tests.servers import free_port

pytestmark = pytest.mark.once  # no different on another database
MESSAGES = 6
GARBAGE = {
    "page": Sends(b"<!doctype html><title>It works!</title>", headers={"Content-Type": "text/html"}),
    "bytes": Sends(bytes(range(256)) * 8),
    "broken": Sends(b"", status=500),
    "busy": Sends(b"{}", status=429, headers={"Retry-After": "3600"}),
    "words": Says("I would be happy to help you with that!"),
    "another shape": Says('{"answer": 42}'),
    "list": Says("[1, 2, 3]"),
    "cut": Says('{"facts": [', finish=None),
    "refusal": Says(None, refusal="I cannot help with that."),
    "nothing": Says(None),
}


def asked_of(house: House, reference: str | None) -> list[e.LlmCalled]:
    return [entry.event for entry in entries_of(house, reference) if isinstance(entry.event, e.LlmCalled)]


def without_assistant(case: Case) -> tuple[object, ...]:
    """Where a case stands and what its customer was told, whoever read along."""
    step = (case.step.step, case.step.option, case.step.because) if case.step is not None else None
    facts = [(fact.name, fact.value, fact.certainty) for fact in case.facts]
    return case.status, step, [letter.letter for letter in case.letters], case.package is not None, facts


def test_messages_are_decided_and_packaged_while_the_endpoint_says_nothing(
    open_house: OpenHouse, endpoint: LlmServer, clock: Clock
) -> None:
    let_go, silent = threading.Event(), threading.Event()

    def waits(_: Asked) -> Says:
        silent.set()
        let_go.wait(60)
        return Says("{}")

    endpoint.answering = waits
    bell = threading.Event()
    with open_house(**endpoint.settings, llm_seconds=60) as quiet:
        house = replace(quiet, ring=lambda *_: bell.set())
        runner = Runner(house, bell)
        runner.start()
        try:
            first = by_form(house, "Er zit een ster in mijn voorruit.", sender="first@example.org")
            assert silent.wait(60)
            later = [by_form(house, "Er zit een ster in mijn voorruit.", sender=f"n{number}@example.org")
                     for number in range(MESSAGES)]  # fmt: skip
            _until(lambda: all(_is_ready(house, one.reference) for one in (first, *later)))

            assert asked_of(house, first.reference) == []
        finally:
            let_go.set()
            runner.stop()


@pytest.mark.parametrize("said", list(GARBAGE.values()), ids=list(GARBAGE))
def test_garbage_leaves_the_case_as_it_is_without_a_language_model_and_the_log_says_what_came(
    open_house: OpenHouse, endpoint: LlmServer, clock: Clock, said: Says | Sends
) -> None:
    endpoint.answering = lambda _: said
    with open_house() as house:
        alone = by_form(house, sender="alone@example.org")
        until_quiet(house, clock)
        expected = without_assistant(case_of(house, alone.reference))

    with open_house(**endpoint.settings, llm_seconds=5) as house:
        read_along = by_form(house, sender="alone@example.org")
        until_quiet(house, clock)

        case, calls = case_of(house, read_along.reference), asked_of(house, read_along.reference)
        assert without_assistant(case) == expected
        assert case.assisted.said == ()
        assert calls
        assert all(call.outcome is not LlmOutcome.ANSWERED for call in calls)
        assert {call.task for call in case.assisted.missing()} == {call.task for call in calls}
        assert case.parked == ()


def test_an_endpoint_that_is_down_is_left_alone_after_a_few_calls(open_house: OpenHouse, clock: Clock) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/v1"
    with open_house(llm_url=nobody, llm_model="gone", llm_region="house", llm_tries=1, llm_at_once=1) as house:
        sent = [by_form(house, sender=f"d{number}@example.org") for number in range(MESSAGES)]
        until_quiet(house, clock)

        outcomes = [call.outcome for one in sent for call in asked_of(house, one.reference)]
        assert outcomes.count(LlmOutcome.AWAY) == 3
        assert set(outcomes) == {LlmOutcome.AWAY, LlmOutcome.RESTING}
        assert all(case_of(house, one.reference).package is not None for one in sent)


def test_a_spent_day_asks_nothing_more_and_the_cases_go_on(
    open_house: OpenHouse, endpoint: LlmServer, clock: Clock
) -> None:
    with open_house(**endpoint.settings, llm_day_tokens=10) as house:
        sent = by_form(house)
        until_quiet(house, clock)

        assert endpoint.asked == []
        assert {call.outcome for call in asked_of(house, sent.reference)} == {LlmOutcome.OVER_BUDGET}
        assert case_of(house, sent.reference).package is not None


def test_without_consent_or_in_another_region_nothing_leaves(
    open_house: OpenHouse, endpoint: LlmServer, clock: Clock
) -> None:
    with open_house(**{**endpoint.settings, "llm_region": "us"}) as house:
        sent = by_form(house)
        until_quiet(house, clock)

        assert endpoint.asked == []
        assert asked_of(house, sent.reference) == []


def _is_ready(house: House, reference: str | None) -> bool:
    case = case_of(house, reference)
    with house.database.reading() as store:
        return case.package is not None and not under_way(store, case.id, now=house.now())


def _until(there: Callable[[], bool]) -> None:
    for _ in range(600):
        if there():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it did not come")
