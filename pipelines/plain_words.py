"""Lints on everything customers read: a sentence missing, its gaps lost, not translated, or harder than plain language.

They look at words only, so that `casewright journeys check` can say them; a service runs with all of them unmended.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cases.journey_folder import JourneyFolder
from cases.rules.problems import Problem
from pipelines.page_words import shown_wordings
from pipelines.yaml_lines import read_yaml

LIMITS = Path(__file__).parent.parent / "configs" / "plain_language.yaml"
#: The product's own sentences that customers read, by the beginning of their key.
CUSTOMERS = ("track.", "checks.", "reason.", "error.", "desk.skip", "explain.")
#: As many words do not come out the same in two languages by chance.
SAME_BY_CHANCE = 3
_GAPS = re.compile(r"{{\s*(.*?)\s*}}|({\w+})")
_TAGS = re.compile(r"{%.*?%}", re.DOTALL)
_SENTENCES = re.compile(r"(?<=[.!?:;…])\s+|\n")
_WORDS = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_ADDRESSES = re.compile(r"\S*(?:@|://|www\.|\.\w+/|\w\.(?:nl|com|example)\b)\S*")


@dataclass(frozen=True, slots=True)
class Limits:
    """words: most in a sentence. letters: most in a word, unless names are told by a capital and it is one.

    jargon: word -> what to write instead.
    """

    words: int
    letters: int
    names: bool
    jargon: Mapping[str, str]


@cache
def limits() -> Mapping[str, Limits]:
    """By language; a language without any is not measured."""
    document = read_yaml(LIMITS, name=LIMITS.name).data
    return {
        language: Limits(
            said["words"], said["letters"], said["names"], {word.lower(): mend for word, mend in said["jargon"].items()}
        )
        for language, said in document.items()
    }


def hard_parts(text: str, language: str) -> Iterator[tuple[str, str]]:
    """What is harder than plain, and the mend; nothing for a language without limits."""
    most = limits().get(language)
    if most is None:
        return
    plain = _ADDRESSES.sub(" ", _GAPS.sub("0", _TAGS.sub("", text)))
    for sentence in _SENTENCES.split(plain):
        words = _WORDS.findall(sentence)
        if len(words) > most.words:
            start = " ".join(words[:5])
            yield f"{len(words)} words in one sentence ({start} …)", f"make sentences of at most {most.words} words"
        for index, word in enumerate(words):
            name = most.names and index > 0 and word[0].isupper()
            if not name and max(map(len, re.split(r"[-'\u2019]", word))) > most.letters:
                yield f"the word {word!r} is long", f"write shorter words, of at most {most.letters} letters"
            if word.lower() in most.jargon:
                yield f"the word {word!r} is not plain", f"write {most.jargon[word.lower()]!r} instead"


def gaps(text: str) -> frozenset[str]:
    """What is filled in: {name} of a sentence, {{ name }} of a letter."""
    return frozenset(first or second for first, second in _GAPS.findall(text))


def untranslated(text: str, source: str) -> bool:
    """Whether it reads as its source did; names and short words may."""
    return text == source and len(_WORDS.findall(text)) > SAME_BY_CHANCE


def word_problems(words: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """Of the product's own sentences for customers, held against the English ones. words: language -> key -> it."""
    source = {key: sentence for key, sentence in words["en"].items() if key.startswith(CUSTOMERS)}
    for language, sentences in words.items():
        name = f"words/{language}*.yaml"
        for key in sorted(key for key in sentences.keys() - source.keys() if key.startswith(CUSTOMERS)):
            yield Problem(name, None, key, "there is no such sentence in English", "take it out or correct its key")
        for key, told in source.items():
            yield from _sentence(name, key, (language, sentences.get(key)), ("en", told))
            if language != "en" and untranslated(sentences.get(key, ""), told):
                yield Problem(name, None, key, "it reads as in en", f"write it in {language}")


def wording_problems(folder: JourneyFolder) -> Iterator[Problem]:
    """Of what a journey's customers read: on its pages, and in its letters."""
    journey = folder.journey
    first = journey.languages[0]
    places = shown_wordings(journey.model_dump(mode="json"))
    for language in journey.read_in:
        own = language in journey.languages
        name = f"{folder.name}/journey.yaml" if own else f"{folder.name}/words/{language}.yaml"
        for place, wording in places.items():
            if language not in wording and own:
                continue  # the journey's own check says so
            yield from _sentence(name, place, (language, wording.get(language)), (first, wording.get(first, "")))
            if not own and any(untranslated(wording.get(language, ""), wording[other]) for other in journey.languages):
                yield Problem(name, None, place, "it reads as in another language", f"write it in {language}")
    for language, letters in folder.letters.items():
        for letter, text in letters.items():
            name = f"{folder.name}/letters/{language}/{letter}.txt"
            yield from _sentence(name, "", (language, text), (first, folder.letters[first].get(letter, text)))


def _sentence(name: str, key: str, told: tuple[str, Any], source: tuple[str, str]) -> Iterator[Problem]:
    (language, text), (first, original) = told, source
    if not text:
        yield Problem(name, None, key, f"no sentence in {language}", f"translate: {original}")
        return
    if language != first:
        if lost := gaps(original) - gaps(text):
            yield Problem(name, None, key, f"{', '.join(sorted(lost))} is not filled in", f"as in {first}: {original}")
        if added := gaps(text) - gaps(original):
            yield Problem(
                name, None, key, f"{', '.join(sorted(added))} is not known here", f"as in {first}: {original}"
            )
    for what, mend in hard_parts(text, language):
        yield Problem(name, None, key, what, mend)
