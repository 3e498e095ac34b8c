from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.similar import NAME, NameTooLong, VectorIndex, WrongShape

DIM = 16


def some_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def filled(folder: Path, n: int = 50) -> VectorIndex:
    """Rows c0, c1 … with keys from 1, each a second after the one before it."""
    index = VectorIndex(folder / "messages", DIM)
    with index.locked():
        index.append(range(1, n + 1), [f"c{i}" for i in range(n)], some_vectors(n), stamps=range(n))
    return index


def hold_to(index: VectorIndex, rows: Sequence[int]) -> list[int]:
    """What is missing when only c<row> may be there."""
    keys = np.array([row + 1 for row in rows], dtype=np.int64)
    with index.locked():
        return list(index.hold_to(keys, np.array([f"c{row}".encode() for row in rows], dtype=NAME)))


@settings(max_examples=30, deadline=None)
@given(
    n=st.one_of(st.integers(1, 3_000), st.integers(16_380, 16_390), st.just(33_000)),
    k=st.integers(1, 20),
    removed=st.sets(st.integers(0, 2_999), max_size=40),
    barred=st.integers(2, 50),
)
def test_the_answer_is_that_of_comparing_with_every_row(
    tmp_path_factory: pytest.TempPathFactory, n: int, k: int, removed: set[int], barred: int
) -> None:
    index, vectors = filled(tmp_path_factory.mktemp("index"), n), some_vectors(n)
    hold_to(index, [row for row in range(n) if row not in removed])
    queries = some_vectors(3, 100)
    before = [n / 3, n / 2, n + 1.0]

    answers = index.query(
        queries, before=before, k=k, allowed=lambda names: np.array([int(name[1:]) % barred > 0 for name in names])
    )

    for query, latest, answer in zip(queries, before, answers, strict=True):
        rows = [i for i in range(n) if i < latest and i not in removed and i % barred]
        scores = {f"c{i}": float(vectors[i] @ query) for i in rows}
        best = sorted(scores.values(), reverse=True)[:k]
        assert [score for _, score in answer] == pytest.approx(best, abs=2e-4)
        assert all(score == pytest.approx(scores[name], abs=2e-4) for name, score in answer)
        assert len({name for name, _ in answer}) == len(answer) == min(k, len(rows))


def test_ties_go_to_the_earlier_row_also_across_spans(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "messages", DIM)
    n = 40_000
    with index.locked():
        index.append(range(1, n + 1), [f"c{i}" for i in range(n)], np.tile(some_vectors(1), (n, 1)), stamps=[0.0] * n)

    [found] = index.query(some_vectors(1), before=[1.0], k=3)

    assert [name for name, _ in found] == ["c0", "c1", "c2"]


def test_nothing_from_the_future_and_nothing_of_the_same_second_is_found(tmp_path: Path) -> None:
    index = filled(tmp_path)

    [found] = index.query(some_vectors(50)[21:22], before=[21.0], k=50)

    assert {name for name, _ in found} == {f"c{i}" for i in range(21)}


def test_rights_filter_before_ranking_so_that_k_rows_are_still_found(tmp_path: Path) -> None:
    index = filled(tmp_path)
    asked: list[str] = []

    def allowed(names: list[str]) -> np.ndarray:
        asked.extend(names)
        return np.array([int(name[1:]) >= 40 for name in names])

    [found] = index.query(some_vectors(50)[1:2], before=[45.0], k=5, allowed=allowed)

    assert {name for name, _ in found} == {"c40", "c41", "c42", "c43", "c44"}
    assert len(asked) == 45


def test_an_empty_index_and_no_queries_find_nothing(tmp_path: Path) -> None:
    assert VectorIndex(tmp_path / "empty", DIM).query(some_vectors(1), before=[1e9], k=3) == [[]]
    assert filled(tmp_path).query(some_vectors(0), before=[], k=3) == []


def test_a_removed_row_is_not_found_and_its_bytes_are_gone_from_the_files(tmp_path: Path) -> None:
    index, other = filled(tmp_path), VectorIndex(tmp_path / "messages", DIM)
    vectors, rows = tmp_path / "messages.vectors", tmp_path / "messages.rows"
    before = vectors.read_bytes()[7 * 2 * DIM : 8 * 2 * DIM]

    missing = hold_to(index, [row for row in range(50) if row != 7])

    assert missing == []
    assert before.strip(b"\0") != b""
    assert before not in vectors.read_bytes()
    assert b"c7\0" not in rows.read_bytes()
    other.refresh()
    for reader in (index, other, VectorIndex(tmp_path / "messages", DIM)):
        [found] = reader.query(some_vectors(50)[7:8], before=[1e9], k=50)
        assert len(found) == len(reader) == 49
        assert "c7" not in dict(found)


def test_a_row_that_another_one_took_the_key_of_is_removed_and_named_as_missing(tmp_path: Path) -> None:
    index = filled(tmp_path, 3)

    with index.locked():
        missing = index.hold_to(np.array([1, 2, 3, 9]), np.array([b"c0", b"other", b"c2", b"c9"], dtype=NAME))

    assert missing.tolist() == [2, 9]
    assert len(index) == 2


def test_what_one_process_appends_another_sees_and_goes_on_from(tmp_path: Path) -> None:
    first, second = filled(tmp_path), VectorIndex(tmp_path / "messages", DIM)
    query = some_vectors(1, 9)
    answer = first.query(query, before=[1e9], k=5)

    with second.locked():
        second.append([51], ["new"], query, stamps=[60.0])

    assert first.last == 50
    first.refresh()
    [found] = first.query(query, before=[1e9], k=6)
    assert found[0][0] == "new"
    assert [found[1:]] == answer
    assert first.last == 51


def test_a_tail_that_was_half_written_is_cut_off(tmp_path: Path) -> None:
    filled(tmp_path, 10)
    with (tmp_path / "messages.vectors").open("ab") as vectors, (tmp_path / "messages.rows").open("ab") as rows:
        vectors.write(b"\1" * (2 * DIM + 5))
        rows.write(b"torn")

    index = VectorIndex(tmp_path / "messages", DIM)
    with index.locked():
        index.append([11], ["c10"], some_vectors(1), stamps=[10.0])

    assert len(index) == 11
    [found] = VectorIndex(tmp_path / "messages", DIM).query(some_vectors(1), before=[1e9], k=2)
    assert [name for name, _ in found] == ["c0", "c10"]
    assert [score for _, score in found] == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_key_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    index = filled(tmp_path, 10)

    with index.locked():
        index.append([10, 11], ["again", "c10"], some_vectors(2, 5), stamps=[9.0, 10.0])

    assert len(index) == 11
    [found] = index.query(some_vectors(10)[9:], before=[1e9], k=11)
    assert found[0][0] == "c9"
    assert "again" not in dict(found)


def test_vectors_of_another_width_and_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    index = filled(tmp_path, 2)

    with pytest.raises(WrongShape, match=r"must be \(1, 16\)"):
        index.append([3], ["x"], np.ones((1, 8)), stamps=[0.0])
    with pytest.raises(WrongShape, match="query vectors"):
        index.query(np.ones((1, 8)), before=[1.0], k=1)
    with pytest.raises(NameTooLong, match="48 bytes"):
        index.append([3], ["x" * 49], np.ones((1, DIM)), stamps=[0.0])
    assert len(index) == 2


def test_a_vector_without_length_is_like_nothing(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "messages", DIM)
    with index.locked():
        index.append([1], ["empty"], np.zeros((1, DIM)), stamps=[0.0])

    assert index.query(some_vectors(1), before=[1.0], k=1) == [[("empty", 0.0)]]
