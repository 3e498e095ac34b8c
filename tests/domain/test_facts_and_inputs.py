from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import (
    JOURNEYS,
    NOW,
    answer,
    case,
    chosen,
    enriched,
    fact,
    opened,
    photo,
    read_case,
    said,
    shipped,
    sign,
    understood,
)
from pydantic import ValidationError

from cases import events as e
from cases.errors import KeyReused, NotAllowed, NotFound, StaleVersion, StreamMoved
from cases.facts import Fact, ModelScore, Person, PhotoRegion, RegisterEntry, best, contradictions
from cases.inputs import inputs_again, local_day, read_inputs, source_problem, typed
from cases.journey_folder import JourneyFolder
from cases.journey_spec import FactSpec, Journey
from cases.rules import FORBIDDEN_ELSE, Period, Table, read_table
from cases.rules.domains import MISSING, Kind
from cases.vocabulary import Actor, FileKind, FileStatus, RequestKind, Scope
from cases.wording import day_text, moment_day, moment_text, shown_value

REPLAYED = photo(findings=e.PhotoFindings(1, 1, 1.0, 1.0, blurred=False, dark=False, reused_from=("C-1",)))
BY_ANNA = Fact("amount", "75.00", 1.0, (Person("anna"),))


def test_a_persons_word_stands_before_the_most_certain_reading() -> None:
    said_facts = (fact("amount", "1.00", 0.4), fact("amount", "2.00", 0.9), fact("phone", "06", 1.0))

    assert best(said_facts, "amount") == said_facts[1]
    assert best((*said_facts, BY_ANNA), "amount") == BY_ANNA
    assert best((BY_ANNA, replace(BY_ANNA, value="80.00")), "amount") == replace(BY_ANNA, value="80.00")
    assert best(said_facts, "iban") is None


def test_of_equally_certain_readings_the_first_stands() -> None:
    assert best((fact("amount", "1.00"), fact("amount", "2.00")), "amount") == fact("amount", "1.00")


@pytest.mark.parametrize(("certainty", "found"), [(0.5, True), (0.499999, False)])
def test_two_values_contradict_when_both_are_more_likely_than_not(certainty: float, found: bool) -> None:  # noqa: FBT001
    two = (fact("amount", "1.00"), fact("amount", "2.00", certainty), fact("amount", "1.00"), fact("phone", "06"))

    assert contradictions(two, ["amount", "phone"]) == ({"amount": (two[0], two[1])} if found else {})
    assert contradictions(two, ["phone"]) == {}


def test_a_persons_word_settles_a_contradiction() -> None:
    two = (fact("amount", "1.00"), fact("amount", "2.00"))

    assert contradictions((*two, BY_ANNA, fact("amount", "3.00")), ["amount"]) == {}
    assert contradictions((BY_ANNA, *two), ["amount"]) == {}


def table_of(source: str, kind: str = "text", **limits: Any) -> Table:
    limits = limits or ({"domain": ["a"]} if kind == "text" else {})
    data = {
        "table": "t", "description": "d", "hit": "FIRST", "effective_from": "2026-01-01",
        "inputs": {"it": {"type": kind, "from": source, **limits}},
        "outputs": {"step": {"type": "text", "domain": ["expert"]}},
        "rows": [], "else": {"id": "E", "description": "e", "then": {"step": "expert"}},
    }  # fmt: skip
    return read_table(data, file="t", lines={}, forbidden_else=FORBIDDEN_ELSE)


COUNT = {"min": 0, "max": 1000}
FULL = case(
    opened(channel="web"),
    said(files=[photo(), photo(status=FileStatus.UNUSABLE), REPLAYED, photo(kind=FileKind.DOCUMENT)]),
    understood(
        facts=(fact("amount", "90.5"), fact("loss_date", "2026-11-20"), fact("phone", "1"), fact("phone", "2")),
    ),
    enriched(),
    e.RequestMade((e.RequestItem("iban", RequestKind.FACT), e.RequestItem("phone", RequestKind.FACT)), NOW.date()),
)


