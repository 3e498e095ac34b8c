"""A table may say that its rows answer every case by themselves, or that they are not meant to."""

import pytest
from rule_tables import letters, read

from cases.rules import TableRefused, table_digest


@pytest.mark.parametrize("said", [True, False])
def test_what_a_table_says_of_being_complete_is_kept_and_counts_as_part_of_the_promise(*, said: bool) -> None:
    table = read(letters("FIRST", complete=said))

    assert table.complete is said
    assert read(table.as_dict()) == table
    assert table_digest(table) != table_digest(read(letters("FIRST")))


def test_a_table_that_does_not_say_it_reads_and_hashes_as_before() -> None:
    table = read(letters("FIRST"))

    assert table.complete is None
    assert "complete" not in table.as_dict()


@pytest.mark.parametrize("said", [None, "yes", 1])
def test_anything_but_true_or_false_is_refused(said: object) -> None:
    with pytest.raises(TableRefused, match=r"complete: .* is not true or false; write true or false, or leave it out"):
        read(letters("FIRST", complete=said))
