"""Encoders and photos for tests of the photo models: cheap, and every figure known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.photo_training import PhotoSet


class MeanColours:
    """A photo is the mean and the spread of its three colours, twice: two parts of one block each."""

    name = "mean-colours"
    version = "1"
    dim = 12
    parts = ((6,), (6,))

    def embed(self, images: Sequence[Image.Image], /) -> NDArray[np.float32]:
        if not images:
            return np.zeros((0, self.dim), dtype=np.float32)
        pixels = [np.asarray(image, dtype=np.float32) / 255 for image in images]
        plain = [np.concatenate([one.mean(axis=(0, 1)), one.std(axis=(0, 1))] * 2) for one in pixels]
        return np.stack(plain).astype(np.float32)


def blob(colour: tuple[int, int, int], at: tuple[float, float], *, seed: int = 0, side: int = 160) -> Image.Image:
    """Noise, and a disc of one colour centred at parts of the photo."""
    noise = np.random.default_rng(seed).normal(120, 18, (side, side, 3))
    photo = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    x, y, radius = at[0] * side, at[1] * side, side / 7
    ImageDraw.Draw(photo).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return photo


def clouds(
    *, labels: Sequence[str] = ("door", "roof", "wheel"), each: int = 24, spread: float = 0.6, outsiders: int = 0
) -> PhotoSet:
    """Features of labels that lie apart, in 12 positive columns; outsiders lie far from all."""
    chance = np.random.default_rng(3)
    centres = chance.normal(0, 2, (len(labels), 12))
    rows = [centres[i] + chance.normal(0, spread, (each, 12)) for i in range(len(labels))]
    rows.append(chance.normal(0, 9, (outsiders, 12)))
    told = [label for label in labels for _ in range(each)] + ["oos"] * outsiders
    features = np.abs(np.concatenate(rows)).astype(np.float32)
    return PhotoSet(features, tuple(told), tuple(f"g{i}" for i in range(len(told))), "digest")
