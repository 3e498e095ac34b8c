"""Files that come in pieces, from programs and from the customer's page, and become part of a message."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from web_house import Clock, photo, report, token_in

from api.app import create_app
from cases.events import MessageReceived
from pipelines import uploads
from pipelines.channels.parsed import Attachment
from pipelines.channels.webform.form import read_multipart
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.runner import drain
from pipelines.sweeping import sweep_orphans

PICTURE = photo()
SIZE = len(PICTURE)
HALF = SIZE // 2
PART = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def program(house: House) -> Iterator[TestClient]:
    """An app with a token that may send messages."""
    with house.database.writing() as store:
        store.people.add_token("app-secret", "app", ("messages:write",), at=house.now())
        store.people.add_token("other-secret", "other", ("messages:write",), at=house.now())
    with TestClient(create_app(house), headers={"Authorization": "Bearer app-secret"}) as client:
        yield client


@pytest.fixture
def customer(house: House) -> Iterator[TestClient]:
    """Somebody who opened the link of a case of their own."""
    with TestClient(create_app(house)) as client:
        opened = report(client)
        client.get(f"/t/{token_in(opened)}")
        client.headers["X-Case"] = opened["reference"]
        yield client


def named(name: str) -> str:
    return "filename " + base64.b64encode(name.encode()).decode()


def announce(client: TestClient, *, at: str = "/api/uploads", size: int = SIZE, name: str = "ruit.jpg") -> str:
    """Where the file is to be sent."""
    answer = client.post(at, headers={"Upload-Length": str(size), "Upload-Metadata": named(name)})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def send(client: TestClient, url: str, data: bytes = PICTURE) -> str:
    """The upload's id, once all of it is there."""
    answer = client.put(url, content=data)
    assert answer.status_code == 200, answer.text
    assert answer.json()["complete"]
    return str(answer.json()["id"])


def offset(client: TestClient, url: str) -> int:
    return int(client.head(url).headers["upload-offset"])


def files_of(house: House, reference: str) -> list[tuple[str, int]]:
    """Name and size of all files that came to a case, in order."""
    with house.database.reading() as store:
        case_id = store.case_id(reference)
        messages = [store.history(one.id)[0].event for one in store.messages.of_case(case_id)]
    return [(file.name, file.size) for one in messages if isinstance(one, MessageReceived) for file in one.files]


# --- pieces -------------------------------------------------------------------------------------------------------


def test_a_file_sent_whole_is_there_whole(house: House, program: TestClient) -> None:
    url = announce(program)

    answer = program.put(url, content=PICTURE).json()

    assert (answer["received"], answer["size"], answer["complete"], answer["name"]) == (SIZE, SIZE, True, "ruit.jpg")
    assert uploads.content(house, uploads.find(house, answer["id"])) == PICTURE


def test_a_file_goes_on_where_it_broke_off(house: House, program: TestClient) -> None:
    url = announce(program)
    first = program.patch(url, content=PICTURE[:HALF], headers={**PART, "Upload-Offset": "0"})

    there = offset(program, url)
    rest = program.patch(url, content=PICTURE[there:], headers={**PART, "Upload-Offset": str(there)})

    assert (first.status_code, there, rest.status_code) == (204, HALF, 204)
    assert rest.headers["upload-offset"] == str(SIZE)
    assert uploads.content(house, uploads.find(house, url.rpartition("/")[2])) == PICTURE


def test_bytes_for_another_place_are_refused_and_told_where_the_file_ends(program: TestClient) -> None:
    url = announce(program)
    program.patch(url, content=PICTURE[:HALF], headers={**PART, "Upload-Offset": "0"})

    again = program.patch(url, content=PICTURE[:HALF], headers={**PART, "Upload-Offset": "0"})
    ahead = program.put(url, content=PICTURE[HALF + 9 :], headers={"Upload-Offset": str(HALF + 9)})

    assert (again.status_code, again.headers["upload-offset"]) == (409, str(HALF))
    assert (ahead.status_code, ahead.headers["upload-offset"]) == (409, str(HALF))
    assert offset(program, url) == HALF


