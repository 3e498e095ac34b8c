"""What-if: a draft moves exactly the decisions that it would have decided otherwise, and says so in full."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from cases import events as e
from cases.case import fold
from cases.journey_folder import JourneyFolder
from cases.rules import Table, table_digest
from cases.steps import next_step
from cases.store.decisions import Span
from cases.vocabulary import SYSTEM
from models.certify import clopper_pearson_upper
from pipelines.decoding import Decoder
from pipelines.history import HistoryLine, import_history
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.rulebook.recorded import cell_of
from pipelines.rulebook.replay_history import Question, question, tally_of
from pipelines.rulebook.report import Report, report_of
from pipelines.rulebook.report_parts import assembled
from pipelines.rulebook.tally import Tally, merge
from pipelines.text_models import TextModels
from pipelines.wiring import JOURNEYS
from tests.pipelines.given import Clock, opened_house
from tests.pipelines.parcels import JOURNEY, Parcel, changed, decide, parcels, remade, up_to, with_table

TO_CARRIER = ("auto_close send_again", "appoint ask_carrier")


def table_of(house: House) -> Table:
    return house.journeys.get(JOURNEY).root


def replayed(house: House, draft: Table) -> dict[str, Any]:
    return report_of(house, JOURNEY, draft).as_dict()


def moved(report: Mapping[str, Any]) -> dict[tuple[str, str], set[str]]:
    return {
        (cell["before"], cell["after"]): set(cell["cases"])
        for cell in report["matrix"]
        if cell["before"] != cell["after"]
    }


def test_the_version_that_decided_gives_every_decision_again(house: House) -> None:
    decide(house, parcels(200))

    report = replayed(house, table_of(house))

    assert (report["decisions"], report["moved"], report["not_reproducible"]["decisions"]) == (200, 0, 0)
    assert report["versions"] == [
        {"digest": table_digest(table_of(house)), "is": "in force", "decisions": 200, "moved": 0}
    ]
    assert all(row["before"] == row["after"] for row in report["rows"])


def test_a_planted_change_is_found_exactly_with_its_amounts_and_its_groups(house: House) -> None:
    told = parcels(2_000)
    decide(house, told)
    planted = [one for one in told if one.closes() and not one.closes(up_to=4_000)]

    report = replayed(house, up_to(table_of(house), 40))

    assert moved(report) == {TO_CARRIER: {one.decision for one in planted}}
    assert report["no_longer_closed"]["cases"] == sorted(one.decision for one in planted)
    assert (report["decisions"], report["moved"], report["newly_closed"]["decisions"]) == (2_000, len(planted), 0)
    [cell] = [cell for cell in report["matrix"] if cell["before"] != cell["after"]]
    assert cell["amount"] == f"{sum(one.cents for one in planted) / 100:.2f}"
    assert cell["language"] == {
        name: sum(one.language == name for one in planted) for name in sorted({one.language for one in planted})
    }
    assert {one["name"]: one["moved"] for one in report["groups"]["channel"]} == {
        name: sum(one.channel == name for one in planted) for name in ("email", "webform")
    }


@pytest.mark.drill
def test_a_planted_change_is_found_exactly_in_a_hundred_thousand_decisions(house: House) -> None:
    told = parcels(100_000)
    decide(house, told)
    planted = {one.decision for one in told if one.closes() and not one.closes(up_to=4_000)}
    draft = up_to(table_of(house), 40)

    here = report_of(house, JOURNEY, draft)
    in_chunks = report_of(house, JOURNEY, draft, workers=2)

    assert moved(here.as_dict()) == {TO_CARRIER: planted}
    assert (here.as_dict()["decisions"], in_chunks.hash) == (100_000, here.hash)


def test_what_people_chose_is_held_against_the_new_step(house: House) -> None:
    told = parcels(600)
    decide(house, told)
    planted = [one for one in told if one.closes() and not one.closes(up_to=4_000)]
    judged = [one for one in planted if one.chosen]
    wrong = [one for one in judged if one.chosen != "ask_carrier"]

    report = replayed(house, up_to(table_of(house), 40))

    [cell] = [cell for cell in report["matrix"] if (cell["before"], cell["after"]) == TO_CARRIER]
    assert cell["error_after"] == {
        "labelled": len(judged),
        "wrong": len(wrong),
        "observed": f"{len(wrong) / len(judged):.6f}",
        "upper": f"{clopper_pearson_upper(len(wrong), len(judged), 0.05):.6f}",
        "blind": sum(one.blind for one in judged),
    }
    assert cell["error_before"]["wrong"] == len(judged) - len(wrong)


def test_guards_stand_whatever_the_table_says(house: House) -> None:
    in_danger = Parcel(1, 2_000, 5, danger=True)
    decide(house, [in_danger, Parcel(2, 2_000, 5)])

    report = replayed(house, up_to(table_of(house), 10))

    assert moved(report) == {TO_CARRIER: {"C-2026-000002#4"}}
    assert report["held"] == {"danger": 1}


def test_a_case_that_contradicts_itself_is_closed_by_no_new_row(house: House) -> None:
    decide(house, [Parcel(1, 2_000, 5, contradicts=True), Parcel(2, 2_000, 5)])
    draft = changed(table_of(house), {"R-140": None, "R-160": None})

    report = replayed(house, draft)

    assert moved(report) == {}


def test_decisions_of_an_earlier_version_are_held_against_what_they_were(house: House) -> None:
    earlier = up_to(table_of(house), 30)
    noted(house, earlier)
    decide(house, [Parcel(1, 2_500, 5), Parcel(2, 3_500, 5)], table=earlier)
    decide(house, [Parcel(3, 3_500, 5)])

    report = replayed(house, table_of(house))

    assert moved(report) == {TO_CARRIER[::-1]: {"C-2026-000002#4"}}
    by = {one["is"]: (one["decisions"], one["moved"]) for one in report["versions"]}
    assert by == {"earlier": (2, 1), "in force": (1, 0)}


def noted(house: House, table: Table) -> None:
    """As a journey's folder is when it is loaded: the version is in the log."""
    folder = with_table(house.journeys.get(JOURNEY), table)
    with house.database.writing() as store:
        loaded = e.JourneyLoaded(folder.name, folder.digest, folder.snapshot)
        store.append(JOURNEYS, [(loaded, SYSTEM)], at=house.now())


