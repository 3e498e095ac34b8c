import os
import signal
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from models.photo import hamming
from pipelines.attachments import MAX_PHOTO_BYTES, FileUnusable
from pipelines.decoding import Decoder, DecoderDidNotStart, DecoderDied
from tests.photos.drawn import encode, exif, png_header, png_with_text_bomb, reopen, scene

PHOTO = scene(1)
JPEG = encode(PHOTO, quality=90)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(seconds=20) as shared:
        yield shared


def test_a_photo_gives_findings_in_order_and_none_for_none(decoder: Decoder) -> None:
    small, large = encode(scene(2, (300, 200))), encode(scene(3, (2400, 1800)))

    found = decoder.look([large, small])

    assert [(f.usable, f.reason, f.width, f.height, f.format) for f in found] == [
        (True, None, 2400, 1800, "jpeg"),
        (True, None, 300, 200, "jpeg"),
    ]
    assert (len(found[0].hashes), len(found[0].variants), len(found[0].queries)) == (8, 7, 8)
    assert decoder.look([]) == []


def test_a_path_reads_like_its_bytes_and_a_missing_one_is_an_error(decoder: Decoder, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)

    assert decoder.look([tmp_path / "a.jpg"]) == decoder.look([JPEG])
    with pytest.raises(FileNotFoundError):
        decoder.look([tmp_path / "b.jpg"])


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "HEIF"])
def test_every_kind_of_photo_looks_the_same(kind: str, decoder: Decoder) -> None:
    reference, found = decoder.look([encode(PHOTO, "PNG"), encode(PHOTO, kind, quality=95)])

    assert found.usable
    assert (found.width, found.height) == (800, 600)
    assert hamming(found.hashes[0], reference.hashes[0]) <= 4
    assert found.luminance == pytest.approx(reference.luminance, abs=2)


def test_metadata_is_read_into_a_record(decoder: Decoder) -> None:
    found = decoder.look([encode(PHOTO, exif=exif(1, 52.090737, -5.12142))])[0]

    assert found.taken_at == "2026-11-03T10:12:13"
    assert found.gps == pytest.approx((52.090737, -5.12142), abs=1e-5)
    assert (found.camera, found.software) == ("Fairphone FP5", "Camera 7")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_seen_upright_whatever_way_the_camera_was_held(orientation: int, decoder: Decoder) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that writes this orientation
    stored = PHOTO if orientation == 1 else PHOTO.transpose(Image.Transpose(undo[orientation]))

    look = decoder.look_closely([encode(stored, quality=95, exif=exif(orientation))])[0]
    shown = reopen(decoder.derive(encode(stored, quality=95, exif=exif(orientation))))

    upright = np.asarray(PHOTO.resize((80, 60)), dtype=int)
    assert (look.findings.width, look.findings.height) == (800, 600)
    assert shown.size == (800, 600)
    assert look.pixels is not None
    assert np.abs(np.asarray(Image.fromarray(look.pixels).resize((80, 60)), dtype=int) - upright).mean() < 4
    assert np.abs(np.asarray(shown.resize((80, 60)), dtype=int) - upright).mean() < 4


def test_pixels_for_a_model_are_at_most_512_a_side(decoder: Decoder) -> None:
    wide, broken = decoder.look_closely([encode(scene(4, (1600, 800))), b"no photo"])

    assert wide.pixels is not None
    assert wide.pixels.shape == (256, 512, 3)
    assert wide.pixels.dtype == np.uint8
    assert broken.pixels is None


def test_the_digest_of_pixels_ignores_metadata_and_sees_another_picture(decoder: Decoder) -> None:
    bare, tagged, other = decoder.look([JPEG, encode(PHOTO, quality=90, exif=exif(6)), encode(scene(9), quality=90)])

    assert bare.sha256_pixels == tagged.sha256_pixels != other.sha256_pixels


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def bomb(width: int, height: int) -> bytes:
    return encode(Image.new("L", (width, height)), "PNG")


def damaged_exif() -> bytes:
    return encode(PHOTO, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(256)) * 4)


