from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.channels.parsed import (
    FieldInvalid,
    FieldMissing,
    MultipartCutOff,
    NotMultipart,
    Refused,
    TooManyParts,
)
from pipelines.channels.webform.form import MAX_FILES, check_multipart, read_multipart, read_webform

TYPE = "multipart/form-data; boundary=XX"


def field(name: str, value: str) -> bytes:
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file(name: str, data: bytes, field_name: str = "photos[]") -> bytes:
    head = f'--XX\r\nContent-Disposition: form-data; name="{field_name}"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--XX--\r\n"


COMPLETE = form(
    field("channel", "webform"),
    field("journey", "home-damage"),
    field("sender", "Jan@Example.NL"),
    field("name", "Jan"),
    field("text", "De goot lekt\r\nal dagen"),
    field("language", "NL"),
    file("dak.jpg", b"\xff\xd8\r\n--X\r\n\xff"),
    file("goot.jpg", b"\xff\xd8"),
)


def test_a_form_becomes_a_message_with_its_photos_byte_for_byte() -> None:
    message = read_webform(TYPE, COMPLETE)

    assert (message.sender, message.sender_name, message.journey) == ("Jan@example.nl", "Jan", "home-damage")
    assert message.text == "De goot lekt\nal dagen"
    assert message.language == "nl"
    assert [(a.name, a.data) for a in message.attachments] == [
        ("dak.jpg", b"\xff\xd8\r\n--X\r\n\xff"),
        ("goot.jpg", b"\xff\xd8"),
    ]


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5, 6, 7, 100, 200, len(COMPLETE) - 1, len(COMPLETE)])
def test_a_cut_off_form_is_refused_and_never_a_shorter_claim(lost: int) -> None:
    cut = COMPLETE[: len(COMPLETE) - lost]
    if lost <= 2:  # only the newline after the closing boundary is gone, which RFC 2046 allows
        assert read_webform(TYPE, cut) == read_webform(TYPE, COMPLETE)
        return

    for read in (check_multipart, read_multipart, read_webform):
        with pytest.raises(MultipartCutOff, match="send it again"):
            read(TYPE, cut)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "multipart/form-data; boundary="]
)
def test_another_content_type_is_named(content_type: str) -> None:
    with pytest.raises(NotMultipart, match="multipart/form-data"):
        check_multipart(content_type, COMPLETE)


def test_missing_fields_are_named_with_the_mend() -> None:
    with pytest.raises(FieldMissing, match=r"sender: is missing; fill in"):
        read_webform(TYPE, form(field("text", "lek")))
    with pytest.raises(FieldMissing, match=r"text: is missing; write what happened"):
        read_webform(TYPE, form(field("sender", "a@b.nl"), field("text", " ")))


def test_photos_alone_are_a_message() -> None:
    assert (
        read_webform(TYPE, form(field("sender", "a@b.nl"), file("a.jpg", b"x", "photos"))).attachments[0].name
        == "a.jpg"
    )


def test_a_field_given_twice_or_too_long_is_refused() -> None:
    with pytest.raises(FieldInvalid, match="sender: is given twice"):
        read_multipart(TYPE, form(field("sender", "a@b.nl"), field("sender", "c@d.nl")))
    with pytest.raises(FieldInvalid, match="subject: is longer than 500"):
        read_webform(TYPE, form(field("sender", "a@b.nl"), field("text", "x"), field("subject", "s" * 501)))
    with pytest.raises(FieldInvalid, match="text: is longer than 200000"):
        read_multipart(TYPE, form(field("text", "x" * 200_001)))


def test_files_up_to_the_cap_are_taken_and_one_more_refused() -> None:
    files = [file(f"{n}.jpg", b"x") for n in range(MAX_FILES + 1)]

    assert len(read_multipart(TYPE, form(*files[:MAX_FILES])).files) == MAX_FILES
    with pytest.raises(TooManyParts):
        read_multipart(TYPE, form(*files))


def test_an_empty_file_field_is_no_file_and_an_empty_file_says_so() -> None:
    read = read_multipart(TYPE, form(file("", b""), file("leeg.jpg", b"")))

    assert [(a.name, a.problem) for a in read.files] == [("leeg.jpg", "empty")]


def test_names_of_files_are_made_harmless() -> None:
    assert read_multipart(TYPE, form(file("../../étage\x07.jpg", b"x"))).files[0].name == "étage.jpg"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"--XX", b"\r\n", b"--", b"Content-Disposition: form-data", b'; name="', b'"', b":", b"; filename="]
        )
        | st.binary(max_size=20),
        max_size=30,
    ).map(b"".join)
)
def test_no_body_raises_anything_but_a_named_refusal(body: bytes) -> None:
    for whole in (body, form(body), form(field("sender", "a@b.nl"), field("text", "x"), body)):
        with suppress(Refused):
            assert read_webform(TYPE, whole).sender
