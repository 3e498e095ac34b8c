"""Setting a document as a tagged PDF: typst, in a process of its own with bounds on time and memory.

What people wrote reaches it as data in sheet.json; the template is ours and reads nothing else. PDF/A-3a and PDF/UA-1
are asked of typst, which makes no file that breaks a rule it knows.
"""

import os
import resource
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from pipelines.apart import EndedEarly, RefusedApart, apart
from pipelines.paper.errors import PaperNotMade
from pipelines.paper.signs import all_printable, plainest

TEMPLATE = Path(__file__).parents[2] / "configs" / "paper" / "decision_file.typ"
STANDARDS: Final = ("a-3a", "ua-1")
MEMORY = 1 << 30  # bytes that one document may need
AT_ONCE = 1  # documents being set in this process; the others wait their turn
TURN_SECONDS = 10.0  # and no longer than this
SHEET, ATTACHED = "sheet.json", "decision-file.json"
_NO_GLYPH = "could not be displayed"

_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Job:
    folder: Path  # empty, and not kept
    inputs: Mapping[str, bytes]
    at: datetime
    template: Path
    cpu_seconds: int


@dataclass(frozen=True, slots=True)
class _Set:
    """The document, or why there is none."""

    pdf: bytes = b""
    refused: str = ""


def set_document(
    sheet: Mapping[str, Any],
    *,
    attached: bytes,
    pictures: Mapping[str, bytes],
    at: datetime,
    seconds: float,
    template: Path = TEMPLATE,
) -> bytes:
    """A PDF/A-3a and PDF/UA-1 document that carries `attached`; the same for the same input.

    pictures: JPEGs by the name that the sheet calls them. at: the moment that the document bears. template: one of
    ours, which reads the sheet.
    Raises PaperNotMade when it takes longer than that many seconds, or too much memory, or is not its turn by then.
    """
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise PaperNotMade("others are being made")
    try:
        shown = all_printable(sheet)
        made = _printed(shown, attached, pictures, at, seconds, template)
        if _NO_GLYPH in made.refused:
            made = _printed(plainest(shown), attached, pictures, at, seconds, template)
    finally:
        _turn.release()
    if made.refused:
        raise PaperNotMade(made.refused)
    return made.pdf


def _printed(  # noqa: PLR0917  # as set_document is asked
    shown: Mapping[str, Any], attached: bytes, pictures: Mapping[str, bytes], at: datetime, seconds: float,
    template: Path,
) -> _Set:  # fmt: skip
    inputs = {SHEET: orjson.dumps(shown), ATTACHED: attached, **pictures}
    with TemporaryDirectory(prefix="casewright-paper-") as folder:
        job = _Job(Path(folder), inputs, at, template, int(seconds) + 1)
        try:
            return apart(_compile, job, what="typst", seconds=seconds)
        except (EndedEarly, RefusedApart) as error:
            raise PaperNotMade(f"it took more than {seconds:.0f} seconds or {MEMORY >> 20} MB") from error


def _compile(job: _Job) -> _Set:
    """In the child: it opens nothing but the job's folder, and writes nothing on a disk."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    for name, data in job.inputs.items():
        _lay(job.folder / name, data)
    _limit(job.cpu_seconds)
    import typst  # noqa: PLC0415  # only the child needs it

    try:
        compiler = typst.Compiler(job.template.read_bytes(), root=job.folder, ignore_system_fonts=True)
        made = compiler.compile(pdf_standards=[*STANDARDS], timestamp=int(job.at.timestamp()))
    except typst.TypstError as error:
        return _Set(refused=error.message)
    assert isinstance(made, bytes)
    return _Set(pdf=made)


def _lay(path: Path, data: bytes) -> None:
    """In memory, with only a link in the folder: what a process that was killed leaves there holds no one's words."""
    memory = os.memfd_create(path.name)
    with os.fdopen(os.dup(memory), "wb") as file:
        file.write(data)
    path.symlink_to(f"/proc/self/fd/{memory}")


def _limit(cpu_seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
