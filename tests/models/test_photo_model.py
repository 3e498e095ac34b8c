from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_fakes import MeanColours, blob, clouds

from models.errors import DigestMismatch, TooFewExamples
from models.photo_embedder import EncoderAbsent
from models.photo_fitting import AlwaysTheSame
from models.photo_model import NEVER, PhotoModel
from models.photo_training import PhotoSet, _threshold, evaluate_photos, fit_photo_model, train_photos


@pytest.fixture(scope="module")
def model() -> PhotoModel:
    return fit_photo_model(clouds(outsiders=12), name="parts", embedder=MeanColours())


def test_training_reports_on_photos_it_had_not_seen_and_delivers_a_model_of_all() -> None:
    photos = clouds(outsiders=12)

    model, report = train_photos(photos, name="parts", embedder=MeanColours())

    assert report.n == 72
    assert 0.8 < report.accuracy <= 1
    assert report.oos_auroc is not None
    assert report.oos_auroc > 0.8
    assert "every photo judged once" in report.method
    assert (model.settings["photos"], model.settings["out_of_scope_examples"]) == (72, 12)
    assert model.labels == ("door", "roof", "wheel")


def test_labels_that_tell_nothing_are_judged_at_chance_and_never_trusted() -> None:
    photos = clouds(each=40)
    shuffled = np.random.default_rng(1).permutation(photos.labels)

    model, report = train_photos(replace(photos, labels=tuple(shuffled)), name="noise", embedder=MeanColours())

    assert report.accuracy < 0.45
    assert report.ece < 0.2
    assert set(model.thresholds.values()) == {NEVER}
    assert all(one.abstains for one in model.predict_features(photos.features))


def test_photos_of_one_group_never_stand_on_both_sides() -> None:
    photos = clouds(each=30, spread=2.0)
    noise = np.random.default_rng(1).permutation(photos.labels)
    pairs = PhotoSet(
        np.concatenate([photos.features, photos.features + 0.01]), (*noise, *noise), (*photos.groups, *photos.groups)
    )
    apart = replace(pairs, groups=tuple(str(i) for i in range(len(pairs.labels))))

    _, kept = train_photos(pairs, name="kept", embedder=MeanColours())
    _, leaked = train_photos(apart, name="leaked", embedder=MeanColours())

    assert kept.accuracy < 0.55
    assert leaked.accuracy > 0.8


def test_a_saved_model_predicts_the_same_and_training_again_gives_the_same_digest(
    model: PhotoModel, tmp_path: Path
) -> None:
    photos = clouds(outsiders=12)
    again = fit_photo_model(photos, name="parts", embedder=MeanColours())
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()

    digests = [model.save(tmp_path / "one"), again.save(tmp_path / "two")]
    loaded = PhotoModel.load(tmp_path / "one", sha256=digests[0], embedder=MeanColours())

    assert digests[0] == digests[1]
    assert loaded.predict_features(photos.features) == model.predict_features(photos.features)
    assert (loaded.version, loaded.settings) == (digests[0][:12], model.settings)


def test_changed_files_and_another_encoder_are_refused(model: PhotoModel, tmp_path: Path) -> None:
    digest = model.save(tmp_path)
    other = MeanColours()
    other.version = "2"

    with pytest.raises(EncoderAbsent, match="photo model parts was trained with the encoder mean-colours 1"):
        PhotoModel.load(tmp_path, sha256=digest, embedder=other)
    (tmp_path / "model.json").write_text((tmp_path / "model.json").read_text() + " ")
    with pytest.raises(DigestMismatch, match="expected"):
        PhotoModel.load(tmp_path, sha256=digest, embedder=MeanColours())


