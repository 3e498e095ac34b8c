"""The language of one cell: what is read, what it means, and what is refused with a mend."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.cells import ANY, Cell, Form, Has, How, Is, Within
from cases.rules.domains import MISSING, ORDERED, Domain, Kind, Known, Value, literal_text
from cases.rules.durations import Period
from cases.rules.grammar import parse_cell
from cases.rules.problems import Unreadable
from cases.rules.samples import samples

TOPIC = Domain(Kind.TEXT, values=("windscreen", "collision", "theft", "missing", "a, b", 'say "x"\\', "-", "(x)"))
GLASS = Domain(Kind.BOOLEAN)
PHOTOS = Domain(Kind.INTEGER, low=0, high=50)
RATIO = Domain(Kind.DECIMAL, low=Decimal(-1), high=Decimal(1))
AMOUNT = Domain(Kind.MONEY, low=Decimal("0.00"), high=Decimal("100000.00"))
DAY = Domain(Kind.DATE, low=date(2020, 1, 1), high=date(2030, 1, 1))
PLATE = Domain(Kind.TEXT, values=("nl", "be", ""), nullable=True)
WAIT = Domain(Kind.DURATION, low=timedelta(0), high=timedelta(days=30))
COVER = Domain(Kind.PERIOD, low=Period(-6), high=Period(60), nullable=True)
SEEN = Domain(Kind.SET, values=("rust", "dent", "a, b", "any"), nullable=True)


@pytest.mark.parametrize(
    ("raw", "domain", "text"),
    [
        ("-", TOPIC, "-"),
        ("  windscreen ", TOPIC, "windscreen"),
        ("windscreen,theft", TOPIC, "windscreen, theft"),
        (["windscreen", "theft"], TOPIC, "windscreen, theft"),
        ("not(windscreen)", TOPIC, "not(windscreen)"),
        ("not ( windscreen , theft )", TOPIC, "not(windscreen, theft)"),
        ("= windscreen", TOPIC, "windscreen"),
        ("missing", TOPIC, "missing"),
        ("present", TOPIC, "present"),
        ('"missing"', TOPIC, '"missing"'),
        ('"a, b", theft', TOPIC, '"a, b", theft'),
        ('"say \\"x\\"\\\\"', TOPIC, '"say \\"x\\"\\\\"'),
        ('"-"', TOPIC, '"-"'),
        ('not("(x)")', TOPIC, 'not("(x)")'),
        ('""', PLATE, '""'),
        ("null", PLATE, "null"),
        ("nl, null", PLATE, "nl, null"),
        ("not(null)", PLATE, "not(null)"),
        (True, GLASS, "true"),
        ("false", GLASS, "false"),
        (3, PHOTOS, "3"),
        ("3", PHOTOS, "3"),
        ("<=3", PHOTOS, "<= 3"),
        ("< 3", PHOTOS, "< 3"),
        ("> 3", PHOTOS, "> 3"),
        (">= 3", PHOTOS, ">= 3"),
        ("= 3", PHOTOS, "3"),
        ("[1..5]", PHOTOS, "[1..5]"),
        ("(1..5]", PHOTOS, "(1..5]"),
        ("]1..5[", PHOTOS, "(1..5)"),
        ("[ 1 .. 5 )", PHOTOS, "[1..5)"),
        ("1, [3..5], > 40", PHOTOS, "1, [3..5], > 40"),
        ([1, "> 40"], PHOTOS, "1, > 40"),
        ("not([1..5])", PHOTOS, "not([1..5])"),
        ("-0.50", RATIO, "-0.5"),
        ("-0", RATIO, "0"),
        ("[-0.25..0.25]", RATIO, "[-0.25..0.25]"),
        (500, AMOUNT, "500.00"),
        ("<= 99.5", AMOUNT, "<= 99.50"),
        (Decimal("1.10"), AMOUNT, "1.10"),
        (date(2026, 1, 31), DAY, "2026-01-31"),
        ("[2026-01-01..2026-02-01)", DAY, "[2026-01-01..2026-02-01)"),
    ],
)
def test_a_cell_is_read_into_one_normal_text(raw: object, domain: Domain, text: str) -> None:
    cell = parse_cell(raw, domain)

    assert str(cell) == text
    assert parse_cell(text, domain) == cell


@pytest.mark.parametrize(
    ("raw", "domain", "what", "mend"),
    [
        ("windscren", TOPIC, "'windscren' is not in the domain", 'did you mean "windscreen"?'),
        ("mising", GLASS, "'mising' is not true or false", "write for example true"),
        ("xyzzy", PLATE, "'xyzzy' is not in the domain", 'write one of: nl, be, "", missing, present, null'),
        ("presnt", TOPIC, "'presnt' is not in the domain", 'did you mean "present"?'),
        (7, TOPIC, "7 is not text", "write it in quotes"),
        (True, TOPIC, "true is not text", "write it in quotes"),
        (None, TOPIC, "the cell is empty", 'write "-" for any value, "null" in quotes'),
        ("  ", TOPIC, "the cell is empty", "'\"\"' for the empty text"),
        ([], TOPIC, "the list is empty", 'write "-"'),
        ({}, TOPIC, "a mapping is not text", "quotes"),
        ("null", TOPIC, "null does not belong to this column", "nullable: true"),
        ([None], TOPIC, "null does not belong to this column", "nullable: true"),
        ("windscreen, windscreen", TOPIC, "names something twice", "name it once"),
        ("windscreen,, theft", TOPIC, "a value is missing", 'write for example "a, b"'),
        ("windscreen,", TOPIC, "a value is missing", 'write for example "a, b"'),
        ('"windscreen', TOPIC, "a quote stays open", 'write for example "a, b"'),
        ("not()", TOPIC, "a value is missing", "not(a, b)"),
        ("windscreen, missing", TOPIC, '"missing" stands alone', "a row of their own"),
        ("not(present)", TOPIC, '"present" stands alone', "a row of their own"),
        ("[a..b]", TOPIC, "needs an order", "list the values"),
        ("< windscreen", TOPIC, "needs an order", "list the values"),
        ("not(true, false)", GLASS, "can never be met", "true or false"),
        ("yes", GLASS, "'yes' is not true or false", "write for example true"),
        (1, GLASS, "1 is not true or false", "write for example true"),
        ("<== 500", AMOUNT, "'<== 500' is not a comparison", 'write for example "<= 500"'),
        ("!= 500", AMOUNT, "'!= 500' is not a comparison", 'write "not('),
        ("<=", AMOUNT, "'' is not an amount", "write for example"),
        (0.1, AMOUNT, "0.1 is a binary fraction", "write it in quotes"),
        ("0.005", AMOUNT, "0.005 has parts of a cent", "at most two decimals"),
        ("100000.01", AMOUNT, "100000.01 lies outside 0.00 to 100000.00", "widen min and max"),
        ("<= 1,000", AMOUNT, "the comma in '<= 1,000' can be read in two ways", '"1000" for a thousand'),
        ("0,5", RATIO, "can be read in two ways", '"0.5" for a half'),
        ("007", PHOTOS, "'007' is not a whole number", "write for example 5"),
        ("1e3", PHOTOS, "'1e3' is not a whole number", "write for example 5"),
        ("1.0", PHOTOS, "1.0 is not a whole number", "without decimals"),
        (True, PHOTOS, "true is not a whole number", "write for example 5"),
        pytest.param(10**5000, PHOTOS, "a very large number is not a whole number", "for example 5", id="huge"),
        ('"5"', PHOTOS, "is not a whole number", "write for example 5"),
        ("half", RATIO, "'half' is not a number", 'write for example "0.5"'),
        ("[5..1]", PHOTOS, "the interval '[5..1]' is empty", "lower bound first"),
        ("(1..2)", PHOTOS, "'(1..2)' can never be met", "a whole number from 0 to 50"),
        ("(1.00..1.01)", AMOUNT, "can never be met", "an amount in whole cents from 0.00 to 100000.00"),
        ("< 0", PHOTOS, "'< 0' can never be met", "mend the cell"),
        ("not([0..50])", PHOTOS, "can never be met", "mend the cell"),
        ("(0.5..0.5)", RATIO, "can never be met", "a number from -1 to 1"),
        (["1..5"], PHOTOS, "YAML reads this interval as a list", 'write it in quotes: "[1..5]"'),
        ("(2026-01-01..2026-01-02)", DAY, "can never be met", "a date from 2020-01-01 to 2030-01-01"),
        ("2026-02-30", DAY, "2026-02-30 is no day of the calendar", "write a date like 2026-01-31"),
        ("2031-01-01", DAY, "2031-01-01 lies outside", "widen min and max"),
        ("31-01-2026", DAY, "'31-01-2026' is not a date", "write for example 2026-01-31"),
        ("> null", Domain(Kind.INTEGER, low=0, high=9, nullable=True), "compares with null", 'write "null" alone'),
    ],
)
def test_a_bad_cell_is_refused_with_what_is_wrong_and_its_mend(
    raw: object, domain: Domain, what: str, mend: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        parse_cell(raw, domain)

    assert what in refused.value.what
    assert mend in refused.value.mend


@pytest.mark.parametrize(
    ("text", "domain", "value", "holds"),
    [
        ("-", AMOUNT, MISSING, True),
        ("missing", AMOUNT, MISSING, True),
        ("missing", AMOUNT, Decimal(1), False),
        ("present", AMOUNT, MISSING, False),
        ("present", PLATE, None, True),
        ("<= 500", AMOUNT, MISSING, None),
        ("not(500)", AMOUNT, MISSING, None),
        ("<= 500", AMOUNT, Decimal("500.00"), True),
        ("<= 500", AMOUNT, Decimal("500.01"), False),
        ("< 500", AMOUNT, Decimal("499.99"), True),
        ("< 500", AMOUNT, Decimal("500.00"), False),
        (">= 500", AMOUNT, 500, True),
        ("> 500", AMOUNT, 500, False),
        ("[1..5]", PHOTOS, 1, True),
        ("(1..5]", PHOTOS, 1, False),
        ("[1..5)", PHOTOS, 5, False),
        ("not(1, 2)", PHOTOS, 3, True),
        ("not(1, 2)", PHOTOS, 2, False),
        ("nl", PLATE, None, False),
        ("not(nl)", PLATE, None, True),
        ("null", PLATE, None, True),
        ("null", PLATE, "", False),
        ("null", PLATE, MISSING, None),
        ('""', PLATE, "", True),
    ],
)
def test_a_cell_is_true_false_or_unknown(text: str, domain: Domain, value: Value, *, holds: bool | None) -> None:
    assert parse_cell(text, domain).holds(value) is holds


def test_a_comparison_never_holds_for_null() -> None:
    column = Domain(Kind.INTEGER, low=0, high=9, nullable=True)

    assert parse_cell(">= 0", column).holds(None) is False


def known_values(domain: Domain) -> st.SearchStrategy[Any]:  # noqa: PLR0911  # one kind a line
    match domain.kind:
        case Kind.SET:
            return st.lists(st.sampled_from(domain.values), unique=True).map(tuple)
        case Kind.TEXT:
            return st.sampled_from(domain.values)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INTEGER:
            return st.integers(domain.low, domain.high)
        case Kind.DATE:
            return st.dates(domain.low, domain.high)
        case Kind.DURATION:
            return st.integers(0, 30 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
        case Kind.PERIOD:
            return st.integers(domain.low.months, domain.high.months).map(Period)
        case Kind.MONEY:
            return st.decimals(domain.low, domain.high, places=2)
        case _:
            return st.decimals(domain.low, domain.high, places=5).map(lambda value: parse_decimal(value, domain))


def parse_decimal(value: Decimal, domain: Domain) -> Known:
    test = parse_cell(format(value, "f"), domain).tests[0]
    assert isinstance(test, Is)
    assert test.value is not None
    return test.value


def set_cells(domain: Domain) -> st.SearchStrategy[Cell]:
    some = st.lists(st.sampled_from(domain.values), min_size=1, unique=True).map(tuple)
    tests: st.SearchStrategy[Is | Has] = st.builds(Has, st.sampled_from([How.ANY, How.NONE]), some)
    tests |= st.builds(Has, st.just(How.ALL), some.filter(lambda values: len(values) > 1))
    tests |= st.sampled_from([Has(How.EMPTY), Is(None)])
    several = st.lists(tests, min_size=1, max_size=4, unique=True).map(tuple)
    return st.builds(Cell, st.sampled_from([Form.IN, Form.NOT_IN]), several)


@st.composite
def cells(draw: st.DrawFn, domain: Domain) -> Cell:
    if domain.kind is Kind.SET:
        return draw(set_cells(domain))
    values = known_values(domain)
    literals = (values | st.none()).map(Is) if domain.nullable else values.map(Is)
    tests: st.SearchStrategy[Is | Within] = literals
    if domain.kind in ORDERED:
        ends = st.tuples(values, values).map(sorted)
        flags = st.booleans()
        tests |= st.builds(lambda pair, a, b: Within(pair[0], pair[1], a, b), ends, flags, flags)
        tests |= st.builds(lambda value, a: Within(value, None, a, False), values, flags)
        tests |= st.builds(lambda value, a: Within(None, value, False, a), values, flags)
    form = draw(st.sampled_from(Form))
    if form in (Form.IN, Form.NOT_IN):
        return Cell(form, tuple(draw(st.lists(tests, min_size=1, max_size=4, unique=True))))
    return Cell(form)


def parsed(text: str, domain: Domain) -> Cell | Unreadable:
    try:
        return parse_cell(text, domain)
    except Unreadable as refused:
        return refused


DOMAINS = st.sampled_from([TOPIC, GLASS, PHOTOS, RATIO, AMOUNT, DAY, PLATE, WAIT, COVER, SEEN])


@given(st.data())
def test_the_text_of_a_cell_reads_back_as_the_same_cell(data: st.DataObject) -> None:
    domain = data.draw(DOMAINS)
    cell = data.draw(cells(domain))

    again = parsed(str(cell), domain)

    if isinstance(again, Unreadable):  # only for what nothing can meet
        assert "can never be met" in again.what
        assert not cell.holds(data.draw(known_values(domain)))
    else:
        assert again == cell


@given(st.data())
def test_two_values_that_a_cell_tells_apart_have_samples_on_both_sides(data: st.DataObject) -> None:
    domain = data.draw(DOMAINS)
    cell = data.draw(cells(domain).filter(lambda cell: cell.form in (Form.IN, Form.NOT_IN)))
    value = data.draw(known_values(domain))

    seen = {cell.holds(sample) for sample in samples(domain, [cell])}

    assert cell.holds(value) in seen


PIECES = [
    *' "\\,()[]<>=!.-not01PTDY',
    "windscreen",
    "missing",
    "contains ",
    "any(",
    "all(",
    "rust",
    "P1D",
    "..",
    "null",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(), DOMAINS)
def test_any_text_is_a_cell_or_is_refused(text: str, domain: Domain) -> None:
    cell = parsed(text, domain)

    if isinstance(cell, Unreadable):
        assert cell.what
        assert cell.mend
    else:
        assert parse_cell(str(cell), domain) == cell


def test_any_is_the_dash() -> None:
    assert parse_cell("-", PHOTOS) is ANY


def test_a_domain_says_in_words_what_it_takes() -> None:
    assert str(Domain(Kind.LIST, values=("plate", "a, b"))) == 'a list of plate, "a, b"'
    assert str(PLATE) == 'one of nl, be, "" or null'


def test_a_list_value_is_written_in_brackets() -> None:
    assert literal_text(("plate", "a, b")) == '[plate, "a, b"]'
