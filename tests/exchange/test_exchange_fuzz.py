"""Whatever a file holds: it is read, or refused by the error that is meant for it. Nothing else ever comes out."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from dmn_written import decision, given, knowledge, model, table, text
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from written_tables import REPAIR, whole

from cases.rules import Table
from pipelines.exchange.dmn_import import read_dmn_tables
from pipelines.exchange.dmn_run import decide, read_dmn
from pipelines.exchange.dmn_write import dmn_bytes
from pipelines.exchange.dmn_xml import DmnRefused
from pipelines.exchange.feel import FeelRefused, Known, Run, Scope, parse_expression, parse_tests
from pipelines.exchange.feel.functions import FUNCTIONS, text_of
from pipelines.exchange.imported import Import, ImportRefused
from pipelines.exchange.jdm import read_jdm
from pipelines.exchange.jdm_cells import cell_of_zen, constant_of_zen
from pipelines.exchange.jdm_write import jdm_bytes
from pipelines.exchange.sheet_files import csv_text, read_csv, read_xlsx, xlsx_bytes

NAMES: dict[str, Any] = {
    "a": Decimal(3),
    "b c": "text",
    "d-e": None,
    "list": [Decimal(1), None, "x", [Decimal(2)], {"k": Decimal(1)}],
    "day": date(2026, 1, 31),
    "flag": True,
    "?": Decimal(2),
}
LITERALS = [
    '"x"',
    "1",
    "0.5",
    "-7",
    "true",
    "null",
    '@"2026-01-31"',
    '@"P1D"',
    '@"P1M"',
    '@"10:00:00"',
    '@"2026-01-31T10:00:00Z"',
    "99999999999999999999",
]
SIGNS = [
    *"+-*/()[]{}<>=,.:?",
    *("**", "..", "<=", ">=", "!=", "and", "or", "not", "in", "between", "if", "then", "else", "for", "return"),
    *("some", "satisfies", "instance of", "number", "function", "]", "[1..5]", "x", "k", "//", "/*"),
]
WORDS = st.sampled_from([*LITERALS, *SIGNS, *(name for name in NAMES if name != "?"), *FUNCTIONS])
SOUP = st.lists(WORDS, max_size=14).map(" ".join)
VALUES = st.sampled_from(
    [
        *LITERALS,
        *(name for name in NAMES if name != "?"),
        "[]",
        "[1, 2]",
        "{k: 1}",
        "[1..5]",
        '""',
        "1e400",
        '"("',
        '"$1"',
    ]
)
CALLS = st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(VALUES, max_size=4)).map(
    lambda call: f"{call[0]}({', '.join(call[1])})"
)
SUMS = st.tuples(VALUES, st.sampled_from(["+", "-", "*", "/", "**", "<", "=", "in", "and"]), VALUES).map(" ".join)


def worth(written: str) -> None:
    for parse in (parse_expression, parse_tests):
        with suppress(FeelRefused):
            text_of(parse(written, Known(NAMES, ["k"])).value(Scope(NAMES, Run(steps=5000))))


@drawn(st.one_of(st.text(max_size=40), SOUP))
@settings(max_examples=250, deadline=None)
def test_any_text_is_an_expression_or_refused(written: str) -> None:
    worth(written)


@drawn(st.one_of(CALLS, SUMS))
@settings(max_examples=400, deadline=None)
def test_any_call_and_sum_has_a_value(written: str) -> None:
    parse_expression(written, Known(NAMES)).value(Scope(NAMES, Run(steps=5000)))


@drawn(st.one_of(st.text(max_size=30), SOUP))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_cell_of_zen_or_none(written: str) -> None:
    cell_of_zen(written)
    constant_of_zen(written)


TABLE = whole(REPAIR)
PLAIN: Table = whole(
    {
        **{key: REPAIR[key] for key in ("table", "description", "hit", "effective_from", "else", "outputs")},
        "inputs": {name: REPAIR["inputs"][name] for name in ("topic", "found", "photos")},
        "rows": [{**REPAIR["rows"][0], "when": {"topic": "leak", "photos": "[-5..3)"}}],
    }
)
LOAN = model(
    '<itemDefinition name="tA"><itemComponent name="Age"><typeRef>number</typeRef></itemComponent></itemDefinition>',
    given("Applicant", "tA"),
    knowledge("f", {"x": "number"}, text("x * 2")),
    decision(
        "Score", table(["Applicant.Age"], ["o"], [["< 18", "1"], [">= 18", "f(2)"]]), needs=["Applicant"], uses=["f"]
    ),
    decision("Answer", table(["Score"], [{"name": "o", "values": '"a"'}], [["-", '"a"']]), needs=[">Score"]),
)


def run_dmn(raw: bytes, file: str) -> Import:
    with suppress(DmnRefused):
        decide(read_dmn(raw, file=file), {"Applicant": {"Age": 20}})
    return Import(())


WAYS: dict[str, tuple[Callable[[bytes, str], Import], bytes]] = {
    "csv": (lambda raw, file: read_csv(raw, file=file), csv_text(TABLE).encode()),
    "xlsx": (lambda raw, file: read_xlsx(raw, file=file), xlsx_bytes(TABLE)),
    "dmn": (lambda raw, file: read_dmn_tables(raw, file=file), dmn_bytes(TABLE)),
    "loan": (lambda raw, file: read_dmn_tables(raw, file=file), LOAN),
    "run": (run_dmn, LOAN),
    "jdm": (lambda raw, file: read_jdm(raw, file=file), jdm_bytes(PLAIN)),
}


def taken(read: Callable[[bytes, str], Import], raw: bytes) -> None:
    with suppress(ImportRefused):
        for one in read(raw, "own").tables:
            one.problems()
            one.as_yaml()


@pytest.mark.parametrize("way", WAYS)
@drawn(raw=st.binary(max_size=200))
@settings(max_examples=25, deadline=None)
def test_any_bytes_are_taken_or_refused(way: str, raw: bytes) -> None:
    taken(WAYS[way][0], raw)


@pytest.mark.parametrize("way", WAYS)
@drawn(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_with_something_changed_is_taken_or_refused(way: str, data: st.DataObject) -> None:
    read, raw = WAYS[way]
    start = data.draw(st.integers(0, len(raw) - 1))
    length = data.draw(st.integers(0, 40))
    odd = [
        b"",
        b"\x00",
        b"<",
        b"&x;",
        b'"',
        b"]]>",
        b"<a/>",
        b"\xff",
        b",",
        b"null",
        b"[1..",
        b"}{",
        raw[start : start + 60],
    ]
    new = data.draw(st.one_of(st.sampled_from(odd), st.binary(max_size=4)))

    taken(read, raw[:start] + new + raw[start + length :])


JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["nodes", "edges", "type", "content", "inputs", "outputs", "rules", "id", "field", "casewright", "else"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@drawn(JSONS, st.sampled_from(["content", "inputs", "outputs", "rules", "hitPolicy", "casewright", "edges", "nodes"]))
@settings(max_examples=100, deadline=None)
def test_any_json_in_the_place_of_a_part_is_taken_or_refused(odd: Any, part: str) -> None:
    whole_model = json.loads(jdm_bytes(PLAIN))
    node = whole_model["nodes"][1]
    holder = whole_model if part in ("edges", "nodes") else node if part == "content" else node["content"]
    holder[part] = odd

    taken(lambda raw, file: read_jdm(raw, file=file), json.dumps(whole_model).encode())
