"""What this process has just written or parsed: the next stage need not read, parse or fold it again.

Whatever is not held here, or is held by another process, is read from the database and the blobs.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.case import Case, Entry, fold
from cases.store.log import Appended, is_case
from cases.store.store import Store
from pipelines.channels.parsed import ParsedMessage


@dataclass(frozen=True, slots=True)
class Known:
    """A stream as it stood at its last event; case is None for streams that are no case."""

    entries: Sequence[Entry]
    case: Case | None


class RecentForms:
    """Forms that were parsed at the door, until they are read: at most `size` of them, with `room` bytes of files."""

    def __init__(self, size: int = 1024, room: int = 32 << 20) -> None:
        self._size, self._room = size, room
        self._held: OrderedDict[str, tuple[ParsedMessage, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def put(self, message_id: str, form: ParsedMessage) -> None:
        """Hold a form whose raw bytes are stored; the oldest make room for it."""
        weight = sum(len(file.data) for file in form.attachments)
        if weight > self._room:
            return
        with self._lock:
            self._held[message_id] = form, weight
            self._weight += weight
            while len(self._held) > self._size or self._weight > self._room:
                self._weight -= self._held.popitem(last=False)[1][1]

    def take(self, message_id: str) -> ParsedMessage | None:
        """The form, which is then held no more; None when it is not here."""
        with self._lock:
            form, weight = self._held.pop(message_id, (None, 0))
            self._weight -= weight
        return form


class RecentStreams:
    """At most `size` streams. What is held is used only while the stream's head is the one that was seen."""

    def __init__(self, size: int = 2048) -> None:
        self.forms = RecentForms()
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
                added.stream: Known([*held.entries, *added.entries], added.case)
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
                self.forms.take(stream)

    def _keep(self, streams: dict[str, Known]) -> None:
        with self._lock:
            for stream, known in streams.items():
                self._held[stream] = known
                self._held.move_to_end(stream)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
