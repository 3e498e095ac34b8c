"""How points and ranges lie to each other: closed ends touch, open ends do not."""

import pytest

from pipelines.exchange.feel import Known, Run, Scope, parse_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before(1, 10)", True),
        ("before(1, 1)", False),
        ("before(1, [1..10])", False),
        ("before(1, (1..10])", True),
        ("before([1..10], 10)", False),
        ("before([1..10), 10)", True),
        ("before([1..10), [10..20])", True),
        ("before([1..10], [10..20])", False),
        ("before([1..10], (10..20])", True),
        ("after(12, [1..10])", True),
        ("after(10, [1..10))", True),
        ("after([11..20], [1..11))", True),
        ("meets([1..5], [5..10])", True),
        ("meets([1..5), [5..10])", False),
        ("met by([5..10], [1..5])", True),
        ("met by((5..10], [1..5])", False),
        ("finishes(10, [1..10])", True),
        ("finishes(10, [1..10))", False),
        ("finishes([5..10], [1..10])", True),
        ("finishes([5..10), [1..10])", False),
        ("finishes([1..10], (1..10])", False),
        ("finished by([1..10], [5..10])", True),
        ("includes([1..10], 5)", True),
        ("includes([1..10), 10)", False),
        ("includes([1..10], (1..10))", True),
        ("includes((1..10), [1..10])", False),
        ("during(5, [1..10])", True),
        ("during([4..6], [1..10])", True),
        ("during([1..10], (1..10])", False),
        ("starts(1, [1..10])", True),
        ("starts(1, (1..10])", False),
        ("starts([1..5], [1..10])", True),
        ("starts((1..5], [1..10])", False),
        ("started by([1..10], 1)", True),
        ("coincides(5, 5)", True),
        ("coincides([1..5], [1..5])", True),
        ("coincides([1..5], [1..5))", False),
        ('before(@"2026-01-01", [@"2026-02-01"..@"2026-03-01"])', True),
        ("during(point: 5, range: [1..10])", True),
        ("includes(range: [1..10], point: 5)", True),
        ('before(1, "a")', None),
        ("before(null, 1)", None),
        ("meets(1, [1..2])", None),
        ("coincides(1)", None),
    ],
)
def test_points_and_ranges_are_compared_with_their_ends(text: str, expected: bool | None) -> None:  # noqa: FBT001
    value = parse_expression(text, Known()).value(Scope({}, Run()))

    assert value is expected
