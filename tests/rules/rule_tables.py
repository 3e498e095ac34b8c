"""Plain data of rule files for the tests of the engine."""

from collections.abc import Mapping
from typing import Any

from cases.rules import Table, read_table

NEXT_STEP: dict[str, Any] = {
    "table": "next_step",
    "description": "What happens with a motor claim",
    "hit": "FIRST",
    "effective_from": "2026-01-01",
    "inputs": {
        "topic": {"type": "text", "domain": ["windscreen", "collision"], "from": "topic"},
        "glass": {"type": "boolean", "from": "register.policy.glass_cover"},
        "amount": {"type": "money", "min": 0, "max": 100_000, "from": "fact.amount"},
        "plate": {"type": "text", "domain": ["known"], "from": "fact.plate"},
        "photos": {"type": "integer", "min": 0, "max": 50, "from": "photos.usable"},
        "loss_date": {"type": "date"},
    },
    "outputs": {
        "step": {"type": "text", "domain": ["auto_close", "request_info", "route", "expert"]},
        "option": {"type": "text", "domain": ["grant_repair", ""]},
        "requests": {"type": "list", "domain": ["photo_damage", "plate"]},
        "days": {"type": "integer", "min": 0, "max": 30, "default": 5},
    },
    "rows": [
        {
            "id": "R-010",
            "description": "Glass with cover and one photo closes by itself",
            "when": {"topic": "windscreen", "glass": True, "amount": "<= 500", "photos": ">= 1"},
            "then": {"step": "auto_close", "option": "grant_repair"},
        },
        {
            "id": "R-020",
            "description": "No plate known, ask for it",
            "when": {"topic": "windscreen", "plate": "missing"},
            "then": {"step": "request_info", "requests": ["plate"], "days": 2},
        },
    ],
    "else": {"id": "R-999", "description": "Anything else is read by a person", "then": {"step": "expert"}},
    "examples": [
        {
            "id": "E-1",
            "given": {"topic": "windscreen", "glass": True, "amount": "120.00", "photos": 1},
            "expect": {"row": "R-010"},
        }
    ],
}


def read(data: object, lines: Mapping[tuple[str | int, ...], int] | None = None) -> Table:
    return read_table(data, file="motor/rules/next_step.yaml", lines=lines or {})


def letters(hit: str, **changes: object) -> dict[str, Any]:
    """No rows, inputs a and b (1 to 9), one text output `letter`: x before y before z."""
    number = {"type": "integer", "min": 1, "max": 9}
    return {
        "table": "letters",
        "description": "Which letter",
        "hit": hit,
        "effective_from": "2026-01-01",
        "inputs": {"a": number, "b": number},
        "outputs": {"letter": {"type": "text", "domain": ["x", "y", "z"]}},
        "rows": [],
        "else": {"id": "E", "description": "None", "then": {"letter": "z"}},
        **changes,
    }


def letters_table(hit: str, rows: Mapping[str, tuple[Mapping[str, object], str]]) -> Table:
    """Rows by id as (when, letter)."""
    written = [
        {"id": id_, "description": "A row", "when": when, "then": {"letter": letter}}
        for id_, (when, letter) in rows.items()
    ]
    return read(letters(hit, rows=written))


def tags_table(rows: Mapping[str, tuple[Mapping[str, object], list[str]]]) -> Table:
    """COLLECT: rows by id as (when, tags) over the inputs a, b (1 to 9); one list output `tags`."""
    written = [
        {"id": id_, "description": "A row", "when": when, "then": {"tags": tags}} for id_, (when, tags) in rows.items()
    ]
    outputs = {"tags": {"type": "list", "domain": ["p", "q", "r"]}}
    otherwise = {"id": "E", "description": "None", "then": {}}
    return read(letters("COLLECT", outputs=outputs, rows=written, **{"else": otherwise}))