def absurd_exif() -> bytes:
    place = {
        piexif.GPSIFD.GPSLatitude: ((1, 0), (0, 0), (9, 0)),
        piexif.GPSIFD.GPSLongitude: ((999, 1), (0, 1), (0, 1)),
    }
    details = {piexif.ExifIFD.DateTimeOriginal: b"2026:13:41 25:61:61"}
    return encode(PHOTO, exif=piexif.dump({"0th": {piexif.ImageIFD.Orientation: 99}, "Exif": details, "GPS": place}))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff", "unreadable"),
        (b"\xff\xd8\xff" + bytes(5_000), "unreadable"),
        (half(JPEG), "truncated"),
        (half(encode(PHOTO, "PNG")), "truncated"),
        (half(encode(PHOTO, "WEBP")), "truncated"),
        (half(encode(PHOTO, "HEIF")), "truncated"),
        (encode(PHOTO, "EPS"), "not_a_photo"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(id) (r) file\n", "not_a_photo"),
        (encode(PHOTO, "GIF"), "not_a_photo"),
        (encode(PHOTO, "TIFF"), "not_a_photo"),
        (b"GIF89a/*\0\0*/=alert(1)", "not_a_photo"),
        (b"%PDF-1.4\n" + JPEG, "not_a_photo"),
        (b"<svg/>", "not_a_photo"),
        (png_header(60_000, 60_000), "too_many_pixels"),
        (bomb(7_072, 7_072), "too_many_pixels"),
        (JPEG + bytes(MAX_PHOTO_BYTES), "too_large"),
        (encode(Image.new("RGB", (63, 200))), "too_small"),
        (png_header(1_000, 1_000), "truncated"),
        (png_with_text_bomb(), "unreadable"),
    ],
)
def test_a_photo_that_cannot_be_used_says_why(data: bytes, reason: str, decoder: Decoder) -> None:
    found = decoder.look([data])[0]

    assert (found.usable, found.hashes) == (False, ())
    assert found.reason == reason


@pytest.mark.parametrize(("data", "reason"), [(half(JPEG), "truncated"), (b"<svg/>", "not_a_photo"), (b"", "empty")])
def test_no_copy_is_made_of_an_unusable_photo(data: bytes, reason: str, decoder: Decoder) -> None:
    with pytest.raises(FileUnusable) as told:
        decoder.derive(data)

    assert told.value.reason == reason


@pytest.mark.parametrize(
    "data",
    [
        JPEG + b"PK\x03\x04" + bytes(100),
        encode(PHOTO.convert("CMYK")),
        encode(PHOTO.convert("L")),
        encode(PHOTO.convert("P"), "PNG", transparency=3),
        encode(PHOTO.convert("RGBA"), "PNG"),
        encode(PHOTO.convert("LA"), "PNG"),
        encode(PHOTO.convert("1"), "PNG"),
        encode(Image.fromarray(np.asarray(PHOTO.convert("L"), dtype=np.uint16) * 257), "PNG"),
        encode(PHOTO, "WEBP", save_all=True, append_images=[scene(2)], duration=100),
        encode(PHOTO, "MPO", save_all=True, append_images=[scene(2)]),
        encode(PHOTO, progressive=True),
        encode(PHOTO, icc_profile=b"no profile" * 50),
        encode(PHOTO, comment=b"x" * 60_000),
        damaged_exif(),
        absurd_exif(),
        bomb(7_071, 7_071),
    ],
    ids=[
        *("jpeg and zip", "cmyk", "grey", "palette with alpha", "rgba", "grey with alpha", "bits", "16 bits"),
        *(
            "animated",
            "two frames",
            "progressive",
            "bad profile",
            "comment",
            "damaged exif",
            "absurd exif",
            "at the cap",
        ),
    ],
)
def test_an_odd_photo_is_used_all_the_same(data: bytes, decoder: Decoder) -> None:
    found = decoder.look([data])[0]

    assert found.reason is None
    assert (found.gps, found.taken_at) == (None, None)
    assert reopen(decoder.thumbnail(data)).size in ((320, 240), (320, 320))


def test_sixteen_bit_grey_keeps_its_light(decoder: Decoder) -> None:
    grey = np.full((100, 100), 200 * 257, dtype=np.uint16)

    assert decoder.look([encode(Image.fromarray(grey), "PNG")])[0].luminance == pytest.approx(200, abs=1)


def test_transparent_parts_show_as_white(decoder: Decoder) -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))

    assert decoder.look([encode(clear, "PNG")])[0].luminance == 255


def test_a_derived_copy_is_a_small_jpeg_without_any_metadata(decoder: Decoder) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(scene(5, (2000, 1000)), exif=exif(1, 52, 5), icc_profile=profile, comment=b"secret", xmp=b"<x/>")

    copy = decoder.derive(data, 800)

    shown = Image.open(BytesIO(copy))
    assert (shown.format, shown.size) == ("JPEG", (800, 400))
    assert not shown.getexif()
    assert not {"icc_profile", "comment", "xmp", "exif"} & set(shown.info)
    assert b"secret" not in copy


def profile_with_red_and_blue_swapped() -> bytes:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
    return swapped.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


