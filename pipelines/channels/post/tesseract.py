"""Reading a picture of a page by tesseract, a process of its own for each, bounded in time and memory."""

import os
import re
import resource
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

LANGUAGES = ("nld", "eng")
SECONDS = 60  # for one page; a written one takes about one
MEMORY = 1 << 30
SURE = 0.5  # from this confidence on a page is turned; on drawn pages it was never wrong above 0.2
MEND = "apt-get install tesseract-ocr tesseract-ocr-nld (or sh tools/system.sh tesseract-ocr tesseract-ocr-nld)"
_TURN = re.compile(r"^Rotate: (90|180|270)$", re.MULTILINE)
_SURE = re.compile(r"^Orientation confidence: ([\d.]+)$", re.MULTILINE)


class NotRead(Exception):
    """Why a page could not be read, in words for whoever looks at it."""


@dataclass(frozen=True, slots=True)
class Tesseract:
    """languages: as it is told them, for example "nld+eng"."""

    program: str
    languages: str
    turns: bool

    def read(self, picture: bytes) -> str:
        """The text of an upright page. Raises NotRead."""
        return self._run(picture, "-l", self.languages, "--psm", "3")

    def turn(self, picture: bytes) -> int:
        """By how many degrees the page is to be turned clockwise to stand upright; 0 when that cannot be told."""
        if not self.turns:
            return 0
        try:
            said = self._run(picture, "--psm", "0")
        except NotRead:
            return 0
        found, sure = _TURN.search(said), _SURE.search(said)
        return int(found[1]) if found and sure and float(sure[1]) >= SURE else 0

    def _run(self, picture: bytes, *options: str) -> str:
        command = [self.program, "stdin", "stdout", "--dpi", "200", *options]
        environment = {"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1"}
        with subprocess.Popen(  # noqa: S603  # a program found by its name; what strangers sent is only its input
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as process:
            _limit(process.pid)
            try:
                said, _ = process.communicate(picture, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise NotRead(f"reading it took longer than {SECONDS} seconds") from None
        if process.returncode != 0:
            raise NotRead("nothing could be read")
        return said.decode(errors="replace")


def find_tesseract() -> Tesseract | None:
    """None where it is not installed, or knows none of our languages."""
    program = shutil.which("tesseract")
    known = _languages(program) if program else ()
    ours = [one for one in LANGUAGES if one in known]
    return Tesseract(program, "+".join(ours), "osd" in known) if program and ours else None


@cache
def _languages(program: str) -> tuple[str, ...]:
    told = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603  # as above
    return tuple(told.stdout.split())


def _limit(pid: int) -> None:
    """It ends by itself should we die: of processor time it gets no more than of time."""
    for what, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        try:
            resource.prlimit(pid, what, (most, most))
        except ProcessLookupError:
            return
