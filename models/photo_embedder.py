"""What turns photos into numbers: the port, the backbone that comes with the house, and encoders of one's own."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.later import Later
from models.squeezenet import SqueezeNet

if TYPE_CHECKING:
    from PIL.Image import Image

onnxruntime, pillow = Later("onnxruntime"), Later("PIL.Image")
Floats = NDArray[np.float32]
Style = Literal["openclip", "dinov2"]
# Mean and standard deviation of red, green and blue that the networks were trained with.
_COLOURS: dict[Style, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "openclip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "dinov2": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}
_SIDE = 224
_BATCH = 8


class PhotoEmbedder(Protocol):
    """Photos as vectors. parts: the widths of blocks of columns that belong together, part by part."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def dim(self) -> int: ...
    @property
    def parts(self) -> tuple[tuple[int, ...], ...]: ...

    def embed(self, images: Sequence["Image"], /) -> Floats:
        """Shape (n images, dim), in order, of RGB images of any size."""
        ...


class EncoderUnusable(ModelError):
    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} cannot serve as photo encoder: {problem}; export the vision part of the network as ONNX, with"
            " pixels (photos, 3, height, width) as its only input and one vector a photo as its first output"
        )


class EncoderAbsent(ModelError):
    def __init__(self, model: str, encoder: str) -> None:
        super().__init__(
            f"photo model {model} was trained with the encoder {encoder}, which is not the one in use;"
            " name that file with CASEWRIGHT_PHOTO_ENCODER or train the model again"
        )


class OnnxPhotoEmbedder:
    """The vision encoder of a CLIP or DINOv2 network from an ONNX file. Its version is the file's sha256.

    Of an output of tokens (n, tokens, dim) the first is taken, of maps (n, dim, height, width) the mean. Safe to share
    by threads. Raises EncoderUnusable.
    """

    def __init__(self, path: Path, *, style: Style = "openclip") -> None:
        if not path.is_file():
            raise EncoderUnusable(path, "there is no such file")
        body = path.read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime raises classes of its own that derive from nothing common
            raise EncoderUnusable(path, "the runtime does not read it as ONNX") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:  # noqa: PLR2004  # photos, colours, height, width
            raise EncoderUnusable(path, f"its inputs are {[(one.name, one.shape) for one in inputs]}")
        self._input, sides = inputs[0].name, inputs[0].shape[2:]
        self._sides = tuple(side if isinstance(side, int) else _SIDE for side in sides)
        self._mean, self._deviation = (np.array(one, dtype=np.float32) for one in _COLOURS[style])
        self.name, self.version = style, hashlib.sha256(body).hexdigest()
        try:
            self.dim = self._run(np.zeros((1, 3, *self._sides), dtype=np.float32)).shape[1]
        except Exception as error:
            raise EncoderUnusable(path, f"it fails on an empty photo of {self._sides}") from error
        self.parts: tuple[tuple[int, ...], ...] = ((self.dim,),)

    def embed(self, images: Sequence["Image"], /) -> Floats:
        """Shape (n images, dim), in order."""
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        rows = [self._run(np.stack([self._prepared(image) for image in batch])) for batch in batches]
        return np.concatenate([np.zeros((0, self.dim), dtype=np.float32), *rows])

    def _prepared(self, image: "Image") -> Floats:
        height, width = self._sides
        fitted = image.convert("RGB").resize((width, height), pillow.Resampling.BICUBIC, reducing_gap=3.0)
        pixels = (np.asarray(fitted, dtype=np.float32) / 255 - self._mean) / self._deviation
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def _run(self, pixels: Floats) -> Floats:
        found = np.asarray(self._session.run(None, {self._input: pixels})[0], dtype=np.float32)
        match found.ndim:
            case 2:
                return found
            case 3:
                return np.ascontiguousarray(found[:, 0])
            case 4:
                return np.asarray(found.mean(axis=(2, 3)))
            case _:
                raise ValueError(f"its first output has shape {found.shape}")


def embedder_for(root: Path, encoder: Path | None = None, style: Style = "openclip") -> PhotoEmbedder:
    """The encoder at a path, or else the backbone, whose file is kept under `root`."""
    return SqueezeNet.shared(root) if encoder is None else OnnxPhotoEmbedder(encoder, style=style)
