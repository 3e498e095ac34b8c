"""TF-IDF over words and characters, and which words of a text weigh for a label.

No n-gram is kept that occurs in fewer than five groups (customers), so a model cannot spell out a name or an address.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from models.sentence import clip

FEWEST_GROUPS = 5
MOST_TERMS = 50_000  # per kind, the most widespread ones
_COUNTED = 20_000  # messages from which the vocabulary is drawn up
_CHARS = (2, 5)
KINDS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2)},
    "char": {"analyzer": "char_wb", "ngram_range": _CHARS},
}
_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"\b\w\w+\b")  # sklearn's token_pattern
_EDGES = re.compile(r"^\W*(.*?)\W*$", re.DOTALL)
_EXPLAINED_WORDS = 300
_REMEMBERED = 20_000  # words

Span = tuple[int, int, float]


class Ngrams:
    """Fitted word and character vectorizers, side by side; sublinear counts, each part of unit length."""

    def __init__(self, vectorizers: dict[str, TfidfVectorizer]) -> None:
        self.vectorizers = vectorizers
        self._seen: dict[str, NDArray[np.int64]] = {}
        self.width = sum(len(v.vocabulary_) for v in vectorizers.values())

    @classmethod
    def fit(cls, texts: Sequence[str], groups: Sequence[str]) -> "Ngrams":
        """`groups` names the customer of each text. A kind without any n-gram in five groups is left out."""
        clipped = [clip(text) for text in texts]
        chosen = _draw(len(texts))
        vectorizers = {}
        for kind in KINDS:
            terms = _shared_terms(kind, [clipped[i] for i in chosen], [groups[i] for i in chosen])
            if terms:
                vectorizers[kind] = _vectorizer(kind, terms).fit(clipped)
        return cls(vectorizers)

    @classmethod
    def from_plain(cls, terms: dict[str, list[str]], idf: dict[str, NDArray[np.float64]]) -> "Ngrams":
        """The twin of `plain`: the same vectorizers from lists and arrays, so that loading builds no foreign object."""
        vectorizers = {}
        for kind in (kind for kind in KINDS if kind in terms):  # the order of the columns
            vectorizer = _vectorizer(kind, terms[kind])
            vectorizer.idf_ = idf[kind]
            vectorizers[kind] = vectorizer
        return cls(vectorizers)

    def plain(self) -> tuple[dict[str, list[str]], dict[str, NDArray[np.float64]]]:
        terms = {kind: sorted(v.vocabulary_, key=v.vocabulary_.get) for kind, v in self.vectorizers.items()}
        return terms, {kind: v.idf_ for kind, v in self.vectorizers.items()}

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Shape (n texts, width), float32."""
        if not self.vectorizers or not texts:
            return sparse.csr_matrix((len(texts), self.width), dtype=np.float32)
        clipped = [clip(text) for text in texts]
        return sparse.hstack([v.transform(clipped) for v in self.vectorizers.values()], format="csr")

    def weighty_words(self, text: str, weights: NDArray[np.float32], *, top: int) -> tuple[Span, ...]:
        """The words whose n-grams add most to a label: (start, end, weight) in characters of `text`, heaviest first.

        `weights` (one per column) is what each n-gram adds to the label's score in this text; it is shared out evenly
        over the places where the n-gram stands, and summed over each word.
        """
        lowered = _lowered(clip(text))
        chunks = [found.span() for found in _CHUNK.finditer(lowered)][:_EXPLAINED_WORDS]
        if not chunks:
            return ()
        columns, places = self._places(lowered, chunks)
        shares = weights[columns] / np.bincount(columns, minlength=len(weights))[columns]
        totals = np.bincount(places, weights=shares, minlength=len(chunks)).tolist()
        heaviest = sorted(range(len(chunks)), key=lambda i: (-totals[i], i))[:top]
        return tuple((*_trim(lowered, *chunks[i]), round(totals[i], 4)) for i in heaviest if totals[i] > 0)

    def _places(self, lowered: str, chunks: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Column and chunk of every known n-gram in the text."""
        parts = [self._known_columns(lowered[start:end]) for start, end in chunks]
        words = self._word_places(lowered, chunks)
        columns = np.concatenate([*parts, np.array([column for column, _ in words], dtype=np.int64)])
        places = np.repeat(np.arange(len(chunks)), [len(part) for part in parts])
        return columns, np.concatenate([places, np.array([chunk for _, chunk in words], dtype=np.int64)])

    def _known_columns(self, word: str) -> NDArray[np.int64]:
        """As `_char_columns`, remembered in memory for the most recent words."""
        columns = self._seen.get(word)
        if columns is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            columns = self._seen[word] = self._char_columns(word)
        return columns

    def _char_columns(self, word: str) -> NDArray[np.int64]:
        """The columns of the n-grams of one word, as sklearn's char_wb cuts them."""
        if "char" not in self.vectorizers:
            return np.zeros(0, dtype=np.int64)
        column_of = self.vectorizers["char"].vocabulary_.get
        first = len(self.vectorizers["word"].vocabulary_) if "word" in self.vectorizers else 0
        padded = f" {word} "
        sizes = range(_CHARS[0], min(_CHARS[1], len(padded)) + 1)
        pieces = (column_of(padded[at : at + size]) for size in sizes for at in range(len(padded) - size + 1))
        return np.array([first + column for column in pieces if column is not None], dtype=np.int64)

    def _word_places(self, lowered: str, chunks: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Words and pairs of words; a pair stands where its first word stands."""
        if "word" not in self.vectorizers:
            return []
        column_of = self.vectorizers["word"].vocabulary_.get
        words = [(word, chunk) for chunk, (a, b) in enumerate(chunks) for word in _WORD.findall(lowered, a, b)]
        found = [(column_of(word), chunk) for word, chunk in words]
        found += [(column_of(f"{left} {right}"), at) for (left, at), (right, _) in pairwise(words)]
        return [(column, chunk) for column, chunk in found if column is not None]


def _lowered(text: str) -> str:
    """Lower case without moving a character: the few that would grow stay as they are."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """A word without the punctuation around it."""
    inner = _EDGES.match(text[start:end])
    if inner is None or not inner[1]:
        return start, end
    return start + inner.start(1), start + inner.end(1)


def _vectorizer(kind: str, terms: list[str]) -> TfidfVectorizer:
    return TfidfVectorizer(**KINDS[kind], vocabulary=terms, sublinear_tf=True, dtype=np.float32)


def _draw(n: int) -> NDArray[np.int64]:
    if n <= _COUNTED:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, _COUNTED, replace=False))


def _shared_terms(kind: str, texts: list[str], groups: list[str]) -> list[str]:
    """The n-grams that occur in at least five groups, in alphabetical order."""
    counter = CountVectorizer(**KINDS[kind], binary=True, dtype=np.int32)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # sklearn's answer to texts without a single n-gram
        return []
    _, rows = np.unique(np.array(groups), return_inverse=True)
    of_group = sparse.csr_matrix((np.ones(len(rows), np.int32), (rows, np.arange(len(rows)))))
    by_group = of_group @ counts
    spread = np.bincount(by_group.indices, minlength=by_group.shape[1])
    names = counter.get_feature_names_out()
    widest = np.lexsort((names, -spread))[:MOST_TERMS]
    return sorted(str(names[i]) for i in widest if spread[i] >= FEWEST_GROUPS)
