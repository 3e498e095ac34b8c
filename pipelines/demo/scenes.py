"""The scenes of the demo's photos: what customers would have photographed, drawn simply and so that all differ."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipelines.demo.canvas import (
    HEIGHT,
    PAINTS,
    WIDTH,
    Canvas,
    car,
    darker,
    lighter,
    room,
    street,
    table,
)

Scene = Callable[[Canvas], None]


def _windscreen(canvas: Canvas) -> tuple[float, float]:
    """A windscreen from the driver's seat; returns where the damage goes."""
    street(canvas)
    lower = canvas.between(880, 1010)
    canvas.draw.polygon([(0, lower + 40), (WIDTH / 2, lower - 30), (WIDTH, lower + 40), (WIDTH, HEIGHT), (0, HEIGHT)],
                        fill=(38, 40, 44))  # fmt: skip
    canvas.draw.polygon([(0, 0), (150, 0), (canvas.between(20, 90), HEIGHT), (0, HEIGHT)], fill=(30, 31, 34))
    canvas.draw.polygon([(WIDTH, 0), (WIDTH - 150, 0), (WIDTH - canvas.between(20, 90), HEIGHT), (WIDTH, HEIGHT)],
                        fill=(30, 31, 34))  # fmt: skip
    mirror = canvas.between(620, 980)
    canvas.draw.rounded_rectangle((mirror - 150, 20, mirror + 150, 110), 30, fill=(22, 22, 24))
    wheel = canvas.between(380, 1220)
    canvas.draw.arc((wheel - 330, lower - 60, wheel + 330, lower + 600), 180, 360, fill=(16, 16, 18), width=46)
    canvas.draw.line([(100, lower - 20), (canvas.between(600, 900), lower - canvas.between(60, 170))],
                     fill=(20, 20, 22), width=14)  # fmt: skip
    return canvas.between(360, 1240), canvas.between(260, 720)


def windscreen_star(canvas: Canvas) -> None:
    x, y = _windscreen(canvas)
    reach = canvas.between(110, 240)
    for leg in range(canvas.chance.randint(6, 9)):
        angle = leg * 0.9 + canvas.between(-0.2, 0.2)
        end = (
            x + reach * canvas.between(0.5, 1) * math.cos(angle),
            y + reach * canvas.between(0.5, 1) * math.sin(angle),
        )
        canvas.jagged((x, y), end, fill=(250, 252, 255), width=7, sway=9)
    canvas.ellipse(x, y, 76, 76, (240, 246, 250), outline=(120, 128, 134))
    canvas.ellipse(x, y, 26, 26, (40, 44, 48))


def windscreen_crack(canvas: Canvas) -> None:
    x, y = _windscreen(canvas)
    far = canvas.between(200, 1400)
    for thickness, tint in ((12, (90, 98, 104)), (6, (250, 252, 255))):
        canvas.jagged((x, 940), (far, y - 140), fill=tint, width=thickness, sway=26)
    canvas.jagged((x, 940), (x + canvas.between(-300, 300), 700), fill=(240, 244, 248), width=6, sway=20)


def _parked(canvas: Canvas) -> tuple[float, float, float]:
    """A car in a street; returns its left end, the ground and a tenth of its length."""
    kerb = street(canvas)
    length = canvas.between(880, 1250)
    x, ground = canvas.between(80, WIDTH - length - 80), canvas.between(max(880, kerb + 260), 1080)
    canvas.ellipse(x + length / 2, ground, length * 1.02, 70, (46, 46, 50))
    car(canvas, x, ground, length, paint=canvas.one_of(PAINTS))
    return x, ground, length / 10


def bumper_dent(canvas: Canvas) -> None:
    x, ground, unit = _parked(canvas)
    canvas.draw.polygon(
        [
            (x, ground - unit * 1.4),
            (x + unit, ground - unit * 1.2),
            (x + unit * 0.7, ground - unit * 0.5),
            (x - unit * 0.2, ground - unit * 0.2),
        ],
        fill=(24, 24, 26),
    )
    for _ in range(9):
        start = (x + canvas.between(0, unit), ground - canvas.between(unit * 0.4, unit * 1.7))
        canvas.jagged(
            start, (start[0] + unit * 0.8, start[1] + canvas.between(-30, 30)), fill=(240, 240, 240), width=5, sway=12
        )
    canvas.draw.polygon([(x - 90, ground), (x + 30, ground - 30), (x + 60, ground)], fill=(190, 60, 50))