@pytest.mark.parametrize(
    ("source", "kind", "limits", "value", "cited"),
    [
        ("fact.amount", "money", {"min": 0, "max": 1000}, Decimal("90.50"), 1),
        ("fact.iban", "text", {}, MISSING, 0),
        ("register.policy.found", "boolean", {}, True, 1),
        ("register.policy.since", "date", {"min": "1990-01-01", "max": "2030-01-01"}, date(2020, 1, 1), 1),
        ("register.policy.phone", "text", {}, MISSING, 0),
        ("derived.loss_date_age_days", "integer", {"min": -9, "max": 9}, 3, 1),
        ("derived.birth_age_days", "integer", {"min": -9, "max": 9}, MISSING, 0),
        ("topic", "text", {}, "windscreen", 1),
        ("scope", "text", {}, "in", 1),
        ("confidence", "decimal", {"min": 0, "max": 1}, Decimal("0.930000"), 1),
        ("language", "text", {}, "en", 0),
        ("channel", "text", {}, "web", 0),
        ("photos.usable", "integer", COUNT, 2, 3),
        ("photos.unusable", "integer", COUNT, 1, 3),
        ("photos.reused", "integer", COUNT, 1, 3),
        ("photos.total", "integer", COUNT, 3, 3),
        ("documents.total", "integer", COUNT, 1, 0),
        ("case.requests_made", "integer", COUNT, 2, 0),
        ("case.messages", "integer", COUNT, 1, 0),
        ("case.contradictions", "integer", COUNT, 1, 0),
    ],
)
def test_an_input_is_read_from_its_source_and_cites_it(
    source: str, kind: str, limits: dict[str, Any], value: Any, cited: int
) -> None:
    table = table_of(source, kind, **limits)

    values, (read,) = read_inputs(FULL, table, shipped().journey)

    assert values == ({} if value is MISSING else {"it": value})
    assert (read.present, len(read.sources)) == (value is not MISSING, cited)
    assert inputs_again((read,), table) == values


def test_sources_say_where_exactly() -> None:
    def cite(source: str) -> Any:
        return read_inputs(FULL, table_of(source), shipped().journey)[1][0].sources[0]

    assert cite("register.policy.cover") == RegisterEntry("policy", "POL-123456", "cover")
    assert cite("topic") == ModelScore("text/motor_claim", "v1", 0.93)
    assert cite("photos.total") == PhotoRegion("m-1.f1")


@pytest.mark.parametrize("source", ["topic", "channel", "derived.loss_date_age_days", "register.policy.cover"])
def test_before_a_case_is_read_its_inputs_are_missing(source: str) -> None:
    assert read_inputs(case(opened()), table_of(source), shipped().journey)[0] == {}


def test_who_was_not_looked_up_was_not_found() -> None:
    found = table_of("register.policy.found", "boolean")

    assert read_inputs(case(opened()), found, shipped().journey)[0] == {"it": False}
    assert read_inputs(read_case(answer(found=False, fields=())), found, shipped().journey)[0] == {"it": False}


def test_a_date_that_is_none_has_no_age() -> None:
    known = read_case(facts=(fact("loss_date", "last week"),))
    age = table_of("derived.loss_date_age_days", "integer", min=-9, max=9)

    assert read_inputs(known, age, shipped().journey)[0] == {}


def test_days_are_counted_where_the_organisation_is() -> None:
    late = datetime.fromisoformat("2026-11-22T23:30:00+00:00")

    assert local_day(late, shipped().journey) == date(2026, 11, 23)


def test_a_stored_reading_of_a_column_that_is_gone_is_left_out() -> None:
    reads = (e.InputRead("gone", present=True, value="1"), e.InputRead("it", present=False, value=None))

    assert inputs_again(reads, table_of("topic")) == {}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("a", Kind.TEXT, "a"), ("TRUE", Kind.BOOLEAN, True), ("no", Kind.BOOLEAN, MISSING),
        ("12", Kind.INTEGER, 12), ("12.5", Kind.INTEGER, MISSING),
        ("1.25", Kind.DECIMAL, Decimal("1.25")), ("NaN", Kind.DECIMAL, MISSING), ("Infinity", Kind.MONEY, MISSING),
        ("1.256", Kind.MONEY, Decimal("1.26")), ("about ten", Kind.MONEY, MISSING), ("1e999", Kind.MONEY, MISSING),
        ("2026-02-29", Kind.DATE, MISSING), ("2026-02-28", Kind.DATE, date(2026, 2, 28)),
        ("a,,b", Kind.LIST, ("a", "b")), ("a,b", Kind.SET, ("a", "b")), ("", Kind.SET, ()),
        ("PT36H", Kind.DURATION, timedelta(hours=36)), ("P1M", Kind.DURATION, MISSING),
        ("P18M", Kind.PERIOD, Period(18)), ("P18D", Kind.PERIOD, MISSING),
    ],
)  # fmt: skip
def test_text_becomes_a_value_of_its_column_or_is_missing(text: str, kind: Kind, value: Any) -> None:
    assert typed(text, kind) == value


@pytest.mark.parametrize(
    "source",
    [
        "fact.amount",
        "register.policy.found",
        "register.policy.cover",
        "derived.loss_date_age_days",
        "topic",
        "photos.usable",
    ],
)
def test_a_source_that_the_journey_provides_is_no_problem(source: str) -> None:
    assert source_problem(source, shipped().journey) is None


@pytest.mark.parametrize(
    ("source", "mend"),
    [
        ("fact.amuont", "fact.amount"), ("register.policy.covr", "register.policy.cover"),
        ("derived.loss_age_days", "derived.loss_date_age_days"), ("photo.usable", "photos.usable"),
    ],
)  # fmt: skip
def test_a_source_that_nothing_provides_is_named_with_its_mend(source: str, mend: str) -> None:
    problem = source_problem(source, shipped().journey)

    assert problem is not None
    assert mend in problem[1]


