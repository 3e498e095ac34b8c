"""A letter in the folder of the print office: the PDF first, then its manifest, each whole and once under its name.

The office takes what has a manifest. After a death in between, the same letter is laid once more under the same names,
so that it must be printed once by its id.
"""

import hashlib
from pathlib import Path

import orjson

from cases.vocabulary import Effect
from pipelines.channels.print.letter import printed
from pipelines.communication.channel import Outgoing
from pipelines.files import write_once
from pipelines.house import House

#: Letters that ask, or that a date to object hangs on, are not to wait for the rest of the batch.
_FIRST = frozenset({Effect.ASK, Effect.ADVERSE})


def lay(outgoing: Outgoing, house: House, folder: Path) -> str:
    """The name under which it lies there: the letter's id. Raises PaperNotMade."""
    name = outgoing.letter.letter_id
    document, manifest = folder / f"{name}.pdf", folder / f"{name}.json"
    if manifest.exists():
        return name
    if not document.exists():
        write_once(document, printed(outgoing, house))
    write_once(manifest, _manifest(outgoing, document.read_bytes()))
    return name


def _manifest(outgoing: Outgoing, document: bytes) -> bytes:
    letter, pages = outgoing.letter, _pages(document)
    told = {
        "letter_id": letter.letter_id,
        "file": f"{letter.letter_id}.pdf",
        "sha256": hashlib.sha256(document).hexdigest(),
        "address": outgoing.address.split("\n"),
        "language": letter.language,
        "pages": pages,
        "paper": "A4",
        "envelope": "window, DIN 5008 form B",
        "duplex": pages > 1,
        "colour": False,
        "priority": "high" if letter.effect in _FIRST else "normal",
        "written_at": outgoing.at.isoformat(),
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _pages(document: bytes) -> int:
    import pypdfium2  # noqa: PLC0415  # 10 MB of code that only counts pages here

    opened = pypdfium2.PdfDocument(document)
    try:
        return len(opened)
    finally:
        opened.close()