def test_the_same_file_sent_again_from_its_beginning_is_stored_once(house: House, program: TestClient) -> None:
    url = announce(program)
    program.patch(url, content=PICTURE[:HALF], headers={**PART, "Upload-Offset": "0"})

    whole, again = program.put(url, content=PICTURE), program.put(url, content=PICTURE)

    assert (whole.status_code, again.status_code) == (200, 200)
    assert whole.json() == again.json()
    assert uploads.content(house, uploads.find(house, whole.json()["id"])) == PICTURE


def test_other_bytes_in_the_place_of_those_that_are_there_are_refused(house: House, program: TestClient) -> None:
    url = announce(program)
    upload_id = send(program, url)

    answer = program.put(url, content=bytes(SIZE))

    assert answer.status_code == 409
    assert uploads.content(house, uploads.find(house, upload_id)) == PICTURE


def test_more_than_was_announced_is_refused(program: TestClient) -> None:
    url = announce(program, size=HALF)

    told, untold = program.put(url, content=PICTURE), program.put(url, content=iter([PICTURE]))

    assert (told.status_code, untold.status_code) == (413, 413)
    assert offset(program, url) == 0


def test_of_two_that_send_on_from_the_same_place_one_is_kept(house: House, program: TestClient) -> None:
    upload = uploads.find(house, announce(program).rpartition("/")[2])
    uploads.append(house, upload, PICTURE[:HALF])

    with pytest.raises(uploads.UploadMoved) as moved:
        uploads.append(house, upload, PICTURE)

    assert moved.value.received == HALF


def test_a_part_that_is_sent_as_a_form_is_refused(program: TestClient) -> None:
    url = announce(program)

    answer = program.patch(url, data={"x": "y"}, headers={"Upload-Offset": "0"})

    assert answer.status_code == 415
    assert "application/offset+octet-stream" in answer.json()["detail"]


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": str(25 * 1024 * 1024 + 1)}, 413),
        ({"Upload-Length": "9" * 40}, 400),
        ({"Upload-Length": "9", "Upload-Metadata": "filename ###"}, 400),
        ({"Upload-Length": "9", "Tus-Resumable": "0.2.2"}, 412),
        ({}, 422),
    ],
)
def test_an_announcement_that_is_wrong_says_what_to_send(
    program: TestClient, headers: dict[str, str], status: int
) -> None:
    answer = program.post("/api/uploads", headers=headers)

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_only_programs_that_may_send_announce(program: TestClient, stranger: TestClient) -> None:
    assert stranger.post("/api/uploads", headers={"Upload-Length": "9"}).status_code == 401


@pytest.mark.parametrize("spoiled", ["x", "0" * 32, "é" * 40])
def test_a_name_that_was_not_given_out_is_unknown(program: TestClient, spoiled: str) -> None:
    genuine = announce(program).rpartition("/")[2]

    for name in (spoiled, genuine[:-1] + ("A" if genuine[-1] != "A" else "B"), genuine[:32]):
        assert program.head(f"/api/uploads/{name}").status_code == 404
        assert program.put(f"/api/uploads/{name}", content=b"x").status_code == 404


def test_what_is_not_wanted_any_more_is_gone_with_its_bytes(house: House, program: TestClient) -> None:
    url = announce(program)
    upload = uploads.find(house, send(program, url))

    assert program.delete(url).status_code == 204
    assert program.head(url).status_code == 404
    assert house.blobs.stored.digests(upload.id) == []


def test_an_upload_ends_after_a_day_and_its_bytes_are_removed(house: House, program: TestClient, clock: Clock) -> None:
    url = announce(program)
    upload = uploads.find(house, send(program, url))
    later = program.head(url).headers["upload-expires"]

    clock.ahead += timedelta(hours=24)
    try:
        gone, dropped, again = program.head(url).status_code, uploads.drop_expired(house), uploads.drop_expired(house)
    finally:
        clock.ahead -= timedelta(hours=24)

    assert later.endswith("GMT")
    assert (gone, again) == (404, 0)
    assert dropped >= 1
    assert house.blobs.stored.digests(upload.id) == []


