"""Durations, periods, sets and constants: how they are written, what they mean, and what is refused."""

from datetime import timedelta
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import NEXT_STEP, letters, read

from cases.rules import MISSING, Period, TableRefused, Value, evaluate, nearest_misses, plain, read_inputs, table_digest
from cases.rules.cells import Cell, Form, Has, How
from cases.rules.constants import Constant
from cases.rules.domains import Domain, Kind, literal_text, read_value
from cases.rules.durations import duration_text, read_duration, read_period
from cases.rules.grammar import parse_cell
from cases.rules.plan import compile_plan
from cases.rules.problems import Unreadable
from cases.rules.samples import MOST_SETS, samples
from cases.rules.words import when_words

WAIT = Domain(Kind.DURATION, low=timedelta(0), high=timedelta(days=30))
COVER = Domain(Kind.PERIOD, low=Period(-12), high=Period(120))
SEEN = Domain(Kind.SET, values=("rust", "dent", "glass, broken", "any"))
MAYBE = Domain(Kind.SET, values=("rust", "dent"), nullable=True)
LIMIT = {"limit": Constant("limit", Kind.DURATION, timedelta(days=3))}


# --- how it is written ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "domain", "text"),
    [
        ("P3D", WAIT, "P3D"),
        ("PT72H", WAIT, "P3D"),
        ("<= P1DT12H", WAIT, "<= P1DT12H"),
        ("< PT90M", WAIT, "< PT1H30M"),
        ("> PT0S", WAIT, "> PT0S"),
        ("[PT1S..P3D)", WAIT, "[PT1S..P3D)"),
        (["P1D", "> P3D"], WAIT, "P1D, > P3D"),
        ("P18M", COVER, "P1Y6M"),
        (">= -P6M", COVER, ">= -P6M"),
        ("not(P0M)", COVER, "not(P0M)"),
        ("contains rust", SEEN, "contains rust"),
        ("contains any", SEEN, "contains any"),
        ("contains any(rust)", SEEN, "contains rust"),
        ("contains all ( rust , dent )", SEEN, "contains all(rust, dent)"),
        ('contains none("glass, broken")', SEEN, 'contains none("glass, broken")'),
        ('contains "glass, broken", empty', SEEN, 'contains "glass, broken", empty'),
        ("not(contains any(rust, dent), empty)", SEEN, "not(contains any(rust, dent), empty)"),
        (["contains rust", "contains all(dent, any)"], SEEN, "contains rust, contains all(dent, any)"),
        ("null, empty", MAYBE, "null, empty"),
    ],
)
def test_a_cell_is_read_into_one_normal_text_of_its_kind(raw: object, domain: Domain, text: str) -> None:
    cell = parse_cell(raw, domain)

    assert str(cell) == cell.written == text
    assert parse_cell(text, domain) == cell


@pytest.mark.parametrize(
    ("raw", "domain", "what", "mend"),
    [
        ("P1M", WAIT, "'P1M' is not a duration of days and time", "write for example P3DT12H"),
        ("P3D", COVER, "'P3D' is not a period of years and months", "write for example P1Y6M"),
        ("P", WAIT, "'P' is not a duration", "P3DT12H"),
        ("PT", WAIT, "'PT' is not a duration", "P3DT12H"),
        ("P1DT", WAIT, "'P1DT' is not a duration", "P3DT12H"),
        ("P2W", WAIT, "'P2W' is not a duration", "P3DT12H"),
        ("PT0.5S", WAIT, "'PT0.5S' is not a duration", "P3DT12H"),
        (3, WAIT, "3 is not a duration", "P3DT12H"),
        ("P31D", WAIT, "P31D lies outside PT0S to P30D", "widen min and max"),
        ("< PT0S", WAIT, "can never be met", "a duration of days and time from PT0S to P30D"),
        ("(P1D..P1DT1S)", WAIT, "can never be met", "mend the cell"),
        ("[P2Y..P1Y]", COVER, "P2Y is above P1Y", "write the lower bound first"),
        ("(P1M..P2M)", COVER, "can never be met", "a period of years and months from -P1Y to P10Y"),
        ("rust", SEEN, "'rust' does not say what the set contains", 'write for example "contains a"'),
        ("= rust", SEEN, "'= rust' does not say", "contains a"),
        ("contains", SEEN, "'contains' does not say", "contains a"),
        ("contains rst", SEEN, "'rst' is not in the domain", 'did you mean "rust"?'),
        ("contains any(rust, rust)", SEEN, "names something twice", "name it once"),
        ("contains any(rust", SEEN, "a bracket or a quote stays open", "write for example"),
        ("contains any()", SEEN, "a value is missing", "write for example"),
        ("contains rust, contains rust", SEEN, "names something twice", "name it once"),
        ("null", SEEN, "null does not belong to this column", "nullable: true"),
        ([["rust"]], SEEN, "a list stands inside a list", 'for example "contains a"'),
        (7, SEEN, "7 is not a set", "write for example [a, b]"),
        ("not(contains any(rust, dent), contains none(rust, dent))", MAYBE, "", ""),
    ],
)
def test_a_cell_of_these_kinds_is_refused_with_its_mend(raw: object, domain: Domain, what: str, mend: str) -> None:
    if not what:  # met by null alone
        assert parse_cell(raw, domain).holds(None) is True
        return
    with pytest.raises(Unreadable) as refused:
        parse_cell(raw, domain)

    assert what in refused.value.what
    assert mend in refused.value.mend