def front_dent(canvas: Canvas) -> None:
    x, ground, unit = _parked(canvas)
    nose = x + unit * 10
    canvas.draw.polygon([(nose, ground - unit * 2), (nose - unit * 1.6, ground - unit * 1.7),
                         (nose - unit * 0.9, ground - unit), (nose - unit * 1.8, ground - unit * 0.5),
                         (nose + 10, ground - unit * 0.4)], fill=(30, 30, 34))  # fmt: skip
    canvas.draw.rectangle(
        (nose - 20, ground - unit * 4.5, nose + 40, ground + 10), fill=(150, 154, 158), outline=(70, 72, 76), width=6
    )
    canvas.ellipse(nose + 10, ground - unit * 4.7, 110, 110, (250, 236, 170), outline=(120, 120, 110))


def door_scratch(canvas: Canvas) -> None:
    x, ground, unit = _parked(canvas)
    for i in range(4):
        y = ground - unit * (1.1 + 0.22 * i)
        canvas.jagged((x + unit * 1.4, y), (x + unit * canvas.between(6.5, 8.6), y - canvas.between(-60, 60)),
                      fill=(246, 246, 240), width=8, sway=16)  # fmt: skip


def side_window(canvas: Canvas) -> None:
    x, ground, unit = _parked(canvas)
    left, top = x + unit * 1.9, ground - unit * 3.4
    canvas.draw.polygon(
        [
            (left + unit * 0.5, top + unit * 0.5),
            (left + unit * 2.3, top + 10),
            (left + unit * 2.2, top + unit),
            (left + unit * 0.3, top + unit),
        ],
        fill=(18, 18, 22),
    )
    for _ in range(130):
        canvas.ellipse(
            x + canvas.between(unit, unit * 5),
            ground + canvas.between(-20, 60),
            canvas.between(6, 18),
            8,
            (206, 228, 238),
        )


def hail_dents(canvas: Canvas) -> None:
    paint = canvas.one_of(PAINTS)
    canvas.fade(lighter(paint, 0.5), darker(paint, 0.25))
    bend = canvas.between(120, 520)
    canvas.draw.arc((-500, -bend, WIDTH + 500, HEIGHT), 10, 170, fill=darker(paint, 0.45), width=16)
    edge = canvas.between(200, 600)
    canvas.draw.polygon([(0, 0), (canvas.between(500, 1300), 0), (0, edge)], fill=(150, 186, 206))
    canvas.draw.polygon(
        [(WIDTH, 0), (WIDTH, canvas.between(200, 700)), (canvas.between(1000, 1400), 0)], fill=(44, 48, 54)
    )
    for _ in range(60):
        x, y, size = canvas.between(80, 1520), canvas.between(180, 1040), canvas.between(30, 90)
        canvas.ellipse(x, y, size, size * 0.8, darker(paint, 0.35))
        canvas.ellipse(x + size * 0.12, y + size * 0.12, size * 0.66, size * 0.5, lighter(paint, 0.4))
    for _ in range(90):
        canvas.ellipse(
            canvas.between(0, WIDTH), canvas.between(900, HEIGHT), 22, 20, (244, 248, 252), outline=(170, 180, 190)
        )


def fallen_tree(canvas: Canvas) -> None:
    x, ground, unit = _parked(canvas)
    at = x + unit * canvas.between(3, 6)
    far = canvas.between(-200, WIDTH + 200)
    canvas.draw.line(
        [(far, 200), (at, ground - unit * 3.2), (at + (at - far) * 0.25, ground)],
        fill=(88, 62, 44),
        width=90,
        joint="curve",
    )
    canvas.draw.line([(at, ground - unit * 3.2), (at + 330, ground - unit * 4.6)], fill=(96, 70, 50), width=34)
    for _ in range(70):
        green = lighter((52, 96, 50), canvas.between(0, 0.35))
        size = canvas.between(30, 90)
        canvas.ellipse(at + canvas.between(-300, 380), ground - unit * canvas.between(2.4, 5), size, size * 0.6, green)


