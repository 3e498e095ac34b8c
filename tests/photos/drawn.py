"""Photos drawn by code: small scenes with sky, ground, houses, water and damage, each from its seed."""

import random
import struct
import zlib
from io import BytesIO

import piexif
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

pillow_heif.register_heif_opener()

Colour = tuple[int, int, int]


def scene(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A street, a room or a yard with furniture of its own; another seed is another place."""
    chance = random.Random(seed)
    width, height = size
    photo = Image.new("RGB", size, _colour(chance, 90, 230))
    draw = ImageDraw.Draw(photo)
    horizon = int(height * chance.uniform(0.35, 0.75))
    ground, far = _colour(chance, 30, 160), _colour(chance, 60, 220)
    for y in range(horizon, height):
        share = (y - horizon) / max(1, height - horizon)
        mixed = tuple(int(a * share + b * (1 - share)) for a, b in zip(ground, far, strict=True))
        draw.line([(0, y), (width, y)], fill=mixed)
    for _ in range(chance.randint(2, 6)):
        _house(draw, chance, width, horizon)
    for _ in range(chance.randint(4, 14)):
        _object(draw, chance, width, height)
    for _ in range(chance.randint(1, 5)):
        _crack(draw, chance, width, height)
    grain = Image.effect_noise(size, 12).convert("RGB")
    return Image.blend(photo.filter(ImageFilter.GaussianBlur(0.6)), grain, 0.04)


def encode(photo: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    photo.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1, latitude: float | None = None, longitude: float | None = None) -> bytes:
    """EXIF as a phone writes it: taken on 3 November 2026 at 10:12:13."""
    place = {}
    if latitude is not None and longitude is not None:
        place = {
            piexif.GPSIFD.GPSLatitudeRef: b"N" if latitude >= 0 else b"S",
            piexif.GPSIFD.GPSLatitude: _sixties(abs(latitude)),
            piexif.GPSIFD.GPSLongitudeRef: b"E" if longitude >= 0 else b"W",
            piexif.GPSIFD.GPSLongitude: _sixties(abs(longitude)),
        }
    camera = {
        piexif.ImageIFD.Make: b"Fairphone",
        piexif.ImageIFD.Model: b"FP5",
        piexif.ImageIFD.Software: b"Camera 7",
        piexif.ImageIFD.Orientation: orientation,
    }
    written: bytes = piexif.dump(
        {"0th": camera, "Exif": {piexif.ExifIFD.DateTimeOriginal: b"2026:11:03 10:12:13"}, "GPS": place}
    )
    return written


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and carries next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 100)) + _chunk(b"IEND")


def png_with_text_bomb() -> bytes:
    """A PNG whose compressed comment unpacks to 200 MB."""
    plain = encode(Image.new("RGB", (100, 100), "red"), "PNG")
    bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    return plain[:33] + bomb + plain[33:]


def _chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _sixties(degrees: float) -> tuple[tuple[int, int], ...]:
    minutes = degrees % 1 * 60
    return (int(degrees), 1), (int(minutes), 1), (round(minutes % 1 * 60 * 1000), 1000)


def _colour(chance: random.Random, low: int, high: int) -> Colour:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)


def _house(draw: ImageDraw.ImageDraw, chance: random.Random, width: int, horizon: int) -> None:
    left, wide = chance.randint(-50, width - 50), chance.randint(width // 10, width // 3)
    top = chance.randint(horizon // 5, horizon - 10)
    draw.rectangle([left, top, left + wide, horizon], fill=_colour(chance, 40, 220))
    if chance.random() < 0.6:
        peak = (left + wide // 2, top - chance.randint(20, 80))
        draw.polygon([(left - 5, top), peak, (left + wide + 5, top)], fill=_colour(chance, 60, 160))
    glass = _colour(chance, 120, 255)
    columns, rows = chance.randint(1, 4), chance.randint(1, 3)
    for column in range(columns):
        for row in range(rows):
            x = left + wide * (column + 0.3) / columns
            y = top + (horizon - top) * (row + 0.3) / rows
            draw.rectangle([x, y, x + wide / columns * 0.4, y + (horizon - top) / rows * 0.4], fill=glass)


def _object(draw: ImageDraw.ImageDraw, chance: random.Random, width: int, height: int) -> None:
    x, y = chance.randint(0, width), chance.randint(height // 4, height)
    wide, high = chance.randint(20, width // 4), chance.randint(20, height // 4)
    shape = chance.choice([draw.ellipse, draw.rectangle])
    shape([x, y, x + wide, y + high], fill=_colour(chance, 0, 255), outline=_colour(chance, 0, 120), width=3)


def _crack(draw: ImageDraw.ImageDraw, chance: random.Random, width: int, height: int) -> None:
    x, y = chance.randint(0, width), chance.randint(0, height)
    points = [(x, y)]
    for _ in range(chance.randint(3, 9)):
        x, y = x + chance.randint(-90, 90), y + chance.randint(-70, 70)
        points.append((x, y))
    draw.line(points, fill=_colour(chance, 0, 80), width=chance.randint(2, 7))


def reopen(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")
