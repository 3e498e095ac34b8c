import re
from typing import Any

import pytest
from builders import JOURNEYS, NOW, answer, case, chosen, enriched, fact, opened, said, shipped, step, understood

from cases import letters
from cases.consequences import Occasion, letter_writer, write_letter
from cases.events import LetterWritten, RequestItem
from cases.journey_folder import JourneyFolder
from cases.vocabulary import RequestKind, Scope, Why


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("{{ name.__class__ }}", "no.* part '__class__'"),
        ("{{ facts.__init__ }}", "part '__init__'"),
        ("{{ facts._hidden }}", "part '_hidden'"),
        ("{{ facts.amount.real }}", "part 'real'"),
        ("{{ name.upper }}", "part 'upper'"),
        ("{{ organisation.secret }}", "part 'secret'"),
        ("{{ password }}", "unknown name 'password'"),
        ("{{ name | center(9999999) }}", "unknown filter 'center'"),
        ("{{ cycler.x }}", "unknown name"),
        ("{{ range(9) }}", "call is not allowed"),
        ("{{ 'a' * 99999999 }}", "mul is not allowed"),
        ("{{ facts['amount'] }}", "getitem is not allowed"),
        ("{{ name is defined }}", "test is not allowed"),
        ("{% set x = 1 %}", "assign is not allowed"),
        ("{% include 'other.txt' %}", "include is not allowed"),
        ("{% macro m() %}{% endmacro %}", "macro is not allowed"),
        ("{% for n in range(999999999) %}{{ n }}{% endfor %}", "a loop over something else"),
        ("{% for n in 'abc' %}{{ n }}{% endfor %}", "a loop over something else"),
        ("{% for a in items %}{% for b in items %}x{% endfor %}{% endfor %}", "a loop in a loop"),
        ("{% for a, b in items %}x{% endfor %}", "tuple is not allowed"),
        ("Dear {{ name", "not a template"),
        ("{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "too deep"),
    ],
)
def test_a_template_that_does_more_than_name_facts_is_refused(template: str, wrong: str) -> None:
    found = list(letters.problems_of(template))

    assert any(re.search(wrong, what) for _, what, _ in found)
    assert all(line >= 1 and mend for line, _, mend in found)


def test_a_problem_names_its_line() -> None:
    assert [line for line, _, _ in letters.problems_of("Dear {{ name }}\n\n{{ nmae }}")] == [3]


def test_a_template_may_name_facts_filter_them_and_loop_over_items() -> None:
    template = (
        "{{ name | upper }} {{ organisation.phone }} {{ facts.values | default('none') }}"
        "{% for one in items if not loop.last or one.title == 'B' %} {{ loop.index }}{{ one.title }}{% endfor %}"
    )
    context = {
        "name": "jo", "organisation": {"phone": "1"}, "facts": {"values": "v"},
        "items": [{"title": "A", "text": ""}, {"title": "B", "text": ""}],
    }  # fmt: skip

    assert list(letters.problems_of(template.replace(" if not loop.last or one.title == 'B'", ""))) == []
    assert letters.render(template.replace(" if not loop.last or one.title == 'B'", ""), context) == "JO 1 v 1A 2B\n"
    assert letters.facts_named(template) == {"values"}


def test_an_unknown_fact_reads_as_nothing() -> None:
    assert letters.render("Amount: {{ facts.amount }}.", {"facts": {}}) == "Amount: .\n"
    assert letters.render("Dear {{ name }}{% for i in items %}{{ i.title }}{% endfor %}!", {}) == "Dear !\n"


def test_what_a_customer_typed_is_text_and_never_a_template() -> None:
    assert letters.render("{{ message }}", {"message": "{{ 7 * 7 }} {% x %}"}) == "{{ 7 * 7 }} {% x %}\n"


def test_a_part_left_out_leaves_no_lines_or_spaces_behind() -> None:
    assert letters.render("a  \n\n\n{% if name %}x{% endif %}\n\n\nb\t\n", {}) == "a\n\nb\n"