def gnawed_cables(canvas: Canvas) -> None:
    canvas.fade((52, 54, 58), (30, 32, 36))
    canvas.draw.rounded_rectangle(
        (canvas.between(120, 400), 140, canvas.between(800, 1000), 560),
        40,
        fill=(86, 90, 96),
        outline=(120, 124, 130),
        width=8,
    )
    canvas.ellipse(1280, canvas.between(220, 420), 340, 340, (70, 74, 80), outline=(150, 154, 160))
    for i, tint in enumerate(((190, 60, 50), (60, 110, 180), (220, 190, 70), (90, 150, 90), (200, 200, 200))):
        y = 640 + i * 90
        gap = canvas.between(500, 1100)
        canvas.draw.line([(0, y), (gap, y + canvas.between(-50, 50))], fill=tint, width=34)
        canvas.draw.line([(gap + canvas.between(60, 160), y + 20), (WIDTH, y - 40)], fill=tint, width=34)
        for _ in range(8):
            canvas.draw.line(
                [(gap, y), (gap + canvas.between(20, 70), y + canvas.between(-50, 50))], fill=(210, 140, 80), width=4
            )


def ceiling_stain(canvas: Canvas) -> None:
    ceiling = canvas.one_of(((236, 234, 226), (222, 226, 228)))
    canvas.fade(darker(ceiling, 0.08), ceiling)
    for i in range(-2, 12):
        canvas.draw.line([(800, -900), (i * 200, HEIGHT)], fill=darker(ceiling, 0.12), width=6)
    canvas.draw.rectangle(
        (0, 990, WIDTH, HEIGHT), fill=canvas.one_of(((176, 188, 160), (160, 170, 186), (196, 164, 140)))
    )
    canvas.draw.line([(0, 990), (WIDTH, 990)], fill=(250, 250, 248), width=34)
    x, y = canvas.between(420, 1180), canvas.between(340, 640)
    for ring in range(7):
        size = 620 - ring * 84
        canvas.ellipse(x + canvas.between(-40, 40), y + canvas.between(-30, 30), size, size * 0.66,
                       lighter((150, 106, 54), 0.06 * ring), outline=(112, 78, 40))  # fmt: skip
    for _ in range(6):
        canvas.ellipse(x + canvas.between(-160, 160), y + canvas.between(120, 330), 16, 34, (120, 170, 210))
    lamp = canvas.between(120, 1480)
    canvas.draw.line([(lamp, 0), (lamp, 250)], fill=(40, 40, 40), width=10)
    canvas.draw.polygon([(lamp - 90, 360), (lamp - 40, 250), (lamp + 40, 250), (lamp + 90, 360)], fill=(70, 80, 96))


def leaking_pipe(canvas: Canvas) -> None:
    canvas.fade((206, 210, 204), (170, 176, 170))
    for column in range(0, WIDTH, 160):
        canvas.draw.line([(column, 0), (column, HEIGHT)], fill=(232, 236, 232), width=8)
    for y in range(40, HEIGHT, 160):
        canvas.draw.line([(0, y), (WIDTH, y)], fill=(232, 236, 232), width=8)
    x = canvas.between(500, 1100)
    canvas.draw.line(
        [(x, 0), (x, 520), (x - 260, 520), (x - 260, 760), (WIDTH, 760)], fill=(150, 152, 158), width=84, joint="curve"
    )
    canvas.ellipse(x, 520, 150, 150, (120, 122, 128), outline=(80, 82, 88))
    for _ in range(34):
        canvas.ellipse(
            x + canvas.between(-60, 60), canvas.between(600, 1050), 18, canvas.between(26, 60), (96, 158, 212)
        )
    canvas.ellipse(x, 1090, canvas.between(500, 900), 130, (120, 176, 220), outline=(86, 132, 180))


