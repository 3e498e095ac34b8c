"""Erased is erased: no word, name, plate or picture of a customer is left anywhere, and the rest still verifies."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog

from cases.case import Case
from cases.errors import NotAllowed, NotFound
from cases.vocabulary import Status
from pipelines.audit import verify_all
from pipelines.erasing import erase_case, erase_customer
from pipelines.flow import Stage
from pipelines.hand import Decision, add_note, decide_by_hand, state_fact
from pipelines.house import House
from pipelines.intake import Accepted
from pipelines.links import case_of_token
from pipelines.runner import advance
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome
from tests.homes import everything_kept, files_of_server
from tests.pipelines.given import (
    WINDSCREEN,
    Clock,
    by_form,
    case_of,
    certify,
    entries_of,
    photo,
    seen_before,
    until_quiet,
)

SENDER = "zilverkanarie@example.org"
CANARIES = [b"zilverkanarie", b"Zilverkanarie", b"Kwartelstraat", b"GX-482-B", b"GX482B"]
WORDS = f"{WINDSCREEN} Ik ben Wilma Zilverkanarie, Kwartelstraat 12, en mijn tweede auto is de GX-482-B."


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged, however unimportant."""
    before, out = structlog.get_config(), io.StringIO()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(0), logger_factory=structlog.PrintLoggerFactory(out)
    )
    yield out
    structlog.configure(**before)


def left(home: Path, words: Sequence[bytes] = CANARIES) -> list[tuple[str, bytes]]:
    """Every file and table of the home that holds one of the words, in its bytes or its name."""
    return [
        (name, word)
        for name, inside in everything_kept(home)
        for word in words
        if word in inside or word in name.encode()
    ]


def neighbours(case: Case) -> list[str]:
    return [one.reference for one in case.enriched.similar] if case.enriched else []


def told(house: House, *, seed: int = 1, key: str | None = None) -> Accepted:
    return by_form(
        house, WORDS, sender=SENDER, name="Wilma Zilverkanarie", subject="Zilverkanarie",
        files=[("Zilverkanarie.jpg", photo(seed))], key=key,
    )  # fmt: skip


def through_everything(house: House, clock: Clock) -> Accepted:
    """Read, decided by a person with words and notes, handed over, closed, remembered."""
    receipt = told(house, key="zilverkanarie-1")
    until_quiet(house, clock)
    reference = str(receipt.reference)
    add_note(house, reference, "Zilverkanarie belde", person="ada")
    state_fact(house, reference, "licence_plate", "GX-482-B", person="ada")
    version = case_of(house, reference).version
    decide_by_hand(
        house, reference, Decision("refuse", "Zilverkanarie", version, message="Zilverkanarie"), person="ada"
    )
    until_quiet(house, clock)
    by_form(house, "Zilverkanarie vraagt nog iets", case_id=case_of(house, reference).id, sender=SENDER)
    until_quiet(house, clock)
    return receipt


