"""The pages of the rules: who may read and change them, and from a typed cell to the version that decides."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rules_house import (
    JOURNEY,
    PATH,
    PEOPLE,
    READERS,
    TABLE,
    Owner,
    cell,
    column_of,
    joris,
    reference,
    ruled,
    shown_fields,
)
from web_house import signed_in

from api.app import create_app
from api.pages.rules_hits import fired_lately
from pipelines.house import House
from pipelines.rulebook.drafts import draft_of

__all__ = ["joris", "reference"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    with ruled(tmp_path_factory.mktemp("rules-pages"), trained) as built:
        yield built


@pytest.mark.parametrize("name", [name for name, _, _ in PEOPLE])
def test_journey_owners_and_auditors_of_the_line_read_the_rules_and_for_others_they_do_not_exist(
    house: House, name: str
) -> None:
    client = signed_in(house, name)

    assert client.get(PATH).status_code == (200 if name in READERS else 404)
    assert client.get(f"{PATH}/history").status_code == (200 if name in READERS else 404)
    assert client.get("/rules").status_code == (200 if name in (*READERS, "hilde") else 404)
    assert ('href="/rules"' in client.get("/journeys").text) is (name in (*READERS, "hilde"))


def test_an_auditor_reads_without_a_field_and_changes_nothing(house: House, joris: Owner) -> None:
    form, auditor = joris.form(), Owner(house, "olga")
    page = auditor.page()

    assert 'name="r0.id"' not in page
    assert "Save draft" not in page
    csrf = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    for to in ("", "/replay", "/publish", "/discard", "/rollback", "/shadow", "/shadow/end", "/take-up"):
        assert auditor.client.post(f"{PATH}{to}", data={**form, "csrf": csrf, "do": "save"}).status_code == 403
    assert draft_of(house, JOURNEY, TABLE) is None


@pytest.mark.parametrize(
    "path", [f"/rules/{JOURNEY}/nothing", "/rules/nothing/next_step", "/rules/home_repair/next_step"]
)
def test_an_unknown_or_foreign_table_does_not_exist(house: House, path: str) -> None:
    client = signed_in(house, "joris")

    assert client.get(path).status_code == 404
    assert client.post(path, data={}).status_code in (403, 404)
    assert "home_repair" not in client.get("/rules").text


def test_a_stranger_is_sent_to_the_door(house: House) -> None:
    stranger = TestClient(create_app(house), follow_redirects=False)

    assert stranger.get(PATH).headers["location"].startswith("/login?next=")
    assert stranger.post(PATH, data={"do": "save"}).status_code == 303


def test_the_list_tells_of_each_table_since_when_how_large_and_how_often_it_decided(
    house: House, reference: str
) -> None:
    page = re.sub(r"\s+", " ", signed_in(house, "joris").get("/rules").text)

    table = house.journeys.get(JOURNEY).tables[TABLE]
    assert table.description in page
    assert f'<td class="num">{len(table.rows) + 1}</td>' in page
    assert table.effective_from.isoformat() in page


def test_the_table_shows_its_rows_in_words_with_hits_and_checks(joris: Owner, reference: str) -> None:
    page = joris.page()

    assert "First match wins" in page
    assert 'value="&lt;= 750.00"' in page
    assert "Every cell can be read" in page
    assert "examples hold" in page
    assert reference
    assert "rules." not in re.sub(r"<[^>]*>", " ", page)  # no key without its words


def test_hits_are_counted_by_row_in_the_cases_that_moved_last(house: House, reference: str) -> None:
    with house.database.reading() as store:
        step = store.case(store.case_id(reference)).step
    assert step is not None
    assert step.read is not None

    soon = house.now() + timedelta(minutes=2)  # what was counted before is kept for a minute

    fired = fired_lately(replace(house, now=lambda: soon), JOURNEY, TABLE)

    assert fired.rows == dict.fromkeys(step.read.fired, 1)
    assert (fired.decisions, fired.capped) == (1, False)
    with house.database.reading() as store:
        assert store.decisions.lately(JOURNEY, since=house.now() - timedelta(days=1), cases=0) == (False, [])
        assert store.decisions.lately(JOURNEY, since=house.now(), cases=5) == (False, [])
        assert len(store.decisions.lately(JOURNEY, since=house.now() - timedelta(days=1), cases=1)[1]) == 1


def test_a_bad_cell_is_told_at_its_place_with_reason_and_mend_and_is_kept(house: House, joris: Owner) -> None:
    name = cell(house, "R-140", "amount")

    joris.save(**{name: "<= seven"})

    page = joris.page()
    place = name.replace("__", ".")
    told = re.search(rf'<span class="wrong" id="e-{re.escape(place)}">([^<]+)</span>', page)
    assert told is not None
    assert "seven" in told[1]
    assert ";" in told[1]  # the mend
    assert 'value="&lt;= seven"' in page
    assert "One cell, setting or example needs mending" in page
    assert "The table cannot be tried" in page
    kept = draft_of(house, JOURNEY, TABLE)
    assert kept is not None
    assert kept.read is None


def test_an_example_that_is_not_kept_stands_in_the_way_of_publishing(house: House, joris: Owner) -> None:
    joris.save(**{cell(house, "R-140", "amount"): "<= 700"})

    page = joris.page()

    assert "1 problems have to be mended first" in page
    assert "expected R-140" in page


def test_formats_stay_as_they_were_written(house: House, joris: Owner) -> None:
    name = cell(house, "R-140", "amount")

    joris.save(**{name: "[0..700.5]"})

    assert shown_fields(house)[name.replace("__", ".")] == "[0..700.5]"


def test_saving_without_a_change_makes_no_draft(house: House, joris: Owner) -> None:
    assert joris.send("save").headers["location"] == f"{PATH}?done=unchanged"
    assert draft_of(house, JOURNEY, TABLE) is None


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("add.r0", "Row R-015 added"), ("copy.r0", "Row R-010 copied to R-015"), ("drop.r0", "Row R-010 deleted"),
        ("down.r0", "Row R-010 moved to place 2"), ("up.r0", "Row R-010 is the first already"),
        ("add", "added"), ("add_inputs", "Column input_1 added"), ("drop_inputs.0", "Column topic deleted"),
    ],
)  # fmt: skip
def test_a_button_changes_the_page_and_says_so_but_stores_nothing(
    house: House, joris: Owner, do: str, said: str
) -> None:
    answer = joris.send(do)

    assert answer.status_code == 200
    assert said in answer.text
    assert "Not saved yet" in answer.text
    assert draft_of(house, JOURNEY, TABLE) is None


@pytest.mark.parametrize(
    "do", ["up.r9999", "drop.x", "drop_inputs.99", "drop_inputs.x", "copy", "what", "", "drop_example.99"]
)
def test_a_button_that_names_nothing_changes_nothing(joris: Owner, do: str) -> None:
    assert joris.send(do).status_code in (200, 303)


def test_a_script_gets_only_the_parts_that_change(joris: Owner) -> None:
    answer = joris.send("add.r0", part="live")

    assert answer.text.lstrip().startswith('<div id="live"')
    assert 'data-focus="r1.says"' in answer.text
    assert 'data-said="Row R-015 added"' in answer.text


def test_lines_of_a_spreadsheet_keep_their_empty_first_cell(house: House, joris: Owner) -> None:
    first = column_of(house, "topic")

    answer = joris.send("paste", paste="\tfalse\n\ttrue", at=f"r0.w{first}")

    page = answer.text
    assert "2 lines pasted from row R-010 on" in page
    assert f'name="r0.w{first}" value=""' in page
    assert f'name="r1.w{int(first) + 1}" value="true"' in page


def test_trying_says_which_row_decides_why_the_others_do_not_and_what_was_near(joris: Owner) -> None:
    known = {
        "topic": "windscreen", "known": "true", "active": "true", "paid": "true", "cover": "full", "glass": "true",
        "photos": "1", "asked": "0", "contradictions": "0", "amount": "800",
    }  # fmt: skip

    page = joris.send("try", **{f"try.{name}": text for name, text in known.items()}).text

    assert "R-150" in page
    assert "Amount is 800.00, the row asks &lt;= 750.00" in page
    assert "auto_close by R-140, if Amount were 750.00" in page


@pytest.mark.parametrize(
    ("text", "told"), [("seven", "is not an amount"), ("-1", "lies outside"), ("1.005", "parts of a cent")]
)
def test_an_input_that_does_not_belong_to_its_column_is_told(joris: Owner, text: str, told: str) -> None:
    page = joris.send("try", **{"try.amount": text}).text

    assert told in page
    assert "R-999" not in page.split('id="tried"', 1)[1].split("</section>", 1)[0]


def test_what_is_tried_can_be_kept_as_an_example(house: House, joris: Owner) -> None:
    tried = {"try.topic": "policy_question", "try.known": "true", "try.photos": "0"}

    assert joris.send("example", **tried).headers["location"] == f"{PATH}?done=example"

    draft = draft_of(house, JOURNEY, TABLE)
    assert draft is not None
    assert draft.document["examples"][-1]["given"] == {"topic": "policy_question", "known": True, "photos": 0}
    assert draft.document["examples"][-1]["expect"] == {"row": "R-010"}
    assert draft.problems == ()


def test_an_example_is_made_from_a_case(house: House, joris: Owner, reference: str) -> None:
    assert f'href="{PATH}?case={reference}#try"' in joris.client.get(f"/cases/{reference}").text

    page = joris.page(f"?case={reference}")

    assert re.search(r"<option selected>\w+</option>", page.split('id="try"', 1)[1])
    assert Owner(house, "joris").client.get(f"{PATH}?case=C-1999-000001").status_code == 404


def test_two_people_who_save_at_once_are_shown_both_versions(house: House, joris: Owner) -> None:
    late = Owner(house, "marije")
    form = late.form(**{cell(house, "R-140", "amount"): "<= 700"})
    joris.save(**{cell(house, "R-230", "amount"): "> 3000"})

    answer = late.client.post(PATH, data={**form, "do": "save"})

    assert answer.status_code == 409
    assert "joris saved a draft after you opened the table" in answer.text
    assert 'value="&lt;= 700"' in answer.text
    seen = answer.text.split('name="seen" value="', 1)[1].split('"', 1)[0]
    assert late.client.post(PATH, data={**form, "seen": seen, "do": "save"}).status_code == 303
    assert shown_fields(house)[cell(house, "R-140", "amount").replace("__", ".")] == "<= 700"


def test_a_form_without_its_token_or_from_another_site_changes_nothing(house: House, joris: Owner) -> None:
    form = joris.form()

    assert joris.client.post(PATH, data={**form, "csrf": "", "do": "save"}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert joris.client.post(PATH, data={**form, "do": "save"}, headers=foreign).status_code == 403


def test_a_table_of_many_rows_goes_through_its_form(house: House, joris: Owner) -> None:
    pasted = "\n".join(f"X-{n}\tRow {n}\ttheft" for n in range(300))

    answer = joris.send("paste", paste=pasted, at="")

    assert answer.status_code == 200
    assert 'value="X-299"' in answer.text
    assert draft_of(house, JOURNEY, TABLE) is None


def test_nothing_on_the_page_needs_a_style_or_a_script_of_its_own(joris: Owner) -> None:
    for page in (joris.page(), joris.client.get(f"{PATH}/history").text, joris.client.get("/rules").text):
        assert "style=" not in page
        assert not re.search(r"<script(?![^>]* src=)|\son[a-z]+=", page)
