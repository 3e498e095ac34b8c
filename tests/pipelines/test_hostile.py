"""What strangers send to hurt: taken, marked unusable in words the customer can read, or refused with the field."""

import sysconfig
from collections.abc import Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.app import create_app
from cases.errors import NotFound
from cases.vocabulary import FileStatus
from pipelines.audit import verify_all
from pipelines.channels.parsed import Refused
from pipelines.house import House
from pipelines.reading_room import customer_view
from pipelines.reading_room import photo as shown_photo
from pipelines.runner import drain
from tests.channels import fixtures
from tests.photos.drawn import encode, png_header, png_with_text_bomb
from tests.pipelines.given import BOUNDARY, FORM, MAIL, Clock, OpenHouse, by_form, by_mail, case_of, form, photo

JPEG = photo(1)
PLAIN = Image.new("RGB", (200, 150), "red")
CPYTHON_MAILS = Path(sysconfig.get_path("stdlib")) / "test" / "test_email" / "data"
MAILS = [*fixtures.hostile(), ("200 levels", fixtures.nested(200)), ("mails in mails", fixtures.nested_mails(50))]
MAILS += [(path.name, path.read_bytes()) for path in sorted(CPYTHON_MAILS.glob("*.txt"))]

UNUSABLE = {
    "0 bytes": (b"", "empty"),
    "only a beginning": (b"\xff\xd8\xff", "unreadable"),
    "cut off": (JPEG[: len(JPEG) // 2], "truncated"),
    "EPS as JPG": (encode(PLAIN, "EPS"), "not_a_photo"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n(id) (r) file\n", "not_a_photo"),
    "GIF and script": (b"GIF89a/*\0\0*/=alert(1)", "not_a_photo"),
    "PDF before a photo": (b"%PDF-1.4\n" + JPEG, None),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not_a_photo"),
    "too many pixels": (png_header(60_000, 60_000), "too_many_pixels"),
    "compressed comment": (png_with_text_bomb(), "unreadable"),
    "stamp": (encode(Image.new("RGB", (40, 40))), "too_small"),
    "program": (b"MZ" + bytes(500), "not_a_photo"),
}
ODD = {
    "photo and archive": JPEG + b"PK\x03\x04" + bytes(100),
    "MPO": encode(Image.open(BytesIO(JPEG)), "MPO", save_all=True, append_images=[PLAIN]),
}


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    app = create_app(house)
    with TestClient(app, raise_server_exceptions=False) as browser:
        with house.database.writing() as store:
            store.people.add_token("secret-of-the-test", "mailbox", ["messages:write"], at=house.now(),
                                   expires_at=None)  # fmt: skip
        yield browser


@pytest.fixture
def unhurried(open_house: OpenHouse) -> Iterator[House]:
    with open_house(anonymous_per_minute=100_000) as house:
        yield house


def parked(house: House) -> list[str]:
    with house.database.reading() as store:
        return [f"{one.stage}: {one.parked_because}" for one in store.work.waiting()]


def every_unusable_file_says_why(house: House, reference: str) -> None:
    case = case_of(house, reference)
    shown = [file for message in customer_view(house, case.id).messages for file in message.files]
    for file in shown:
        assert file.status is not FileStatus.UNUSABLE or (" " in file.reason and "reason." not in file.reason), file


def test_every_hostile_mail_is_taken_or_refused_with_its_field_and_none_is_parked(house: House) -> None:
    taken, refused = [], {}
    for name, raw in MAILS:
        try:
            taken.append((name, by_mail(house, raw)))
        except Refused as told:
            refused[name] = told
    assert all(";" in told.detail for told in refused.values()), "a refusal without its mend"
    drain(house)

    assert parked(house) == []
    assert len(taken) > 0.8 * len(MAILS)
    assert {told.field for told in refused.values()} <= {"headers", "body"}
    for _, receipt in taken:
        if receipt.reference is not None:
            assert case_of(house, receipt.reference).step is not None
            every_unusable_file_says_why(house, receipt.reference)
    assert verify_all(house).differences == ()


def test_no_hostile_mail_is_a_failure_of_the_server(client: TestClient, house: House) -> None:
    headers = {"content-type": MAIL, "authorization": "Bearer secret-of-the-test"}

    answers = {name: client.post("/api/messages/raw", content=raw, headers=headers) for name, raw in MAILS}

    assert {answer.status_code for answer in answers.values()} <= {202, 400}
    assert all(answer.json()["field"] for answer in answers.values() if answer.status_code == 400)


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_is_marked_with_a_reason_the_customer_can_read(house: House, name: str) -> None:
    data, reason = UNUSABLE[name]
    receipt = by_form(house, files=[("foto.jpg", data)])
    drain(house)

    [file] = case_of(house, receipt.reference).files
    assert file.status is FileStatus.UNUSABLE
    assert reason is None or file.reason == reason
    assert parked(house) == []
    every_unusable_file_says_why(house, str(receipt.reference))
    with pytest.raises(NotFound):
        shown_photo(house, str(receipt.reference), file.id)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_photo_is_used_and_shown_without_what_hung_on_it(house: House, name: str) -> None:
    receipt = by_form(house, files=[("foto.jpg", ODD[name])])
    drain(house)

    [file] = case_of(house, receipt.reference).files
    assert (file.status, file.reason) == (FileStatus.RECEIVED, None)
    copy = shown_photo(house, str(receipt.reference), file.id)
    assert copy.startswith(b"\xff\xd8\xff")
    assert b"PK\x03\x04" not in copy


def attached(*files: tuple[str, str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "jan@example.org", "Voorruit"
    message.set_content("Zie de bijlagen van mijn voorruit.")
    for name, kind, data in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def test_files_with_lying_names_and_types_are_told_by_their_bytes(house: House) -> None:
    receipt = by_mail(
        house,
        attached(
            ("../../etc/passwd.jpg", "image/jpeg", JPEG),
            ("foto.exe", "application/x-msdownload", photo(2)),
            ("con\u202egnp.exe", "image/png", b"MZ" + bytes(99)),
            ("brief.pdf", "application/pdf", b"%PDF-1.7\nno pdf at all"),
            ("leeg.jpg", "image/jpeg", b""),
        ),
    )
    drain(house)

    files = case_of(house, receipt.reference).files
    assert [(file.name, file.kind, file.status) for file in files[:2]] == [
        ("passwd.jpg", "photo", "received"),
        ("foto.exe", "photo", "received"),
    ]
    assert [file.status for file in files[2:]] == ["unusable"] * 3
    assert all("\u202e" not in file.name for file in files)
    every_unusable_file_says_why(house, str(receipt.reference))


FORMS = [
    ("cut off", FORM, form({"sender": "a@b.nl", "text": "x"}, [("a.jpg", JPEG)])[:-30], 400, "body"),
    ("cut off in a photo", FORM, form({"sender": "a@b.nl", "text": "x"}, [("a.jpg", JPEG)])[:-2000], 400, "body"),
    ("no end", FORM, form({"sender": "a@b.nl", "text": "x"}).removesuffix(b"--\r\n"), 400, "body"),
    ("nothing", FORM, b"", 400, "body"),
    ("no boundary", "multipart/form-data", b"--x--", 400, "Content-Type"),
    ("other kind", "application/x-www-form-urlencoded", b"sender=a@b.nl&text=x", 400, "Content-Type"),
    ("no sender", FORM, form({"text": "x"}), 400, "sender"),
    ("no words", FORM, form({"sender": "a@b.nl"}), 400, "text"),
    ("unknown journey", FORM, form({"sender": "a@b.nl", "text": "x", "journey": "../../etc"}), 400, "journey"),
    ("200 fields", FORM, form({f"f{n}": "x" for n in range(200)}), 400, "body"),
    ("lone surrogates", FORM, form({"sender": "a@b.nl"}).replace(b"a@b.nl", b"\xed\xa0\x80@b.nl"), 400, "text"),
    ("newlines in the sender", FORM, form({"sender": "a@b.nl\r\nBcc: c@d.nl", "text": "x"}), 202, None),
    ("zeros", FORM, form({"sender": "a@b.nl", "text": "\0" * 100 + "x", "name": "\0"}), 202, None),
    ("a long text", FORM, form({"sender": "a@b.nl", "text": "a" * 200_001}), 400, "text"),
    ("accents", FORM, form({"sender": "a@b.nl", "text": "e" + "\u0316\u0301" * 90_000}), 202, None),
    ("script", FORM, form({"sender": "<script>@b.nl", "name": "<script>", "text": "<script>alert(1)"}), 202, None),
    ("templates", FORM, form({"sender": "a@b.nl", "name": "{{ 7*7 }}{% for %}", "text": "{{ 7*7 }}"}), 202, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content_type", "raw", "status", "field"), FORMS, ids=[form[0] for form in FORMS])
def test_a_hostile_form_is_taken_or_refused_with_its_field(  # noqa: PLR0917  # pytest passes them by name
    client: TestClient, house: House, clock: Clock, name: str, content_type: str, raw: bytes, status: int,
    field: str | None,
) -> None:  # fmt: skip
    answer = client.post("/api/messages", content=raw, headers={"content-type": content_type})

    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    drain(house)
    assert parked(house) == []
    if status == 202:
        assert case_of(house, answer.json()["reference"]).step is not None
        page = client.get(answer.json()["tracking_url"].partition("8000")[2])
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        if name == "templates":
            assert "{{ 7*7 }}" in case_of(house, answer.json()["reference"]).letters[0].body


def test_a_sender_of_two_lines_is_one_line_everywhere(house: House, tmp_path: Path) -> None:
    receipt = by_form(house, sender="a@b.nl\r\nBcc: c@d.nl", name="Jan\r\nBcc: c@d.nl")
    drain(house)

    assert "\n" not in case_of(house, receipt.reference).sender
    assert all(b"\nBcc:" not in file.read_bytes() for file in tmp_path.rglob("*.eml"))


def test_a_boundary_inside_a_photo_does_not_end_it(house: House) -> None:
    data = JPEG + b"--" + BOUNDARY.encode() + b"xyz" + JPEG
    receipt = by_form(house, files=[("foto.jpg", data)])
    drain(house)

    assert case_of(house, receipt.reference).files[0].size == len(data)
