"""Putting cases together and taking them apart on their pages, without JavaScript, and by calls."""

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report, token_by_code, token_in

from pipelines.house import House
from pipelines.links import path_of
from pipelines.runner import drain

FROM_ELSEWHERE = "Dit schreef ik bij mijn tweede melding over de ruit."


def page_of(expert: TestClient, address: str) -> str:
    answer = expert.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def typed(expert: TestClient, reference: str, **fields: str) -> dict[str, str]:
    return {"csrf": form_token_of(page_of(expert, f"/cases/{reference}")), **fields}


@pytest.fixture
def pair(house: House, stranger: TestClient) -> tuple[dict[str, str], dict[str, str]]:
    """Two cases of one customer, with the same photo."""
    kept, merged = report(stranger), report(stranger, text=FROM_ELSEWHERE)
    drain(house)
    return kept, merged


def test_a_merge_is_told_first_then_done_shown_with_its_origin_and_taken_back(
    house: House, expert: TestClient, pair: tuple[dict[str, str], dict[str, str]]
) -> None:
    kept, merged = (one["reference"] for one in pair)
    before = expert.get(f"/api/cases/{kept}").json()

    told = page_of(expert, f"/cases/{merged}/together?other={kept}&how=merge")

    assert f"{merged} goes on in {kept}" in told
    assert "No letter is sent" in told
    assert expert.get(f"/api/cases/{kept}").json() == before
    done = expert.post(f"/cases/{merged}/together", data=typed(expert, merged, other=kept, how="merge"))
    assert done.headers["location"] == f"/cases/{kept}?done=saved#together"
    shown = page_of(expert, f"/cases/{kept}")
    assert FROM_ELSEWHERE in shown
    assert f"from {merged}" in shown
    assert shown.count("<figure id=") == 1
    assert f"This case goes on in {kept}" in page_of(expert, f"/cases/{merged}")
    assert f"Merged into {kept}" in page_of(expert, f"/queue?view=all&q={merged}")

    back = expert.post(f"/cases/{kept}/apart", data=typed(expert, kept, other=merged, how="merge"))

    assert back.status_code == 303
    drain(house)
    assert FROM_ELSEWHERE not in page_of(expert, f"/cases/{kept}")
    assert FROM_ELSEWHERE in page_of(expert, f"/cases/{merged}")


def test_programs_read_the_merged_words_with_their_origin_and_customers_one_page(
    house: House, expert: TestClient, stranger: TestClient, pair: tuple[dict[str, str], dict[str, str]]
) -> None:
    kept, merged = (one["reference"] for one in pair)
    rehearsed = expert.post(f"/api/cases/{merged}/merge", json={"into": kept, "dry_run": True}).json()
    answer = expert.post(f"/api/cases/{merged}/merge", json={"into": kept})

    file = expert.get(f"/api/cases/{kept}/decision-file").json()
    tokens = [token_in(pair[0]), token_by_code(house, merged)]
    tracked = [stranger.get(f"/api/tracking/{token}").json() for token in tokens]

    assert (rehearsed["other_customer"], rehearsed["doubled_photos"]) == (False, 1)
    assert answer.json()["reference"] == kept
    assert {message.get("of") for message in file["messages"]} == {None, merged}
    assert [{**one, "link_until": ""} for one in tracked] == [{**tracked[0], "link_until": ""}] * 2
    assert FROM_ELSEWHERE in {message["text"] for message in tracked[0]["messages"]}
    ended = stranger.get(f"/t/{token_in(pair[1])}", headers={"accept-language": "en"})
    assert (ended.status_code, "This link has ended" in ended.text, merged in ended.text) == (404, True, False)


def test_cases_that_go_on_by_themselves_again_have_links_that_work_in_their_letters(
    house: House, expert: TestClient, stranger: TestClient, pair: tuple[dict[str, str], dict[str, str]]
) -> None:
    kept, merged = (one["reference"] for one in pair)
    expert.post(f"/api/cases/{merged}/merge", json={"into": kept})
    expert.post(f"/api/cases/{merged}/unmerge", json={"other": kept})
    with house.database.reading() as store:
        cases = [store.case(store.case_id(one)) for one in (kept, merged)]
    pages = [stranger.get(f"{path_of(str(case.link_id), house.keys.link)}?page=1") for case in cases]

    assert [case.reference in page.text for case, page in zip(cases, pages, strict=True)] == [True, True]
    assert stranger.get(f"/t/{token_in(pair[1])}").status_code == 404


