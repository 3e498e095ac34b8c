import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from models.photo import (
    PhotoTooSmall,
    codes_of,
    hamming,
    luminance,
    measure_quality,
    perceptual_hashes,
    sharpness,
)
from models.reuse import CANDIDATE_WITHIN, REUSED_WITHIN, Reuse, ReuseLedger
from tests.photos.drawn import encode, reopen, scene

KNOWN = 60


@pytest.fixture(scope="module")
def scenes() -> list[Image.Image]:
    return [scene(seed) for seed in range(KNOWN)]


@pytest.fixture(scope="module")
def ledger(scenes: list[Image.Image]) -> ReuseLedger:
    kept = ReuseLedger()
    for seed, photo in enumerate(scenes):
        kept.add(str(seed), perceptual_hashes(photo).stored)
    return kept


def cropped(photo: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = photo.size
    return photo.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))


def test_a_blurred_photo_measures_less_sharp_and_the_threshold_is_exclusive() -> None:
    photo = scene(3).filter(ImageFilter.SHARPEN)
    sharp, soft = sharpness(photo), sharpness(photo.filter(ImageFilter.GaussianBlur(6)))

    assert soft < 20 < sharp
    assert not measure_quality(photo, blurred_below=sharp).blurred
    assert measure_quality(photo, blurred_below=sharp + 0.01).blurred


def test_darkness_is_mean_grey_and_forty_is_not_dark() -> None:
    assert luminance(Image.new("RGB", (100, 100), (40, 40, 40))) == 40
    assert not measure_quality(Image.new("RGB", (100, 100), (40, 40, 40))).dark
    assert measure_quality(Image.new("RGB", (100, 100), (39, 39, 39))).dark


def test_the_laplacian_of_known_pixels_is_right() -> None:
    checkers = np.indices((384, 512)).sum(axis=0) % 2 * 10  # each pixel differs by 10 from its 4 neighbours

    assert sharpness(Image.fromarray(checkers.astype(np.uint8))) == pytest.approx(40**2)


def test_an_upright_photo_is_as_sharp_as_a_lying_one() -> None:
    photo = scene(4)

    assert sharpness(photo.transpose(Image.Transpose.ROTATE_90)) == pytest.approx(sharpness(photo), rel=0.01)


def test_under_sixty_four_pixels_nothing_is_measured() -> None:
    assert measure_quality(Image.new("L", (64, 64))).dark
    for measure in (measure_quality, sharpness, luminance, perceptual_hashes):
        with pytest.raises(PhotoTooSmall, match="63 by 64"):
            measure(Image.new("L", (63, 64)))


def test_hashes_are_eight_to_store_and_seven_to_search_with() -> None:
    hashes = perceptual_hashes(scene(1))

    assert (len(hashes.stored), len(hashes.variants), len(hashes.queries)) == (8, 7, 8)
    assert all(len(code) == 16 for code in hashes.stored + hashes.variants)


