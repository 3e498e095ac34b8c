"""A found value counts where the product itself reads it in the words that are pointed at, and nowhere else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.case import Entry
from cases.facts import Fact, MessageSpan, Person, PhotoRegion
from cases.journey_spec import FactSpec
from cases.vocabulary import FileKind, Help, LlmOutcome
from pipelines.assistant.calling import Made, answer
from pipelines.assistant.evidence import Evidence, View
from pipelines.assistant.helps.facts import SPEC, FactFound, FactsFound, news
from pipelines.house import House
from pipelines.reading.amounts import find_amounts
from tests.builders import ANNA, NOW, entries, fact, opened, photo, said, understood
from tests.llm_server import LlmServer, Says
from tests.pipelines.assistant.one_help import after, answers, ask, folder_that, sources_of, view_of

pytestmark = pytest.mark.once  # keeps nothing
TEXT = "My car with licence plate 79-KXF-6 was hit yesterday. The quote is € 1 200 and POL-123456 is my policy."
HIDDEN = {"79-KXF-6": "[PLATE_1]", "POL-123456": "[NUMBER_1]"}
IBAN = "NL91 ABNA 0417 1643 00"
FOLDER = folder_that(Help.FACTS)


def one(name: str, value: str, quote: str, source: str = "m1") -> dict[str, str]:
    """As a model says it that read the masked text."""
    for plain, token in HIDDEN.items():
        value, quote = value.replace(plain, token), quote.replace(plain, token)
    return {"name": name, "value": value, "source": source, "quote": quote}


def told(house: House, server: LlmServer, *found: dict[str, str], view: View | None = None) -> Made:
    server.answering = lambda _: answers({"facts": found})
    return ask(house, view or seen(TEXT), SPEC)


def kept(made: Made) -> list[tuple[str, str]]:
    assert made.said is not None
    return [(line.about, line.text) for line in made.said.lines]


def stream(*texts: str, facts: tuple[Fact, ...] = (), files: tuple[e.FileSeen, ...] = ()) -> list[Entry]:
    messages = [said(text, id_=f"m-{n}", files=files if n == 1 else ()) for n, text in enumerate(texts, 1)]
    return entries(opened(), *messages, understood(facts=facts))


def seen(*texts: str, **more: Any) -> View:
    return view_of(stream(*texts, **more), FOLDER)


# --- what holds -----------------------------------------------------------------------------------------------------


def test_a_value_is_kept_as_the_product_writes_it_with_the_place_of_its_words(house: House, server: LlmServer) -> None:
    made = told(house, server, one("licence_plate", "79-KXF-6", "plate 79-KXF-6"))

    assert made.said is not None
    [line] = made.said.lines
    [source] = line.sources
    assert (line.about, line.text, made.said.dropped) == ("licence_plate", "79KXF6", 0)
    assert isinstance(source, MessageSpan)
    assert TEXT[source.start : source.end] == "plate 79-KXF-6"


@pytest.mark.parametrize(
    ("name", "value", "quote", "stands"),
    [
        ("amount", "1200", "The quote is € 1 200", "1200.00"),
        ("amount", "1200.00", "€ 1 200 and", "1200.00"),
        ("loss_date", "2026-11-22", "hit yesterday", "2026-11-22"),
        ("policy_number", "POL-123456", "POL-123456 is my policy", "POL-123456"),
    ],
)
def test_amounts_days_and_numbers_are_read_by_the_reader_of_the_fact(  # noqa: PLR0917  # pytest passes them by name
    house: House, server: LlmServer, name: str, value: str, quote: str, stands: str
) -> None:
    made = told(house, server, one(name, value, quote))

    assert kept(made) == [(name, stands)]


def test_two_values_of_one_fact_are_both_kept(house: House, server: LlmServer) -> None:
    view = seen("The repair costs 300 euro.", "Sorry, the repair costs 350 euro.")

    made = told(
        house, server, one("amount", "300", "costs 300 euro"), one("amount", "350", "costs 350 euro", "m2"), view=view
    )

    assert kept(made) == [("amount", "300.00"), ("amount", "350.00")]
    assert made.said is not None
    assert made.said.dropped == 0


def test_a_value_that_is_stated_twice_is_one_line_with_the_evidence_of_both(house: House, server: LlmServer) -> None:
    view = seen("Plate 79-KXF-6.", "Once more: 79-KXF-6.")

    made = told(
        house, server, one("licence_plate", "79-KXF-6", "Plate 79-KXF-6"),
        one("licence_plate", "79-KXF-6", "79-KXF-6", "m2"), view=view,
    )  # fmt: skip

    assert made.said is not None
    [line] = made.said.lines
    assert line.sources == (MessageSpan("m-1", 0, 14), MessageSpan("m-2", 11, 19))
    assert made.said.dropped == 0


def test_a_document_is_read_by_the_day_on_which_it_came(house: House, server: LlmServer) -> None:
    letter = photo(
        id="m-1.f1", kind=FileKind.DOCUMENT, findings=None, text="Invoice: repair, total € 845,50, done yesterday."
    )
    view = seen("See the invoice.", files=(letter,))

    made = told(
        house, server, one("amount", "845.50", "total € 845,50", "d1"),
        one("loss_date", "2026-11-22", "yesterday", "d1"), view=view,
    )  # fmt: skip

    assert kept(made) == [("amount", "845.50"), ("loss_date", "2026-11-22")]
    assert made.said is not None
    assert {line.sources for line in made.said.lines} == {(PhotoRegion("m-1.f1"),)}


def test_a_fact_without_reader_is_kept_word_for_word(house: House, server: LlmServer) -> None:
    view = seen("The driver says it cannot   drive any more.")

    made = told(
        house, server, one("can_drive", "Cannot drive", "it cannot drive any more"),
        one("can_drive", "river", "The driver"), view=view,
    )  # fmt: skip

    assert kept(made) == [("can_drive", "Cannot drive")]
    assert made.said is not None
    assert made.said.dropped == 1


@pytest.mark.parametrize(
    ("type_", "value", "quote", "stands"),
    [
        ("boolean", "True", "we are both unhurt", ["true"]),
        ("boolean", "perhaps", "we are both unhurt", []),
        ("boolean", "true", "we are all dead", []),
        ("integer", "2", "with 2 passengers", ["2"]),
        ("integer", "3", "with 2 passengers", []),
        ("date", "2026-11-12", "on 12 November", ["2026-11-12"]),
        ("money", "75", "paid 75 euro", ["75.00"]),
    ],
)
def test_a_fact_without_reader_is_held_to_its_type(  # noqa: PLR0917  # pytest passes them by name
    house: House, server: LlmServer, type_: Any, value: str, quote: str, stands: list[str]
) -> None:
    folder = folder_that(Help.FACTS, facts={"extra": FactSpec(label={"en": "Extra"}, type=type_)})
    text = "On the road on 12 November with 2 passengers; we are both unhurt. I paid 75 euro for the tow."

    made = told(house, server, one("extra", value, quote), view=view_of(stream(text), folder))

    assert [value for _, value in kept(made)] == stands


# --- what does not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        one("amount", "1200", "The quote is € 1 300"),  # invented
        one("amount", "9999", "The quote is € 1 200"),  # another value than the words say
        one("amount", "1", "The quote is € 1"),  # half of a number
        one("amount", "200", "200 and"),  # the other half
        one("amount", "1200", "€ 1 200", "m2"),  # of another message
        one("amount", "1200", "€ 1 200", "m9"),  # of none
        one("amount", "1200", ""),
        one("amount", "123456", "POL-123456"),  # no amount
        one("amount", "much", "The quote is € 1 200"),
        one("can_drive", "", "My car"),
        one("can_drive", "yes", "My car"),
    ],
)
def test_what_its_quote_does_not_say_is_dropped_and_counted(
    house: House, server: LlmServer, bad: dict[str, str]
) -> None:
    made = told(house, server, bad, view=seen(TEXT, "My name is Jo and I wait for you."))

    assert kept(made) == []
    assert made.said is not None
    assert (made.said.dropped, made.called.outcome if made.called else None) == (1, LlmOutcome.ANSWERED)


@pytest.mark.parametrize(
    "misshapen",
    [
        {"facts": [one("no_such_fact", "1200", "€ 1 200")]},
        {"facts": [one("amount", "1200", "€ 1 200") | {"certain": True}]},
        {"facts": [{"name": "amount", "value": "1200"}]},
        {"answer": []},
    ],
)
def test_an_answer_of_another_shape_counts_as_none(house: House, server: LlmServer, misshapen: dict[str, Any]) -> None:
    server.answering = lambda _: answers(misshapen)

    made = ask(house, seen(TEXT), SPEC)

    assert made.said is None
    assert made.called is not None
    assert made.called.outcome is LlmOutcome.INVALID


@given(
    before=st.text("1 2.,€x", max_size=6), after_=st.text("0 5.,-x", max_size=6), start=st.integers(0, 30),
    length=st.integers(1, 20), value=st.from_regex(r"[0-9]{1,5}(\.[0-9]{2})?", fullmatch=True),
)  # fmt: skip
def test_no_amount_is_kept_that_the_reader_does_not_find_in_the_message(
    before: str, after_: str, start: int, length: int, value: str
) -> None:
    text = f"It costs {before}€ 1 250,00{after_} in all"
    view = seen(text)
    evidence = Evidence(SPEC.sources(view))
    quote = text[start : start + length]
    offered = FactsFound(facts=[FactFound(name="amount", value=value, source="m1", quote=quote)])

    lines = SPEC.keep(offered, evidence, view)

    readable = {one.value: text[one.start : one.end] for one in find_amounts(text, language="en")}
    for line in lines:
        assert line.text in readable
        [place] = line.sources
        assert isinstance(place, MessageSpan)
        assert any(shown in text[place.start : place.end] for found, shown in readable.items() if found == line.text)


# --- what leaves, and how often -------------------------------------------------------------------------------------


def test_an_account_leaves_as_a_token_and_comes_back_as_the_account(house: House, server: LlmServer) -> None:
    view = seen(f"Please pay to my account {IBAN}, thank you.")

    def reads(asked: Any) -> Says:
        [token] = [word.strip(",.") for word in sources_of(asked)["m1"].split() if word.startswith("[IBAN")]
        return answers({"facts": [one("iban", token, f"account {token}")]})

    server.asked.clear()
    server.answering = reads
    made = ask(house, view, SPEC)

    assert kept(made) == [("iban", IBAN.replace(" ", ""))]
    [asked] = server.asked
    assert "0417" not in asked.given
    assert made.said is not None
    [source] = made.said.lines[0].sources
    assert isinstance(source, MessageSpan)
    assert view.case.messages[0].text[source.start : source.end] == f"account {IBAN}"


def test_the_same_is_not_asked_twice(house: House, server: LlmServer) -> None:
    server.asked.clear()
    view = seen(TEXT)

    first = told(house, server, one("licence_plate", "79-KXF-6", "79-KXF-6"), view=view)
    again = ask(house, replace(view, case=after(view.case, first)), SPEC)

    assert len(server.asked) == 1
    assert (again.said, again.events) == (first.said, ())


def test_values_are_heard_one_by_one_each_checked_once(house: House, server: LlmServer) -> None:
    found = [
        one("amount", "1200", "The quote is € 1 200"),
        one("amount", "9", "€ 9"),
        one("can_drive", "hit", "was hit"),
    ]
    server.answering = lambda _: answers({"facts": found})
    heard: list[list[str]] = []
    assert house.assistant is not None

    made = answer(
        house.assistant, seen(TEXT), SPEC, now=NOW, heard=lambda lines: heard.append([line.text for line in lines])
    )

    assert heard == [[], ["1200.00"], ["1200.00"]]
    assert made is not None
    assert kept(made) == [("amount", "1200.00"), ("can_drive", "hit")]


def test_in_shadow_it_is_kept_and_shown_to_nobody(house: House, server: LlmServer) -> None:
    view = view_of(stream(TEXT), folder_that(Help.FACTS, "shadow"))

    made = told(house, server, one("licence_plate", "79-KXF-6", "79-KXF-6"), view=view)

    case = after(view.case, made)
    assert kept(made) == [("licence_plate", "79KXF6")]
    assert case.assisted.newest(Help.FACTS) is None
    assert [one.task for one in case.assisted.said] == [Help.FACTS]


def test_facts_are_asked_for_by_name_and_type(house: House, server: LlmServer) -> None:
    server.asked.clear()

    told(house, server)

    [asked] = server.asked
    facts = orjson.loads(asked.given)["facts"]
    assert facts["amount"] == {"called": "Amount of the damage", "type": "money"}
    assert set(facts) == set(FOLDER.journey.facts)
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert set(schema["$defs"]["FactFound"]["properties"]["name"]["enum"]) == set(facts)


# --- what is new ----------------------------------------------------------------------------------------------------


def test_only_what_the_case_does_not_know_or_knows_otherwise_is_offered(house: House, server: LlmServer) -> None:
    view = seen(TEXT, facts=(fact("licence_plate", "79KXF6"), fact("amount", "300.00")))

    made = told(
        house, server, one("licence_plate", "79-KXF-6", "79-KXF-6"), one("amount", "1200", "€ 1 200"),
        one("policy_number", "POL-123456", "POL-123456"), view=view,
    )  # fmt: skip

    assert made.said is not None
    offered = news(view.case, made.said, FOLDER)
    assert [made.said.lines[place].about for place in offered] == ["amount", "policy_number"]
    assert made.said.twin == ("licence_plate=79KXF6", "amount=300.00")


def test_what_a_person_stated_or_judged_is_not_offered_again(house: House, server: LlmServer) -> None:
    known = stream(TEXT)
    made = told(
        house, server, one("amount", "1200", "€ 1 200"), one("policy_number", "POL-123456", "POL-123456"),
        one("licence_plate", "79-KXF-6", "79-KXF-6"), view=view_of(known, FOLDER),
    )  # fmt: skip
    assert made.said is not None

    put_right = e.FactStated(Fact("amount", "900.00", 1.0, (Person("anna"),)), "anna")
    judged = e.AssistantJudged(made.said.said_id, "discarded", "anna", 1)
    later = Entry(len(known) + 1, NOW + timedelta(hours=1), ANNA, put_right)
    case = after(view_of([*known, later], FOLDER).case, made)
    case = replace(case, assisted=replace(case.assisted, judged=(judged,)))

    assert [made.said.lines[place].about for place in news(case, made.said, FOLDER)] == ["licence_plate"]
