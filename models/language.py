"""The language of a message among those that a journey speaks (py3langid; its model comes in the wheel)."""

import copy
import functools
import re
import threading
from collections.abc import Sequence
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from models.errors import ModelError
from models.sentence import clip

_LETTER = re.compile(r"[^\W\d_]")
_LOCK = threading.Lock()


class UnknownLanguage(ModelError):
    def __init__(self, unknown: list[str], known: list[str]) -> None:
        super().__init__(f"no language is called {', '.join(unknown)}; use two-letter codes out of {', '.join(known)}")


def detect(texts: Sequence[str], languages: Sequence[str]) -> list[tuple[str, float]]:
    """The likeliest of `languages` for each text, in order, with its probability in [0, 1].

    Without a letter to go by, the first of `languages` at equal odds. Raises UnknownLanguage, ValueError for none.
    """
    if not languages:
        raise ValueError("no language to choose from; give at least one")
    identifier = _restricted(tuple(dict.fromkeys(languages)))
    return [_one(identifier, clip(text), languages) for text in texts]


def _one(identifier: Any, text: str, languages: Sequence[str]) -> tuple[str, float]:
    ranked = identifier.rank(text) if _LETTER.search(text) else []
    if not ranked or ranked[0][1] == ranked[-1][1]:
        return languages[0], round(1 / len(set(languages)), 6)
    return str(ranked[0][0]), round(float(ranked[0][1]), 6)


@functools.lru_cache(maxsize=32)
def _restricted(languages: tuple[str, ...]) -> Any:
    """The shared tables narrowed to some languages; calibrated by length (norm_probs)."""
    identifier = copy.copy(_loaded())
    unknown = sorted(set(languages) - set(identifier.labels))
    if unknown:
        raise UnknownLanguage(unknown, sorted(identifier.labels))
    identifier.set_languages(list(languages))
    return identifier


def _loaded() -> Any:
    with _LOCK:
        return _load_once()


@functools.cache
def _load_once() -> Any:
    """About 0.8 s, once per process."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