@pytest.mark.parametrize(
    ("text", "domain", "value", "holds"),
    [
        ("<= P1D", WAIT, timedelta(days=1), True),
        ("<= P1D", WAIT, timedelta(days=1, seconds=1), False),
        ("<= P1D", WAIT, MISSING, None),
        (">= P1Y", COVER, Period(12), True),
        (">= P1Y", COVER, Period(11), False),
        ("contains rust", SEEN, ("dent", "rust"), True),
        ("contains rust", SEEN, (), False),
        ("contains any(rust, dent)", SEEN, ("dent",), True),
        ("contains all(rust, dent)", SEEN, ("dent",), False),
        ("contains all(rust, dent)", SEEN, ("rust", "any", "dent"), True),
        ("contains none(rust, dent)", SEEN, ("any",), True),
        ("contains none(rust, dent)", SEEN, (), True),
        ("contains none(rust)", SEEN, ("rust",), False),
        ("empty", SEEN, (), True),
        ("empty", SEEN, ("any",), False),
        ("not(empty)", SEEN, MISSING, None),
        ("contains none(rust)", MAYBE, None, False),
        ("empty", MAYBE, None, False),
        ("null", MAYBE, None, True),
        ("null", MAYBE, (), False),
    ],
)
def test_a_cell_of_these_kinds_is_true_false_or_unknown(
    text: str, domain: Domain, value: Value, *, holds: bool | None
) -> None:
    assert parse_cell(text, domain).holds(value) is holds


@given(st.integers(-(10**10), 10**10))
def test_a_duration_is_written_as_it_is_read(seconds: int) -> None:
    length = timedelta(seconds=seconds)

    assert read_duration(duration_text(length)) == length


@given(st.integers(-9_999 * 12, 9_999 * 12))
def test_a_period_is_written_as_it_is_read(months: int) -> None:
    assert read_period(str(Period(months))) == Period(months)


def test_a_period_is_never_compared_with_a_duration() -> None:
    with pytest.raises(TypeError):
        _ = Period(1) < timedelta(days=30)  # type: ignore[operator]  # the point


def test_a_set_is_read_in_the_order_of_its_domain() -> None:
    assert read_value(["any", "rust"], SEEN) == ("rust", "any")
    assert str(SEEN) == 'a set of rust, dent, "glass, broken", any'


@pytest.mark.parametrize("value", [timedelta(hours=36), Period(18), ("rust", "dent")])
def test_plain_data_reads_back_as_the_same_value(value: Value) -> None:
    domain = {timedelta: WAIT, Period: COVER, tuple: SEEN}[type(value)]

    assert read_value(plain(value), domain) == value
    assert literal_text(value)


# --- in a table -----------------------------------------------------------------------------------------------------


def table(rows: list[dict[str, Any]], **changes: object) -> dict[str, Any]:
    inputs = {
        "wait": {"type": "duration", "min": "PT0S", "max": "P30D"},
        "cover": {"type": "period", "min": "P0M", "max": "P10Y"},
        "seen": {"type": "set", "domain": ["rust", "dent", "glass"]},
    }
    return letters("FIRST", inputs=inputs, rows=rows, **changes)


