import dataclasses
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, photo, report, signed_in

from api.app import create_app
from api.armour import MAX_BODY
from pipelines.house import House
from pipelines.runner import drain

MAIL = (
    b"From: Fatima <fatima@example.org>\r\nTo: claims@example.org\r\nSubject: Glass\r\nMessage-ID: <%s@example.org>\r\n"
    b"%b\r\nThere is a crack in my windscreen.\r\n"
)


def bearer(house: House, *scopes: str) -> dict[str, str]:
    secret = "-".join(scopes) + "-secret-of-enough-length"
    with house.database.writing() as store:
        if store.people.token(secret, now=house.now()) is None:
            store.people.add_token(secret, "robot " + " ".join(scopes), scopes, at=datetime.now(UTC))
    return {"Authorization": f"Bearer {secret}"}


def test_a_strangers_message_is_a_web_form_whatever_it_says(house: House, stranger: TestClient) -> None:
    answer = report(stranger, channel="email")
    again = report(stranger, name="Other")

    with house.database.reading() as store:
        line = store.queue.line(answer["reference"])
    assert line is not None
    assert line.channel == "webform"
    assert answer["tracking_url"].startswith("http://testserver/t/")
    assert [file["status"] for file in answer["files"]] == ["received"]  # type: ignore[index]
    assert again["reference"] != answer["reference"]


def test_the_same_key_gets_the_same_answer_and_another_body_a_conflict(stranger: TestClient) -> None:
    def send(text: str) -> tuple[int, dict[str, object]]:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="sender"\r\n\r\na@b.nl\r\n'
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n%b\r\n--b--\r\n' % text.encode()
        )
        headers = {"content-type": "multipart/form-data; boundary=b", "Idempotency-Key": "k-1"}
        answer = stranger.post("/api/messages", content=body, headers=headers)
        return answer.status_code, answer.json()

    first, again, other = send("one"), send("one"), send("two")

    assert (first[0], again[0]) == (202, 202)
    assert first[1]["message_id"] == again[1]["message_id"]
    assert (other[0], other[1]["field"]) == (409, "Idempotency-Key")


def test_a_cut_off_body_is_refused_with_the_mend(stranger: TestClient) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf of my st'

    answer = stranger.post("/api/messages", content=body, headers={"content-type": "multipart/form-data; boundary=b"})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "send it again" in answer.json()["detail"]


def test_a_body_over_the_cap_is_413_while_it_comes_in(stranger: TestClient) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}

    answer = stranger.post("/api/messages", content=b"x" * (MAX_BODY + 1), headers=headers)

    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_raw_mail_needs_a_token_that_may_write(house: House, stranger: TestClient) -> None:
    mail = {"content-type": "message/rfc822"}

    answers = [
        stranger.post("/api/messages/raw", content=MAIL % (b"1", b""), headers=mail | headers).status_code
        for headers in (
            {},
            {"Authorization": "Bearer guessed"},
            bearer(house, "cases:read"),
            bearer(house, "messages:write"),
        )
    ]

    assert answers == [401, 401, 403, 202]


def test_a_mail_that_is_sent_twice_is_one_message(house: House, stranger: TestClient) -> None:
    headers = {"content-type": "application/octet-stream", **bearer(house, "messages:write")}

    first, again, other = (
        stranger.post("/api/messages/raw", content=MAIL % (number, b""), headers=headers).json()["reference"]
        for number in (b"31", b"31", b"32")
    )

    assert first == again != other


