"""Scans as scanners and people make them: PDFs with text, pictures of pages, and what hostile hands would send."""

import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

FONT = Path("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf")
LETTER = """Geachte heer, mevrouw,

Onderweg naar mijn werk kwam er een steentje tegen de voorruit
van mijn auto. Er zit nu een ster in het glas, schuin onder de
spiegel. Het gaat om de Polo met kenteken 79-KXF-6.

Met vriendelijke groet, A. de Boer"""
OTHER = """Geachte heer, mevrouw,

Gisteravond is mijn fiets gestolen bij het station. Ik heb daar
aangifte van gedaan en hoor graag wat ik nu moet doen.

Met vriendelijke groet, B. Jansen"""


def pdf(*pages: str) -> bytes:
    """A PDF that holds its text; "" is a blank page."""
    count = len(pages)
    kids = b" ".join(b"%d 0 R" % (3 + 2 * at) for at in range(count))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)]
    fonts = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>>>"
    for at, text in enumerate(pages):
        drawn = _drawn(text)
        contents = 4 + 2 * at
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources%s/Contents %d 0 R>>" % (fonts, contents)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
    return _written(objects)


def _drawn(text: str) -> bytes:
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in text.splitlines()]
    shown = b"".join(b"(%s) Tj T* " % line.encode("cp1252", "replace") for line in lines)
    return b"BT /F 11 Tf 14 TL 72 770 Td %s ET" % shown if lines else b""


def _written(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def encrypted(document: bytes) -> bytes:
    out = BytesIO()
    writer = copy_into_new_writer(PdfFileReader(BytesIO(document)))
    writer.encrypt("secret", "secret")
    writer.write(out)
    return out.getvalue()


def page(text: str = LETTER, *, dots: int = 150, turned: int = 0, noise: float = 0, dark: int = 20) -> Image.Image:
    """A page drawn at so many dots an inch, turned against the clock; dark: grey level of the ink."""
    image = Image.new("L", (round(8.27 * dots), round(11.69 * dots)), 255)
    font = ImageFont.truetype(FONT, round(12 / 72 * dots))
    ImageDraw.Draw(image).multiline_text((dots, dots), text, font=font, fill=dark, spacing=dots // 20)
    image = image.rotate(turned, expand=True)
    if noise:
        speckled = np.asarray(image) + np.random.default_rng(1).normal(0, noise, image.size[::-1])
        image = Image.fromarray(speckled.clip(0, 255).astype(np.uint8))
    return image


def saved(kind: str, first: Image.Image, *others: Image.Image) -> bytes:
    out = BytesIO()
    more = {"save_all": True, "append_images": list(others), "compression": "group4"} if kind == "TIFF" else {}
    pages = [image.convert("1", dither=Image.Dither.NONE) for image in (first, *others)] if kind == "TIFF" else [first]
    if kind == "TIFF":
        more["append_images"] = pages[1:]
    pages[0].save(out, kind, **more)
    return out.getvalue()


def bomb() -> bytes:
    """A TIFF of a hundred kilobytes that would fill a gigabyte."""
    out = BytesIO()
    Image.new("1", (32_000, 32_000), 1).save(out, "TIFF", compression="group4")
    return out.getvalue()


def rubbish(seed: int, size: int = 5_000) -> bytes:
    return random.Random(seed).randbytes(size)
