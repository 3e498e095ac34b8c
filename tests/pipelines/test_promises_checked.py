"""What a journey may not say of the letters that the clock writes."""

from pathlib import Path
from shutil import copytree

import pytest

from pipelines.journeys import SHIPPED, read_folder


@pytest.mark.parametrize(
    ("was", "instead", "problem"),
    [
        ("  still_busy:\n    effect: inform\n", "  still_busy:\n    effect: grant\n", "give it effect: inform"),
        ("  reminder:\n    effect: inform\n", "  reminder:\n    effect: inform\n    free_text: true\n", "no more than"),
        (
            "  reminder:\n    effect: inform\n",
            "  reminds:\n    effect: inform\n",
            "no letter 'reminder' to remind with",
        ),
    ],
)
def test_letters_of_the_clock_only_inform_and_are_there_when_asked_for(
    was: str, instead: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "complaint"
    copytree(SHIPPED / "complaint", path)
    for language in ("nl", "en"):
        (path / "letters" / language / "reminds.txt").write_text("Hallo", encoding="utf-8")
    spec = (path / "journey.yaml").read_text(encoding="utf-8")
    assert spec.count(was) == 1

    (path / "journey.yaml").write_text(spec.replace(was, instead), encoding="utf-8")

    assert problem in "\n".join(map(str, read_folder(path)[1]))
