"""Streams that were just written: a stage's next stage need not read and fold again what this process has at hand."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.case import Case, Entry, apply, fold
from cases.store.log import Appended, is_case
from cases.store.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """A stream as it stood at its last event; case is None for streams that are no case."""

    entries: Sequence[Entry]
    case: Case | None


class RecentStreams:
    """At most `size` streams. What is held is used only while the stream's head is the one that was seen."""

    def __init__(self, size: int = 2048) -> None:
        self._size = size
        self._held: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, store: Store, streams: Iterable[str]) -> dict[str, Known]:
        """Each stream as it stands in this transaction."""
        heads = store.heads(streams)
        with self._lock:
            found = {
                stream: held
                for stream, head in heads.items()
                if (held := self._held.get(stream)) is not None and held.entries[-1].seq == head
            }
        for stream, entries in store.histories(set(heads) - set(found)).items():
            found[stream] = Known(entries, fold(stream, entries) if is_case(stream) else None)
        self._keep(found)
        return found

    def written(self, appended: Iterable[Appended]) -> None:
        """Events that this process has just added and committed."""
        with self._lock:
            grown = {
                added.stream: Known([*held.entries, *added.entries], _after(held.case, added.entries))
                for added in appended
                if (held := self._held.get(added.stream)) is not None
                and held.entries[-1].seq + 1 == added.entries[0].seq
            }
        self._keep(grown)

    def forget(self, streams: Iterable[str]) -> None:
        """Let go of streams whose words were erased."""
        with self._lock:
            for stream in streams:
                self._held.pop(stream, None)

    def _keep(self, streams: dict[str, Known]) -> None:
        with self._lock:
            for stream, known in streams.items():
                self._held[stream] = known
                self._held.move_to_end(stream)
            while len(self._held) > self._size:
                self._held.popitem(last=False)


def _after(case: Case | None, entries: Sequence[Entry]) -> Case | None:
    for entry in entries:
        case = apply(case, entry) if case is not None else None
    return case
