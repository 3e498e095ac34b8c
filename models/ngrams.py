"""TF-IDF over words and characters, and which words of a text weigh for a label.

No n-gram is kept that occurs in fewer than five groups (customers), so a model cannot spell out a name or an address.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.later import Later
from models.sentence import clip, cores

sparse, extraction, joblib = Later("scipy.sparse"), Later("sklearn.feature_extraction.text"), Later("joblib")
FEWEST_GROUPS = 5
MOST_TERMS = 50_000  # per kind, the most widespread ones
_COUNTED = 20_000  # messages from which the vocabulary is drawn up
_PARALLEL_FROM = 20_000  # texts; below, sending them to processes costs more than it saves
_CHARS = (2, 5)
KINDS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2)},
    "char": {"analyzer": "char_wb", "ngram_range": _CHARS},
}
_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"\b\w\w+\b")  # sklearn's token_pattern
_EDGES = re.compile(r"^\W*(.*?)\W*$", re.DOTALL)
_EXPLAINED_WORDS = 300
_REMEMBERED = 10_000  # words: 2 MB

Span = tuple[int, int, float]
Columns = NDArray[np.int32]
Row = tuple[Columns, NDArray[np.float32]]


class Ngrams:
    """Known n-grams of words and of characters, side by side: sublinear counts times idf, each part of unit length.

    The numbers are those of scikit-learn's TfidfVectorizer, which is only needed when something is fitted.
    """

    def __init__(self, terms: dict[str, list[str]], idf: dict[str, NDArray[Any]]) -> None:
        self._terms = {kind: terms[kind] for kind in KINDS if kind in terms}  # the order of the columns
        self._idf = idf
        self._column_of = {kind: {term: i for i, term in enumerate(known)} for kind, known in self._terms.items()}
        self._seen: dict[str, Columns] = {}
        self.width = sum(map(len, self._terms.values()))

    @classmethod
    def fit(cls, texts: Sequence[str], groups: Sequence[str]) -> "Ngrams":
        """`groups` names the customer of each text. A kind without any n-gram in five groups is left out."""
        chosen = _draw(len(texts))
        drawn, of_drawn = [clip(texts[i]) for i in chosen], [groups[i] for i in chosen]
        terms = {kind: shared for kind in KINDS if (shared := _shared_terms(kind, drawn, of_drawn))}
        unweighted = cls(terms, {kind: np.ones(len(shared), np.float32) for kind, shared in terms.items()})
        holding = np.bincount(unweighted.transform(texts).indices, minlength=unweighted.width)
        idf = (np.log(np.float32(len(texts) + 1) / (holding + 1).astype(np.float32)) + 1).astype(np.float32)
        ends = np.cumsum([len(shared) for shared in terms.values()])[:-1]
        return cls(terms, dict(zip(terms, np.split(idf, ends), strict=True)))

    def plain(self) -> tuple[dict[str, list[str]], dict[str, NDArray[Any]]]:
        """What an Ngrams is made of, so that loading builds no foreign object."""
        return self._terms, self._idf

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """For each text the columns of the n-grams it holds, rising, and their values."""
        return [self._row(clip(text).lower()) for text in texts]

    def transform(self, texts: Sequence[str]) -> Any:
        """The rows as one sparse matrix, shape (n texts, width), float32; thousands are spread over the processors."""
        jobs = cores()
        if len(texts) < _PARALLEL_FROM or jobs == 1:
            return self._transform(texts)
        chunks = np.array_split(np.arange(len(texts)), jobs)
        part = joblib.delayed(Ngrams._transform)
        return sparse.vstack(joblib.Parallel(n_jobs=jobs)(part(self, [texts[i] for i in chunk]) for chunk in chunks))

    def _transform(self, texts: Sequence[str]) -> Any:
        rows = self.rows(texts)
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([np.zeros(0, np.int32), *(columns for columns, _ in rows)])
        values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in rows)])
        return sparse.csr_matrix((values, columns, ends), shape=(len(texts), self.width), dtype=np.float32)

    def _row(self, lowered: str) -> Row:
        columns, values, first = [np.zeros(0, np.int32)], [np.zeros(0, np.float32)], 0
        for kind, known in self._terms.items():
            of_words = kind == "word"
            held, counts = np.unique(
                self._words_in(lowered) if of_words else self._chars_in(lowered), return_counts=True
            )
            weights = np.log(counts.astype(np.float32)) + np.float32(1)
            weights *= self._idf[kind][held - first]
            length = np.sqrt(np.square(weights).sum(dtype=np.float64))
            columns.append(held)
            values.append((weights / (length or 1.0)).astype(np.float32))
            first += len(known)
        return np.concatenate(columns), np.concatenate(values)

    def _words_in(self, lowered: str) -> Columns:
        return np.array([column for column, _ in self._word_places(lowered, [(0, len(lowered))])], dtype=np.int32)

    def _chars_in(self, lowered: str) -> Columns:
        return np.concatenate([np.zeros(0, np.int32), *map(self._known_columns, lowered.split())])

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

    def _known_columns(self, word: str) -> Columns:
        """As `_char_columns`, remembered in memory for the most recent words."""
        columns = self._seen.get(word)
        if columns is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            columns = self._seen[word] = self._char_columns(word)
        return columns

    def _char_columns(self, word: str) -> Columns:
        """The columns of the n-grams of one word, as sklearn's char_wb cuts them."""
        if "char" not in self._terms:
            return np.zeros(0, dtype=np.int32)
        column_of = self._column_of["char"].get
        first = len(self._terms.get("word", ()))
        padded = f" {word} "
        sizes = range(_CHARS[0], min(_CHARS[1], len(padded)) + 1)
        pieces = (column_of(padded[at : at + size]) for size in sizes for at in range(len(padded) - size + 1))
        return np.array([first + column for column in pieces if column is not None], dtype=np.int32)

    def _word_places(self, lowered: str, chunks: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Words and pairs of words; a pair stands where its first word stands."""
        if "word" not in self._terms:
            return []
        column_of = self._column_of["word"].get
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


def _draw(n: int) -> NDArray[np.int64]:
    if n <= _COUNTED:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, _COUNTED, replace=False))


def _shared_terms(kind: str, texts: list[str], groups: list[str]) -> list[str]:
    """The n-grams that occur in at least five groups, in alphabetical order."""
    counter = extraction.CountVectorizer(**KINDS[kind], binary=True, dtype=np.int32)
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
