"""How much work is taken up at a time: as much as keeps a batch under about a second."""

from collections.abc import Mapping

from pipelines.flow import Stage

TARGET = 1.0  # seconds a batch may take: whoever waits behind it waits no longer, and a killed worker repeats no more
START = 8


class Pace:
    """Batch sizes by stage: doubled after a full batch that was quick, halved after one that was slow.

    They differ by a factor of a hundred between a rule and a photo, and by machine; so they are found by trying.
    """

    def __init__(self, most: int, *, target: float = TARGET) -> None:
        """most: pieces that no batch exceeds. target: seconds."""
        self._most, self._target = most, target
        self._sizes = dict.fromkeys(Stage, min(START, most))

    @property
    def sizes(self) -> Mapping[Stage, int]:
        """Pieces a batch of each stage may hold now, from 1 to `most`."""
        return self._sizes

    def note(self, stage: Stage, pieces: int, seconds: float) -> None:
        """What one batch took. A batch that was not full says nothing about a larger one."""
        size = self._sizes[stage]
        if stage is Stage.ASSIST:
            return  # its pieces wait beside each other, and not for us
        if seconds > self._target:
            self._sizes[stage] = max(1, min(size, pieces) // 2)
        elif seconds < self._target / 2 and pieces >= size:
            self._sizes[stage] = min(self._most, size * 2)
