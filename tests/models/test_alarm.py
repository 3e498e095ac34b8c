import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cases.vocabulary import Danger
from configs.settings import Settings
from models import registry
from models.alarm import FALSE_ALARMS, AlarmModel, AlarmRows, fit_alarm
from models.errors import DigestMismatch, TooFewExamples
from models.sentence import Embedder
from pipelines.alarm import KIND, NAME, Alarm, Heard, alarm_rows, bare
from pipelines.journeys import Journeys, load_journeys
from pipelines.reading.danger import find_danger

READING = Path(__file__).parent.parent / "reading"
FRESH, UNSEEN = READING / "fresh_danger.csv", READING / "unseen_danger.csv"
Vectors = NDArray[np.float32]


def rows_and_vectors(
    per_label: int = 20, *, labels: tuple[str, ...] = ("fire", "gas", "none")
) -> tuple[AlarmRows, Vectors]:
    """Random unit vectors around one direction a label; every other "none" is an ordinary message."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(len(labels), Embedder.dim))
    vectors = np.vstack([centre + 1.5 * draw.normal(size=(per_label, Embedder.dim)) for centre in centres])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    named = np.repeat(labels, per_label)
    ordinary = (named == "none") & (np.arange(len(named)) % 2 == 0)
    texts = [f"message {i}" for i in range(len(named))]
    rows = AlarmRows(texts, named.tolist(), [""] * len(texts), ordinary, np.zeros(len(texts), dtype=bool))
    return rows, vectors.astype(np.float32)


@pytest.fixture(scope="module")
def small() -> AlarmModel:
    return fit_alarm(*rows_and_vectors())[0]


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    return load_journeys(Settings())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def alarm(root: Path, journeys: Journeys) -> Alarm:
    return Alarm(root, journeys)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    shared = Embedder.shared()
    assert shared is not None
    return shared


def test_what_lies_near_a_danger_is_heard_as_that_danger(small: AlarmModel) -> None:
    rows, vectors = rows_and_vectors()

    found = small.predict(vectors)

    assert [one and one[0] for one in found] == [None if label == "none" else label for label in rows.labels]


def test_nothing_in_gives_nothing_out(small: AlarmModel) -> None:
    assert small.predict(np.zeros((0, Embedder.dim), np.float32)) == []


def test_embeddings_of_another_shape_are_refused(small: AlarmModel) -> None:
    with pytest.raises(ValueError, match=r"pass \(n, 512\)"):
        small.predict(np.zeros((2, 3), np.float32))


@given(st.integers(0, 2**32 - 1))
def test_any_vector_gets_a_probability_above_the_threshold_or_silence(seed: int) -> None:
    model = fitted()
    vectors = np.random.default_rng(seed).normal(size=(4, Embedder.dim)).astype(np.float32)

    for one in model.predict(vectors):
        assert one is None or (one[0] in ("fire", "gas") and model.threshold < one[1] + 1e-6 <= 1 + 1e-6)


def fitted(kept: list[AlarmModel] = []) -> AlarmModel:  # noqa: B006  # fitted once for all examples of hypothesis
    if not kept:
        kept.append(fit_alarm(*rows_and_vectors())[0])
    return kept[0]


def test_the_same_rows_make_the_same_files_and_these_read_back(tmp_path: Path, small: AlarmModel) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    _, vectors = rows_and_vectors()

    digests = [small.save(folders[0]), fit_alarm(*rows_and_vectors())[0].save(folders[1])]

    assert digests[0] == digests[1]
    assert AlarmModel.load(folders[0], sha256=digests[0]).predict(vectors) == small.predict(vectors)


def test_changed_files_are_not_loaded(tmp_path: Path, small: AlarmModel) -> None:
    digest = small.save(tmp_path)
    about = tmp_path / "alarm.json"
    about.write_text(about.read_text(encoding="utf-8").replace('"threshold": 0', '"threshold": 1'), encoding="utf-8")

    with pytest.raises(DigestMismatch):
        AlarmModel.load(tmp_path, sha256=digest)


def test_a_danger_with_too_few_messages_is_refused_with_its_name_and_mend() -> None:
    rows, vectors = rows_and_vectors(4)

    with pytest.raises(TooFewExamples, match=r"'fire' has 4 groups.*give at least 5"):
        fit_alarm(rows, vectors)


def test_paraphrases_count_as_one_incident() -> None:
    rows, vectors = rows_and_vectors(6)
    vectors[0:6] = vectors[0]  # six wordings of one fire

    with pytest.raises(TooFewExamples, match="'fire' has 1 groups"):
        fit_alarm(rows, vectors)


def test_few_ordinary_messages_alarm_and_the_head_finds_more_than_the_words(alarm: Alarm, root: Path) -> None:
    alarm.listen(["warm"], np.zeros((1, Embedder.dim), np.float32))

    report = registry.read_card(registry.current(root, KIND, NAME))["report"]

    assert report["false_alarms"] <= FALSE_ALARMS
    assert report["recall_head"] >= 0.61  # measured: 0.668, half of it told in a roundabout way on purpose
    assert report["recall_either"] >= 0.81  # measured: 0.860; the word lists were extended with a third of these rows
    assert report["near_miss_alarms_head"] <= 0.07  # measured: 0.057
    assert report["recall_either"] > report["recall_words"]


def test_the_written_messages_cover_every_danger_in_both_languages_and_are_not_the_fresh_ones(
    journeys: Journeys,
) -> None:
    rows = alarm_rows(journeys)
    fresh = {bare(row["text"].casefold()) for file in (FRESH, UNSEEN) for row in fresh_rows(file)}

    assert set(rows.labels) == {"none", *(danger.value for danger in Danger)}
    assert fresh.isdisjoint(bare(text.casefold()) for text in rows.texts)
    for path in sorted((Path(__file__).parents[2] / "configs" / "danger").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            labels = [row["label"] for row in csv.DictReader(file)]
        assert all(labels.count(danger.value) >= 55 for danger in Danger)
        assert labels.count("none") >= 450


def test_fresh_danger_is_found_far_oftener_than_by_words_alone(alarm: Alarm, embedder: Embedder) -> None:
    rows = fresh_rows(FRESH)
    texts = [row["text"] for row in rows]
    batch = np.array([row["batch"] for row in rows])
    dangerous = np.array([row["danger"] != "-" for row in rows])

    words = np.array([bool(find_danger(row["text"], row["language"])) for row in rows])
    either = words | np.array([one is not None for one in alarm.listen(texts, embedder.embed(texts))])

    clean = batch == "3"
    assert either[dangerous].sum() > 1.5 * words[dangerous].sum()  # measured: 110 and 42
    assert either[dangerous].mean() >= 0.72  # measured: 0.809 of 136
    assert either[dangerous & clean].mean() >= 0.65  # measured: 0.763 of 38
    assert either[~dangerous & clean].mean() <= 0.09  # measured: 0.067 of 60; one more is allowed
    assert either[~dangerous].mean() <= 0.07  # measured: 0.053 of 150


# Found and of how many; French and German were never trained on.
@pytest.mark.parametrize(
    ("language", "least"),
    [("nl", 18), ("en", 18), ("fr", 19), ("de", 21)],  # measured: 21, 21, 22 and 26 of 28; no false alarm in 48
)
def test_unseen_danger_is_found_in_four_languages(alarm: Alarm, embedder: Embedder, language: str, least: int) -> None:
    rows = [row for row in fresh_rows(UNSEEN) if row["language"] == language]

    found = [
        heard is not None or bool(find_danger(row["text"], language))
        for row, heard in zip(rows, listened(alarm, embedder, rows), strict=True)
    ]

    assert sum(one for one, row in zip(found, rows, strict=True) if row["danger"] != "-") >= least
    assert sum(one for one, row in zip(found, rows, strict=True) if row["danger"] == "-") <= 1


# Measured of 16 in four languages: gas 14, fire 8, injury 16, death 13, shut in 10, distress 14, vulnerability 15.
@pytest.mark.parametrize(
    ("danger", "least"),
    [("gas", 11), ("fire", 6), ("injury", 12), ("death", 10), ("shut_in", 8), ("distress", 10), ("vulnerability", 12)],
)
def test_unseen_danger_of_each_kind_is_found(alarm: Alarm, embedder: Embedder, danger: str, least: int) -> None:
    rows = [row for row in fresh_rows(UNSEEN) if row["danger"] == danger]

    found = [
        heard is not None or bool(find_danger(row["text"], row["language"]))
        for row, heard in zip(rows, listened(alarm, embedder, rows), strict=True)
    ]

    assert sum(found) >= least


def listened(alarm: Alarm, embedder: Embedder, rows: list[dict[str, str]]) -> list[Heard | None]:
    texts = [row["text"] for row in rows]
    return alarm.listen(texts, embedder.embed(texts))


@pytest.mark.parametrize("closing", ["", ".", "!", " ...\n"])
def test_closing_punctuation_changes_nothing(alarm: Alarm, embedder: Embedder, closing: str) -> None:
    text = "my husband's ventilator is running on its backup battery"

    (plain,) = alarm.listen([text], embedder.embed([text]))
    (closed,) = alarm.listen([text + closing], embedder.embed([text + closing]))

    assert plain is not None
    assert closed is not None
    assert closed.danger is plain.danger
    assert closed.probability == pytest.approx(plain.probability, abs=2e-6)


@given(st.text())
def test_the_bare_text_starts_the_text_and_is_bare_already(text: str) -> None:
    short = bare(text)

    assert text.startswith(short)
    assert bare(short) == short


def test_it_hears_the_danger_gives_its_certainty_and_names_its_version(alarm: Alarm, embedder: Embedder) -> None:
    texts = ["De keuken ruikt sterk naar gas en ik hoor gesis", "Can I change my delivery address?", " \n"]

    heard, ordinary, blank = alarm.listen(texts, embedder.embed(texts))

    assert heard is not None
    assert heard.danger is Danger.GAS
    assert 0.5 < heard.probability <= 1
    assert len(heard.version) == 12
    assert ordinary is None
    assert blank is None


def test_without_embeddings_nothing_is_heard_and_nothing_is_trained(tmp_path: Path, journeys: Journeys) -> None:
    alarm = Alarm(tmp_path, journeys)

    assert alarm.listen(["brand!", "gas!"], None) == [None, None]
    assert alarm.listen([], None) == []
    assert list(tmp_path.iterdir()) == []


def test_a_second_alarm_serves_the_model_that_was_trained(
    alarm: Alarm, root: Path, journeys: Journeys, embedder: Embedder
) -> None:
    texts = ["ik wil niet meer leven", "the ceiling is dripping"]
    vectors = embedder.embed(texts)

    again = Alarm(root, journeys).listen(texts, vectors)

    assert again == alarm.listen(texts, vectors)
    assert len(registry.list_models(root)) == 1


def test_order_and_company_change_nothing(alarm: Alarm, embedder: Embedder) -> None:
    texts = ["er hangt een vreemde geur bij de gasmeter", "the socks are blue", "she is on the floor and not moving"]
    vectors = embedder.embed(texts)

    together = alarm.listen(texts, vectors)
    alone = [alarm.listen([text], vectors[i : i + 1])[0] for i, text in enumerate(texts)]

    assert [one and one.danger for one in together] == [one and one.danger for one in alone]
    assert [one.probability for one in together if one] == pytest.approx(
        [one.probability for one in alone if one], abs=2e-6
    )


def fresh_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        note = next(file)
        rows = list(csv.DictReader(file))
    assert note.startswith("# Never train")
    assert all(int(one["batch"]) <= int(other["batch"]) for one, other in pairwise(rows))
    return rows
