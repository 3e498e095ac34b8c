"""What a process that runs for months may keep: so much and no more."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from cases.store.likeness import PhotoHash
from models.ngrams import Ngrams
from models.sentence import Embedder
from pipelines.house import House
from pipelines.likeness import EmbeddingCache, SeenPhotos
from pipelines.recent import RecentStreams
from pipelines.runner import drain
from tests.pipelines.given import by_form

KB, MB = 1024, 1024 * 1024


@pytest.fixture
def grown() -> Iterator[Callable[[], int]]:
    """Bytes of objects and arrays that are alive and were not when the test began."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    def now() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    yield now
    tracemalloc.stop()


def messages(house: House, first: int, last: int) -> None:
    """Different messages of different people, each led to a decision."""
    for number in range(first, last):
        text = f"Een steen sloeg een ster in mijn voorruit, melding {number}, dossier {number * 7919}."
        by_form(house, text, sender=f"klant{number}@example.org")
        drain(house)


def test_a_thousand_messages_leave_less_than_15_mb_behind(house: House, grown: Callable[[], int]) -> None:
    small = replace(house, recent=RecentStreams(size=8))
    messages(small, 0, 12)
    begun = grown()

    messages(small, 12, 52)

    assert (grown() - begun) / 40 < 15 * MB / 1_000


def test_embeddings_are_kept_for_as_many_texts_as_were_allowed(grown: Callable[[], int]) -> None:
    cache = EmbeddingCache(size=64)

    for number in range(2_000):
        cache.put(f"text {number}", np.zeros(Embedder.dim, np.float32))

    assert cache.get("text 1935") is None
    assert cache.get("text 1936") is not None
    assert grown() < 64 * 3 * KB


def test_n_grams_of_words_are_remembered_for_so_many_words(grown: Callable[[], int]) -> None:
    ngrams = Ngrams({"char": [f"{a}{b}" for a in "abcdefghij" for b in "0123456789"]}, {"char": np.ones(100)})
    ngrams.rows(["warm"])
    begun = grown()

    ngrams.rows(
        [" ".join(f"a{number}b{number}" for number in range(first, first + 300)) for first in range(0, 59_700, 300)]
    )

    assert grown() - begun < 4 * MB


def test_a_photo_that_was_seen_costs_about_a_kilobyte(house: House, grown: Callable[[], int]) -> None:
    seen = SeenPhotos(house.database)
    seen.find([], sha256="", pixels_sha256="", case_id="other")
    begun = grown()

    seen.note(
        PhotoHash(
            f"{n:032x}", f"case-{n:032x}", f"C-2026-{n:06d}", f"{n:064x}", f"{n + 1:064x}",
            tuple(f"{(n * 8 + k) * 0x9E3779B97F4A7C15 % 2**64:016x}" for k in range(8)),
        )
        for n in range(6_000)
    )  # fmt: skip

    assert grown() - begun < 6_000 * 1.1 * KB
    found = seen.find([f"{8 * 0x9E3779B97F4A7C15 % 2**64:016x}"], sha256="", pixels_sha256="", case_id="other")
    assert found == ("C-2026-000001", 0)