def test_no_canary_is_left_in_any_file_or_log_and_everything_verifies(
    house: House, clock: Clock, tmp_path: Path, logs: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    other = by_form(house, files=[("ruit.jpg", photo(2))])
    receipt = through_everything(house, clock)
    inside = photo(1)[2000:2200]
    assert {word for _, word in left(tmp_path)} >= {b"zilverkanarie", b"Zilverkanarie", b"Kwartelstraat", b"GX-482-B"}
    assert left(tmp_path, [inside]) == []  # files are encrypted
    case_id = case_of(house, receipt.reference).id
    assert house.blobs.stored.digests(case_id)

    erase_case(house, str(receipt.reference), by="ada", why="asked")

    assert left(tmp_path) == []
    assert case_id not in set(house.blobs.stored.owners())
    printed = "".join(capfd.readouterr()) + logs.getvalue()
    assert all(word.decode() not in printed for word in CANARIES)
    assert verify_all(house).differences == ()
    assert case_of(house, receipt.reference).erased
    assert case_of(house, other.reference).messages


@pytest.mark.skipif("not config.getoption('--database') == 'postgresql'", reason="about the files of PostgreSQL")
def test_no_canary_is_left_in_the_files_of_a_server_once_its_tables_were_rewritten(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    receipt = through_everything(house, clock)
    before = b"".join(files_of_server(tmp_path).values())
    assert all(word in before for word in (b"zilverkanarie", b"Zilverkanarie", b"Kwartelstraat", b"GX-482-B"))

    erase_case(house, str(receipt.reference), by="ada", why="asked")

    kept = files_of_server(tmp_path)
    assert [(name, word) for name, inside in kept.items() for word in CANARIES if word in inside] == []


def test_an_erased_case_is_no_neighbour_any_more_and_its_photo_no_reuse(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house, files=[("ruit.jpg", photo(1))])
    until_quiet(house, clock)
    clock.forward(minutes=1)
    near = by_form(house, sender="klant@example.org", files=[("a.jpg", photo(3))])
    until_quiet(house, clock)
    assert neighbours(case_of(house, near.reference)) == [receipt.reference]

    erase_case(house, str(receipt.reference), by="ada", why="asked")
    later = by_form(house, sender="later@example.org", files=[("b.jpg", photo(1))])
    until_quiet(house, clock)

    case = case_of(house, later.reference)
    assert receipt.reference not in neighbours(case)
    assert seen_before(case) == [()]


def test_all_cases_of_a_customer_go_and_those_of_others_stay(house: House, clock: Clock, tmp_path: Path) -> None:
    mine = [told(house, seed=1), told(house, seed=2)]
    other = by_form(house)
    until_quiet(house, clock)

    assert erase_customer(house, SENDER.upper(), by="ada", why="asked") == 2

    assert left(tmp_path) == []
    assert all(case_of(house, receipt.reference).erased for receipt in mine)
    assert not case_of(house, other.reference).erased
    assert verify_all(house).differences == ()
    with pytest.raises(NotFound, match="there is no case of customer"):
        erase_customer(house, SENDER, by="ada", why="asked")


def test_erasing_before_anything_was_read_takes_the_work_with_it(house: House, clock: Clock, tmp_path: Path) -> None:
    receipt = told(house)

    erase_case(house, str(receipt.reference), by="ada", why="asked")
    until_quiet(house, clock)

    assert left(tmp_path) == []
    with house.database.reading() as store:
        assert store.work.waiting() == []
    assert entries_of(house, receipt.reference)[-1].event.kind == "case_erased"
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("stage", [Stage.READ, Stage.UNDERSTAND, Stage.PACKAGE, Stage.SEND])
def test_erasing_in_the_middle_of_work_leaves_nothing_of_that_work(
    house: House, clock: Clock, tmp_path: Path, stage: Stage
) -> None:
    receipt = told(house)

    def then_erased(batch: Sequence[Item], house: House) -> list[Outcome]:
        if not case_of(house, receipt.reference).erased:
            erase_case(house, str(receipt.reference), by="ada", why="asked")
        return STAGES[stage](batch, house)

    while advance(house, stages={**STAGES, stage: then_erased}):
        pass

    assert case_of(house, receipt.reference).erased
    assert left(tmp_path) == []
    assert verify_all(house).differences == ()
    with house.database.reading() as store:
        assert store.work.waiting() == []


def test_an_erasing_that_was_cut_off_is_finished_by_asking_for_it_again(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    receipt = told(house)
    until_quiet(house, clock)
    with house.database.writing() as store:  # and then the process was killed
        store.erase_case(case_of(house, receipt.reference).id, by="ada", why="asked", at=house.now())
    assert left(tmp_path)

    with pytest.raises(NotAllowed, match="erased"):
        erase_case(house, str(receipt.reference), by="ada", why="asked")

    assert left(tmp_path) == []
    assert list(house.blobs.stored.owners()) == []


def test_an_erased_case_lets_nobody_in_and_takes_no_more_decisions(house: House, clock: Clock) -> None:
    receipt = told(house)
    until_quiet(house, clock)
    token = str(receipt.tracking_path).removeprefix("/t/")
    version = case_of(house, receipt.reference).version
    erase_case(house, str(receipt.reference), by="ada", why="asked")

    with house.database.reading() as store:
        assert case_of_token(store, token, key=house.keys.link, now=clock()) is None
    with pytest.raises(NotAllowed, match="erased"):
        decide_by_hand(house, str(receipt.reference), Decision("escalate", "x", version + 1), person="ada")
    with pytest.raises(NotAllowed, match="erased"):
        erase_case(house, str(receipt.reference), by="ada", why="asked")


def test_a_repeat_of_an_erased_message_is_a_new_message(house: House, clock: Clock) -> None:
    first = told(house, key="k-1")
    erase_case(house, str(first.reference), by="ada", why="asked")

    again = told(house, key="k-1")

    assert again.reference != first.reference
    assert case_of(house, again.reference).status is Status.RECEIVED


def test_files_that_cannot_be_removed_are_not_passed_over_in_silence(
    house: House, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = told(house)
    until_quiet(house, clock)
    folder = tmp_path / "outbox" / case_of(house, receipt.reference).id
    odd = tmp_path / "elsewhere"
    odd.mkdir()
    for file in folder.iterdir():
        file.rename(odd / file.name)
    folder.rmdir()
    folder.symlink_to(odd)  # a tree that is a link is not followed: an error tells

    with pytest.raises(OSError, match="symbolic link"):
        erase_case(house, str(receipt.reference), by="ada", why="asked")