def mould_corner(canvas: Canvas) -> None:
    corner = room(canvas)
    top = canvas.between(0, 420)
    for _ in range(520):
        y = top + abs(canvas.chance.gauss(0, 220))
        x = corner + canvas.chance.gauss(0, 40 + y * 0.16)
        size = canvas.between(6, 44)
        canvas.ellipse(x, y, size, size * 0.8, darker((86, 92, 78), canvas.between(0, 0.6)))
    left = canvas.between(40, 900)
    canvas.draw.rectangle((left, 470, left + 260, 780), fill=(120, 160, 190), outline=(250, 250, 250), width=20)


def mouse(canvas: Canvas) -> None:
    room(canvas)
    left = canvas.between(0, 900)
    canvas.draw.rectangle(
        (left, canvas.between(140, 420), left + 640, 800), fill=(214, 208, 196), outline=(130, 126, 118), width=10
    )
    canvas.draw.rectangle((left + 60, 470, left + 580, 760), fill=(48, 50, 54))
    x, y = canvas.between(420, 1160), canvas.between(960, 1060)
    canvas.draw.arc((x - 420, y - 90, x - 120, y + 120), 20, 200, fill=(196, 150, 150), width=14)
    canvas.ellipse(x, y, 330, 180, (128, 116, 106), outline=(84, 76, 70))
    canvas.ellipse(x + 170, y - 20, 170, 130, (138, 126, 114), outline=(84, 76, 70))
    canvas.ellipse(x + 130, y - 100, 90, 100, (206, 168, 164), outline=(84, 76, 70))
    canvas.ellipse(x + 200, y - 40, 20, 20, (10, 10, 10))
    for i in range(3):
        canvas.draw.line([(x + 240, y), (x + 330, y - 40 + i * 40)], fill=(60, 56, 52), width=5)
    for _ in range(16):
        canvas.ellipse(canvas.between(80, 1500), canvas.between(1010, 1110), 18, 9, (40, 34, 30))


def broken_lock(canvas: Canvas) -> None:
    paint = canvas.one_of(((70, 96, 84), (120, 54, 50), (60, 74, 104), (150, 122, 84)))
    canvas.fade(lighter(paint, 0.1), darker(paint, 0.2))
    edge = canvas.between(180, 460)
    canvas.draw.rectangle((0, 0, edge, HEIGHT), fill=(236, 232, 224))
    canvas.draw.line([(edge, 0), (edge, HEIGHT)], fill=(24, 24, 26), width=22)
    for top in (60, 660):
        canvas.draw.rectangle((edge + 480, top, edge + 980, top + 470), outline=darker(paint, 0.4), width=14)
    canvas.draw.rounded_rectangle(
        (edge + 120, 300, edge + 270, 900), 40, fill=(198, 190, 168), outline=(120, 112, 92), width=8
    )
    tilt = canvas.between(60, 220)
    canvas.draw.line([(edge + 195, 430), (edge + 480, 430 + tilt)], fill=(176, 168, 146), width=54)
    canvas.ellipse(edge + 195, 720, 84, 84, (60, 56, 48), outline=(30, 28, 24))
    canvas.draw.polygon(
        [(edge + 195, 705), (edge + 420, 690), (edge + 440, 740), (edge + 195, 738)], fill=(210, 180, 90)
    )
    for _ in range(7):
        canvas.jagged(
            (edge + 200, 730),
            (edge + canvas.between(20, 420), canvas.between(600, 1010)),
            fill=(240, 230, 210),
            width=5,
            sway=16,
        )


def dented_parcel(canvas: Canvas) -> None:
    table(canvas)
    x, y, wide = canvas.between(260, 560), canvas.between(380, 520), canvas.between(700, 900)
    box = (186, 142, 92)
    canvas.draw.polygon(
        [(x, y), (x + wide, y - 60), (x + wide + 120, y + 90), (x + 130, y + 170)], fill=lighter(box, 0.2)
    )
    canvas.draw.polygon([(x, y), (x + 130, y + 170), (x + 130, y + 560), (x, y + 370)], fill=darker(box, 0.25))
    canvas.draw.polygon(
        [(x + 130, y + 170), (x + wide + 120, y + 90), (x + wide + 110, y + 470), (x + 130, y + 560)], fill=box
    )
    canvas.draw.polygon(
        [(x + wide - 180, y + 110), (x + wide + 120, y + 90), (x + wide + 20, y + 300)], fill=(52, 40, 30)
    )
    canvas.draw.line([(x + 60, y + 60), (x + wide + 60, y + 10)], fill=(228, 214, 186), width=46)
    for _ in range(10):
        canvas.jagged(
            (x + wide, y + 200),
            (x + canvas.between(300, wide), y + canvas.between(180, 460)),
            fill=darker(box, 0.5),
            width=6,
            sway=22,
        )
    canvas.draw.rectangle((x + 220, y + 300, x + 500, y + 460), fill=(250, 250, 248))
    for i in range(12):
        canvas.draw.line(
            [(x + 240 + i * 20, y + 320), (x + 240 + i * 20, y + 400)],
            fill=(20, 20, 20),
            width=canvas.chance.choice((4, 8, 12)),
        )


