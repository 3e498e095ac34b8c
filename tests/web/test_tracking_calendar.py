"""The promised date goes into the customer's own calendar, and nothing else does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient
from web_house import token_in

from api.pages.tracking_calendar import _folded

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_the_file_holds_the_promised_day_and_no_link(stranger: TestClient, opened: dict[str, str]) -> None:
    token = token_in(opened)
    by = datetime.fromisoformat(stranger.get(f"/api/tracking/{token}").json()["by"]).astimezone(AMSTERDAM).date()

    answer = stranger.get(f"/t/{token}/calendar.ics?lang=en")
    lines = answer.text.replace("\r\n ", "").split("\r\n")

    assert answer.headers["content-type"].startswith("text/calendar")
    assert opened["reference"] in answer.headers["content-disposition"]
    assert f"DTSTART;VALUE=DATE:{by:%Y%m%d}" in lines
    assert f"DTEND;VALUE=DATE:{by + timedelta(days=1):%Y%m%d}" in lines
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert token not in answer.text
    assert "Fatima" not in answer.text


def test_it_keeps_its_name_so_that_a_moved_date_moves(stranger: TestClient, opened: dict[str, str]) -> None:
    names = {
        line
        for language in ("en", "nl")
        for line in stranger.get(f"/t/{token_in(opened)}/calendar.ics?lang={language}").text.split("\r\n")
        if line.startswith("UID:")
    }

    assert len(names) == 1


def test_the_page_offers_it_with_and_without_a_cookie(stranger: TestClient, opened: dict[str, str]) -> None:
    plain = stranger.get(f"/t/{token_in(opened)}?page=1").text
    stranger.get(f"/t/{token_in(opened)}")

    assert f'href="/t/{token_in(opened)}/calendar.ics"' in plain
    assert 'href="/t/calendar.ics"' in stranger.get("/t").text
    assert stranger.get("/t/calendar.ics").status_code == 200


def test_without_a_link_that_opens_there_is_no_calendar(stranger: TestClient) -> None:
    assert stranger.get("/t/calendar.ics").status_code == 404
    assert stranger.get("/t/no-token/calendar.ics").status_code == 404


def test_long_lines_are_folded_between_letters() -> None:
    line = "DESCRIPTION:" + "é€😀" * 40

    parts = list(_folded(line))

    assert max(len(part.encode()) for part in parts) <= 75
    assert "\r\n".join(parts).replace("\r\n ", "") == line


def test_now_is_told_in_universal_time(stranger: TestClient, opened: dict[str, str]) -> None:
    text = stranger.get(f"/t/{token_in(opened)}/calendar.ics").text
    stamp = next(line for line in text.split("\r\n") if line.startswith("DTSTAMP:")).removeprefix("DTSTAMP:")

    written = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    assert abs(datetime.now(UTC) - written) < timedelta(minutes=10)