def test_a_sweep_leaves_files_that_are_still_on_their_way(house: House, program: TestClient, clock: Clock) -> None:
    upload_id = send(program, announce(program))

    clock.ahead += timedelta(hours=3)
    try:
        sweep_orphans(house, age=timedelta())
    finally:
        clock.ahead -= timedelta(hours=3)

    assert uploads.content(house, uploads.find(house, upload_id)) == PICTURE


# --- as part of a message -------------------------------------------------------------------------------------------


def test_a_message_of_a_program_takes_in_what_it_sent_ahead(house: House, program: TestClient) -> None:
    ids = [send(program, announce(program, name=name)) for name in ("één.jpg", 'twee "2".jpg')]
    sent = {"sender": "a@example.org", "text": "Twee foto's.", "journey": "motor_claim", "uploads": " ".join(ids)}

    answer = program.post("/api/messages", files={name: (None, value) for name, value in sent.items()})

    assert answer.status_code == 202, answer.text
    assert [file["name"] for file in answer.json()["files"]] == ["één.jpg", "twee %222%22.jpg"]
    drain(house)
    with house.database.reading() as store:
        case = store.case(store.case_id(answer.json()["reference"]))
    assert [file.status for message in case.messages for file in message.files] == ["received", "received"]


def test_a_message_sent_again_with_its_key_is_taken_once(house: House, program: TestClient) -> None:
    upload_id = send(program, announce(program))
    fields = {"sender": (None, "a@example.org"), "text": (None, "Een foto."), "uploads": (None, upload_id)}

    first, second = (
        program.post("/api/messages", files=fields, headers={"Idempotency-Key": "once"}).json() for _ in range(2)
    )

    assert first == second


def test_nobody_takes_in_what_another_sent(house: House, program: TestClient, stranger: TestClient) -> None:
    upload_id = send(program, announce(program))
    fields = {"sender": (None, "a@example.org"), "text": (None, "Een foto."), "uploads": (None, upload_id)}

    other = program.post("/api/messages", files=fields, headers={"Authorization": "Bearer other-secret"})
    nobody = stranger.post("/api/messages", files=fields)

    assert (other.status_code, other.json()["field"]) == (400, "uploads")
    assert (nobody.status_code, nobody.json()["field"]) == (400, "uploads")


def test_a_file_that_is_not_complete_is_no_part_of_a_message(program: TestClient) -> None:
    url = announce(program)
    program.patch(url, content=PICTURE[:HALF], headers={**PART, "Upload-Offset": "0"})
    fields = {"sender": (None, "a@example.org"), "uploads": (None, url.rpartition("/")[2])}

    answer = program.post("/api/messages", files=fields)

    assert answer.status_code == 400
    assert f"{HALF} of {SIZE} bytes of ruit.jpg are here" in answer.json()["detail"]


names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"%'), min_size=1, max_size=30)


@examples(max_examples=60)
@given(
    fields=st.dictionaries(
        st.sampled_from(["text", "sender", "name"]), st.text(st.characters(codec="utf-8")), max_size=3
    ),
    files=st.lists(st.tuples(names, st.binary(min_size=1, max_size=300)), max_size=4),
)
def test_a_form_that_is_written_is_read_as_it_was(fields: dict[str, str], files: list[tuple[str, bytes]]) -> None:
    whole = uploads.write_form(fields, [Attachment(name, "", data) for name, data in files])

    form = read_multipart(whole.content_type, whole.raw)

    assert form.fields == fields
    assert [file.data for file in form.files] == [data for _, data in files]
    assert whole == uploads.write_form(fields, [Attachment(name, "", data) for name, data in files])


# --- from the customer's page ---------------------------------------------------------------------------------------


def test_photos_sent_ahead_from_the_page_join_its_case(house: House, customer: TestClient) -> None:
    ids = [send(customer, announce(customer, at="/t/uploads", name=name)) for name in ("a.jpg", "b.jpg")]

    shown = customer.post("/t/photos", files={"uploads": (None, " ".join(ids))})

    assert shown.status_code == 200
    assert "Dank u wel. We hebben uw bestanden." in shown.text
    assert "Ontvangen: a.jpg, b.jpg" in shown.text
    assert files_of(house, customer.headers["X-Case"])[1:] == [("a.jpg", SIZE), ("b.jpg", SIZE)]


