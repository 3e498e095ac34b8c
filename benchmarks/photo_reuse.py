"""Whether a photo seen before is found again after what people do to photos, beside a plain perceptual hash.

    python -m benchmarks.photo_reuse [--photos 40] [--ledger 1000000]

JSON lines. The photos are drawn by code and alike by scene, more than real ones are: that makes false alarms. A photo
counts as found when the nearest in the ledger lies within 6 bits and is the right one; false alarms are photos that
were never stored. The ledger of the look-up times holds random hashes.
"""

import argparse
import json
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from models.photo import PhotoHashes, codes_of, perceptual_hashes
from models.reuse import REUSED_WITHIN, ReuseLedger
from pipelines.demo.draw import draw
from pipelines.demo.scenes import SCENES

_SIZE = (800, 600)
_LOOKUPS = 20
_STORED = 8  # hashes of a photo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--ledger", type=int, default=1_000_000)
    chosen = parser.parse_args()
    photos = [_photo(i) for i in range(2 * chosen.photos)]
    ours, plain = ReuseLedger(), ReuseLedger()
    for i, photo in enumerate(photos[: chosen.photos]):
        hashes = perceptual_hashes(photo)
        ours.add(str(i), hashes.stored)
        plain.add(str(i), hashes.stored[:1])
    for name, change in CHANGES.items():
        changed = [perceptual_hashes(change(photo)) for photo in photos[: chosen.photos]]
        found = {"ours": _recall(ours, changed, whole=False), "plain_phash": _recall(plain, changed, whole=True)}
        print(json.dumps({"change": name, "recall": found, "n": chosen.photos, "photos": "drawn"}), flush=True)
    strangers = [perceptual_hashes(photo) for photo in photos[chosen.photos :]]
    alarms = {"ours": _alarms(ours, strangers, whole=False), "plain_phash": _alarms(plain, strangers, whole=True)}
    print(json.dumps({"never_stored": len(strangers), "false_alarm_share": alarms, "photos": "drawn"}), flush=True)
    print(json.dumps(_times(chosen.ledger, strangers)), flush=True)


def _photo(number: int) -> Image.Image:
    scenes = list(SCENES)
    return draw(scenes[number % len(scenes)], number).resize(_SIZE)


def _cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    def crop(photo: Image.Image) -> Image.Image:
        x, y = round(photo.width * share / 2), round(photo.height * share / 2)
        return photo.crop((x, y, photo.width - x, photo.height - y))

    return crop


def _compressed(photo: Image.Image) -> Image.Image:
    out = BytesIO()
    photo.resize((640, 480)).save(out, "JPEG", quality=35)
    return Image.open(BytesIO(out.getvalue())).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "crop 5 %": _cropped(0.05),
    "crop 10 %": _cropped(0.10),
    "mirror": ImageOps.mirror,
    "quarter turn": lambda photo: photo.transpose(Image.Transpose.ROTATE_90),
    "half turn": lambda photo: photo.transpose(Image.Transpose.ROTATE_180),
    "smaller, JPEG 35": _compressed,
    "brighter by 40 %": lambda photo: ImageEnhance.Brightness(photo).enhance(1.4),
    "darker by 40 %": lambda photo: ImageEnhance.Brightness(photo).enhance(0.6),
}


def _asked(hashes: PhotoHashes, *, whole: bool) -> tuple[str, ...]:
    return hashes.stored[:1] if whole else hashes.queries


def _recall(ledger: ReuseLedger, changed: list[PhotoHashes], *, whole: bool) -> float:
    found = [ledger.find(_asked(one, whole=whole)) for one in changed]
    right = [r is not None and r.verdict == "reused" and r.file_id == str(i) for i, r in enumerate(found)]
    return round(float(np.mean(right)), 3)


def _alarms(ledger: ReuseLedger, strangers: list[PhotoHashes], *, whole: bool) -> float:
    found = [ledger.find(_asked(one, whole=whole)) for one in strangers]
    return round(float(np.mean([r is not None and r.distance <= REUSED_WITHIN for r in found])), 3)


def _times(size: int, asked: list[PhotoHashes]) -> dict[str, float | int]:
    """Milliseconds of CPU a photo: the bucketed ledger, and a scan of the same codes."""
    codes = np.random.default_rng(0).integers(0, 2**64, size * _STORED, dtype=np.uint64)
    ledger = ReuseLedger()
    owners = np.repeat(np.arange(size, dtype=np.int32), _STORED)
    ledger.add_codes([str(i) for i in range(size)], codes, owners)
    queries = [one.queries for one in asked if one.queries][:_LOOKUPS]
    cpu = time.process_time()
    found = [ledger.find(one) for one in queries]
    bucketed = time.process_time() - cpu
    cpu = time.process_time()
    least = [min(int(np.bitwise_count(codes ^ code).min()) for code in codes_of(one)) for one in queries]
    scanned = time.process_time() - cpu
    agree = sum((r.distance if r else 99) == (d if d <= 10 else 99) for r, d in zip(found, least, strict=True))
    per = 1000 / len(queries)
    return {
        "photos_in_ledger": size,
        "lookups": len(queries),
        "bucketed_ms": round(bucketed * per, 2),
        "scan_ms": round(scanned * per, 2),
        "same_answer": agree,
    }


if __name__ == "__main__":
    main()
