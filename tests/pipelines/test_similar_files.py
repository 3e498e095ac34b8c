"""The files of similar cases: a copy of the database's vectors that the processes of a machine share."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from cases import events as e
from cases.store.likeness import NewVector
from cases.store.log import Append
from cases.vocabulary import SYSTEM
from models import graph
from models.sentence import Embedder
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.stages.enrich import space_of
from tests.pipelines.given import Clock, OpenHouse

SPACE = space_of("motor_claim")


def vector(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(Embedder.dim).astype("<f2")


def remember(house: House, numbers: Sequence[int], *, name: str = "past", seed: int = 0) -> None:
    """Cases that were closed an hour ago, each with a vector of its own."""
    closed = house.now() - timedelta(hours=1)
    with house.database.writing() as store:
        for number in numbers:
            past = e.CaseImported(
                f"P-{name}-{number}", "motor_claim", closed, closed, "", "repair_glass", "a", False, f"c{number}", True,
                topic="windscreen",
            )  # fmt: skip
            store.append_many([Append(f"case-{name}{number}", ((past, SYSTEM),), closed)])
        store.likeness.add_vectors(
            [NewVector(f"case-{name}{n}", SPACE, closed, vector(seed + n).tobytes()) for n in numbers]
        )


def nearest(house: House, seed: int, k: int = 3) -> list[str]:
    [near] = house.similar.query(SPACE, vector(seed)[None].astype(np.float32), before=[house.now()], k=k)
    return [one.case_id for one in near]


def bytes_of(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted((home / "similar").iterdir()))


def test_two_houses_on_one_home_share_the_files_and_see_what_was_closed_later(open_house: OpenHouse) -> None:
    with open_house() as first, open_house() as second:
        remember(first, range(5))
        assert nearest(first, 3)[0] == nearest(second, 3)[0] == "case-past3"

        remember(first, range(5, 8))

        assert nearest(second, 6)[0] == "case-past6"
        assert nearest(first, 7)[0] == "case-past7"
        size = (first.settings.home / "similar" / f"{SPACE.replace('/', '%2F')}.vectors").stat().st_size
        assert size == 8 * 2 * Embedder.dim


def test_an_erased_case_leaves_no_byte_of_its_vector_in_the_files_of_others_either(open_house: OpenHouse) -> None:
    with open_house() as house, open_house() as other:
        remember(house, range(5))
        assert nearest(other, 2)[0] == "case-past2"
        before = bytes_of(house.settings.home)
        unit = vector(2).astype(np.float32) / np.linalg.norm(vector(2).astype(np.float32))
        stored = np.rint(unit * 32_767).astype("<i2").tobytes()
        assert stored in before
        assert b"case-past2" in before

        erase_case(house, "P-past-2", by="ada", why="asked")

        assert stored not in bytes_of(house.settings.home)
        assert b"case-past2" not in bytes_of(house.settings.home)
        assert "case-past2" not in nearest(other, 2, k=5)
        assert len(nearest(house, 2, k=5)) == 4


def test_files_of_another_database_are_not_believed(open_house: OpenHouse, tmp_path: Path) -> None:
    with open_house() as house:
        remember(house, range(4))
        nearest(house, 0)
    similar = tmp_path / "similar"
    for file in similar.glob("*.rows"):
        file.write_bytes(file.read_bytes().replace(b"case-past1", b"case-else1"))

    with open_house() as again:
        assert nearest(again, 1)[0] == "case-past1"
        assert b"case-else1" not in bytes_of(tmp_path)


def test_files_that_are_gone_are_made_again(open_house: OpenHouse, tmp_path: Path) -> None:
    with open_house() as house:
        remember(house, range(4))
        nearest(house, 0)
    for file in (tmp_path / "similar").iterdir():
        file.unlink()

    with open_house() as again:
        assert nearest(again, 3)[0] == "case-past3"


def test_a_case_closed_after_the_moment_asked_about_is_not_similar_to_it(open_house: OpenHouse, clock: Clock) -> None:
    with open_house() as house:
        remember(house, [1])
        clock.forward(days=1)
        remember(house, [2])
        asked = vector(2)[None].astype(np.float32)

        [near] = house.similar.query(SPACE, asked, before=[house.now() - timedelta(hours=2)], k=5)

        assert [one.case_id for one in near] == ["case-past1"]


@pytest.mark.skipif(not graph.available(), reason="usearch (extra [ann]) is not installed")
def test_above_the_configured_number_a_graph_is_built_beside_and_an_erased_case_is_in_no_file(
    open_house: OpenHouse,
) -> None:
    with open_house(similar_exact_up_to=20) as house:
        remember(house, range(60))
        assert nearest(house, 33)[0] == "case-past33"
        house.similar.settle()
        files = house.settings.home / "similar"
        assert len(list(files.glob("*.graph"))) == 1

        assert nearest(house, 44)[0] == "case-past44"
        erase_case(house, "P-past-44", by="ada", why="asked")

        assert list(files.glob("*.graph*")) == []
        assert "case-past44" not in nearest(house, 44, k=59)
        house.similar.settle()
        assert len(list(files.glob("*.graph"))) == 1
        assert "case-past44" not in nearest(house, 44, k=59)
