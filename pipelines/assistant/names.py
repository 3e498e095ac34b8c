"""Where people name themselves or each other: under a letter, above it, behind a title, in the head of a mail.

Only what a cue points at is read as a name. A name in running text without a cue is not seen here.
"""

import re
from collections.abc import Iterator

from pipelines.assistant.name_cues import (
    AFTERWARDS,
    BEFORE_ADDRESS,
    BELONGING,
    CLOSING,
    FIELD,
    GREETING,
    HEAD,
    I_AM,
    JOINERS,
    NAMED,
    NO_NAMES,
    OPENING,
    PARTICLES,
    SENTENCE_ENDS,
    THANKS,
    TITLE,
    TITLES,
)

_MOST_WORDS = 6
_PLACED = frozenset(["in", "op", "aan"])  # before a place, at the beginning
_LONGEST_LAST = 400  # characters of a last line that is searched for a name
_LEAST_TOLD = 3  # words of a line that is no heading
_MOST_LOWER = 3  # words of a name all in lower case, particles aside
_WORD = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W\d_]*)*(?:['’/-][^\W\d_]+)*|['’]t|&")  # noqa: RUF001
_BLANK = re.compile(r"[ \t>]*(?:\n[ \t>*_-]*){0,4}")


def is_name_word(word: str) -> bool:
    """Whether a word of a name points at somebody: "Vries" does, "de" and "mevrouw" do not."""
    return word.casefold() not in PARTICLES | TITLES | NO_NAMES


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Spans of names that a cue points at; they may overlap."""
    yield from _under_letters(text)
    yield from _introduced(text)
    for shape in (HEAD, TITLE, OPENING, GREETING, BELONGING):
        for cue in shape.finditer(text):
            yield from _name_at(text, cue.end())
    for found in BEFORE_ADDRESS.finditer(text):
        yield from _name_at(text, found.start())


def _under_letters(text: str) -> Iterator[tuple[int, int]]:
    for cue in CLOSING.finditer(text):
        yield from _signed(text, cue.end(), lower=_opens_sentence(text, cue.start()))
    for cue in THANKS.finditer(text):
        yield from _signed(text, cue.end(), lower=False)
    yield from _unannounced(text)


def _introduced(text: str) -> Iterator[tuple[int, int]]:
    for cue in FIELD.finditer(text):
        yield from _name_at(text, cue.end()) or _lower_name(text, cue.end())
    for cue in NAMED.finditer(text):
        yield from _name_at(text, cue.end()) or _lower_start(text, cue.end())
    for cue in I_AM.finditer(text):
        for span in _name_at(text, cue.end(), shouted=False):
            if len(text[slice(*span)].split()) > 1 or text[span[1] : span[1] + 1] == ",":
                yield span


def _opens_sentence(text: str, position: int) -> bool:
    """Not so "with regards to"."""
    return text[max(0, position - 4) : position].rstrip(" \t>")[-1:] in {"", "\n", ".", "!", "?", ","}


def _signed(text: str, position: int, *, lower: bool) -> list[tuple[int, int]]:
    """The name behind or under a closing: the rest of its line, or the next line that has words."""
    blank = _BLANK.match(text, position)
    start = blank.end() if blank else position
    line = _line(text, start)
    if len(line.split()) > _MOST_WORDS + 2:
        return []
    return _name_at(text, start) or (_lower_name(text, start) if lower else [])


def _unannounced(text: str) -> list[tuple[int, int]]:
    """The name that ends the writer's own words without a closing: on its own line, or behind the last sentence."""
    after = AFTERWARDS.search(text)
    end = len(text[: after.start() if after else None].rstrip())
    begin = text.rfind("\n", max(0, end - _LONGEST_LAST), end) + 1
    if end - begin > _LONGEST_LAST:
        return []
    before = text[max(0, begin - _LONGEST_LAST) : begin].rstrip()
    told = len(before[before.rfind("\n") + 1 :].split()) >= _LEAST_TOLD or before.endswith((".", "!", "?"))
    starts = [begin] if told else []
    starts += [cue.end() for cue in SENTENCE_ENDS.finditer(text, begin, end)]
    for start in starts:
        for span in _name_at(text, start):
            rest = text[span[1] : end].lstrip()
            if span[0] == start and (
                not rest.strip(".! ") or (rest[0] in ",(" and (start == begin or text[span[0] : span[1]].count(" ")))
            ):
                comma = span[1] + 2 if rest.startswith(",") else end
                return [span, *_name_at(text, comma)]  # Ciao, Luigi
    return []


def _line(text: str, start: int) -> str:
    end = text.find("\n", start, start + 200)
    return text[start : end if end >= 0 else start + 200]


def _words(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Words from here on that stand on one line with nothing but a space, a dot of an initial or a slash between."""
    position = start
    for _ in range(2 * _MOST_WORDS):
        word = _WORD.match(text, position)
        if word is None:
            return
        yield word[0], word.start(), word.end()
        position = word.end()
        if text[position : position + 1] == "." and len(word[0]) <= 4:  # noqa: PLR2004  # initials, Mr., St.
            position += 1
        while text[position : position + 1] in (" ", "\t", "\u00a0"):
            position += 1


def _name_at(text: str, start: int, *, shouted: bool = True) -> list[tuple[int, int]]:
    """The capitalised words here, with the particles between them; [] when none is."""
    begin = end = -1
    capitals = 0
    for word, at, until in _words(text, start):
        small = word.casefold()
        if not capitals and small in TITLES:
            continue
        if small in PARTICLES and (capitals or small not in JOINERS | _PLACED):
            begin = at if begin < 0 else begin
            continue
        if word[0].islower() or small in NO_NAMES or (not shouted and len(word) > 1 and word.isupper()):
            break
        begin, end, capitals = (at if begin < 0 else begin), until, capitals + 1
        if capitals == _MOST_WORDS:
            break
    return [(begin, end)] if capitals else []


def _lower_name(text: str, start: int) -> list[tuple[int, int]]:
    """A whole line of one to three words in lower case, particles aside: how people sign on a phone."""
    line = _line(text, start)
    words = [one for one in _words(text, start) if one[1] < start + len(line)]
    if not words or line[words[-1][2] - start :].strip(" \t.,!\r"):
        return []
    plain = [word for word, _, _ in words if word.casefold() not in PARTICLES]
    if not 1 <= len(plain) <= _MOST_LOWER or any(word.casefold() in NO_NAMES for word in plain):
        return []
    return [(words[0][1], words[-1][2])]


def _lower_start(text: str, start: int) -> list[tuple[int, int]]:
    """One or two words in lower case, particles aside, up to a word that is no name: bas de vries en ik heb ..."""
    end, plain = -1, 0
    for word, _, until in _words(text, start):
        small = word.casefold()
        if small in JOINERS or small in NO_NAMES - PARTICLES:
            break
        if small not in PARTICLES:
            end, plain = until, plain + 1
        if plain > 1:
            break
    return [(start, end)] if plain else []