def test_a_version_that_is_not_in_the_log_is_told_and_not_guessed(house: House) -> None:
    decide(house, [Parcel(1, 2_500, 5)], table=up_to(table_of(house), 30))

    report = replayed(house, table_of(house))

    assert report["decisions"] == 0
    assert report["not_replayed"] == {"its version of the table is not in the log": 1}


def test_an_input_that_only_the_draft_has_is_read_from_the_case_as_it_stood(house: House) -> None:
    told = parcels(200)
    decide(house, told)
    draft = with_channel(table_of(house), row="R-150", cell="email")

    report = replayed(house, draft)

    assert moved(report) == {TO_CARRIER: {one.decision for one in told if one.closes() and one.channel == "webform"}}
    assert report["read_anew"] == ["by_channel"]


def test_a_column_with_another_name_finds_what_was_read_for_it(house: House) -> None:
    decide(house, parcels(100))
    text = table_of(house).as_dict()
    inputs = [{**one, "name": "price"} if one["name"] == "order_amount" else one for one in text["inputs"]]
    rows = [
        {**row, "when": {"price" if key == "order_amount" else key: cell for key, cell in row["when"].items()}}
        for row in text["rows"]
    ]

    report = replayed(house, remade(table_of(house), inputs=inputs, rows=rows))

    assert (report["decisions"], report["moved"], report["read_anew"]) == (100, 0, [])


def with_channel(table: Table, *, row: str, cell: str) -> Table:
    """A version with one more column, which one row tests."""
    text = table.as_dict()
    column = {"name": "by_channel", "type": "text", "domain": ["email", "webform"], "from": "channel"}
    rows = [{**one, "when": {**one["when"], "by_channel": cell}} if one["id"] == row else one for one in text["rows"]]
    return remade(table, inputs=[*text["inputs"], column], rows=rows)


def test_what_cannot_be_given_again_is_told_and_named(house: House) -> None:
    decide(house, [Parcel(1, 2_500, 5)], noted=by_another_row)
    decide(house, [Parcel(2, 2_500, 5)])

    report = replayed(house, table_of(house))

    assert report["not_reproducible"] == {"decisions": 1, "first": ["C-2026-000001#4"]}
    assert any("not given again" in warning for warning in report["warnings"])


def by_another_row(step: e.StepDecided) -> e.StepDecided:
    assert step.read is not None
    return replace(step, read=replace(step.read, fired=("R-170",)))


def test_what_the_customer_was_asked_before_is_not_asked_again(house: House) -> None:
    decide(house, [Parcel(1, 2_500, 5)], asked=["order_number"])
    decide(house, [Parcel(2, 2_500, 5)])
    asking = {"R-150": {"then": {"step": "request_info", "requests": ["order_number"]}}}

    report = replayed(house, changed(table_of(house), asking))

    assert moved(report) == {
        ("auto_close send_again", "expert"): {"C-2026-000001#5"},
        ("auto_close send_again", "request_info order_number"): {"C-2026-000002#4"},
    }


def test_only_decisions_since_a_day_are_replayed(house: House) -> None:
    told = parcels(120)
    decide(house, told)

    report = report_of(house, JOURNEY, table_of(house), since=(house.now() - timedelta(days=9)).date()).as_dict()

    assert report["decisions"] == sum(one.number % 60 <= 9 for one in told)


def test_erased_cases_are_left_out_and_counted(house: House) -> None:
    decide(house, [Parcel(1, 4_500, 5), Parcel(2, 4_500, 5)])
    with house.database.writing() as store:
        store.erase_case("case-000001", by="anna", why="asked to", at=house.now())

    report = replayed(house, up_to(table_of(house), 40))

    assert moved(report) == {TO_CARRIER: {"C-2026-000002#4"}}
    assert report["not_replayed"] == {"the case was erased": 1}


def test_imported_cases_are_replayed_as_far_as_the_import_tells(house: House) -> None:
    past = [line("late_or_missing", "ask_carrier"), line("praise", "thank"), line("praise", "answer")]
    import_history(house, iter(past))
    draft = changed(table_of(house), {"R-030": {"then": {"step": "route", "department": "customer_service"}}})

    report = replayed(house, draft)

    [cell] = report["matrix"]
    assert (cell["before"], cell["after"], cell["imported"]) == ("auto_close thank", "route customer_service", 2)
    assert cell["error_before"]["wrong"] == 1
    assert report["not_replayed"] == {"an import does not hold what the table asks for": 1}


def line(topic: str, outcome: str) -> HistoryLine:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return HistoryLine(
        id=f"{topic} {outcome}", received_at=at, journey=JOURNEY, text="Thank you", outcome=outcome, decided_at=at,
        decided_by="piet", blind=True, customer="jo@example.org", topic=topic, language="en",
    )  # fmt: skip


# --- the oracle ------------------------------------------------------------------------------------------------------

