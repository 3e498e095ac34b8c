"""Which version decides a case: its own day's, in every process, and what the folder says only at the beginning."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases import events as e
from cases.rules import read_table, table_digest
from cases.vocabulary import MACHINE, Step
from pipelines.audit import verify_all
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import JourneyRefused, Journeys
from pipelines.rulebook.drafts import save_draft
from pipelines.rulebook.publishing import PublishRefused, publish, roll_back
from pipelines.rulebook.report import report_of
from pipelines.rulebook.versions import history
from pipelines.text_models import TextModels
from pipelines.watching.checkup import Level, check_house
from pipelines.wiring import opened
from tests import homes
from tests.pipelines.given import WINDSCREEN, Clock, OpenHouse, by_form, case_of, opened_house, until_quiet
from tests.pipelines.rulebooks import (
    ADA,
    BEN,
    JOURNEY,
    TABLE,
    add_people,
    digest_of,
    document_of,
    drafted,
    published,
    reported,
    without_asking,
)
from tests.servers import wait_until

PROJECT = Path(__file__).parents[2]
TODAY = date(2026, 11, 17)  # of the tests' clock


def decided(house: House, reference: str | None) -> e.StepDecided:
    step = case_of(house, reference).step
    assert step is not None
    return step


def by(step: e.StepDecided) -> str:
    """Digest of the table that decided."""
    assert step.read is not None
    return step.read.digest


def test_the_next_case_is_decided_by_the_new_version_and_an_old_one_stays_with_its_own(
    house: House, clock: Clock
) -> None:
    add_people(house)
    first, old = digest_of(house), by_form(house)
    until_quiet(house, clock)
    clock.forward(days=1)

    second = published(house).digest
    new = by_form(house)
    until_quiet(house, clock)

    assert (by(decided(house, old.reference)), decided(house, old.reference).step) == (first, Step.REQUEST_INFO)
    assert (by(decided(house, new.reference)), decided(house, new.reference).step) == (second, Step.EXPERT)
    assert verify_all(house).differences == ()


def test_a_new_decision_on_an_old_case_goes_by_the_day_on_which_the_case_came_in(house: House, clock: Clock) -> None:
    add_people(house)
    first, old = digest_of(house), by_form(house)
    until_quiet(house, clock)
    clock.forward(days=1)
    published(house)

    again = by_form(
        house, "Hierbij nog eens: er zit een ster in mijn voorruit.", case_id=case_of(house, old.reference).id
    )
    until_quiet(house, clock)

    assert again.reference == old.reference
    assert len(case_of(house, old.reference).messages) == 2
    assert by(decided(house, old.reference)) == first
    assert verify_all(house).differences == ()


def test_a_case_that_waited_over_midnight_is_decided_by_the_version_of_its_own_day(house: House, clock: Clock) -> None:
    add_people(house)
    first = digest_of(house)
    second = published(house, effective_from=TODAY + timedelta(days=1)).digest
    clock.time = datetime(2026, 11, 17, 23, 59, tzinfo=UTC)
    before = by_form(house)
    clock.forward(minutes=2)
    after = by_form(house)

    until_quiet(house, clock)

    assert (by(decided(house, before.reference)), by(decided(house, after.reference))) == (first, second)


def test_a_journey_may_decide_as_of_the_day_on_which_it_happened(house: House, clock: Clock) -> None:
    add_people(house)
    first = digest_of(house)
    second = published(house).digest
    folder = house.journeys.get(JOURNEY)
    by_loss = replace(folder, journey=folder.journey.model_copy(update={"as_of": "loss_date"}))
    house = replace(house, journeys=replace(house.journeys, folders={**house.journeys.folders, JOURNEY: by_loss}))

    long_ago = by_form(house, f"{WINDSCREEN} Het gebeurde op 3 november 2026.")
    untold = by_form(house, WINDSCREEN)
    until_quiet(house, clock)

    assert by(decided(house, long_ago.reference)) == first
    assert by(decided(house, untold.reference)) == second
    assert verify_all(house).differences == ()


def test_a_file_packaged_later_is_built_by_the_version_that_decided(house: House, clock: Clock) -> None:
    add_people(house)
    old = by_form(house, "Iemand reed achterop mijn auto. De schade is 1200 euro.")
    until_quiet(house, clock)
    assert decided(house, old.reference).step is not Step.AUTO_CLOSE
    document = document_of(house)
    others = [{**row, "id": f"N{row['id']}"} for row in document["rows"]]
    published(house, {**without_asking(document), "rows": others, "examples": []})

    with house.database.writing() as store:
        case = case_of(house, old.reference)
        store.append(case.id, [(e.WorkParked("enrich", "the register was away"), MACHINE)], at=clock())
    until_quiet(house, clock)

    file = house.journeys.decided(JOURNEY, case_of(house, old.reference))
    assert file.root_digest == by(decided(house, old.reference))
    assert verify_all(house).differences == ()


def test_a_second_process_takes_a_published_version_up_without_a_restart(tmp_path: Path, trained: Path) -> None:
    chosen = homes.settings(tmp_path, models=trained, mail_domain="casewright.example")
    with opened(chosen) as house:
        add_people(house)
        environment = {**homes.environment(chosen), "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.pipelines.running"], env=environment, cwd=PROJECT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline().strip() == digest_of(house)
            new = published(house).digest
            seen: list[str] = []

            def decides_by_the_new_one() -> bool:
                receipt = by_form(house)
                wait_until(
                    lambda: case_of(house, receipt.reference).step is not None, "nothing was decided", seconds=60
                )
                seen.append(by(decided(house, receipt.reference)))
                return seen[-1] == new

            wait_until(decides_by_the_new_one, "the other process goes on with the old version", seconds=60)
            process.communicate(timeout=60)
        assert process.returncode == 0
        assert verify_all(house).differences == ()


def test_a_process_that_was_open_before_sees_what_another_published(open_house: OpenHouse, clock: Clock) -> None:
    with open_house() as web, open_house() as worker:
        add_people(web)
        new = published(web).digest

        worker.journeys.look_again(clock())

        assert digest_of(worker) == new
        roll_back(worker, JOURNEY, TABLE, to=web_first(web), by=ADA, why="a doubt")
        web.journeys.look_again(clock())
        assert digest_of(web) == web_first(web)


def web_first(house: House) -> str:
    with house.database.reading() as store:
        return history(store, JOURNEY, TABLE)[-1].digest


# --- what the folder says ---------------------------------------------------------------------------------------------

OpenWith = Callable[[Journeys], AbstractContextManager[House]]


@pytest.fixture
def open_with(tmp_path: Path, trained: Path, clock: Clock, texts: TextModels, decoder: Decoder) -> OpenWith:
    """Opens the same home with other journeys on the disk."""
    return lambda journeys: opened_house(
        tmp_path, trained, clock=clock, journeys=journeys, texts=texts, decoder=decoder
    )


def on_disk(journeys: Journeys, document: Mapping[str, Any]) -> Journeys:
    """The journeys with another file for the root table of the motor journey."""
    folder = journeys.get(JOURNEY)
    table = read_table(document, file="next_step.yaml", lines={})
    return replace(journeys, folders={**journeys.folders, JOURNEY: replace(folder, tables={TABLE: table})})


def without_option(journeys: Journeys, option: str) -> Journeys:
    """The journeys with a journey.yaml that has lost an option, and a table that does without it."""
    folder = journeys.get(JOURNEY)
    options = {key: one for key, one in folder.journey.options.items() if key != option}
    document = folder.root.as_dict()
    rows = [row for row in document["rows"] if row["then"]["option"] != option]
    lesser = on_disk(journeys, {**document, "rows": rows, "examples": []})
    journey = folder.journey.model_copy(update={"options": options})
    return replace(lesser, folders={**lesser.folders, JOURNEY: replace(lesser.get(JOURNEY), journey=journey)})


def test_a_changed_file_takes_force_as_long_as_nothing_was_decided(journeys: Journeys, open_with: OpenWith) -> None:
    changed = on_disk(journeys, without_asking(journeys.get(JOURNEY).root.as_dict()))
    with open_with(journeys):
        pass

    with open_with(changed) as house:
        assert digest_of(house) == table_digest(changed.get(JOURNEY).root)
        with house.database.reading() as store:
            assert len(history(store, JOURNEY, TABLE)) == 2
        assert house.journeys.offered(JOURNEY) == {}
    with open_with(journeys) as house:
        assert digest_of(house) == table_digest(journeys.get(JOURNEY).root)


def test_a_file_changed_later_is_offered_and_takes_no_force_by_itself(
    journeys: Journeys, open_with: OpenWith, clock: Clock
) -> None:
    with open_with(journeys) as house:
        by_form(house)
        until_quiet(house, clock)
        first = digest_of(house)
    changed = on_disk(journeys, without_asking(journeys.get(JOURNEY).root.as_dict()))

    with open_with(changed) as house:
        assert digest_of(house) == first
        assert list(house.journeys.offered(JOURNEY)) == [TABLE]
        told = [one for one in check_house(house) if one.about == "rules"]
        assert [one.level for one in told] == [Level.NOTE]
        assert "casewright rules draft motor_claim/next_step --from-folder" in told[0].mend

        add_people(house)
        draft = drafted(house, house.journeys.offered(JOURNEY)[TABLE].as_dict())
        assert draft.digest == table_digest(changed.get(JOURNEY).root)


def test_a_file_that_was_published_is_not_offered(journeys: Journeys, open_with: OpenWith, clock: Clock) -> None:
    with open_with(journeys) as house:
        add_people(house)
        by_form(house)
        until_quiet(house, clock)
        published(house)

    with open_with(journeys) as house:
        assert house.journeys.offered(JOURNEY) == {}
        assert [one for one in check_house(house) if one.about == "rules"] == []


def test_what_was_published_stays_in_force_over_a_restart(
    journeys: Journeys, open_with: OpenWith, clock: Clock
) -> None:
    with open_with(journeys) as house:
        add_people(house)
        new = published(house).digest

    with open_with(on_disk(journeys, {**journeys.get(JOURNEY).root.as_dict(), "description": "Other."})) as house:
        house.journeys.look(clock())
        assert digest_of(house) == new


def test_a_journey_that_lost_what_its_table_in_force_names_is_refused_with_the_way_out(
    journeys: Journeys, open_with: OpenWith
) -> None:
    with open_with(journeys) as house:
        add_people(house)
        published(house)

    with pytest.raises(JourneyRefused, match="there is no option 'repair_glass'") as refused:
        open_with(without_option(journeys, "repair_glass")).__enter__()

    assert "publish tables that do without what is to go" in str(refused.value)


def test_a_running_process_goes_on_with_the_old_table_when_the_new_one_does_not_fit_its_journey(
    journeys: Journeys, open_with: OpenWith, clock: Clock
) -> None:
    lesser = without_option(journeys, "repair_glass")
    with open_with(lesser) as older:
        before = digest_of(older)
        add_people(older)
        with open_with(journeys) as newer:
            report = reported(newer, drafted(newer))
            publish(newer, JOURNEY, TABLE, report=report, by=BEN)

        older.journeys.look_again(clock())

        assert digest_of(older) == before
        with older.database.reading() as store:
            assert history(store, JOURNEY, TABLE)[0].digest != before


# --- tables that rest on others ---------------------------------------------------------------------------------------

WORTH: dict[str, Any] = {
    "table": "worth", "description": "How much was said.", "hit": "FIRST", "effective_from": "2026-01-01",
    "inputs": {"messages": {"type": "integer", "min": 0, "max": 1000, "from": "case.messages"}},
    "outputs": {"size": {"type": "text", "domain": ["one", "many"]}},
    "rows": [{"id": "W-1", "description": "One message.", "when": {"messages": "<= 1"}, "then": {"size": "one"}}],
    "else": {"id": "W-9", "description": "More.", "then": {"size": "many"}},
}  # fmt: skip


def chained(journeys: Journeys) -> Journeys:
    """The motor journey with a root table that rests on another one."""
    document = journeys.get(JOURNEY).root.as_dict()
    size = {"name": "size", "type": "text", "domain": ["one", "many"], "from": "table.worth.size"}
    root = read_table({**document, "inputs": [*document["inputs"], size], "examples": []}, file="root", lines={})
    worth = read_table(WORTH, file="worth.yaml", lines={})
    folder = replace(journeys.get(JOURNEY), tables={TABLE: root, "worth": worth})
    return replace(journeys, folders={**journeys.folders, JOURNEY: folder})


def test_a_decision_keeps_its_versions_of_the_tables_that_it_rests_on(
    journeys: Journeys, open_with: OpenWith, clock: Clock
) -> None:
    with open_with(chained(journeys)) as house:
        add_people(house)
        first, old = digest_of(house), by_form(house)
        until_quiet(house, clock)
        step = decided(house, old.reference)
        assert step.read is not None
        assert [one.table for one in step.read.upstream] == ["worth"]

        clock.forward(days=1)
        second = published(house).digest
        new = by_form(house)
        until_quiet(house, clock)

        assert (by(decided(house, old.reference)), by(decided(house, new.reference))) == (first, second)
        assert house.journeys.decided(JOURNEY, case_of(house, old.reference)).root_digest == first
        assert verify_all(house).differences == ()


def test_a_table_that_others_rest_on_is_published_with_a_replay_of_what_rests_on_it(
    journeys: Journeys, open_with: OpenWith, clock: Clock
) -> None:
    with open_with(chained(journeys)) as house:
        add_people(house)
        old = by_form(house)
        until_quiet(house, clock)
        base = table_digest(house.journeys.get(JOURNEY).tables["worth"])
        document = {**WORTH, "rows": [{**WORTH["rows"][0], "when": {"messages": "<= 2"}}]}
        draft = save_draft(house, JOURNEY, "worth", document, by=ADA, base=base)
        assert draft.read is not None

        clock.forward(days=1)
        version = publish(house, JOURNEY, "worth", report=report_of(house, JOURNEY, draft.read).hash, by=BEN)
        new = by_form(house)
        until_quiet(house, clock)

        assert [rests_on(decided(house, one.reference)) for one in (old, new)] == [base, version.digest]
        pinned = house.journeys.decided(JOURNEY, case_of(house, old.reference))
        assert table_digest(pinned.tables["worth"]) == base
        assert verify_all(house).differences == ()


def rests_on(step: e.StepDecided) -> str:
    """Digest of the one table that the deciding one rests on."""
    assert step.read is not None
    [upstream] = step.read.upstream
    return upstream.digest


def test_a_table_on_which_no_decision_rests_is_not_published(journeys: Journeys, open_with: OpenWith) -> None:
    folder = journeys.get(JOURNEY)
    alone = read_table(WORTH, file="worth.yaml", lines={})
    folders = {**journeys.folders, JOURNEY: replace(folder, tables={**folder.tables, "worth": alone})}
    with open_with(replace(journeys, folders=folders)) as house:
        add_people(house)
        save_draft(house, JOURNEY, "worth", {**WORTH, "description": "How much."}, by=ADA, base=table_digest(alone))

        with pytest.raises(PublishRefused, match="let next_step read it first"):
            publish(house, JOURNEY, "worth", report="r" * 64, by=BEN)
