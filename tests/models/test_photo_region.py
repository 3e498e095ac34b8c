import numpy as np
import pytest
from photo_fakes import MeanColours, blob
from PIL import Image

from models.photo_embedder import PhotoEmbedder
from models.photo_model import PhotoModel
from models.photo_training import PhotoSet, fit_photo_model
from models.region import Region, region
from models.squeezenet import SqueezeNet

PLACES = ((0.25, 0.25), (0.75, 0.3), (0.3, 0.7), (0.7, 0.75), (0.5, 0.5), (0.2, 0.5), (0.8, 0.5), (0.5, 0.8))
MEAN_COLOUR = (124, 117, 104)  # of photos: what pieces are covered with
RED, PLAIN = (220, 20, 20), (122, 119, 120)


def disc_or_nothing(embedder: PhotoEmbedder) -> PhotoModel:
    """Knows photos with a red disc somewhere from photos without one."""
    photos = [blob(colour, at, seed=i) for colour in (RED, PLAIN) for i, at in enumerate(PLACES)]
    labels = ("disc",) * len(PLACES) + ("nothing",) * len(PLACES)
    groups = tuple(str(i) for i in range(len(photos)))
    return fit_photo_model(PhotoSet(embedder.embed(photos), labels, groups), name="disc", embedder=embedder)


@pytest.fixture(scope="module")
def by_backbone(tmp_path_factory: pytest.TempPathFactory) -> PhotoModel:
    return disc_or_nothing(SqueezeNet.shared(tmp_path_factory.mktemp("models")))


@pytest.mark.parametrize("at", [(0.25, 0.7), (0.75, 0.25)])
def test_the_region_of_a_photo_with_one_object_lies_over_it(by_backbone: PhotoModel, at: tuple[float, float]) -> None:
    found = region(by_backbone, blob(RED, at, seed=99), "disc")

    assert found is not None
    assert found.method == "activation map"
    assert overlap(found, at) > 0.3
    assert (found.right - found.left) * (found.bottom - found.top) < 0.5


def test_another_encoder_is_asked_by_covering_the_photo_piece_by_piece() -> None:
    at = (0.7, 0.3)

    found = region(disc_or_nothing(MeanColours()), blob(RED, at, seed=99), "disc")

    assert found is not None
    assert found.method == "occlusion"
    assert overlap(found, at) > 0.5
    assert (found.right - found.left) * (found.bottom - found.top) < 0.5


def test_a_photo_that_holds_nothing_of_a_label_has_no_region_for_it() -> None:
    model = disc_or_nothing(MeanColours())

    assert region(model, Image.new("RGB", (160, 160), MEAN_COLOUR), "disc") is None


def test_a_label_that_the_model_does_not_know_is_a_mistake_of_the_caller(by_backbone: PhotoModel) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        region(by_backbone, blob(RED, (0.5, 0.5)), "pizza")


def overlap(found: Region, at: tuple[float, float], reach: float = 1 / 7) -> float:
    """Share of the disc's box that the region covers."""
    wide = np.clip(min(found.right, at[0] + reach) - max(found.left, at[0] - reach), 0, None)
    high = np.clip(min(found.bottom, at[1] + reach) - max(found.top, at[1] - reach), 0, None)
    return float(wide * high / (2 * reach) ** 2)


def test_regions_are_parts_of_the_photo_whatever_its_size(by_backbone: PhotoModel) -> None:
    large = blob(RED, (0.3, 0.3), seed=4).resize((900, 300))

    found = region(by_backbone, large, "disc")

    assert found is not None
    assert 0 <= found.left < found.right <= 1
    assert 0 <= found.top < found.bottom <= 1
