"""What the pipeline asks by itself: once for each case, and what goes wrong there is nothing to the case."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from cases import events as e
from cases.assisting import UNASSISTED
from cases.vocabulary import Help
from pipelines.audit import verify_all
from pipelines.erasing import erase_case
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.runner import ALL, Stages, advance
from pipelines.stages.work import Item, Outcome
from pipelines.wiring import assistant_of
from tests.llm_server import Says, llm_server
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, photo, until_quiet

OTHERS: Stages = {stage: work for stage, work in ALL.items() if stage is not Stage.ASSIST}
ASIDE: Stages = {Stage.ASSIST: ALL[Stage.ASSIST]}


@pytest.fixture
def house(open_house: OpenHouse) -> Iterator[House]:
    with (
        llm_server(lambda _: Says('{"facts": []}')) as server,
        open_house(llm_url=server.url, llm_model="tester", llm_region="house", llm_tries=1) as built,
    ):
        yield built


def asked_of(house: House, reference: str | None, task: Help) -> list[e.LlmCalled]:
    called = [one.event for one in entries_of(house, reference) if isinstance(one.event, e.LlmCalled)]
    return [one for one in called if one.task is task]


def others_done(house: House) -> None:
    while advance(house, stages=OTHERS):
        pass


def test_a_case_that_was_decided_twice_meanwhile_is_asked_about_once(house: House) -> None:
    sent = by_form(house)
    others_done(house)
    by_form(house, "De scheur is nu 30 cm lang.", case_id=case_of(house, sent.reference).id)
    others_done(house)

    while advance(house, stages=ASIDE):
        pass

    assert len(asked_of(house, sent.reference, Help.FACTS)) == 1


def test_reading_along_that_fails_each_time_does_not_touch_the_case(house: House, clock: Clock) -> None:
    def breaks(_: Sequence[Item], __: House) -> list[Outcome]:
        raise OSError("the folder of prompts is away")

    sent = by_form(house)
    others_done(house)
    before = case_of(house, sent.reference)

    for _ in range(house.settings.attempts):
        advance(house, stages={Stage.ASSIST: breaks})
        clock.forward(seconds=31)

    after = case_of(house, sent.reference)
    assert (after.parked, after.status) == ((), before.status)
    with house.database.reading() as store:
        assert store.work.counts().parked == {"assist": 1}


def test_a_photo_that_cannot_be_read_leaves_what_was_said_of_the_words(house: House) -> None:
    sent = by_form(house, files=[("ruit.jpg", photo())])
    others_done(house)
    house.blobs.erase(case_of(house, sent.reference).id)

    while advance(house, stages=ASIDE):
        pass

    assert len(asked_of(house, sent.reference, Help.FACTS)) == 1
    assert asked_of(house, sent.reference, Help.PHOTOS) == []
    with house.database.reading() as store:
        assert "assist" not in {one.stage for one in store.work.waiting()}


def test_what_was_said_of_a_case_goes_with_it_when_it_is_erased(house: House, clock: Clock, tmp_path: Path) -> None:
    told = {"description": "A pineapplish star.", "text_in_picture": "", "shows": "unclear"}
    with llm_server(lambda _: Says(orjson.dumps(told).decode())) as seeing:
        assert house.assistant is not None
        settings = house.settings.model_copy(update={"llm_url": seeing.url})
        asks = replace(house, assistant=assistant_of(settings, house.database))
        reference = str(by_form(asks, files=[("ruit.jpg", photo())]).reference)
        until_quiet(asks, clock)
    said = case_of(house, reference).assisted.said
    assert [line.text for one in said for line in one.lines] == [told["description"]]
    assert verify_all(house).differences == ()

    erase_case(house, reference, by="ada", why="asked")
    until_quiet(house, clock)

    assert case_of(house, reference).assisted == UNASSISTED
    assert verify_all(house).differences == ()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"pineapplish" in path.read_bytes()] == []
