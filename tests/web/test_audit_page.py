"""A closed case that was drawn for a check: its judge learns what the machine chose once they have chosen."""

from web_house import signed_in

from api.pages.case_view import Json
from cases.case import Case
from pipelines.auditing import standing_of
from pipelines.house import House
from tests.pipelines.closing import JOURNEY, OPTION, TOPIC, compliments
from tests.pipelines.given import certify

TOLD = ("letters", "timeline")


def drawn(house: House, numbers: range) -> Case:
    if any(one.topic == TOPIC and one.state != "certified" for one in standing_of(house, JOURNEY)):
        certify(house, JOURNEY, TOPIC)
    return next(case for case in compliments(house, numbers) if case.awaits_audit)


def line_of(lines: list[Json], case: Case) -> Json:
    return next(line for line in lines if line["reference"] == case.reference)


def test_a_drawn_case_is_judged_blind_in_the_queue_on_its_page_and_by_its_calls(house: House) -> None:
    case = drawn(house, range(900_000, 900_030))
    client = signed_in(house, "anouk")

    lists = [client.get(f"/api/cases?view={view}&limit=200&q={case.reference}").json()["items"]
             for view in ("audit", "all")]  # fmt: skip
    page = client.get(f"/cases/{case.reference}").text
    file = client.get(f"/api/cases/{case.reference}/decision-file").json()

    for lines in lists:
        line = line_of(lines, case)
        assert (line["step"], line["confidence"], line["outcome"]) == (None, None, None)
    assert "You decide without advice" in page
    assert 'value="need_more"' not in page
    assert page.count(case.letters[0].subject) == 1, "beside the letter that the option offers"
    assert file["recommendation"] is None
    assert {said["who"] for said in file["messages"]} == {"customer"}
    assert not any(option["recommended"] for option in file["options"])
    assert [client.get(f"/api/cases/{case.reference}/{what}").json() for what in TOLD] == [[], []]
    assert client.get(f"/cases/{case.reference}/customer").status_code == 403


def test_a_verdict_comes_by_the_same_call_and_then_the_case_shows_what_it_was(house: House) -> None:
    case = drawn(house, range(910_000, 910_030))
    client = signed_in(house, "anouk")

    done = client.post(
        f"/api/cases/{case.reference}/decisions", json={"choice": OPTION, "reason": "kind", "version": case.version}
    )

    assert done.status_code == 200, done.text
    line = client.get(f"/api/cases/{case.reference}").json()
    assert (line["status"], line["outcome"], line["step"]) == ("closed", OPTION, "auto_close")
    again = client.post(
        f"/api/cases/{case.reference}/decisions",
        json={"choice": OPTION, "reason": "kind", "version": done.json()["version"]},
    )
    assert again.status_code == 409
