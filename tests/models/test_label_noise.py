"""Labels that are probably wrong: planted ones are named, with what they probably should be."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

import configs
from models.examples import Examples, read_examples
from models.noise import FEWEST, KEPT, MOST, Noise, suspicious
from models.sentence import Embedder

MESSAGES = Path(configs.__file__).parent / "journeys" / "home_repair" / "examples" / "en.csv"
NOBODYS = Noise(0, ())


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    found = Embedder.shared()
    assert found is not None
    return found


def rows(*pairs: tuple[str, str]) -> Examples:
    n = len(pairs)
    texts, labels = zip(*pairs, strict=True) if pairs else ((), ())
    return Examples(tuple(texts), tuple(labels), ("",) * n, ("",) * n, tuple(f"f.csv:{i + 2}" for i in range(n)))


def planted(examples: Examples, share: float, seed: int = 3) -> tuple[Examples, dict[str, str]]:
    """Some labels exchanged for another one; id of each such row -> the right label."""
    dice, known, right, labels = random.Random(seed), sorted(set(examples.labels)), dict[str, str](), []
    for label, row in zip(examples.labels, examples.ids, strict=True):
        if dice.random() < share:
            right[row] = label
        labels.append(dice.choice([one for one in known if one != label]) if row in right else label)
    return replace(examples, labels=tuple(labels)), right


def test_most_planted_flips_are_named_and_most_of_what_is_named_was_planted(embedder: Embedder) -> None:
    flipped, right = planted(read_examples(MESSAGES), 0.08)

    found = suspicious(flipped, embedder)

    assert found is not None
    named = {one.id: one for one in found.suspects}
    hits = named.keys() & right.keys()
    assert len(hits) >= 0.7 * len(right)
    assert len(hits) >= 0.6 * len(named)
    assert sum(named[row].likely == right[row] for row in hits) >= 0.7 * len(hits)
    assert [one.score for one in found.suspects] == sorted(one.score for one in found.suspects)
    assert found == suspicious(flipped, embedder)


def test_without_the_embedder_words_alone_name_planted_flips_too() -> None:
    flipped, right = planted(read_examples(MESSAGES), 0.08)

    found = suspicious(flipped, None)

    assert found is not None
    assert len({one.id for one in found.suspects} & right.keys()) >= 0.5 * len(right)


def test_labels_that_no_other_row_can_judge_are_left_alone(embedder: Embedder) -> None:
    few = rows(*[(f"the tap number {i} is leaking", "leak") for i in range(FEWEST)],
               *[("mice in the kitchen", "pests")] * 9)  # fmt: skip

    assert suspicious(few, embedder) == NOBODYS
    assert suspicious(rows(), embedder) == NOBODYS
    assert suspicious(rows(("the tap leaks", "leak")), embedder) == NOBODYS


def test_the_card_names_so_many_and_counts_them_all(embedder: Embedder) -> None:
    flipped, _ = planted(read_examples(MESSAGES), 0.08)
    found = suspicious(flipped, embedder)
    assert found is not None

    card = replace(found, suspects=found.suspects * KEPT).on_card()

    assert card["suspicious"] == len(found.suspects) * KEPT
    assert len(card["worst"]) == KEPT
    assert set(card["worst"][0]) == {"id", "given", "likely", "score"}
    assert found.looked_at <= MOST
