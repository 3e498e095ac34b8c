"""Drafts of a table: kept as typed, one at a time, by journey owners."""

import pytest

from cases.errors import NotAllowed
from pipelines.house import House
from pipelines.rulebook.drafts import DraftRefused, StaleDraft, draft_of, drop_draft, save_draft
from pipelines.rulebook.owners import NoSuchTable
from pipelines.rulebook.versions import history, in_force
from tests.pipelines.rulebooks import ADA, BEN, HANNA, JOURNEY, TABLE, add_people, digest_of, document_of


@pytest.fixture(autouse=True)
def people(house: House) -> None:
    add_people(house)


def test_the_folders_table_is_the_first_version_and_stands_for_every_day(house: House) -> None:
    with house.database.reading() as store:
        [first] = history(store, JOURNEY, TABLE)
        long_ago = in_force(store, JOURNEY, TABLE, first.effective_from.replace(year=1990))

    assert (first.digest, first.by, first.report, first.until) == (digest_of(house), "", "", None)
    assert long_ago == first


def test_a_draft_is_kept_as_it_was_typed_and_read_as_a_table(house: House) -> None:
    document = document_of(house)
    document["description"] = "Wat er met een schade gebeurt, ook bij hagel."

    saved = save_draft(house, JOURNEY, TABLE, document, by=ADA, note="hail", base=digest_of(house))

    assert saved.document == document
    assert (saved.by, saved.base, saved.problems) == (ADA, digest_of(house), ())
    assert saved.read is not None
    assert saved.digest != saved.base
    assert draft_of(house, JOURNEY, TABLE) == saved


def test_nothing_typed_is_lost_when_the_draft_is_no_table_and_each_problem_is_told(house: House) -> None:
    document = document_of(house)
    document["rows"][0]["when"] = {"no_such_column": ">> 12"}
    document["colour"] = 0.5

    saved = save_draft(house, JOURNEY, TABLE, document, by=ADA, base=digest_of(house))

    assert saved.read is None
    assert saved.document == document
    assert {"colour", "no_such_column"} <= {problem.path.rpartition(".")[2] for problem in saved.problems}


def test_columns_keep_the_order_in_which_they_were_typed(house: House) -> None:
    document = {"table": TABLE, "inputs": {"zebra": {}, "ape": {}, "mole": {}}}

    save_draft(house, JOURNEY, TABLE, document, by=ADA, base=digest_of(house))

    kept = draft_of(house, JOURNEY, TABLE)
    assert kept is not None
    assert list(kept.document["inputs"]) == ["zebra", "ape", "mole"]


def test_a_draft_is_held_against_its_journey(house: House) -> None:
    document = document_of(house)
    document["rows"][0]["then"]["department"] = document["outputs"][-1].get("default", "")
    document["inputs"][0]["from"] = "fact.no_such_fact"

    saved = save_draft(house, JOURNEY, TABLE, document, by=ADA, base=digest_of(house))

    assert any("nothing provides 'fact.no_such_fact'" in problem.what for problem in saved.problems)


def test_a_draft_read_before_somebody_else_saved_is_refused_with_both_digests(house: House) -> None:
    document, base = document_of(house), digest_of(house)
    first = save_draft(house, JOURNEY, TABLE, {**document, "description": "by Ada"}, by=ADA, base=base)

    with pytest.raises(StaleDraft, match="saved by ada meanwhile") as refused:
        save_draft(house, JOURNEY, TABLE, {**document, "description": "by Ben"}, by=BEN, base=base)

    assert (refused.value.seen, refused.value.now) == (base, first.digest)
    again = save_draft(house, JOURNEY, TABLE, {**document, "description": "both"}, by=BEN, base=first.digest)
    assert (again.by, again.base) == (BEN, base)


def test_a_draft_on_a_version_that_never_was_is_refused(house: House) -> None:
    with pytest.raises(StaleDraft, match="read it again"):
        save_draft(house, JOURNEY, TABLE, document_of(house), by=ADA, base="0" * 64)


def test_a_dropped_draft_is_gone_and_cannot_be_dropped_twice(house: House) -> None:
    save_draft(house, JOURNEY, TABLE, {"anything": 1}, by=ADA, base=digest_of(house))

    drop_draft(house, JOURNEY, TABLE, by=BEN)

    assert draft_of(house, JOURNEY, TABLE) is None
    with pytest.raises(DraftRefused, match="no draft to drop"):
        drop_draft(house, JOURNEY, TABLE, by=BEN)


@pytest.mark.parametrize(("name", "why"), [(HANNA, "no journey owner"), ("nobody", "is no user"), ("", "is no user")])
def test_only_journey_owners_draft(house: House, name: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        save_draft(house, JOURNEY, TABLE, document_of(house), by=name, base=digest_of(house))


def test_a_draft_larger_than_a_table_may_be_is_refused(house: House) -> None:
    with pytest.raises(DraftRefused, match="larger than 1 MB"):
        save_draft(house, JOURNEY, TABLE, {"description": "x" * 1_000_001}, by=ADA, base=digest_of(house))


def test_a_draft_nested_without_end_is_refused(house: House) -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"in": deep}

    with pytest.raises(DraftRefused, match="nested too deeply"):
        save_draft(house, JOURNEY, TABLE, deep, by=ADA, base=digest_of(house))


def test_an_unknown_table_is_named_with_the_nearest(house: House) -> None:
    with pytest.raises(NoSuchTable, match=f"{JOURNEY}/{TABLE}"):
        draft_of(house, JOURNEY, "next_stop")
    with pytest.raises(NoSuchTable):
        draft_of(house, "motor_clam", TABLE)


def test_what_was_drafted_lies_in_the_chain(house: House) -> None:
    save_draft(house, JOURNEY, TABLE, {"as": "typed — é", "n": 0.1}, by=ADA, base=digest_of(house))

    with house.database.reading() as store:
        assert store.verify_all() == []
        assert [(entry.event.kind, str(entry.actor)) for entry in store.history(f"rules.{JOURNEY}")] == [
            ("table_published", "system"),
            ("table_drafted", "person:ada"),
        ]