def row(when: dict[str, object], letter: object = "x", number: int = 1) -> dict[str, Any]:
    return {"id": f"R{number}", "description": "A row", "when": when, "then": {"letter": letter}}


def test_a_table_decides_on_durations_periods_and_sets() -> None:
    rules = read(table([row({"wait": "> P3D", "cover": ">= P1Y", "seen": "contains any(rust, dent)"})]))
    inputs = read_inputs(rules, {"wait": "P4D", "cover": "P2Y", "seen": ["dent", "glass"]})

    assert evaluate(rules, inputs).fired == ("R1",)
    assert evaluate(rules, {**inputs, "wait": timedelta(days=3)}).fired == ("E",)
    assert evaluate(rules, {**inputs, "seen": ("glass",)}).traces[0].failing == (
        "seen", "contains any(rust, dent)", "[glass]",
    )  # fmt: skip
    assert read(rules.as_dict()) == rules


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wait", timedelta(days=31)),
        ("wait", timedelta(microseconds=1)),
        ("wait", Period(1)),
        ("wait", None),
        ("cover", timedelta(days=1)),
        ("cover", 12),
        ("cover", Period(121)),
        ("seen", "rust"),
        ("seen", ["rust"]),
        ("seen", ("rust", "rust")),
        ("seen", ("rust", "moss")),
        ("seen", (["rust"],)),
        ("seen", None),
    ],
)
def test_a_value_of_another_kind_is_invalid(name: str, value: Any) -> None:
    rules = read(table([row({"wait": "> P3D"})]))

    assert evaluate(rules, {name: value}).kind == "invalid"


def test_a_set_may_come_in_any_order_however_often() -> None:
    rules = read(table([row({"seen": "contains all(rust, dent)"})]))

    assert [evaluate(rules, {"seen": pair}).kind for pair in (("dent", "rust"), ("rust", "dent")) * 2] == ["fired"] * 4


def test_a_set_that_is_null_is_no_empty_set() -> None:
    inputs = {"seen": {"type": "set", "domain": ["rust"], "nullable": True}}
    rules = read(letters("FIRST", inputs=inputs, rows=[row({"seen": "empty"})]))

    assert [evaluate(rules, {"seen": value}).kind for value in ((), None, MISSING)] == ["fired", "else", "missing"]


def test_more_sets_than_are_remembered_are_still_told_apart() -> None:
    values = tuple(f"v{number}" for number in range(13))
    domain = Domain(Kind.SET, values=values)
    column = compile_plan([("seen", domain)], [("R", [parse_cell("contains v0", domain)], {})], [0]).columns[0]
    subsets = chain.from_iterable(combinations(values, size) for size in range(14))

    assert all(column.find(some) == ("v0" in some) for some in subsets)


@pytest.mark.parametrize(
    ("when", "inputs", "instead"),
    [
        ({"wait": "<= P3D"}, {"wait": timedelta(days=9)}, timedelta(days=3)),
        ({"cover": ">= P1Y"}, {"cover": Period(3)}, Period(12)),
        ({"seen": "contains rust"}, {"seen": ("dent",)}, ("rust",)),
        ({"seen": "contains all(rust, glass)"}, {"seen": ("glass", "dent")}, ("rust", "glass")),
    ],
)
def test_the_nearest_value_of_these_kinds_that_would_help_is_told(
    when: dict[str, object], inputs: dict[str, Value], instead: Value
) -> None:
    rules = read(table([row(when)]))

    found = nearest_misses(rules, evaluate(rules, inputs), inputs, output="letter", value="x")

    assert [miss.instead for miss in found] == [instead]


def test_an_input_is_no_list_and_an_output_is_no_set() -> None:
    with pytest.raises(TableRefused, match="'list' is no type of this column"):
        read(letters("FIRST", inputs={"a": {"type": "list", "domain": ["x"]}}))
    with pytest.raises(TableRefused, match="'set' is no type of this column"):
        read(letters("FIRST", outputs={"letter": {"type": "set", "domain": ["z"]}}))


# --- samples of sets ------------------------------------------------------------------------------------------------


@st.composite
def set_cells(draw: st.DrawFn) -> Cell:
    values = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, unique=True).map(tuple)
    hows = st.sampled_from([How.ANY, How.ALL, How.NONE])
    tests: st.SearchStrategy[Has] = st.builds(Has, hows, values) | st.just(Has(How.EMPTY))
    return Cell(draw(st.sampled_from([Form.IN, Form.NOT_IN])), (draw(tests),))


