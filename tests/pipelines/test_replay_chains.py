"""What-if where the deciding table rests on another: a change of either moves what it would have decided otherwise."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cases.rules import Table
from configs.settings import Settings
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import SHIPPED, load_journeys
from pipelines.rulebook.report import report_of
from pipelines.text_models import TextModels
from tests.pipelines.given import Clock, opened_house
from tests.pipelines.parcels import JOURNEY, TOPIC, Parcel, changed, decide, parcels, remade

PRICE = {
    "table": "price", "description": "How dear an order is.", "hit": "FIRST", "effective_from": "2026-01-01",
    "inputs": {"euros": {"type": "money", "min": 0, "max": 1_000_000, "from": "register.order.amount"}},
    "outputs": {"level": {"type": "text", "domain": ["low", "high"]}},
    "rows": [{"id": "P-1", "description": "Up to fifty.", "when": {"euros": "<= 50"}, "then": {"level": "low"}}],
    "else": {"id": "P-9", "description": "Dearer.", "then": {"level": "high"}},
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, decoder: Decoder) -> Iterator[House]:
    """The complaint journey, in which R-150 asks another table whether an order is cheap."""
    place = Path(shutil.copytree(SHIPPED / JOURNEY, tmp_path / "journeys" / JOURNEY))
    file = place / "rules" / "next_step.yaml"
    root: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    root["inputs"]["level"] = {"type": "text", "domain": ["low", "high"], "from": "table.price.level"}
    [row] = [row for row in root["rows"] if row["id"] == "R-150"]
    row["when"] = {"topic": TOPIC, "level": "low"}
    file.write_text(yaml.safe_dump({**root, "examples": []}, sort_keys=False), encoding="utf-8")
    (place / "rules" / "price.yaml").write_text(yaml.safe_dump(PRICE, sort_keys=False), encoding="utf-8")
    journeys = load_journeys(Settings(journeys=(tmp_path / "journeys",)))
    texts = TextModels(tmp_path / "models", journeys)
    with opened_house(
        tmp_path / "home", tmp_path / "models", clock=Clock(), journeys=journeys, texts=texts, decoder=decoder
    ) as built:
        yield built


def price(house: House) -> Table:
    return house.journeys.get(JOURNEY).tables["price"]


def moved(report: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    return {
        (cell["before"], cell["after"]): set(cell["cases"])
        for cell in report["matrix"]
        if cell["before"] != cell["after"]
    }


TO_CARRIER = ("auto_close send_again", "appoint ask_carrier")


def test_both_tables_in_force_give_every_decision_again(house: House) -> None:
    decide(house, parcels(80))
    folder = house.journeys.get(JOURNEY)

    for table in folder.tables.values():
        report = report_of(house, JOURNEY, table).as_dict()

        assert (report["decisions"], report["moved"], report["not_reproducible"]["decisions"]) == (80, 0, 0)


def test_a_change_of_the_earlier_table_moves_what_rests_on_it(house: House) -> None:
    told = parcels(120)
    decide(house, told)
    cheaper = changed(price(house), {"P-1": {"when": {"euros": "<= 40"}}})

    report = report_of(house, JOURNEY, cheaper).as_dict()

    planted = {one.decision for one in told if one.closes() and not one.closes(up_to=4_000)}
    assert moved(report) == {TO_CARRIER: planted}
    [cell] = [cell for cell in report["matrix"] if cell["before"] != cell["after"]]
    assert {one["why"] for one in cell["read"]} == {"price: P-1 -> P-9; next_step: R-150 -> R-160"}
    assert {row["row"] for row in report["rows"]} == {"P-1", "P-9"}
    assert [one["changes"] for one in report["certificates"]] == [True, True]


def test_a_change_of_the_deciding_table_is_told_from_what_was_recorded(house: House) -> None:
    told = parcels(120)
    decide(house, told)
    root = house.journeys.get(JOURNEY).root
    dearer = changed(root, {"R-150": {"when": {"topic": TOPIC, "level": "high"}}})

    report = report_of(house, JOURNEY, dearer).as_dict()

    assert moved(report) == {
        TO_CARRIER: {one.decision for one in told if one.closes()},
        TO_CARRIER[::-1]: {one.decision for one in told if one.asks_the_table and not one.closes()},
    }


def test_a_draft_that_asks_the_other_table_for_more_is_answered_by_it(house: House) -> None:
    """The record does not hold what the other table says in a column that did not ask it."""
    decide(house, [Parcel(1, 2_000, 5), Parcel(2, 8_000, 5), Parcel(3, 8_000, 5, danger=True)])
    root = house.journeys.get(JOURNEY).root.as_dict()
    asks = {"name": "how_dear", "type": "text", "domain": ["high", "low"], "from": "table.price.level"}
    rows = [
        {**row, "when": {"topic": TOPIC, "how_dear": "high"}, "then": {"step": "expert"}}
        if row["id"] == "R-160"
        else row
        for row in root["rows"]
    ]

    report = report_of(
        house, JOURNEY, remade(house.journeys.get(JOURNEY).root, inputs=[*root["inputs"], asks], rows=rows)
    ).as_dict()

    assert moved(report) == {("appoint ask_carrier", "expert"): {"C-2026-000002#4"}}
    assert report["held"] == {"danger": 1}
