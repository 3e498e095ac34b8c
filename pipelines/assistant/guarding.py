"""What a draft of a language model may not say to a customer, whatever it points at: only a person says that.

A customer's message is evidence of what they wrote, and never of what the house does. So a refusal, a grant, a promise
or a word on liability falls; an amount stands in the house's own words, and so do a number that goes with "we", and an
address or a link. The lists are closed: what they do not name, the person who reads the draft has to see.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pipelines.assistant.evidence import backed
from pipelines.assistant.masking import TOKEN
from pipelines.assistant.unseen import only_seen
from pipelines.reading.amounts import find_amounts
from pipelines.reading.contact import find_phones
from pipelines.reading.folding import fold
from pipelines.yaml_lines import read_yaml

WORDS = Path(__file__).parent.parent.parent / "configs" / "only_people_say.yaml"
Against = Literal["words", "amount", "number", "address", "gap"]
SURE = 0.5  # above it a number is money: it says so itself
_BETWEEN = 6  # other words, at most, between the words of an entry
_WE = "we"
_GAP = re.compile(r"[\[\]{}<>]")
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,15}://\S+|www\.\S+|[\w.%+-]+@\S+|(?<!\w)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?!\w)\S*"
)
_SPELT = re.compile(r"\(\s?(?:dot|punt|at)\s?\)|\w\s(?:dot|punt)\s(?:com|nl|net|org|eu|info)\b")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def against(sentence: str, *, masked: str, own: Collection[str], blocks: Collection[str]) -> Against | None:
    """Why this sentence may not stand in a draft; None when it may.

    masked: as the model wrote it. own: what it quotes of the house's own words. blocks: whole texts of the journey's,
    a sentence of which may say what no other may.
    """
    seen = only_seen(sentence).text
    if _sentences(seen) <= {one for block in blocks for one in _sentences(block)}:
        return None
    folded = fold(seen).text
    if _GAP.search(seen):
        return "gap"
    if not _addresses(seen) <= {one for text in own for one in _addresses(text)} or _SPELT.search(folded):
        return "address"
    if not _amounts(seen) <= {one for text in own for one in _amounts(text)}:
        return "amount"
    if any(pattern.search(folded) for kind, pattern in _patterns().items() if kind != _WE):
        return "words"
    numbers = TOKEN.sub(" ", masked)  # what is hidden was held against its source already
    return "number" if _patterns()[_WE].search(folded) and not backed(numbers, own) else None


def _addresses(text: str) -> frozenset[str]:
    """Links, e-mail addresses, telephone numbers and whatever may be read as one."""
    written = {found.rstrip(".,;:!?)") for found in _ADDRESS.findall(text.casefold())}
    numbers = {one.value for language in ("nl", "en") for one in find_phones(text, language=language)}
    return frozenset(written | numbers)


def _amounts(text: str) -> frozenset[str]:
    return frozenset(
        one.value for language in ("nl", "en") for one in find_amounts(text, language=language) if one.certainty > SURE
    )


def _sentences(text: str) -> set[str]:
    """Letters and figures only: a number plate may come back in another writing."""
    return {"".join(filter(str.isalnum, one.casefold())) for one in _SENTENCES.split(text) if one.strip()}


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    kinds: Mapping[str, Mapping[str, Sequence[str]]] = read_yaml(WORDS, name=WORDS.name).data
    return {
        kind: re.compile("|".join(_pattern(entry) for entries in by_language.values() for entry in entries))
        for kind, by_language in kinds.items()
    }


def _pattern(entry: str) -> str:
    """Of folded text."""
    return rf"(?:\W+\w+){{0,{_BETWEEN}}}?\W+".join(map(_word, entry.split()))


def _word(word: str) -> str:
    stem = word.removesuffix("*")
    return rf"(?<!\w){re.escape(stem)}" + (r"\w*" if stem != word else r"(?!\w)")
