"""Approximate neighbours: candidates of a graph, scored exactly, with the filters of the exact index."""

from pathlib import Path

import numpy as np
import pytest

from models import graph
from models.similar import NAME, VectorIndex

pytestmark = pytest.mark.skipif(not graph.available(), reason="usearch (extra [ann]) is not installed")
DIM, N = 32, 3_000


def some_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def add(index: VectorIndex, first: int, vectors: np.ndarray) -> None:
    """Rows c<first> and on, each a second after the one before it."""
    numbers = range(first, first + len(vectors))
    with index.locked():
        index.append([n + 1 for n in numbers], [f"c{n}" for n in numbers], vectors, stamps=list(numbers))


def filled(folder: Path, n: int = N, *, exact_up_to: int = 1_000) -> VectorIndex:
    index = VectorIndex(folder / "messages", DIM, exact_up_to=exact_up_to)
    add(index, 0, some_vectors(n))
    return index


def test_at_least_95_of_100_nearest_are_those_of_comparing_with_every_row(tmp_path: Path) -> None:
    index = filled(tmp_path)
    assert index.build_graph()
    queries = some_vectors(100, 7)
    exact = VectorIndex(tmp_path / "messages", DIM)

    found = index.query(queries, before=[1e9] * 100, k=5)

    wanted = exact.query(queries, before=[1e9] * 100, k=5)
    hits = sum(len({name for name, _ in a} & {name for name, _ in b}) for a, b in zip(found, wanted, strict=True))
    assert hits / 500 >= 0.95
    scores = [dict(b) for b in exact.query(queries, before=[1e9] * 100, k=N)]
    for answer, score in zip(found, scores, strict=True):
        assert all(cosine == pytest.approx(score[name], abs=2e-6) for name, cosine in answer)
        assert [cosine for _, cosine in answer] == sorted((cosine for _, cosine in answer), reverse=True)


def test_nothing_from_the_future_is_found_and_the_k_of_the_past_are(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.build_graph()
    late = some_vectors(N)[N - 1 :]  # the very vector of the youngest row

    for moment in (3.0, 40.0, 1_500.0):
        [found] = index.query(late, before=[moment], k=5)

        assert len(found) == min(5, int(moment))
        assert all(int(name[1:]) < moment for name, _ in found)
        assert found == VectorIndex(tmp_path / "messages", DIM).query(late, before=[moment], k=5)[0]


def test_rows_that_are_barred_are_not_found(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.build_graph()

    [found] = index.query(
        some_vectors(1), before=[1e9], k=5, allowed=lambda names: np.array([int(name[1:]) % 97 == 3 for name in names])
    )

    assert len(found) == 5
    assert all(int(name[1:]) % 97 == 3 for name, _ in found)


def test_rows_younger_than_the_graph_are_found_too(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.build_graph()
    add(index, N, some_vectors(3, 11))

    [found] = index.query(some_vectors(3, 11)[1:2], before=[1e9], k=2)

    assert found[0][0] == f"c{N + 1}"
    assert not index.wants_graph


def test_a_removed_row_takes_the_graph_with_it_and_another_may_be_built(tmp_path: Path) -> None:
    index, other = filled(tmp_path), VectorIndex(tmp_path / "messages", DIM, exact_up_to=1_000)
    index.build_graph()
    other.refresh()
    [found] = other.query(some_vectors(8)[7:8], before=[1e9], k=1)
    assert found[0][0] == "c7"
    kept = [n for n in range(N) if n != 7]

    with index.locked():
        index.hold_to(np.array([n + 1 for n in kept]), np.array([f"c{n}".encode() for n in kept], dtype=NAME))

    assert list(tmp_path.glob("*.graph*")) == []
    other.refresh()
    for reader in (index, other):
        assert reader.wants_graph
        assert "c7" not in dict(reader.query(some_vectors(8)[7:8], before=[1e9], k=50)[0])
    assert index.build_graph()
    assert not index.wants_graph
    assert "c7" not in dict(other.query(some_vectors(8)[7:8], before=[1e9], k=50)[0])


def test_a_graph_of_other_rows_or_of_rubbish_is_not_used(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.build_graph()
    [file] = tmp_path.glob("*.graph")

    other = file.rename(file.with_name(f"messages.{'0' * 16}.{N}.graph"))
    assert VectorIndex(tmp_path / "messages", DIM, exact_up_to=1_000).wants_graph
    other.unlink()
    file.write_bytes(b"rubbish" * 100)
    again = VectorIndex(tmp_path / "messages", DIM, exact_up_to=1_000)

    assert again.wants_graph
    assert again.query(some_vectors(1), before=[1e9], k=1)[0][0][0] == "c0"


def test_few_rows_and_zero_mean_that_every_row_is_compared(tmp_path: Path) -> None:
    assert not filled(tmp_path, 50, exact_up_to=50).wants_graph
    assert not VectorIndex(tmp_path / "messages", DIM, exact_up_to=0).wants_graph
    assert VectorIndex(tmp_path / "messages", DIM, exact_up_to=49).wants_graph


def test_building_again_leaves_one_graph(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.build_graph()
    add(index, N, some_vectors(N, 3))
    assert index.wants_graph

    assert index.build_graph()

    assert len(list(tmp_path.glob("*.graph*"))) == 1
    assert not index.wants_graph
