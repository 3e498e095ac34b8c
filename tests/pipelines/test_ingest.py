"""Messages from files: each once, however often the same files are offered."""

import json
import mailbox
from pathlib import Path

import pytest

from pipelines.house import House
from pipelines.ingest import Offered, offer, read_paths, result_of
from pipelines.intake import Accepted
from pipelines.runner import drain
from tests.channels import fixtures
from tests.pipelines.given import case_of, mail, photo


def offers(*paths: Path, journey: str | None = None) -> list[Offered]:
    return list(read_paths(paths, channel=None, journey=journey))


def taken(house: House, *paths: Path) -> list[Accepted]:
    answers = [offer(one, house) for one in offers(*paths)]
    assert all(isinstance(answer, Accepted) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Accepted)]


@pytest.fixture
def post(tmp_path: Path) -> Path:
    """A folder with a mail, a mailbox of two, and a file of three lines with a photo beside it."""
    folder = tmp_path / "post"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.eml").write_bytes(mail("De eerste over mijn voorruit."))
    box = mailbox.mbox(folder / "deeper" / "b.mbox")
    for text in ("De tweede over mijn voorruit.\nFrom here on it is text.", "De derde over mijn voorruit."):
        box.add(mail(text))
    box.close()
    (folder / "deeper" / "ruit.jpg").write_bytes(photo())
    lines = [
        {"id": f"J-{n}", "channel": "webform", "sender": f"klant{n}@example.org", "text": f"Voorruit {n} stuk.",
         "photos": ["ruit.jpg"] if n == 0 else []}
        for n in range(3)
    ]  # fmt: skip
    (folder / "deeper" / "c.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "\n")
    (folder / "notes.txt").write_text("no message")
    return folder


def test_a_folder_gives_every_message_of_every_file_in_it(house: House, post: Path) -> None:
    receipts = taken(house, post)
    drain(house)

    assert len({receipt.reference for receipt in receipts}) == 6
    texts = [case_of(house, receipt.reference).messages[0].text for receipt in receipts]
    assert texts[0] == "De eerste over mijn voorruit."
    assert texts[1].endswith("it is text.")
    assert texts[5] == "Voorruit 2 stuk."
    assert [file.name for file in case_of(house, receipts[3].reference).files] == ["ruit.jpg"]


def test_offering_the_same_files_again_changes_nothing(house: House, post: Path) -> None:
    first = taken(house, post)
    drain(house)

    again = taken(house, post, post / "a.eml")

    assert again == [*first, first[0]]
    with house.database.reading() as store:
        assert len(store.case_ids()) == 6


def test_machine_mail_in_a_file_is_recorded(house: House, tmp_path: Path) -> None:
    (tmp_path / "bounce.eml").write_bytes(fixtures.bounce())

    [receipt] = taken(house, tmp_path / "bounce.eml")

    assert (receipt.reference, receipt.status) == (None, "recorded")
    assert result_of(house, "bounce.eml", receipt)["status"] == "recorded"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "JSON"),
        ('{"id": "1"}', "text"),
        ('{"id": "1", "sender": "a@b.nl", "text": "x", "photos": ["weg.jpg"]}', "weg.jpg"),
        ('{"id": "1", "sender": "a@b.nl", "text": "x", "photos": ["../secret.key"]}', "climbs out of its folder"),
    ],
)
def test_a_line_that_is_no_message_is_told_with_its_place_and_the_others_are_taken(
    house: House, tmp_path: Path, line: str, told: str
) -> None:
    good = json.dumps({"id": "2", "sender": "a@b.nl", "text": "Voorruit stuk."})
    (tmp_path / "c.jsonl").write_text(f"{line}\n{good}\n")

    refused, accepted = (offer(one, house) for one in offers(tmp_path / "c.jsonl"))

    assert isinstance(refused, str)
    assert refused.startswith("c.jsonl:1: ")
    assert told in refused
    assert isinstance(accepted, Accepted)


def test_an_unknown_journey_refuses_each_message_with_the_mend(house: House, post: Path) -> None:
    answers = [offer(one, house) for one in offers(post / "a.eml", journey="zzz")]

    assert len(answers) == 1
    assert "leave it out or choose one of" in str(answers[0])


def test_the_result_tells_what_became_of_a_message(house: House, post: Path) -> None:
    [receipt] = taken(house, post / "a.eml")
    drain(house)

    told = result_of(house, "a.eml", receipt)

    assert told["reference"] == receipt.reference
    assert told["step"] in ("request_info", "expert")
    assert told["milestones"]