STEPS = (
    {"step": "expert"},
    {"step": "auto_close", "option": "send_again"},
    {"step": "auto_close", "option": "thank"},
    {"step": "appoint", "option": "ask_carrier"},
    {"step": "route", "department": "retention_desk"},
    {"step": "request_info", "requests": ["order_number", "photo_item"]},
)
CELLS: tuple[dict[str, str], ...] = (
    {"order_amount": "<= 30"}, {"days_late": ">= 4"}, {"contradictions": "0"}, {"replaced": "true"}, {},
    {"order_amount": "missing"}, {"amount": "> 45"}, {"delivered_on": "present"},
)  # fmt: skip
ROWS = ("R-100", "R-120", "R-130", "R-140", "R-150", "R-160", "R-170")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory, journeys: Journeys, decoder: Decoder) -> Iterator[House]:
    """A house with two hundred decisions, that no test changes."""
    place = tmp_path_factory.mktemp("decided")
    texts = TextModels(place / "models", journeys)
    with opened_house(
        place / "home", place / "models", clock=Clock(), journeys=journeys, texts=texts, decoder=decoder
    ) as built:
        decide(built, parcels(160, seed=5))
        decide(built, [replace(one, number=one.number + 1_000) for one in parcels(40, seed=6)], asked=["order_number"])
        yield built


@settings(deadline=None, max_examples=12)
@given(
    st.dictionaries(
        st.sampled_from(ROWS),
        st.none() | st.fixed_dictionaries({"then": st.sampled_from(STEPS), "when": st.sampled_from(CELLS)}),
        min_size=1,
        max_size=4,
    )
)
def test_a_draft_moves_what_the_whole_step_would_give_otherwise(
    decided: House, rows: dict[str, dict[str, Any] | None]
) -> None:
    draft = changed(table_of(decided), rows)
    folder = with_table(decided.journeys.get(JOURNEY), draft)

    tally = whole(question(decided, JOURNEY, draft))

    found = {name: pair for pair, cell in tally.cells.items() for name in cell.cases}
    assert found == dict(by_next_step(decided, folder))
    assert tally.unlike == []


def by_next_step(house: House, folder: JourneyFolder) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each case taken back to where it stood and decided anew: slow, and without any of the replay's own thoughts."""
    with house.database.reading() as store:
        histories = store.histories(store.case_ids(journey=JOURNEY))
    for case_id, entries in histories.items():
        seq = next(entry.seq for entry in entries if isinstance(entry.event, e.StepDecided))
        then = entries[seq - 1]
        now = next_step(fold(case_id, entries[: seq - 1]), folder, certificate=None, at=then.at)
        assert isinstance(then.event, e.StepDecided)
        pair = (cell_of_step(then.event), cell_of_step(now))
        if pair[0] != pair[1]:
            yield f"C-2026-{case_id[-6:]}#{seq}", pair


def cell_of_step(step: e.StepDecided) -> str:
    return cell_of(step.step, step.because, step.option, step.department, step.requests)


def whole(asked: Question) -> Tally:
    return merge(tally_of(asked, span) for span in asked.spans())


# --- in parts --------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(1, 199), max_size=8), st.randoms())
def test_the_report_is_the_same_for_every_way_of_parting_history(
    decided: House, cuts: list[int], dice: random.Random
) -> None:
    asked = question(decided, JOURNEY, up_to(table_of(decided), 40))
    with decided.database.reading() as store:
        ids = store.case_ids(journey=JOURNEY)
    ends = [0, *sorted(set(cuts)), len(ids)]
    spans = [Span(ids[start], ids[end - 1]) for start, end in pairwise(ends)]
    dice.shuffle(spans)

    in_parts = assembled(asked, merge(tally_of(asked, span) for span in spans))

    assert Report(in_parts).canonical == Report(assembled(asked, whole(asked))).canonical


def test_two_processes_give_the_report_that_one_gives(house: House) -> None:
    decide(house, parcels(50))
    draft = up_to(table_of(house), 40)

    assert report_of(house, JOURNEY, draft, workers=2).hash == report_of(house, JOURNEY, draft).hash


def test_spans_hold_every_case_once_in_any_size(decided: House) -> None:
    with decided.database.reading() as store:
        ids = store.case_ids(journey=JOURNEY)
        for size in (1, 7, 199, 200, 201):
            spans = list(store.decisions.spans(JOURNEY, cases=size))
            held = [id_ for span in spans for id_ in ids if span.first <= id_ <= span.last]
            assert held == ids
        assert list(store.decisions.spans("motor_claim", cases=5)) == []