# --- words, journeys, actors, errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "language", "shown"),
    [
        ("1250.5", "money", "nl", "€\xa01.250,50"), ("1250.5", "money", "en", "€1,250.50"),
        ("2026-11-20", "date", "nl", "20 november 2026"), ("yesterday", "date", "en", "yesterday"),
        ("much", "money", "en", "much"), ("AB-123-C", "text", "en", "AB-123-C"),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(value: str, kind: str, language: str, shown: str) -> None:
    assert shown_value(value, kind, language) == shown


def test_moments_are_shown_where_the_organisation_is() -> None:
    late = datetime.fromisoformat("2026-11-22T23:30:00+00:00")

    assert moment_day(late, shipped().journey, "en") == "Monday 23 November"
    assert moment_text(late, shipped().journey, "en") == "Monday 23 November, 00:30"
    assert day_text(date(2026, 11, 24), "nl") == "dinsdag 24 november"


def test_a_sentence_falls_back_to_english_and_then_to_its_key() -> None:
    folder = JourneyFolder(shipped().journey, shipped().tables, {}, {"en": {"a": "one {n} {m}"}, "nl": {"b": "twee"}})

    assert folder.say("nl", "a", n=1) == "one 1 {m}"
    assert folder.say("en", "b") == "twee"
    assert folder.say("xx", "c") == "c"
    assert (folder.worded({"nl": "ja"}, "en"), folder.worded({"fr": "oui"}, "en"), folder.worded({}, "en")) == (
        "ja",
        "oui",
        "",
    )


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journeys_numbers_are_those_that_were_written(name: str) -> None:
    folder = shipped(name)

    assert folder.name == name
    assert Journey.model_validate_json(folder.journey.model_dump_json()) == folder.journey
    assert 0 < folder.journey.auto_close.alpha <= Decimal("0.2")


@pytest.mark.parametrize(
    "changed",
    [{"languages": ["nl", "nl"]}, {"languages": ["qq"]}, {"languages": []}, {"topic_floor": 1.5}, {"x": 1}],
)
def test_a_journey_that_cannot_be_served_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Journey.model_validate({**shipped().journey.model_dump(mode="json"), **changed})


def test_a_share_may_be_written_as_a_number() -> None:
    journey = Journey.model_validate({**shipped().journey.model_dump(mode="json"), "topic_floor": 0.05})

    assert journey.topic_floor == Decimal("0.05")


@pytest.mark.parametrize("spec", [{"reader": "pattern"}, {"reader": "amount", "pattern": "x"}])
def test_a_pattern_goes_with_its_reader(spec: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="needs"):
        FactSpec.model_validate({"label": {"en": "x"}, "type": "text", **spec})


@pytest.mark.parametrize("text", ["machine", "customer", "system", "person:anna", "person:a:b"])
def test_an_actor_is_read_as_it_was_written(text: str) -> None:
    assert str(Actor.read(text)) == text


def test_an_actor_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown actor 'robot'"):
        Actor.read("robot")


def test_errors_hold_their_parts_and_say_what_to_do() -> None:
    assert (NotFound("case", "C-9").what, NotFound("case", "C-9").name) == ("case", "C-9")
    assert str(StaleVersion("C-9", 3, 5)).endswith("read it again")
    assert (StaleVersion("C-9", 3, 5).seen, StaleVersion("C-9", 3, 5).now) == (3, 5)
    assert (StreamMoved("case-1", 4).stream, StreamMoved("case-1", 4).expected) == ("case-1", 4)
    assert "use a new key" in str(KeyReused("k"))
    assert NotAllowed("x", "y").why == "y"


# --- cases folded from their events ---------------------------------------------------------------------------------


def test_danger_once_read_stays_whatever_a_later_reading_says() -> None:
    again = case(opened(), said(), understood(dangers=(sign(),)), said(id_="m-2"), understood(dangers=()))

    assert again.dangers == (sign(),)


def test_a_line_of_business_is_that_of_the_reading_or_the_import() -> None:
    past = e.CaseImported(
        "C-1", "motor_claim", NOW, NOW, "t", "refuse", "x", True, "y", topic="theft", line_of_business="b"
    )

    assert case(opened()).line_of_business == "general"
    assert case(opened(), said(), understood(line_of_business="motor")).line_of_business == "motor"
    assert (case(past).line_of_business, case(past).topic, case(past).last_option) == ("b", "theft", "refuse")
    assert case(opened()).topic is None
    assert case(opened(), e.CaseErased("anna", "asked")).last_option == ""


def test_what_happens_to_no_case_is_refused_in_a_case() -> None:
    with pytest.raises(NotAllowed, match="it does not happen to a case"):
        case(opened(), e.AccessNoted("read", "anna"))


def test_assigning_snoozing_and_packaging_are_remembered() -> None:
    packaged = e.FilePackaged("1", "a" * 64, "b" * 64, 3)
    known = case(opened(), e.CaseAssigned("anna", "lead"), e.CaseSnoozed(NOW, "anna"), packaged)

    assert (known.assignee, known.snoozed_until, known.package) == ("anna", NOW, packaged)
    assert case(opened(), e.CaseSnoozed(NOW, "anna"), said()).snoozed_until is None
    passed_on = case(opened(), e.CaseAssigned("anna", "lead"), chosen("escalate"))
    assert (passed_on.assignee, passed_on.human, passed_on.status.value) == (None, None, "with_expert")


def test_a_case_without_a_reading_is_in_scope_of_nothing() -> None:
    assert case(opened(), said(), understood(scope=Scope.OUT)).understood is not None
    assert not case(opened(), said()).all_read
