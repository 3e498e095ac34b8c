"""Sees signs of danger in a message, in Dutch and English at once. A missed danger is far worse than a false alarm."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import re2

from cases.journey_spec import Journey
from cases.vocabulary import Danger
from pipelines.reading.danger_hints import HINT_PAIRS, HINTS
from pipelines.reading.danger_words import CUES, PAIRS, Pair
from pipelines.reading.folding import Folded, fold
from pipelines.reading.harmless_words import HARMLESS, OTHER_LANGUAGE
from pipelines.reading.misspellings import MISSPELT, recogniser

Span = tuple[int, int]
Sign = tuple[Span, ...]  # the word or words that together mean danger
_NO_WORDS: Mapping[Danger, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DangerFound:
    """One sign of danger; `message[start:end] == text` always."""

    danger: Danger
    text: str
    start: int
    end: int


def find_danger(
    text: str, language: str | None = None, *, extra: Mapping[Danger, Sequence[str]] = _NO_WORDS
) -> list[DangerFound]:
    """All signs of danger, in reading order; signs of one kind that overlap are joined.

    Both languages are always searched; `language` only settles words that differ between them. `extra` are words
    or phrases that a journey adds: they match as whole words, whatever their case, accents, spaces and hyphens.
    """
    if not text:
        return []
    folded = fold(text)
    misspelt = _misspelt(folded.text)
    added = _added(tuple((danger, tuple(words)) for danger, words in extra.items()))
    found: list[DangerFound] = []
    for danger in Danger:
        signs = [*_signs(danger, folded.text), *misspelt.get(danger, ())]
        spans = _without_harmless(danger, folded.text, signs, language)
        if danger in added:
            spans += [match.span() for match in added[danger].finditer(folded.text)]
        kept = (span for span in spans if danger in _NEVER_DENIED or not _is_denied(folded.text, span))
        found += [_found(danger, text, folded, span) for span in _joined(kept)]
    return sorted(found, key=lambda one: (one.start, one.end))


def words_of(journey: Journey) -> dict[Danger, tuple[str, ...]]:
    """What a journey adds, in every language at once: nobody is asked in which language they are in danger."""
    return {
        Danger(danger): tuple(word for words in by_language.values() for word in words)
        for danger, by_language in journey.danger.items()
    }


def _found(danger: Danger, text: str, folded: Folded, span: Span) -> DangerFound:
    start, end = folded.span(*span)
    return DangerFound(danger, text[start:end], start, end)


def _compile(lines: str) -> "re2._Regexp[str]":
    """One linear-time pattern from lines in the notation of `danger_words`."""
    either = "|".join(line.strip() for line in lines.strip().splitlines())
    options = re2.Options()
    options.max_mem = 64 << 20  # bytes, so that long word lists stay in the fast automaton
    options.never_capture = True
    options.longest_match = True  # so that a longer sign outgrows the harmless phrase in it
    spaced = either.replace("~", r"[\s_-]*").replace(" ", r"[\s_-]+")
    return re2.compile(rf"\b(?:{spaced})(?:\b|$)", options=options)


@dataclass(frozen=True, slots=True)
class _CompiledPair:
    rule: Pair
    one: "re2._Regexp[str]"
    other: "re2._Regexp[str]"


_CUES = {danger: _compile(lines.rstrip() + HINTS[danger]) for danger, lines in CUES.items()}
_HARMLESS = {danger: _compile(lines) for danger, lines in HARMLESS.items()}
_IN_LANGUAGE = {
    language: {danger: _compile(lines) for danger, lines in by_danger.items()}
    for language, by_danger in OTHER_LANGUAGE.items()
}
_PAIRS = {
    danger: [
        _CompiledPair(pair, _compile(pair.one), _compile(pair.other))
        for pair in (*PAIRS, *HINT_PAIRS)
        if pair.danger is danger
    ]
    for danger in Danger
}
#: The first words of all pairs of a danger, looked for at once: in most messages there is none.
_ANY_PAIR = {
    danger: _compile("\n".join(pair.rule.one.strip() for pair in pairs)) for danger, pairs in _PAIRS.items() if pairs
}
_recognise = recogniser({word: danger for danger, words in MISSPELT.items() for word in words.split()})
_WORD = re.compile(r"[a-z]{6,24}")
_SENTENCE_END = re.compile(r"[.!?\n](?:\s|$)")


def _signs(danger: Danger, folded: str) -> Iterator[Sign]:
    yield from ((match.span(),) for match in _CUES[danger].finditer(folded))
    if danger in _ANY_PAIR and _ANY_PAIR[danger].search(folded):
        for pair in _PAIRS[danger]:
            yield from _pair_signs(pair, folded)


def _pair_signs(pair: _CompiledPair, folded: str) -> Iterator[Sign]:
    ones = [match.span() for match in pair.one.finditer(folded)]
    others = [match.span() for match in pair.other.finditer(folded)] if ones else []
    if not others:
        return
    for one in ones:
        for other in others:
            first, second = sorted((one, other))
            if not first[1] <= second[0] <= first[1] + pair.rule.reach:
                continue
            between = folded[first[1] : second[0]]
            if pair.rule.across_sentences:
                yield (one,)
                break
            if _SENTENCE_END.search(between) is None and _DENIED_INSIDE.search(between) is None:
                yield first, second


def _misspelt(folded: str) -> dict[Danger, list[Sign]]:
    found: dict[Danger, list[Sign]] = {}
    for match in _WORD.finditer(folded):
        danger = _recognise(match[0])
        if danger is not None:
            found.setdefault(danger, []).append((match.span(),))
    return found


def _without_harmless(danger: Danger, folded: str, signs: list[Sign], language: str | None) -> list[Span]:
    if not signs:
        return []
    harmless = [match.span() for match in _HARMLESS[danger].finditer(folded)]
    in_language = _IN_LANGUAGE.get((language or "").lower()[:2], {}).get(danger)
    if in_language is not None:
        harmless += [match.span() for match in in_language.finditer(folded)]
    return [
        (sign[0][0], sign[-1][1])
        for sign in signs
        if not any(start <= word[0] and word[1] <= end for word in sign for start, end in harmless)
    ]


_NEVER_DENIED = frozenset({Danger.VULNERABILITY})  # "no oxygen left" is the opposite of harmless
_FILLERS = (
    r"(?:enkele?|sprake van|last van|tekenen van|gelukkig|verder|ook|echt|echte|er|hier|daar|is|was|zijn|waren"
    r"|werd|raakte|geraakt|raakten|heeft|hebben|had|hierbij|daarbij|bij|door|het|de|in|any|signs? of|smell of"
    r"|evidence of|actual|visible|zichtbare?|been|be|got|gets?|were|are|one|on|at all|really|lichamelijke?"
    r"|passengers?|drivers?|occupants?|bystanders?|inzittenden?|passagiers?|bestuurders?|omstanders?"
    r"|physical|personal|persoonlijke?|else|thankfully|luckily|to|of|mensen|people|a|een|fortunately|a single"
    r"|rook of|smoke or|brand of|fire or)"
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:geen|niemand|zonder|no|nobody|none|no one|noone|without|niks|neither|nor|noch)"
    rf"(?: (?!idee|idea|kans|clue|flauw)\w+(?: \w+)? (?:of|or|nor|noch|en geen|and no))?(?: {_FILLERS}){{0,4}}"
    rf"|(?:\bniet|\bnot|n't|\bisnt|\bwasnt|\bdont)(?: {_FILLERS}){{0,2}}) $"
)
_DENIED_AFTER = re.compile(  # "brand is er niet", "gewond ben ik niet": the verb comes first
    r" (?:is|zijn|was|waren|ben|heb|hebben|raakte|raakten|ruik|ruiken|zie|zien|heeft)"
    r"(?: (?:er|ik|we|wij|hij|ze|het|ook|gelukkig|verder)){0,3} (?:niet|niemand|geen)"
    r"(?= (?:ik|bij|gelukkig|geweest|aanwezig|gevallen|en|of|maar|dus|sprake)\b| ?[.,!?;)]| ?$)"
)
_HELPERS = re.compile(r"ambul|brandweer|zieken|hospital|paramedic|emergency|fire (?:brigade|dep|service|engine)")
_DENIED_INSIDE = re.compile(r"\b(?:geen|no)\s+$")
_WAS_THERE = re.compile(r"(?: \w+)? (?:meer|anymore|any more|any longer|no longer)\b")
_SPACES = re.compile(r"[\s_-]+")


def _is_denied(folded: str, span: Span) -> bool:
    """Whether the words around it say there is none: "niemand gewond". "Geen brand meer" tells of a fire."""
    before = _SPACES.sub(" ", folded[max(0, span[0] - 60) : span[0]])
    after = _SPACES.sub(" ", folded[span[1] : span[1] + 60])
    if _HELPERS.match(_SPACES.sub(" ", folded[span[0] : span[1] + 12])):
        return False  # "no ambulance came"
    if _DENIED_BEFORE.search(before):
        return _WAS_THERE.match(after) is None
    return _DENIED_AFTER.match(after) is not None


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=64)
def _added(extra: tuple[tuple[Danger, tuple[str, ...]], ...]) -> dict[Danger, "re2._Regexp[str]"]:
    """A journey's own words, compiled once for each journey."""
    compiled = {}
    for danger, words in extra:
        phrases = (re.split(r"[\s_-]+", fold(word).text.strip()) for word in words)
        either = "|".join("~".join(re2.escape(part) for part in parts) for parts in phrases if any(parts))
        if either:
            compiled[danger] = _compile(either)
    return compiled
