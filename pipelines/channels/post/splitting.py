"""Pages of one scan as the letters that lay on each other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.channels.post.letter import Cover
from pipelines.channels.post.sheets import cover_of, is_sheet


@dataclass(frozen=True, slots=True)
class ReadPage:
    """number: from 1. shown: a JPEG. note: why it could not be read; "" when it was."""

    number: int
    text: str
    blank: bool
    shown: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The pages of one letter, at least one of them not blank, and what the sheet before it says."""

    pages: tuple[ReadPage, ...]
    cover: Cover | None = None


def bundles_of(pages: Sequence[ReadPage], *, by_blank: bool) -> list[Bundle]:
    """Where there is a sheet only sheets separate: blank pages are backs then. Else blank ones do, if asked to."""
    sheets = {page.number for page in pages if is_sheet(page.text)}
    ends = sheets or {page.number for page in pages if by_blank and page.blank}
    bundles: list[tuple[list[ReadPage], Cover | None]] = []
    held, cover = list[ReadPage](), None
    for page in pages:
        if page.number not in ends:
            held.append(page)
            continue
        bundles.append((held, cover))
        held, cover = [], cover_of(page.text) if page.number in sheets else None
    found = [Bundle(_within(kept), said) for kept, said in [*bundles, (held, cover)]]
    return [bundle for bundle in found if bundle.pages]


def _within(pages: Sequence[ReadPage]) -> tuple[ReadPage, ...]:
    """Without the blank ones before and behind: backs of a sheet or of the last page."""
    written = [at for at, page in enumerate(pages) if not page.blank]
    return tuple(pages[written[0] : written[-1] + 1]) if written else ()
