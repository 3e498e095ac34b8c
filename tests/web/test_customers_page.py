import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, photo, report, token_in

from api.app import create_app
from api.pages.tracking import signed_form
from pipelines.channels.parsed import FieldInvalid
from pipelines.channels.webform.form import read_webform
from pipelines.house import House
from pipelines.runner import drain


def test_the_link_sets_a_short_cookie_and_leads_to_the_page_as_often_as_it_is_opened(
    stranger: TestClient, opened: dict[str, str]
) -> None:
    for _ in range(2):
        answer = stranger.get(f"/t/{token_in(opened)}")

        assert (answer.status_code, answer.headers["location"]) == (303, "/t")
        cookie = answer.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/t", "Max-Age=3600"))
    page = stranger.get("/t")
    assert page.status_code == 200
    assert opened["reference"] in page.text


def test_without_cookies_the_page_asks_for_the_link_and_then_works(
    stranger: TestClient, opened: dict[str, str]
) -> None:
    door = stranger.get("/t", headers={"accept-language": "nl"})
    assert "Plak hier de link" in door.text

    led = stranger.post("/t", data={"link": f" {opened['tracking_url']} "})

    assert led.headers["location"] == f"/t/{token_in(opened)}?page=1"
    page = stranger.get(led.headers["location"])
    assert opened["reference"] in page.text
    assert f'action="/t/{token_in(opened)}/messages"' in page.text


def test_the_page_is_kept_out_of_caches_search_and_referrers(stranger: TestClient, opened: dict[str, str]) -> None:
    page = stranger.get(f"/t/{token_in(opened)}?page=1")

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex, nofollow">' in page.text


def test_no_page_allows_anything_unsafe_or_foreign(stranger: TestClient, opened: dict[str, str]) -> None:
    for path in (f"/t/{token_in(opened)}?page=1", "/login", "/t", "/nowhere"):
        page = stranger.get(path)

        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", page.text)


@pytest.mark.parametrize("token", ["x", "é" * 65, "A" * 65, "%2e%2e"])
def test_a_forged_link_opens_nothing(stranger: TestClient, token: str) -> None:
    assert stranger.get(f"/t/{token}?page=1").status_code == 404
    assert stranger.get(f"/api/tracking/{token}").status_code == 404


def test_a_link_ends_when_it_has_expired(
    house: House, clock: Clock, stranger: TestClient, opened: dict[str, str]
) -> None:
    clock.ahead = timedelta(days=house.settings.link_days, seconds=1)
    try:
        assert stranger.get(f"/t/{token_in(opened)}?page=1").status_code == 404
    finally:
        clock.ahead = timedelta()


def test_the_customer_sees_nothing_internal(house: House, stranger: TestClient, opened: dict[str, str]) -> None:
    with house.database.reading() as store:
        line = store.queue.line(opened["reference"])
        assert line is not None
        case = store.case(line.id)
    assert case.understood is not None
    assert case.step is not None
    fired = case.step.read.fired if case.step.read else ()
    internal = [
        line.id, line.topic, line.step, case.link_id, case.understood.model_version, f"{line.confidence:.2f}",
        case.step.journey_digest, *(file.sha256 for file in case.files), *fired,
        "anouk", "confidence", "weights",
    ]  # fmt: skip

    page = stranger.get(f"/t/{token_in(opened)}?page=1").text.replace(token_in(opened), "")
    call = stranger.get(f"/api/tracking/{token_in(opened)}").text

    for value in internal:
        assert str(value) not in page, value
        assert str(value) not in call.replace('"photos"', ""), value


def test_programs_read_the_same_public_view(stranger: TestClient, opened: dict[str, str]) -> None:
    view = stranger.get(f"/api/tracking/{token_in(opened)}").json()

    assert {
        "reference",
        "status_sentence",
        "step_no",
        "step_count",
        "next",
        "by",
        "milestones",
        "requests",
        "messages",
    } <= set(view)
    assert {milestone["state"] for milestone in view["milestones"]} <= {"done", "now", "expected", "skipped"}


