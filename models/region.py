"""Where in a photo lies what speaks for a label: a box for the decision file, always told with how it was found."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from models.heads import Floats
from models.later import Later
from models.photo_model import PhotoModel
from models.squeezenet import Box, SqueezeNet

if TYPE_CHECKING:
    from PIL.Image import Image

pillow, ndimage = Later("PIL.Image"), Later("scipy.ndimage")
_HALF = 0.5  # of the strongest cell: weaker ones are left out of the box
_CELLS = 7  # a side, of the grid that is covered piece by piece
_COVERED = 2  # cells a side of the piece that is covered at a time
_PLACES = tuple(product(range(_CELLS - _COVERED + 1), repeat=2))  # row and column where a piece begins
_NOTHING = 1e-4  # of a score that comes from no part
_GREY = (124, 117, 104)  # the mean colour of photos


@dataclass(frozen=True, slots=True)
class Region:
    """A box as parts 0 to 1 of the photo's width and height.

    "occlusion": the label's score falls most when this part is covered (Zeiler and Fergus, 2014). "activation map":
    when what the network saw in this part is left out, which takes two passes, not 37 (Desai and Ramaswamy, 2020).
    Neither proves that the model looked at the right thing.
    """

    left: float
    top: float
    right: float
    bottom: float
    method: Literal["occlusion", "activation map"]


def region(model: PhotoModel, image: "Image", label: str) -> Region | None:
    """What in an RGB photo speaks for one of the model's labels; None when nothing does.

    An activation map for the backbone that comes with the house, occlusion for other encoders. Raises ValueError for a
    label that the model does not know.
    """
    which = model.labels.index(label)
    if isinstance(model.embedder, SqueezeNet):
        features = model.embedder.leaving_out(image, [_part(*place) for place in _PLACES])
        return _box(_losses(model, features, which), "activation map")
    covered = [_cover(image, _part(*place)) for place in _PLACES]
    return _box(_losses(model, model.embedder.embed([image, *covered]), which), "occlusion")


def _losses(model: PhotoModel, features: Floats, label: int) -> Floats:
    """How much of the label's score, against the mean of all, each cell carries: the mean over its pieces."""
    scores = model.head.scores(features)[0]
    contrast = scores[:, label] - scores.mean(axis=1)
    lost, times = np.zeros((_CELLS, _CELLS)), np.zeros((_CELLS, _CELLS))
    for (row, column), score in zip(_PLACES, contrast[1:], strict=True):
        piece = slice(row, row + _COVERED), slice(column, column + _COVERED)
        lost[piece] += contrast[0] - score
        times[piece] += 1
    return np.asarray(lost / times, dtype=np.float32)


def _part(row: int, column: int) -> Box:
    """The piece that begins in a cell, as parts of the photo."""
    return column / _CELLS, row / _CELLS, (column + _COVERED) / _CELLS, (row + _COVERED) / _CELLS


def _cover(image: "Image", part: Box) -> "Image":
    left, top, right, bottom = part
    wide, high = image.size
    covered = image.convert("RGB").copy()
    covered.paste(_GREY, (round(left * wide), round(top * high), round(right * wide), round(bottom * high)))
    return covered


def _box(heat: Floats, method: Literal["occlusion", "activation map"]) -> Region | None:
    """Around the cells at least half as strong as the strongest that hang together with it."""
    if heat.max() <= _NOTHING:
        return None
    strong: NDArray[np.bool_] = heat >= _HALF * heat.max()
    pieces, _ = ndimage.label(strong)
    rows, columns = np.nonzero(pieces == pieces.flat[heat.argmax()])
    high, wide = heat.shape
    return Region(
        float(columns.min() / wide),
        float(rows.min() / high),
        float((columns.max() + 1) / wide),
        float((rows.max() + 1) / high),
        method,
    )
