from collections.abc import Iterator

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.attachments import MAX_DOCUMENT_PAGES
from pipelines.decoding import Decoder

ENCRYPTION = b"<</Filter/Standard/V 1/R 2/O<" + b"28" * 32 + b">/U<" + b"5c" * 32 + b">/P -60>>"


def pdf(*lines: str, encrypted: bool = False) -> bytes:
    """One page a line, written by hand."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(lines)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(lines)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, line in enumerate(lines):
        stream = f"BT /F 12 Tf 50 700 Td ({line}) Tj ET".encode()
        page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
        page += f"/Contents {5 + 2 * number} 0 R>>"
        objects += [page.encode(), b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream)]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj%sendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    locked = b"/Encrypt" + ENCRYPTION + b"/ID[<00><00>]" if encrypted else b""
    return body + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, locked, start)


SHARED = Decoder()


@pytest.fixture(scope="module", autouse=True)
def _close_shared() -> Iterator[None]:
    yield
    SHARED.close()


def test_text_is_read_page_by_page() -> None:
    found = SHARED.read_pdf(pdf("Factuur 2026-17", "Bladzijde twee"))

    assert (found.usable, found.reason, found.pages) == (True, None, 2)
    assert found.text == "Factuur 2026-17\fBladzijde twee"


def test_pages_past_the_cap_are_counted_and_not_read() -> None:
    found = SHARED.read_pdf(pdf(*["x"] * (MAX_DOCUMENT_PAGES + 1)))

    assert (found.usable, found.reason, found.pages) == (True, "too_many_pages", MAX_DOCUMENT_PAGES + 1)
    assert found.text.count("x") == MAX_DOCUMENT_PAGES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n", "unreadable"),
        (b"no pdf", "unreadable"),
        (pdf("geheim", encrypted=True), "encrypted"),
        (b"%PDF-1.7" + bytes(25_000_000), "too_large"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    found = SHARED.read_pdf(data)

    assert (found.usable, found.reason, found.pages, found.text) == (False, reason, 0, "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=8))
def test_a_damaged_document_never_kills_the_child(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(pdf("Factuur"))
    for place, value in changes:
        damaged[place] = value

    found = SHARED.read_pdf(bytes(damaged))

    assert found.usable == (found.reason is None)


def test_the_library_agrees_that_the_written_document_is_one() -> None:
    assert len(pypdfium2.PdfDocument(pdf("x"))) == 1
