"""Tables in shadow: they answer every case, are noted and decide nothing."""

import pytest

from cases.errors import NotAllowed
from cases.vocabulary import Step
from pipelines.audit import verify_all
from pipelines.house import House
from pipelines.rulebook.drafts import DraftRefused, save_draft
from pipelines.rulebook.publishing import publish
from pipelines.rulebook.shadow_tables import agreement, begin_shadow, end_shadow
from tests.pipelines.given import Clock, by_form, case_of, entries_of, until_quiet
from tests.pipelines.rulebooks import (
    ADA,
    BEN,
    HANNA,
    JOURNEY,
    TABLE,
    add_people,
    digest_of,
    document_of,
    drafted,
    newest,
    reported,
    without_asking,
)

COLLISION = "Gisteren ben ik van achteren aangereden, mijn bumper is gedeukt. Er is geen foto."


@pytest.fixture(autouse=True)
def people(house: House) -> None:
    add_people(house)


def test_a_shadow_tells_of_each_case_what_it_would_have_said_and_decides_none(house: House, clock: Clock) -> None:
    first, draft = digest_of(house), drafted(house)
    begin_shadow(house, JOURNEY, TABLE, by=ADA)

    glass, collision = by_form(house), by_form(house, COLLISION)
    until_quiet(house, clock)

    found = agreement(house, JOURNEY, TABLE)
    assert found is not None
    assert (found.digest, found.by, found.answered, found.agreed) == (draft.digest, ADA, 2, 1)
    [other] = found.differing
    assert (other.case, other.decided) == (case_of(house, glass.reference).id, first)
    assert (other.step, other.row, other.shadow_step, other.shadow_row) == (
        Step.REQUEST_INFO, "R-110", Step.EXPERT, "R-110",
    )  # fmt: skip
    assert digest_of(house) == first
    for receipt in (glass, collision):
        step = case_of(house, receipt.reference).step
        assert step is not None
        assert step.step is Step.REQUEST_INFO
        assert all("shadow" not in entry.event.kind for entry in entries_of(house, receipt.reference))
    assert verify_all(house).differences == ()


def test_an_ended_shadow_says_no_more(house: House, clock: Clock) -> None:
    drafted(house)
    begin_shadow(house, JOURNEY, TABLE, by=ADA)
    by_form(house)
    until_quiet(house, clock)

    told = end_shadow(house, JOURNEY, TABLE, by=BEN)

    assert (told.answered, told.agreed) == (1, 0)
    assert agreement(house, JOURNEY, TABLE) is None
    by_form(house)
    until_quiet(house, clock)
    with house.database.reading() as store:
        assert len(store.history(f"tried.{JOURNEY}.{TABLE}.3")) == 1
        assert store.verify_all() == []
    with pytest.raises(DraftRefused, match="no shadow to end"):
        end_shadow(house, JOURNEY, TABLE, by=BEN)


def test_a_shadow_stays_what_it_was_when_the_draft_goes_on(house: House) -> None:
    draft = drafted(house)

    shadow = begin_shadow(house, JOURNEY, TABLE, by=ADA)
    drafted(house, without_asking(document_of(house), "Other words."))

    found = agreement(house, JOURNEY, TABLE)
    assert found is not None
    assert found.digest == shadow.digest == draft.digest


def test_publishing_a_version_ends_its_shadow(house: House) -> None:
    draft = drafted(house)
    begin_shadow(house, JOURNEY, TABLE, by=ADA)

    publish(house, JOURNEY, TABLE, report=reported(house, draft), by=BEN)

    assert agreement(house, JOURNEY, TABLE) is None


def test_only_a_whole_draft_of_a_journey_owner_runs_in_shadow(house: House) -> None:
    with pytest.raises(DraftRefused, match="no draft to run in shadow"):
        begin_shadow(house, JOURNEY, TABLE, by=ADA)
    save_draft(house, JOURNEY, TABLE, {"table": TABLE}, by=ADA, base=newest(house))
    with pytest.raises(DraftRefused, match="is not there"):
        begin_shadow(house, JOURNEY, TABLE, by=ADA)
    with pytest.raises(NotAllowed, match="no journey owner"):
        begin_shadow(house, JOURNEY, TABLE, by=HANNA)
