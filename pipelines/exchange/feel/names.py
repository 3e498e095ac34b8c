"""Names as they are found in an expression: word by word, the longest that is known first."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipelines.exchange.feel.tokens import Token, name_words

Frame = dict[str, list[tuple[tuple[str, ...], str]]]  # first word -> the words and the name as it was declared


class NameBook:
    """The names in force, in frames that come and go with loops, contexts and functions."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._frames: list[Frame] = []
        self.push(names)

    @property
    def frames(self) -> int:
        return len(self._frames)

    def push(self, names: Iterable[str]) -> None:
        self._frames.append(_frame(names if isinstance(names, frozenset) else tuple(names)))

    def drop_to(self, count: int) -> None:
        del self._frames[count:]

    def longest(self, tokens: Sequence[Token], place: int) -> tuple[int, str]:
        """How many tokens from `place` make a known name, and that name; (0, "") for none."""
        best = (0, "")
        first = tokens[place]
        if first.kind not in ("name", "sign"):
            return best
        for frame in self._frames:
            for words, name in frame.get(first.text, ()):
                if len(words) > best[0] and _stands(words, tokens, place):
                    best = (len(words), name)
        return best


@lru_cache(maxsize=256)  # the names of a model stand in every cell of it
def _frame(names: frozenset[str] | tuple[str, ...]) -> Frame:
    frame: Frame = {}
    for name in names:
        words = name_words(name)
        frame.setdefault(words[0], []).append((words, name))
    return frame


def _stands(words: tuple[str, ...], tokens: Sequence[Token], place: int) -> bool:
    there = tokens[place : place + len(words)]
    return len(there) == len(words) and all(
        token.text == word and token.kind in ("name", "sign", "number")
        for token, word in zip(there, words, strict=True)
    )
