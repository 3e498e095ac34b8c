"""What can be measured on a photo without a learned model: is it usable, and what does it look like.

All functions take a decoded 8-bit RGB or grey image; decoding hostile bytes is the business of the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.later import Later

if TYPE_CHECKING:
    from PIL.Image import Image

pillow = Later("PIL.Image")
QUALITY_SIDES = (512, 384)  # both measures depend on the size, so it is fixed; upright photos turn it
MIN_SIDE = 64
BLURRED_BELOW = 100.0
DARK_BELOW = 40.0

HASHED_SIDE = 32
KEPT_FREQUENCIES = 8
_CANVAS_SIDE = 128  # crops are cut from this: eight resizes of a large photo cost ten times as much
_PLAIN_BELOW = 4.0  # standard deviation in grey levels; under it only noise decides the bits
# Left, top, right, bottom as parts of the photo: whole, three centre crops, four crops of one side.
_CROPS = (
    (0.0, 0.0, 1.0, 1.0),
    (0.025, 0.025, 0.975, 0.975),
    (0.05, 0.05, 0.95, 0.95),
    (0.1, 0.1, 0.9, 0.9),
    (0.1, 0.0, 1.0, 1.0),
    (0.0, 0.0, 0.9, 1.0),
    (0.0, 0.1, 1.0, 1.0),
    (0.0, 0.0, 1.0, 0.9),
)


class PhotoTooSmall(ModelError):
    """A side is under 64 pixels: nothing can be measured on it."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"a photo of {width} by {height} pixels is too small; ask for one of at least {MIN_SIDE}")
        self.width, self.height = width, height


@dataclass(frozen=True, slots=True)
class Quality:
    """`sharpness` in grey levels squared, `luminance` 0 to 255."""

    sharpness: float
    luminance: float
    blurred: bool
    dark: bool


class PhotoHashes(NamedTuple):
    """Perceptual hashes of 64 bits as 16 hex digits; both empty for a photo too plain to be compared.

    stored: whole, centre crops .95 .9 .8, crops of the left, right, top and bottom tenth (8).
    variants: centre crops .95 .9 .8, mirror, a quarter, half and three quarter turn (7). Search with
    `queries`: the whole photo and its variants.
    """

    stored: tuple[str, ...]
    variants: tuple[str, ...]

    @property
    def queries(self) -> tuple[str, ...]:
        return self.stored[:1] + self.variants


def measure_quality(photo: "Image", *, blurred_below: float = BLURRED_BELOW, dark_below: float = DARK_BELOW) -> Quality:
    """Sharpness and light on a grey copy of 512 by 384. Raises PhotoTooSmall under 64 by 64 pixels."""
    grey = _quality_copy(photo)
    sharp = _laplacian_variance(grey)
    light = float(grey.mean())
    return Quality(sharp, light, sharp < blurred_below, light < dark_below)


def sharpness(photo: "Image") -> float:
    """Variance of the Laplacian, in grey levels squared; below 100 reads as blurred.

    Raises PhotoTooSmall under 64 by 64 pixels. Source: Pech-Pacheco et al. (2000).
    """
    return _laplacian_variance(_quality_copy(photo))


def luminance(photo: "Image") -> float:
    """Mean grey level, 0 to 255; below 40 reads as dark. Raises PhotoTooSmall under 64 by 64 pixels."""
    return float(_quality_copy(photo).mean())


def perceptual_hashes(photo: "Image") -> PhotoHashes:
    """Eight hashes to store and seven to search with. Raises PhotoTooSmall under 64 by 64 pixels.

    The 32 by 32 DCT scheme of `imagehash.phash`; mirror and turns are computed on the small copy.
    """
    _check_size(photo)
    canvas = _grey(photo).resize((_CANVAS_SIDE, _CANVAS_SIDE), pillow.Resampling.BILINEAR, reducing_gap=3.0)
    if float(np.asarray(canvas, dtype=np.float32).std()) < _PLAIN_BELOW:
        return PhotoHashes((), ())
    small = np.stack([_small(canvas, crop) for crop in _CROPS])
    whole = small[0]
    turned = np.stack([whole[:, ::-1], *(np.rot90(whole, turns) for turns in (1, 2, 3))])
    hexes = [f"{code:016x}" for code in _hash(np.concatenate([small, turned])).tolist()]
    return PhotoHashes(tuple(hexes[:8]), (*hexes[1:4], *hexes[8:]))


def hamming(one: str, other: str) -> int:
    """Number of differing bits of two hashes in hex, 0 to 64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def codes_of(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes in hex as unsigned integers, shape (n,)."""
    return np.array([int(code, 16) for code in hashes], dtype=np.uint64)


def _check_size(photo: "Image") -> None:
    if min(photo.size) < MIN_SIDE:
        raise PhotoTooSmall(*photo.size)


def _grey(photo: "Image") -> "Image":
    return photo if photo.mode == "L" else photo.convert("L")


def _quality_copy(photo: "Image") -> NDArray[np.int16]:
    _check_size(photo)
    sides = QUALITY_SIDES if photo.width >= photo.height else QUALITY_SIDES[::-1]
    return np.asarray(_grey(photo).resize(sides, pillow.Resampling.BILINEAR, reducing_gap=3.0), dtype=np.int16)


def _laplacian_variance(grey: NDArray[np.int16]) -> float:
    middle = grey[1:-1, 1:-1]
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(edges.astype(np.float32).var())


def _small(canvas: "Image", crop: tuple[float, float, float, float]) -> NDArray[np.float32]:
    left, top, right, bottom = (_CANVAS_SIDE * edge for edge in crop)
    small = canvas.resize((HASHED_SIDE, HASHED_SIDE), pillow.Resampling.LANCZOS, box=(left, top, right, bottom))
    return np.asarray(small, dtype=np.float32)


def _hash(small: NDArray[np.float32]) -> NDArray[np.uint64]:
    """(n, 32, 32) grey to (n,) codes: the low frequencies above their median, row by row."""
    basis = _dct_basis()
    low = (basis @ small @ basis.T).reshape(len(small), -1)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)


@cache
def _dct_basis() -> NDArray[np.float32]:
    """The first 8 rows of the DCT-II of length 32, shape (8, 32)."""
    frequency = np.arange(KEPT_FREQUENCIES)[:, None]
    position = np.arange(HASHED_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * position + 1) / (2 * HASHED_SIDE)).astype(np.float32)
