from typing import Any

import pytest
from builders import CASE_ID, NOW, entries, shipped
from dossiers import decided, file, read, texts

from cases.case import fold
from cases.journey_folder import JourneyFolder
from cases.rules import FORBIDDEN_ELSE, read_table
from cases.steps import next_step


def small(when: dict[str, Any]) -> JourneyFolder:
    """The motor journey with a table of one closing row."""
    closes = {"step": "auto_close", "option": "repair_glass"}
    table = {
        "table": "next_step", "description": "d", "hit": "FIRST", "effective_from": "2026-01-01",
        "inputs": {
            "topic": {"type": "text", "domain": list(shipped().journey.topics), "from": "topic"},
            "since": {"type": "date", "min": "1990-01-01", "max": "2030-01-01", "from": "register.policy.since"},
            "cover": {"type": "text", "domain": ["liability", "limited", "full"], "from": "register.policy.cover"},
            "age": {"type": "integer", "min": -1000, "max": 1000, "from": "derived.loss_date_age_days"},
            "risk": {"type": "money", "min": 0, "max": 10000, "from": "register.policy.own_risk"},
            "plate": {"type": "text", "domain": ["AB-123-C", "XX-99-X"], "from": "fact.licence_plate"},
            "covers": {"type": "set", "domain": ["full", "glass"], "from": "register.policy.cover"},
        },
        "outputs": {
            "step": {"type": "text", "domain": ["auto_close", "expert"]},
            "option": {"type": "text", "domain": ["", "repair_glass"]},
        },
        "rows": [{"id": "R-1", "description": "One.", "when": when, "then": closes}],
        "else": {"id": "R-9", "description": "Else.", "then": {"step": "expert", "option": ""}},
    }  # fmt: skip
    journey = shipped()
    root = read_table(table, file="t", lines={}, forbidden_else=FORBIDDEN_ELSE)
    return JourneyFolder(journey.journey, {"next_step": root}, journey.letters, journey.words)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({"risk": "> 100"}, "“Own risk” were: more than €100.00 (now: €75.00)"),
        ({"risk": "< 10"}, "“Own risk” were: less than €10.00 (now: €75.00)"),
        ({"risk": "[100..200]"}, "“Own risk” were: from €100.00 to €200.00 (now: €75.00)"),
        ({"since": ">= 2024-01-01"}, "“Insured since” were: at least 1 January 2024 (now: 1 January 2020)"),
        ({"cover": "liability, limited"}, "(liability, limited or full)” were: liability or limited (now: full)"),
        ({"cover": "not(full)"}, "(liability, limited or full)” were: not full (now: full)"),
        ({"age": "<= 10"}, "“Day of the damage, days before the message” were: at most 10 (now: not known)"),
        ({"covers": "contains glass"}, "were: contains glass (now: [full])"),
        ({"plate": "present"}, "“Licence plate” were: known (now: not known)"),
    ],
)
def test_what_a_row_asks_for_is_worded(when: dict[str, Any], sentence: str) -> None:
    folder = small(when)
    events = read()
    follows = next_step(fold(CASE_ID, entries(*events)), folder, certificate=None, at=NOW)

    change = file(entries(*events, follows), folder=folder)["recommendation"]["would_change"]

    assert sentence in texts(change)[0]


def test_no_counterfactual_asks_for_another_topic_or_for_knowing_less() -> None:
    for when in ({"topic": "theft"}, {"cover": "missing"}):
        events = read()
        follows = next_step(fold(CASE_ID, entries(*events)), small(when), certificate=None, at=NOW)
        assert file(entries(*events, follows), folder=small(when))["recommendation"]["would_change"] == []


def test_a_file_is_built_although_the_table_has_changed_since() -> None:
    stream = decided(*read("theft"))

    others = file(stream, folder=small({"cover": "full"}))["recommendation"]["others"]

    assert {row["input"] for row in others} >= {"known"}
    assert {row["description"] for row in others} == {""}