@given(st.lists(set_cells(), max_size=5), st.sampled_from([("a", "b", "c", "d"), ("a", "b", "c", "d", "e", "f")]))
def test_every_set_has_a_sample_that_all_cells_answer_alike(cells: list[Cell], values: tuple[str, ...]) -> None:
    domain = Domain(Kind.SET, values=values)
    subsets = chain.from_iterable(combinations(values, size) for size in range(len(values) + 1))
    answers = [tuple(cell.holds(sample) for cell in cells) for sample in samples(domain, cells)]

    assert {tuple(cell.holds(some) for cell in cells) for some in subsets} == set(answers)
    assert len(set(answers)) == len(answers)


def test_a_column_that_tells_too_many_sets_apart_is_refused() -> None:
    values = [f"v{number}" for number in range(13)]
    rows = [row({"seen": f"contains {value}"}, number=number) for number, value in enumerate(values)]

    with pytest.raises(TableRefused) as refused:
        read(letters("FIRST", inputs={"seen": {"type": "set", "domain": values}}, rows=rows))

    assert f"inputs.seen: the cells tell more than {MOST_SETS} kinds of sets apart; name fewer" in str(refused.value)


# --- constants ------------------------------------------------------------------------------------------------------


def with_constants(constants: object, when: dict[str, object], letter: object = "x") -> dict[str, Any]:
    return {**NEXT_STEP, "constants": constants, "rows": [{**NEXT_STEP["rows"][0], "when": when}]} | (
        {} if letter == "x" else {"else": {**NEXT_STEP["else"], "then": {"step": letter}}}
    )


SMALL = {"small": {"type": "money", "value": "250.00", "description": "What we pay without a question"}}


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("<= small", "<= 250.00"),
        ("> small", "> 250.00"),
        ("= small", "250.00"),
        ("small", "250.00"),
        ("[0..small]", "[0.00..250.00]"),
        ("(small..500]", "(250.00..500.00]"),
        ("not(small, > 500)", "not(250.00, > 500.00)"),
        (["small", "> 500"], "250.00, > 500.00"),
    ],
)
def test_a_constant_stands_for_its_value_and_keeps_its_name(cell: object, means: str) -> None:
    rules = read(with_constants(SMALL, {"amount": cell}))
    named = rules.rows[0].cells[2]

    assert str(named) == means
    assert "small" in named.written
    assert rules.as_dict()["rows"][0]["when"] == {"amount": named.written}
    assert read(rules.as_dict()).as_dict() == rules.as_dict()


def test_another_value_of_a_constant_is_another_table() -> None:
    other = {"small": {**SMALL["small"], "value": "251"}}

    assert table_digest(read(with_constants(other, {"amount": "<= small"}))) != table_digest(
        read(with_constants(SMALL, {"amount": "<= small"}))
    )


def test_an_output_can_be_a_constant() -> None:
    constants = {
        "patience": {"type": "integer", "value": 7},
        "ask": {"type": "list", "value": ["plate", "photo_damage"]},
        "nobody": {"type": "text", "value": "expert"},
        "free": {"type": "text", "value": ""},
    }
    then = {"step": "nobody", "option": "free", "requests": "ask", "days": "patience"}
    rules = read({**NEXT_STEP, "constants": constants, "rows": [{**NEXT_STEP["rows"][0], "then": then}]})

    assert rules.rows[0].outputs == {"step": "expert", "option": "", "requests": ("plate", "photo_damage"), "days": 7}
    assert rules.as_dict()["rows"][0]["then"] == then
    assert read(rules.as_dict()) == rules


def test_a_constant_is_of_the_columns_kind_and_numbers_are_of_one_kind() -> None:
    constants = {
        "few": {"type": "integer", "value": 2},
        "sure": {"type": "boolean", "value": True},
        "day": {"type": "date", "value": "2026-01-31"},
    }
    rules = read(
        with_constants(constants, {"amount": "> few", "photos": "<= few", "glass": "sure", "loss_date": "day"})
    )

    assert [str(cell) for cell in rules.rows[0].cells] == ["-", "true", "> 2.00", "-", "<= 2", "2026-01-31"]


