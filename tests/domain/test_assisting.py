import pytest
from builders import NOW, opened, said

from cases import events as e
from cases.assisting import UNASSISTED, Assisted, assisted
from cases.authority import check
from cases.case import Case, Entry, fold
from cases.errors import NotAllowed
from cases.facts import MessageSpan
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Help, LlmOutcome

ANNA = Actor("person", "anna")
QUOTE = (MessageSpan("m-1", 0, 4),)


def words(said_id: str = "s1", *, task: Help = Help.SUMMARY, asked: str = "a1", **more: object) -> e.AssistantSaid:
    line = e.SaidLine("A stone hit the window.", QUOTE)
    return e.AssistantSaid(said_id, task, "model", "summary.1", asked, "en", (line,), **more)  # type: ignore[arg-type]


def call(outcome: LlmOutcome = LlmOutcome.ANSWERED, task: Help = Help.SUMMARY, tokens: int = 5) -> e.LlmCalled:
    return e.LlmCalled(task, outcome, "model", "summary.1", "a1", 1, tokens, tokens)


def after(*events: e.Event) -> Assisted:
    found = UNASSISTED
    for event in events:
        found = assisted(found, event)
    return found


def a_case(*events: e.Event) -> Case:
    happened = (opened(), said("Er zit een ster in mijn voorruit."), *events)
    return fold("case-1", [Entry(number, NOW, MACHINE, event) for number, event in enumerate(happened, 1)])


def test_the_newest_answer_of_a_help_to_a_question_stands_and_is_found_by_its_prompt() -> None:
    found = after(words("s1"), words("s2", asked="a2"), words("s3", question="why?", asked="a3"))

    assert [one.said_id for one in found.said] == ["s2", "s3"]
    assert found.newest(Help.SUMMARY) == words("s2", asked="a2")
    assert found.newest(Help.SUMMARY, "why?") == words("s3", question="why?", asked="a3")
    assert found.newest(Help.FACTS) is None
    assert found.answered("a3") == words("s3", question="why?", asked="a3")
    assert found.answered("a1") is None
    assert found.shown("s2") == words("s2", asked="a2")
    assert found.shown("s1") is None


def test_what_was_said_in_shadow_is_kept_and_shown_to_nobody() -> None:
    found = after(words(shadow=True))

    assert found.newest(Help.SUMMARY) is None
    assert found.shown("s1") is None
    assert found.answered("a1") == words(shadow=True)


def test_tokens_add_up_and_what_gave_nothing_since_is_missing() -> None:
    found = after(call(LlmOutcome.LATE), call(LlmOutcome.AWAY, Help.FACTS), call())

    assert found.tokens == 30
    assert found.missing() == (call(LlmOutcome.AWAY, Help.FACTS),)


def test_the_newest_word_on_a_line_counts_and_one_on_all_of_it_for_each_line() -> None:
    first, other = e.AssistantJudged("s1", "discarded", "anna", 0), e.AssistantJudged("s2", "kept", "anna", 0)
    again, all_of_it = e.AssistantJudged("s1", "kept", "anna", 0), e.AssistantJudged("s1", "discarded", "anna")

    assert after(first, other, again).verdict("s1", 0) == again
    assert after(first, other, again).verdict("s1", 1) is None
    assert after(first, all_of_it).verdict("s1", 1) == all_of_it
    assert after(first).verdict("s1") is None


def test_other_events_change_nothing_of_it() -> None:
    assert assisted(UNASSISTED, e.ChatEnded("anna")) is UNASSISTED


def test_a_case_knows_what_was_said_of_it() -> None:
    case = a_case(words(), call())

    assert case.assisted.newest(Help.SUMMARY) == words()
    assert case.assisted.tokens == 10


def test_the_machine_alone_says_things_and_never_without_evidence() -> None:
    case = a_case()
    unsourced = e.AssistantSaid("s1", Help.SUMMARY, "m", "p", "a", "en", (e.SaidLine("It is covered.", ()),))

    check(case, words(), MACHINE)
    for event, actor in ((words(), ANNA), (words(), CUSTOMER), (unsourced, MACHINE)):
        with pytest.raises(NotAllowed):
            check(case, event, actor)


def test_people_judge_what_was_said_to_them_in_their_own_name() -> None:
    case = a_case(words())
    judged = e.AssistantJudged("s1", "kept", "anna")

    check(case, judged, ANNA)
    for event, actor in (
        (judged, MACHINE), (judged, Actor("person", "bob")), (e.AssistantJudged("other", "kept", "anna"), ANNA),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            check(case, event, actor)
