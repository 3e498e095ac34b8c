"""Cases that are split and linked: a new case with a promise of its own, one word in one case, and the way back."""

from pathlib import Path

import pytest

from cases.errors import NotAllowed, NotFound
from cases.vocabulary import FileKind, Status
from pipelines import joining
from pipelines.audit import verify_all
from pipelines.erasing import erase_case, erase_customer
from pipelines.house import House
from pipelines.reading_room import customer_view, photo
from tests.pipelines.given import BAS, Clock, by_form, case_of, kinds, until_quiet
from tests.pipelines.given import photo as drawn

STOLEN = "Er is ook nog een navigatiesysteem gestolen, geheim4711, kunt u daar naar kijken?"


@pytest.fixture
def two_things(house: House, clock: Clock) -> str:
    """A case in which its customer wrote twice, each time with a photo."""
    receipt = by_form(house, files=[("ruit.jpg", drawn(7))])
    until_quiet(house, clock)
    by_form(house, STOLEN, files=[("auto.jpg", drawn(8))], case_id=case_of(house, receipt.reference).id)
    until_quiet(house, clock)
    return str(receipt.reference)


def split(house: House, clock: Clock, reference: str, *, told: bool = True) -> str:
    second = case_of(house, reference).messages[1].message_id
    new = joining.split(house, reference, [second], person="anouk", told=told)
    until_quiet(house, clock)
    return new


def sent(tmp_path: Path) -> int:
    return len(list((tmp_path / "outbox").rglob("*.eml")))


@pytest.mark.parametrize("told", [True, False])
def test_a_split_opens_a_case_of_its_own_and_tells_its_customer_when_that_was_chosen(
    house: House, clock: Clock, two_things: str, tmp_path: Path, *, told: bool
) -> None:
    before = sent(tmp_path)

    new = split(house, clock, two_things, told=told)

    old, opened = case_of(house, two_things), case_of(house, new)
    assert sent(tmp_path) == before + told
    assert [message.text for message in opened.messages] == [STOLEN]
    assert STOLEN not in [message.text for message in old.messages]
    assert (opened.sender, opened.status, opened.update_by is not None) == (BAS, Status.WITH_EXPERT, True)
    assert opened.understood is not None
    assert (opened.link_id != old.link_id, opened.all_read, old.all_read) == (True, True, True)
    assert photo(house, new, opened.files[0].id)
    assert [one.reference for one in old.ties.splits] == [new]
    assert STOLEN not in repr(customer_view(house, old.id))
    assert verify_all(house).differences == ()


def test_a_single_photo_goes_to_the_new_case_and_its_message_stays(house: House, clock: Clock, two_things: str) -> None:
    message = case_of(house, two_things).messages[1]

    new = joining.split(house, two_things, [], [message.files[0].id], person="anouk")
    until_quiet(house, clock)

    assert [file.kind for file in case_of(house, new).files] == [FileKind.PHOTO]
    left = case_of(house, two_things).messages[1]
    assert (left.text, left.files) == (STOLEN, ())


def test_a_split_taken_back_shows_every_word_once_again_and_what_came_meanwhile_too(
    house: House, clock: Clock, two_things: str
) -> None:
    whole = case_of(house, two_things).messages
    new = split(house, clock, two_things)
    by_form(house, "Nog iets over de diefstal.", case_id=case_of(house, new).id)
    until_quiet(house, clock)

    joining.unsplit(house, two_things, new, person="anouk")
    until_quiet(house, clock)

    assert case_of(house, two_things).messages == whole
    said = [one.text for one in customer_view(house, case_of(house, two_things).id).messages if one.who == "you"]
    assert (said.count(STOLEN), said.count("Nog iets over de diefstal.")) == (1, 1)
    assert case_of(house, new).status is Status.CLOSED
    with pytest.raises(NotAllowed, match="split anew"):
        joining.unmerge(house, new, two_things, person="anouk")
    assert verify_all(house).differences == ()


def test_what_is_not_there_or_would_leave_nothing_is_not_split(house: House, two_things: str) -> None:
    everything = [message.message_id for message in case_of(house, two_things).messages]

    with pytest.raises(NotAllowed, match="leave at least one"):
        joining.split(house, two_things, everything, person="anouk")
    with pytest.raises(NotAllowed, match="choose at least one"):
        joining.split(house, two_things, [], person="anouk")
    with pytest.raises(NotFound, match="message or file"):
        joining.split(house, two_things, ["message-x"], person="anouk")


@pytest.mark.parametrize("erased", ["old", "new", "customer", "returned"])
def test_erasing_one_side_of_a_split_erases_the_copied_words_on_both(
    house: House, clock: Clock, two_things: str, tmp_path: Path, erased: str
) -> None:
    new = split(house, clock, two_things)
    if erased == "returned":
        joining.unsplit(house, two_things, new, person="anouk")
        until_quiet(house, clock)

    if erased == "customer":
        assert erase_customer(house, BAS, by="anouk", why="asked for") == 2
    else:
        erase_case(house, new if erased == "new" else two_things, by="anouk", why="asked for")

    assert [case_of(house, one).erased for one in (two_things, new)] == [True, True]
    assert b"geheim4711" not in b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert verify_all(house).differences == ()


def test_a_link_stands_in_both_cases_without_a_letter_and_is_removed_from_either_side(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    storm, case = (str(by_form(house, f"{STOLEN} {n}").reference) for n in range(2))
    until_quiet(house, clock)
    letters = sent(tmp_path)

    joining.link(house, case, storm, "parent", person="anouk")
    with house.database.reading() as store:
        assert store.queue.of_references([case])[case].parent == storm
    assert [one.relation for one in case_of(house, storm).ties.linked] == ["child"]

    joining.unlink(house, storm, case, "child", person="anouk")
    until_quiet(house, clock)
    with house.database.reading() as store:
        assert store.queue.of_references([case])[case].parent is None
    assert (kinds(house, case)[-1], sent(tmp_path)) == ("link_removed", letters)
    with pytest.raises(NotAllowed, match="name another case"):
        joining.link(house, case, case, "related", person="anouk")


def test_the_link_to_a_case_that_was_erased_can_still_be_removed(house: House, clock: Clock) -> None:
    gone, case = (str(by_form(house, f"{STOLEN} {n}").reference) for n in range(2))
    until_quiet(house, clock)
    joining.link(house, case, gone, "duplicate", person="anouk")
    erase_case(house, gone, by="anouk", why="asked for")

    joining.unlink(house, case, gone, "duplicate", person="anouk")

    assert case_of(house, case).ties.linked == ()
