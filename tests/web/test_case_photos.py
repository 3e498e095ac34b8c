"""Photos of a case: findings drawn over them, one large, two side by side; for nobody who may not see customers."""

from dataclasses import replace

import pytest
from builders import photo
from fastapi.testclient import TestClient
from web_house import signed_in

from cases.events import CaseOpened, PhotoFindings, PhotoSeen, Written
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Scope, Step
from pipelines.house import House

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def album(house: House, opened: dict[str, str]) -> str:
    """A case with three photos: one with a box in it, one that was seen in another case, one that cannot be shown."""
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    assert old.understood is not None
    assert old.step is not None
    taken = PhotoFindings(
        1600, 1200, 40.0, 20.0, blurred=True, dark=True, taken_at="2026-11-20T16:02:00", camera=HOSTILE,
        reused_from=("C-2020-000009",),
    )  # fmt: skip
    files = (photo(id="ph-1"), photo(id="ph-2", name=HOSTILE, findings=taken), photo(id="ph-3"))
    said = replace(old.messages[0], files=files)
    seen = PhotoSeen("ph-1", "windscreen", 0.94, abstains=False, scope=Scope.IN, model="photo/motor_claim",
                     model_version="v1", box=(100, 200, 500, 450))  # fmt: skip
    with house.database.writing() as store:
        reference = store.open_reference(house.now().year)
        opening = CaseOpened(reference, said.message_id, "webform", "a@b.nl", journey=old.journey, language="nl")
        events: list[tuple[Written, Actor]] = [
            (opening, CUSTOMER),
            (said, CUSTOMER),
            (replace(old.understood, photos=(seen,)), MACHINE),
            (replace(old.step, step=Step.EXPERT), MACHINE),
        ]
        store.append(f"case-{reference.lower()}", events, at=house.now())
    return reference


def test_what_was_found_is_drawn_where_it_was_found_and_said_in_words(expert: TestClient, album: str) -> None:
    for path in ("", "/photos/ph-1/view", "/compare?photo=ph-1&photo=ph-2"):
        page = expert.get(f"/cases/{album}{path}").text

        assert 'viewBox="0 0 1600 1200"' in page
        assert '<rect x="100" y="200" width="400" height="250">' in page
        assert "94" in page.split('class="shot"', 1)[1].split("</span>", 1)[0]  # in the words of the picture too


def test_a_photo_is_shown_large_with_what_speaks_against_it(expert: TestClient, album: str) -> None:
    page = expert.get(f"/cases/{album}/photos/ph-2/view?zoom=4").text

    assert "zoom-4" in page
    assert "This photo is blurred" in page
    assert "2026-11-20 16:02" in page
    assert "<script>alert" not in page
    assert f"/cases/{album}/photos/ph-1/view" in page
    assert f"/cases/{album}/photos/ph-3/view" in page


def test_two_photos_stand_side_by_side_and_any_other_can_be_chosen(expert: TestClient, album: str) -> None:
    page = expert.get(f"/cases/{album}/compare?photo=ph-3&photo=ph-1&photo=ph-2").text

    assert page.count('class="shot"') == 2
    assert page.index('<option value="ph-3" selected>') < page.index('<option value="ph-1" selected>')
    assert "1 more that you chose" in page


def test_one_photo_is_put_beside_the_next_one(expert: TestClient, album: str) -> None:
    page = expert.get(f"/cases/{album}/compare?photo=ph-3").text

    assert page.count('class="shot"') == 2


@pytest.mark.parametrize("path", ["photos/none/view", "compare?photo=none", "compare?photo=ph-1&photo=../x"])
def test_a_photo_that_is_not_in_the_case_is_not_found(expert: TestClient, album: str, path: str) -> None:
    assert expert.get(f"/cases/{album}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["photos/ph-1/view", "compare"])
def test_photos_are_for_who_may_see_customers_of_the_line(house: House, album: str, path: str) -> None:
    assert signed_in(house, "sam").get(f"/cases/{album}/{path}").status_code == 404
    assert signed_in(house, "ada").get(f"/cases/{album}/{path}").status_code == 403
