"""Models of the shipped journeys, kept between runs of pytest as long as nothing changes that they are made from."""

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path

import pytest

from pipelines.runner import warm
from pipelines.wiring import opened
from tests.homes import settings

PROJECT = Path(__file__).parents[1]
#: Examples, the code that chooses and fits them, and the versions of what it calls.
MADE_FROM = (
    "configs/danger", "configs/journeys", "models", "pipelines/alarm.py", "pipelines/reading",
    "pipelines/text_models.py", "requirements/base.txt",
)  # fmt: skip
KEPT = 3  # sets of models: of the present tree, and of those before and beside it


def kept_models(folder: Path, config: pytest.Config) -> Path:
    """Fills the folder, from pytest's cache where it can; pytest --cache-clear trains anew."""
    cache = getattr(config, "cache", None)  # absent with -p no:cacheprovider
    if cache is None:
        return _train(folder)
    kept = cache.mkdir("models") / _digest()
    with kept.with_suffix(".lock").open("w") as lock:  # workers of one run, or runs beside each other: one trains
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            _keep(_train(folder), kept)
            return folder
    return Path(shutil.copytree(kept, folder, dirs_exist_ok=True))


def _train(folder: Path) -> Path:
    with opened(settings(folder.with_name(f"{folder.name}-home"), models=folder)) as house:
        warm(house)
    return folder


def _keep(trained: Path, kept: Path) -> None:
    """Under its name only when it is whole."""
    Path(shutil.copytree(trained, kept.with_suffix(".draft"), dirs_exist_ok=True)).rename(kept)
    sets = [path for path in kept.parent.iterdir() if path.is_dir()]
    for old in sorted(sets, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _digest() -> str:
    whole = hashlib.sha256(sys.version.encode())
    for name in MADE_FROM:
        place = PROJECT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.suffix != ".pyc":
                whole.update(f"{path.relative_to(PROJECT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
