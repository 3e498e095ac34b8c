"""Text as a careless reader sees it: lower case, no accents, ASCII only, with the way back to the original."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is ASCII; character i of it came from character `origin[i]` of the original."""

    text: str
    origin: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty folded span stands in the original."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Zero or more ASCII characters. Marks and invisible characters vanish, other scripts become a space."""
    kept = []
    for part in unicodedata.normalize("NFKD", character).lower():
        if part.isascii():
            kept.append(part)
        elif part in "‘’‛ʼ′":  # noqa: RUF001  # the quotes that phones type
            kept.append("'")
        elif part in "‐‑‒–—":  # noqa: RUF001
            kept.append("-")
        elif unicodedata.category(part) not in ("Mn", "Cf"):
            kept.append(" ")
    return "".join(kept)


def fold(text: str) -> Folded:
    if text.isascii():
        return Folded(text.lower(), range(len(text)))
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        folded = _fold_character(character)
        characters.append(folded)
        origin.extend([index] * len(folded))
    return Folded("".join(characters), origin)
