"""The words by which a case is found, and those of a question: cut up alike here, so that every database finds alike.

Signs, accents and capitals do not count. What is written together with signs between ("12-AB-34", "iris@example.org")
is found by each of its pieces and written as one ("12ab34"), from any of its pieces on. A telephone number is found
however it is written, with its country or without.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from cases.case import Case
from cases.reaching import numbers_on_file

#: Characters of a word that count; longer ones are found by their beginning.
LONGEST = 40
#: Different words of one case; what comes after is not found. A message of 100 pages has about as many, and of the
#: longest words, four bytes a letter, PostgreSQL's tsvector holds no more: 1 MB.
MOST_WORDS = 6_000
#: Words of a question; what comes after is left out.
MOST_TERMS = 12
#: From so many letters on the beginning of a word will do; shorter ones must be the whole word.
BEGINNING_FROM = 3
#: A value of a fact that is no longer may be a number or a plate with blanks in it ("NL91 ABNA 0417 1643 00").
_NUMBER_LIKE = 40
_NUMBER_ENDS = 9
_LONGEST_NUMBER = 15  # digits, as networks have them
_JOINED = 8  # pieces: longer chains are addresses of pages and the like
_PIECES = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_BREAKS = re.compile(r"[\s,;]+")
#: What may be a telephone number: +31 6 1234 5678, 0031-6-12345678, (06) 12345678.
_TELEPHONE = re.compile(r"(?<![\w+])(?:\+ ?[0-9]|0)(?:[ \xa0()./-]{0,3}[0-9]){8,17}")
_EACH_TELEPHONE = re.compile(f"(?=({_TELEPHONE.pattern}))")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Term:
    """beginning: whether longer words that begin so are meant too."""

    word: str
    beginning: bool


def words_of(case: Case) -> list[str]:
    """The different words of a case, the most telling first: reference, names, facts, then what was written."""
    found: dict[str, None] = {}
    for word in _words(case):
        found[word[:LONGEST]] = None
        if len(found) == MOST_WORDS:
            break
    return list(found)


def new_words(before: Case, after: Case) -> list[str] | None:
    """The words of a case when they are others than before; None when they are not, which mostly costs nothing."""
    if _sources(before) == _sources(after):
        return None
    if not before.messages or before.messages != after.messages:
        return words_of(after)
    # It was only read: what was read is mostly written there, and mostly nothing read before is taken back.
    words = words_of(before)
    there = set(words)
    of_facts = {word[:LONGEST] for fact in after.facts for word in _of_value(fact.value)}
    numbers, former = set(_of_numbers(after)), set(_of_numbers(before))
    if of_facts | numbers <= there and former <= numbers and all(fact in after.facts for fact in before.facts):
        return None
    return words_of(after)


def terms_of(question: str) -> tuple[Term, ...]:
    """What is asked for; () when no letter or digit is in it."""
    numbers = [(run, word) for run in _TELEPHONE.findall(question) if (word := _number_asked(run))]
    for run, _ in numbers:
        question = question.replace(run, " ")
    chunks = _BREAKS.split(_plain(question))
    words = dict.fromkeys([word for _, word in numbers] + [word[:LONGEST] for one in chunks for word in _asked(one)])
    return tuple(Term(word, len(word) >= BEGINNING_FROM) for word in list(words)[:MOST_TERMS])


def number_word(typed: str) -> str:
    """The word by which a telephone number is found, with its country and without: 06-12345678 as +31612345678 by its
    last nine digits. "" for what is no number.
    """
    digits = "" if "@" in typed else "".join(sign for sign in typed if sign in "0123456789")
    return digits[-_NUMBER_ENDS:] if len(digits) >= _NUMBER_ENDS else ""


def _number_asked(run: str) -> str:
    """Blank for the beginning of a number: it is looked for as it is."""
    digits = "".join(_DIGITS.findall(run))
    is_whole = len(digits.lstrip("0")) >= _NUMBER_ENDS and len(digits) <= _LONGEST_NUMBER
    return number_word(digits) if is_whole else ""


def _asked(chunk: str) -> list[str]:
    """As one word where it was also written as one, else each piece."""
    pieces = _PIECES.findall(chunk)
    return ["".join(pieces)] if 0 < len(pieces) <= _JOINED else pieces


def _sources(case: Case) -> tuple[object, ...]:
    said = (case.reference, case.sender, case.sender_name, case.messages, case.understood, case.stated, case.imported)
    return (*said, case.enriched, case.call)


def _words(case: Case) -> Iterator[str]:
    yield from _of_reference(case.reference)
    yield from _of_text(case.sender)
    yield from _of_numbers(case)
    yield from _of_text(case.sender_name)
    for fact in case.facts:
        yield from _of_value(fact.value)
    for message in case.messages:
        for text in (message.subject, message.text, message.sender, message.sender_name):
            yield from _of_text(text)
        for file in message.files:
            yield from _of_text(file.name)
            yield from _of_text(file.text)
    if case.imported is not None:
        yield from _of_text(case.imported.text)
        for _, value in case.imported.facts:
            yield from _of_value(value)


def _of_numbers(case: Case) -> Iterator[str]:
    """Of where the customer can be called: they wrote from it, a register has it, or they asked to be called there."""
    called = (case.call.number,) if case.call else ()
    yield from filter(None, map(number_word, (*numbers_on_file(case), *called)))


def _of_reference(reference: str) -> Iterator[str]:
    """Also by the end of its number: 000123 by 123."""
    words = list(_of_text(reference))
    yield from words
    if words:
        last = words[-1]
        yield from (last[start:] for start in range(1, len(last) - BEGINNING_FROM + 1))


def _of_value(value: str) -> Iterator[str]:
    yield from _telephones(value)
    if len(value) <= _NUMBER_LIKE and any(character.isdigit() for character in value):
        yield from _of_chunk(_plain(value))
    else:
        yield from _of_text(value)


def _of_text(text: str) -> Iterator[str]:
    yield from _telephones(text)
    for chunk in _BREAKS.split(_plain(text)):
        if chunk.isalnum():
            yield chunk
        elif chunk:
            yield from _of_chunk(chunk)


def _telephones(text: str) -> Iterator[str]:
    """The words of numbers in a text. What follows after a blank may belong to one or not: it is found either way."""
    for run in _EACH_TELEPHONE.findall(text):
        digits = ""
        for piece in _DIGITS.findall(run):
            digits += piece
            if _NUMBER_ENDS <= len(digits) <= _LONGEST_NUMBER:
                yield number_word(digits)


def _of_chunk(chunk: str) -> Iterator[str]:
    """Each piece, then all from each piece on as one word."""
    pieces = _PIECES.findall(chunk)
    if 1 < len(pieces) <= _JOINED:
        yield from ("".join(pieces[start:]) for start in range(len(pieces) - 1))
    yield from pieces


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