def test_words_and_file_names_of_a_customer_are_shown_as_text(stranger: TestClient, opened: dict[str, str]) -> None:
    page = stranger.get(f"/t/{token_in(opened)}?page=1").text

    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;" in page or "b&gt;.jpg" in page


def test_the_page_speaks_the_language_of_the_case_or_the_one_asked_for(
    stranger: TestClient, opened: dict[str, str]
) -> None:
    assert '<html lang="nl">' in stranger.get(f"/t/{token_in(opened)}?page=1").text
    assert '<html lang="en">' in stranger.get(f"/t/{token_in(opened)}?page=1&lang=en").text


def test_photos_are_received_by_name_and_the_message_joins_the_case(house: House) -> None:
    client = TestClient(create_app(house), follow_redirects=False)
    answer = report(client, name="Jan")
    drain(house)
    token = token_in(answer)

    sent = client.post(f"/t/{token}/photos?lang=en", files=[("photos", ("plate.jpg", photo(), "image/jpeg"))])
    page = client.get(sent.headers["location"])
    drain(house)

    assert sent.status_code == 303
    assert "We have your files" in page.text
    assert "plate.jpg" in page.text
    messages = client.get(f"/api/tracking/{token}").json()["messages"]
    assert ["plate.jpg" in str(message["files"]) for message in messages if message["who"] == "you"] == [False, True]
    assert messages[-1]["name"] == "Jan"


def test_an_empty_form_is_told_so_on_the_page(stranger: TestClient, opened: dict[str, str]) -> None:
    answer = stranger.post(f"/t/{token_in(opened)}/messages?lang=en", files={"text": (None, " ")})

    assert answer.status_code == 400
    assert "Nothing was sent" in answer.text


def test_a_form_from_another_site_is_refused(stranger: TestClient, opened: dict[str, str]) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = stranger.post(f"/t/{token_in(opened)}/messages", files={"text": (None, "hi")}, headers=headers)

        assert answer.status_code == 403


def test_our_own_page_without_referrer_may_send(stranger: TestClient, opened: dict[str, str]) -> None:
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}

    answer = stranger.post(f"/t/{token_in(opened)}/messages", files={"text": (None, "Nog iets")}, headers=headers)

    assert answer.status_code == 303


def test_the_link_says_who_sends_and_a_form_that_says_so_too_is_refused() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\nhello\r\n--b--\r\n'
    kind = "multipart/form-data; boundary=b"

    read = read_webform(kind, signed_form(kind, b"preamble\r\n" + body % b"text", sender="a@b.nl", name="Ann"))

    assert (read.sender, read.sender_name, read.text) == ("a@b.nl", "Ann", "hello")
    with pytest.raises(FieldInvalid, match="twice"):
        read_webform(kind, signed_form(kind, body % b"sender", sender="a@b.nl", name="Ann"))


def test_who_gave_no_name_reads_their_own_words_as_theirs(house: House, stranger: TestClient) -> None:
    nameless = report(stranger, name="")
    drain(house)
    said = {language: stranger.get(f"/t/{token_in(nameless)}?page=1&lang={language}").text for language in ("nl", "en")}

    assert '<p class="small soft">U · ' in said["nl"]
    assert '<p class="small soft">You · ' in said["en"]
    assert "•" not in said["nl"]


def test_that_nobody_need_call_is_told_by_the_way_and_as_often_as_they_chose(
    house: House, stranger: TestClient
) -> None:
    opened = report(stranger)
    drain(house)
    page = f"/t/{token_in(opened)}"
    before = stranger.get(f"{page}?page=1&lang=en").text

    stranger.post(f"{page}/choices", data={"channel": "email", "often": "important", "language": ""})
    drain(house)

    assert "You do not need to call. We e-mail you at every step." in before
    after = stranger.get(f"{page}?page=1&lang=en").text
    assert "You do not need to call. We e-mail you when something important happens." in after


def test_who_has_no_mail_address_is_not_told_that_we_mail(house: House, stranger: TestClient) -> None:
    by_number = report(stranger, sender="0612345678")
    drain(house)

    page = stranger.get(f"/t/{token_in(by_number)}?page=1&lang=en").text

    assert "You do not need to call. Every step shows on this page." in page