def test_the_whole_hash_is_the_published_scheme() -> None:
    """`imagehash.phash` written out for one photo: grey, 32 by 32, DCT-II, 8 by 8 low frequencies, their median."""
    from scipy.fft import dct  # noqa: PLC0415  # the reference, used only here

    pixels = np.asarray(scene(2).convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    low = dct(dct(pixels, axis=0), axis=1)[:8, :8]
    bits = "".join("1" if value > np.median(low) else "0" for value in low.ravel())

    assert hamming(perceptual_hashes(scene(2)).stored[0], f"{int(bits, 2):016x}") <= 2


def test_mirror_and_turns_are_found_exactly() -> None:
    photo = scene(5, (512, 512))
    variants = perceptual_hashes(photo).variants

    for place, turn in enumerate(
        (
            Image.Transpose.FLIP_LEFT_RIGHT,
            Image.Transpose.ROTATE_90,
            Image.Transpose.ROTATE_180,
            Image.Transpose.ROTATE_270,
        )
    ):
        assert hamming(perceptual_hashes(photo.transpose(turn)).stored[0], variants[3 + place]) <= 4


def test_a_photo_too_plain_to_compare_has_no_hashes_and_finds_nothing(ledger: ReuseLedger) -> None:
    hashes = perceptual_hashes(Image.new("RGB", (300, 200), "white"))

    assert hashes.stored == hashes.variants == ()
    assert ledger.find(hashes.queries) is None


@pytest.mark.parametrize(
    ("change", "recall"),
    [
        (lambda photo: reopen(encode(photo, quality=30)), 0.95),
        (lambda photo: photo.resize((320, 240)), 0.95),
        (lambda photo: photo.point(lambda level: min(255, level * 1.2)), 0.95),
        (lambda photo: photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 0.95),
        (lambda photo: photo.transpose(Image.Transpose.ROTATE_90), 0.95),
        (lambda photo: cropped(photo, 0.025, 0.025, 0.975, 0.975), 0.95),
        (lambda photo: cropped(photo, 0.1, 0.1, 0.9, 0.9), 0.95),
        (lambda photo: cropped(photo, 0.05, 0, 1, 1), 0.8),
        (lambda photo: cropped(photo, 0, 0, 1, 0.95), 0.8),
        (lambda photo: reopen(encode(cropped(photo, 0.03, 0.02, 0.97, 0.98).resize((400, 300)), quality=50)), 0.8),
    ],
    ids=[
        "recompressed",
        "resized",
        "brighter",
        "mirrored",
        "turned",
        "crop 5%",
        "crop 20%",
        "left 5%",
        "bottom 5%",
        "all",
    ],
)
def test_a_reworked_photo_is_found_again(change, recall: float, scenes: list[Image.Image], ledger: ReuseLedger) -> None:
    found = [ledger.find(perceptual_hashes(change(photo)).queries) for photo in scenes]

    right = [reuse is not None and reuse.file_id == str(seed) for seed, reuse in enumerate(found)]
    assert sum(right) >= recall * KNOWN


def test_other_places_are_never_called_reused_and_seldom_a_candidate(ledger: ReuseLedger) -> None:
    found = [ledger.find(perceptual_hashes(scene(seed, (400, 300))).queries) for seed in range(1_000, 1_150)]

    candidates = [reuse for reuse in found if reuse is not None]
    assert not [reuse for reuse in candidates if reuse.verdict == "reused"]
    assert len(candidates) <= 0.03 * len(found)


def flipped(code: str, bits: int, seed: int = 0) -> str:
    mask = sum(1 << bit for bit in random.Random(seed).sample(range(64), bits))
    return f"{int(code, 16) ^ mask:016x}"


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0, "reused"),
        (REUSED_WITHIN, "reused"),
        (REUSED_WITHIN + 1, "candidate"),
        (CANDIDATE_WITHIN, "candidate"),
        (CANDIDATE_WITHIN + 1, None),
    ],
)
def test_six_bits_is_reused_ten_a_candidate_and_eleven_another_photo(bits: int, expected: str | None) -> None:
    kept = ReuseLedger()
    kept.add("a", ("0123456789abcdef",))

    found = kept.find((flipped("0123456789abcdef", bits),))

    assert (found.verdict if found else None) == expected
    assert found is None or found == Reuse("a", bits)


def test_of_equally_near_photos_the_first_is_named() -> None:
    kept = ReuseLedger()
    for name in ("a", "b"):
        kept.add(name, ("00ff00ff00ff00ff",))

    assert kept.find(("00ff00ff00ff00ff",)) == Reuse("a", 0)


def test_an_empty_ledger_finds_nothing() -> None:
    assert ReuseLedger().find(("0123456789abcdef",)) is None


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), bits=st.integers(0, 12))
def test_the_index_finds_what_a_scan_finds(seed: int, bits: int) -> None:
    chance = random.Random(seed)
    codes = [f"{chance.getrandbits(64):016x}" for _ in range(40_000)]
    kept = ReuseLedger()
    for start in range(0, len(codes), 10_000):  # past the unsorted tail, in several sorted segments
        part = codes[start : start + 10_000]
        names = [str(start + n) for n in range(len(part))]
        kept.add_codes(names, codes_of(part), np.arange(len(part), dtype=np.int32))
    query = flipped(chance.choice(codes), bits, seed)

    nearest = min((hamming(code, query), place) for place, code in enumerate(codes))

    expected = Reuse(str(nearest[1]), nearest[0]) if nearest[0] <= CANDIDATE_WITHIN else None
    assert kept.find((query,)) == expected
    assert len(kept) == 40_000


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_hamming_counts_differing_bits(one: int, other: int) -> None:
    assert hamming(f"{one:016x}", f"{other:016x}") == sum((one >> bit ^ other >> bit) & 1 for bit in range(64))
