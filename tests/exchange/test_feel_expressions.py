"""FEEL expressions mean what the DMN specification says they mean."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines.exchange.feel import FeelRefused, Known, Run, Scope, parse_expression
from pipelines.exchange.feel.functions import text_of

NAMES: dict[str, Any] = {
    "Monthly Income": Decimal(1000),
    "Age": Decimal(20),
    "nobody": None,
    "orders": [
        {"price": Decimal(1), "full name": "pen"},
        {"price": Decimal(20), "full name": "desk"},
    ],
    "date": date(2020, 1, 1),
    "Approved/Declined": "Approved",
    "pre-bureau": Decimal(7),
    "Person's age": Decimal(8),
}


def said(text: str) -> str:
    known = Known(NAMES, ["price", "full name"])
    value = parse_expression(text, known).value(Scope(NAMES, Run()))
    assert known.unknown == []
    return text_of(value, inside=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 ** 2", "19"),
        ("-5 ** 2", "25"),  # negation binds tighter than power, as the specification orders them
        ("2 ** 3 ** 2", "64"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("1 / 0", "null"),
        ('1 + "a"', "null"),
        ("nobody + 1", "null"),
        ('"a" + "b"', '"ab"'),
        ("Monthly Income * 0.3", "300"),
        ("pre-bureau - 1", "6"),
        ("Person's age", "8"),
        ('Approved/Declined = "Approved"', "true"),
        ("1e3", "1000"),
        (".5 + 1.50", "2"),
        ("10 - 2 - 3", "5"),
        ("- (2 + 3)", "-5"),
        ("1 // a comment\n + /* another */ 1", "2"),
        ('"\\u00e9\\n\\"x\\""', '"é\n\\"x\\""'),
    ],
)
def test_arithmetic_is_exact_and_gives_null_where_it_has_no_answer(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and nobody", "null"),
        ("false and nobody", "false"),
        ("true or nobody", "true"),
        ("false or nobody", "null"),
        ('true and "x"', "null"),
        ("not(true)", "false"),
        ("not(nobody)", "null"),
        ("nobody = null", "true"),
        ("1 = null", "false"),
        ("nobody > 3", "null"),
        ('1 = "1"', "null"),
        ("[1, 2] = [1, 2]", "true"),
        ("{a: 1} = {a: 2}", "false"),
        ("Age between 18 and 20", "true"),
        ("Age != 20", "false"),
        ("5 in [1..5)", "false"),
        ("5 in ]4..5]", "true"),
        ("5 in (1, 5)", "true"),
        ("5 in (< 3, > 4)", "true"),
        ("5 in > 4", "true"),
        ("Age in [18..21[ and true", "true"),
        ("if nobody then 1 else 2", "2"),
        ("if Age > 18 then 1 else 2", "1"),
        ("1 instance of number", "true"),
        ("date instance of string", "false"),
    ],
)
def test_truth_has_three_values(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders[price > 10].full name", '["desk"]'),
        ("orders[2].price", "20"),
        ("orders[-1].price", "20"),
        ("orders[3]", "null"),
        ('orders[full name = "pen"].price', "[1]"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("sum(orders.price)", "21"),
        ("for i in 1..3, j in [1, 2] return i * j", "[1, 2, 2, 4, 3, 6]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in 1..4 return if i < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3]"),
        ("some one in orders satisfies one.price > 10", "true"),
        ("every one in orders satisfies one.price > 10", "false"),
        ("{a: 1, b c: a + 1}.b c", "2"),
        ("{f: function(x) x * 2, r: f(4)}.r", "8"),
        ("(function(a: number, b) a + b)(1, 2)", "3"),
        ("{a: 1}.b", "null"),
        ("[1..5].end", "5"),
        ("[[1, 2], 3]", "[[1, 2], 3]"),
    ],
)
def test_lists_contexts_and_functions(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2020-01-31") + duration("P1M")', "2020-02-29"),
        ('@"2020-02-01" - date', "P31D"),
        ('date("2020-02-30")', "null"),
        ("date(2020, 2, 29)", "2020-02-29"),
        ("date.year + date.month", "2021"),
        ("date.weekday", "3"),
        ('date and time("2020-01-01T23:59:00Z") + duration("PT2M")', "2020-01-02T00:01:00Z"),
        ('date and time("2020-01-01T10:00:00@Europe/Paris").time offset', "PT1H"),
        ('date and time("2020-01-01T10:00:00Z") > date and time("2020-01-01T10:00:00")', "null"),
        ('time("23:30:00") + duration("PT1H")', "00:30:00"),
        ('duration("P1DT2H") > duration("PT25H")', "true"),
        ('duration("P1Y") > duration("P100D")', "null"),
        ('duration("P3DT4H5M6.70S")', "P3DT4H5M6.7S"),
        ('duration("-P14M")', "-P1Y2M"),
        ('duration("P1D") / duration("PT6H")', "4"),
        ('years and months duration(@"2011-12-22", @"2013-08-24")', "P1Y8M"),
        ('day of week(@"2026-11-22")', '"Sunday"'),
        ('@"2026-01-31" < @"2026-02-01"', "true"),
    ],
)
def test_dates_times_and_durations(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', '"obar"'),
        ('substring(string: "foobar", start position: -2, length: 1)', '"a"'),
        ('string length("foo")', "3"),
        ('upper case("aB4")', '"AB4"'),
        ('substring before("foobar", "bar")', '"foo"'),
        ('contains("foobar", "of")', "false"),
        ('starts with("foobar", "fo")', "true"),
        ('matches("foobar", "^fo*b")', "true"),
        ('replace("abracadabra", "bra", "*")', '"a*cada*"'),
        ('replace("0123", "(\\d)(\\d)", "$2$1")', '"1032"'),
        ('split("a;b", ";")', '["a", "b"]'),
        ('string join(["a", "b"], "-")', '"a-b"'),
        ("list contains([1, null], null)", "true"),
        ("count([1, 2])", "2"),
        ("min(3, 1, 2)", "1"),
        ('max(["a", "b"])', '"b"'),
        ("sum([])", "null"),
        ("mean([1, 2, 3])", "2"),
        ("median(8, 2, 5, 3)", "4"),
        ("all([true, null])", "null"),
        ("any([true, null])", "true"),
        ("sublist([4, 5, 6], -2)", "[5, 6]"),
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("concatenate([1], [2])", "[1, 2]"),
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("remove([1, 2, 3], 2)", "[1, 3]"),
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("distinct values([1, 2, 1])", "[1, 2]"),
        ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
        ("sort([3, 1, 2], function(x, y) x < y)", "[1, 2, 3]"),
        ("decimal(2.5, 0)", "2"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.2)", "2"),
        ("round half up(5.5, 0)", "6"),
        ("abs(-3)", "3"),
        ("modulo(-12, 5)", "3"),
        ("sqrt(16)", "4"),
        ("odd(5) and even(2)", "true"),
        ('number("1 000,5", " ", ",")', "1000.5"),
        ("string(1.10)", '"1.1"'),
        ('get value({a: 1}, "a")', "1"),
        ("floor(nobody)", "null"),
        ('floor("1")', "null"),
        ("floor()", "null"),
    ],
)
def test_built_in_functions(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('duration("P1D") + duration("PT12H")', "P1DT12H"),
        ('duration("P1Y") - duration("P1M")', "P11M"),
        ('duration("P1M") + @"2026-01-31"', "2026-02-28"),
        ('@"2026-03-31" - duration("P1M")', "2026-02-28"),
        ('@"2026-01-31" + duration("P1DT1H")', "2026-02-01"),
        ('2 * duration("P6M")', "P1Y"),
        ('duration("P1D") * 0.5', "PT12H"),
        ('duration("P1Y") / 2', "P6M"),
        ('duration("P1Y") / duration("P6M")', "2"),
        ('duration("P1D") / 0', "null"),
        ('- duration("P1D")', "-P1D"),
        ('- "a"', "null"),
        ('@"10:00:00" - @"08:30:00"', "PT1H30M"),
        ('@"2026-01-02T00:00:00" - @"2026-01-01"', "P1D"),
        ('@"9999-12-31" + duration("P1D")', "null"),
        ("2 ** 0.5 > 1.41", "true"),
        ("10 ** 7000", "null"),
        ("0 ** -1", "null"),
        ('"a" * 2', "null"),
        ('duration("-P1DT2H").days', "-1"),
        ('duration("P1DT2H3M4S").hours + duration("P1DT2H3M4S").minutes', "5"),
        ('duration("P14M").years', "1"),
        ('duration("-P14M").months', "-2"),
        ('@"10:20:30+01:00".hour', "10"),
        ('@"10:20:30+01:00".time offset', "PT1H"),
        ('@"10:20:30@Europe/Amsterdam".timezone', '"Europe/Amsterdam"'),
        ('@"10:20:30".timezone', "null"),
        ("(1..5].start included", "false"),
        ('duration("PT0S")', "PT0S"),
        ('duration("P0M")', "P0M"),
        ('duration("P")', "null"),
        ('@"2026-01-01T10:20:30.500Z"', "2026-01-01T10:20:30.5Z"),
        ('date and time("2026-01-01T25:00:00")', "null"),
        ('date and time("2026-01-01T10:00:00@No/Where")', "null"),
    ],
)
def test_sums_and_parts_of_dates_and_durations(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date(@"2026-01-31T10:00:00")', "2026-01-31"),
        ("date(2026, 2, 30)", "null"),
        ('time(@"2026-01-31T10:00:00")', "10:00:00"),
        ("time(10, 30, 0)", "10:30:00"),
        ('time(10, 30, 15.5, duration("PT1H"))', "10:30:15.5+01:00"),
        ('date and time(@"2026-01-31")', "2026-01-31T00:00:00"),
        ('date and time(@"2026-01-31", @"10:00:00")', "2026-01-31T10:00:00"),
        ('date and time(date: @"2026-01-31", time: @"10:00:00")', "2026-01-31T10:00:00"),
        ('day of year(@"2026-02-01")', "32"),
        ('month of year(@"2026-11-22")', '"November"'),
        ('week of year(@"2026-11-22")', "47"),
        ('years and months duration(@"2026-03-31", @"2026-01-30")', "-P2M"),
        ("round up(-1.5, 0)", "-2"),
        ("round down(1.59, 1)", "1.5"),
        ("round half down(2.5, 0)", "2"),
        ("decimal(1, 7000)", "null"),
        ("floor(1.56, 1)", "1.5"),
        ('abs(duration("-P1D"))', "P1D"),
        ('abs(duration("-P1M"))', "P1M"),
        ("log(0)", "null"),
        ("sqrt(-1)", "null"),
        ("exp(0)", "1"),
        ('number("1,000", ",", ",")', "null"),
        ('number("abc")', "null"),
        ('number("1_000")', "null"),
        ("is(1, 1)", "true"),
        ('is(@"2026-01-01", "2026-01-01")', "false"),
        ("get entries({a: 1})", '[{key: "a", value: 1}]'),
        ('context([{key: "a", value: 1}])', "{a: 1}"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
        ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
        ('context put({a: {b: 1}, c: 2}, ["a", "b"], 3)', "{a: {b: 3}, c: 2}"),
        ('context put({a: 1}, ["a", "b"], 3)', "null"),
        ('context put(context: {a: 1}, keys: ["b"], value: 2)', "{a: 1, b: 2}"),
        ("context put({a: 1}, [], 2)", "null"),
        ("context put({a: 1}, [1], 2)", "null"),
        ("context merge([1])", "null"),
        ("product(2, 3, 4)", "24"),
        ("median([1, 2, 3])", "2"),
        ("stddev([1, 3, 5])", "2"),
        ("stddev([1])", "null"),
        ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
        ("mode([])", "[]"),
        ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
        ("list replace([1, 2, 3], function(item, new) item > 1, 9)", "[1, 9, 9]"),
        ("sublist([1, 2, 3], 2, 1)", "[2]"),
        ("sublist([1], 5)", "null"),
        ("reverse([1, 2])", "[2, 1]"),
        ('sort(["b", "a"])', '["a", "b"]'),
        ('sort([1, "a"])', "null"),
        ('max(1, "a")', "null"),
        ("min(null)", "null"),
        ("sum([1, null])", "null"),
        ('substring("abc", 0)', "null"),
        ('substring after("abc", "x")', '""'),
        ('string join(["a", 1])', "null"),
        ('matches("a", "(")', "null"),
        ('matches("a", "a", "q")', "null"),
        ('matches("hello world", "hello\\\\ sworld", "x")', "true"),
        ('matches("helloworld", "hello[ ]world", "x")', "false"),
        ('substring before("abc", "")', '""'),
        ('substring after("abc", "")', '"abc"'),
        ('time("23:59:00z") + duration("PT2M")', "00:01:00Z"),
        ('date and time("2026-01-31T10:00:00z")', "2026-01-31T10:00:00Z"),
        ('contains(["abc"], "b")', "true"),  # a list with one element stands for it
        ("count(5)", "1"),
        ("string(null)", "null"),
        ("string([1..5])", '"[1..5]"'),
        ('string(duration("PT90S"))', '"PT1M30S"'),
        ('substring(length: 2, string: "abc", start position: 1)', '"ab"'),
        ('substring(text: "abc", start position: 1)', "null"),
    ],
)
def test_more_built_in_functions(text: str, expected: str) -> None:
    assert said(text) == expected


def test_a_name_that_nobody_declared_is_told() -> None:
    known = Known(["Age"])

    parse_expression("Age > Minimum Age", known)

    assert known.unknown == ["Minimum Age"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1 +", "the end stands at character 4 where a value belongs"),
        ('"open', "has no end"),
        ("(1", 'where ")" belongs'),
        ("now()", "the function now() is not run"),
        ("function(x) external {}", "external functions are not run"),
        ("1 2", "where the end belongs"),
        ("if true then 1", 'where "else" belongs'),
        ("(" * 100, "nested too deep"),
        ('@"tomorrow"', "is no date, time or duration"),
        ("[1] instance of list<number>", "what a list holds is not asked for"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, what: str) -> None:
    with pytest.raises(FeelRefused) as refused:
        parse_expression(text, Known())

    assert what in str(refused.value)
    assert refused.value.mend


def test_entries_that_are_not_there_are_null_and_told() -> None:
    run = Run()
    inside = parse_expression("sum(orders[prise > 10].price) = null and orders[1].nam = null", Known(NAMES, ["price"]))

    assert inside.value(Scope(NAMES, run)) is True
    assert run.notes == ['"prise" is nothing here: null', 'there is no entry "nam": null']


def test_a_loop_without_end_stops_with_a_reason() -> None:
    endless = parse_expression("count(for i in 1..1000000000 return i)", Known())

    with pytest.raises(FeelRefused, match="more than 1000000 steps"):
        endless.value(Scope({}, Run()))
