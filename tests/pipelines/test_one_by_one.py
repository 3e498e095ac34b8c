"""What is wrong with one case holds up none of the others."""

import pytest

from cases.store.away import DatabaseAway, Trouble
from pipelines.one_by_one import one_by_one


def test_a_case_that_breaks_holds_up_none_of_the_others() -> None:
    done: list[str] = []

    def do(case_id: str) -> bool:
        if case_id == "case-2":
            raise ValueError(case_id)
        done.append(case_id)
        return True

    assert one_by_one(["case-1", "case-2", "case-3"], do, failed="test.broke") == 2
    assert done == ["case-1", "case-3"]


def test_cases_in_which_nothing_was_to_be_done_are_not_counted() -> None:
    assert one_by_one(["case-1", "case-2"], lambda case_id: case_id == "case-2", failed="test.broke") == 1


def test_a_database_that_is_away_is_told_at_once() -> None:
    asked: list[str] = []

    def do(case_id: str) -> bool:
        asked.append(case_id)
        raise DatabaseAway(Trouble.FULL)

    with pytest.raises(DatabaseAway):
        one_by_one(["case-1", "case-2"], do, failed="test.broke")
    assert asked == ["case-1"]