def all_letters(folder: JourneyFolder, *, full: bool) -> list[LetterWritten]:
    journey = folder.journey
    facts = tuple(
        fact(name, "100.00" if spec.type == "money" else "2026-11-20") for name, spec in journey.facts.items()
    )
    topic = next(iter(journey.topics))
    items = tuple(RequestItem(key, spec.kind, spec.fact) for key, spec in journey.requests.items())
    written = []
    for language in journey.languages:
        if full:
            known = case(
                opened(language=language), said(), understood(topic, language=language, facts=facts), enriched(), step()
            )
            occasion = Occasion(NOW, by=NOW, due=NOW.date(), items=items, message="In my words.", handler="Anna")
        else:
            known = case(opened(language=language, sender_name=""))
            occasion = Occasion(NOW)
        written += [write_letter(known, folder, key, occasion) for key in journey.letters]
    return written


@pytest.mark.parametrize("name", JOURNEYS)
@pytest.mark.parametrize("full", [True, False], ids=["with all facts", "with none"])
def test_every_shipped_letter_reads_well_in_every_language(name: str, full: bool) -> None:  # noqa: FBT001
    for letter in all_letters(shipped(name), full=full):
        whole = letter.subject + "\n" + letter.body
        assert not re.search(r"None|\{\{|\}\}|\{%|Undefined|<built-in", whole), whole
        assert not re.search(r"[ \t]$|\n{3}|\S  ", letter.body, re.MULTILINE), whole
        assert not re.search(r" [,.?!]|\(\)|\.\.|,\.", letter.body), whole
        assert "\n" not in letter.subject
        assert letters.TRACKING_LINK in letter.body
        assert letter.language in shipped(name).journey.languages


def test_a_letter_is_written_in_the_cases_language_or_the_journeys_first() -> None:
    folder = shipped()

    assert write_letter(case(opened(language="en")), folder, "received", Occasion(NOW)).language == "en"
    assert write_letter(case(opened(language="fr")), folder, "received", Occasion(NOW)).language == "nl"


def test_a_letter_greets_by_the_registers_name_when_the_customer_gave_none() -> None:
    registered = case(opened(sender_name=""), enriched(answer(fields=(("car", "Panda"), ("name", "Mrs Jansen")))))

    assert "Dear Mrs Jansen," in write_letter(registered, shipped(), "received", Occasion(NOW)).body


def test_a_letter_in_a_persons_words_says_so_and_is_signed() -> None:
    write = letter_writer(case(opened()), shipped(), Occasion(NOW, message="I called you.", handler="anna"))

    free, granted = write("free"), write("glass_granted")

    assert (free.free_text, free.approved_by, granted.free_text) == (True, "anna", False)
    assert "I called you." in free.body
    assert "Kind regards,\nanna\n" in granted.body


def test_a_request_worded_by_a_person_is_asked_in_those_words() -> None:
    own = RequestItem("reply", RequestKind.FACT, text="Which garage?")

    assert "- Which garage?" in write_letter(case(opened()), shipped(), "ask", Occasion(NOW, items=(own,))).body


@pytest.mark.parametrize(
    ("read", "told"),
    [({}, "about windscreen damage"), ({"scope": Scope.OUT}, "about damage to your car")],
)
def test_a_letter_names_the_topic_only_when_it_is_no_guess(read: dict[str, Any], told: str) -> None:
    because = (Why.OUT_OF_SCOPE,) if read else (Why.ROW,)
    decided = case(opened(), said(), understood(**read), step(because=because))

    assert told in write_letter(decided, shipped(), "received", Occasion(NOW)).body
    corrected = case(opened(), said(), understood(**read), step(because=because), chosen(corrected_topic="theft"))
    assert "about theft or break-in" in write_letter(corrected, shipped(), "received", Occasion(NOW)).body


def test_letters_of_a_case_are_numbered() -> None:
    first = write_letter(case(opened()), shipped(), "received", Occasion(NOW))

    assert (first.letter_id, write_letter(case(opened(), first), shipped(), "free", Occasion(NOW)).letter_id) == (
        "case-1.1", "case-1.2",
    )  # fmt: skip
