"""What people made of what language models said is counted from the log: an answer once, a case once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.case import Entry
from cases.facts import Fact, MessageSpan, Person
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Assistance
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Help, LlmOutcome
from models.paired import Paired
from pipelines.assistant.acceptance import Accepted, accepted, count, verdict_of
from pipelines.house import House
from tests.builders import ANNA, NOW, fact, opened, said, shipped, step, understood

SPAN = (MessageSpan("m-1", 0, 4),)
verdicts = st.sampled_from(["kept", "edited", "discarded"])


def folder(**helps: str) -> JourneyFolder:
    shown = shipped("motor_claim")
    switch = Assistance.model_validate({"consent": True, "regions": ["house"], "helps": helps})
    return replace(shown, journey=shown.journey.model_copy(update={"assistant": switch}))


def called(task: Help = Help.DRAFT, outcome: LlmOutcome = LlmOutcome.ANSWERED, **changed: Any) -> e.LlmCalled:
    event = e.LlmCalled(task, outcome, "small-1", f"{task}.1/rules.1", "a" * 64, 1, 900, 100, "0.0023", 700)
    return replace(event, **changed)


def spoke(said_id: str, task: Help = Help.DRAFT, *lines: tuple[str, str], **changed: Any) -> e.AssistantSaid:
    event = e.AssistantSaid(
        said_id, task, "small-1", f"{task}.1/rules.1", "a" * 64, "en",
        tuple(e.SaidLine(text, SPAN, about) for text, about in lines or (("Dear Jo", ""),)),
    )  # fmt: skip
    return replace(event, **changed)


def judged(
    said_id: str, verdict: Any, line: int | None = None, *, distance: int = 0, length: int = 0
) -> e.AssistantJudged:
    return e.AssistantJudged(said_id, verdict, "anna", line, distance, length)


def decided(topic: str | None = None) -> e.HumanDecided:
    return e.HumanDecided("approve_repair", "anna", "as seen", corrected_topic=topic)


def case(*events: e.Event, facts: Iterable[Fact] = ()) -> list[Entry]:
    read = (opened(), said(), understood(facts=tuple(facts)), step())
    return [Entry(seq, NOW, MACHINE, event) for seq, event in enumerate((*read, *events), 1)]


def counted(cases: Sequence[Sequence[Entry]], **helps: str) -> dict[Help, Accepted]:
    histories = ((f"case-{number}", entries) for number, entries in enumerate(cases))
    return {one.task: one for one in count(folder(**helps), histories)}


def test_calls_are_added_up_by_kind_of_help() -> None:
    cases = [
        case(called(), spoke("s-1")),
        case(called(milliseconds=900), spoke("s-2"), called(outcome=LlmOutcome.LATE, tokens_out=0, milliseconds=9000)),
        case(called(Help.SUMMARY, LlmOutcome.OVER_BUDGET, tries=0, tokens_in=0, tokens_out=0, cost="0")),
    ]

    found = counted(cases, draft="show")

    draft, summary = found[Help.DRAFT].calls, found[Help.SUMMARY].calls
    assert (draft.n, draft.outcomes) == (3, {LlmOutcome.ANSWERED: 2, LlmOutcome.LATE: 1})
    assert (draft.tokens_in, draft.tokens_out, draft.cost) == (2700, 200, Decimal("0.0069"))
    assert (draft.p50, draft.p95, draft.failed.k) == (900, 9000, 1)
    assert (summary.n, summary.made, summary.failed.n, summary.p95) == (1, 0, 0, None)
    assert (found[Help.DRAFT].switch, found[Help.SUMMARY].switch) == ("show", "off")


def test_an_answer_counts_once_by_what_people_did_with_most_of_it() -> None:
    cases = [
        case(called(), spoke("s-1"), judged("s-1", "discarded"), judged("s-1", "kept")),
        case(called(), spoke("s-2"), judged("s-2", "edited", distance=10, length=40)),
        case(called(), spoke("s-3"), judged("s-3", "kept", 0, length=20), judged("s-3", "discarded", 1, length=20)),
        case(called(), spoke("s-4")),
        case(judged("s-9", "kept")),
    ]

    found = counted(cases, draft="show")[Help.DRAFT]

    assert found.judged == {"kept": 1, "edited": 1, "discarded": 1}
    assert found.distances == (0.25, 0.0)
    assert found.share_of("kept").n == 3


@given(st.lists(verdicts, min_size=1, max_size=9))
def test_one_verdict_is_made_of_many(given: list[Any]) -> None:
    verdict = verdict_of([judged("s-1", one, line) for line, one in enumerate(given)])

    assert (verdict == "kept") == (set(given) == {"kept"})
    assert (verdict == "discarded") == (2 * given.count("discarded") >= len(given))


def test_an_opinion_in_shadow_is_held_against_what_a_person_said_of_the_topic() -> None:
    def with_opinion(topic: str, *then: e.Event, shadow: bool = True) -> list[Entry]:
        return case(called(Help.OPINION), spoke("s-1", Help.OPINION, ("A title", topic), shadow=shadow), *then)

    cases = [
        with_opinion("windscreen", decided()),
        with_opinion("theft", decided("theft")),
        with_opinion("theft", decided()),
        with_opinion("collision", decided("theft")),
        with_opinion("theft"),
        with_opinion("theft", decided("theft"), shadow=False),
    ]

    found = counted(cases, opinion="shadow")[Help.OPINION]

    assert found.compared == {"shadow": Paired(1, 1, 1, 1), "shown": Paired(only_one=1)}
    assert (found.advice.why, found.advice.share.n) == ("few_compared", 4)


def test_values_are_held_against_what_was_known_when_a_person_decided() -> None:
    twin = fact("licence_plate", "AB123C")
    stated = e.FactStated(Fact("loss_date", "2026-11-20", 1.0, (Person("anna"),)), "anna")

    def with_facts(*lines: tuple[str, str]) -> list[Entry]:
        answer = spoke("s-1", Help.FACTS, *lines, shadow=True, twin=("licence_plate=AB123C",))
        return case(called(Help.FACTS), answer, stated, decided(), facts=(twin,))

    found_alone = with_facts(("2026-11-20", "loss_date"), ("AB123C", "licence_plate"))
    said_against = with_facts(("ZZ999Z", "licence_plate"))
    same = with_facts(("AB123C", "licence_plate"))
    both_wrong = with_facts(("2026-01-01", "loss_date"))
    unknown = with_facts(("jo@example.org", "policy_number"))

    found = counted([found_alone, said_against, same, both_wrong, unknown], facts="shadow")[Help.FACTS]

    assert (found.alone, found.against) == (1, 1)
    assert found.compared == {"shadow": Paired(1, 1, 1, 1)}


def test_what_was_found_only_after_the_decision_teaches_nothing() -> None:
    late = case(decided(), called(Help.FACTS), spoke("s-1", Help.FACTS, ("AB123C", "licence_plate"), shadow=True))

    assert counted([late], facts="shadow")[Help.FACTS].compared == {}


def test_cases_that_no_language_model_read_are_passed_over() -> None:
    assert counted([case(decided())], draft="show") == {}


def test_the_report_is_of_cases_of_the_journey_that_came_in_lately(house: House) -> None:
    with house.database.writing() as store:
        for number, journey in enumerate(("motor_claim", "motor_claim", "home_repair")):
            begun = opened(reference=f"C-2026-{number:06d}", journey=journey)
            told = (called(), spoke(f"s-{number}"), judged(f"s-{number}", "kept"))
            events: tuple[e.Written, ...] = (begun, said(), *told)
            actors = list(zip(events, (SYSTEM, CUSTOMER, MACHINE, MACHINE, ANNA), strict=True))
            store.append(f"case-{number}", actors, at=house.now() - timedelta(days=40 * number))

    one = accepted(house, "motor_claim")
    more = accepted(house, "motor_claim", back=timedelta(days=60))

    assert [(found.task, found.calls.n, found.judged) for found in one] == [(Help.DRAFT, 1, {"kept": 1})]
    assert [found.calls.n for found in more] == [2]
    assert accepted(house, "complaint") == []
    assert one[0].as_json()["advice"] == "stay"
    assert pytest.approx(float(one[0].as_json()["cost_eur"])) == 0.0023
