"""An answer can be promised only on a channel that there is."""

from pathlib import Path
from shutil import copytree

import pytest
import yaml

from pipelines.journeys import SHIPPED, read_folder

JOURNEY = "complaint"


def told(home: Path, reply: dict[str, str]) -> list[str]:
    """Problems of a shipped journey that promises this."""
    path = copytree(SHIPPED / JOURNEY, home / JOURNEY)
    journey = yaml.safe_load((path / "journey.yaml").read_text(encoding="utf-8"))
    journey["promises"]["reply"] = reply
    (path / "journey.yaml").write_text(yaml.safe_dump(journey, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return [str(problem) for problem in read_folder(path)[1]]


def test_an_answer_cannot_be_promised_on_a_channel_that_there_is_not(tmp_path: Path) -> None:
    [problem] = told(tmp_path, {"email": "1 working day", "fax": "3 working days"})

    assert "promises.reply.fax" in problem
    assert "there is no channel 'fax'" in problem
    assert "email" in problem


@pytest.mark.parametrize(
    "reply", [{}, {"email": "1 working day"}, {"post": "3 working days", "chat": "1 working hour"}]
)
def test_no_promise_and_one_on_a_channel_that_there_is_are_both_fine(tmp_path: Path, reply: dict[str, str]) -> None:
    assert told(tmp_path, reply) == []


def test_a_time_that_cannot_be_counted_is_named_with_its_place(tmp_path: Path) -> None:
    assert any("promises.reply.email" in problem for problem in told(tmp_path, {"email": "soon"}))
