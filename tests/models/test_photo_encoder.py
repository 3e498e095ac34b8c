from pathlib import Path

import numpy as np
import pytest
from photo_fakes import blob

from models.onnx_file import model, node, value
from models.photo_embedder import EncoderUnusable, OnnxPhotoEmbedder, embedder_for

CHANCE = np.random.default_rng(1)
KERNEL = CHANCE.normal(0, 0.1, (8, 3, 16, 16)).astype(np.float32)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A vision encoder with random weights that gives maps."""
    return written(tmp_path / "tiny.onnx", [])


def written(
    path: Path, more: list[bytes], *, output: str = "maps", shape: tuple[int | str, ...] = ("n", 3, 64, 64)
) -> Path:
    nodes = [node("Conv", ["pixels", "w"], "maps", strides=(16, 16)), *more]
    inputs = [value("pixels", shape)]
    path.write_bytes(model(nodes=nodes, weights={"w": KERNEL}, inputs=inputs, outputs=[output]))
    return path


def test_an_exported_encoder_gives_one_vector_a_photo_in_order(checkpoint: Path) -> None:
    photos = [blob((20 * i, 90, 40), (0.5, 0.5), seed=i) for i in range(10)]

    encoder = OnnxPhotoEmbedder(checkpoint)
    vectors = encoder.embed(photos)

    assert (vectors.shape, encoder.dim, encoder.parts) == ((10, 8), 8, ((8,),))
    np.testing.assert_allclose(encoder.embed(photos[9:]), vectors[9:], rtol=1e-4, atol=1e-5)
    assert encoder.embed([]).shape == (0, 8)


def test_of_tokens_the_first_is_taken_and_of_maps_the_mean(tmp_path: Path, checkpoint: Path) -> None:
    photo = blob((200, 40, 40), (0.3, 0.3))
    tokens = node("ReduceMean", ["maps"], "tokens", axes=(3,), keepdims=0)  # eight of four numbers
    both = written(tmp_path / "tokens.onnx", [tokens], output="tokens")
    mean = written(
        tmp_path / "mean.onnx", [node("ReduceMean", ["maps"], "mean", axes=(2, 3), keepdims=0)], output="mean"
    )

    rows = {path.name: OnnxPhotoEmbedder(path).embed([photo])[0] for path in (checkpoint, both, mean)}

    assert rows["tokens.onnx"].shape == (4,)
    assert rows["tokens.onnx"].mean() == pytest.approx(rows["mean.onnx"][0], rel=1e-4)
    np.testing.assert_allclose(rows["tiny.onnx"], rows["mean.onnx"], rtol=1e-4)


def test_the_two_styles_see_colours_as_their_networks_were_trained_to(checkpoint: Path) -> None:
    photo = blob((200, 40, 40), (0.3, 0.3))

    clip, dino = (OnnxPhotoEmbedder(checkpoint, style=style).embed([photo])[0] for style in ("openclip", "dinov2"))

    assert np.abs(clip - dino).max() > 0.01
    assert OnnxPhotoEmbedder(checkpoint).version == OnnxPhotoEmbedder(checkpoint, style="dinov2").version


def test_what_is_no_vision_encoder_is_refused_with_the_mend(tmp_path: Path) -> None:
    text = tmp_path / "weights.onnx"
    text.write_text("these are no weights", encoding="utf-8")
    flat = tmp_path / "flat.onnx"
    flat.write_bytes(
        model(nodes=[node("Identity", ["rows"], "out")], weights={}, inputs=[value("rows", ("n", 4))], outputs=["out"])
    )
    small = written(tmp_path / "small.onnx", [], shape=("n", 3, 8, 8))

    for path, problem in ((text, "does not read it"), (flat, "its inputs are"), (small, "fails on an empty photo")):
        with pytest.raises(EncoderUnusable, match=f"{path.name}.*{problem}.*export the vision part"):
            OnnxPhotoEmbedder(path)
    with pytest.raises(EncoderUnusable, match="there is no such file"):
        embedder_for(tmp_path, tmp_path / "absent.onnx")
