"""What a colleague sees of a scanned letter: its pages as pictures, and one button to put it where it belongs."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of

from pipelines.channels.post.folder import Folder
from pipelines.house import House
from pipelines.runner import drain
from tests.channels.scans import pdf

STAR = "Er zit een ster in mijn voorruit van de 79-KXF-6."


@pytest.fixture
def letter(house: House, stranger: TestClient, tmp_path: Path) -> tuple[str, str]:
    """References of a case in which something was asked, and of a letter on paper that names it."""
    told = {"sender": "bas.veenstra@example.org", "journey": "motor_claim", "text": STAR}
    asked = stranger.post("/api/messages", files={name: (None, value) for name, value in told.items()}).json()[
        "reference"
    ]
    drain(house)
    scans = tmp_path / "scans"
    scans.mkdir()
    said = f"Over zaak {asked}: hierbij de foto van de ster in mijn voorruit, zoals u vroeg. Groet, A. de Boer"
    (scans / "brief.pdf").write_bytes(pdf(said, "Op deze bladzijde plakte ik de foto van mijn voorruit met de ster."))
    folder = Folder(house, scans, reader=None, by_blank=True)
    folder.look(), folder.look()
    drain(house)
    return asked, f"C-{asked[2:6]}-{int(asked[7:]) + 1:06}"


def test_pages_are_shown_as_pictures_and_one_button_closes_what_was_asked(
    house: House, expert: TestClient, letter: tuple[str, str]
) -> None:
    asked, scanned = letter
    with house.database.reading() as store:
        before, named = store.case(store.case_id(asked)), store.case(store.case_id(scanned)).may_belong_to
    assert (named, bool(before.open_requests)) == (asked, True)

    shown = expert.get(f"/cases/{scanned}").text

    assert f"Yes, it belongs to {asked}" in shown
    assert f'action="/cases/{scanned}/belongs"' in shown
    pages = [line for line in shown.split('"') if line.startswith(f"/api/cases/{scanned}/photos/")]
    assert len(pages) == 2
    assert expert.get(pages[0]).headers["content-type"] == "image/jpeg"
    assert expert.post(f"/cases/{scanned}/belongs").status_code == 403  # from another site's form
    done = expert.post(f"/cases/{scanned}/belongs", data={"csrf": form_token_of(shown)})
    assert done.headers["location"] == f"/cases/{asked}?done=saved#together"
    drain(house)
    with house.database.reading() as store:
        after = store.case(store.case_id(asked))
    assert [one.item.key for one in after.open_requests if one.item.kind == "photo"] == []
    assert after.ties.joined[0].reference == scanned
    assert not after.ties.joined[0].other_customer
    assert "Yes, it belongs" not in expert.get(f"/cases/{scanned}").text


def test_what_names_no_case_cannot_be_confirmed(expert: TestClient, letter: tuple[str, str]) -> None:
    asked, _ = letter
    shown = expert.get(f"/cases/{asked}").text

    refused = expert.post(f"/cases/{asked}/belongs", data={"csrf": form_token_of(shown)})

    assert refused.status_code == 409
    assert "/belongs" not in shown
