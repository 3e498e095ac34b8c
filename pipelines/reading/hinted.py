"""A costly pattern behind a cheap one: most messages hold none of the words without which it cannot match."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hinted:
    """Finds what `pattern` finds, provided that all it matches holds a match of `hint`."""

    hint: re.Pattern[str]
    pattern: re.Pattern[str]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text) if self.hint.search(text) else iter(())
