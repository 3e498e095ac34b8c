"""Sheets between letters: one ends, the next begins, and may come with proof of which case it answers."""

import hmac
import re
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import pairwise

from pipelines.channels.post.letter import Cover

TITLE = "CASEWRIGHT SCHEIDINGSBLAD"
MOST_WORDS = 80  # on a sheet; a letter that only speaks of one has more
PROOF_CHARS, GROUP = 16, 4
#: Letters and digits that are not mistaken for each other when they are read from paper; 16 of them are 70 bits.
_ALPHABET = "ABCDEFGHKMNPRTWXY3479"
_ALIKE = str.maketrans({"8": "B"})
_LIKE = 0.88  # of the title: two letters misread
_REFERENCE = re.compile(r"\bC\s?[-\u2013\u2014]\s?(\d{4})\s?[-\u2013\u2014]\s?(\d{6})\b")
_CODE = re.compile(r"\bCODE\b[\s:.]*((?:[A-Z0-9]{4}[\s-]*){4})(?![A-Z0-9])")


def is_sheet(text: str) -> bool:
    if len(text.split()) > MOST_WORDS:
        return False
    title = _letters(TITLE)
    return any(SequenceMatcher(None, title, _letters(line), autojunk=False).ratio() >= _LIKE for line in _lines(text))


def cover_of(text: str) -> Cover | None:
    """What a sheet says; None for one that only separates. Whether its proof is good: is_proof."""
    references, code = references_in(text), _CODE.search(text.upper())
    if not references:
        return None
    return Cover(references[0], _read(code[1]) if code else "")


def references_in(text: str) -> tuple[str, ...]:
    """References of cases, in reading order, as they are written here."""
    return tuple(dict.fromkeys(f"C-{year}-{number}" for year, number in _REFERENCE.findall(text)))


def proof_of(case_id: str, key: bytes) -> str:
    number = int.from_bytes(hmac.new(key, f"cover {case_id}".encode(), sha256).digest())
    letters = []
    for _ in range(PROOF_CHARS):
        number, at = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[at])
    return "".join(letters)


def is_proof(proof: str, case_id: str, key: bytes) -> bool:
    return proof.isascii() and hmac.compare_digest(proof, proof_of(case_id, key))


def in_groups(proof: str) -> str:
    """As it is printed."""
    return " ".join(proof[at : at + GROUP] for at in range(0, len(proof), GROUP))


def _lines(text: str) -> list[str]:
    """Each line, and each with the next: a title may be broken."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [*lines, *(f"{one} {other}" for one, other in pairwise(lines))]


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.upper()))


def _read(code: str) -> str:
    return "".join(filter(str.isalnum, code)).translate(_ALIKE)
