"""Files that outside readers pick up: whole or not there."""

import os
from pathlib import Path

from cases.store.blobs import sync_folder

PUBLIC, OWN = 0o666, 0o600  # less what the process's umask takes away


def write_whole(path: Path, data: bytes, *, mode: int = OWN) -> None:
    """Under its name only when all of it is on the disk; the name itself is durable after `sync_folder`."""
    write_draft(path, data, mode=mode).replace(path)


def write_once(path: Path, data: bytes) -> None:
    """Write durably unless the file is there already."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data, mode=PUBLIC)
    sync_folder(path.parent)


def write_first(path: Path, data: bytes) -> None:
    """Whoever links first wins, so that two processes that make a secret at once agree."""
    draft = write_draft(path, data)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write_draft(path: Path, data: bytes, *, mode: int = OWN) -> Path:
    """On the disk beside `path`, under a hidden name that no other process uses."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.arriving")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft
