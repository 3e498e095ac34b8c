from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from models.errors import UnreadableRow
from models.photo import PhotoHashes, perceptual_hashes
from models.photo_examples import Likeness, PhotoRow, check_one_label_each, read_photo_rows, together
from pipelines.demo.draw import draw

NONE = PhotoHashes((), ())


def written(folder: Path, text: str, *, photos: tuple[str, ...] = ("a.jpg", "b.jpg")) -> Path:
    for name in photos:
        (folder / name).write_bytes(b"x")
    (folder / "photos.csv").write_text(text, encoding="utf-8", newline="")
    return folder / "photos.csv"


def test_paths_are_read_from_the_folder_of_the_file_or_from_the_root(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(b"x")
    file = written(tmp_path, f"\ufeffLabel,Path,group\r\ndoor,a.jpg,c-1\r\n\r\nroof,{elsewhere},\r\n")

    rows = read_photo_rows(file, needs_labels=True)

    assert rows == [PhotoRow(tmp_path / "a.jpg", "door", "c-1", 2), PhotoRow(elsewhere, "roof", "", 4)]


def test_labels_may_be_missing_where_they_are_not_needed(tmp_path: Path) -> None:
    file = written(tmp_path, "path\na.jpg\n")

    assert [row.label for row in read_photo_rows(file, needs_labels=False)] == [""]
    with pytest.raises(UnreadableRow, match=r"photos.csv, line 1: column label is missing"):
        read_photo_rows(file, needs_labels=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: column path and label is missing; the header must read path,label"),
        ("path,label\n", "line 2: there are no rows; add photos"),
        ("file,label\na.jpg,door\n", "line 1: column path is missing"),
        ("path,label\na.jpg,door\nb.jpg,\n", "line 3: the label is empty; fill it in"),
        ("path,label\n,door\n", "line 2: the path is empty"),
        ("path,label\na.jpg,door,x,y\n", "line 2: 4 cells under a header of 2"),
        ("path,label\na.jpg,door\nc.jpg,door\n", "line 3: there is no photo"),
        ("path,label\n.,door\n", "line 2: there is no photo"),
        ("path,label\na.jpg,do\0or\n", "line 2: there is a NUL byte"),
        ('path,label\n"a.jpg,door\n', "line 2: unexpected end of data; close the quotes"),
    ],
)
def test_a_bad_row_is_refused_with_file_line_and_mend(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)

    with pytest.raises(UnreadableRow) as refused:
        read_photo_rows(file, needs_labels=True)

    assert str(refused.value).startswith("photos.csv, ")
    assert told in str(refused.value)


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "photos.csv"
    file.write_bytes(b"path,label\na.jpg,d\xe9formation\n")

    with pytest.raises(UnreadableRow, match=r"line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"):
        read_photo_rows(file, needs_labels=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text('path,label\n"a.jpg\0', max_size=80).map(str.encode)))
def test_any_bytes_are_rows_or_a_refusal_that_names_the_line(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(b"path,label\n" + body)

    found: list[PhotoRow] | UnreadableRow
    try:
        found = read_photo_rows(file, needs_labels=True)
    except UnreadableRow as refused:
        found = refused

    if isinstance(found, UnreadableRow):
        assert found.line >= 1
        assert found.mend
    else:
        assert all(row.path.is_file() and row.label for row in found)


def test_the_same_photo_under_two_labels_is_refused_with_both_lines() -> None:
    rows = [PhotoRow(Path("a"), "door", "", 2), PhotoRow(Path("b"), "door", "", 3), PhotoRow(Path("c"), "roof", "", 4)]
    looks = [Likeness("same", NONE), Likeness("same", NONE), Likeness("other", NONE)]

    check_one_label_each(rows, looks, "f.csv")
    with pytest.raises(UnreadableRow, match=r"f\.csv, line 4: the photo of line 2 again, there 'door' and here 'roof'"):
        check_one_label_each(rows, [*looks[:2], looks[0]], "f.csv")


def test_near_duplicates_and_rows_of_one_group_belong_together() -> None:
    photo = draw("windscreen_star", 1).resize((320, 240))
    variants = [photo, photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), photo.crop((8, 6, 312, 234))]
    others = [draw(scene, 1).resize((320, 240)) for scene in ("mouse", "blocked_sink", "hail_dents")]
    looks = [Likeness(str(i), perceptual_hashes(one)) for i, one in enumerate([*variants, *others])]

    alone = together(looks, [""] * 6)
    joined = together(looks, ["", "", "", "c-1", "", "c-1"])

    assert alone[0] == alone[1] == alone[2]
    assert len(set(alone)) == 4
    assert joined[3] == joined[5] != joined[4]


def test_photos_too_plain_to_compare_are_together_only_when_their_pixels_are_the_same() -> None:
    looks = [Likeness("white", NONE), Likeness("grey", NONE), Likeness("white", NONE)]

    first, second, third = together(looks, ["", "", ""])

    assert first == third != second