def wrong_shoes(canvas: Canvas) -> None:
    table(canvas)
    for shift in (0, canvas.between(90, 170)):
        x, y = canvas.between(220, 420) + shift, 520 + shift * 2
        tint = (206, 84, 116)
        canvas.draw.polygon(
            [(x, y), (x + 190, y - 40), (x + 330, y + 90), (x + 720, y + 170), (x + 820, y + 260), (x, y + 260)],
            fill=tint,
            outline=darker(tint, 0.4),
            width=8,
        )
        canvas.draw.rectangle(
            (x - 10, y + 250, x + 830, y + 300), fill=(246, 244, 238), outline=(150, 150, 150), width=4
        )
        for i in range(5):
            canvas.draw.line(
                [(x + 300 + i * 60, y + 70 + i * 22), (x + 370 + i * 60, y + 130 + i * 16)],
                fill=(250, 250, 250),
                width=12,
            )
    canvas.draw.rectangle((1160, 180, 1520, 460), fill=(224, 168, 60), outline=(140, 100, 40), width=8)


def broken_toaster(canvas: Canvas) -> None:
    table(canvas)
    x, y = canvas.between(300, 560), canvas.between(360, 480)
    metal = canvas.one_of(((190, 194, 200), (180, 60, 54), (60, 70, 80)))
    canvas.draw.rounded_rectangle((x, y, x + 760, y + 520), 90, fill=metal, outline=darker(metal, 0.5), width=10)
    for slot in (y + 40, y + 110):
        canvas.draw.rectangle((x + 120, slot, x + 640, slot + 36), fill=(20, 20, 22))
    canvas.draw.rectangle((x + 700, y + 180, x + 830, y + 230), fill=(24, 24, 26))
    for _ in range(6):
        canvas.jagged(
            (x + 300, y + 250),
            (x + canvas.between(60, 700), y + canvas.between(200, 500)),
            fill=(16, 16, 16),
            width=8,
            sway=24,
        )
    canvas.draw.polygon([(x + 60, y + 520), (x + 260, y + 400), (x + 330, y + 520)], fill=(24, 24, 26))


def blocked_sink(canvas: Canvas) -> None:
    table(canvas)
    left, top = canvas.between(140, 330), canvas.between(400, 520)
    canvas.draw.rounded_rectangle(
        (left, top, left + 1080, top + 560), 60, fill=(196, 200, 204), outline=(120, 124, 128), width=12
    )
    canvas.draw.rounded_rectangle((left + 60, top + 60, left + 1020, top + 500), 50, fill=(126, 132, 112))
    for _ in range(60):
        canvas.ellipse(
            left + canvas.between(120, 960), top + canvas.between(110, 450), canvas.between(14, 56), 22, (206, 208, 190)
        )
    tap = left + canvas.between(300, 800)
    canvas.draw.line(
        [(tap, top + 40), (tap, top - 260), (tap + 190, top - 260), (tap + 190, top - 120)],
        fill=(214, 218, 222),
        width=46,
        joint="curve",
    )


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        scene.__name__: scene
        for scene in (
            windscreen_star, windscreen_crack, bumper_dent, front_dent, door_scratch, side_window, hail_dents,
            fallen_tree, gnawed_cables, ceiling_stain, leaking_pipe, mould_corner, mouse, broken_lock, dented_parcel,
            wrong_shoes, broken_toaster, blocked_sink,
        )
    }
)  # fmt: skip
