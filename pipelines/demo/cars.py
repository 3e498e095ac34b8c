"""What customers would have photographed of their cars, drawn simply and so that all differ."""

import math

from pipelines.demo.canvas import HEIGHT, PAINTS, WIDTH, Canvas, car, darker, lighter, street


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
