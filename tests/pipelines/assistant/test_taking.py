"""What people make of what a language model said is kept in their name, once, and beside nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from cases import events as e
from cases.errors import NotAllowed
from cases.facts import MessageSpan, Person, best
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Help, Scope, Step, Why
from pipelines import hand
from pipelines.assistant.taking import NotSaid, judge, take_fact
from pipelines.audit import verify_all
from pipelines.hand import CorrectedMeanwhile
from pipelines.house import House
from tests.llm_server import Asked, LlmServer, Says
from tests.pipelines.assistant.one_help import answers
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, kinds, photo, until_quiet

TEXT = (
    "Goedemorgen, er zit een ster in de voorruit van de Polo met kenteken 79-KXF-6. De offerte van de garage is "
    "€ 1.250,00, maar mijn zwager zegt dat het voor € 300,00 kan. De auto kan niet rijden."
)
FOUND = {"amount": ("300.00", "voor € 300,00 kan"), "can_drive": ("kan niet rijden", "De auto kan niet rijden")}
NUMBERS = count(1)


def finds(asked: Asked) -> Says:
    """The two facts; of all else nothing that can be used."""
    if "facts" not in asked.body["response_format"]["json_schema"]["schema"]["properties"]:
        return Says("{}")
    return answers(
        {
            "facts": [
                {"name": name, "value": value, "source": "m1", "quote": quote} for name, (value, quote) in FOUND.items()
            ]
        }
    )


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def assisted(open_asking: OpenHouse, server: LlmServer, clock: Clock) -> Iterator[House]:
    server.answering = finds
    with open_asking(clock=clock) as house:
        yield house


@pytest.fixture
def reference(assisted: House) -> str:
    """A case in which two facts were found, as the log has it."""
    return opened(assisted)


def opened(house: House, *, step_in_shadow: bool = False) -> str:
    number, at = next(NUMBERS), house.now()
    reference, message = f"C-2026-9{number:05d}", f"m-9-{number}"
    folder = house.journeys.get("motor_claim")
    events: list[tuple[e.Written, Actor]] = [
        (e.CaseOpened(reference, message, "webform", "bas@example.org", "Bas", folder.name, "nl"), MACHINE),
        (e.MessageAdded(message, "webform", "bas@example.org", "", TEXT, at, language="nl"), CUSTOMER),
        (
            e.Understood(message, "nl", folder.name, folder.digest, "windscreen", 0.9, Scope.IN, 0.5, "text", "v"),
            MACHINE,
        ),
        (e.Enriched(), MACHINE),
        (
            e.StepDecided(Step.EXPERT, (Why.ROW,), folder.name, folder.digest, "windscreen", shadow=step_in_shadow),
            MACHINE,
        ),
        (found(f"said-{number}", message), MACHINE),
    ]
    with house.database.writing() as store:
        store.append(f"case-9{number:05d}", events, at=at)
    return reference


def found(said_id: str, message: str, **changed: Any) -> e.AssistantSaid:
    lines = tuple(
        e.SaidLine(value, (MessageSpan(message, TEXT.index(quote), TEXT.index(quote) + len(quote)),), about=name)
        for name, (value, quote) in FOUND.items()
    )
    return replace(e.AssistantSaid(said_id, Help.FACTS, "m", "p", "a" * 64, "nl", lines), **changed)


def also_said(house: House, reference: str, said: e.AssistantSaid) -> None:
    with house.database.writing() as store:
        store.append(store.case_id(reference), [(said, MACHINE)], at=house.now())


def said(house: House, reference: str) -> e.AssistantSaid:
    newest = case_of(house, reference).assisted.newest(Help.FACTS)
    assert newest is not None
    return newest


def judged(house: House, reference: str) -> list[e.AssistantJudged]:
    return [one.event for one in entries_of(house, reference) if isinstance(one.event, e.AssistantJudged)]


def test_a_taken_value_is_a_fact_by_the_person_with_the_words_it_was_found_in(assisted: House, clock: Clock) -> None:
    reference = str(by_form(assisted, TEXT, files=[("ruit.jpg", photo(7))]).reference)
    until_quiet(assisted, clock)
    before = best(case_of(assisted, reference).facts, "amount")

    take_fact(assisted, reference, said(assisted, reference).said_id, 0, person="anouk")

    until_quiet(assisted, clock)
    case = case_of(assisted, reference)
    taken = best(case.facts, "amount")
    assert before is not None
    assert taken is not None
    assert (before.value, taken.value) == ("1250.00", "300.00")
    person, span = taken.sources
    assert person == Person("anouk")
    assert isinstance(span, MessageSpan)
    assert case.messages[0].text[span.start : span.end] == "voor € 300,00 kan"
    assert judged(assisted, reference) == [
        e.AssistantJudged(said(assisted, reference).said_id, "kept", "anouk", 0, length=6)
    ]
    assert verify_all(assisted).differences == ()


def test_taking_twice_even_at_once_is_taking_once(assisted: House, reference: str) -> None:
    said_id, gate = said(assisted, reference).said_id, Barrier(2)

    def take(person: str) -> None:
        gate.wait()
        take_fact(assisted, reference, said_id, 1, person=person)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take, ("anouk", "noor")))
    take_fact(assisted, reference, said_id, 1, person="anouk")

    assert kinds(assisted, reference).count("fact_stated") == 1
    assert len(judged(assisted, reference)) == 1


def test_what_a_colleague_put_right_meanwhile_is_not_taken_over_unseen(assisted: House, reference: str) -> None:
    said_id = said(assisted, reference).said_id
    version = hand.state_fact(assisted, reference, "amount", "900", person="noor")

    with pytest.raises(CorrectedMeanwhile, match=r"noor wrote '900\.00'"):
        take_fact(assisted, reference, said_id, 0, person="anouk")

    assert judged(assisted, reference) == []
    take_fact(assisted, reference, said_id, 0, person="anouk", version=version)
    amount = best(case_of(assisted, reference).facts, "amount")
    assert amount is not None
    assert amount.value == "300.00"


@pytest.mark.parametrize("line", [-1, 2, 99])
def test_a_line_that_is_not_there_is_refused_with_what_to_do(assisted: House, reference: str, line: int) -> None:
    with pytest.raises(NotSaid, match="look at the case again"):
        take_fact(assisted, reference, said(assisted, reference).said_id, line, person="anouk")

    with pytest.raises(NotSaid, match="look at the case again"):
        judge(assisted, reference, said(assisted, reference).said_id, "discarded", person="anouk", line=line)
    assert judged(assisted, reference) == []


def test_what_was_never_said_or_only_in_shadow_is_refused(assisted: House, reference: str) -> None:
    also_said(assisted, reference, found("s-hidden", "m-1", task=Help.OPINION, shadow=True))

    for said_id in ("s-none", "s-hidden"):
        with pytest.raises(NotSaid):
            judge(assisted, reference, said_id, "kept", person="anouk")


def test_nothing_is_taken_or_judged_where_a_person_decides_without_advice(assisted: House) -> None:
    blind = opened(assisted, step_in_shadow=True)
    said_id = said(assisted, blind).said_id

    with pytest.raises(NotAllowed, match="without advice"):
        take_fact(assisted, blind, said_id, 0, person="anouk")
    with pytest.raises(NotAllowed, match="without advice"):
        judge(assisted, blind, said_id, "discarded", person="anouk", line=0)
    assert "fact_stated" not in kinds(assisted, blind)


def test_how_much_was_changed_is_kept_and_not_what(assisted: House, reference: str) -> None:
    said_id = said(assisted, reference).said_id

    judge(assisted, reference, said_id, "edited", person="anouk", line=1, text="kan wel rijden")
    judge(assisted, reference, said_id, "edited", person="anouk", line=1, text="kan wel rijden")

    assert judged(assisted, reference) == [e.AssistantJudged(said_id, "edited", "anouk", 1, distance=3, length=15)]


def test_a_text_that_comes_out_as_it_was_offered_was_kept(assisted: House, reference: str) -> None:
    said_id = said(assisted, reference).said_id

    judge(assisted, reference, said_id, "edited", person="anouk", text="300.00\nkan niet rijden")

    assert judged(assisted, reference) == [e.AssistantJudged(said_id, "kept", "anouk", None, distance=0, length=22)]


def test_an_edited_text_has_to_be_sent(assisted: House, reference: str) -> None:
    with pytest.raises(NotAllowed, match="send what it became"):
        judge(assisted, reference, said(assisted, reference).said_id, "edited", person="anouk")


def test_the_newest_word_on_a_line_stands(assisted: House, clock: Clock, reference: str) -> None:
    said_id = said(assisted, reference).said_id

    judge(assisted, reference, said_id, "discarded", person="anouk", line=1)
    clock.forward(minutes=1)
    take_fact(assisted, reference, said_id, 1, person="noor")

    verdict = case_of(assisted, reference).assisted.verdict(said_id, 1)
    assert verdict is not None
    assert (verdict.verdict, verdict.by) == ("kept", "noor")


def test_only_what_was_found_as_a_fact_is_entered_as_one(assisted: House, reference: str) -> None:
    also_said(assisted, reference, found("s-sum", "m-1", task=Help.SUMMARY))

    with pytest.raises(NotAllowed, match="only what was found as a fact"):
        take_fact(assisted, reference, "s-sum", 0, person="anouk")
