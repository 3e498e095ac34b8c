"""Bars as a template draws them, one under another in a fixed box, with a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, NAMES, VALUES = 480, 190, 62  # of the box, the names on the left and the figures on the right
STEP, HEIGHT = 30, 16  # from one bar to the next, and of a bar


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar as it is asked for. kind: blue, amber, red or soft. href: the cases it counts; "" for none."""

    name: str
    value: int
    text: str
    kind: str = "blue"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in its place. text_x: where its figure begins."""

    name: str
    text: str
    kind: str
    href: str
    y: int
    text_y: int
    width: float
    text_x: float


@dataclass(frozen=True, slots=True)
class Bars:
    """label: all of it as a sentence. head: of the table that repeats the bars."""

    label: str
    head: tuple[str, str]
    bars: tuple[Bar, ...]
    width: int
    height: int
    names: int = NAMES
    thick: int = HEIGHT


def bars(label: str, head: tuple[str, str], measures: Sequence[Measure]) -> Bars:
    """The longest takes all the room; none of them is drawn longer than its share of that."""
    most = max((one.value for one in measures), default=0) or 1
    room = WIDTH - NAMES - VALUES
    placed = []
    for number, one in enumerate(measures):
        width = round(room * one.value / most, 1)
        y = number * STEP + (STEP - HEIGHT) // 2
        placed.append(Bar(one.name, one.text, one.kind, one.href, y, y + 12, width, round(NAMES + width + 8, 1)))
    return Bars(label, head, tuple(placed), WIDTH, STEP * len(placed))
