"""Charts as a template draws them: lines, ticks and marks in a fixed box, with a table that says the same."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 14.0, 30.0
MOST_POINTS = 240  # drawn of a series
Scale = Callable[[float], float]
Words = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """points: as an SVG polyline reads them. kind: blue, amber or soft."""

    points: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A level that must not be passed, across the whole width."""

    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The point that counts now; anchor: whether its text ends or begins there."""

    x: float
    y: float
    text: str
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Chart:
    """label: the chart as a sentence. head and rows: the same figures as a table."""

    label: str
    x_title: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rules: tuple[Rule, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mark: Mark | None = None
    width: int = int(WIDTH)
    height: int = int(HEIGHT)
    left: int = int(LEFT)
    right: int = int(WIDTH - RIGHT)
    bottom: int = int(HEIGHT - BOTTOM)


def across(low: float, high: float) -> Scale:
    """Values to x; what lies outside is drawn at the edge."""
    return _onto(low, high, LEFT, WIDTH - RIGHT)


def upward(low: float, high: float) -> Scale:
    """Values to y, larger ones higher."""
    return _onto(low, high, HEIGHT - BOTTOM, TOP)


def upward_by_tens(low: float, high: float) -> Scale:
    """As upward, on a logarithmic scale; low and high above zero."""
    scale = upward(math.log10(low), math.log10(high))
    return lambda value: scale(math.log10(max(value, low)))


def _onto(low: float, high: float, start: float, end: float) -> Scale:
    width = high - low or 1.0
    return lambda value: round(start + (end - start) * (min(max(value, low), high) - low) / width, 1)


def line(points: Sequence[tuple[float, float]], x: Scale, y: Scale, *, kind: str, name: str = "") -> Line:
    """Through these values. Of a long series every so-manieth is drawn, and always the last and the highest."""
    kept = thinned(points, MOST_POINTS)
    return Line(" ".join(f"{x(a):g},{y(b):g}" for a, b in kept), kind, name)


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    step = -(-len(points) // most) or 1
    if step == 1:
        return list(points)
    peaks = [max(points[i : i + step], key=lambda point: point[1]) for i in range(0, len(points), step)]
    return peaks if peaks[-1] == points[-1] else [*peaks, points[-1]]


def mark_at(x: float, y: float, text: str, *, clear: float) -> Mark:
    """Its text stands on the side where there is more room, above the point and above the line at y `clear`."""
    to_the_left = x > (LEFT + WIDTH - RIGHT) / 2
    above = max(min(y, clear) - 9, TOP)
    return Mark(
        x, y, text, round(x if to_the_left else x + 10.0, 1), round(above, 1), "end" if to_the_left else "start"
    )


def nice_top(value: float) -> float:
    """The next round number that is not under it: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    ten = 10.0 ** math.floor(math.log10(value))
    return next(step * ten for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * ten >= value * (1 - 1e-9))


def ticks(scale: Scale, values: Sequence[float], words: Words) -> tuple[Tick, ...]:
    return tuple(Tick(scale(value), words(value)) for value in values)