def test_what_is_no_mail_is_told_so(house: House, stranger: TestClient) -> None:
    headers = {"content-type": "text/html", **bearer(house, "messages:write")}

    answer = stranger.post("/api/messages/raw", content=b"<p>hello", headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (415, "send the mail as message/rfc822")


def test_machine_mail_is_recorded_and_opens_no_case(house: House, stranger: TestClient) -> None:
    headers = {"content-type": "message/rfc822", **bearer(house, "messages:write")}

    answer = stranger.post(
        "/api/messages/raw", content=MAIL % (b"2", b"Auto-Submitted: auto-replied\r\n"), headers=headers
    )

    assert (answer.json()["reference"], answer.json()["status"]) == (None, "recorded")


def test_reading_needs_somebody_and_a_token_needs_the_scope(
    house: House, stranger: TestClient, opened: dict[str, str]
) -> None:
    url = f"/api/cases/{opened['reference']}"

    assert stranger.get(url).status_code == 401
    assert stranger.get(url, headers=bearer(house, "messages:write")).status_code == 403
    assert stranger.get(url, headers=bearer(house, "cases:read")).json()["reference"] == opened["reference"]


def test_a_token_never_decides(house: House, stranger: TestClient, opened: dict[str, str]) -> None:
    sent = {"choice": "refuse", "reason": "x", "version": 1}

    url = f"/api/cases/{opened['reference']}/decisions"

    assert stranger.post(url, json=sent, headers=bearer(house, "cases:read")).status_code == 401


@pytest.mark.parametrize("path", ["", "/timeline", "/decision-file", "/letters", "/photos/x"])
def test_a_case_of_another_line_does_not_exist(house: House, opened: dict[str, str], path: str) -> None:
    foreigner = signed_in(house, "sam")

    assert foreigner.get(f"/api/cases/{opened['reference']}{path}").status_code == 404
    assert foreigner.get(f"/cases/{opened['reference']}").status_code == 404


def test_a_photo_is_served_as_a_copy_without_exif(expert: TestClient, opened: dict[str, str]) -> None:
    file = expert.get(f"/api/cases/{opened['reference']}/decision-file").json()["files"][0]

    picture = expert.get(f"/api/cases/{opened['reference']}/photos/{file['id']}?size=thumbnail")

    assert picture.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in picture.content
    assert picture.content != photo()
    assert expert.get(f"/api/cases/{opened['reference']}/photos/nope").status_code == 404


def test_a_data_scientist_reads_without_names(house: House, opened: dict[str, str]) -> None:
    client = signed_in(house, "ada")

    file = client.get(f"/api/cases/{opened['reference']}/decision-file")
    photos = [one["id"] for one in file.json()["files"]]

    for text in (file.text, client.get(f"/cases/{opened['reference']}").text, client.get("/queue?view=all").text):
        assert "Fatima" not in text
        assert "fatima@example.org" not in text
    assert client.get(f"/api/cases/{opened['reference']}/photos/{photos[0]}").status_code == 403


def test_an_administrator_reads_no_cases_and_an_auditor_decides_none(house: House, opened: dict[str, str]) -> None:
    reference = opened["reference"]
    assert signed_in(house, "root").get(f"/api/cases/{reference}").status_code == 403

    auditor = signed_in(house, "olga")

    assert auditor.get(f"/api/cases/{reference}").status_code == 200
    sent = {"choice": "escalate", "reason": "x", "version": 1}
    assert auditor.post(f"/api/cases/{reference}/decisions", json=sent).status_code == 403


def test_a_decision_on_an_old_version_names_both_and_stores_nothing(expert: TestClient, opened: dict[str, str]) -> None:
    url = f"/api/cases/{opened['reference']}"
    version = expert.get(url).json()["version"]

    answer = expert.post(f"{url}/decisions", json={"choice": "escalate", "reason": "x", "version": version - 1})

    assert answer.status_code == 409
    assert (answer.json()["seen"], answer.json()["now"]) == (version - 1, version)
    assert expert.get(url).json()["version"] == version


def test_the_page_of_a_stale_decision_shows_both_versions_and_keeps_the_text(
    expert: TestClient, opened: dict[str, str]
) -> None:
    url = f"/cases/{opened['reference']}"
    token = form_token_of(expert.get(url).text)
    sent = {
        "csrf": token,
        "version": "1",
        "choice": "escalate",
        "reason_code": "other",
        "reason": "too dear",
        "message": "Dag",
    }

    page = expert.post(f"{url}/decide", data=sent)
    again = expert.post(f"{url}/again", data=sent)

    assert page.status_code == 409
    assert "version 1" in page.text
    assert "too dear" in page.text
    assert 'value="too dear"' in again.text


def test_a_decision_by_hand_is_stored_with_its_reason(house: House, stranger: TestClient, expert: TestClient) -> None:
    reference = report(stranger, name="Piet")["reference"]
    drain(house)
    page = expert.get(f"/cases/{reference}").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    sent = {"csrf": form_token_of(page), "version": version, "choice": "refuse", "reason_code": "terms",
            "reason": "article 4", "message": "Dit is niet verzekerd, omdat het artikel dit uitsluit."}  # fmt: skip

    answer = expert.post(f"/cases/{reference}/decide", data=sent)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{reference}?done=decided")
    with house.database.reading() as store:
        case = store.case(store.case_id(reference))
    assert case.held_decision is not None
    decided = case.held_decision.decision
    assert (decided.choice, decided.by, decided.reason) == ("refuse", "anouk", "The terms say so: article 4")


def test_a_refusal_without_words_keeps_what_was_typed(expert: TestClient, opened: dict[str, str]) -> None:
    url = f"/cases/{opened['reference']}"
    page = expert.get(url).text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    sent = {
        "csrf": form_token_of(page),
        "version": version,
        "choice": "refuse",
        "reason_code": "other",
        "reason": "my words",
    }

    answer = expert.post(f"{url}/decide", data=sent)

    assert answer.status_code == 409
    assert 'value="my words"' in answer.text
    assert "write the message" in answer.text


def test_lists_turn_pages_with_a_cursor_and_say_how_many(
    expert: TestClient, opened: dict[str, str], stranger: TestClient
) -> None:
    for n in range(3):
        report(stranger, name=f"Customer {n}")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = expert.get("/api/cases", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["reference"] for item in page["items"]]
        cursor = page["next"]

    assert len(seen) == len(set(seen)) == page["total"]["value"]
    assert expert.get("/api/cases?cursor=zzz").json()["field"] == "cursor"
    assert expert.get("/api/cases?view=nope").json()["field"] == "view"


def test_every_answer_to_bad_input_is_a_problem_document(expert: TestClient, opened: dict[str, str]) -> None:
    base = f"/api/cases/{opened['reference']}"
    bad = [
        expert.post(f"{base}/decisions", json={"choice": "x"}),
        expert.post(f"{base}/decisions", content=b"{", headers={"content-type": "application/json"}),
        expert.post(f"{base}/notes", json={"text": ""}),
        expert.post(f"{base}/snooze", json={"until": "soon"}),
        expert.post(f"{base}/facts", json={"name": "nope", "value": "1"}),
        expert.get("/api/cases?limit=0"),
        expert.get("/api/nowhere"),
        expert.put(base),
        expert.get("/api/cases/C-0000-%00"),
    ]

    for answer in bad:
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= set(answer.json())


def test_a_strangers_share_of_messages_runs_out(house: House) -> None:
    strict = dataclasses.replace(house, settings=house.settings.model_copy(update={"anonymous_per_minute": 2}))
    client = TestClient(create_app(strict), client=("203.0.113.9", 1))
    sent = {"sender": (None, "a@b.nl"), "text": (None, "hello")}

    answers = [client.post("/api/messages", files=sent) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 61


def test_reading_a_case_is_noted(house: House, expert: TestClient, opened: dict[str, str]) -> None:
    expert.get(f"/cases/{opened['reference']}")

    with house.database.reading() as store:
        noted = store.history("access")[-1].event
    assert (noted.what, noted.who, noted.subject) == ("case_read", "anouk", opened["reference"])  # type: ignore[union-attr]


def test_health_answers_strangers(stranger: TestClient) -> None:
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").json() == {"status": "ready"}
    assert stranger.get("/openapi.json").json()["info"]["title"] == "Casewright"


def test_the_timeline_of_a_snoozed_case_tells_until_when(expert: TestClient, house: House) -> None:
    reference = report(expert)["reference"]
    until = "2031-05-06T07:08:09+00:00"
    assert expert.post(f"/api/cases/{reference}/snooze", json={"until": until}).status_code == 200

    last = expert.get(f"/api/cases/{reference}/timeline").json()[-1]

    assert (last["kind"], last["until"]) == ("case_snoozed", until)
