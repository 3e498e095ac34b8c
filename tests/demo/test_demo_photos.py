from io import BytesIO

import pytest
from PIL import Image

from models.photo import BLURRED_BELOW, DARK_BELOW
from models.reuse import ReuseLedger
from pipelines.attachments import FileUnusable, Findings
from pipelines.demo.draw import Drawing, NoSuchScene, draw, photograph
from pipelines.demo.mails import PhotoSpec, demo_mails
from pipelines.demo.scenes import SCENES
from pipelines.photo_reading import look

PHOTOS = [(mail.id, photo) for mail in demo_mails() for photo in mail.spec.photos]


def drawing(spec: PhotoSpec) -> Drawing:
    return Drawing(spec.scene, spec.seed, spec.format, spec.flaw, spec.taken, spec.place, spec.turned)


def found(data: bytes) -> Findings:
    return look(data, blurred_below=BLURRED_BELOW, dark_below=DARK_BELOW)[0]


@pytest.fixture(scope="module")
def findings() -> dict[tuple[str, str], Findings]:
    return {(mail, spec.name): found(photograph(drawing(spec))) for mail, spec in PHOTOS if spec.format != "truncated"}


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_is_sharp_light_and_large_enough_and_its_seed_repeats_it(scene: str) -> None:
    first = photograph(Drawing(scene, 3))

    seen = found(first)

    assert first == photograph(Drawing(scene, 3))
    assert not seen.blurred
    assert not seen.dark
    assert 1200 <= seen.width <= 2000


def test_another_seed_draws_another_picture() -> None:
    assert draw("mouse", 1).tobytes() != draw("mouse", 2).tobytes()


def test_an_unknown_scene_is_refused_with_the_scenes_there_are() -> None:
    with pytest.raises(NoSuchScene, match="windscreen_star"):
        draw("unicorn", 1)


def test_only_the_photos_meant_to_fail_fail(findings: dict[tuple[str, str], Findings]) -> None:
    for mail, spec in PHOTOS:
        if spec.format == "truncated":
            continue
        seen = findings[mail, spec.name]

        assert seen.dark == (spec.flaw == "dark"), (mail, seen)
        assert (seen.blurred and not seen.dark) == (spec.flaw == "blurred"), (mail, seen)


def test_a_truncated_photo_is_told_apart_from_an_unreadable_one() -> None:
    with pytest.raises(FileUnusable, match="truncated"):
        found(photograph(Drawing("mouse", 4, format="truncated")))


def test_no_two_pictures_pass_for_the_same_but_the_one_that_was_sent_on(
    findings: dict[tuple[str, str], Findings],
) -> None:
    reused = []
    for mine, asked in findings.items():
        ledger = ReuseLedger()
        for other, seen in findings.items():
            if other != mine:
                ledger.add(" ".join(other), seen.hashes)
        nearest = ledger.find(asked.queries)
        if nearest is not None and nearest.verdict == "reused":
            reused.append((" ".join(mine), nearest.file_id))

    assert reused == [
        ("m-01 IMG_2041.jpg", "m-10 IMG-20261117-WA0003.jpg"),
        ("m-10 IMG-20261117-WA0003.jpg", "m-01 IMG_2041.jpg"),
    ]


def test_a_phone_writes_when_and_where_and_which_way_up() -> None:
    turned = Drawing("windscreen_star", 5, taken="2026:11:16 07:49:31", place=True, turned=6)

    data = photograph(turned)

    seen = found(data)
    assert (seen.taken_at, seen.gps) == ("2026-11-16T07:49:31", (52.7, 5.4))
    assert (seen.width, seen.height) == (1600, 1200)
    with Image.open(BytesIO(data)) as stored:
        assert stored.size == (1200, 1600)


@pytest.mark.parametrize(("kind", "start"), [("heic", b"ftyp"), ("mpo", b"\xff\xd8\xff")])
def test_phones_write_other_formats_too(kind: str, start: bytes) -> None:
    data = photograph(Drawing("broken_lock", 6, format=kind))  # type: ignore[arg-type]

    assert start in data[:12]
    assert found(data).usable