def test_a_page_that_heard_no_answer_may_send_again(house: House, customer: TestClient) -> None:
    upload_id = send(customer, announce(customer, at="/t/uploads"))
    key = {"Idempotency-Key": "page-1"}

    for _ in range(2):
        customer.post("/t/photos", files={"uploads": (None, upload_id)}, headers=key)
        customer.post("/t/messages", files={"text": (None, "Nog iets.")}, headers={"Idempotency-Key": "page-2"})

    assert len(files_of(house, customer.headers["X-Case"])) == 2
    with house.database.reading() as store:
        assert len(store.messages.of_case(store.case_id(customer.headers["X-Case"]))) == 3


def test_the_link_itself_sends_files_without_a_cookie(house: House, stranger: TestClient) -> None:
    opened = report(stranger)
    base = f"/t/{token_in(opened)}"
    upload_id = send(stranger, announce(stranger, at=f"{base}/uploads"))

    answer = stranger.post(f"{base}/photos", files={"uploads": (None, upload_id)})

    assert answer.status_code == 303
    assert files_of(house, opened["reference"])[1:] == [("ruit.jpg", SIZE)]


def test_without_a_link_or_from_another_site_no_file_is_announced(customer: TestClient, stranger: TestClient) -> None:
    length = {"Upload-Length": "9"}

    assert stranger.post("/t/uploads", headers=length).status_code == 404
    assert stranger.post("/t/no-token/uploads", headers=length).status_code == 404
    assert customer.post("/t/uploads", headers={**length, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_one_link_has_so_many_files_on_their_way_and_no_more(customer: TestClient) -> None:
    for _ in range(uploads.OF_PERSON.files):
        announce(customer, at="/t/uploads", size=9)

    answer = customer.post("/t/uploads", headers={"Upload-Length": "9"})

    assert answer.status_code == 429
    assert answer.headers["retry-after"]


def test_an_erased_case_takes_its_files_and_words_on_their_way_with_it(house: House, customer: TestClient) -> None:
    url = announce(customer, at="/t/uploads")
    upload = uploads.find(house, send(customer, url))
    keep(customer, "Nog niet verstuurd", house)
    drain(house)

    erase_case(house, customer.headers["X-Case"], by="root", why="asked")

    assert customer.head(url).status_code == 404
    assert house.blobs.stored.digests(upload.id) == []


# --- words ----------------------------------------------------------------------------------------------------------


def keep(client: TestClient, text: str, house: House, *, opened: timedelta = timedelta()) -> bool:
    typed = {"text": text, "opened_at": (house.now() - opened).isoformat()}
    answer = client.put("/t/drafts/messages", json=typed)
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["kept"])


def test_what_was_typed_is_there_again_on_another_device(house: House, customer: TestClient) -> None:
    assert keep(customer, "Wat ik nog <b>wilde</b> zeggen", house)

    assert "Wat ik nog &lt;b&gt;wilde&lt;/b&gt; zeggen</textarea>" in customer.get("/t").text


def test_what_was_sent_is_no_draft_and_what_comes_late_is_not_kept(house: House, customer: TestClient) -> None:
    keep(customer, "Half", house)
    customer.post("/t/messages", files={"text": (None, "Heel")})

    late = keep(customer, "Half en wat", house, opened=timedelta(minutes=5))
    shown = customer.get("/t").text
    anew = keep(customer, "Iets anders", house)

    assert (late, anew) == (False, True)
    assert "Half" not in shown


@pytest.mark.parametrize(
    "typed", [{}, {"text": "x" * 20_001, "opened_at": "2026-11-22T12:00:00Z"}, {"text": "x", "opened_at": "once"}]
)
def test_words_that_cannot_be_kept_are_refused(customer: TestClient, typed: dict[str, str]) -> None:
    assert customer.put("/t/drafts/messages", json=typed).status_code == 422


def test_words_are_kept_only_for_who_holds_the_link(house: House, stranger: TestClient) -> None:
    typed = {"text": "x", "opened_at": house.now().isoformat()}

    assert stranger.put("/t/drafts/messages", json=typed).status_code == 404
