"""An answer that comes in: each part as it is heard, and nothing any more once nobody reads it."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from web_house import lines

from api.pages.case_assistant import listening
from cases.events import SaidLine
from cases.facts import EventAt
from pipelines.assistant.calling import Heard
from pipelines.assistant.on_demand import NobodyListens

__all__ = ["lines"]
ONE, TWO = (SaidLine(text, (EventAt(1),)) for text in ("one", "two"))


def shown(said: Sequence[SaidLine]) -> dict[str, Any]:
    return {"lines": [one.text for one in said]}


async def all_of(run: Any) -> list[dict[str, Any]]:
    return [json.loads(part.decode().removeprefix("data: ")) async for part in listening(run, shown)]


def test_each_part_is_told_as_it_is_heard_and_what_came_of_it_at_the_end() -> None:
    def run(heard: Heard) -> dict[str, Any]:
        heard((ONE,))
        heard((ONE, TWO))
        return {"done": "yes"}

    assert asyncio.run(all_of(run)) == [{"lines": ["one"]}, {"lines": ["one", "two"]}, {"done": "yes"}]


def test_who_goes_away_is_told_to_the_one_that_asks() -> None:
    stopped = threading.Event()

    def run(heard: Heard) -> dict[str, Any]:
        try:
            for _ in range(1000):
                heard((ONE,))
                time.sleep(0.01)
        except NobodyListens:
            stopped.set()
        return {}

    async def one_part() -> bytes:
        parts = listening(run, shown)
        first = await anext(parts)
        await parts.aclose()
        return first

    assert asyncio.run(one_part()) == b'data: {"lines":["one"]}\n\n'
    assert stopped.wait(5)


@pytest.mark.usefixtures("lines")
def test_a_failure_of_ours_ends_the_answer_without_a_word_of_it() -> None:
    def run(heard: Heard) -> dict[str, Any]:
        heard((ONE,))
        raise ZeroDivisionError

    assert asyncio.run(all_of(run)) == [{"lines": ["one"]}]
