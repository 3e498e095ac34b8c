from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.similar import VectorIndex, WrongShape

DIM = 16


def some_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def filled(n: int = 50, path: Path | None = None) -> VectorIndex:
    index = VectorIndex(DIM) if path is None else VectorIndex.open(path, DIM)
    spaces = ["home" if i % 2 else "car" for i in range(n)]
    index.append([f"c{i}" for i in range(n)], some_vectors(n), stamps=list(range(n)), spaces=spaces)
    return index


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3_000), st.integers(1, 20), st.integers(0, 5), st.sampled_from(["home", "car"]))
def test_the_answer_is_that_of_comparing_with_every_row(n: int, k: int, seed: int, space: str) -> None:
    index, vectors = filled(n), some_vectors(n)
    queries = some_vectors(3, seed + 100)
    before = [n / 3, n / 2, n + 1.0]

    answers = index.query(queries, space=space, before=before, k=k)

    for query, latest, answer in zip(queries, before, answers, strict=True):
        rows = [i for i in range(n) if (i % 2 == 1) == (space == "home") and i < latest]
        scores = {f"c{i}": float(vectors[i] @ query) for i in rows}
        best = sorted(scores.values(), reverse=True)[:k]
        assert [score for _, score in answer] == pytest.approx(best, abs=2e-4)
        assert all(score == pytest.approx(scores[name], abs=2e-4) for name, score in answer)
        assert len({name for name, _ in answer}) == len(answer) == min(k, len(rows))


def test_nothing_from_the_future_and_nothing_of_the_same_second_is_found() -> None:
    index = filled(50)

    [found] = index.query(some_vectors(50)[21:22], space="home", before=[21.0], k=50)

    assert {name for name, _ in found} == {f"c{i}" for i in range(1, 21, 2)}


def test_rights_filter_before_ranking_so_that_k_rows_are_still_found() -> None:
    index = filled(50)
    asked: list[str] = []

    def allowed(ids: list[str]) -> np.ndarray:
        asked.extend(ids)
        return np.array([int(name[1:]) >= 40 for name in ids])

    [found] = index.query(some_vectors(50)[1:2], space="home", before=[1e9], k=5, allowed=allowed)

    assert {name for name, _ in found} == {"c41", "c43", "c45", "c47", "c49"}
    assert len(asked) == 25


def test_an_unknown_space_an_empty_index_and_no_queries_find_nothing() -> None:
    assert filled().query(some_vectors(2), space="boat", before=[1e9, 1e9], k=3) == [[], []]
    assert VectorIndex(DIM).query(some_vectors(1), space="home", before=[1e9], k=3) == [[]]
    assert filled().query(some_vectors(0), space="home", before=[], k=3) == []


def test_a_removed_row_is_not_found_and_its_bytes_are_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    index = filled(50, path)
    before = path.read_bytes()[7 * 2 * DIM : 8 * 2 * DIM]

    index.remove(["c7", "unknown"])

    assert before.strip(b"\0") != b""
    assert path.read_bytes()[7 * 2 * DIM : 8 * 2 * DIM] == bytes(2 * DIM)
    assert b'"c7"' not in (tmp_path / "messages.rows").read_bytes()
    for reader in (index, VectorIndex.open(path, DIM)):
        [found] = reader.query(some_vectors(50)[7:8], space="home", before=[1e9], k=50)
        assert len(found) == 24
        assert "c7" not in dict(found)


def test_an_index_opened_again_answers_the_same_and_takes_more_rows(tmp_path: Path) -> None:
    first = filled(50, tmp_path / "messages")
    query = some_vectors(1, 9)
    answer = first.query(query, space="car", before=[1e9], k=5)

    again = VectorIndex.open(tmp_path / "messages", DIM)
    again.append(["new"], query, stamps=[60.0], spaces=["car"])

    assert answer == filled(50).query(query, space="car", before=[1e9], k=5)
    [found] = VectorIndex.open(tmp_path / "messages", DIM).query(query, space="car", before=[1e9], k=6)
    assert found[0][0] == "new"
    assert found[1:] == answer[0]


def test_a_tail_that_was_half_written_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    filled(10, path)
    with path.open("ab") as vectors, (tmp_path / "messages.rows").open("ab") as lines:
        vectors.write(b"\1" * (2 * DIM + 5))
        lines.write(b'{"id":"torn","sta')

    index = VectorIndex.open(path, DIM)
    index.append(["c10"], some_vectors(1), stamps=[10.0], spaces=["home"])

    assert len(index) == 11
    assert len(VectorIndex.open(path, DIM)) == 11


def test_the_same_id_again_replaces_its_row() -> None:
    index = filled(10)

    index.append(["c3", "c3"], some_vectors(2, 5), stamps=[3.0, 3.0], spaces=["home", "home"])

    assert len(index) == 10
    [found] = index.query(some_vectors(2, 5)[1:], space="home", before=[1e9], k=1)
    assert found[0][0] == "c3"
    assert found[0][1] == pytest.approx(1.0, abs=1e-3)


def test_vectors_of_another_width_are_refused() -> None:
    with pytest.raises(WrongShape, match=r"must be \(1, 16\)"):
        filled().append(["x"], np.ones((1, 8)), stamps=[0.0], spaces=["home"])
    with pytest.raises(WrongShape, match="query vectors"):
        filled().query(np.ones((1, 8)), space="home", before=[1.0], k=1)


def test_a_vector_without_length_is_like_nothing() -> None:
    index = VectorIndex(DIM)
    index.append(["empty"], np.zeros((1, DIM)), stamps=[0.0], spaces=["home"])

    assert index.query(some_vectors(1), space="home", before=[1.0], k=1) == [[("empty", 0.0)]]
