"""The sealed PDF of a case over the web: who may have it, what is in it, and that it is noted."""

import dataclasses
import json
from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient
from papers_read import read
from test_calls import bearer
from web_house import signed_in

from api.app import create_app
from cases.events import AccessNoted
from pipelines.house import House


def noted(house: House, reference: str) -> Sequence[str]:
    with house.database.reading() as store:
        events = [entry.event for entry in store.history("access")]
    return [
        one.who for one in events if isinstance(one, AccessNoted) and one.subject == reference and "pdf" in one.what
    ]


def test_the_page_offers_the_file_as_a_sealed_pdf_with_its_photo_and_the_file_itself(
    house: House, expert: TestClient, opened: dict[str, str]
) -> None:
    reference = opened["reference"]
    before = len(noted(house, reference))
    assert f'href="/cases/{reference}/file.pdf"' in expert.get(f"/cases/{reference}").text

    answer = expert.get(f"/cases/{reference}/file.pdf")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{reference}.pdf"'
    words, attached, pictures = read(answer.content)
    assert "<script>alert('x')</script> Kunt u mij helpen?" in words
    assert "certificate that this installation made itself" in words
    assert b"/ETSI.CAdES.detached" in answer.content
    assert json.loads(attached["decision-file.json"]) == expert.get(f"/api/cases/{reference}/decision-file").json()
    assert pictures == 1
    assert noted(house, reference)[before:] == ["anouk"]


def test_a_program_that_may_read_gets_it_and_another_does_not(
    house: House, stranger: TestClient, opened: dict[str, str]
) -> None:
    url = f"/api/cases/{opened['reference']}/decision-file.pdf"

    assert stranger.get(url).status_code == 401
    assert stranger.get(url, headers=bearer(house, "messages:write")).status_code == 403
    assert stranger.get(url, headers=bearer(house, "cases:read")).content.startswith(b"%PDF-1.7")


def test_two_downloads_of_one_version_differ_in_their_seals_only(expert: TestClient, opened: dict[str, str]) -> None:
    url = f"/api/cases/{opened['reference']}/decision-file.pdf"

    first, again = (expert.get(url).content.split(b"%%EOF", 1) for _ in range(2))

    assert first[0] == again[0]
    assert first[1] != again[1]


@pytest.mark.parametrize(("name", "status"), [("sam", 404), ("root", 403)])
def test_who_may_not_read_the_file_gets_no_pdf_of_it(
    house: House, opened: dict[str, str], name: str, status: int
) -> None:
    client = signed_in(house, name)
    before = len(noted(house, opened["reference"]))

    assert client.get(f"/api/cases/{opened['reference']}/decision-file.pdf").status_code == status
    assert client.get(f"/cases/{opened['reference']}/file.pdf").status_code == status
    assert len(noted(house, opened["reference"])) == before


def test_a_data_scientists_pdf_has_no_name_and_no_photo_in_it(house: House, opened: dict[str, str]) -> None:
    answer = signed_in(house, "ada").get(f"/api/cases/{opened['reference']}/decision-file.pdf")

    words, attached, pictures = read(answer.content)
    for said in (words, attached["decision-file.json"].decode()):
        assert "Fatima" not in said
        assert "fatima@example.org" not in said
    assert pictures == 0
    assert "The picture is not shown here." in words


def test_a_seal_that_cannot_be_opened_is_a_503_that_says_what_to_mend(
    house: House, opened: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = house.settings.model_copy(update={"seal_file": tmp_path_factory.mktemp("seal") / "none.p12"})
    client = TestClient(create_app(dataclasses.replace(house, settings=wrong)), follow_redirects=False)

    answer = client.get(f"/api/cases/{opened['reference']}/decision-file.pdf", headers=bearer(house, "cases:read"))

    assert answer.status_code == 503
    assert "CASEWRIGHT_SEAL_FILE" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
