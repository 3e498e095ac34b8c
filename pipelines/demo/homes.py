"""What customers would have photographed at home: damage to the home, and things that came in the post."""

from pipelines.demo.canvas import HEIGHT, WIDTH, Canvas, darker, lighter, room, table


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
