from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.kernel_ridge import KernelRidge

from models.errors import ConstantPredictor
from models.fitting import TrainingRows, fit_text
from models.heads import Floats, Linear, fit_linear, scope_of
from models.kernel import RIDGE, TERMS, WIDTH, Features, NotSolved, fit_kernel
from models.sentence import Embedder
from models.text import Gate, TextModel

LABELS = ["a", "b", "c"]


def some(n: int, *, seed: int = 0, widths: tuple[int, ...] = (16,)) -> tuple[Features, NDArray[np.int64]]:
    """Rows that lean towards their label in both parts."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % len(LABELS)
    parts = []
    for width in widths:
        vectors = rng.normal(size=(n, width)) + 3 * np.eye(len(LABELS), width)[truth]
        parts.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    terms = sparse.random(n, 40, density=0.2, random_state=seed, format="csr", dtype=np.float32)
    rounded = np.concatenate(parts, axis=1).astype(np.float16).astype(np.float32)
    return Features(terms, rounded, widths), truth


def nowhere(n: int) -> NDArray[np.int64]:
    return np.full(n, -1)


def kernel(left: Features, right: Features) -> Floats:
    near = TERMS * (left.terms @ right.terms.T).toarray()
    first = 0
    for width, counts in zip(left.widths, (1, 2), strict=False):
        part = slice(first, first + width)
        near += counts * np.exp(WIDTH * (left.vectors[:, part] @ right.vectors[:, part].T - 1))
        first += width
    return np.asarray(near, np.float32)


@pytest.mark.parametrize("widths", [(16,), (16, 8)])
def test_scores_are_those_of_kernel_ridge_regression(widths: tuple[int, ...]) -> None:
    features, truth = some(90, widths=widths)
    asked, _ = some(20, seed=1, widths=widths)

    [head] = fit_kernel(features, truth, LABELS, folds=nowhere(90))

    plain = KernelRidge(alpha=RIDGE, kernel="precomputed").fit(kernel(features, features), 2 * np.eye(3)[truth] - 1)
    assert head.scores(asked) == pytest.approx(plain.predict(kernel(asked, features)), abs=1e-4)


def test_the_head_of_a_fold_has_not_seen_its_rows() -> None:
    features, truth = some(90)
    folds = np.random.default_rng(2).integers(0, 3, 90)
    kept = np.flatnonzero(folds != 1)

    heads = fit_kernel(features, truth, LABELS, folds=folds)
    [alone] = fit_kernel(features.take(kept), truth[kept], LABELS, folds=nowhere(len(kept)))

    assert len(heads) == 4
    assert heads[1].near is not None
    assert heads[1].near.rows.tolist() == kept.tolist()
    assert heads[1].scores(features) == pytest.approx(alone.scores(features), abs=1e-5)


def test_landmarks_stand_for_more_examples_than_are_solved_exactly() -> None:
    features, truth = some(600)
    asked, wanted = some(300, seed=1)
    folds = np.where(np.arange(600) < 90, 0, -1)

    exact = fit_kernel(features, truth, LABELS, folds=folds)
    through = fit_kernel(features, truth, LABELS, folds=folds, exact=599, landmarks=300)

    assert len(through) == len(exact) == 2
    for head, whole in zip(through, exact, strict=True):
        assert head.near is not None
        assert np.bincount(truth[head.near.rows]).tolist() == [100, 100, 100]
        said = head.scores(asked)
        assert np.abs(said - whole.scores(asked)).mean() < 0.1
        assert (said.argmax(axis=1) == wanted).mean() > (whole.scores(asked).argmax(axis=1) == wanted).mean() - 0.02


def test_landmarks_leave_out_what_a_fold_holds_out() -> None:
    features, truth = some(300)
    folds = np.where(np.arange(300) < 60, 0, -1)
    other = truth.copy()
    other[:60] = (truth[:60] + 1) % 3

    heads = [fit_kernel(features, told, LABELS, folds=folds, exact=1, landmarks=90) for told in (truth, other)]

    kept = [np.flatnonzero(truth[:60] == label) for label in range(3)]
    assert [len(rows) for rows in kept] == [20, 20, 20]
    without, with_them = (
        [fitted[0].scores(features) for fitted in heads],
        [fitted[1].scores(features) for fitted in heads],
    )
    assert np.abs(with_them[0] - with_them[1]).max() > 0.1
    assert (without[0].argmax(axis=1)[:60] == truth[:60]).mean() > 0.8
    assert (without[1].argmax(axis=1)[:60] == truth[:60]).mean() > 0.8


@pytest.mark.parametrize("exact", [1_000, 1])
def test_the_same_examples_give_the_same_bytes(exact: int) -> None:
    features, truth = some(300)

    one, two = (fit_kernel(features, truth, LABELS, folds=nowhere(300), exact=exact)[0] for _ in range(2))

    assert one.near is not None
    assert two.near is not None
    assert one.near.pulls.tobytes() == two.near.pulls.tobytes()
    assert one.terms.coef.tobytes() == two.terms.coef.tobytes()


def test_a_label_without_examples_scores_lowest_everywhere() -> None:
    features, truth = some(90)

    [head] = fit_kernel(features, truth, [*LABELS, "never"], folds=nowhere(90))

    assert (head.scores(features)[:, 3] < -900).all()


@pytest.mark.parametrize("exact", [1_000, 1])
def test_what_no_equation_can_be_made_of_is_refused(exact: int) -> None:
    features, truth = some(60)
    broken = Features(features.terms, features.vectors.copy(), features.widths)
    broken.vectors[7, 3] = np.nan
    alike = Features(features.terms * 0, np.tile(features.vectors[:1], (60, 1)), features.widths)
    lopsided = np.zeros(60, np.int64)
    lopsided[0] = 1

    with pytest.raises(NotSolved, match="train again"):
        fit_kernel(broken, truth, LABELS, folds=nowhere(60), exact=exact)
    with pytest.raises(ConstantPredictor, match="'a' for every training example"):
        fit_kernel(alike, lopsided, LABELS, folds=nowhere(60), exact=exact)


def test_outsiders_have_a_column_that_lowers_the_scope() -> None:
    scores = np.array([[0.9, -1.0, -0.8], [0.2, 0.1, 0.7]], np.float32)

    assert scope_of(scores, 2) == pytest.approx([1.7, -0.5])
    assert scope_of(scores[:, :2], 2) == pytest.approx([0.9, 0.2])


def test_a_model_of_an_earlier_version_answers_as_it_did(tmp_path: Path) -> None:
    embedder = Embedder.shared()
    assert embedder is not None
    openings = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    wordings = ["the tap drips", "the radiator is cold", "the lock is stuck"]
    texts = [f"{opening} {wording}" for opening in openings for wording in wordings]
    labels = ["leak", "heating", "lock"] * 8
    rows = TrainingRows(texts, labels, [""] * 24, [str(i) for i in range(24)])
    now = fit_text(rows, name="t", embedder=embedder)
    vectors = embedder.embed(texts)
    features = sparse.hstack([now.ngrams.transform(texts), sparse.csr_matrix(3 * vectors)], format="csr")
    head = fit_linear("svc", features, np.array(labels), known=now.labels, c=0.3)
    gate = fit_linear("logistic", vectors, np.array(labels), known=now.labels, c=10.0)
    earlier = TextModel(
        name="t", labels=now.labels, ngrams=now.ngrams, head=head, near=None, temperature=0.5, gate=Gate(0.1, gate),
        examples=now.examples, settings={"embedder": "use", "head": "svc"}, embedder=embedder,
    )  # fmt: skip

    loaded = TextModel.load(tmp_path, sha256=earlier.save(tmp_path))

    expected = Linear(head.coef, head.intercept).scores(features)
    found = loaded.predict(texts)
    assert [p.label for p in found] == [now.labels[i] for i in expected.argmax(axis=1)] == labels
    assert [p.scope_score for p in found] == pytest.approx(gate.scores(vectors).max(axis=1), abs=1e-4)
    assert found == earlier.predict(texts)
