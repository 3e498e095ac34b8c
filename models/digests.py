"""The digest of a saved model: it names the exact files that answer, and is held against the card before loading."""

import hashlib
from collections.abc import Sequence
from pathlib import Path


def digest_of_files(folder: Path, names: Sequence[str]) -> str:
    """Hex sha256 over the names and sha256s of these files; raises FileNotFoundError when one is missing."""
    whole = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            whole.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()