def test_colours_of_another_profile_are_brought_to_srgb(decoder: Decoder) -> None:
    red = Image.new("RGB", (100, 100), (200, 0, 0))

    plain = reopen(decoder.derive(encode(red, quality=95)))
    profiled = reopen(decoder.derive(encode(red, quality=95, icc_profile=profile_with_red_and_blue_swapped())))

    assert plain.getpixel((50, 50)) == pytest.approx((200, 0, 0), abs=3)
    assert profiled.getpixel((50, 50)) == pytest.approx((0, 0, 200), abs=3)


def test_a_time_out_is_a_finding_and_the_next_photo_is_read() -> None:
    with Decoder(seconds=1.0) as impatient:
        assert impatient.look([JPEG])[0].usable
        first = impatient.child_pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)  # a decoder that hangs

        hung, next_one = impatient.look([JPEG, JPEG])

        assert (hung.usable, hung.reason) == (False, "timeout")
        assert next_one.usable
        assert impatient.child_pid != first


def test_a_photo_that_needs_more_memory_than_allowed_is_a_finding() -> None:
    with Decoder(memory_mb=128) as poor:
        greedy, modest = poor.look([bomb(7_000, 7_000), JPEG])

    assert (greedy.usable, greedy.reason) == (False, "memory")
    assert modest.usable


def test_a_child_that_dies_on_a_photo_is_an_error_that_names_it() -> None:
    with Decoder(seconds=20) as decoder:
        decoder.look([JPEG])
        child = decoder.child_pid
        assert child is not None
        os.kill(child, signal.SIGSTOP)  # it holds still with the photo in its hands, and is then killed
        threading.Timer(0.5, os.kill, (child, signal.SIGKILL)).start()

        with pytest.raises(DecoderDied, match="item 0") as died:
            decoder.look([JPEG])

        assert (died.value.index, died.value.exit_code) == (0, -signal.SIGKILL)
        assert decoder.look([JPEG])[0].usable


def test_a_child_that_died_between_two_jobs_is_no_photos_fault(decoder: Decoder) -> None:
    decoder.look([JPEG])
    child = decoder.child_pid
    assert child is not None
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)

    assert decoder.look([JPEG])[0].usable


def test_closing_ends_the_child_and_a_later_call_starts_another() -> None:
    decoder = Decoder()
    decoder.look([JPEG])
    child = decoder.child_pid
    assert child is not None
    decoder.close()

    assert decoder.child_pid is None
    assert not Path(f"/proc/{child}").exists()
    assert decoder.look([JPEG])[0].usable
    decoder.close()


def test_the_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:  # a worker that is killed while its decoder waits for work
        decoder = Decoder()
        decoder.look([JPEG])
        os.write(writer, str(decoder.child_pid).encode())
        os._exit(9)
    os.waitpid(parent, 0)
    child = int(os.read(reader, 20))

    for _ in range(200):
        if gone(child):
            break
        time.sleep(0.05)
    assert gone(child)


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_threads_share_one_child_without_mixing_answers(decoder: Decoder) -> None:
    photos = [encode(scene(seed, (100 + seed, 100))) for seed in range(8)]
    widths: dict[int, int] = {}

    def ask(place: int) -> None:
        widths[place] = decoder.look([photos[place]])[0].width

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert widths == {place: 100 + place for place in range(8)}


def test_the_child_knows_no_secrets_and_writes_no_files(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_SECRET", "do-not-tell")
    with Decoder() as fresh:
        fresh.look([JPEG])
        environment = Path(f"/proc/{fresh.child_pid}/environ").read_text()
        limits = Path(f"/proc/{fresh.child_pid}/limits").read_text()

    assert "do-not-tell" not in environment
    assert limits.split("Max file size")[1].split()[0] == "0"
    assert limits.split("Max core file size")[1].split()[0] == "0"


def test_a_child_that_cannot_start_says_what_to_do() -> None:
    with pytest.raises(DecoderDidNotStart, match="memory_mb"), Decoder(memory_mb=1 << 60) as impossible:
        impossible.look([JPEG])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_photo_never_kills_the_child(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(SMALL))
    damaged = bytearray(whole)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=12)
    ):
        damaged[place] = value

    found = SHARED.look([bytes(damaged)])[0]

    assert found.usable == (found.reason is None)


SMALL = [encode(scene(6, (120, 90)), kind, exif=exif(6, 52, 5)) for kind in ("JPEG", "PNG", "WEBP", "HEIF")]
SHARED = Decoder()


@pytest.fixture(scope="module", autouse=True)
def _close_shared() -> Iterator[None]:
    yield
    SHARED.close()
