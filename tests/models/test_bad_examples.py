from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from models.errors import DigestMismatch, TooFewExamples, UnreadableRow
from models.examples import contradictions, read_examples
from models.registry import list_models
from models.text import NotArrays, TextModel, digest_of
from models.train import train_text
from pipelines.text_models import train_named

LEAKS = ["the tap drips", "water on the floor", "the pipe leaks", "the ceiling is wet", "a puddle under the sink"]
COLDS = ["the radiator is cold", "no heating", "the boiler is off", "it is freezing here", "the heater will not start"]


def written(folder: Path, *rows: tuple[str, str]) -> Path:
    file = folder / "mine.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")
    return file


def test_a_nul_byte_is_refused_with_row_and_mend(tmp_path: Path) -> None:
    file = written(tmp_path, ("hello", "a"), ("he\x00llo", "b"))

    with pytest.raises(UnreadableRow, match=r"mine\.csv, line 3: the text holds a NUL byte; save the file as plain"):
        read_examples(file)


def test_the_same_words_under_two_labels_are_named_by_both_rows(tmp_path: Path) -> None:
    rows = [(text, "leak") for text in LEAKS] + [(text, "cold") for text in COLDS]
    examples = read_examples(written(tmp_path, *rows, ("The tap drips!", "cold"), ("the tap  drips", "leak")))

    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    try:
        with capture_logs() as logged:
            train_text(examples, name="mine")
    finally:
        structlog.configure(**before)

    assert contradictions(examples) == [("mine.csv:2", "mine.csv:12")]
    [told] = [line for line in logged if line["event"] == "text_model.contradictory_rows"]
    assert told["rows"] == [("mine.csv:2", "mine.csv:12")]
    assert "one label" in told["mend"]


@pytest.mark.parametrize(
    "rows",
    [
        [("a tap", "leak"), ("no heat", "cold"), ("a pipe", "leak")],
        [(text, "leak") for text in LEAKS],
        [*((text, "leak") for text in LEAKS), ("no heat", "cold")],
    ],
    ids=["three rows", "one label", "a label of one row"],
)
def test_what_cannot_be_learned_from_registers_nothing(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    examples = read_examples(written(tmp_path, *rows))

    with pytest.raises(TooFewExamples, match="give at least 4 of each of two labels"):
        train_named(tmp_path / "models", "mine", examples)

    assert list_models(tmp_path / "models") == []


@pytest.mark.parametrize("hidden", [False, True], ids=["a pickle", "an archive with a pickle in it"])
def test_a_pickle_offered_as_a_model_is_not_opened(tmp_path: Path, hidden: bool) -> None:  # noqa: FBT001
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    (tmp_path / "terms.json").write_text("{}", encoding="utf-8")
    if hidden:
        np.savez(tmp_path / "arrays.npz", coef=np.array([{"an": "object"}], dtype=object))
    else:
        (tmp_path / "arrays.npz").write_bytes(b"\x80\x04cbuiltins\nprint\n(S'opened'\ntR.")

    with pytest.raises(DigestMismatch, match="restore it from a backup or train it again"):
        TextModel.load(tmp_path, sha256="0" * 64)
    with pytest.raises(NotArrays, match="never opened as a model"):
        TextModel.load(tmp_path, sha256=digest_of(tmp_path))