def test_photos_are_answered_in_order_and_none_with_none() -> None:
    reds = [blob((210, 20 + i, 20), (0.5, 0.5), seed=i) for i in range(8)]
    blues = [blob((20, 20 + i, 210), (0.5, 0.5), seed=50 + i) for i in range(8)]
    embedder = MeanColours()
    photos = PhotoSet(
        embedder.embed(reds + blues), ("red",) * 8 + ("blue",) * 8, tuple(f"g{i}" for i in range(16)), "d"
    )
    model = fit_photo_model(photos, name="colours", embedder=embedder)

    said = [one.label for one in model.predict([blues[0], reds[0], blues[1]])]

    assert said == ["blue", "red", "blue"]
    assert model.predict([]) == []


def test_what_is_unlike_all_training_photos_is_out_of_scope_and_abstains(model: PhotoModel) -> None:
    (strange,) = model.predict_features(np.full((1, 12), 60, dtype=np.float32))
    usual = model.predict_features(clouds(outsiders=12).features[:72])

    assert (strange.scope, strange.abstains) == ("out", True)
    assert Counter(one.scope for one in usual)["in"] >= 65
    assert all(abs(sum(p for _, p in one.top) - 1) < 1e-4 for one in usual)


def test_a_label_is_heard_from_its_own_threshold_on(model: PhotoModel) -> None:
    features = clouds(outsiders=12).features[:1]
    (before,) = model.predict_features(features)
    thresholds = dict.fromkeys(model.labels, NEVER)

    (at,) = replace(model, thresholds=thresholds | {before.label: before.confidence}).predict_features(features)
    (above,) = replace(model, thresholds=thresholds | {before.label: before.confidence + 1e-6}).predict_features(
        features
    )

    assert before.scope == "in"
    assert (at.abstains, above.abstains) == (False, True)


def test_the_same_labels_in_another_spelling_are_measured_and_unknown_ones_named(model: PhotoModel) -> None:
    photos = clouds()
    spelled = tuple(label.title() for label in photos.labels[:-1])

    report = evaluate_photos(model, replace(photos, labels=(*spelled, "pizza")))

    assert report.unknown_labels == ("pizza",)
    assert 0.9 < report.accuracy < 1


@pytest.mark.parametrize(
    ("photos", "told"),
    [
        (clouds(labels=("door",)), "different photos per label are door: 24"),
        (clouds(each=3), "different photos per label are door: 3, roof: 3, wheel: 3"),
        (replace(clouds(), groups=("g",) * 72), "near duplicates and photos of one group count once"),
        (clouds(labels=(), outsiders=8), "different photos per label are none"),
    ],
)
def test_too_few_photos_are_refused_with_the_mend(photos: PhotoSet, told: str) -> None:
    with pytest.raises(TooFewExamples) as refused:
        train_photos(photos, name="few", embedder=MeanColours())

    assert told in str(refused.value)


def test_photos_that_are_all_alike_are_refused_rather_than_learned() -> None:
    photos = clouds()
    alike = replace(photos, features=np.ones_like(photos.features))

    with pytest.raises(AlwaysTheSame, match="check that the photos of the labels differ"):
        train_photos(alike, name="alike", embedder=MeanColours())


def test_a_label_with_a_single_photo_is_learned_beside_the_others() -> None:
    photos = clouds(labels=("door", "roof"))
    more = PhotoSet(
        np.vstack([photos.features, photos.features[:1] + 9]), (*photos.labels, "rare"), (*photos.groups, "alone"), "d"
    )

    model, report = train_photos(more, name="rare", embedder=MeanColours())

    assert model.labels == ("door", "rare", "roof")
    assert report.per_class["rare"]["recall"] == 0
    assert report.accuracy > 0.9
    assert model.thresholds["rare"] == NEVER


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=60), st.sampled_from([0.5, 0.8, 0.9]))
def test_a_threshold_is_the_lowest_that_was_right_often_enough(rows: list[tuple[int, bool]], precision: float) -> None:
    confidence = np.array([c / 20 for c, _ in rows])
    right = np.array([r for _, r in rows], dtype=bool)

    found = _threshold(confidence, right, precision)

    holds = {
        t: right[confidence >= t].mean() >= precision and (confidence >= t).sum() >= 5 for t in set(confidence.tolist())
    }
    assert found == min((t for t, held in holds.items() if held), default=NEVER)
