"""Decision tables for tests of the exchange, and a strategy that writes odd ones."""

from typing import Any

from hypothesis import strategies as st

from cases.rules import Table, read_table
from cases.rules.domains import quoted

ODD = (
    "=1+1",
    "+31 6",
    "-",
    "-5",
    "@home",
    "'quoted",
    "null",
    "missing",
    "true",
    "",
    "a, b",
    '"q"',
    "[]",
    "]x[",
    "é",
    "x;y",
    "5",
)
REPAIR: dict[str, Any] = {
    "table": "next_step",
    "description": "What happens next with a report of something broken.",
    "hit": "FIRST",
    "effective_from": "2026-01-01",
    "complete": False,
    "inputs": {
        "topic": {"type": "text", "domain": ["leak", "=drain", "@other, and more"], "from": "topic"},
        "found": {"type": "boolean", "from": "register.tenant.found", "description": "Is the tenant known?"},
        "photos": {"type": "integer", "min": -5, "max": 50, "from": "photos.usable"},
        "amount": {"type": "money", "min": 0, "max": "1000.50", "from": "fact.amount", "nullable": True},
        "since": {"type": "date", "min": "2000-01-01", "max": "2100-12-31"},
        "age": {"type": "duration", "min": "PT0S", "max": "P30D"},
        "tags": {"type": "set", "domain": ["a", "b"]},
    },
    "outputs": {
        "step": {"type": "text", "domain": ["route", "request_info", "expert"]},
        "option": {"type": "text", "domain": ["", "send_plumber"]},
        "requests": {"type": "list", "domain": ["photo", "+31"]},
        "days": {"type": "integer", "min": 0, "max": 30, "default": 5},
    },
    "constants": {"cap": {"type": "money", "value": "250.00", "description": "The least that is claimed."}},
    "rows": [
        {
            "id": "R-010",
            "description": "A leak with\na photo",
            "when": {"topic": "leak", "found": True, "photos": ">= 1", "amount": "<= cap", "tags": "contains a"},
            "then": {"step": "route", "option": "send_plumber", "requests": ["+31", "photo"], "days": 0},
        },
        {
            "id": "R-020",
            "description": "=HYPERLINK(1)",
            "when": {"topic": "not(leak)", "photos": "[-5..3)", "amount": "missing", "since": "> 2026-01-31"},
            "then": {"step": "request_info"},
        },
    ],
    "else": {"id": "R-999", "description": "-", "then": {"step": "expert"}},
    "examples": [
        {
            "id": "E-1",
            "given": {"topic": "leak", "found": True, "photos": 1, "amount": "120.00", "tags": ["a"]},
            "expect": {"row": "R-010"},
        },
        {
            "id": "E-2",
            "given": {"topic": "=drain", "photos": -5, "since": "2026-02-01"},
            "expect": {"rows": ["R-020"], "kind": "fired", "outputs": {"days": 5, "requests": [], "option": ""}},
        },
        {"id": "E-3", "given": {"topic": "leak", "amount": None}, "expect": {"kind": "missing"}},
    ],
}


def whole(document: dict[str, Any]) -> Table:
    return read_table(document, file="own.yaml", lines={})


@st.composite
def odd_tables(draw: st.DrawFn) -> Table:
    """Tables of text whose values look like formulas, lists, quotes and keywords."""
    values = draw(st.lists(st.sampled_from(ODD), min_size=2, max_size=6, unique=True))
    results = draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=4, unique=True))
    words = st.sampled_from(["=cmd()", "- a", 'Says "x",\nthen y', "@", "'=1", "plain", "[rows]", "\u00a0x"])
    rows = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(values), min_size=1, max_size=len(values) - 1, unique=True),
                st.sampled_from(results),
                st.lists(st.sampled_from(values), max_size=3, unique=True),
                words,
            ),
            max_size=5,
        )
    )
    return whole(
        {
            "table": "odd",
            "description": draw(words),
            "hit": "FIRST",
            "effective_from": "2026-01-01",
            "inputs": {"given": {"type": "text", "domain": values, "nullable": draw(st.booleans())}},
            "outputs": {"said": {"type": "text", "domain": results}, "listed": {"type": "list", "domain": values}},
            "rows": [
                {
                    "id": f"R{number}",
                    "description": text,
                    "when": {"given": ", ".join(quoted(one) for one in cell)},
                    "then": {"said": one, "listed": many},
                }
                for number, (cell, one, many, text) in enumerate(rows)
            ],
            "else": {"id": "E", "description": draw(words), "then": {"said": results[0]}},
            "examples": [
                {"id": f"E{number}", "given": {"given": value}, "expect": {"outputs": {"listed": values[:number]}}}
                for number, value in enumerate(values)
            ],
        }
    )
