"""Text and photos together, from the message to the decision: a tiny photo model, trained on photos drawn by code."""

import random
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from cases.contradictions import ShowsOtherwise, contradictions
from cases.facts import PhotoRegion
from cases.vocabulary import Scope, Step
from models import registry
from models.photo_training import PhotoSet, fit_photo_model
from models.squeezenet import SqueezeNet
from pipelines.house import House
from pipelines.photo_models import KIND, PhotoModels
from pipelines.reading_room import decision_file
from tests.pipelines.given import Clock, by_form, case_of, certify, until_quiet

COLOURS = {"windscreen": (205, 40, 40), "collision": (40, 70, 205)}


def drawn(label: str, seed: int) -> Image.Image:
    """Sharp lines on the colour of its label. Seeds below 12 are trained on: the gate knows their like."""
    dice = random.Random(seed)
    image = Image.new("RGB", (320, 240), COLOURS[label])
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        corner = [dice.randrange(320), dice.randrange(240), dice.randrange(320), dice.randrange(240)]
        draw.line(corner, fill=(dice.randrange(60, 256),) * 3, width=dice.randrange(1, 4))
    return image


def jpeg(label: str, seed: int) -> bytes:
    out = BytesIO()
    drawn(label, seed).save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def photo_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a model of two labels, which are topics of the motor journey."""
    root = tmp_path_factory.mktemp("photo-models")
    embedder = SqueezeNet.shared(root)
    photos = [(label, seed) for label in COLOURS for seed in range(12)]
    features = embedder.embed([Image.open(BytesIO(jpeg(*one))).convert("RGB") for one in photos])
    labelled = PhotoSet(features, tuple(label for label, _ in photos), tuple(str(i) for i in range(len(photos))))

    def train(folder: Path) -> dict[str, Any]:
        model = fit_photo_model(labelled, name="motor_claim", embedder=embedder)
        return {"sha256": model.save(folder)}

    path = registry.find_or_train(root, KIND, "motor_claim", "drawn", train)
    if registry.current(root, KIND, "motor_claim") != path:
        registry.promote(root, KIND, "motor_claim", path.name)
    return root


@pytest.fixture(scope="module")
def photo_models(photo_root: Path) -> PhotoModels:
    return PhotoModels(photo_root)


def test_a_photo_that_shows_otherwise_sends_a_case_that_would_close_to_a_person_in_words(
    house: House, clock: Clock, photo_models: PhotoModels
) -> None:
    seeing = replace(house, photos=photo_models)
    certify(seeing, "motor_claim", "windscreen")

    fits = by_form(seeing, files=[("glass.jpg", jpeg("windscreen", 3))]).reference
    against = by_form(seeing, files=[("car.jpg", jpeg("collision", 4))], sender="other@example.org").reference
    until_quiet(seeing, clock)

    good, bad = case_of(seeing, fits), case_of(seeing, against)
    assert good.understood is not None
    assert bad.understood is not None
    [shown] = good.understood.photos
    assert (shown.label, shown.abstains, shown.scope) == ("windscreen", False, Scope.IN)
    assert shown.model == "photo/motor_claim"
    assert contradictions(good, seeing.journeys.get("motor_claim").journey) == ()
    [found] = contradictions(bad, seeing.journeys.get("motor_claim").journey)
    assert isinstance(found, ShowsOtherwise)
    assert isinstance(found.sources[0], PhotoRegion)
    assert bad.step is not None
    assert bad.step.step is Step.EXPERT
    assert bad.step.score == bad.understood.confidence
    assert bad.understood.combined is not None
    assert good.understood.combined is not None
    assert bad.understood.combined.probability < good.understood.combined.probability <= good.understood.confidence
    told = [flag["text"] for flag in decision_file(seeing, str(against))["headline"]["flags"]]
    assert any("car.jpg" in text for text in told)


def test_without_a_photo_model_nothing_is_seen(house: House, clock: Clock) -> None:
    reference = by_form(house, files=[("glass.jpg", jpeg("collision", 103))]).reference
    until_quiet(house, clock)

    read = case_of(house, reference).understood
    assert read is not None
    assert (read.photos, read.combined) == ((), None)


def test_a_certificate_speaks_for_the_photo_model_too_so_another_one_begins_with_the_shadow_phase(
    house: House, clock: Clock, photo_models: PhotoModels
) -> None:
    seeing = replace(house, photos=photo_models)
    certify(house, "motor_claim", "windscreen")

    before = by_form(seeing, files=[("glass.jpg", jpeg("windscreen", 3))]).reference
    until_quiet(seeing, clock)
    certify(seeing, "motor_claim", "windscreen", number=2)
    after = by_form(seeing, files=[("glass.jpg", jpeg("windscreen", 5))], sender="other@example.org").reference
    plain = by_form(house, files=[("glass.jpg", jpeg("windscreen", 6))], sender="third@example.org").reference
    until_quiet(seeing, clock)

    steps = [case_of(seeing, one).step for one in (before, after, plain)]
    assert [(one.shadow, one.certificate) for one in steps if one is not None] == [
        (True, None),
        (False, "motor_claim.windscreen.2"),
        (False, "motor_claim.windscreen.2"),
    ]
    version = photo_models.version("motor_claim")
    with house.database.reading() as store:
        digests = [one.model_digest for one in store.certificates.open("motor_claim", "windscreen")]
    assert digests == [house.texts.version("motor_claim"), f"{house.texts.version('motor_claim')}+{version}"]


def test_the_version_of_a_photo_model_is_told_without_loading_it(photo_root: Path, photo_models: PhotoModels) -> None:
    loaded = photo_models.of("motor_claim")
    assert loaded is not None

    unread = PhotoModels(photo_root)  # as another process finds it

    assert unread.version("motor_claim") == loaded.version == photo_models.version("motor_claim")
    assert unread.version("home_repair") == ""
