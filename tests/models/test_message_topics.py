import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from models.errors import ConstantPredictor, DigestMismatch, NotConverged, TooFewExamples
from models.evaluate import evaluate_text, expected_calibration_error
from models.examples import Examples, read_examples
from models.fitting import TrainingRows, fit_text
from models.heads import choose_gate, deal, fit_linear, fit_temperature, joined_groups, probabilities
from models.sentence import LONGEST, Embedder, verify
from models.text import EmbedderAbsent, TextModel
from models.train import train_text

PLACES = ["in the kitchen", "in the bathroom", "upstairs", "in the hall", "at the back", "in our bedroom", "outside"]
OPENINGS = ["hello,", "good morning,", "please help,", "since yesterday", "again"]
TOPICS = {
    "leak": ["the tap drips", "there is a leak", "water comes through the ceiling"],
    "heating": ["the radiator stays cold", "there is no heating", "the boiler makes a noise"],
    "lock": ["the key broke in the lock", "the door will not open", "the lock is stuck"],
}
OUTSIDERS = ("what is the capital of peru", "play some jazz music", "who won the match tonight", "bake me a cake")


def messages(per_topic: int) -> Examples:
    texts, labels = [], []
    for topic, wordings in TOPICS.items():
        for opening, wording, place in list(product(OPENINGS, wordings, PLACES))[:per_topic]:
            texts.append(f"{opening} {wording} {place}")
            labels.append(topic)
    blank = ("",) * len(texts)
    return Examples(
        texts=tuple(texts), labels=tuple(labels), languages=blank, groups=blank,
        ids=tuple(f"m{i}" for i in range(len(texts))), outsiders=OUTSIDERS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    shared = Embedder.shared()
    assert shared is not None
    return shared


@pytest.fixture(scope="module")
def model(embedder: Embedder) -> TextModel:
    return fit_text(messages(60).rows(), name="topics", embedder=embedder, outsiders=OUTSIDERS)


def test_messages_get_their_topic_in_order(model: TextModel) -> None:
    found = model.predict(["water drips from a pipe", "my radiator is cold", "I cannot get my key out of the lock"])

    assert [p.label for p in found] == ["leak", "heating", "lock"]
    assert [p.scope for p in found] == ["in", "in", "in"]
    for prediction in found:
        assert prediction.top[0] == (prediction.label, prediction.confidence)
        assert sum(p for _, p in prediction.top) == pytest.approx(1.0, abs=1e-5)


def test_no_texts_give_no_predictions(model: TextModel) -> None:
    assert model.predict([]) == []
    assert model.embed([]).shape == (0, 512)


def test_something_else_altogether_is_out_of_scope(model: TextModel) -> None:
    found = model.predict(["which team scored most goals this season", "sing a song about summer"])

    assert [p.scope for p in found] == ["out", "out"]


@pytest.mark.parametrize("text", ["", "   \n", "?!…", "\ud800", "\x00", "x" * 100_000, "leak " * 20_000, "🔥" * 5_000])
def test_odd_texts_are_answered_and_never_crash(model: TextModel, text: str) -> None:
    [found] = model.predict([text])

    assert found.label in TOPICS
    assert 0 <= found.confidence <= 1
    assert all(0 <= start < end <= LONGEST for start, end, _ in found.weights)


def test_a_text_without_a_word_is_out_of_scope(model: TextModel) -> None:
    assert [p.scope for p in model.predict(["", "?!", " \t"])] == ["out"] * 3


def test_the_words_that_weigh_are_shown_where_they_stand(model: TextModel) -> None:
    text = "Hello, the boiler is broken, İ think!"

    [found] = model.predict([text])

    shown = [text[start:end] for start, end, _ in found.weights]
    assert found.label == "heating"
    assert shown[0] == "boiler"
    weights = [weight for _, _, weight in found.weights]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0
    assert len(weights) <= 5


def test_the_weights_of_words_add_up_to_what_the_head_says(model: TextModel) -> None:
    text = "the boiler makes a noise since yesterday"
    row = model.ngrams.transform([text]).toarray()[0]
    label = model.labels.index("heating")

    words = model.ngrams.weighty_words(text, row * model.head.coef[: model.ngrams.width, label] + 0, top=99)
    both = [
        model.ngrams.weighty_words(text, sign * row * model.head.coef[: model.ngrams.width, label], top=99)
        for sign in (1, -1)
    ]

    total = float(row @ model.head.coef[: model.ngrams.width, label])
    assert words == both[0]
    assert sum(w for _, _, w in both[0]) - sum(w for _, _, w in both[1]) == pytest.approx(total, abs=2e-3)


def test_a_batch_and_single_texts_agree_and_embeddings_may_be_given(model: TextModel) -> None:
    texts = ["water drips", "cold radiator in the hall", "the lock is stuck again"]

    together = model.predict(texts)

    assert [model.predict([text])[0].label for text in texts] == [p.label for p in together]
    assert [model.predict([text])[0].confidence for text in texts] == pytest.approx(
        [p.confidence for p in together], abs=2e-6
    )
    assert model.predict(texts, model.embed(texts)) == together
    with pytest.raises(ValueError, match=r"pass \(3, 512\)"):
        model.predict(texts, model.embed(texts[:2]))


def test_a_saved_model_predicts_the_same_and_training_again_gives_the_same_digest(
    model: TextModel, embedder: Embedder, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    texts = [*messages(3).texts, "the boiler leaks", "hello"]
    digest = model.save(tmp_path / "one")

    loaded = TextModel.load(tmp_path / "one", sha256=digest)
    again = fit_text(messages(60).rows(), name="topics", embedder=embedder, outsiders=OUTSIDERS)

    assert loaded.predict(texts) == model.predict(texts)
    assert loaded.digest == digest
    assert again.save(tmp_path / "two") == digest


@pytest.mark.parametrize("name", ["model.json", "terms.json", "arrays.npz"])
def test_a_changed_file_is_refused_before_it_is_read(model: TextModel, tmp_path: Path, name: str) -> None:
    digest = model.save(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")

    with pytest.raises(DigestMismatch, match="train it again"):
        TextModel.load(tmp_path, sha256=digest)


def test_a_model_holds_ids_and_no_texts(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path)

    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir()).decode("utf-8", "ignore")

    assert not [text for text in messages(60).texts if text in stored]
    nearest = model.nearest(model.embed([messages(60).texts[7]])[0], 3)
    assert nearest[0][0] == "m7"
    assert nearest[0][1] == pytest.approx(1.0, abs=1e-3)
    assert len(nearest) == 3


def test_no_ngram_of_fewer_than_five_customers_is_kept(embedder: Embedder) -> None:
    common = messages(60)
    four = [f"the tap drips says Vanderheyden {i}" for i in range(40)]
    groups = [*(f"c{i}" for i in range(len(common.texts))), *(f"v{i % 4}" for i in range(40))]
    rows = TrainingRows([*common.texts, *four], [*common.labels, *["leak"] * 40], groups, [str(i) for i in range(220)])

    kept = fit_text(rows, name="t", embedder=embedder).ngrams.plain()[0]

    assert "tap" in kept["word"]
    assert "vanderheyden" not in kept["word"]
    assert not [term for term in kept["char"] if "heyd" in term]


def test_without_the_wheel_tfidf_alone_serves_and_says_so(tmp_path: Path) -> None:
    model = fit_text(messages(60).rows(), name="topics", embedder=None, outsiders=OUTSIDERS)
    loaded = TextModel.load(tmp_path, sha256=model.save(tmp_path))

    [found] = loaded.predict(["the radiator is cold"])

    assert (found.label, found.scope) == ("heating", "in")
    assert loaded.predict(["bonjour tout le monde"])[0].scope == "out"
    assert "TF-IDF only" in loaded.settings["note"]
    with pytest.raises(EmbedderAbsent, match="install it or train"):
        loaded.embed(["x"])


def test_few_labels_are_told_and_choose_logistic_regression_where_words_serve_alone(embedder: Embedder) -> None:
    few = [fit_text(messages(19).rows(), name="t", embedder=one) for one in (embedder, None)]
    enough = [fit_text(messages(20).rows(), name="t", embedder=one) for one in (embedder, None)]

    assert [model.settings["few_labels"] for model in (*few, *enough)] == [True, True, False, False]
    assert [model.settings["head"] for model in (*few, *enough)] == ["kernel", "logistic", "kernel", "svc"]
    assert few[0].predict(["the tap drips"])[0].label == "leak"
    assert few[0].predict(["the tap drips"])[0].weights


def test_two_labels_are_enough_and_one_is_not(embedder: Embedder) -> None:
    rows = messages(20).rows()
    two = TrainingRows(rows.texts[:40], rows.labels[:40], rows.groups[:40], rows.ids[:40])
    one = TrainingRows(rows.texts[:20], rows.labels[:20], rows.groups[:20], rows.ids[:20])

    found = fit_text(two, name="t", embedder=embedder).predict(["the tap drips", "no heating at all"])

    assert [p.label for p in found] == ["leak", "heating"]
    with pytest.raises(TooFewExamples, match="each of two labels"):
        fit_text(one, name="t", embedder=embedder)


@pytest.mark.filterwarnings("ignore:Liblinear failed to converge")
def test_a_solver_that_stops_early_or_says_one_thing_only_is_refused() -> None:
    rng = np.random.default_rng(0)
    labels = np.array(["a"] * 98 + ["b"] * 2)
    contradictory = np.repeat(rng.normal(size=(50, 150)), 2, axis=0) * 100

    with pytest.raises(ConstantPredictor, match="'a' for every training example"):
        fit_linear("logistic", rng.normal(size=(100, 2)), labels, known=["a", "b"], c=1e-6)
    with pytest.raises(NotConverged, match="raise its max_iter"):
        fit_linear("svc", contradictory, np.array(["a", "b"] * 50), known=["a", "b"], c=1.0)


def test_training_reports_on_messages_it_has_not_seen_and_delivers_a_model_of_all(embedder: Embedder) -> None:
    examples = messages(60)

    model, report = train_text(examples, name="topics", embedder=embedder)

    assert report.n == len(examples.texts) == len(model.examples.ids)
    assert report.accuracy >= 0.9
    assert report.oos_auroc is not None
    assert "cross-validation" in report.method
    assert model.settings["report"] == report.method
    plain = json.loads(str(report))
    assert set(plain["coverage_at"]) >= {"0.01", "0.05"}
    assert set(plain["accuracy_at_coverage"]) >= {"0.3", "0.4", "0.5"}
    assert set(plain["per_class"]) == set(TOPICS)


def test_labels_unrelated_to_the_texts_are_reported_as_worthless(embedder: Embedder) -> None:
    examples = messages(40)
    shuffled = np.random.default_rng(1).permutation(examples.labels).tolist()
    nonsense = Examples(examples.texts, tuple(shuffled), examples.languages, examples.groups, examples.ids)

    _, report = train_text(nonsense, name="nonsense", embedder=embedder)

    assert report.accuracy < 0.55  # one in three would be luck; the report must not show what the model has memorised
    assert report.oos_auroc is None
    assert "oos_auroc" not in report.as_json()


def test_an_unknown_label_is_named_and_counted_wrong(model: TextModel) -> None:
    examples = messages(2)
    relabelled = Examples(
        examples.texts, ("roof", *examples.labels[1:]), examples.languages, examples.groups, examples.ids
    )

    report = evaluate_text(model, relabelled)

    assert report.unknown_labels == ("roof",)
    assert report.accuracy == pytest.approx(5 / 6, abs=1e-5)
    assert report.per_class["roof"] == {"n": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_the_same_words_and_the_same_customer_stay_on_one_side() -> None:
    texts = ["The tap drips!", "the tap  drips", "no heating", "cold", "lock", "door"]
    groups = ["", "anna", "anna", "ben", "", ""]

    joined = joined_groups(texts, groups)
    folds = deal(["a"] * 6, joined, 3, 0)

    assert joined[0] == joined[1] == joined[2]
    assert len(set(joined)) == 4
    assert folds[0] == folds[1] == folds[2]


def test_what_is_held_out_could_have_been_learned() -> None:
    labels = ["rare"] * 2 + ["common"] * 50

    folds = deal(labels, [str(i) for i in range(52)], 5, 3)

    assert folds[:2].min() > 0
    assert (folds == 0).sum() == 10


def test_the_temperature_makes_confidence_true_and_never_certain() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 4_000)
    scores = rng.normal(size=(4_000, 3)).astype(np.float32)
    scores[np.arange(4_000), truth] += 1
    overconfident = scores * 8

    temperature = fit_temperature(overconfident, truth)
    chances = probabilities(overconfident, temperature)

    right = chances.argmax(axis=1) == truth
    assert expected_calibration_error(chances.max(axis=1), right) < 0.03
    assert expected_calibration_error(probabilities(overconfident, 1.0).max(axis=1), right) > 0.1
    unseen = np.vstack([overconfident, np.full((400, 3), -1e3, np.float32)])
    assert fit_temperature(unseen, np.append(truth, np.zeros(400, int))) == pytest.approx(temperature)
    faultless = np.eye(3, dtype=np.float32)[truth[:30]]
    assert probabilities(faultless, fit_temperature(faultless, truth[:30])).max() < 0.999


def test_the_gate_turns_away_three_percent_or_what_known_outsiders_show_and_halves_a_gap() -> None:
    inside = np.linspace(0, 1, 1_001, dtype=np.float32)

    assert choose_gate(inside, np.zeros(0, np.float32)) == pytest.approx(0.03, abs=0.001)
    assert choose_gate(inside, np.full(50, 0.04, np.float32)) == pytest.approx(0.0425, abs=0.0026)
    assert choose_gate(inside, np.full(50, -1.0, np.float32)) == pytest.approx(-0.5)


def test_our_vectorizers_are_those_of_sklearn_after_loading(model: TextModel, tmp_path: Path) -> None:
    loaded = TextModel.load(tmp_path, sha256=model.save(tmp_path))
    terms, _ = model.ngrams.plain()
    plain = TfidfVectorizer(vocabulary=terms["word"], ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)

    expected = plain.fit(messages(60).texts).transform(["the tap in the hall drips"]).toarray()

    assert np.array_equal(
        loaded.ngrams.transform(["the tap in the hall drips"]).toarray()[:, : len(terms["word"])], expected
    )


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"not the weights")

    with pytest.raises(DigestMismatch, match="expected 00"):
        verify(tmp_path, {"weights": "00"})


def test_labelled_messages_are_read_with_their_outsiders(tmp_path: Path) -> None:
    file = tmp_path / "examples.csv"
    file.write_bytes(
        '\ufefftext,label,group\n"kraan, lekt\nhard",leak,c1\nhallo\u2028daar,oos,\ncold,heating,c2\n'.encode()
    )

    examples = read_examples(file)

    assert examples.texts == ("kraan, lekt\nhard", "cold")
    assert examples.labels == ("leak", "heating")
    assert examples.groups == ("c1", "c2")
    assert examples.ids == ("examples.csv:2", "examples.csv:5")
    assert examples.outsiders == ("hallo\u2028daar",)
    assert len(examples.digest) == 64


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"text\nhello\n", "line 1: column label is missing; the header must read text,label"),
        (b"", "line 1: column text and label is missing"),
        (b"text,label\n", "line 2: there are no rows; add labelled messages"),
        (b"text,label\nhello,a\nhello, you,b\n", "line 3: 3 cells under a header of 2; put a text with commas in"),
        (b"text,label\nhello,a\n,b\n", "line 3: the text is empty; fill it in or remove the row"),
        (b"text,label\nhello, \n", "line 2: the label is empty"),
        (b"text,label\nhello,a\ncaf\xe9,b\n", "line 3: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b'text,label\n"hello,a\n', "unexpected end of data; close the quotes"),
    ],
)
def test_a_bad_example_row_is_refused_with_file_line_and_mend(tmp_path: Path, body: bytes, told: str) -> None:
    file = tmp_path / "examples.csv"
    file.write_bytes(body)

    with pytest.raises(Exception, match=r"examples\.csv, line \d+: ") as refused:
        read_examples(file)

    assert told in str(refused.value)
