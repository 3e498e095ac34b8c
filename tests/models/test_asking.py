"""Which messages to ask people about: the ones that teach most, each once, and better than whichever come first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.asking import FEW, SAME, Labelled, Reason, ask, margin
from models.heads import Floats
from models.text import Prediction

NOBODY = Labelled((), np.zeros((0, 0), np.float32))
NO_VECTORS = np.zeros((0, 0), np.float32)


def prediction(label: str = "a", sure: float = 0.9, scope_score: float = 1.0, *, inside: bool = True) -> Prediction:
    top = ((label, sure), ("other", 1 - sure))
    return Prediction(label, sure, "in" if inside else "out", scope_score, top, ())


def many(label: str, count: int = FEW) -> Labelled:
    return Labelled((label,) * count, NO_VECTORS)


def test_the_message_between_two_labels_comes_before_the_sure_one_which_teaches_nothing() -> None:
    asked = ask([prediction(sure=0.99), prediction(sure=0.6), prediction(sure=0.51)], NO_VECTORS, gate=-9.0,
                labelled=many("a"), n=3)  # fmt: skip

    assert [one.index for one in asked] == [2, 1]
    assert asked[0].reasons == (Reason.WAVERS,)


def test_the_message_nearest_the_gate_on_either_side_is_asked_about() -> None:
    scores = [5.0, 5.1, 1.1, -5.0, 0.8]
    asked = ask([prediction(scope_score=one) for one in scores], NO_VECTORS, gate=1.0, labelled=many("a"), n=5)

    assert [one.index for one in asked] == [2, 4]
    assert {reason for one in asked for reason in one.reasons} == {Reason.BORDER}


def test_examples_of_another_label_nearby_speak_against_the_model() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    near = Labelled(("b",) * FEW + ("a",) * FEW, np.repeat(vectors, FEW, axis=0))

    asked = ask([prediction("a"), prediction("a")], vectors, gate=-9.0, labelled=near, n=2)

    assert [(one.index, one.like) for one in asked] == [(0, "b")]
    assert asked[0].reasons == (Reason.NEIGHBOURS,)


def test_a_label_with_few_examples_is_asked_for_until_it_has_enough() -> None:
    told = [prediction("a"), prediction("b"), prediction("a", inside=False, scope_score=9.0)]

    few = ask(told, NO_VECTORS, gate=-90.0, labelled=Labelled(("a",) * (FEW - 1) + ("b",) * FEW, NO_VECTORS), n=3)
    enough = ask(told, NO_VECTORS, gate=-90.0, labelled=Labelled(("a",) * FEW + ("b",) * FEW, NO_VECTORS), n=3)

    assert [(one.index, one.examples) for one in few] == [(0, FEW - 1)]
    assert enough == []


def test_what_nearly_repeats_a_chosen_message_is_left_out() -> None:
    close = np.array([SAME + 0.005, np.sqrt(1 - (SAME + 0.005) ** 2)], np.float32)
    vectors = np.stack([np.array([1, 0], np.float32), close, np.array([0, 1], np.float32)])

    asked = ask([prediction(sure=0.5 + i / 100) for i in range(3)], vectors, gate=-9.0, labelled=many("a"), n=3)

    assert [one.index for one in asked] == [0, 2]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.5, 1.0), st.floats(-3, 3)), max_size=40),
       st.integers(0, 50))  # fmt: skip
def test_never_more_than_asked_for_none_twice_and_always_with_a_reason(
    rows: list[tuple[str, float, float]], n: int
) -> None:
    told = [prediction(label, sure, score, inside=score > 0) for label, sure, score in rows]

    asked = ask(told, NO_VECTORS, gate=0.0, labelled=NOBODY, n=n)

    assert len(asked) <= min(n, len(rows))
    assert len({one.index for one in asked}) == len(asked)
    assert all(one.reasons for one in asked)
    assert asked == ask(told, NO_VECTORS, gate=0.0, labelled=NOBODY, n=n)


def test_the_margin_of_a_single_label_is_one() -> None:
    assert margin(Prediction("a", 1.0, "in", 1.0, (("a", 1.0),), ())) == 1.0


# --- a simulated world: common topics and rare ones, some of them alike ----------------------------------------------

TOPICS, WIDTH = 12, 24


def world(rng: np.random.Generator, count: int) -> tuple[Floats, NDArray[np.str_]]:
    """Unit vectors around their topics' centres, which are the same in every world; the twelfth topic is rare."""
    centres = np.random.default_rng(7).normal(size=(TOPICS, WIDTH))
    centres[1::2] = 0.6 * centres[::2] + 0.8 * centres[1::2]
    shares = 1 / np.arange(1, TOPICS + 1)
    labels = rng.choice(TOPICS, size=count, p=shares / shares.sum())
    vectors = centres[labels] + 0.9 * rng.normal(size=(count, WIDTH))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32), np.array([f"topic{label:02d}" for label in labels])


def learned(vectors: Floats, labels: NDArray[np.str_]) -> LogisticRegression:
    return LogisticRegression(C=10.0).fit(vectors, labels)


def read(model: LogisticRegression, vectors: Floats) -> list[Prediction]:
    found = []
    for chances in model.predict_proba(vectors):
        order = np.argsort(-chances)[:5]
        top = tuple((str(model.classes_[i]), float(chances[i])) for i in order)
        found.append(Prediction(top[0][0], top[0][1], "in", 1.0, top, ()))
    return found


def accuracy(seed: int, *, is_asked: bool) -> float:
    """Mean recall of the topics on fresh messages after four rounds of fifteen labels, asked for or drawn."""
    rng = np.random.default_rng(seed)
    (pool, truth), (unseen, right) = world(rng, 800), world(rng, 1500)
    known = list(range(20))
    for _ in range(4):
        model = learned(pool[known], truth[known])
        rest = [i for i in range(len(pool)) if i not in set(known)]
        if is_asked:
            labelled = Labelled(tuple(truth[known].tolist()), pool[known])
            asked = ask(read(model, pool[rest]), pool[rest], gate=-9.0, labelled=labelled, n=15)
            known += [rest[one.index] for one in asked]
        else:
            known += [rest[i] for i in rng.choice(len(rest), size=15, replace=False)]
    assert len(known) == 80
    predicted = learned(pool[known], truth[known]).predict(unseen)
    return float(np.mean([(predicted[right == topic] == topic).mean() for topic in np.unique(right)]))


def test_with_as_many_labels_those_asked_for_teach_more_than_drawn_ones() -> None:
    asked = [accuracy(seed, is_asked=True) for seed in range(6)]
    drawn = [accuracy(seed, is_asked=False) for seed in range(6)]

    assert np.mean(asked) > np.mean(drawn) + 0.03
    assert sum(a > d for a, d in zip(asked, drawn, strict=True)) >= 5
