"""Recognises key words through one typing error or a phonetic spelling ("ambulanse", "gewont", "zelfmort")."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from cases.vocabulary import Danger

MISSPELT: dict[Danger, str] = {
    Danger.GAS: """
        gaslucht gasgeur gaslek gaslekkage koolmonoxide monoxide
    """,
    Danger.FIRE: """
        brandlucht brandgeur brandweer vlammen rookontwikkeling ontploft ontploffing explosie
        explosion exploded
    """,
    Danger.INJURY: """
        gewonden verwonding letsel whiplash ziekenhuis ambulance bewusteloos hersenschudding
        brandwonden hoofdpijn nekpijn bloeden bloeding duizelig benauwd injured injury injuries
        bleeding hospital unconscious concussion fractured
    """,
    Danger.DEATH: """
        overleden overlijden gestorven begrafenis uitvaart deceased
    """,
    Danger.SHUT_IN: """
        opgesloten bekneld trapped
    """,
    Danger.DISTRESS: """
        zelfmoord zelfdoding suicide suicidaal suicidal wanhopig radeloos paniek overstuur
        mishandeld bedreigd desperate terrified
    """,
    Danger.VULNERABILITY: """
        zwanger zuurstof rolstoel dementie dementerend pasgeboren pregnant wheelchair oxygen
        dementia newborn
    """,
}
"""Key words that are also recognised one typing error or a phonetic spelling away."""

_SOUNDS = (
    (re.compile(r"cht|ght|gt"), "gt"),
    (re.compile(r"ch|gh"), "g"),
    (re.compile(r"ij|ei|ey|y"), "i"),
    (re.compile(r"au"), "ou"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"c"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"dt$|d$"), "t"),
    (re.compile(r"(.)\1"), r"\1"),
)
_SHORTEST, _LONGEST = 6, 24  # letters; shorter words have too many innocent neighbours
_LONG = 9  # letters from which a word may both sound like a key word and have an error in it
Meaning = TypeVar("Meaning")

# Everyday words of either language one step away from a key word: they are never taken for it.
_INNOCENT_WORDS = """
bedding bedraagt begraafplaats benaamd benaderd bericht besloten betaling bewusteren bidding bieden
bleating bleeping bleken blending bloeien bloemen boeiend boeking boekingen brandhout brandweg
brandwerk breeding broeden building concession conclusion confusion decreased dementi desperado
dimensie dropped duidelijk duidelijke duizenden exploited explore explored explores feeding gasket
gasleiding gasmeter gebonden geopend gesloten gesproken gestoken gestolen gestoten geurlek gevonden
gewende gewenst gewone gewonen gewonnen geworden gezonden hospice hospitable incurred injected
injectie inquired inquiry insured inured invaart lessen letten letter loading mapped opgelost
opgeslagen overladen overleef overleg overlegen overleven overreden overredend overstuurd overvaren
paneel planning pleading prenant rampen reading rolstoep rolstok sanger schwanger separate slangen
strapped swapped swapper tapped terrific terrifies tracked traded trajet tramped trapdoor trapez
trappen trapper triggered tripped uitgaat uitvaardig uitvalt uitvaren uitvoert unconscionable
verblinding verleden verleiding verwachting verwonderd verwondering verwoording verwording
verzending vlaggen vlakke vlakken vlamingen vlammend wedding whiplashes wrapped zanger zangeres
zuurstok zwager zwanen
"""
_INNOCENT = frozenset(_INNOCENT_WORDS.split())


def sound(word: str) -> str:
    """How a word sounds, roughly and in either language; words that are often confused come out the same."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def _one_dropped(word: str) -> set[str]:
    return {word[:index] + word[index + 1 :] for index in range(len(word))}


def _one_step_apart(one: str, other: str) -> bool:
    """At most one letter added, dropped or replaced, or two neighbours swapped."""
    if one == other:
        return True
    if len(one) == len(other):
        wrong = [index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = (
            len(wrong) == len("ab")
            and wrong[1] == wrong[0] + 1
            and one[wrong[0]] == other[wrong[1]]
            and one[wrong[1]] == other[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    short, long = sorted((one, other), key=len)
    return short in _one_dropped(long)


def recogniser(key_words: Mapping[str, Meaning]) -> Callable[[str], Meaning | None]:
    """A look-up from a folded word to the meaning of the key word it is, sounds like or nearly spells."""
    sounds = {sound(word): meaning for word, meaning in key_words.items()}
    near: dict[str, list[tuple[str, Meaning]]] = {}
    for word, meaning in key_words.items():
        for spelt in {word, sound(word)}:
            for form in {spelt} | _one_dropped(spelt):
                near.setdefault(form, []).append((spelt, meaning))

    @lru_cache(maxsize=16384)  # the words of a language come back all the time; the result depends on the word only
    def recognise(word: str) -> Meaning | None:
        if not _SHORTEST <= len(word) <= _LONGEST or word in _INNOCENT:
            return None
        heard = sound(word)
        if heard in sounds:
            return sounds[heard]
        return next(_one_step_away(near, (word, heard) if len(word) >= _LONG else (word,)), None)

    return recognise


def _one_step_away(near: Mapping[str, list[tuple[str, Meaning]]], spellings: Sequence[str]) -> Iterator[Meaning]:
    for read in spellings:
        for form in (read, *sorted(_one_dropped(read))):
            for spelt, meaning in near.get(form, ()):
                if spelt[0] == read[0] and _one_step_apart(spelt, read):
                    yield meaning
