import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cases.vocabulary import FileKind
from pipelines.attachments import read_text_file, sniff
from tests.photos.drawn import encode

RED = Image.new("RGB", (80, 80), "red")


@pytest.mark.parametrize(
    ("data", "kind", "media"),
    [
        (encode(RED), FileKind.PHOTO, "image/jpeg"),
        (encode(RED, "MPO"), FileKind.PHOTO, "image/jpeg"),
        (encode(RED, "PNG"), FileKind.PHOTO, "image/png"),
        (encode(RED, "WEBP"), FileKind.PHOTO, "image/webp"),
        (encode(RED, "HEIF"), FileKind.PHOTO, "image/heic"),
        (encode(RED, "GIF"), FileKind.OTHER, "image/gif"),
        (encode(RED, "TIFF"), FileKind.OTHER, "image/tiff"),
        (encode(RED, "BMP"), FileKind.OTHER, "image/bmp"),
        (encode(RED, "EPS"), FileKind.OTHER, "application/postscript"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", FileKind.OTHER, "image/avif"),
        (b"\0\0\0\x20ftypisom\0\0\0\0isom", FileKind.OTHER, "video/mp4"),
        (b"%PDF-1.7\n", FileKind.DOCUMENT, "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.7\n", FileKind.DOCUMENT, "application/pdf"),
        (b"  <svg onload='x()'>", FileKind.OTHER, "image/svg+xml"),
        (b"<?xml version='1.0'?><!-- --><svg/>", FileKind.OTHER, "image/svg+xml"),
        (b"<!DOCTYPE html><p>", FileKind.OTHER, "text/html"),
        (b"PK\x03\x04", FileKind.OTHER, "application/zip"),
        (b"x\x9f>\x22winmail", FileKind.OTHER, "application/ms-tnef"),
        ("één brief".encode(), FileKind.TEXT, "text/plain"),
        ("één brief".encode("utf-16"), FileKind.TEXT, "text/plain"),
        (b"\0\1\2", FileKind.OTHER, "application/octet-stream"),
        (b"", FileKind.OTHER, "application/octet-stream"),
    ],
)
def test_bytes_decide_and_the_name_does_not(data: bytes, kind: FileKind, media: str) -> None:
    assert sniff(data, "photo.jpg") == (kind, media)


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (encode(RED) + b"PK\x03\x04", "image/jpeg"),
        (b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)", "image/gif"),
        (b"%PDF-1.4\n" + encode(RED), "application/pdf"),
        (encode(RED) + b"%PDF-1.4\n", "image/jpeg"),
    ],
)
def test_of_a_file_that_is_two_things_the_first_signature_counts(data: bytes, media: str) -> None:
    assert sniff(data)[1] == media


def test_the_name_tells_only_a_table_from_other_text() -> None:
    assert sniff(b"a;b\n1;2", "meter.CSV") == (FileKind.TEXT, "text/csv")
    assert sniff(encode(RED), "meter.csv") == (FileKind.PHOTO, "image/jpeg")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("café".encode(), "café"),
        ("café".encode("utf-16"), "café"),
        (b"caf\xe9 \x80", "café €"),
        (b"a\r\nb\0", "a\nb"),
        (b"x" * 900_000, "x" * 200_000),
    ],
)
def test_a_text_file_is_read_as_its_writer_saw_it(data: bytes, text: str) -> None:
    assert read_text_file(data) == text


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_have_a_kind(data: bytes, name: str) -> None:
    kind, media = sniff(data, name)

    assert kind in FileKind
    assert "/" in media
    assert "\0" not in read_text_file(data)
