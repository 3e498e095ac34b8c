"""Reports of replays: plain data under the name of its bytes, noted in the log, and enough to publish by."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cases import events as e
from cases.rules import Table, table_digest
from cases.store.certificates import Certificate
from cases.vocabulary import Actor, Step, Why
from models.certify import in_reserve, is_tuning, more_clean_labels
from pipelines.house import House
from pipelines.rulebook.publishing import publish
from pipelines.rulebook.recorded import _without_rows
from pipelines.rulebook.report import NotReplayed, Report, kept, report_of
from pipelines.standing import rules_digest
from tests.pipelines.given import Clock, by_form, photo, until_quiet
from tests.pipelines.parcels import JOURNEY, TOPIC, Parcel, changed, decide, parcels, remade, up_to
from tests.pipelines.rulebooks import ADA, BEN, TABLE, add_people, drafted
from tests.pipelines.rulebooks import JOURNEY as MOTOR


def table_of(house: House) -> Table:
    return house.journeys.get(JOURNEY).root


def everything_in(value: Any) -> Iterator[Any]:
    yield value
    match value:
        case dict():
            for inner in value.values():
                yield from everything_in(inner)
        case list():
            for inner in value:
                yield from everything_in(inner)
        case _:
            return


def test_a_report_is_kept_under_the_name_of_its_bytes_and_noted_in_the_log(house: House) -> None:
    decide(house, parcels(60))
    draft = up_to(table_of(house), 40)

    report = report_of(house, JOURNEY, draft, by=Actor("person", "ada"))

    written = (house.settings.home / "reports" / f"{report.hash}.json").read_bytes()
    assert hashlib.sha256(written).hexdigest() == report.hash
    assert kept(house, report.hash) == report
    with house.database.reading() as store:
        entry = store.history(f"rules.{JOURNEY}")[-1]
        assert store.verify_all() == []
    assert isinstance(entry.event, e.ReplayReported)
    noted = (entry.actor.name, entry.event.report, entry.event.digest, entry.event.moved)
    assert noted == ("ada", report.hash, table_digest(draft), report.as_dict()["moved"])


def test_a_report_of_other_bytes_or_another_name_is_not_there(house: House) -> None:
    decide(house, [Parcel(1, 2_000, 5)])
    report = report_of(house, JOURNEY, table_of(house))
    file = house.settings.home / "reports" / f"{report.hash}.json"
    file.write_bytes(file.read_bytes().replace(b'"moved":0', b'"moved":1'))

    assert kept(house, report.hash) is None
    assert kept(house, "0" * 64) is None
    assert kept(house, "../secret") is None


def test_the_same_history_gives_the_same_report(house: House) -> None:
    decide(house, parcels(60))
    draft = up_to(table_of(house), 40)

    first = report_of(house, JOURNEY, draft)

    assert report_of(house, JOURNEY, draft).hash == first.hash
    decide(house, [Parcel(900, 4_500, 5)])
    assert report_of(house, JOURNEY, draft).hash != first.hash


def test_a_report_has_no_float_and_no_word_of_a_customer(house: House) -> None:
    decide(house, parcels(200))

    report = report_of(house, JOURNEY, up_to(table_of(house), 40))

    assert not [value for value in everything_in(report.as_dict()) if isinstance(value, float)]
    assert b"@example.org" not in report.canonical
    assert json.loads(report.canonical) == report.as_dict()


def test_a_home_without_decisions_gives_a_report_that_says_so(house: House) -> None:
    report = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()

    assert (report["decisions"], report["matrix"], report["days"]) == (0, [], 0)
    assert any("only 0 decisions" in warning for warning in report["warnings"])


def test_every_cell_that_moves_has_ten_cases_to_read_with_why(house: House) -> None:
    decide(house, parcels(300))

    report = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()

    [cell] = [cell for cell in report["matrix"] if cell["before"] != cell["after"]]
    assert len(cell["read"]) == 10
    assert {one["decision"] for one in cell["read"]} < set(cell["cases"])
    assert {one["why"] for one in cell["read"]} == {"R-150 asks order_amount <= 40.00; R-160 comes first now"}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({"R-150": None}, "R-150 is gone; R-160 comes first now"),
        ({"R-150": {"id": "R-155", "then": {"step": "expert"}}}, "R-150 is gone; R-155 is new"),
        ({"R-150": {"then": {"step": "expert"}}}, "R-150 says something else"),
        ({"R-130": {"when": {"topic": TOPIC}}}, "another row comes before R-150; R-130 asked days_late <= 2"),
        (dict.fromkeys(("R-150", "R-160", "R-170")), "R-150 is gone; no row meets it"),
        ({"R-130": {"when": {"order_named": ">= 5"}}}, "another row comes before R-150; order_named is not known"),
    ],
)
def test_one_line_says_why_a_decision_moves(house: House, rows: dict[str, Any], why: str) -> None:
    decide(house, [Parcel(1, 2_000, 5)])

    report = report_of(house, JOURNEY, changed(table_of(house), rows)).as_dict()

    [read] = [read for cell in report["matrix"] for read in cell["read"]]
    assert read["why"] == why


def test_rows_are_counted_before_and_after_also_those_that_nothing_meets(house: House) -> None:
    told = parcels(200)
    decide(house, told)

    report = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()

    rows = {row["row"]: (row["before"], row["after"]) for row in report["rows"]}
    assert rows["R-150"] == (sum(one.closes() for one in told), sum(one.closes(up_to=4_000) for one in told))
    assert rows["R-010"] == (0, 0)
    assert [row["row"] for row in report["rows"]][-1] == "R-999"


# --- certificates ----------------------------------------------------------------------------------------------------


def certified(house: House, topic: str) -> str:
    folder = house.journeys.get(JOURNEY)
    name = f"{JOURNEY}.{topic}.1"
    with house.database.writing() as store:
        store.certificates.put(
            Certificate(name, JOURNEY, topic, 0.9, 0.01, 0.05, 1, "v", rules_digest(folder, topic), house.now())
        )
    return name


def test_certificates_of_the_rows_that_change_end_and_no_others(house: House) -> None:
    ending = certified(house, TOPIC)
    certified(house, "praise")
    decide(house, parcels(20))

    report = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()

    told = {one["topic"]: (one["changes"], one["ends"], one["stands"]) for one in report["certificates"]}
    assert told == {TOPIC: (True, [ending], []), "praise": (False, [], [f"{JOURNEY}.praise.1"])}


def test_how_long_a_new_certificate_takes_follows_from_the_verdicts_that_would_count_again(house: House) -> None:
    told = [Parcel(number, 2_000, 5, chosen="send_again", blind=True) for number in range(1, 200)]
    decide(house, told)
    key = house.keys.reserve
    counting = [
        one
        for one in told
        if in_reserve(key, f"klant{one.number}@example.org") and not is_tuning(key, f"klant{one.number}@example.org")
    ]
    recent = [one for one in counting if one.number % 60 <= 28]

    report = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()

    [topic] = [one for one in report["certificates"] if one["topic"] == TOPIC]
    needs = more_clean_labels(len(counting), 0, 0.01, 0.05 / 2 / 2)
    assert (topic["labels"], topic["wrong"], topic["needs"]) == (len(counting), 0, needs)
    assert topic["days"] == -(-needs * 28 // len(recent))


# --- for people ------------------------------------------------------------------------------------------------------


def test_its_words_fit_eighty_columns_and_end_with_its_name(house: House) -> None:
    certified(house, TOPIC)
    decide(house, parcels(200))
    report = report_of(house, JOURNEY, up_to(table_of(house), 40))

    words = report.words()

    assert max(map(len, words)) <= 80
    assert words[-1] == f"Report {report.hash}"
    assert "certificate complaint.late_or_missing.1 ends" in " ".join(" ".join(words).split())


def test_very_long_names_and_many_cells_still_fit(house: House) -> None:
    decide(house, parcels(30))
    data = report_of(house, JOURNEY, up_to(table_of(house), 40)).as_dict()
    [moving] = [cell for cell in data["matrix"] if cell["before"] != cell["after"]]
    cells = [{**moving, "before": f"request_info {'photo_of_the_other_side ' * 6}{n}", "read": []} for n in range(60)]

    words = Report({**data, "matrix": cells}).words()

    assert max(map(len, words)) <= 80
    assert any("20 more" in line for line in words)


# --- as the other parts need it --------------------------------------------------------------------------------------


def test_what_the_running_pipeline_decided_is_given_again(house: House, clock: Clock) -> None:
    by_form(house)
    by_form(house, "Iemand heeft mijn auto gestolen", sender="jo@example.org", files=[("a.jpg", photo())])
    by_form(house, "Het ruikt hier naar gas", journey="home_repair")
    until_quiet(house, clock)

    report = report_of(house, MOTOR, house.journeys.get(MOTOR).root).as_dict()

    assert (report["decisions"], report["moved"], report["not_reproducible"]["decisions"]) == (2, 0, 0)
    assert report["not_replayed"] == {}


def test_a_draft_is_published_by_the_report_of_its_replay(house: House) -> None:
    add_people(house)
    draft = drafted(house, by=ADA)
    assert draft.read is not None

    report = report_of(house, MOTOR, draft.read)

    assert publish(house, MOTOR, TABLE, report=report.hash, by=BEN).report == report.hash


def test_after_publishing_the_replay_of_the_new_version_compares_with_itself(house: House) -> None:
    add_people(house)
    draft = drafted(house, by=ADA)
    assert draft.read is not None
    publish(house, MOTOR, TABLE, report=report_of(house, MOTOR, draft.read).hash, by=BEN)

    report = report_of(house, MOTOR, draft.read).as_dict()

    assert report["base"] == report["digest"] == draft.digest


def test_a_table_that_no_decision_rests_on_is_not_replayed(house: House) -> None:
    other = remade(table_of(house), table="fees")

    with pytest.raises(NotReplayed, match="replay next_step"):
        report_of(house, JOURNEY, other)


# --- what is left out while reading ----------------------------------------------------------------------------------

WORD = st.text(max_size=12) | st.sampled_from(['],"table":"', ',"rows":[{', '"rows":[', '\\"', "]", '{"cell":"-"}'])


@given(st.lists(st.tuples(WORD, WORD, WORD), max_size=3), WORD, WORD)
def test_leaving_out_the_rows_leaves_everything_else(rows: list[tuple[str, str, str]], value: str, option: str) -> None:
    read = e.TableRead(
        "next_step", "d", "fired", (e.InputRead("topic", present=True, value=value),), (option,),
        tuple(e.RowRead(row, matched=False, input="topic", cell=cell, value=said) for row, cell, said in rows),
    )  # fmt: skip
    step = e.StepDecided(Step.EXPERT, (Why.ROW,), JOURNEY, "j", value, option=option, read=read)
    body = e.write_event(step)

    cut = json.loads(_without_rows(body))

    whole = json.loads(body)
    whole["read"].pop("rows")
    cut["read"].pop("rows", None)
    assert cut == whole
