"""Paper and pencils for the drawn photos: backgrounds, a car, a room, and grain that makes them read as photos."""

import random
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 1200
LABEL = "TEKENING / DRAWING"
GRAIN = 5.0  # standard deviation in grey levels; without it plain walls would read as blurred
PAINTS: tuple[Colour, ...] = (
    (168, 52, 50), (44, 84, 142), (226, 226, 220), (52, 58, 64), (196, 150, 62), (74, 122, 92), (120, 96, 140),
    (150, 158, 166), (36, 112, 128), (206, 118, 78),
)  # fmt: skip


@dataclass
class Canvas:
    """A photo being drawn. All sizes are in pixels of 1600 by 1200; chance decides everything that may vary."""

    chance: random.Random
    photo: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH, HEIGHT)))
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        self.draw = ImageDraw.Draw(self.photo)

    def between(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def one_of(self, colours: tuple[Colour, ...]) -> Colour:
        return self.chance.choice(colours)

    def fade(self, top: Colour, bottom: Colour, box: tuple[int, int, int, int] = (0, 0, WIDTH, HEIGHT)) -> None:
        """A vertical gradient in a box of left, top, right, bottom."""
        left, upper, right, lower = box
        for y in range(upper, lower):
            share = (y - upper) / max(1, lower - upper)
            self.draw.line([(left, y), (right, y)], fill=mixed(top, bottom, share))

    def ellipse(
        self, x: float, y: float, across: float, high: float, fill: Colour, *, outline: Colour | None = None
    ) -> None:
        """Centred on x, y."""
        box = (x - across / 2, y - high / 2, x + across / 2, y + high / 2)
        self.draw.ellipse(box, fill=fill, outline=outline, width=4)

    def jagged(self, start: Point, end: Point, *, fill: Colour, width: int, sway: float) -> None:
        """A line that wanders, as a crack does."""
        steps = 14
        points = []
        for i in range(steps + 1):
            share = i / steps
            off = 0.0 if i in (0, steps) else self.between(-sway, sway)
            points.append(
                (start[0] + (end[0] - start[0]) * share + off, start[1] + (end[1] - start[1]) * share + off / 2)
            )
        self.draw.line(points, fill=fill, width=width, joint="curve")


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is the first colour, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float) -> Colour:
    return mixed(colour, (0, 0, 0), share)


def lighter(colour: Colour, share: float) -> Colour:
    return mixed(colour, (255, 255, 255), share)


def finished(canvas: Canvas, *, seed: int) -> Image.Image:
    """The drawing with grain, light that falls from one side, and its label."""
    grain = np.random.default_rng(seed)
    pixels = np.asarray(canvas.photo, dtype=np.float32)
    side = canvas.between(-0.16, 0.16)
    light = 1 + side * np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :, None]
    noise = grain.normal(0, GRAIN, (HEIGHT, WIDTH, 1)).astype(np.float32)
    photo = Image.fromarray(np.clip(pixels * light + noise, 0, 255).astype(np.uint8))
    _label(photo)
    return photo


def _label(photo: Image.Image) -> None:
    draw = ImageDraw.Draw(photo)
    font = ImageFont.load_default(size=38)
    left, top, right, bottom = draw.textbbox((28, HEIGHT - 72), LABEL, font=font)
    draw.rounded_rectangle((left - 14, top - 10, right + 14, bottom + 12), 10, fill=(250, 250, 246))
    draw.text((28, HEIGHT - 72), LABEL, font=font, fill=(40, 40, 44))


def street(canvas: Canvas) -> float:
    """Sky, a row of houses or trees, and a road; returns the height of the kerb."""
    horizon = int(canvas.between(430, 640))
    sky = canvas.one_of(((120, 170, 220), (196, 206, 214), (236, 190, 150), (92, 122, 168)))
    canvas.fade(sky, lighter(sky, 0.55), (0, 0, WIDTH, horizon))
    x = -int(canvas.between(0, 160))
    while x < WIDTH:
        wide, high = int(canvas.between(130, 330)), int(canvas.between(150, horizon * 0.8))
        if canvas.chance.random() < 0.6:  # noqa: PLR2004  # more houses than trees
            _house(canvas, x, horizon, wide, high)
        else:
            tree(canvas, x + wide / 2, horizon, high)
        x += wide + int(canvas.between(0, 60))
    road = canvas.one_of(((92, 92, 96), (120, 112, 104), (70, 74, 82)))
    canvas.fade(lighter(road, 0.2), road, (0, horizon, WIDTH, HEIGHT))
    for _ in range(420):
        px, py = canvas.between(0, WIDTH), canvas.between(horizon, HEIGHT)
        canvas.ellipse(px, py, canvas.between(4, 12), 4, lighter(road, canvas.between(0.1, 0.3)))
    return float(horizon)


def _house(canvas: Canvas, x: int, ground: int, wide: int, high: int) -> None:
    wall = canvas.one_of(((160, 92, 70), (205, 188, 158), (118, 84, 74), (190, 120, 92), (224, 220, 208)))
    canvas.draw.rectangle((x, ground - high, x + wide, ground), fill=wall)
    roof = [(x - 12, ground - high), (x + wide / 2, ground - high - wide * 0.4), (x + wide + 12, ground - high)]
    canvas.draw.polygon(roof, fill=(110, 60, 52))
    for row in range(ground - high + 34, ground - 60, 92):
        for column in range(x + 24, x + wide - 50, 84):
            canvas.draw.rectangle(
                (column, row, column + 44, row + 56), fill=(70, 92, 112), outline=(240, 240, 236), width=5
            )