def test_a_text_in_quotes_is_never_a_constant() -> None:
    with pytest.raises(TableRefused, match="is not in the domain"):
        read(with_constants({"glas": {"type": "text", "value": "windscreen"}}, {"topic": '"glas"'}))


@pytest.mark.parametrize(
    ("constants", "when", "problem"),
    [
        (SMALL, {"amount": "<= smal"}, "when.amount: 'smal' is not an amount; did you mean \"small\"?"),
        (SMALL, {"amount": "<= x"}, "when.amount: 'x' is not an amount; write for example"),
        ({}, {"amount": "<= small"}, "when.amount: 'small' is not an amount; write for example"),
        (
            SMALL,
            {"photos": "<= small"},
            "when.photos: the constant small (250.00) does not fit: 250.00 is not a whole number; write it without",
        ),
        (
            SMALL,
            {"loss_date": "> small"},
            "when.loss_date: the constant small is of type money, and the column takes a date from",
        ),
        (
            {"much": {"type": "money", "value": 100_001}},
            {"amount": "much"},
            "when.amount: the constant much (100001.00) does not fit: 100001.00 lies outside 0.00 to 100000.00; write",
        ),
        (
            {"ships": {"type": "text", "value": "boat"}},
            {"topic": "ships"},
            "when.topic: the constant ships (boat) does not fit: 'boat' is not in the domain; write one of",
        ),
        (
            {"panes": {"type": "text", "value": "windscreen"}},
            {"topic": "pane"},
            "when.topic: 'pane' is not in the domain; did you mean \"panes\"?",
        ),
        ({"small": {"type": "mony", "value": 1}}, {}, "constants.small.type: 'mony' is no type of a constant; did you"),
        ({"small": {"type": "set", "value": []}}, {}, "constants.small.type: 'set' is no type of a constant"),
        ({"small": {"value": 1}}, {}, 'constants.small: "type" is not there'),
        ({"small": {"type": "money"}}, {}, 'constants.small: "value" is not there'),
        ({"small": {"type": "money", "value": 0.1}}, {}, "constants.small.value: 0.1 is a binary fraction"),
        ({"small": {"type": "money", "value": None}}, {}, "constants.small.value: null does not belong"),
        ({"small": {"type": "text", "value": 3}}, {}, "constants.small.value: 3 is not text"),
        ({"small": {"type": "list", "value": ["a", 3]}}, {}, "constants.small.value[1]: 3 is not text"),
        ({"Small": {"type": "integer", "value": 3}}, {}, "constants.Small: 'Small' is not a name"),
        (
            {"missing": {"type": "integer", "value": 3}},
            {},
            'constants.missing: "missing" has a meaning in cells already',
        ),
        ({"route": {"type": "integer", "value": 3}}, {}, 'constants.route: "route" is a value of a column already'),
        ([{"name": "a", "type": "integer", "value": 3}] * 2, {}, 'constants[a]: "a" is declared twice'),
        (3, {}, "constants: 3 stands where a mapping belongs"),
    ],
)
def test_a_constant_that_cannot_be_meant_is_refused(constants: object, when: dict[str, object], problem: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(with_constants(constants, when))

    assert any(problem in str(one) for one in refused.value.problems), refused.value.problems


def test_a_constant_that_does_not_fit_an_output_is_refused() -> None:
    data = with_constants({"long": {"type": "integer", "value": 31}}, {})
    data["rows"][0]["then"] = {"step": "route", "days": "long"}

    with pytest.raises(
        TableRefused, match=r"then.days: the constant long \(31\) does not fit: 31 lies outside 0 to 30"
    ):
        read(data)


def test_the_digest_of_a_table_without_any_of_this_is_what_it_was() -> None:
    """Journeys in use were stored with it, and certificates name it."""
    assert table_digest(read(NEXT_STEP)) == "68bf34fc8cc0a3ab1f277f03b48e6a22f1ac5369422758b68235cf4d221a8237"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("contains rust", "seen contains rust"),
        ("contains any(rust, dent), empty", "seen contains any of rust, dent or is empty"),
        ("not(contains rust, empty)", "seen is none of this: contains rust, is empty"),
        ("contains all(rust, dent)", "seen contains all of rust, dent"),
    ],
)
def test_a_row_on_sets_is_told_in_words(cell: str, words: str) -> None:
    rules = read(table([row({"seen": cell})]))

    assert when_words(rules, rules.rows[0]) == words
