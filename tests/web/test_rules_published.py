"""Publishing from the page: a report, a second person, a day to come, the way back, the shadow and the folder."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rules_house import JOURNEY, PATH, TABLE, Owner, cell, joris, reference, ruled

from cases.rules import read_table
from pipelines.house import House
from pipelines.rulebook.versions import book_of
from pipelines.wiring import furnish

__all__ = ["joris", "reference"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    with ruled(tmp_path_factory.mktemp("rules-published"), trained) as built:
        yield built


def test_a_draft_is_replayed_published_by_a_second_person_and_rolled_back(
    house: House, joris: Owner, reference: str
) -> None:
    joris.save(**{cell(house, "R-230", "amount"): "> 3000"})
    first = house.journeys.get(JOURNEY).root_digest
    assert "Replay over history" in joris.page()
    assert joris.act("replay").status_code == 303
    page = joris.page()
    assert "Someone else has to publish this" in page
    assert ">Publish</button>" not in page
    report = re.search(r'<span class="mono">([0-9a-f]{12})</span>', page)
    assert report is not None
    marije = Owner(house, "marije")
    shown = marije.page()
    assert "2500" in shown.split("Against the newest version", 1)[1]
    whole = shown.split('name="report" value="', 1)[1].split('"', 1)[0]
    assert joris.act("publish", report=whole).status_code == 409
    assert marije.act("publish", report="0" * 64).status_code == 409

    answer = marije.act("publish", report=whole)

    assert answer.headers["location"] == f"{PATH}?done=published"
    assert house.journeys.get(JOURNEY).root_digest != first
    history = re.sub(r"\s+", " ", marije.client.get(f"{PATH}/history").text)
    assert "decides today" in history
    assert marije.act("rollback", to=first, why="").status_code == 409
    assert marije.act("rollback", to=first, why="too strict").headers["location"] == f"{PATH}?done=rolled_back"
    assert house.journeys.get(JOURNEY).root_digest == first
    with house.database.reading() as store:
        assert len(book_of(store, JOURNEY, TABLE).versions) == 3


@pytest.mark.parametrize(
    ("to", "fields"), [("replay", {"since": "soon"}), ("publish", {"effective_from": "31-01-2026"})]
)
def test_a_day_that_is_none_is_refused_by_name(joris: Owner, house: House, to: str, fields: dict[str, str]) -> None:
    joris.save(**{cell(house, "R-140", "amount"): "<= 600"})

    assert joris.act(to, **fields).status_code == 422


def test_a_version_may_wait_for_its_day_and_a_draft_is_told_why(house: House, joris: Owner, reference: str) -> None:
    first, day = house.journeys.get(JOURNEY).root_digest, (house.now() + timedelta(days=10)).date().isoformat()
    joris.save(
        note="Assessors have too much to do.", **{cell(house, "R-230", "amount"): "> 4000", "else.says": "Read."}
    )
    joris.act("replay")
    marije = Owner(house, "marije")
    shown = marije.page()
    assert "<b>joris</b> Assessors have too much to do." in shown
    assert "problems have to be mended" in shown  # an example says 3200 goes to an assessor
    joris.save(**{cell(house, "R-230", "amount"): "> 3000"})
    assert "is of an older draft" in marije.page()
    joris.act("replay")
    report = marije.page().split('name="report" value="', 1)[1].split('"', 1)[0]

    assert marije.act("publish", report=report, effective_from="2020-01-01").status_code == 409
    assert marije.act("publish", report=report, effective_from=day).status_code == 303

    assert f"decides from {day} on" in marije.page()
    assert "waits for its day" in marije.client.get(f"{PATH}/history").text
    assert house.journeys.get(JOURNEY).root_digest == first
    assert marije.act("rollback", to=first, why="not yet").status_code == 303
    assert f"decides from {day} on" not in marije.page()


def test_a_draft_runs_in_the_shadow_and_its_agreement_is_shown(house: House, joris: Owner) -> None:
    assert joris.act("shadow").status_code == 409
    joris.save(**{"else.says": "A person reads what nobody foresaw."})
    assert joris.act("shadow").headers["location"] == f"{PATH}?done=shadowed#shadow"

    assert "0 of 0 answers the same" in joris.page()

    assert joris.act("shadow/end").headers["location"] == f"{PATH}?done=shadow_ended#shadow"
    assert joris.act("shadow/end").status_code == 409
    assert "Nothing runs in the shadow" in joris.page()


@contextmanager
def with_another_file(house: House, **changed: object) -> Iterator[House]:
    """The same house, opened again after the file of its table was changed."""
    folder = house.journeys.folders[JOURNEY]
    table = read_table({**folder.root.as_dict(), **changed}, file="next_step.yaml", lines={})
    folders = {**house.journeys.folders, JOURNEY: replace(folder, tables={**folder.tables, TABLE: table})}
    other = furnish(house.settings, replace(house.journeys, folders=folders))
    yield other
    other.decoder.close()
    other.database.close()


def test_a_changed_file_of_the_folder_is_offered_and_taken_up_as_a_draft(
    house: House, joris: Owner, reference: str
) -> None:
    assert reference
    with with_another_file(house, description="What the folder says now.") as other:
        owner = Owner(other, "joris")

        assert "the folder&#39;s file waits" in owner.client.get("/rules").text
        assert "The file in the journey&#39;s folder was changed." in owner.page()
        assert owner.act("take-up").headers["location"] == f"{PATH}?done=saved"

        assert "What the folder says now." in owner.page()
        assert "The file in the journey&#39;s folder was changed." not in owner.page()
    assert joris.act("discard").status_code == 303


def test_there_is_nothing_to_replay_publish_or_drop_without_a_draft(house: House) -> None:
    owner = Owner(house, "marije")

    assert owner.act("replay").status_code == 422
    assert owner.act("publish", report="x").status_code == 409
    assert owner.act("take-up").status_code == 422
    assert owner.act("discard").status_code in (400, 409, 422)
