"""The distance is the one that the textbook counts, and is counted quickly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.assistant.editing import MOST, edit_distance

pytestmark = pytest.mark.once  # keeps nothing
words = st.text(alphabet="abé 👍", max_size=90)


def by_the_book(before: str, after: str) -> int:
    """Wagner and Fischer (1974), cell by cell."""
    row = list(range(len(after) + 1))
    for n, one in enumerate(before, 1):
        above = row
        row = [n]
        for m, other in enumerate(after, 1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (one != other)))
    return row[-1]


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2)],
)
def test_the_distance_of_two_texts(before: str, after: str, distance: int) -> None:
    assert edit_distance(before, after) == distance


@given(words, words)
def test_it_is_what_the_textbook_counts(before: str, after: str) -> None:
    assert edit_distance(before, after) == by_the_book(before, after) == edit_distance(after, before)


@given(st.text(max_size=4000), st.text(max_size=20), st.text(max_size=4000))
def test_what_was_put_in_is_counted_in_long_texts_too(begin: str, added: str, end: str) -> None:
    assert edit_distance(begin + end, begin + added + end) == len(added)


def test_what_comes_after_the_first_twenty_thousand_characters_is_not_compared() -> None:
    assert edit_distance("a" * MOST + "b", "a" * MOST + "c") == 0