def test_different_customers_are_merged_only_when_that_is_confirmed_and_never_read_each_other(
    house: House, expert: TestClient, stranger: TestClient
) -> None:
    secret = "Mijn geheime code is 4711."
    one, other = report(stranger), report(stranger, text=secret, sender="sam@example.org", name="Sam")
    drain(house)
    kept, merged = one["reference"], other["reference"]
    told = page_of(expert, f"/cases/{merged}/together?other={kept}")
    assert "different customers" in told

    refused = expert.post(f"/cases/{merged}/together", data=typed(expert, merged, other=kept, how="merge"))
    bare = expert.post(f"/api/cases/{merged}/merge", json={"into": kept})
    sure = typed(expert, merged, other=kept, how="merge", confirmed="1", reason="one collision")
    done = expert.post(f"/cases/{merged}/together", data=sure)

    assert (refused.status_code, bare.status_code, done.status_code) == (409, 409, 303)
    assert "Confirm it and say why" in refused.text
    tokens = (token_in(one), token_by_code(house, merged))
    mine, theirs = (stranger.get(f"/api/tracking/{token}").json() for token in tokens)
    assert secret not in str(mine)
    assert [message["text"] for message in theirs["messages"] if message["who"] == "you"] == [secret]
    assert "Fatima" not in str(theirs)
    assert secret in page_of(expert, f"/cases/{kept}")


def test_a_case_is_split_and_what_was_split_off_comes_back(
    house: House, expert: TestClient, stranger: TestClient
) -> None:
    asked = report(stranger)
    drain(house)
    reference, base = asked["reference"], f"/t/{token_in(asked)}"
    sent = stranger.post(
        f"{base}/messages", files={"text": (None, FROM_ELSEWHERE)}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert sent.status_code == 303
    drain(house)
    file = expert.get(f"/api/cases/{reference}/decision-file").json()
    part = next(message["message_id"] for message in file["messages"] if message["text"] == FROM_ELSEWHERE)

    told = page_of(expert, f"/cases/{reference}/split?message={part}")
    fields = typed(expert, reference, messages=part, files="")
    done = expert.post(f"/cases/{reference}/split", data=fields)
    drain(house)

    assert "A new case is opened (messages: " in told
    new = done.headers["location"].removeprefix("/cases/").partition("?")[0]
    assert FROM_ELSEWHERE in page_of(expert, f"/cases/{new}")
    assert "was split off this case" in page_of(expert, f"/cases/{reference}")
    assert FROM_ELSEWHERE not in page_of(expert, f"/cases/{reference}")

    expert.post(f"/cases/{reference}/apart", data=typed(expert, reference, other=new, how="split"))
    drain(house)

    assert page_of(expert, f"/cases/{reference}").count(FROM_ELSEWHERE) == 1
    assert f"This case goes on in {reference}" in page_of(expert, f"/cases/{new}")


def test_links_are_shown_in_both_cases_and_in_the_queue_until_removed(
    expert: TestClient, pair: tuple[dict[str, str], dict[str, str]]
) -> None:
    storm, case = (one["reference"] for one in pair)
    expert.post(f"/cases/{case}/together", data=typed(expert, case, other=storm, how="parent"))

    assert "is the event that this case is part of" in page_of(expert, f"/cases/{case}")
    assert f"{case}</a> is part of this event" in page_of(expert, f"/cases/{storm}")
    assert f"Part of {storm}" in page_of(expert, f"/queue?view=all&q={case}")

    expert.post(f"/api/cases/{storm}/links/remove", json={"other": case, "relation": "child"})

    assert f"Part of {storm}" not in page_of(expert, f"/queue?view=all&q={case}")
    assert f"{case}</a>" not in page_of(expert, f"/cases/{storm}")


def test_what_cannot_be_put_together_is_said_before_it_is_tried(
    expert: TestClient, pair: tuple[dict[str, str], dict[str, str]]
) -> None:
    reference = pair[0]["reference"]

    for other, told in ((reference, "name another case"), ("C-2026-999999", "there is no case")):
        page = page_of(expert, f"/cases/{reference}/together?other={other}")
        assert told in page
        assert "Merge</button>" not in page
    empty = expert.post(f"/cases/{reference}/split", data=typed(expert, reference))
    assert empty.status_code == 409
    assert "choose at least one" in empty.text