def tree(canvas: Canvas, x: float, ground: float, high: float) -> None:
    canvas.draw.rectangle((x - 12, ground - high * 0.5, x + 12, ground), fill=(92, 68, 48))
    green = canvas.one_of(((58, 104, 56), (84, 128, 60), (40, 84, 62), (150, 120, 50)))
    for _ in range(26):
        size = canvas.between(50, 110)
        leaf = lighter(green, canvas.between(0, 0.25))
        canvas.ellipse(x + canvas.between(-80, 80), ground - high + canvas.between(0, high * 0.55), size, size, leaf)


def car(canvas: Canvas, x: float, ground: float, length: float, *, paint: Colour) -> None:
    """A car from the side, its nose to the right; x is its left end, ground the bottom of its wheels."""
    unit = length / 10

    def at(*points: Point) -> list[Point]:
        return [(x + px * unit, ground - py * unit) for px, py in points]

    body = at((0, 0.6), (0.1, 1.9), (1.2, 2.3), (2.6, 3.6), (6.0, 3.6), (7.5, 2.3), (9.6, 1.9), (10, 1.2), (9.9, 0.6))
    canvas.draw.polygon(body, fill=paint, outline=darker(paint, 0.5), width=6)
    glass = (164, 196, 214)
    canvas.draw.polygon(at((1.9, 2.4), (2.9, 3.4), (4.3, 3.4), (4.3, 2.4)), fill=glass, outline=(40, 44, 48), width=6)
    canvas.draw.polygon(at((4.6, 2.4), (4.6, 3.4), (5.8, 3.4), (6.9, 2.4)), fill=glass, outline=(40, 44, 48), width=6)
    canvas.draw.line(at((4.45, 2.3), (4.45, 0.7)), fill=darker(paint, 0.5), width=4)
    canvas.draw.line(at((0.1, 1.5), (9.9, 1.5)), fill=lighter(paint, 0.35), width=6)
    canvas.draw.polygon(at((9.2, 1.6), (9.9, 1.5), (9.9, 1.8), (9.3, 1.9)), fill=(250, 240, 180))
    canvas.draw.rectangle((*at((0.05, 1.9))[0], *at((0.4, 1.5))[0]), fill=(200, 40, 40))
    for wheel in (2.1, 7.8):
        centre_x, centre_y = at((wheel, 0.75))[0]
        canvas.ellipse(centre_x, centre_y, unit * 1.7, unit * 1.7, (26, 26, 28))
        canvas.ellipse(centre_x, centre_y, unit * 0.9, unit * 0.9, (176, 180, 186), outline=(90, 92, 96))


def room(canvas: Canvas) -> float:
    """Two walls that meet in a corner, and a floor of planks; returns where the corner stands."""
    wall = canvas.one_of(((226, 220, 204), (196, 210, 212), (232, 214, 190), (206, 200, 216), (188, 198, 170)))
    corner, floor = canvas.between(360, 1240), int(canvas.between(820, 1000))
    canvas.draw.rectangle((0, 0, corner, HEIGHT), fill=wall)
    canvas.draw.rectangle((corner, 0, WIDTH, HEIGHT), fill=darker(wall, canvas.between(0.12, 0.28)))
    wood = canvas.one_of(((150, 108, 70), (110, 84, 66), (184, 150, 110), (96, 96, 100)))
    left, right = floor + canvas.between(20, 140), floor + canvas.between(20, 140)
    canvas.draw.polygon([(0, left), (corner, floor), (WIDTH, right), (WIDTH, HEIGHT), (0, HEIGHT)], fill=wood)
    for i in range(-6, 22):
        canvas.draw.line([(corner, floor), (i * 140, HEIGHT + 200)], fill=darker(wood, 0.3), width=4)
    canvas.draw.line([(0, left), (corner, floor), (WIDTH, right)], fill=(246, 244, 238), width=22)
    canvas.draw.line([(corner, 0), (corner, floor)], fill=darker(wall, 0.4), width=5)
    return corner


def table(canvas: Canvas) -> None:
    """A table top with a cloth behind it: the place for parcels and things."""
    back = canvas.one_of(((88, 104, 120), (196, 186, 164), (132, 92, 86), (76, 98, 80), (222, 222, 226)))
    edge = int(canvas.between(330, 620))
    canvas.fade(darker(back, canvas.between(0, 0.3)), back, (0, 0, WIDTH, edge))
    wood = canvas.one_of(((170, 124, 78), (120, 86, 60), (206, 180, 144), (84, 70, 62)))
    canvas.fade(wood, darker(wood, 0.25), (0, edge, WIDTH, HEIGHT))
    for _ in range(46):
        y = canvas.between(edge, HEIGHT)
        canvas.draw.line(
            [(0, y), (WIDTH, y + canvas.between(-16, 16))], fill=darker(wood, canvas.between(0.08, 0.3)), width=3
        )
    for i in range(9):
        if canvas.chance.random() < 0.5:  # noqa: PLR2004
            canvas.draw.rectangle((i * 190, 0, i * 190 + 95, edge), fill=lighter(back, canvas.between(0.05, 0.35)))
